"""The gate: one import, one network for all, and script runs that stay cheap."""

import inspect
import subprocess
import sys
import threading
import time

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import script_runner

from model import runtime, weights
from ui import ROOT


def in_fresh_python(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert result.returncode == 0, result.stderr[-2000:]
    return result.stdout


def test_importing_the_gate_imports_no_tensorflow() -> None:
    code = "import sys, model.runtime; print('tensorflow' in sys.modules)"
    assert in_fresh_python(code).strip() == "False"


def test_many_threads_wait_for_one_import_and_one_network() -> None:
    code = """
import threading
from model import runtime
runtime._load = lambda name: object()   # the import is real, the network is not
seen = []
threads = [threading.Thread(target=lambda: seen.append(runtime.network("random")))
           for _ in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
assert len(set(map(id, seen))) == 1
print(runtime.ready("random"), runtime.ready("tiny-imagenet"))
"""
    assert in_fresh_python(code).strip() == "True False"


def test_streamlit_still_does_what_the_cure_is_for() -> None:
    """If this fails, Streamlit has changed: see whether `_cure` is still needed."""
    assert "clear_session()" in inspect.getsource(script_runner._clean_problem_modules)
    assert "gc.collect(2)" in inspect.getsource(script_runner.ScriptRunner)


def test_the_clean_up_after_a_script_run_finds_nothing_to_do() -> None:
    """Counts, not seconds: what made each run slow is what must not happen.

    Without the cure, Keras's own clear_session runs each time, and the collector walks
    every object that TensorFlow made.
    """
    code = """
import gc
from model import runtime
runtime.network("random")
from keras.src.backend.common import global_state
from streamlit.runtime.scriptrunner import script_runner
calls = []
global_state.set_global_attribute = lambda *a, **k: calls.append(a)
global_state.GLOBAL_STATE_TRACKER = None   # clear_session would need it
script_runner._clean_problem_modules()
gc.collect()
print(len(calls), gc.get_freeze_count(), len(gc.get_objects()))
"""
    calls, frozen, walked = map(int, in_fresh_python(code).split())
    assert calls == 0
    assert frozen > 100_000
    assert walked < frozen / 4


def test_the_network_survives_the_clean_up() -> None:
    network = runtime.network("random")
    x = np.random.default_rng(0).normal(size=network.input_shape).astype(np.float32)
    before = network.activations(x)["fc8"]
    script_runner._clean_problem_modules()
    assert np.array_equal(network.activations(x)["fc8"], before)


def test_few_are_inside_and_the_line_is_bounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(runtime, "IN_LINE", 1)
    inside, most = 0, 0
    leave = threading.Event()
    counted = threading.Lock()

    def visit() -> None:
        nonlocal inside, most
        with runtime.turn():
            with counted:
                inside += 1
                most = max(most, inside)
            leave.wait(10)
            with counted:
                inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(runtime.AT_ONCE + 1)]
    for thread in threads[:-1]:
        thread.start()
    while inside < runtime.AT_ONCE:
        time.sleep(0.001)
    threads[-1].start()
    while not runtime._waiting:
        time.sleep(0.001)
    with pytest.raises(runtime.Busy, match="Please try again"), runtime.turn():
        pass
    leave.set()
    for thread in threads:
        thread.join()
    assert most == runtime.AT_ONCE
    assert runtime._waiting == 0


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runtime, "PATIENCE", 0.05)
    monkeypatch.setattr(runtime, "_turns", threading.BoundedSemaphore(1))
    with runtime.turn(), pytest.raises(runtime.Busy, match="busy for"), runtime.turn():
        pass


def test_unknown_set() -> None:
    with pytest.raises(KeyError, match="tiny-imagenet"):
        runtime.start("imagenet-22k")
    assert set(runtime._networks) <= set(weights.REGISTRY)

"""The gate: one import, one network for all, and script runs that stay cheap."""

import inspect
import subprocess
import sys
import threading
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.runtime.scriptrunner import script_runner

from model import gate, runtime, weights
from paths import ROOT
from tests.waiting import until


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
runtime.load = lambda name: object()   # the import is real, the network is not
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
    monkeypatch.setattr(gate, "IN_LINE", 1)
    inside, most = 0, 0
    leave = threading.Event()
    counted = threading.Lock()

    def visit() -> None:
        nonlocal inside, most
        with gate.inference_slot():
            with counted:
                inside += 1
                most = max(most, inside)
            leave.wait(10)
            with counted:
                inside -= 1

    threads = [threading.Thread(target=visit) for _ in range(gate.AT_ONCE + 1)]
    for thread in threads[:-1]:
        thread.start()
    until(lambda: inside == gate.AT_ONCE, "all places to be taken")
    threads[-1].start()
    until(lambda: gate.waiting, "the next to wait")
    with pytest.raises(gate.Busy, match="Please try again"), gate.inference_slot():
        pass
    leave.set()
    for thread in threads:
        thread.join()
    assert most == gate.AT_ONCE
    assert gate.waiting == 0


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "PATIENCE", 0.05)
    with (
        gate.inference_slot(),
        pytest.raises(gate.Busy, match="busy for"),
        gate.inference_slot(),
    ):
        pass


def test_unknown_set() -> None:
    with pytest.raises(KeyError, match="tiny-imagenet"):
        runtime.start("imagenet-22k")
    assert set(runtime.networks) <= set(weights.REGISTRY)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The gate without networks: loading notes the name. Returns what was loaded."""
    loaded: list[str] = []

    def load(name: str) -> object:
        loaded.append(name)
        return SimpleNamespace(name=name)

    row = weights.get("random")
    for name in "abcd":
        monkeypatch.setitem(weights.REGISTRY, name, replace(row, name=name))
    monkeypatch.setattr(runtime, "networks", {})
    monkeypatch.setattr(runtime, "load", load)
    return loaded


def test_few_networks_stay_and_those_most_recently_asked_for(light: list[str]) -> None:
    asked = [weights.DEFAULT, "a", "b", "a", "c", "a", "d", "a", "b", weights.DEFAULT]
    for name in asked:
        assert runtime.network(name).name == name
        others = set(runtime.networks) - {weights.DEFAULT}
        assert len(others) <= runtime.KEPT
        assert weights.DEFAULT in runtime.networks
    assert light == [weights.DEFAULT, "a", "b", "c", "d", "b"]


def test_what_failed_is_tried_again(light: list[str], monkeypatch) -> None:
    def fail(name: str) -> object:
        raise weights.WeightsBroken("Missing.")

    with monkeypatch.context() as broken:
        broken.setattr(runtime, "load", fail)
        with pytest.raises(weights.WeightsBroken):
            runtime.network("a")
        assert runtime.loading_is_over("a")
        assert not runtime.ready("a")
    assert runtime.network("a").name == "a"


@pytest.mark.long("few networks stay")
def test_a_network_let_go_finishes_its_pass_and_then_leaves_memory() -> None:
    """In a process of its own: what is let go there is let go for good."""
    code = """
import gc, threading, weakref
from dataclasses import replace
import numpy as np
from model import runtime, weights
small = replace(weights.get("random"), spec=replace(weights.get("random").spec, layers=(
    *weights.get("random").spec.layers[:2], *weights.get("random").spec.layers[-6:])))
for name in "abc":
    weights.REGISTRY[name] = replace(small, name=name, spec=small.spec.at(63))
held = runtime.network("a")
gone = weakref.ref(held)
x = np.ones(held.input_shape, np.float32)
before = held.activations(x)["fc8"]
for name in "bc":
    runtime.network(name)
assert set(runtime.networks) == {"b", "c"}, runtime.networks
assert np.array_equal(held.activations(x)["fc8"], before)
del held
runtime._cure()
print(gone() is None)
"""
    assert in_fresh_python(code).strip() == "True"

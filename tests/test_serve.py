"""The supervisor of `make run`, with real processes: it starts, restarts and ends."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from contextlib import suppress

import psutil
import pytest

from bench.http_client import http_status
from paths import ROOT
from tests.browser import free_port
from tests.waiting import until
from ui.kit import words

pytestmark = pytest.mark.skipif(os.name == "nt", reason="signals are POSIX's")

SMALL = """
import os, sys
sys.path.insert(0, {root!r})
from scripts import serve
serve.AT_ONCE, serve.PATIENCE = {at_once}, 3.0
supervisor = serve.Supervisor([sys.executable, "-c", {child!r}])
sys.exit(supervisor.run() or None)
"""


class Supervised:
    """A supervisor in a process group of its own, and the server below it."""

    def __init__(self, command, log):
        self.log = log
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command,
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=os.environ | {"PYTHONUNBUFFERED": "1"},
                start_new_session=True,
            )
        self.below: set[psutil.Process] = set()

    def child(self):
        """The server's process, once there is one."""
        with suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.process.pid).children():
                if child.status() != psutil.STATUS_ZOMBIE:
                    self.below.add(child)
                    return child
        return None

    def said(self):
        return self.log.read_text("utf-8", "replace")

    def close(self):
        for process in (*self.below, psutil.Process(os.getpid())):
            if process.pid != os.getpid():
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(10)


@pytest.fixture
def small(tmp_path):
    """A supervisor whose server is a line of Python."""
    started = []

    def start(child, at_once=30.0):
        code = SMALL.format(root=str(ROOT), child=child, at_once=at_once)
        started.append(
            Supervised([sys.executable, "-c", code], tmp_path / f"log{len(started)}")
        )
        return started[-1]

    yield start
    for each in started:
        each.close()


SLEEPS = "import time\nprint('up', flush=True)\ntime.sleep(600)"


NOISE = """\
WARNING: All log messages before absl::InitializeLog() is called are written to STDERR
I0000 00:00:1795943330.222974   14302 port.cc:153] oneDNN custom operations are on.
I0000 00:00:1795943330.225374   14302 cudart_stub.cc:31] Could not find cuda drivers.
2026-11-29 09:08:02.79: I tensorflow/core/platform/cpu_feature_guard.cc:227] This binary
To enable the following instructions: AVX2 FMA, rebuild TensorFlow with some flags.
E0000 00:00:1795943340.364431   14302 cuda_platform.cc:52] failed call to cuInit: \
INTERNAL: CUDA error: Failed call to cuInit: UNKNOWN ERROR (303)
"""
OTHERS = """\
E0000 00:00:1795943340.364431   14302 cuda_platform.cc:52] failed call to cuInit: \
INTERNAL: CUDA error: Failed call to cuInit: CUDA_ERROR_NO_DEVICE (100)
E0000 00:00:1795943340.364431   14302 cuda_dnn.cc:522] Loaded runtime CuDNN library
W0000 00:00:1795943340.364431   14302 port.cc:153] a warning
Traceback (most recent call last):
no newline at the end"""


def test_log_is_passed_on_without_what_libraries_say_of_no_gpu(small):
    lines = [*NOISE.splitlines(True), *OTHERS.splitlines(True)]
    child = f"import sys\nfor line in {lines!r}: sys.stderr.write(line)\nsys.exit(3)"
    supervised = small(child)
    assert supervised.process.wait(60) == 1
    logged = re.split(r"[\d-]{10} [\d:]{8} The server ended.*\n", supervised.said())
    assert logged[0] == OTHERS


def up(supervised, times):
    return lambda: supervised.said().count("up\n") == times


def test_killed_server_is_back_at_once(small):
    """Eight times within seconds: whoever kills it does not make us give up."""
    supervised = small(SLEEPS)
    for times in range(1, 9):
        until(up(supervised, times), "the next start")
        supervised.child().kill()
    until(up(supervised, 9), "the start")
    restarts = [x for x in supervised.said().splitlines() if "The server ended" in x]
    assert len(restarts) == 8, "one line for each"
    assert all("(signal SIGKILL) after 0 s; it starts again." in x for x in restarts)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_is_handed_on_once(small, number):
    child = (
        "import signal, sys, time\n"
        "def ends(number, _):\n    print('got', number, flush=True)\n"
        "    time.sleep(1)\n    sys.exit(0)\n"
        "signal.signal(signal.SIGINT, ends)\nsignal.signal(signal.SIGTERM, ends)\n"
        + SLEEPS
    )
    supervised = small(child)
    until(up(supervised, 1), "the start")
    # As a terminal does at Ctrl-C: to everyone in the group.
    os.killpg(supervised.process.pid, number)
    assert supervised.process.wait(10) == 0
    assert supervised.said().count(f"got {int(number)}\n") == 1
    assert "starts again" not in supervised.said()


def test_server_that_does_not_end_is_killed(small):
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n" + SLEEPS
    supervised = small(deaf)
    until(up(supervised, 1), "the start")
    child = supervised.child()
    supervised.process.terminate()
    assert supervised.process.wait(15) == 0
    assert not child.is_running()


def test_server_that_cannot_start_is_given_up(small):
    began = time.monotonic()
    supervised = small("import sys\nsys.exit('No module named app.')")
    assert supervised.process.wait(60) == 1
    said = supervised.said().splitlines()
    assert said.count("No module named app.") == 5
    assert said[-1] == (
        "The server ended 5 times in a row within 30 s of its start (exit code 1): "
        "what it said above tells why."
    )
    assert sum("starts again" in line for line in said) == 4
    assert time.monotonic() - began > 5, "it waits longer each time"


def test_server_that_ran_well_is_not_given_up(small):
    supervised = small("print('up', flush=True)\nimport time\ntime.sleep(0.4)", 0.2)
    until(lambda: supervised.said().count("up\n") > 6, "seven starts")
    assert supervised.process.poll() is None


def test_asked_to_end_while_it_rests(small):
    supervised = small("import sys\nprint('up', flush=True)\nsys.exit(3)")
    until(up(supervised, 4), "four starts")
    until(lambda: supervised.said().count("starts again") == 4, "the rest of 4 s")
    supervised.process.send_signal(signal.SIGINT)
    assert supervised.process.wait(60) == 0
    assert supervised.said().count("up\n") == 4, "it does not rest to the end"


# --- the real one ---------------------------------------------------------------------


@pytest.fixture
def served(tmp_path):
    """`make run`'s own command: the supervisor, and the port."""
    port = free_port()
    command = [sys.executable, "scripts/serve.py", "127.0.0.1", str(port)]
    supervised = Supervised(command, tmp_path / "log")
    yield supervised, port
    supervised.close()


def answers(port):
    return lambda: http_status(port, "/_stcore/health") == 200


def test_app_is_back_after_a_crash(served):
    supervised, port = served
    until(answers(port), "an answer")
    before = supervised.child()
    before.kill()
    before.wait(60)
    until(answers(port), "an answer")
    assert supervised.child().pid != before.pid
    assert supervised.said().count("it starts again") == 1
    # All of it ends when asked, and says nothing bad.
    below = [supervised.child(), *supervised.child().children(recursive=True)]
    supervised.process.terminate()
    assert supervised.process.wait(30) == 0
    psutil.wait_procs(below, 10)
    assert not [process for process in below if process.is_running()]
    assert "Traceback" not in supervised.said()


def test_app_does_not_outlive_its_supervisor(served):
    supervised, port = served
    until(answers(port), "an answer")
    child = supervised.child()
    supervised.process.kill()
    supervised.process.wait(5)
    until(lambda: not answers(port)(), "the end of answers")
    until(lambda: not child.is_running(), "the end of the server")


def test_address_and_link_are_all_that_a_start_logs(tmp_path, monkeypatch):
    """First, and last: TensorFlow writes to the log whatever it is told."""
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    monkeypatch.setenv("LAB_WORKERS_EARLY", "0")  # else after them, in test_prestart.py
    port = free_port()
    command = [sys.executable, "scripts/serve.py", "127.0.0.1", str(port)]
    supervised = Supervised(command, tmp_path / "log")
    ready = words.page("sign_in")["ready"]
    try:
        until(lambda: ready in supervised.said(), "the network", 240)
        until(lambda: supervised.said().count("?setup=") == 2, "a second link")
        early, last = supervised.said().split(ready)
    finally:
        supervised.close()
    first = [line.strip() for line in early.splitlines() if line.strip()]
    assert first[0].startswith(f"AlexNet Lab is at http://localhost:{port}")
    assert first[1] == words.page("sign_in")["first_start"].splitlines()[0]
    assert "?setup=" in first[2]
    assert len(first) == 3, "nothing of TensorFlow's, or of Streamlit's"
    links = re.findall(r"http\S+\?setup=\S+", early + last)
    assert links[0] == links[1], "a second link would end the first"
    lines = [line for line in last.splitlines() if line.strip()]
    assert f"AlexNet Lab is at http://localhost:{port}" in lines[0]
    assert lines[-1].strip() == links[1]
    assert not [line for line in lines if "0000 00:" in line or "absl" in line]

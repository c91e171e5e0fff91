"""Starts the app on an address and a port, or prints one sentence with the reason.

`make run` calls it: python scripts/serve.py HOST PORT

The server is a process of its own, started again whenever it ends unasked: a class goes
on without anyone at the machine. SIGINT (Ctrl-C) and SIGTERM are handed on to it. It
ends with this process, however that ends: it reads a pipe of which we hold the other
end. What it logs is passed on, without the lines in which TensorFlow's libraries
describe a machine without a GPU: no log level turns those off.
"""

import errno
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from contextlib import suppress
from types import FrameType
from typing import IO

AT_ONCE = 30.0  # seconds: who does not live as long has not got over its start
IN_A_ROW = 5  # such ends, and it is given up
PATIENCE = 30.0  # seconds that a server may take to end when asked
LAST_LINES = 1.0  # seconds to read the rest of its log; its workers may hold it open
WINDOWS = os.name == "nt"

# Lines of TensorFlow's C++ libraries, here and in the workers, that ask nothing of the
# reader. 303 is CUDA without a driver; other errors of cuInit are passed on.
NOISE = re.compile(
    rb"WARNING: All log messages before absl::InitializeLog"
    rb"|To enable the following instructions: .* rebuild TensorFlow"
    rb"|(I\d{4} |[\d-]{10} [\d:.]+: I ).*\b"
    rb"(port|cudart_stub|cpu_feature_guard)\.cc:\d+\] "
    rb"|(E\d{4} |[\d-]{10} [\d:.]+: E ).*\.cc:\d+\] failed call to cuInit: .*\(303\)"
)


def trouble(host: str, port: str) -> str:
    """Why the app cannot be served there; empty if it can."""
    if not port.isdecimal() or not 0 < int(port) < 65536:
        return f"PORT={port} is not a port: make run PORT=8502"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, int(port)))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = int(port) + 1 if int(port) < 65535 else 8501
                return f"Port {port} is in use: make run PORT={other}"
            if error.errno == errno.EACCES:
                return f"Port {port} is the system's: make run PORT=8501"
            return (
                f"HOST={host} is not an address of this machine: "
                "127.0.0.1 serves this machine only, 0.0.0.0 the whole class."
            )
    return ""


def pass_on(log: IO[bytes]) -> None:
    """Copies a log to stderr line by line, without `NOISE`, until its end."""
    for line in log:
        if not NOISE.match(line):
            with suppress(OSError):  # the terminal is gone; the log is read on
                os.write(sys.stderr.fileno(), line)


class Supervisor:
    """Keeps one command running, restarted when it ends, until a signal."""

    def __init__(self, command: list[str]) -> None:
        self.command = command
        self.child: subprocess.Popen[bytes] | None = None
        self.asked: int | None = None  # the signal to end
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._hand_on)

    def _hand_on(self, number: int, _: FrameType | None) -> None:
        self.asked = number
        if self.child is not None and self.child.poll() is None:
            # Windows has no signals for one process: Ctrl-Break, for its group.
            self.child.send_signal(signal.CTRL_BREAK_EVENT if WINDOWS else number)

    def _start(self) -> None:
        """Starts the server apart from the terminal: Ctrl-C is passed on once."""
        apart = (
            {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
            if WINDOWS
            else {"start_new_session": True}
        )
        self.child = subprocess.Popen(
            self.command,
            stdin=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=os.environ | {"ALEXNET_SUPERVISED": "1"},
            **apart,
        )
        self.log = threading.Thread(
            target=pass_on, args=[self.child.stderr], daemon=True
        )
        self.log.start()
        if self.asked is not None:  # it came while there was no child yet
            self._hand_on(self.asked, None)

    def _wait(self) -> int:
        """Waits until the server has ended, and kills it if it is late."""
        assert self.child is not None
        end = None
        while (code := self.child.poll()) is None:
            try:
                self.child.wait(0.2)
            except subprocess.TimeoutExpired:
                if self.asked is not None:
                    end = end or time.monotonic() + PATIENCE
                    if time.monotonic() > end:
                        self.child.kill()
        if self.child.stdin is not None:
            self.child.stdin.close()
        return code

    def _rest(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while self.asked is None and time.monotonic() < end:
            time.sleep(0.1)

    def run(self) -> str:
        """Runs until a signal; returns the reason if it gives up."""
        failures = 0
        while self.asked is None:
            began = time.monotonic()
            self._start()
            code = self._wait()
            # Somebody killed it, or the system did for want of memory: no fault of its
            # start, and nothing more is logged.
            was_killed = not WINDOWS and code == -signal.SIGKILL
            if not was_killed:
                self.log.join(LAST_LINES)
            if self.asked is not None:
                break
            lived = time.monotonic() - began
            failures = 0 if was_killed or lived > AT_ONCE else failures + 1
            if failures == IN_A_ROW:
                return (
                    f"The server ended {IN_A_ROW} times in a row within "
                    f"{AT_ONCE:.0f} s of its start ({how(code)}): "
                    "what it said above tells why."
                )
            pause = 0.0 if not failures else 0.5 * 2 ** (failures - 1)
            say(f"The server ended ({how(code)}) after {lived:.0f} s; it starts again.")
            self._rest(pause)
        return ""


def how(code: int) -> str:
    """How a process ended."""
    if code >= 0:
        return f"exit code {code}"
    return f"signal {signal.Signals(-code).name}"


def say(sentence: str) -> None:
    """A line of the log."""
    print(
        f"{time.strftime('%Y-%m-%d %H:%M:%S')} {sentence}", file=sys.stderr, flush=True
    )


def main() -> None:
    """Serves until a signal."""
    host, port = sys.argv[1:]
    if sentence := trouble(host, port):
        sys.exit(sentence)
    streamlit = [sys.executable, "-m", "streamlit", "run", "app.py"]
    options = ["--server.address", host, "--server.port", port]
    # Streamlit would ask for an e-mail address before the first start.
    options += ["--server.showEmailPrompt", "false"]
    if sentence := Supervisor([*streamlit, *options]).run():
        sys.exit(sentence)


if __name__ == "__main__":
    main()

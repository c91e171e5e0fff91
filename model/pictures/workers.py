"""The processes that open pictures, and the line in front of them."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from typing import IO, Any

from model.pictures.decode import LONGEST_SIDE
from model.pictures.decoder import READY, REPLY, REQUEST
from model.pictures.formats import BUSY, DAMAGED, NO_WORKER, SLOW, PictureRefused
from paths import ROOT

WAIT_S = 20.0  # in line
START_S = 30.0  # for a worker on a busy machine
WORKERS = 2

_log = logging.getLogger(__name__)

_KEPT = {
    *("LANG", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT"),
    "VIRTUAL_ENV",
}


class _Gone(Exception):
    """The worker ended before it answered."""


class Worker:
    """One process that decodes one picture at a time. Used by one thread at a time."""

    def __init__(self) -> None:
        # Of the server's environment only what starting Python may need: a process
        # that reads strangers' files is given no passwords.
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "OPENBLAS_NUM_THREADS": "1",
            # glibc: one heap for all threads, and large blocks given back at once.
            "MALLOC_ARENA_MAX": "1",
            "MALLOC_MMAP_THRESHOLD_": "262144",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "model.pictures.decoder"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._requests: IO[bytes] = self.process.stdin
        self._replies: IO[bytes] = self.process.stdout
        self._is_ready = False
        self._late = threading.Event()

    @property
    def is_usable(self) -> bool:
        """Whether the process can take another file."""
        return not self._late.is_set() and self.process.poll() is None

    def wait_until_ready(self) -> None:
        """Blocks while the process starts, START_S at most.

        Raises:
            TimeoutError: it did not start in time and was killed.
            _Gone: it ended.
        """
        if not self._is_ready:
            with self._killed_after(START_S):
                self._is_ready = self._read(len(READY)) == READY

    def ask(
        self, data: bytes, kind: str, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """Header and pixels of the reply.

        Raises:
            TimeoutError: no answer in time; the process was killed.
            _Gone: the process ended.
        """
        with self._killed_after(limit_s):
            self._requests.write(REQUEST.pack(kind.encode("ascii"), len(data)))
            self._requests.write(data)
            self._requests.flush()
            header_length, pixels_length = REPLY.unpack(self._read(REPLY.size))
            if header_length > 2**16 or pixels_length > 3 * LONGEST_SIDE**2:
                raise EOFError
            header = json.loads(self._read(header_length))
            return dict(header), self._read(pixels_length)

    def end(self) -> None:
        """Kills the process, idle or not, and waits for its end."""
        self._late.set()
        self.process.kill()
        self.process.wait()

    def release(self) -> None:
        """Closes the pipes of an ended process. For the thread that uses it."""
        self.end()
        with contextlib.suppress(OSError):  # what was not sent is lost
            self._requests.close()
        self._replies.close()

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """Kills the process at the time limit, which ends any reading and writing."""

        def kill() -> None:
            self._late.set()
            self.process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, ValueError, TypeError):
            # It ended, or a file has taken it over and it answers nonsense.
            is_late = self._late.is_set()
            self.end()
            raise TimeoutError if is_late else _Gone from None
        finally:
            timer.cancel()

    def _read(self, length: int) -> bytes:
        received = self._replies.read(length)
        if len(received) < length:
            raise EOFError
        return received


class WorkerPool:
    """Workers that start at first use, and the line in front of them."""

    def __init__(self, workers: int = WORKERS) -> None:
        # The worker used last is used next, so that a quiet server starts only one.
        self._idle: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)
        self._lock = threading.Lock()
        self.alive: set[Worker] = set()
        self._closings = 0

    def decode(
        self, data: bytes, kind: str, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """A worker's reply.

        Raises:
            PictureRefused: too slow, a decoder that crashed, or too long a line.
        """
        try:
            worker = self._idle.get(timeout=WAIT_S)
        except queue.Empty:
            raise PictureRefused(BUSY) from None
        closings = self._closings
        try:
            end: float | None = None
            # Twice, for a worker that was killed from outside is not the file's fault.
            for _ in range(2):
                try:
                    worker = self._usable(worker)
                    worker.wait_until_ready()
                except (OSError, _Gone):  # TimeoutError is an OSError
                    _log.exception("A picture decoder did not start.")
                    raise PictureRefused(NO_WORKER) from None
                end = end or time.monotonic() + limit_s
                try:
                    return worker.ask(data, kind, max(0.0, end - time.monotonic()))
                except (TimeoutError, _Gone) as ending:
                    if closings != self._closings:
                        raise PictureRefused(NO_WORKER) from None
                    if isinstance(ending, TimeoutError):
                        raise PictureRefused(SLOW) from None
            raise PictureRefused(DAMAGED)
        finally:
            if worker is not None and closings != self._closings:
                worker.release()
                worker = None
            elif worker is not None:
                with contextlib.suppress(OSError):  # the next call says so
                    worker = self._usable(worker)  # started ahead of need
            self._idle.put(worker)

    def warm_up(self) -> None:
        """Starts the unused workers."""
        for worker in self._taken():
            with contextlib.suppress(OSError):  # the first picture says so
                worker = self._usable(worker)
            self._idle.put(worker)

    def close(self) -> None:
        """Ends all workers; a caller that uses one is refused."""
        self._closings += 1
        with self._lock:
            alive, self.alive = self.alive, set()
        for worker in alive:
            worker.end()
        for idle in self._taken():
            if idle is not None:
                idle.release()
            self._idle.put(None)

    def _taken(self) -> list[Worker | None]:
        """All free places, now the caller's."""
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._idle.get_nowait())
        return taken

    def _usable(self, worker: Worker | None) -> Worker:
        """That worker, or a new one in place of one that ended."""
        if worker is not None:
            if worker.is_usable:
                return worker
            with self._lock:
                self.alive.discard(worker)
            worker.release()
        worker = Worker()
        with self._lock:
            self.alive.add(worker)
        return worker

"""A class's zip, read beside everything else: how far it is, and a way to stop it.

A large archive takes a minute. It is read in a thread, one image after the other in the
decoders that all visitors share, so that no page waits for it. What comes of it
is looked at by the visitor who brought it; if the looks stop, it ends.
"""

from __future__ import annotations

import threading
import time
from typing import IO

from lab.datasets import uploaded
from lab.datasets.dataset import DataRefused
from lab.datasets.uploaded import UploadedImages

__all__ = ["Intake"]

AT_ONCE = 2  # archives; more wait
UNWATCHED = 120.0  # seconds without a look, after which it ends
TICK = 0.2

_slots = threading.BoundedSemaphore(AT_ONCE)


class _Stopped(Exception):
    """It is to end."""


class Intake:
    """One archive that is being read.

    Attributes:
        data: the archive, as it was handed over.
        progress: how much is read, 0 to 1.
        found: what was taken, once it is over; None if it was refused or stopped.
        refusal: why nothing was taken, or None.
    """

    def __init__(self, data: IO[bytes], title: str) -> None:
        self.data, self.title = data, title
        self.progress = 0.0
        self.found: UploadedImages | None = None
        self.refusal: DataRefused | None = None
        self._stop = threading.Event()
        self._over = threading.Event()
        self._watched = time.monotonic()
        thread = threading.Thread(
            target=self._run, args=(data,), name="class-zip", daemon=True
        )
        thread.start()

    @property
    def over(self) -> bool:
        """Whether reading is over. A call counts as watching."""
        self._watched = time.monotonic()
        return self._over.is_set()

    @property
    def stopped(self) -> bool:
        """Whether it was to end before its end."""
        return self._stop.is_set()

    def wait(self, seconds: float) -> bool:
        """Waits for its end, for so long at most; whether it is over."""
        self._over.wait(seconds)
        return self.over

    def stop(self) -> None:
        """Ends it after the image in hand; nothing is taken."""
        self._stop.set()

    def _report(self, progress: float) -> None:
        self.progress = progress
        if time.monotonic() - self._watched > UNWATCHED:
            self._stop.set()
        if self._stop.is_set():
            raise _Stopped

    def _run(self, data: IO[bytes]) -> None:
        try:
            while not _slots.acquire(timeout=TICK):
                self._report(0.0)
            try:
                self.found = uploaded.read_zip(data, self.title, report=self._report)
            finally:
                _slots.release()
        except DataRefused as refusal:
            self.refusal = refusal
        except _Stopped:
            pass
        except (OSError, ValueError, RuntimeError, MemoryError):
            self.refusal = DataRefused(
                "This archive could not be read; pack the class folders into a zip "
                "once more."
            )
        finally:
            self._over.set()

"""The gate before TensorFlow: how many forward passes run at the same time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Forward passes at the same time. One uses all cores; two would be no faster, and the
# server would answer others half as soon (`python -m bench.visitors`).
AT_ONCE = 1
IN_LINE = 200  # visitors who may wait for one
PATIENCE = 30.0  # seconds that one of them waits


class Busy(RuntimeError):
    """Too many visitors at once; the message is the visitor's sentence."""


_lock = threading.Lock()
_slots = threading.BoundedSemaphore(AT_ONCE)
waiting = 0  # visitors in line


@contextmanager
def inference_slot() -> Iterator[None]:
    """A place at the gate: at most `AT_ONCE` inside, `IN_LINE` waiting.

    Raises:
        Busy: the line is full, or the wait was longer than `PATIENCE`.
    """
    global waiting
    with _lock:
        if waiting >= IN_LINE:
            raise Busy(
                f"{IN_LINE} visitors are waiting for the network already. "
                "Please try again in a minute."
            )
        waiting += 1
    try:
        got = _slots.acquire(timeout=PATIENCE)
    finally:
        with _lock:
            waiting -= 1
    if not got:
        raise Busy(
            f"The network was busy for {PATIENCE:.0f} seconds with other visitors. "
            "Please try again."
        )
    try:
        yield
    finally:
        _slots.release()

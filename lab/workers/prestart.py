"""Starts the lab's workers ahead of the first experiment, once the server is idle.

They take seconds and much of a processor to start: the first visitor should neither
wait for them nor share the processor with them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

VARIABLE = "LAB_WORKERS_EARLY"
LOOK = 1.0  # seconds between two looks at the server
IDLE = 0.2  # seconds of a processor that it may take between them
QUIET = 2  # such looks, one after the other
LATEST = 60.0  # seconds: then they are started, idle or not


def wanted() -> bool:
    """Whether workers are started early; 0 saves their memory until then."""
    return os.environ.get(VARIABLE, "1") != "0"


def wait_for_idle(
    is_ready: Callable[[], bool],
    over: threading.Event,
    spent: Callable[[], float] = time.process_time,
    clock: Callable[[], float] = time.monotonic,
) -> bool:
    """Waits until the server is ready and idle; False: it ends before.

    Args:
        is_ready: whether what the server loads at its start is there.
        over: set when the server ends.
        spent: seconds of a processor that this process has taken.
    """
    began, quiet = clock(), 0
    before = spent()
    while not over.wait(LOOK):
        now = spent()
        idle = now - before < IDLE and is_ready()
        before, quiet = now, quiet + 1 if idle else 0
        if quiet >= QUIET or (clock() - began > LATEST and is_ready()):
            return True
    return False


class WorkerStarter:
    """Waits on a thread of its own, then starts something, unless it is stopped."""

    def __init__(self) -> None:
        self._over = threading.Event()

    def start(
        self,
        is_ready: Callable[[], bool],
        begin: Callable[[], None],
        is_over: Callable[[], bool] = lambda: True,
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Returns at once; `begin` is called once the server is ready and idle.

        Args:
            is_over: whether what `begin` started has come to its end; `then` is called.
        """

        def run() -> None:
            if not wait_for_idle(is_ready, self._over):
                return
            begin()
            while not is_over():
                if self._over.wait(LOOK):
                    return
            then()

        threading.Thread(target=run, name="early-workers", daemon=True).start()

    def stop(self) -> None:
        """Nothing is begun from now on."""
        self._over.set()

"""The runs of this server: who may start one, who is next, and what is remembered.

The caller holds the engine's lock, but for `find`, which reads the database.
"""

from __future__ import annotations

import threading
from collections import OrderedDict

import clock
from lab.live_run import LiveRun
from lab.run_store import RunStore
from lab.settings import Settings
from lab.status import OVER
from lab.workers import wait_times
from lab.workers.wait_times import Durations

REMEMBERED = 32  # runs that are over, kept in memory for those who still look


class RunRefused(RuntimeError):
    """The engine does not do that now; the message is the visitor's sentence."""


class OneAtATime(RunRefused):
    """The visitor has a run that is not over: `run_id`."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            "You have an experiment that is not over yet. Stop it, or wait for its "
            "end, before you start another."
        )
        self.run_id = run_id


class NoSuchRun(LookupError):
    """There is no run of that id."""


class RunRegistry:
    """Runs by their id: live until they are over and written, then remembered."""

    def __init__(
        self,
        settings: Settings,
        durations: Durations,
        store: RunStore,
        lock: threading.RLock,
    ) -> None:
        self.settings, self._durations, self._store = settings, durations, store
        self._lock = lock
        self.live: OrderedDict[str, LiveRun] = OrderedDict()  # in order of arrival
        self._over: OrderedDict[str, LiveRun] = OrderedDict()

    def admit(self, owner: str, instructor: bool) -> None:
        """Checks that an owner may start a run now.

        Raises:
            RunRefused: the queue is full.
            OneAtATime: the owner has one that is not over.
        """
        of_owner = [run for run in self.live.values() if run.owner == owner]
        if len(of_owner) >= self.settings.per_owner:
            raise OneAtATime(of_owner[0].id)
        most = max(1, self.settings.queue)
        if not instructor and len(self.waiting()) >= most:
            are = "One experiment is" if most == 1 else f"{most} experiments are"
            raise RunRefused(
                f"{are} waiting already. Please try again in a few minutes."
            )

    def find(self, run_id: str) -> LiveRun:
        """A run, from the database where it is not in memory.

        Raises:
            NoSuchRun: there is none of that id.
        """
        with self._lock:
            if run := self.live.get(run_id) or self._over.get(run_id):
                return run
        run = self._store.find(run_id)
        if run is None:
            raise NoSuchRun(f"There is no run {run_id!r}; it may have been deleted.")
        if run.state in OVER:
            with self._lock:
                self._remember(run)
        return run

    def _remember(self, run: LiveRun) -> None:
        self._over[run.id] = run
        while len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    def enter(self, run: LiveRun) -> None:
        """A run waits from now on, also one that was over."""
        self._over.pop(run.id, None)
        self.live[run.id] = run

    def leave(self, run: LiveRun) -> None:
        """A run that is over is no longer live, unless it was retried meanwhile."""
        if run.state in OVER and self.live.get(run.id) is run:
            del self.live[run.id]
            self._remember(run)

    def forget(self, run: LiveRun) -> None:
        """A run is deleted.

        Raises:
            RunRefused: it is not over.
        """
        if run.state not in OVER or run.id in self.live:
            raise RunRefused("Stop the run first; then it can be deleted.")
        self._over.pop(run.id, None)

    # --- the queue --------------------------------------------------------------------

    def waiting(self) -> list[LiveRun]:
        """The runs that have not begun, in the order in which they will."""
        queued = (run for run in self.live.values() if run.state == "queued")
        return wait_times.in_order(queued)

    def place(self, run: LiveRun) -> tuple[int, float | None]:
        """A run's place in the queue, from 1, and the seconds until it begins."""
        waiting = self.waiting()
        if run not in waiting:
            return 0, None
        place = waiting.index(run)
        return place + 1, self._waits(waiting[: place + 1])[-1]

    def line(self, instructor: bool) -> tuple[int, float | None]:
        """See `Engine.line`."""
        waiting = self.waiting()
        if instructor:
            waiting = [run for run in waiting if run.instructor]
        return len(waiting), self._waits(waiting, one_more=True)[-1]

    def _waits(
        self, waiting: list[LiveRun], one_more: bool = False
    ) -> list[float | None]:
        live = self.live.values()
        return wait_times.wait_times(
            [run for run in live if run.state != "queued" and run.state not in OVER],
            waiting,
            self._durations,
            runs=self.settings.runs,
            workers=self.settings.workers,
            now=clock.now(),
            one_more=one_more,
        )

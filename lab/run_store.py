"""Runs in the database: written now and then from one thread, read when asked for."""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from lab import live_run
from lab.live_run import LiveRun
from lab.report_json import pack
from store.database import Database, DatabaseAway
from store.database import shared as shared_database
from store.runs import OVER, Limits, Runs, StoredEvent

log = logging.getLogger(__name__)

WRITE_EVERY = 1.0  # seconds between two transactions of a run
BEAT_EVERY = 4.0  # seconds in which a run is written even if nothing is new
PRUNE_EVERY = 3600.0
RECALLED = 50  # runs from which estimates begin


class RunStore:
    """What the engine keeps in the database. Runs are read under the engine's lock."""

    def __init__(self, database: Database | None, lock: threading.RLock) -> None:
        self._database, self._lock = database, lock
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="lab-store")
        self._pruned: float | None = None

    @property
    def runs(self) -> Runs:
        return Runs(self._database or shared_database())

    def find(self, run_id: str) -> LiveRun | None:
        """A run with its events; None: there is none of that id."""
        stored = self.runs.get(run_id)
        if stored is None:
            return None
        return live_run.from_store(stored, self.runs.events(run_id))

    def newest(self, owner: str | None = None, limit: int = RECALLED) -> list[LiveRun]:
        """Runs without their events, the newest first."""
        return [live_run.from_store(one, []) for one in self.runs.newest(owner, limit)]

    def rename(self, run_id: str, name: str) -> None:
        """Returns once it is written."""
        self._writer.submit(self.runs.rename, run_id, name).result()

    def delete(self, run_id: str) -> None:
        """Returns once it is done."""
        self._writer.submit(self.runs.delete, run_id).result()

    def close(self) -> None:
        """Waits until all writes are done."""
        self._writer.shutdown(wait=True)

    async def do(self, work: Callable[[], Any]) -> bool:
        """Runs something on the writer's thread; False: the database is away."""
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, work)
        except DatabaseAway as error:
            log.warning("%s", error)
            return False
        return True

    async def prune(self) -> None:
        """Deletes the oldest runs beyond the limits, once an hour."""
        if self._pruned is None or time.monotonic() - self._pruned > PRUNE_EVERY:
            self._pruned = time.monotonic()
            await self.do(lambda: self.runs.prune(Limits.from_environment()))

    async def write(self, run: LiveRun) -> bool:
        """Writes what is new of a run, now and then, and at its end.

        Returns:
            Whether it is over, and all of it written.
        """
        age = time.monotonic() - run.written
        with self._lock:
            over = run.state in OVER
            due = run.changed and (age > WRITE_EVERY or over or not run.written)
            if not due and age < BEAT_EVERY:
                return False
            stored, lost = run.stored(), run.lost
            events, new_states = run.unwritten, run.unwritten_states
            run.unwritten, run.unwritten_states, run.lost = [], {}, []
            run.changed = False

        def work() -> None:
            if lost:
                self.runs.drop_events(run.id, lost)
            self.runs.write(
                stored,
                (StoredEvent(e.number, e.arm, pack(e.report)) for e in events),
                ((arm, epoch, state) for arm, (epoch, state) in new_states.items()),
            )

        written = await self.do(work)
        with self._lock:
            run.written = time.monotonic()
            if not written:  # keep it for the next time
                run.unwritten = events + run.unwritten
                run.unwritten_states = new_states | run.unwritten_states
                run.lost, run.changed = lost + run.lost, True
            return written and over and run.state in OVER

"""Runs experiments on Dask workers, and stores them.

The engine is a thread with an event loop of its own. Streamlit's threads read and write
records under a lock, and never wait for a worker. Workers are processes of an embedded
cluster on this machine, or those that DASK_SCHEDULER names.

A few times a second the engine asks each worker that trains an arm what it has to say
(`lab.worker.exchange`). That one call carries commands there and reports back, and it
is the lease: an arm whose engine is gone ends by itself. Nothing is retried unasked: a
killed worker fails the arm, and Retry goes on from the last saved epoch.
"""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

import clock
from lab import export
from lab.experiments import Experiment, check
from lab.live_run import AGAIN, LiveArm, LiveRun
from lab.records import ArmEvent, Control
from lab.registry import RunRefused, RunRegistry
from lab.results import metrics
from lab.run_store import RunStore
from lab.settings import Settings
from lab.status import OVER, RunStatus, RunSummary
from lab.workers.cluster import PATIENCE
from lab.workers.dispatch import Dispatcher, Health, NoWorkers
from lab.workers.wait_times import Durations
from store.database import Database
from store.database import shared as shared_database

TICK = 0.25  # seconds between two questions to the workers
NAME = 120  # characters

Verb = Literal["pause", "resume", "step", "stop"]


class Engine:
    """See the module's docstring. Every public method may be called by any thread."""

    def __init__(
        self, settings: Settings | None = None, database: Database | None = None
    ) -> None:
        self.settings = settings or Settings.from_environment()
        self._early = False  # workers are to be started ahead of the first run
        self._lock = threading.RLock()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self.durations = Durations()
        self.workers = Dispatcher(self.settings, self.durations, self._lock)
        self._store = store = RunStore(database, self._lock)
        self.registry = RunRegistry(self.settings, self.durations, store, self._lock)
        self._recalled = False

    # --- what callers see -----------------------------------------------------------

    @property
    def health(self) -> Health:
        """Of the workers."""
        return self.workers.health

    @property
    def sentence(self) -> str:
        """A sentence for visitors on the state of the workers; empty: all is well."""
        return self.workers.sentence

    def prepare(self) -> None:
        """Starts the workers ahead of the first run; returns at once."""
        with self._lock:
            self._early = True
        self._wake_up()

    def submit(
        self,
        experiment: Experiment,
        owner: str,
        guess: dict[str, Any] | None = None,
        *,
        instructor: bool = False,
    ) -> str:
        """Puts an experiment into the queue; returns the run's id at once.

        Args:
            instructor: it begins before all others, and no queue is too long for it.

        Raises:
            ExperimentRefused: it is not a fair one.
            RunRefused: the queue is full.
            OneAtATime: the owner has one that is not over.
        """
        check(experiment)
        with self._lock:
            self._admit(owner, instructor)
            run = LiveRun(
                uuid.uuid4().hex[:12],
                experiment.name,
                owner,
                experiment,
                guess or {},
                clock.now(),
                [LiveArm() for _ in experiment.arms],
                instructor=instructor,
            )
            self.registry.enter(run)
        self._wake_up()
        return run.id

    def status(self, run_id: str) -> RunStatus:
        """The run, now. A call counts as watching.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self.registry.find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            place, wait = self.registry.place(run)
            return run.status(place, wait)

    def line(self, instructor: bool = False) -> tuple[int, float | None]:
        """How many would begin before a run that is submitted now, and in how long it.

        Returns:
            Runs that wait before it; seconds, None where it is not known.
        """
        with self._lock:
            return self.registry.line(instructor)

    def events(
        self, run_id: str, after: int = 0, most: int | None = None
    ) -> list[ArmEvent]:
        """Reports with a higher number than `after`, in order.

        Args:
            most: thin them to so many an arm; the first and the last are kept.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self.registry.find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            found = [event for event in run.events if event.number > after]
        return found if most is None else metrics.thin(found, most)

    def watch(self, run_id: str) -> None:
        """Keeps a run alive: one without watchers ends."""
        with self._lock:
            if run_id in self.registry.live:
                self.registry.live[run_id].watched = time.monotonic()

    def command(self, run_id: str, verb: Verb, reason: str = "") -> None:
        """Sends a command to a run, whose status follows; none to one that is over.

        Args:
            reason: why it is to stop, for the visitor who started it.

        Raises:
            NoSuchRun: there is none of that id.
            RunRefused: another server runs it.
        """
        run = self.registry.find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            if run.state in OVER:
                return
            if run.id not in self.registry.live:
                raise RunRefused(
                    "Another server runs this experiment; only it can stop it."
                )
            match verb:
                case "pause":
                    run.control = replace(run.control, mode="pause")
                case "resume":
                    run.control = replace(run.control, mode="run")
                case "step":
                    run.control = Control("pause", run.control.steps + 1)
                case "stop":
                    run.stop(reason)
        self._wake_up()

    def retry(self, run_id: str, *, instructor: bool = False) -> None:
        """Takes up the arms that failed or were stopped, from their last saved epoch.

        Args:
            instructor: as in `submit`.

        Raises:
            NoSuchRun: there is none of that id.
            RunRefused: nothing is left to do, or the queue is full.
            OneAtATime: the owner has another one that is not over.
        """
        run = self.registry.find(run_id)
        saved = (
            self._store.runs.states(run_id) if run.state in OVER else {}
        )  # before the lock: it reads the database
        with self._lock:
            again = [i for i, arm in enumerate(run.arms) if arm.state in AGAIN]
            if not again:
                raise RunRefused("Nothing is left to retry: every arm has finished.")
            if run.state in OVER:
                self._admit(run.owner, instructor)
                run.instructor = instructor
                run.state, run.ended = "queued", None
                run.began = run.started = None
                run.noted = False
                self.registry.enter(run)
            run.control, run.stop_asked, run.sentence = Control(), 0.0, ""
            run.attempt += 1
            run.watched = time.monotonic()
            for i in again:
                epoch, state = saved.get(i, (0, run.arms[i].saved))
                if run.arms[i].saved is not None:
                    epoch, state = run.arms[i].saved_epoch, run.arms[i].saved
                run.rewind(i, epoch, state)
            run.changed = True
        self._wake_up()

    def runs(self, owner: str | None = None, limit: int = 50) -> list[RunSummary]:
        """Runs, the newest first; of one owner, or of all.

        Raises:
            DatabaseAway: the store cannot be read.
        """
        found: dict[str, LiveRun] = {}
        for run in self._store.newest(owner, limit):
            found[run.id] = run
        with self._lock:
            for run in self.registry.live.values():
                if owner is None or run.owner == owner:
                    found[run.id] = run
            newest = sorted(found.values(), key=lambda run: -run.created)[:limit]
            return [run.summary() for run in newest]

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name.

        Raises:
            NoSuchRun: there is none of that id.
            RunRefused: the name is empty.
        """
        run = self.registry.find(run_id)
        name = " ".join(name.split())[:NAME]
        if not name:
            raise RunRefused("A run needs a name of at least one character.")
        with self._lock:
            run.name = name
        self._store.rename(run_id, name)

    def delete(self, run_id: str) -> None:
        """Forgets a run that is over.

        Raises:
            NoSuchRun: there is none of that id.
            RunRefused: it is not over.
        """
        run = self.registry.find(run_id)
        with self._lock:
            self.registry.forget(run)
        self._store.delete(run_id)

    def export_csv(self, run_id: str) -> str:
        """Every report as a line of a table.

        Raises:
            NoSuchRun: there is none of that id.
        """
        return export.as_csv(self.registry.find(run_id).experiment, self.events(run_id))

    def export_script(self, run_id: str) -> str:
        """A Python file that does the run again with Keras and numpy alone.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self.registry.find(run_id)
        return export.as_script(run.experiment, run.name)

    def shutdown(self, patience: float = PATIENCE) -> None:
        """Ends the runs, keeping what they have, and the workers of our own."""
        with self._lock:
            self._closing = True
            thread = self._thread
        self._wake_up(start=False)
        if thread is not None:
            thread.join(patience)
        self._store.close()

    def _admit(self, owner: str, instructor: bool) -> None:
        if self._closing:
            raise RunRefused("The server is shutting down.")
        self.registry.admit(owner, instructor)

    # --- inside: the thread ---------------------------------------------------------

    def _wake_up(self, start: bool = True) -> None:
        """Wakes the engine's thread, starting it at the first call."""
        with self._lock:
            if self._thread is None and start:
                begun = threading.Event()
                self._thread = threading.Thread(
                    target=lambda: asyncio.run(self._main(begun)),
                    name="lab-engine",
                    daemon=True,
                )
                self._thread.start()
            loop = self._loop
        if loop is not None:
            with suppress(RuntimeError):  # it has just closed
                loop.call_soon_threadsafe(self._wake.set)

    async def _main(self, begun: threading.Event) -> None:
        self._loop = asyncio.get_running_loop()
        begun.set()
        try:
            while not self._closing:
                await self._tick()
                with suppress(TimeoutError):
                    busy = bool(self.registry.live)
                    await asyncio.wait_for(self._wake.wait(), TICK if busy else None)
                self._wake.clear()
        finally:
            await self._leave()

    async def _tick(self) -> None:
        try:
            await self._train()
        except NoWorkers as trouble:
            sentence = str(trouble)
            with self._lock:
                for run in self.registry.live.values():
                    run.break_off(sentence, sentence)
        with self._lock:
            runs = list(self.registry.live.values())
        for run in runs:
            await self._write(run)
        if not self._recalled:
            self._recalled = True
            await self._store.do(self.recall)
        await self._store.prune()

    async def _write(self, run: LiveRun) -> None:
        if await self._store.write(run):
            with self._lock:
                self.registry.leave(run)

    async def _train(self) -> None:
        """Begins what may begin, and attends to what trains.

        Raises:
            NoWorkers: there are none for it.
        """
        if self._early:
            self._early = False
            await self.workers.connect(draw=True)
        self._end_unwatched()
        with self._lock:
            active = [
                run for run in self.registry.live.values() if run.state != "queued"
            ]
            waiting = self.registry.waiting()
        for run in waiting:
            if run.control.mode == "stop":
                with self._lock:
                    run.finish()
            elif len(active) < self.settings.runs:
                await self.workers.connect()
                with self._lock:
                    run.state, run.changed = "starting", True
                    run.began = clock.now()
                active.append(run)
        if active and self.workers.cluster.connected:
            await self.workers.advance(active)

    def recall(self) -> None:
        """What earlier servers measured: estimates are true from the first run on."""
        for run in reversed(self._store.newest()):
            with self._lock:
                self.durations.note(run)

    def _end_unwatched(self) -> None:
        limit, now = self.settings.unwatched, time.monotonic()
        with self._lock:
            for run in self.registry.live.values():
                if now - run.watched > limit and not run.stop_asked:
                    minutes = f"{limit / 60:.0f} minutes" if limit >= 90 else "a while"
                    run.stop(
                        f"Nobody watched for {minutes}, so it ended. Retry goes on."
                    )

    async def _leave(self) -> None:
        """The server stops: keep what there is, end the workers."""
        with self._lock:
            runs = list(self.registry.live.values())
            tasks = [
                arm.task for run in runs for arm in run.arms if arm.task is not None
            ]
            for run in runs:
                run.break_off("The server stopped while this ran. Retry goes on.")
        for run in runs:
            await self._write(run)
        await self.workers.disconnect(tasks)


# --- the one of this process --------------------------------------------------------

_lock = threading.Lock()
_shared: Engine | None = None


def shared() -> Engine:
    """The engine of this process; no worker is started before a run or `prepare`."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Engine()
        return _shared


def warm_up() -> None:
    """Opens and migrates the database before the first visitor needs it."""
    shared_database()


def prepare() -> None:
    """Starts the workers of this process ahead of its first run."""
    shared().prepare()


def prepared() -> bool:
    """Whether that is over: the workers are ready, or there are none to be had."""
    return shared().health in ("ready", "broken")


def shutdown() -> None:
    """Ends the engine of this process and its workers, if there are any."""
    global _shared
    with _lock:
        engine, _shared = _shared, None
    if engine is not None:
        engine.shutdown()

"""Runs experiments on Dask workers, and remembers them.

The engine is a thread with an event loop of its own. Whoever calls it (Streamlit's
many threads) only reads and writes plain records under a lock, and never waits for a
worker. The workers are processes of an embedded cluster, started at the first run and
bound to this machine, or those of a cluster that DASK_SCHEDULER names.

A few times a second the engine asks each worker that trains an arm what it has to say
(`lab.worker.exchange`). That one call carries commands there and reports back, and it
is the lease: an arm whose engine is gone ends by itself. Nothing is retried behind a
visitor's back: a killed worker fails the arm, the message says so, and Retry goes on
from the last saved pass.
"""

from __future__ import annotations

import asyncio
import logging
import os
import threading
import time
import uuid
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any, Literal

from lab import export, live_run, metrics, waits
from lab.cluster import PATIENCE, Cluster, Task, Wanted
from lab.experiments import Experiment, check
from lab.live_run import AGAIN, LiveArm, LiveRun
from lab.records import OVER, Control, Event, RunStatus, RunSummary, pack
from lab.settings import Settings
from lab.waits import Paces
from model import runtime
from store.database import Database, DatabaseAway
from store.database import shared as shared_database
from store.runs import Limits, Runs, StoredEvent

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two questions to the workers
WRITE_EVERY = 1.0  # seconds between two transactions of a run
BEAT_EVERY = 4.0  # seconds in which a run is written even if nothing is new
DISOBEDIENT = 15.0  # seconds after "stop": then the worker is restarted
PRUNE_EVERY = 3600.0
RECALLED = 50  # runs from which estimates begin
REMEMBERED = 32  # runs that are over, kept in memory for those who still look
NAME = 120  # characters

Verb = Literal["pause", "resume", "step", "stop"]
Health = Literal["asleep", "starting", "ready", "broken"]


class Refused(RuntimeError):
    """The engine does not do that now; the message is the visitor's sentence."""


class OneAtATime(Refused):
    """The visitor has a run that is not over: `run_id`."""

    def __init__(self, run_id: str) -> None:
        super().__init__(
            "You have an experiment that is not over yet. Stop it, or wait for its "
            "end, before you start another."
        )
        self.run_id = run_id


class NoSuchRun(LookupError):
    """There is no run of that id."""


class Engine:
    """See the module's docstring. Every public method may be called by any thread."""

    def __init__(
        self, settings: Settings | None = None, database: Database | None = None
    ) -> None:
        self.settings = settings or Settings.from_environment()
        self.health: Health = "asleep"
        self._sentence = ""  # about the workers, for the visitor
        self._connecting = 0.0  # time.monotonic() when workers were last started
        self._early = False  # they are to be started ahead of the first run
        self._warming: asyncio.Task[None] | None = None
        self._database = database
        self._lock = threading.RLock()
        self._live: OrderedDict[str, LiveRun] = OrderedDict()  # in order of arrival
        self._over: OrderedDict[str, LiveRun] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._cluster = Cluster(
            self.settings.scheduler, self.settings.workers, self.settings.threads
        )
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="lab-store")
        self._pruned = 0.0
        self._paces = Paces()

    # --- what callers see -----------------------------------------------------------

    @property
    def sentence(self) -> str:
        """What a visitor should know of the workers; empty: nothing."""
        if self.health != "starting" or self.settings.scheduler:
            return self._sentence
        known = self._paces.workers or waits.first_start(
            runtime.import_seconds(), self.settings.workers, os.cpu_count() or 1
        )
        if known is None:
            return "Starting the workers."
        left = known - (time.monotonic() - self._connecting)
        if left < 0:
            return "Starting the workers: it takes longer than expected."
        return f"Starting the workers: about {max(5, 5 * round(left / 5))} seconds."

    def prepare(self) -> None:
        """Starts the workers ahead of the first run; returns at once."""
        with self._lock:
            self._early = True
        self._rouse()

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
            Refused: the queue is full.
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
                time.time(),
                [LiveArm() for _ in experiment.arms],
                instructor=instructor,
            )
            self._live[run.id] = run
        self._rouse()
        return run.id

    def status(self, run_id: str) -> RunStatus:
        """The run, now. To ask is to watch.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self._find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            place, wait = self._place(run)
            return run.status(place, wait)

    def line(self, instructor: bool = False) -> tuple[int, float | None]:
        """How many would begin before a run that is submitted now, and in how long it.

        Returns:
            Runs that wait before it; seconds, None where it is not known.
        """
        with self._lock:
            waiting = self._waiting()
            if instructor:
                waiting = [run for run in waiting if run.instructor]
            return len(waiting), self._waits(waiting, one_more=True)[-1]

    def events(
        self, run_id: str, after: int = 0, most: int | None = None
    ) -> list[Event]:
        """Reports with a higher number than `after`, in order.

        Args:
            most: thin them to so many an arm; the first and the last are kept.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self._find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            found = [event for event in run.events if event.number > after]
        return found if most is None else metrics.thin(found, most)

    def watch(self, run_id: str) -> None:
        """Says that somebody is there; a run that nobody watches ends."""
        with self._lock:
            if run_id in self._live:
                self._live[run_id].watched = time.monotonic()

    def command(self, run_id: str, verb: Verb, reason: str = "") -> None:
        """Asks a run to do something; its status follows. One that is over does not.

        Args:
            reason: why it is to stop, for the visitor who started it.

        Raises:
            NoSuchRun: there is none of that id.
            Refused: another server runs it.
        """
        run = self._find(run_id)
        with self._lock:
            run.watched = time.monotonic()
            if run.state in OVER:
                return
            if run.id not in self._live:
                raise Refused(
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
        self._rouse()

    def retry(self, run_id: str, *, instructor: bool = False) -> None:
        """Takes up the arms that failed or were stopped, from their last saved pass.

        Args:
            instructor: as in `submit`.

        Raises:
            NoSuchRun: there is none of that id.
            Refused: nothing is left to do, or the queue is full.
            OneAtATime: the owner has another one that is not over.
        """
        run = self._find(run_id)
        saved = (
            self._stored.states(run_id) if run.state in OVER else {}
        )  # before the lock: it reads the database
        with self._lock:
            again = [i for i, arm in enumerate(run.arms) if arm.state in AGAIN]
            if not again:
                raise Refused("Nothing is left to retry: every arm has finished.")
            if run.state in OVER:
                self._admit(run.owner, instructor)
                run.instructor = instructor
                run.state, run.ended = "queued", None
                run.began = run.started = None
                run.noted = False
                self._over.pop(run_id, None)
                self._live[run_id] = run
            run.control, run.stop_asked, run.sentence = Control(), 0.0, ""
            run.attempt += 1
            run.watched = time.monotonic()
            for i in again:
                epoch, state = saved.get(i, (0, run.arms[i].saved))
                if run.arms[i].saved is not None:
                    epoch, state = run.arms[i].saved_epoch, run.arms[i].saved
                run.rewind(i, epoch, state)
            run.changed = True
        self._rouse()

    def runs(self, owner: str | None = None, limit: int = 50) -> list[RunSummary]:
        """Runs, the newest first; of one owner, or of all.

        Raises:
            DatabaseAway: the store cannot be read.
        """
        found: dict[str, LiveRun] = {}
        for stored in self._stored.newest(owner, limit):
            found[stored.id] = live_run.from_store(stored, [])
        with self._lock:
            for run in self._live.values():
                if owner is None or run.owner == owner:
                    found[run.id] = run
            newest = sorted(found.values(), key=lambda run: -run.created)[:limit]
            return [run.summary() for run in newest]

    def rename(self, run_id: str, name: str) -> None:
        """Gives a run another name.

        Raises:
            NoSuchRun: there is none of that id.
            Refused: the name is empty.
        """
        run = self._find(run_id)
        name = " ".join(name.split())[:NAME]
        if not name:
            raise Refused("A run needs a name of at least one character.")
        with self._lock:
            run.name = name
        self._writer.submit(self._stored.rename, run_id, name).result()

    def delete(self, run_id: str) -> None:
        """Forgets a run that is over.

        Raises:
            NoSuchRun: there is none of that id.
            Refused: it is not over.
        """
        run = self._find(run_id)
        with self._lock:
            if run.state not in OVER or run_id in self._live:
                raise Refused("Stop the run first; then it can be deleted.")
            self._over.pop(run_id, None)
        self._writer.submit(self._stored.delete, run_id).result()

    def export_csv(self, run_id: str) -> str:
        """Every report as a line of a table.

        Raises:
            NoSuchRun: there is none of that id.
        """
        return export.as_csv(self._find(run_id).experiment, self.events(run_id))

    def export_script(self, run_id: str) -> str:
        """A Python file that does the run again with Keras and numpy alone.

        Raises:
            NoSuchRun: there is none of that id.
        """
        run = self._find(run_id)
        return export.as_script(run.experiment, run.name)

    def shutdown(self, patience: float = PATIENCE) -> None:
        """Ends the runs, keeping what they have, and the workers of our own."""
        with self._lock:
            self._closing = True
            thread = self._thread
        self._rouse(start=False)
        if thread is not None:
            thread.join(patience)
        self._writer.shutdown(wait=True)

    # --- inside: records ------------------------------------------------------------

    @property
    def _stored(self) -> Runs:
        return Runs(self._database or shared_database())

    def _admit(self, owner: str, instructor: bool) -> None:
        if self._closing:
            raise Refused("The server is shutting down.")
        own = [run for run in self._live.values() if run.owner == owner]
        if len(own) >= self.settings.per_owner:
            raise OneAtATime(own[0].id)
        most = max(1, self.settings.queue)
        if not instructor and len(self._waiting()) >= most:
            are = "One experiment is" if most == 1 else f"{most} experiments are"
            raise Refused(f"{are} waiting already. Please try again in a few minutes.")

    def _find(self, run_id: str) -> LiveRun:
        with self._lock:
            if run := self._live.get(run_id) or self._over.get(run_id):
                return run
        stored = self._stored.get(run_id)
        if stored is None:
            raise NoSuchRun(f"There is no run {run_id!r}; it may have been deleted.")
        run = live_run.from_store(stored, self._stored.events(run_id))
        if run.state in OVER:
            with self._lock:
                self._remember(run)
        return run

    def _remember(self, run: LiveRun) -> None:
        self._over[run.id] = run
        while len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    def _waiting(self) -> list[LiveRun]:
        """The runs that have not begun, in the order in which they will."""
        queued = (run for run in self._live.values() if run.state == "queued")
        return waits.in_order(queued)

    def _place(self, run: LiveRun) -> tuple[int, float | None]:
        """A run's place in the queue, from 1, and the seconds until it begins."""
        waiting = self._waiting()
        if run not in waiting:
            return 0, None
        place = waiting.index(run)
        return place + 1, self._waits(waiting[: place + 1])[-1]

    def _waits(
        self, waiting: list[LiveRun], one_more: bool = False
    ) -> list[float | None]:
        live = self._live.values()
        return waits.waits(
            [run for run in live if run.state != "queued" and run.state not in OVER],
            waiting,
            self._paces,
            runs=self.settings.runs,
            workers=self.settings.workers,
            now=time.time(),
            one_more=one_more,
        )

    # --- inside: the thread ---------------------------------------------------------

    def _rouse(self, start: bool = True) -> None:
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
                    busy = bool(self._live)
                    await asyncio.wait_for(self._wake.wait(), TICK if busy else None)
                self._wake.clear()
        finally:
            await self._leave()

    async def _tick(self) -> None:
        if self._early:
            await self._connected()
            self._early = False
        self._end_unwatched()
        with self._lock:
            runs = list(self._live.values())
            active = [run for run in runs if run.state != "queued"]
            waiting = self._waiting()
        for run in waiting:
            if run.control.mode == "stop":
                with self._lock:
                    run.finish()
            elif len(active) < self.settings.runs and await self._connected():
                with self._lock:
                    run.state, run.changed = "starting", True
                    run.began = time.time()
                active.append(run)
        if active and self._cluster.connected:
            await self._attend(active)
        for run in runs:
            await self._write(run)
        if time.monotonic() - self._pruned > PRUNE_EVERY or not self._pruned:
            if not self._pruned:
                await self._in_store(self._recall)
            self._pruned = time.monotonic()
            await self._in_store(lambda: self._stored.prune(Limits.from_environment()))

    def _recall(self) -> None:
        """What earlier servers measured: estimates are true from the first run on."""
        for stored in reversed(self._stored.newest(limit=RECALLED)):
            run = live_run.from_store(stored, [])
            with self._lock:
                self._paces.note(run)

    def _end_unwatched(self) -> None:
        limit, now = self.settings.unwatched, time.monotonic()
        with self._lock:
            for run in self._live.values():
                if now - run.watched > limit and not run.stop_asked:
                    minutes = f"{limit / 60:.0f} minutes" if limit >= 90 else "a while"
                    run.stop(
                        f"Nobody watched for {minutes}, so it ended. Retry goes on."
                    )

    # --- inside: the workers --------------------------------------------------------

    async def _connected(self) -> bool:
        """Whether there are workers to send arms to; starts them if need be."""
        if self._cluster.connected:
            return True
        self._connecting = time.monotonic()
        self.health = "starting"
        self._sentence = "Connecting to the workers."
        try:
            await self._cluster.connect()
        except (OSError, TimeoutError, RuntimeError) as error:
            log.warning("No workers: %s", error)
            await self._cluster.disconnect()
            where = self.settings.scheduler or "this machine"
            self.health = "broken"
            self._sentence = (
                f"No workers could be had at {where}. Tell your instructor; then retry."
            )
            self._break_off_all(self._sentence)
            return False
        if self.settings.scheduler:
            self.health, self._sentence = "ready", ""
        else:
            self._warming = asyncio.create_task(self._warm(draw=self._early))
        return True

    async def _warm(self, draw: bool) -> None:
        """Workers are ready once they have what arms need."""
        await self._cluster.warm_up(draw)
        if self.health == "starting" and self._cluster.connected:
            self._paces.workers = time.monotonic() - self._connecting
            self.health, self._sentence = "ready", ""

    def _break_off_all(self, sentence: str) -> None:
        with self._lock:
            for run in self._live.values():
                run.break_off(sentence, sentence)

    async def _attend(self, runs: list[LiveRun]) -> None:
        """Starts arms, asks after those that train, ends those that are over."""
        if self._cluster.lost:
            await self._cluster.disconnect()
            self.health = "asleep"
            self._break_off_all("The connection to the workers is lost. Retry goes on.")
            return
        training: list[tuple[LiveRun, int, Task]] = []
        for run in runs:
            for index, arm in enumerate(run.arms):
                if arm.over:
                    continue
                if arm.task is None and run.control.mode != "stop":
                    key = f"{run.id}-{index}-{run.attempt}"
                    of = run.experiment.arms[index]
                    arm.task = self._cluster.send(key, of, arm.saved, run.control)
                if arm.task is not None:
                    training.append((run, index, arm.task))
        silent = [task for run, i, task in training if not run.arms[i].seen]
        await self._cluster.find(silent)
        # Before the question: what an arm said last is then among the answers.
        done = [task.done for _, _, task in training]
        await self._exchange(training)
        for (run, index, task), is_done in zip(training, done, strict=True):
            if is_done:
                ending = await self._cluster.ending(task)
                with self._lock:
                    run.settle(index, ending)
            elif run.stop_asked and time.monotonic() - run.stop_asked > DISOBEDIENT:
                run.stop_asked = time.monotonic()
                await self._cluster.restart_worker(task)
        with self._lock:
            for run in runs:
                run.sum_up()
                self._paces.note(run)

    async def _exchange(self, training: list[tuple[LiveRun, int, Task]]) -> None:
        """Carries commands to the workers that have an arm, and what they say back."""
        wanted: dict[str, Wanted] = {}
        owners: dict[str, tuple[LiveRun, int]] = {}
        for run, index, task in training:
            if task.address:
                seen = run.arms[index].seen
                wanted.setdefault(task.address, {})[task.key] = (run.control, seen)
                owners[task.key] = (run, index)
        answers = await self._cluster.ask(wanted)
        with self._lock:
            for key, messages in answers.items():
                run, index = owners[key]
                for message in messages:
                    run.take(index, message)

    # --- inside: the store ----------------------------------------------------------

    async def _in_store(self, work: Callable[[], Any]) -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, work)
        except DatabaseAway as error:
            log.warning("%s", error)
            return False
        return True

    async def _write(self, run: LiveRun) -> None:
        """Writes what is new of a run, now and then; at its end, and lets it go."""
        age = time.monotonic() - run.written
        with self._lock:
            over = run.state in OVER
            due = run.changed and (age > WRITE_EVERY or over or not run.written)
            if not due and age < BEAT_EVERY:
                return
            stored, lost = run.stored(), run.lost
            events, new_states = run.fresh, run.fresh_states
            run.fresh, run.fresh_states, run.lost = [], {}, []
            run.changed = False

        def work() -> None:
            if lost:
                self._stored.drop_events(run.id, lost)
            self._stored.write(
                stored,
                (StoredEvent(e.number, e.arm, pack(e.report)) for e in events),
                ((arm, epoch, state) for arm, (epoch, state) in new_states.items()),
            )

        written = await self._in_store(work)
        with self._lock:
            run.written = time.monotonic()
            if not written:  # keep it for the next time
                run.fresh = events + run.fresh
                run.fresh_states = new_states | run.fresh_states
                run.lost, run.changed = lost + run.lost, True
            elif over and run.state in OVER and self._live.get(run.id) is run:
                del self._live[run.id]
                self._remember(run)

    async def _leave(self) -> None:
        """The server stops: keep what there is, end the workers."""
        with self._lock:
            runs = list(self._live.values())
            tasks = [
                arm.task for run in runs for arm in run.arms if arm.task is not None
            ]
            for run in runs:
                run.break_off("The server stopped while this ran. Retry goes on.")
        for run in runs:
            await self._write(run)
        if self._warming is not None:
            self._warming.cancel()
        await self._cluster.cancel(tasks)
        await self._cluster.disconnect()
        self.health = "asleep"


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

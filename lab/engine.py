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
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

from lab import export, reading, states, worker
from lab.experiments import Experiment, check
from lab.records import (
    OVER,
    ArmState,
    ArmStatus,
    Control,
    Ending,
    Event,
    Report,
    RunState,
    RunStatus,
    RunSummary,
    pack,
    unpack,
)
from store.database import Database, DatabaseAway
from store.database import shared as shared_database
from store.runs import Limits, Runs, StoredEvent, StoredRun

log = logging.getLogger(__name__)

TICK = 0.25  # seconds between two questions to the workers
WRITE_EVERY = 1.0  # seconds between two transactions of a run
BEAT_EVERY = 4.0  # seconds in which a run is written even if nothing is new
DEAD_AFTER = 20.0  # seconds without a beat: the process that ran it is gone
PATIENCE = 10.0  # seconds that a worker may take to answer
DISOBEDIENT = 15.0  # seconds after "stop": then the worker is restarted
PRUNE_EVERY = 3600.0
REMEMBERED = 32  # runs that are over, kept in memory for those who still look
NAME = 120  # characters
TRAINING = ("starting", "running", "paused")
AGAIN = ("failed", "killed", "stopped")  # what Retry takes up

Verb = Literal["pause", "resume", "step", "stop"]
Health = Literal["asleep", "starting", "ready", "broken"]


class Refused(RuntimeError):
    """The engine does not do that now; the message is the visitor's sentence."""


class NoSuchRun(LookupError):
    """There is no run of that id."""


def _number(name: str, default: float) -> float:
    """A setting from the environment.

    Raises:
        ValueError: it is not a number of 0 or more.
    """
    given = os.environ.get(name, "")
    try:
        number = float(given) if given else default
    except ValueError:
        number = -1.0
    if number < 0:
        raise ValueError(f"Expected {name} to be a number from 0. Received: {given!r}")
    return number


@dataclass(frozen=True)
class Settings:
    """What a school may want otherwise. The README lists the variables."""

    scheduler: str = ""  # address of a Dask scheduler; empty: workers of our own
    workers: int = 2
    threads: int = 1  # of each worker
    runs: int = 1  # at once
    per_owner: int = 1  # runs of one visitor that are not over
    queue: int = 30  # runs that may wait
    unwatched: float = 600.0  # seconds after which a run that nobody watches ends

    @staticmethod
    def from_environment() -> Settings:
        """Sized to the machine, and as the environment says."""
        cores = os.cpu_count() or 1
        workers = int(_number("LAB_WORKERS", min(max(cores, 2), 4)))
        return Settings(
            scheduler=os.environ.get("DASK_SCHEDULER", ""),
            workers=max(1, workers),
            threads=max(1, cores // max(1, workers)),
            runs=max(1, int(_number("LAB_RUNS", workers // 2))),
            per_owner=max(1, int(_number("LAB_RUNS_PER_VISITOR", 1))),
            queue=int(_number("LAB_QUEUE", 30)),
            unwatched=_number("LAB_UNWATCHED_SECONDS", 600),
        )


@dataclass
class _Arm:
    """One arm of a run, as the engine's thread knows it."""

    state: ArmState = "waiting"
    sentence: str = ""
    device: str = ""
    latest: Report | None = None
    saved_epoch: int = 0
    saved: bytes | None = None
    future: Any = None  # Dask's, while it is with a worker
    key: str = ""
    address: str = ""  # of its worker
    seen: int = 0  # number of its last message

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass
class _Run:
    """A run, guarded by the engine's lock."""

    id: str
    name: str
    owner: str
    experiment: Experiment
    guess: dict[str, Any]
    created: float
    arms: list[_Arm]
    state: RunState = "queued"
    sentence: str = ""
    ended: float | None = None
    attempt: int = 1
    control: Control = field(default_factory=Control)
    stop_asked: float = 0.0  # time.monotonic()
    watched: float = field(default_factory=time.monotonic)
    events: list[Event] = field(default_factory=list)
    # For the store:
    fresh: list[Event] = field(default_factory=list)
    fresh_states: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)  # events of steps to be done again
    written: float = 0.0
    changed: bool = True

    def last_event(self) -> int:
        return self.events[-1].number if self.events else 0

    def status(self, place: int) -> RunStatus:
        arms = tuple(
            ArmStatus(
                arm.label,
                now.state,
                now.sentence,
                now.latest,
                now.device,
                now.saved_epoch,
            )
            for arm, now in zip(self.experiment.arms, self.arms, strict=True)
        )
        left = [
            max(0.0, arm.seconds - (now.latest.seconds if now.latest else 0.0))
            for arm, now in zip(self.experiment.arms, self.arms, strict=True)
            if not now.over
        ]
        return RunStatus(
            run_id=self.id,
            name=self.name,
            experiment=self.experiment,
            state=self.state,
            sentence=self.sentence,
            place=place,
            arms=arms,
            seconds_left=max(left, default=0.0),
            attempt=self.attempt,
            last_event=self.last_event(),
            created=self.created,
            ended=self.ended,
            guess=self.guess,
        )

    def stored(self) -> StoredRun:
        summary = {
            "sentence": self.sentence,
            "attempt": self.attempt,
            "arms": [
                {
                    "state": arm.state,
                    "sentence": arm.sentence,
                    "device": arm.device,
                    "saved_epoch": arm.saved_epoch,
                }
                for arm in self.arms
            ],
        }
        return StoredRun(
            self.id,
            self.name,
            self.owner,
            self.experiment.to_dict(),
            self.guess,
            self.state,
            summary,
            self.created,
            self.ended,
            time.time(),
        )


def _from_store(stored: StoredRun, events: list[StoredEvent]) -> _Run:
    """A run as the store has it; one whose process is gone is killed."""
    arms = [_Arm(**arm) for arm in stored.summary["arms"]]
    run = _Run(
        stored.id,
        stored.name,
        stored.owner,
        Experiment.from_dict(stored.experiment),
        stored.guess,
        stored.created,
        arms,
        state=stored.state,  # type: ignore[arg-type]
        sentence=stored.summary["sentence"],
        ended=stored.ended,
        attempt=stored.summary["attempt"],
        events=[Event(e.number, e.arm, unpack(e.report)) for e in events],
        changed=False,
    )
    for event in run.events:
        arms[event.arm].latest = event.report
    if run.state not in OVER and time.time() - stored.alive > DEAD_AFTER:
        for arm in arms:
            if not arm.over:
                arm.state, arm.sentence = "killed", _from_there(arm.saved_epoch)
        run.state, run.ended = "killed", stored.alive
        run.sentence = f"The server stopped while this ran. {arms[0].sentence}"
    return run


def _from_there(epoch: int) -> str:
    if epoch == 0:
        return "Retry starts anew: no pass was saved yet."
    return f"Retry goes on from pass {epoch}."


def _has_gpu() -> bool:
    """Whether this machine shows an NVIDIA GPU, without importing TensorFlow."""
    return Path("/dev/nvidia0").exists()


class Engine:
    """See the module's docstring. Every public method may be called by any thread."""

    def __init__(
        self, settings: Settings | None = None, database: Database | None = None
    ) -> None:
        self.settings = settings or Settings.from_environment()
        self.health: Health = "asleep"
        self.sentence = ""  # about the workers, for the visitor
        self._database = database
        self._lock = threading.RLock()
        self._live: OrderedDict[str, _Run] = OrderedDict()  # in order of arrival
        self._over: OrderedDict[str, _Run] = OrderedDict()
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake = asyncio.Event()
        self._closing = False
        self._cluster: Any = None
        self._client: Any = None
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="lab-store")
        self._pruned = 0.0

    # --- what callers see -----------------------------------------------------------

    def submit(
        self, experiment: Experiment, owner: str, guess: dict[str, Any] | None = None
    ) -> str:
        """Puts an experiment into the queue; returns the run's id at once.

        Raises:
            ExperimentRefused: it is not a fair one.
            Refused: the owner has one running, or the queue is full.
        """
        check(experiment)
        with self._lock:
            self._admit(owner)
            run = _Run(
                uuid.uuid4().hex[:12],
                experiment.name,
                owner,
                experiment,
                guess or {},
                time.time(),
                [_Arm() for _ in experiment.arms],
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
            return run.status(self._place(run))

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
        return found if most is None else reading.thin(found, most)

    def watch(self, run_id: str) -> None:
        """Says that somebody is there; a run that nobody watches ends."""
        with self._lock:
            if run_id in self._live:
                self._live[run_id].watched = time.monotonic()

    def command(self, run_id: str, verb: Verb) -> None:
        """Asks a run to do something; its status follows. One that is over does not.

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
                    self._stop(run, "")
        self._rouse()

    def retry(self, run_id: str) -> None:
        """Takes up the arms that failed or were stopped, from their last saved pass.

        Raises:
            NoSuchRun: there is none of that id.
            Refused: nothing is left to do, or the owner has another one running.
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
                self._admit(run.owner)
                run.state, run.ended = "queued", None
                self._over.pop(run_id, None)
                self._live[run_id] = run
            run.control, run.stop_asked, run.sentence = Control(), 0.0, ""
            run.attempt += 1
            run.watched = time.monotonic()
            for i in again:
                epoch, state = saved.get(i, (0, run.arms[i].saved))
                if run.arms[i].saved is not None:
                    epoch, state = run.arms[i].saved_epoch, run.arms[i].saved
                self._rewind(run, i, epoch, state)
            run.changed = True
        self._rouse()

    def runs(self, owner: str | None = None, limit: int = 50) -> list[RunSummary]:
        """Runs, the newest first; of one owner, or of all.

        Raises:
            DatabaseAway: the store cannot be read.
        """
        found: dict[str, _Run] = {}
        for stored in self._stored.newest(owner, limit):
            found[stored.id] = _from_store(stored, [])
        with self._lock:
            for run in self._live.values():
                if owner is None or run.owner == owner:
                    found[run.id] = run
            newest = sorted(found.values(), key=lambda run: -run.created)[:limit]
            return [
                RunSummary(
                    run.id,
                    run.name,
                    run.experiment,
                    run.state,
                    run.created,
                    run.ended,
                    run.guess,
                )
                for run in newest
            ]

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

    def _admit(self, owner: str) -> None:
        if self._closing:
            raise Refused("The server is shutting down.")
        own = [run for run in self._live.values() if run.owner == owner]
        if len(own) >= self.settings.per_owner:
            raise Refused(
                f"Your experiment “{own[0].name}” is not over yet. "
                "Stop it, or wait for its end, before you start another."
            )
        if sum(run.state == "queued" for run in self._live.values()) >= max(
            1, self.settings.queue
        ):
            raise Refused(
                f"{self.settings.queue} experiments are waiting already. "
                "Please try again in a few minutes."
            )

    def _find(self, run_id: str) -> _Run:
        with self._lock:
            if run := self._live.get(run_id) or self._over.get(run_id):
                return run
        stored = self._stored.get(run_id)
        if stored is None:
            raise NoSuchRun(f"There is no run {run_id!r}; it may have been deleted.")
        run = _from_store(stored, self._stored.events(run_id))
        if run.state in OVER:
            with self._lock:
                self._remember(run)
        return run

    def _remember(self, run: _Run) -> None:
        self._over[run.id] = run
        while len(self._over) > REMEMBERED:
            self._over.popitem(last=False)

    def _place(self, run: _Run) -> int:
        waiting = [x.id for x in self._live.values() if x.state == "queued"]
        return waiting.index(run.id) + 1 if run.id in waiting else 0

    def _stop(self, run: _Run, reason: str) -> None:
        run.control = Control("stop", reason=reason)
        run.stop_asked = run.stop_asked or time.monotonic()
        for arm in run.arms:
            if not arm.over and arm.future is None:
                arm.state, arm.sentence = "stopped", reason
        if run.state == "queued":
            run.sentence = reason

    def _rewind(self, run: _Run, index: int, epoch: int, state: bytes | None) -> None:
        """Back to a saved state: what came after it will be done again."""
        step = states.progress(state).step if state else -1
        lost = [e for e in run.events if e.arm == index and e.report.step > step]
        numbers = {event.number for event in lost}
        run.lost += sorted(numbers)
        run.events = [e for e in run.events if e.number not in numbers]
        run.fresh = [e for e in run.fresh if e.number not in numbers]
        own = [event.report for event in run.events if event.arm == index]
        run.arms[index] = _Arm(
            saved_epoch=epoch, saved=state, latest=own[-1] if own else None
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
        self._end_unwatched()
        with self._lock:
            runs = list(self._live.values())
            active = [run for run in runs if run.state != "queued"]
            waiting = [run for run in runs if run.state == "queued"]
        for run in waiting:
            if run.control.mode == "stop":
                self._finish(run)
            elif len(active) < self.settings.runs and await self._connected():
                with self._lock:
                    run.state, run.changed = "starting", True
                active.append(run)
        if active and self._client is not None:
            await self._attend(active)
        for run in runs:
            await self._write(run)
        if time.monotonic() - self._pruned > PRUNE_EVERY or not self._pruned:
            self._pruned = time.monotonic()
            await self._in_store(lambda: self._stored.prune(Limits.from_environment()))

    def _end_unwatched(self) -> None:
        limit, now = self.settings.unwatched, time.monotonic()
        with self._lock:
            for run in self._live.values():
                if now - run.watched > limit and not run.stop_asked:
                    minutes = f"{limit / 60:.0f} minutes" if limit >= 90 else "a while"
                    self._stop(
                        run,
                        f"Nobody watched for {minutes}, so it ended. Retry goes on.",
                    )

    # --- inside: the workers --------------------------------------------------------

    async def _connected(self) -> bool:
        """Whether there are workers to send arms to; starts them if need be."""
        if self._client is not None:
            return True
        self.health = "starting"
        self.sentence = (
            "Connecting to the workers."
            if self.settings.scheduler
            else "Starting the workers: a few seconds, the first time."
        )
        try:
            await self._connect()
        except (OSError, TimeoutError, RuntimeError) as error:
            log.warning("No workers: %s", error)
            await self._disconnect()
            where = self.settings.scheduler or "this machine"
            self.health = "broken"
            self.sentence = (
                f"No workers could be had at {where}. Tell your instructor; then retry."
            )
            self._fail_all(self.sentence)
            return False
        self.health, self.sentence = "ready", ""
        return True

    async def _connect(self) -> None:
        import dask
        from distributed import Client, LocalCluster

        dask.config.set(
            {
                # A killed arm is said and retried by hand, never restarted in silence.
                "distributed.scheduler.allowed-failures": 0,
                # A saved state travels with its arm.
                "distributed.admin.large-graph-warning-threshold": "1GB",
            }
        )
        if self.settings.scheduler:
            self._client = await Client(
                self.settings.scheduler, asynchronous=True, timeout=PATIENCE
            )
            return
        threads = str(self.settings.threads)
        self._cluster = await LocalCluster(
            asynchronous=True,
            n_workers=self.settings.workers,
            threads_per_worker=1,  # one arm at a time
            processes=True,
            host="127.0.0.1",  # a scheduler runs anyone's code: not outside
            dashboard_address="127.0.0.1:0",  # its port for figures, on any free one
            memory_limit=0,
            preload=["lab.worker"],
            resources={"GPU": 1} if _has_gpu() else None,
            env={
                "TF_NUM_INTRAOP_THREADS": threads,
                "TF_NUM_INTEROP_THREADS": threads,
                "OMP_NUM_THREADS": threads,
            },
        )
        self._client = await Client(self._cluster, asynchronous=True)

    async def _disconnect(self) -> None:
        client, cluster = self._client, self._cluster
        if cluster is not None:  # nothing of theirs is worth waiting for
            with suppress(OSError, TimeoutError):
                nannies = cluster.workers.values()
                await asyncio.gather(*(nanny.kill(timeout=0) for nanny in nannies))
        self._client = self._cluster = None
        for thing in (client, cluster):
            if thing is not None:
                with suppress(OSError, TimeoutError, RuntimeError):
                    await asyncio.wait_for(thing.close(), PATIENCE)

    def _fail_all(self, sentence: str) -> None:
        with self._lock:
            for run in list(self._live.values()):
                for arm in run.arms:
                    if not arm.over:
                        arm.state, arm.sentence, arm.future = "killed", sentence, None
                run.sentence = sentence
                self._finish(run)

    async def _attend(self, runs: list[_Run]) -> None:
        """Starts arms, asks after those that train, ends those that are over."""
        if self._client.status not in ("running", "connecting"):
            sentence = "The connection to the workers is lost. Retry goes on."
            await self._disconnect()
            self.health = "asleep"
            self._fail_all(sentence)
            return
        gpus = any(
            "GPU" in each["resources"]
            for each in self._client.scheduler_info()["workers"].values()
        )
        training: list[tuple[_Run, int]] = []
        for run in runs:
            for index, arm in enumerate(run.arms):
                if arm.over:
                    continue
                if arm.future is None and run.control.mode != "stop":
                    self._send(run, index, gpus)
                training.append((run, index))
        await self._find_workers([run.arms[i] for run, i in training])
        settled = [
            run.arms[i].future is not None and run.arms[i].future.done()
            for run, i in training
        ]
        await self._exchange(training)
        for (run, index), done in zip(training, settled, strict=True):
            if done:
                await self._settle(run, index)
            elif run.stop_asked and time.monotonic() - run.stop_asked > DISOBEDIENT:
                await self._restart_worker(run, run.arms[index])
        with self._lock:
            for run in runs:
                self._sum_up(run)

    def _send(self, run: _Run, index: int, gpus: bool) -> None:
        arm = run.arms[index]
        arm.key = f"{run.id}-{index}-{run.attempt}"
        arm.future = self._client.submit(
            worker.train,
            arm.key,
            run.experiment.arms[index],
            arm.saved,
            run.control,
            key=f"arm-{arm.key}",
            pure=False,
            retries=0,
            resources={"GPU": 1} if gpus else None,
        )

    async def _find_workers(self, arms: list[_Arm]) -> None:
        """Notes which worker each arm is with: Dask may move one that has not begun."""
        lost = [arm for arm in arms if arm.future is not None and not arm.seen]
        if not lost:
            return
        for lists in (self._client.processing, self._client.has_what):
            for address, keys in (await lists()).items():
                names = {key if isinstance(key, str) else str(key) for key in keys}
                for arm in lost:
                    if arm.future.key in names:
                        arm.address = address

    async def _exchange(self, training: list[tuple[_Run, int]]) -> None:
        """One question to every worker that has an arm, all at once."""
        wanted: dict[str, dict[str, tuple[Control, int]]] = {}
        owners: dict[str, tuple[_Run, int]] = {}
        for run, index in training:
            arm = run.arms[index]
            if arm.address:
                wanted.setdefault(arm.address, {})[arm.key] = (run.control, arm.seen)
                owners[arm.key] = (run, index)
        answers = await asyncio.gather(
            *(self._ask(address, keys) for address, keys in wanted.items())
        )
        with self._lock:
            for answer in answers:
                for key, messages in answer.items():
                    for message in messages:
                        self._take(*owners[key], message)

    async def _ask(
        self, address: str, keys: dict[str, tuple[Control, int]]
    ) -> dict[str, list[worker.Message]]:
        try:
            answers = await asyncio.wait_for(
                self._client.run(
                    worker.exchange, keys, workers=[address], on_error="return"
                ),
                PATIENCE,
            )
        except (OSError, TimeoutError, ValueError) as error:
            log.info("%s does not answer: %s", address, error)
            return {}
        answer = answers.get(address)
        return answer if isinstance(answer, dict) else {}

    def _take(self, run: _Run, index: int, message: worker.Message) -> None:
        """Takes in what an arm said."""
        arm = run.arms[index]
        if message.number <= arm.seen:
            return
        arm.seen = message.number
        match message.kind:
            case "device":
                arm.device = message.content
            case "report":
                number = max([run.last_event(), *run.lost]) + 1
                event = Event(number, index, message.content)
                arm.latest = event.report
                run.events.append(event)
                run.fresh.append(event)
            case "state":
                arm.saved_epoch, arm.saved = message.content
                run.fresh_states[index] = message.content
        run.changed = True

    async def _settle(self, run: _Run, index: int) -> None:
        """An arm whose future is done: how it ended."""
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        arm = run.arms[index]
        ending: Ending
        killed = False
        try:
            ending = await arm.future
        except (KilledWorker, FutureCancelledError, asyncio.CancelledError):
            killed = True
            ending = Ending(
                "failed",
                "Its worker process was killed. " + _from_there(arm.saved_epoch),
            )
        except Exception as error:  # whatever the arm's code raised, on the worker
            log.warning("Arm %s failed", arm.key, exc_info=error)
            first = str(error).strip().splitlines() or [type(error).__name__]
            ending = Ending("failed", f"Training failed: {first[0][:300]}")
        with self._lock:
            arm.state, arm.sentence = ending.state, ending.sentence
            if killed:
                arm.state = "stopped" if run.stop_asked else "killed"
            arm.future = None
            run.changed = True
        if arm.address and not killed:
            with suppress(OSError, TimeoutError, ValueError):
                await asyncio.wait_for(
                    self._client.run(
                        worker.forget,
                        arm.key,
                        workers=[arm.address],
                        on_error="ignore",
                    ),
                    PATIENCE,
                )

    async def _restart_worker(self, run: _Run, arm: _Arm) -> None:
        """For an arm that does not obey. Its future then says that it was killed."""
        run.stop_asked = time.monotonic()
        if arm.address:
            log.warning("%s does not obey: its worker is restarted", arm.key)
            with suppress(OSError, TimeoutError, ValueError, KeyError):
                await asyncio.wait_for(
                    self._client.restart_workers([arm.address], raise_for_error=False),
                    PATIENCE,
                )

    def _sum_up(self, run: _Run) -> None:
        """The run's state from its arms'."""
        paused = run.control.mode == "pause"
        for arm in run.arms:
            if not arm.over and arm.future is not None and arm.device:
                begun = arm.seen > 1
                arm.state = ("paused" if paused else "running") if begun else "starting"
        before = (run.state, run.sentence)
        said = [
            f"{arm.label}: {now.sentence}"
            for arm, now in zip(run.experiment.arms, run.arms, strict=True)
            if now.state in ("failed", "killed")
        ]
        run.sentence = " ".join(said) or (
            next((arm.sentence for arm in run.arms if arm.state == "stopped"), "")
        )
        if all(arm.over for arm in run.arms):
            self._finish(run)
        elif any(arm.state in ("running", "paused") for arm in run.arms):
            run.state = "paused" if paused else "running"
        if before != (run.state, run.sentence):
            run.changed = True

    def _finish(self, run: _Run) -> None:
        """Every arm is over; the run is, too."""
        ends = {arm.state for arm in run.arms}
        with self._lock:
            if "killed" in ends:
                run.state = "killed"
            elif "stopped" in ends:
                run.state = "stopped"
            else:
                run.state = "finished" if "finished" in ends else "failed"
            run.ended, run.changed = time.time(), True

    # --- inside: the store ----------------------------------------------------------

    async def _in_store(self, work: Callable[[], Any]) -> bool:
        loop = asyncio.get_running_loop()
        try:
            await loop.run_in_executor(self._writer, work)
        except DatabaseAway as error:
            log.warning("%s", error)
            return False
        return True

    async def _write(self, run: _Run) -> None:
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
            for run in runs:
                for arm in run.arms:
                    if not arm.over:
                        arm.state, arm.sentence = "killed", _from_there(arm.saved_epoch)
                run.sentence = "The server stopped while this ran. Retry goes on."
                self._finish(run)
        for run in runs:
            await self._write(run)
        futures = [a.future for run in runs for a in run.arms if a.future is not None]
        if self._client is not None and futures:
            with suppress(OSError, TimeoutError):
                await asyncio.wait_for(self._client.cancel(futures), PATIENCE)
        await self._disconnect()
        self.health = "asleep"


# --- the one of this process --------------------------------------------------------

_lock = threading.Lock()
_shared: Engine | None = None


def shared() -> Engine:
    """The engine of this process; no worker is started before the first run."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Engine()
        return _shared


def warm_up() -> None:
    """Opens and migrates the database before the first visitor needs it."""
    shared_database()


def shutdown() -> None:
    """Ends the engine of this process and its workers, if there are any."""
    global _shared
    with _lock:
        engine, _shared = _shared, None
    if engine is not None:
        engine.shutdown()

"""A run in the engine's memory, without any input or output.

Nothing here waits, talks to a worker or touches the database. Where a run is shared
between threads, the caller holds the engine's lock.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Any

import clock
from lab import checkpoints, legacy_text, worker
from lab.experiments import Experiment
from lab.records import ArmEvent, Control, Ending, Report
from lab.report_json import unpack
from lab.status import OVER, ArmState, ArmStatus, RunState, RunStatus, RunSummary
from lab.workers.cluster import Task
from store.runs import StoredEvent, StoredRun

DEAD_AFTER = 20.0  # seconds without a beat: the process that ran it is gone
AGAIN = ("failed", "killed", "stopped")  # what Retry takes up


@dataclass
class LiveArm:
    """One arm of a run."""

    state: ArmState = "waiting"
    sentence: str = ""
    device: str = ""
    latest: Report | None = None
    saved_epoch: int = 0
    saved: bytes | None = None
    loading: float | None = None  # how much of its pictures is there, 0 to 1
    seconds: float = 0.0  # of training so far
    epochs: float = 0.0  # trained so far
    noted: bool = False  # `lab.workers.wait_times` knows how long it took
    begun: bool = False  # it has reported
    task: Task | None = None  # while it is with a worker
    seen: int = 0  # number of its last message

    @property
    def over(self) -> bool:
        return self.state in OVER


@dataclass
class LiveRun:
    """A run; guarded by the engine's lock."""

    id: str
    name: str
    owner: str
    experiment: Experiment
    guess: dict[str, Any]
    created: float
    arms: list[LiveArm]
    state: RunState = "queued"
    sentence: str = ""
    ended: float | None = None
    attempt: int = 1
    control: Control = field(default_factory=Control)
    stop_asked: float = 0.0  # time.monotonic()
    watched: float = field(default_factory=time.monotonic)
    instructor: bool = False  # who started it is one: it begins before others
    began: float | None = None  # when a place was free for it, seconds since 1970
    started: float | None = None  # when its first arm had reported
    noted: bool = False  # `lab.workers.wait_times` knows how long that took
    events: list[ArmEvent] = field(default_factory=list)
    # For the store:
    unwritten: list[ArmEvent] = field(default_factory=list)
    unwritten_states: dict[int, tuple[int, bytes]] = field(default_factory=dict)
    lost: list[int] = field(default_factory=list)  # events of steps to be done again
    written: float = 0.0
    changed: bool = True

    # --- what it says of itself ------------------------------------------------------

    def last_event(self) -> int:
        return self.events[-1].number if self.events else 0

    def status(self, place: int, wait: float | None = None) -> RunStatus:
        arms = tuple(
            ArmStatus(
                arm.label,
                now.state,
                now.sentence,
                now.latest,
                now.device,
                now.saved_epoch,
                now.loading if now.state == "starting" else None,
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
            owner=self.owner,
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
            instructor=self.instructor,
            wait=wait,
        )

    def summary(self) -> RunSummary:
        return RunSummary(
            self.id,
            self.name,
            self.owner,
            self.experiment,
            self.state,
            self.created,
            self.ended,
            self.guess,
            self.instructor,
        )

    def stored(self) -> StoredRun:
        summary = {
            "sentence": self.sentence,
            "attempt": self.attempt,
            "instructor": self.instructor,
            "began": self.began,
            "started": self.started,
            "arms": [
                {
                    "state": arm.state,
                    "sentence": arm.sentence,
                    "device": arm.device,
                    "saved_epoch": arm.saved_epoch,
                    "seconds": arm.seconds,
                    "passes": arm.epochs,
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
            clock.now(),
        )

    # --- what happens to it ----------------------------------------------------------

    def receive(self, index: int, message: worker.Message) -> None:
        """Takes in a message of an arm."""
        arm = self.arms[index]
        if message.number <= arm.seen:
            return
        arm.seen = message.number
        match message.kind:
            case "device":
                arm.device = message.content
            case "loading":
                arm.loading = message.content
            case "report":
                number = max([self.last_event(), *self.lost]) + 1
                event = ArmEvent(number, index, message.content)
                arm.latest, arm.begun = event.report, True
                arm.seconds, arm.epochs = event.report.seconds, event.report.epoch
                self.started = self.started or clock.now()
                self.events.append(event)
                self.unwritten.append(event)
            case "state":
                arm.saved_epoch, arm.saved = message.content
                self.unwritten_states[index] = message.content
        self.changed = True

    def end_arm(self, index: int, ending: Ending | None) -> None:
        """An arm is over; without an ending its worker was killed.

        That is how one that does not stop is stopped, too.
        """
        arm = self.arms[index]
        there = from_there(arm.saved_epoch)
        if ending is None and self.stop_asked:
            arm.state, arm.sentence = "stopped", self.control.reason or there
        elif ending is None:
            arm.state = "killed"
            arm.sentence = f"Its worker process was killed. {there}"
        else:
            arm.state, arm.sentence = ending.state, ending.sentence
        arm.task = None
        self.changed = True

    def stop(self, reason: str) -> None:
        """Requests the end; arms that no worker has are over at once."""
        self.control = Control("stop", reason=reason)
        self.stop_asked = self.stop_asked or time.monotonic()
        for arm in self.arms:
            if not arm.over and arm.task is None:
                arm.state, arm.sentence = "stopped", reason
        if self.state == "queued":
            self.sentence = reason

    def break_off(self, sentence: str, of_arm: str = "") -> None:
        """Every arm that is not over is killed, and the run with them."""
        for arm in self.arms:
            if not arm.over:
                arm.state, arm.task = "killed", None
                arm.sentence = of_arm or from_there(arm.saved_epoch)
        self.sentence = sentence
        self.finish()

    def rewind(self, index: int, epoch: int, state: bytes | None) -> None:
        """Back to a saved state: what came after it will be done again."""
        step = checkpoints.progress(state).step if state else -1
        lost = [e for e in self.events if e.arm == index and e.report.step > step]
        numbers = {event.number for event in lost}
        self.lost += sorted(numbers)
        self.events = [e for e in self.events if e.number not in numbers]
        self.unwritten = [e for e in self.unwritten if e.number not in numbers]
        of_arm = [event.report for event in self.events if event.arm == index]
        self.arms[index] = LiveArm(saved_epoch=epoch, saved=state)
        if of_arm:
            latest = self.arms[index].latest = of_arm[-1]
            self.arms[index].seconds = latest.seconds
            self.arms[index].epochs = latest.epoch

    def update_state(self) -> None:
        """Sets the run's state from its arms'."""
        paused = self.control.mode == "pause"
        for arm in self.arms:
            if not arm.over and arm.task is not None and arm.device:
                if arm.begun:
                    arm.state = "paused" if paused else "running"
                else:
                    arm.state = "starting"
        before = (self.state, self.sentence)
        self.sentence = self._troubles() or (
            next((arm.sentence for arm in self.arms if arm.state == "stopped"), "")
        )
        if all(arm.over for arm in self.arms):
            self.finish()
        elif any(arm.state in ("running", "paused") for arm in self.arms):
            self.state = "paused" if paused else "running"
        if before != (self.state, self.sentence):
            self.changed = True

    def _troubles(self) -> str:
        """Why arms failed: each with its name, or once if all say the same."""
        sentences = {
            arm.label: now.sentence
            for arm, now in zip(self.experiment.arms, self.arms, strict=True)
            if now.state in ("failed", "killed")
        }
        if len(sentences) == len(self.arms) and len(set(sentences.values())) == 1:
            return next(iter(sentences.values()))
        return " ".join(f"{label}: {sentence}" for label, sentence in sentences.items())

    def finish(self) -> None:
        """Every arm is over; the run is, too."""
        ends = {arm.state for arm in self.arms}
        if "killed" in ends:
            self.state = "killed"
        elif "stopped" in ends:
            self.state = "stopped"
        else:
            self.state = "finished" if "finished" in ends else "failed"
        self.ended, self.changed = clock.now(), True


def from_there(epoch: int) -> str:
    """Where Retry begins."""
    if epoch == 0:
        return "Retry starts from the beginning: no epoch was saved yet."
    return f"Retry goes on from epoch {epoch}."


def is_over(state: str, alive: float) -> bool:
    """Whether a stored run is over, or its process has ended.

    Args:
        alive: when that process last wrote, in seconds since 1970.
    """
    return state in OVER or clock.now() - alive > DEAD_AFTER


def _arm(sentence: str, passes: float = 0.0, **rest: Any) -> LiveArm:
    """An arm from what `LiveRun.stored` keeps of it."""
    return LiveArm(sentence=legacy_text.sentence(sentence), epochs=passes, **rest)


def from_store(stored: StoredRun, events: list[StoredEvent]) -> LiveRun:
    """A run from the database; its status is "killed" if its process has ended."""
    arms = [_arm(**arm) for arm in stored.summary["arms"]]
    run = LiveRun(
        stored.id,
        stored.name,
        stored.owner,
        legacy_text.experiment(stored.experiment),
        legacy_text.guess(stored.guess),
        stored.created,
        arms,
        state=stored.state,  # type: ignore[arg-type]
        sentence=legacy_text.sentence(stored.summary["sentence"]),
        ended=stored.ended,
        attempt=stored.summary["attempt"],
        instructor=stored.summary.get("instructor", False),
        began=stored.summary.get("began"),
        started=stored.summary.get("started"),
        events=[ArmEvent(e.number, e.arm, unpack(e.report)) for e in events],
        changed=False,
    )
    for event in run.events:
        arms[event.arm].latest = event.report
    if run.state not in OVER and is_over(run.state, stored.alive):
        first = from_there(arms[0].saved_epoch)
        run.break_off(f"The server stopped while this ran. {first}")
        run.ended, run.changed = stored.alive, False
    return run

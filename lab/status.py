"""A run as others see it: a line in the list of runs, and the head of its page."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from lab.experiments import Experiment, is_sweep
from lab.records import Report
from store.runs import OVER

__all__ = ["OVER", "ArmState", "ArmStatus", "RunState", "RunStatus", "RunSummary"]

RunState = Literal[
    "queued", "starting", "running", "paused", "finished", "stopped", "failed", "killed"
]
ArmState = Literal[
    "waiting",  # for a worker, or for a GPU
    "starting",  # its worker imports Keras, loads the pictures, compiles
    "running",
    "paused",
    "finished",
    "stopped",
    "failed",
    "killed",
]


@dataclass(frozen=True)
class RunSummary:
    """A line in the list of runs."""

    run_id: str
    name: str
    owner: str  # a visitor's key
    experiment: Experiment
    state: RunState
    created: float  # seconds since 1970
    ended: float | None
    guess: dict[str, Any] = field(default_factory=dict)
    instructor: bool = False  # an instructor started it


@dataclass(frozen=True)
class ArmStatus:
    """One arm of a run, now."""

    label: str
    state: ArmState
    sentence: str  # why it is over; empty before
    latest: Report | None
    device: str  # "CPU" or the GPU's name; empty before it starts
    saved_epoch: int  # Retry goes on from here
    loading: float | None = None  # how much of its pictures is there, 0 to 1


@dataclass(frozen=True)
class RunStatus:
    """A run, now: all that a page needs to draw its head."""

    run_id: str
    name: str
    owner: str  # a visitor's key
    experiment: Experiment
    state: RunState
    sentence: str  # for the visitor; empty where the state says it all
    place: int  # in the queue, 1 is next; 0 once it has begun
    arms: tuple[ArmStatus, ...]
    seconds_left: float  # of the time budget, of the arm that has most
    attempt: int  # 1, and 1 more at every Retry: events of lost steps are gone then
    last_event: int  # the newest number, for `Engine.events`
    created: float  # seconds since 1970
    ended: float | None
    guess: dict[str, Any] = field(default_factory=dict)
    instructor: bool = False  # an instructor started it
    # Seconds until it begins, while it is queued; None: not known, because a run
    # before it is paused.
    wait: float | None = None

    @property
    def over(self) -> bool:
        """Whether nothing more will come, unless it is retried."""
        return self.state in OVER

    @property
    def loading(self) -> float | None:
        """How much of the images is there, 0 to 1; None while none are being loaded."""
        shares = [arm.loading for arm in self.arms if arm.loading is not None]
        return min(shares) if shares and min(shares) < 1 else None

    @property
    def progress(self) -> float:
        """Share of the budget, time or epochs, used, 0 to 1: the slowest arm's."""
        shares = []
        for arm, now in zip(self.experiment.arms, self.arms, strict=True):
            done = 0.0
            if now.latest is not None:
                done = now.latest.seconds / arm.seconds
                done = max(done, now.latest.epoch / arm.epochs)
            shares.append(1.0 if now.state in OVER else min(done, 1.0))
        if is_sweep(self.experiment):  # its arms go one after the other
            return sum(shares) / len(shares)
        return min(shares, default=0.0)

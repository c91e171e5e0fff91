"""Curves of the recorded runs (assets/recorded/), for questions about them.

The training lab writes these files (`lab.recordings`) and this room may not import it;
tests/test_recorded_curves.py holds what is read here against what the lab reads.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from paths import ASSETS

FOLDER = ASSETS / "recorded"


@dataclass(frozen=True)
class CurvePoint:
    """One measurement of a run; errors in per cent of the images."""

    epoch: float
    training: float
    validation: float


Arms = tuple[tuple[CurvePoint, ...], ...]


def _point(report: dict[str, Any]) -> CurvePoint:
    return CurvePoint(
        report["epoch"],
        100 * report["training_error"],
        100 * (1 - report["validation_accuracy"]),
    )


@cache
def runs(name: str) -> tuple[Arms, ...]:
    """The curves of a recording: for each seed, for each arm.

    Raises:
        FileNotFoundError: there is no such recording.
    """
    data = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    arms = range(len(data["experiment"]["arms"]))
    return tuple(
        tuple(
            tuple(
                _point(event["report"])
                for event in run
                if event["arm"] == arm
                and event["report"]["step"] == event["report"]["evaluated_step"]
            )
            for arm in arms
        )
        for run in data["runs"]
    )


@cache
def first_loss(name: str) -> float:
    """The loss of a recording's first arm before its first training step."""
    data = json.loads(gzip.decompress((FOLDER / f"{name}.json.gz").read_bytes()))
    return float(data["runs"][0][0]["report"]["loss"])


def at(curve: tuple[CurvePoint, ...], epoch: float) -> CurvePoint:
    """The measurement that is nearest to an epoch."""
    return min(curve, key=lambda point: abs(point.epoch - epoch))


Diagnosis = Literal["good", "overfits", "learns_nothing", "still_falls"]

NOTHING = 85.0  # per cent: a training error that is hardly below that of guessing
GAP = 20.0  # percentage points between the errors, from which on a run overfits
FALLS = 8.0  # points that the validation error falls in a run's last third


def diagnosis(curve: tuple[CurvePoint, ...]) -> Diagnosis:
    """What the two errors of a run with ten classes say, by the limits above."""
    last = curve[-1]
    if last.training > NOTHING:
        return "learns_nothing"
    if last.validation - last.training >= GAP:
        return "overfits"
    before = at(curve, 2 / 3 * last.epoch)
    return "still_falls" if before.validation - last.validation >= FALLS else "good"


# The four runs that a step of the lesson shows: recording, seed, arm.
FOUR = {
    "A": ("pooling", 0, 1),
    "B": ("dropout-small", 0, 0),
    "C": ("relu-19pct-cifar", 0, 0),
    "D": ("sweep-today-cifar", 0, 5),
}


def of_four(letter: str) -> tuple[CurvePoint, ...]:
    """The errors of one of them."""
    name, seed, arm = FOUR[letter]
    return runs(name)[seed][arm]

"""Curves of the recorded runs (assets/recorded/), for questions about them.

The training lab writes these files (`lab.recordings`) and this room may not import it;
tests/test_recorded_curves.py holds what is read here against what the lab reads.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import cache
from typing import Any

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

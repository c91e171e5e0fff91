"""The guesses of a whole class about one experiment: how many, where, and who was near.

A guess is what `ui.experiments.guess` makes of it: {"arm": label or SAME, "by": factor
or points}. Nothing here knows whose it is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any

from lab.experiments import Experiment
from lab.records import ArmEvent
from lab.results import metrics
from lab.results.outcome import SAME, Across, Outcome, guess_place, guessed_by, rounded
from lab.results.verdict import places

Guess = Mapping[str, Any]
NEAR_FACTOR = 1.25  # times too much or too little, and still near
NEAR_POINTS = 5.0


def counts(experiment: Experiment, guesses: Sequence[Guess]) -> dict[str, int]:
    """Each arm's label, then SAME -> how many have guessed that it is ahead."""
    found = Counter(str(one["arm"]) for one in guesses)
    labels = [*(arm.label for arm in experiment.arms), SAME]
    return {label: found[label] for label in labels}


def sides(experiment: Experiment, guesses: Sequence[Guess]) -> list[float]:
    """Guesses about two arms on one line, before anything is measured.

    Factors above 1, or points above 0, have the first arm ahead; others lie below.
    """
    timed = experiment.target is not None
    first = experiment.arms[0].label
    found = []
    for one in guesses:
        by = guessed_by(experiment, one)
        if one["arm"] == SAME or by is None:
            found.append(1.0 if timed else 0.0)
        elif timed:
            found.append(by if one["arm"] == first else 1 / by)
        else:
            found.append(100 * by if one["arm"] == first else -100 * by)
    return found


@dataclass(frozen=True)
class ChartMark:
    """Where a guess puts the end of the slower, or the better, arm on the chart."""

    x: float
    y: float
    begins: float  # up to there nothing can be said yet


def chart_marks(
    experiment: Experiment,
    guesses: Sequence[Guess],
    events: Sequence[ArmEvent],
    across: Across = "epoch",
) -> list[ChartMark]:
    """The guesses on the main chart.

    Where arms are timed: once the arm that was guessed to be first is at the target,
    the time that it took and the factor say where the other would be. Else at the end.
    """
    if experiment.target is None:
        marks = [guess_place(experiment, one, events, across) for one in guesses]
        return [ChartMark(x, y, x) for x, y in filter(None, marks)]
    arrived = {}
    for index, arm in enumerate(experiment.arms):
        curve = [
            (float(getattr(report, across)), report.training_error)
            for report in metrics.measured(events, index)
        ]
        if (at := metrics.reached(curve, experiment.target)) is not None:
            arrived[arm.label] = at
    if arrived:
        arrived[SAME] = min(arrived.values())
    found = []
    for one in guesses:
        by = 1.0 if one["arm"] == SAME else guessed_by(experiment, one)
        at = arrived.get(one["arm"])
        if by is not None and at is not None:
            x = rounded(at * by, across)
            found.append(ChartMark(x, experiment.target, rounded(at, across)))
    return found


def distance(experiment: Experiment, guess: Guess, found: Outcome) -> float:
    """How far a guess is from the measured: log factors, or points; inf: no measure.

    Where the last arm has not arrived, what is measured is the least it can be: a
    guess beyond it is not off.
    """
    where = places(experiment, guess, found)
    if where is None or where.guessed is None:
        return inf
    if where.at_least and where.guessed >= where.measured:
        return 0.0
    if where.timed:
        return abs(log(where.guessed / where.measured))
    return abs(where.guessed - where.measured)


@dataclass(frozen=True)
class Judged:
    """What a class's guesses were worth."""

    count: int
    right: int  # of them, how many had the arm ahead that was, or none where none was
    near: int  # how many were near
    distances: tuple[float, ...]  # of all, rising

    def nearer(self, than: float) -> int:
        """How many guesses were nearer than that."""
        return sum(one < than for one in self.distances)


def judged(
    experiment: Experiment, guesses: Sequence[Guess], found: Outcome
) -> Judged | None:
    """None while nothing, or too little, is measured."""
    if places(experiment, {}, found) is None or found.ahead is None:
        return None
    ahead = SAME if found.same else experiment.arms[found.ahead].label
    far = [distance(experiment, one, found) for one in guesses]
    limit = log(NEAR_FACTOR) if experiment.target is not None else NEAR_POINTS
    return Judged(
        len(guesses),
        sum(one["arm"] == ahead for one in guesses),
        sum(one <= limit + 1e-9 for one in far),
        tuple(sorted(far)),
    )

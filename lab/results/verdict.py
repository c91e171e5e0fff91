"""A result as one number on a line: measured, guessed, and printed in the paper.

All three are on the side of the arm that is ahead: 2 means that it is twice as fast, or
better by so many points; a guess that has another arm ahead lies on the other side.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any

from lab.experiments import Experiment
from lab.results.outcome import SAME, Outcome, guessed_by
from lab.results.spread import SIX

FACTORS = (1.0, 2.0, 5.0, 10.0)  # of the number line; further ones where needed
STEP = 10  # points
MOST_POINTS = 60  # that one can guess


@dataclass(frozen=True)
class LinePlaces:
    """Where the marks lie: factors, or percentage points (0 and below: the other)."""

    timed: bool  # factors of time, else points
    ahead: str
    other: str  # the arm that is last
    measured: float
    at_least: bool
    guessed: float | None  # None: there is none, or it cannot be placed
    paper: float | None
    others: tuple[float, ...] = ()  # guesses of a class

    def reaching(self, others: Sequence[float]) -> LinePlaces:
        """The same line, with room for the guesses of a class."""
        return replace(self, others=tuple(others))

    @property
    def ticks(self) -> list[float]:
        """Of a line on which all marks lie; one-sided where they allow it."""
        marks = [self.measured, self.guessed, self.paper, *self.others]
        values = [value for value in marks if value is not None]
        if self.timed:
            far = max([10.0, *values, *(1 / value for value in values)])
            right = [*FACTORS, *([20.0] if far > 10 else [])]
            if far > 20:
                right.append(float(ceil(far / 10) * 10))
            left = [1 / x for x in reversed(right[1:])] if min(values) < 1 else []
            return [*left, *right]
        most = STEP * ceil(max([10.0, *(abs(value) for value in values)]) / STEP)
        low = -most if min(values) < 0 else 0
        every = STEP if most <= 40 else 2 * STEP
        ticks = list(range(0, most + 1, every))
        if ticks[-1] < most:
            ticks.append(ticks[-1] + every)
        left = [-x for x in reversed(ticks[1:])] if low else []
        return [float(x) for x in (*left, *ticks)]


def guess_line(timed: bool) -> tuple[list[float], list[float]]:
    """Before anything is measured: the line's ticks, and the values to choose from."""
    if timed:
        tenths = range(round(10 * FACTORS[0]), round(10 * FACTORS[-1]) + 1)
        return [*FACTORS], [x / 10 for x in tenths]
    ticks = range(0, MOST_POINTS + 1, STEP)
    return [float(x) for x in ticks], [float(x) for x in range(1, MOST_POINTS + 1)]


def places(
    experiment: Experiment, guess: Mapping[str, Any], found: Outcome
) -> LinePlaces | None:
    """The marks; None while nothing, or too little, is measured."""
    if found.ahead is None or found.last is None or found.by is None or found.few:
        return None
    arms = experiment.arms
    timed = experiment.target is not None
    ahead, last = arms[found.ahead], arms[found.last]
    paper = None
    if timed and {"relu", "tanh"} == {ahead.activation, last.activation}:
        paper = SIX if ahead.activation == "relu" else 1 / SIX
    return LinePlaces(
        timed,
        ahead.label,
        last.label,
        found.by if timed else 100 * found.by,
        found.at_least,
        _guessed(experiment, guess, ahead.label),
        paper,
    )


def _guessed(
    experiment: Experiment, guess: Mapping[str, Any], ahead: str
) -> float | None:
    """The guess on the side of the arm that is ahead."""
    if "arm" not in guess:
        return None
    timed = experiment.target is not None
    if guess["arm"] == SAME:
        return 1.0 if timed else 0.0
    by = guessed_by(experiment, guess)
    if by is None or (guess["arm"] != ahead and len(experiment.arms) > 2):
        return None
    if timed:
        return by if guess["arm"] == ahead else 1 / by
    return 100 * by if guess["arm"] == ahead else -100 * by

"""A guess that is drawn: what a curve says of the experiment's question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.experiments import Experiment
from lab.results.metrics import reached
from lab.results.outcome import ABOUT, CURVE_OF, SAME, guessed_by
from lab.results.verdict import FACTORS, MOST_POINTS

Points = Sequence[tuple[float, float]]

PARTS = (0.12, 0.3, 0.55, 1.0)  # of the axis, where the handles are
LONGER = 3  # times as long as the given curve, where arms are timed


@dataclass(frozen=True)
class DrawnGuess:
    """The guess that a drawn curve is."""

    arm: str  # the label of the arm ahead; SAME
    by: float | None  # times as long, or points; None: the same
    # Epochs at which the drawn curve is at the target, or its height in the end.
    value: float | None  # None: it does not get to the target


def far(experiment: Experiment, first: Points) -> float:
    """How far the axis reaches: it says nothing about the other curve."""
    return first[-1][0] * (LONGER if experiment.target is not None else 1)


def curve(
    start: float, heights: Sequence[float], reach: float
) -> list[tuple[float, float]]:
    """The drawn curve's points."""
    places = [round(part * reach, 3) for part in PARTS]
    return [(0.0, start), *zip(places, heights, strict=True)]


def guess(experiment: Experiment, first: Points, drawn: Points) -> DrawnGuess | None:
    """What the second arm's curve says, against the first's.

    None: the given curve does not reach the target, so that nothing can be said.
    """
    one, other = (arm.label for arm in experiment.arms)
    if experiment.target is None:
        gap = 100 * (drawn[-1][1] - first[-1][1])  # errors and gaps: lower is better
        if abs(gap) < 1:
            return DrawnGuess(SAME, None, drawn[-1][1])
        arm = one if gap > 0 else other
        points = min(MOST_POINTS, max(1, round(abs(gap))))
        return DrawnGuess(arm, float(points), drawn[-1][1])
    at, mine = (reached(points, experiment.target) for points in (first, drawn))
    if not at:
        return None
    ratio = (drawn[-1][0] if mine is None else max(mine, 1e-6)) / at
    if 1 / ABOUT < ratio < ABOUT:
        return DrawnGuess(SAME, None, mine)
    by = max(ratio, 1 / ratio)
    rounded = min(FACTORS[-1], max(FACTORS[0], round(2 * by) / 2))
    return DrawnGuess(one if ratio > 1 else other, rounded, mine)


def is_of(experiment: Experiment) -> bool:
    """Whether a second curve can be drawn: there are two arms."""
    return len(experiment.arms) == 2 and experiment.measure in CURVE_OF


def ghost(
    experiment: Experiment, given: Mapping[str, Any], curves: Sequence[Points]
) -> tuple[list[tuple[float, float]], bool] | None:
    """The guess as a curve beside those of the arms: drawn, or made of a factor.

    A guessed factor stretches the curve of the arm that was guessed to be first, as
    far as that has come.

    Args:
        given: the visitor's guess.
        curves: each arm's points, (epoch, value).

    Returns:
        Its points, and whether they come while the arms train; None: there is none.
    """
    if points := given.get("drawn"):
        return [(float(x), float(y)) for x, y in points], False
    labels = [arm.label for arm in experiment.arms]
    by = guessed_by(experiment, given)
    if experiment.target is None or by is None or len(labels) != 2:
        return None
    if given.get("arm") not in labels:
        return None
    first = curves[labels.index(given["arm"])]
    return ([(x * by, y) for x, y in first], True) if first else None

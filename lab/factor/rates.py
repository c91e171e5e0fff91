"""Finds the best learning rate of an activation function, then trains more seeds."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from lab.experiments import Activation, Arm
from lab.factor import (
    BEHIND,
    CHANCE,
    MOST_RATES,
    PATIENCE,
    TARGET,
    End,
    Search,
    Trial,
    thinned,
)
from lab.records import RECORDED_ON, Control, Report
from lab.results import metrics

log = logging.getLogger(__name__)

# --- the search ---------------------------------------------------------------------

Train = Callable[[Arm, Trial | None], Trial]


def search(
    found: Search,
    activation: Activation,
    seeds: Sequence[int],
    rates: Sequence[float],
    train: Train,
    keep: Callable[[Search], object] = lambda search: None,
) -> Search:
    """Finds the best rate with the first seed, then trains the other seeds there.

    Args:
        rates: to begin with, most promising first, each twice or half another. While
            the best is the largest or the smallest, one beyond it is tried, up to
            MOST_RATES in all.
        train: trains one arm, until it is no better than a trial (see `train`).
        keep: is handed the search after every run.
    """

    def run(rate: float, seed: int, rival: Trial | None = None) -> None:
        nonlocal found
        arm = found.setting.arm(activation, rate, seed)
        if (activation, rate, seed) in {one.key for one in found.trials}:
            return
        trial = train(arm, rival)
        log.info("%s: %s", found.setting.name, _line(trial))
        found = replace(found, trials=(*found.trials, trial))
        keep(found)

    def rival() -> Trial | None:
        return found.leader(activation, first)

    first, *others = seeds
    for rate in rates:
        run(rate, first, rival())
    while (best := found.best_rate(activation, first)) is not None:
        tried = sorted(x.rate for x in found.of(activation) if x.seed == first)
        if len(tried) >= MOST_RATES or tried[0] < best < tried[-1]:
            break
        run(best * 2 if best == tried[-1] else best / 2, first, rival())
    if best is not None:
        for seed in others:
            run(best, seed)
    return found


def _line(trial: Trial) -> str:
    there = "not reached" if trial.reached is None else f"{trial.reached:.2f} epochs"
    return (
        f"{trial.activation} {trial.rate:g}, seed {trial.seed}: {there} "
        f"({trial.end}; {trial.error:.1%} after {trial.epochs:.1f})"
    )


def is_slower(points: Sequence[tuple[float, float]], rival: Trial) -> bool:
    """Whether a run is no better than another.

    Args:
        points: (epoch, training error) of the run so far.
    """
    epoch, error = points[-1]
    if rival.reached is not None and epoch > rival.reached and error > TARGET:
        return True
    if len(points) < 2 or epoch < (rival.reached or rival.epochs) / 2:
        return False
    epochs, errors = zip(*rival.curve, strict=True)
    return all(y - np.interp(x, epochs, errors) > BEHIND for x, y in points[-2:])


def train(arm: Arm, rival: Trial | None = None) -> Trial:
    """Trains an arm until one of the package's reasons ends it.

    Args:
        rival: of another rate; the run ends when it is no better.
    """
    from lab import run  # Keras

    points: list[tuple[float, float]] = []
    losses: list[float] = []
    end: list[End] = []

    def report(one: Report) -> None:
        losses.append(one.loss)
        if one.step != one.evaluated_step:
            return
        if not points or points[-1][0] != one.epoch:
            points.append((one.epoch, one.training_error))
        if one.step >= PATIENCE and one.training_error >= CHANCE:
            end.append("chance")
        elif rival is not None and is_slower(points, rival):
            end.append("slower")

    def command() -> Control:
        return Control("stop", reason=end[0]) if end else Control()

    ending = run.train(arm, report, command, measuring=run.Measuring(RECORDED_ON))
    reached = metrics.reached(points, TARGET)
    if ending.state == "failed":
        why: End = "not a number"
    elif reached is not None:
        why = "target"
    else:
        why = end[0] if end else "epochs"
    return Trial(
        arm.activation,
        arm.learning_rate,
        arm.seed,
        None if reached is None else round(reached, 3),
        why,
        round(points[-1][0], 3) if points else 0.0,
        points[-1][1] if points else 1.0,
        round(losses[0], 4) if losses else math.inf,
        thinned(points),
    )

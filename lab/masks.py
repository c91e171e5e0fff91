"""Dropout by hand: who sleeps, and why outputs are scaled (the paper's section 4.2)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


def awake(units: int, rate: float, seed: int, step: int) -> NDArray[np.bool_]:
    """Which units are awake in a step: (units,). Each sleeps with chance `rate`."""
    return np.random.default_rng([seed, step]).random(units) >= rate


@dataclass(frozen=True)
class Scaling:
    """What the next unit receives: sums of activation times weight."""

    training: float  # mean over the masks; what it has learned to expect
    unscaled: float  # everyone awake, nothing done about it: too much
    paper: float  # everyone awake, times 1 - rate (2012)
    training_inverted: float  # mean over the masks, divided by 1 - rate (today)


def scaling(
    activations: NDArray[np.floating],
    weights: NDArray[np.floating],
    rate: float,
    masks: int = 1_000,
    seed: int = 0,
) -> Scaling:
    """The same unit's input in training and in use, both ways of scaling.

    In 2012 outputs were multiplied by 1 - rate in use; today they are divided by it
    while training, and use needs nothing. Either way both agree on the mean.

    Args:
        activations, weights: (units,) each.
        rate: 0 to below 1.
    """
    terms = activations * weights
    full = float(terms.sum())
    mean = float(
        np.mean([terms[awake(len(terms), rate, seed, i)].sum() for i in range(masks)])
    )
    return Scaling(mean, full, full * (1 - rate), mean / (1 - rate))

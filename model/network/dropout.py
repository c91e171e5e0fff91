"""Dropout by numpy: masks, what a network answers under them, and how it is scaled."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.float32]


@dataclass(frozen=True)
class Head:
    """The last dense layers of a network: kernels (inputs, units) and biases (units,).

    ReLU after each but the last, softmax after the last.
    """

    kernels: tuple[Values, ...]
    biases: tuple[Values, ...]

    def answers(self, units: Values, dropped: Sequence[Values] = ()) -> Values:
        """Probabilities (n, classes) for the units (n, inputs) before these layers.

        Args:
            dropped: for each hidden layer of this head, a factor for each unit,
                (n, units): 0 if dropped, else 1 / (1 - rate), as Keras trains.
        """
        x = units
        last = len(self.kernels) - 1
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            x = x @ kernel + bias  # (n, units)
            if i == last:
                break
            x = np.maximum(x, 0)
            if dropped:
                x = x * dropped[i]
        x = np.exp(x - x.max(axis=1, keepdims=True))
        answers: Values = x / x.sum(axis=1, keepdims=True)
        return answers


def head_of(network: Any, names: Sequence[str]) -> Head:
    """The named dense layers of a built network, as arrays."""
    pairs = [network.get_layer(name).get_weights() for name in names]
    return Head(
        tuple(np.asarray(kernel) for kernel, _ in pairs),
        tuple(np.asarray(bias) for _, bias in pairs),
    )


def kept(units: int, rate: float, *key: int) -> NDArray[np.bool_]:
    """Which units a mask keeps: (units,). Each is dropped with probability `rate`.

    Args:
        key: a seed, a step, a layer; the same numbers draw the same mask.
    """
    return np.random.default_rng(key).random(units) >= rate


def factors(units: int, rate: float, step: int, layer: int = 0) -> Values:
    """The factors of a training step: 0 dropped, 1 / (1 - rate) kept; (units,).

    Keras scales while it trains; the paper halves the outputs afterwards instead (4.2).
    What is expected is the same.
    """
    return (kept(units, rate, step, layer) / (1 - rate)).astype(np.float32)


@dataclass(frozen=True)
class Scaling:
    """What the next unit receives: sums of activation times weight."""

    training: float  # mean over the masks; what it has learned to expect
    unscaled: float  # all units kept, nothing done about it: too much
    paper: float  # all units kept, times 1 - rate (2012)
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
    sums = [terms[kept(len(terms), rate, seed, i)].sum() for i in range(masks)]
    mean = float(np.mean(sums))
    return Scaling(mean, full, full * (1 - rate), mean / (1 - rate))


def strongest(units: Values, keep: int) -> Values:
    """The units (units,) with all but the `keep` largest set to 0."""
    kept = np.zeros_like(units)
    best = np.argsort(-units, kind="stable")[:keep]
    kept[best] = units[best]
    return kept

"""The dense layers by numpy: what a network answers while some of its units sleep."""

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

    def answers(self, units: Values, asleep: Sequence[Values] = ()) -> Values:
        """Probabilities (n, classes) for the units (n, inputs) before these layers.

        Args:
            asleep: for each hidden layer of this head, a factor for each unit,
                (n, units): 0 asleep, else 1 / (1 - rate), as Keras trains.
        """
        x = units
        last = len(self.kernels) - 1
        for i, (kernel, bias) in enumerate(zip(self.kernels, self.biases, strict=True)):
            x = x @ kernel + bias  # (n, units)
            if i == last:
                break
            x = np.maximum(x, 0)
            if asleep:
                x = x * asleep[i]
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


def factors(units: int, rate: float, step: int, layer: int = 0) -> Values:
    """Which units sleep in a training step: 0 asleep, 1 / (1 - rate) awake; (units,).

    The same step draws the same mask. Keras scales while it trains; the paper halves
    the outputs afterwards instead (4.2). What is expected is the same.
    """
    awake = np.random.default_rng((step, layer)).random(units) >= rate
    return (awake / (1 - rate)).astype(np.float32)


def strongest(units: Values, keep: int) -> Values:
    """The units (units,) with all but the `keep` largest set to 0."""
    kept = np.zeros_like(units)
    best = np.argsort(-units, kind="stable")[:keep]
    kept[best] = units[best]
    return kept

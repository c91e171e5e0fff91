"""ReLU, tanh and the sigmoid, their derivatives, and what many of those multiply to."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Activation = Literal["relu", "tanh", "sigmoid"]
Values = NDArray[np.floating[Any]]


def value(kind: Activation, x: Values) -> Values:
    """max(0, x), tanh(x), or 1 / (1 + exp(-x))."""
    match kind:
        case "relu":
            return np.maximum(x, 0)
        case "tanh":
            return np.tanh(x)
        case _:
            return np.asarray((1 + np.tanh(np.asarray(x) / 2)) / 2)


def slope(kind: Activation, x: Values) -> Values:
    """The derivative; ReLU's at 0 is taken to be 0, as Keras does."""
    match kind:
        case "relu":
            return (np.asarray(x) > 0).astype(float)
        case "tanh":
            return 1 - np.tanh(x) ** 2
        case _:
            found = value("sigmoid", x)
            return found * (1 - found)


def through(kind: Activation, x: float, layers: int) -> Values:
    """What is left of a gradient of 1 after 0, 1, …, `layers` layers: (layers + 1,).

    Each layer multiplies by the slope at its sum x. The weights, which multiply too,
    are left out: this is the activation's share alone.
    """
    return slope(kind, np.asarray(x)) ** np.arange(layers + 1)

"""ReLU and tanh, their derivatives, and what many derivatives multiply to."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Activation = Literal["relu", "tanh"]
Values = NDArray[np.floating[Any]]


def value(kind: Activation, x: Values) -> Values:
    """max(0, x), or tanh(x)."""
    return np.maximum(x, 0) if kind == "relu" else np.tanh(x)


def slope(kind: Activation, x: Values) -> Values:
    """The derivative; ReLU's at 0 is taken to be 0, as Keras does."""
    if kind == "relu":
        return (np.asarray(x) > 0).astype(float)
    return 1 - np.tanh(x) ** 2


def through(kind: Activation, x: float, layers: int) -> Values:
    """What is left of a gradient of 1 after 0, 1, …, `layers` layers: (layers + 1,).

    Each layer multiplies by the slope at its sum x. The weights, which multiply too,
    are left out: this is the activation's share alone.
    """
    return slope(kind, np.asarray(x)) ** np.arange(layers + 1)

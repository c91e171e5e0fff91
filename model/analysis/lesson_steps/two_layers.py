"""Two layers with and without a nonlinearity between them, on one number.

y = second · f(first · x + biases) + bias. Where f changes nothing, the two are one
linear layer: `folded`. numpy only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis.lesson_steps import slopes

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class TwoLayers:
    """One input, some hidden units, one output."""

    first: tuple[float, ...]  # a weight for each hidden unit
    biases: tuple[float, ...]
    second: tuple[float, ...]
    bias: float

    def output(self, x: Values, kind: slopes.Activation | None) -> Values:
        """For inputs (n,), with an activation function between the layers or none."""
        hidden: Values = np.outer(x, self.first) + self.biases  # (n, units)
        if kind is not None:
            hidden = slopes.value(kind, hidden)
        return np.asarray(hidden @ np.array(self.second) + self.bias)

    def folded(self) -> tuple[float, float]:
        """Weight and bias of the one layer that two without a nonlinearity are."""
        first, biases, second = map(np.array, (self.first, self.biases, self.second))
        return float(second @ first), float(second @ biases + self.bias)


# Of the lesson's figure: whole numbers, and with ReLU a curve that bends twice.
SHOWN = TwoLayers((2.0, -1.0), (1.0, 1.0), (1.0, 3.0), -1.0)

"""How the last layer learns from one image: the arithmetic of a training step.

logits → softmax → cross-entropy → gradient → velocity → new weights, as in the paper's
section 5: v ← momentum · v − decay · rate · w − rate · gradient, w ← w + v. Biases
have no decay, as in the authors' code. numpy only: any backend's weights will do.

For one image the layer's input h stays what it is, so the whole layer's training can be
followed in its logits: the gradient of the weights is h times that of the logits, and
h · (h g) is |h|² g. `in_logits` needs as many numbers as there are classes, few enough
for a browser; tests hold it to `train`, which changes every weight.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class Rule:
    """How weights are changed."""

    rate: float
    momentum: float
    decay: float


def softmax(logits: Values) -> Values:
    """Probabilities (n,) of logits (n,)."""
    powers = np.exp(logits - logits.max())
    return np.asarray(powers / powers.sum())


def cross_entropy(logits: Values, right: int) -> float:
    """−ln of the probability of the right class; 0 and more."""
    return float(np.log(np.exp(logits - logits.max()).sum()) + logits.max()) - float(
        logits[right]
    )


def logit_gradient(logits: Values, right: int) -> Values:
    """Of the cross-entropy: the probabilities, less 1 for the right class (n,)."""
    found = softmax(logits)
    found[right] -= 1
    return found


def train(
    hidden: Values, kernel: Values, bias: Values, right: int, rule: Rule, steps: int
) -> tuple[Values, Values, list[float]]:
    """The layer's weights after some training steps on one image.

    Args:
        hidden: what the layer receives, (units,).
        kernel, bias: (units, n) and (n,) at first.
        right: the class that the image is said to show.

    Returns:
        Kernel and bias afterwards, and the loss before each step and after the last.
    """
    kernel, bias = np.array(kernel, np.float64), np.array(bias, np.float64)
    of_kernel, of_bias = np.zeros_like(kernel), np.zeros_like(bias)
    losses = []
    for _ in range(steps):
        logits = hidden @ kernel + bias
        losses.append(cross_entropy(logits, right))
        gradient = logit_gradient(logits, right)
        of_kernel = (
            rule.momentum * of_kernel
            - rule.decay * rule.rate * kernel
            - rule.rate * np.outer(hidden, gradient)
        )
        of_bias = rule.momentum * of_bias - rule.rate * gradient
        kernel, bias = kernel + of_kernel, bias + of_bias
    losses.append(cross_entropy(hidden @ kernel + bias, right))
    return kernel, bias, losses


def in_logits(
    sums: Values, bias: Values, square: float, right: int, rule: Rule, steps: int
) -> list[Values]:
    """The same in logits alone.

    Args:
        sums: hidden @ kernel, (n,), without the bias.
        square: |hidden|².

    Returns:
        The logits before each step and after the last, (n,) each.
    """
    sums, bias = np.array(sums, np.float64), np.array(bias, np.float64)
    of_sums, of_bias = np.zeros_like(sums), np.zeros_like(bias)
    found: list[Values] = [sums + bias]
    for _ in range(steps):
        gradient = logit_gradient(found[-1], right)
        of_sums = (
            rule.momentum * of_sums
            - rule.decay * rule.rate * sums
            - rule.rate * square * gradient
        )
        of_bias = rule.momentum * of_bias - rule.rate * gradient
        sums, bias = sums + of_sums, bias + of_bias
        found.append(sums + bias)
    return found

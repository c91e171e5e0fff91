"""How far a network's percentages can be trusted, and when it knows nothing.

A network that says 90 % should be right nine times in ten. Trained to be sure, it
rarely is; one number, the temperature, found on pictures that it did not learn from,
puts most of that right without changing what it names (Guo et al. 2017, "On Calibration
of Modern Neural Networks"). The same pictures tell below which percentage its first
name is more often wrong than an honest teacher would let stand.

numpy only. Probabilities are (N, classes), labels (N,), everything else 0 to 1.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.floating[Any]]
Labels = NDArray[np.integer[Any]]
BINS = 15
_SMALLEST = 1e-30


def at_temperature(probabilities: Probabilities, temperature: float) -> Probabilities:
    """softmax(log p / temperature) along the last axis; 1 changes nothing."""
    logits = np.log(np.maximum(probabilities, _SMALLEST)) / temperature
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)  # type: ignore[no-any-return]


def surprise(probabilities: Probabilities, labels: Labels) -> float:
    """Mean negative log-likelihood of what the pictures show, in nats."""
    right = probabilities[np.arange(len(labels)), labels]
    return float(-np.log(np.maximum(right, _SMALLEST)).mean())


def fit_temperature(probabilities: Probabilities, labels: Labels) -> float:
    """The temperature of least surprise, 0.2 to 5, to a thousandth.

    Surprise has one valley along the logarithm of the temperature: it is narrowed
    down by golden sections.
    """
    low, high = np.log(0.2), np.log(5.0)
    golden = (np.sqrt(5) - 1) / 2

    def cost(x: float) -> float:
        return surprise(at_temperature(probabilities, float(np.exp(x))), labels)

    while high - low > 1e-3:
        left, right = high - golden * (high - low), low + golden * (high - low)
        if cost(left) < cost(right):
            high = right
        else:
            low = left
    return round(float(np.exp((low + high) / 2)), 3)


def reliability(
    probabilities: Probabilities, labels: Labels, steps: int = BINS
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.intp]]:
    """Mean confidence against accuracy, in equal steps of confidence.

    Returns:
        Of each step: the mean confidence in the first name, the share of first names
        that were right, and how many pictures fell into it, all (steps,); nan where
        none did.
    """
    confidence = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    step = np.minimum((confidence * steps).astype(int), steps - 1)
    count = np.bincount(step, minlength=steps)
    some = np.where(count > 0, count, np.nan)
    mean_confidence = np.bincount(step, confidence, minlength=steps) / some
    true = np.bincount(step, right, minlength=steps) / some
    return mean_confidence, true, count


def expected_calibration_error(probabilities: Probabilities, labels: Labels) -> float:
    """Mean distance of confidence from accuracy, each step weighted by its pictures."""
    mean_confidence, true, count = reliability(probabilities, labels)
    return float(np.nansum(np.abs(mean_confidence - true) * count) / count.sum())


def doubt(
    probabilities: Probabilities, labels: Labels, keep: float = 0.95
) -> tuple[float, float]:
    """Below which first probability a network should say "none of my classes".

    Args:
        keep: share of the rightly named pictures that must stay above it.

    Returns:
        The threshold, and the share of the wrongly named pictures that fall below.
    """
    first = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == labels
    if not right.any():
        raise ValueError("Expected some pictures named rightly. Received: none")
    threshold = float(np.quantile(first[right], 1 - keep))
    wrong = first[~right]
    return threshold, float((wrong < threshold).mean()) if len(wrong) else 0.0

"""What is said of a saliency map: how strong a pixel counts, and the check of it.

A saliency map that looks the same for random weights shows the image, not what the
network has learned (Adebayo et al. 2018, "Sanity Checks for Saliency Maps").

numpy only.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating[Any]]

ALIKE = 0.5  # rank correlation above which two maps are said to look the same


def strength(gradient: Values) -> Values:
    """A gradient (H, W, channels) as one number a pixel: the largest size, (H, W)."""
    found: Values = np.abs(gradient).max(axis=2)
    return found


def _ranks(values: Values) -> Values:
    """Ranks of numbers, equal ones sharing theirs: (n,) -> (n,)."""
    _, place, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    shared: Values = (ends - (count - 1) / 2)[place]
    return shared


def rank_correlation(one: Values, other: Values) -> float:
    """Spearman's of two maps of the same shape, -1 to 1; 0 where one is constant."""
    a, b = _ranks(one.ravel()), _ranks(other.ravel())
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a**2).sum() * (b**2).sum()))
    return float((a * b).sum()) / size if size else 0.0


def half_of(values: Values) -> float:
    """The smallest share of the pixels that holds half of a map's sum, 0 to 1.

    Small where the map points to one place, 0.5 where it is the same everywhere.
    """
    largest = np.sort(values.ravel())[::-1]
    sums = np.cumsum(largest)
    if sums[-1] <= 0:
        return 0.0
    return (int(np.searchsorted(sums, sums[-1] / 2)) + 1) / len(largest)

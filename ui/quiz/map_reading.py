"""The value that a question asks of a map, and the known wrong readings of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classroom.questions.answers import Reading
from classroom.questions.grading import Measured
from model.analysis import map_statistics
from model.measured import ImagePrediction

Layers = Mapping[str, NDArray[np.floating[Any]]]


def measure(reading: Reading, layers: Layers, prediction: ImagePrediction) -> Measured:
    """The truth on one picture.

    Args:
        layers: every layer's activations, as `ui.kit.cache.activations` has them.
        prediction: the probabilities shown, as `ui.kit.cache.answer` has them.

    Raises:
        ValueError: no such kind of reading.
    """
    values, unit = layers[reading.layer], reading.unit
    match reading.what:
        case "largest":
            peaks = map_statistics.peaks(values)
            return Measured(
                float(peaks[unit]),
                {
                    "mean": float(values[:, :, unit].mean()),
                    "next": float(peaks[unit - 1]),
                    "layer": float(peaks.max()),
                },
            )
        case "firing":
            shares = 100 * map_statistics.firing(values)
            return Measured(
                float(shares[unit]),
                {
                    "silent": 100 - float(shares[unit]),
                    "next": float(shares[unit - 1]),
                    "layer": float(shares.mean()),
                },
            )
        case "strongest":
            first, second = np.argsort(-map_statistics.peaks(values), kind="stable")[:2]
            return Measured(
                float(first), {"second": float(second), "from_one": float(first) + 1}
            )
        case "probability":
            first, second, *_ = prediction.probabilities
            return Measured(
                100 * first,
                {
                    "second": 100 * second,
                    "five": 100 * sum(prediction.probabilities),
                    "fraction": first,
                },
            )
        case "rank":
            rank = float((values > values[unit]).sum()) + 1
            return Measured(rank, {"from_zero": rank - 1})
    raise ValueError(f"No rule how to read {reading.what!r} off a map")

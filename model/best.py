"""The largest value of each map on the lab's photographs: `python -m model.best`.

Values of two maps cannot be compared: each filter has a scale of its own. A map can be
compared with itself on other images, so this is what full brightness stands for. The
command writes it beside the shipped weights, where `model.measured` reads it; of other
sets `ui.kit.cache` computes it when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import measured, runtime, weights
from model.network.specs import Spec
from model.pictures import load_picture, samples, to_input

Layers = Mapping[str, NDArray[np.floating[Any]]]


def on_photographs(
    spec: Spec, look: Callable[[NDArray[np.float32]], Layers]
) -> dict[str, NDArray[np.float32]]:
    """Of each layer with maps: their largest values, signs left out, (maps,).

    Args:
        look: layers (H, W, C) or (units,) of an input (1, size, size, channels).
    """
    best: dict[str, NDArray[np.float32]] = {}
    for name in samples.photographs():
        x = to_input(load_picture(samples.data(name)), spec)
        for layer, values in look(x).items():
            if values.ndim == 3:
                largest = np.abs(values).max(axis=(0, 1)).astype(np.float32)
                best[layer] = np.maximum(best.get(layer, 0), largest)
    return best


def shares(
    peaks: NDArray[np.floating[Any]], best: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """Largest values (maps,) by the best ones: 1 is as much; 0 where none is known."""
    return np.where(best > 0, peaks / np.where(best > 0, best, 1), 0)


def write(name: str, look: Callable[[NDArray[np.float32]], Layers]) -> None:
    """Measures a set and keeps it beside its weights; `look` as above."""
    found = on_photographs(weights.get(name).spec, look)
    np.savez(measured.FOLDER / f"{name}-best.npz", **found)  # type: ignore[arg-type]


if __name__ == "__main__":
    write(weights.DEFAULT, runtime.network(weights.DEFAULT).activations)

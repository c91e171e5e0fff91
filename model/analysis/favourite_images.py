"""The images of `model.analysis.favourites`, read from the file beside the weights.

numpy and Pillow only.
"""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paths import ASSETS

QUALITY = 92  # of a layer's JPEG


@dataclass(frozen=True)
class Favourites:
    """Of one layer's units."""

    images: NDArray[np.uint8]  # (units, side, side, 3) RGB
    activation: NDArray[np.float32]  # (units,): pre-activation of the unit on its own


def path(name: str) -> Path:
    """Where a set's file is, or would be."""
    return ASSETS / "weights" / f"{name}-favourites.npz"


def write(found: Mapping[str, Favourites], out: Path) -> None:
    """Each layer's images below one another in one JPEG, and their activations."""
    arrays: dict[str, NDArray[np.generic]] = {}
    for name, one in found.items():
        units, side = one.images.shape[:2]
        buffer = io.BytesIO()
        Image.fromarray(one.images.reshape(units * side, side, 3)).save(
            buffer, "JPEG", quality=QUALITY, subsampling=0
        )
        arrays[f"{name}.jpeg"] = np.frombuffer(buffer.getvalue(), np.uint8)
        arrays[f"{name}.activation"] = one.activation
    partial = out.with_suffix(".partial.npz")
    np.savez(partial, **arrays)  # type: ignore[arg-type]
    partial.replace(out)


def read(file: Path) -> dict[str, Favourites]:
    """What `write` wrote, by layer."""
    found = {}
    with np.load(file, allow_pickle=False) as arrays:
        for name in [x[: -len(".jpeg")] for x in arrays.files if x.endswith(".jpeg")]:
            with Image.open(io.BytesIO(arrays[f"{name}.jpeg"].tobytes())) as image:
                pixels = np.asarray(image.convert("RGB"))
            side = pixels.shape[1]
            images = pixels.reshape(-1, side, side, 3)
            found[name] = Favourites(images, arrays[f"{name}.activation"])
    return found


@cache
def of(name: str) -> Mapping[str, Favourites]:
    """A set's favourites by layer; empty where none were made."""
    file = path(name)
    return read(file) if file.is_file() else {}

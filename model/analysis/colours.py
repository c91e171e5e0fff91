"""How the colours of photographs vary: the principal components of RGB.

    python -m model.analysis.colours --data path/to/tiny-imagenet-200

takes every pixel of Tiny ImageNet's 100,000 training images, computes the covariance
of red, green and blue, and writes its eigenvectors and the standard deviations along
them (the square roots of its eigenvalues) to assets/colours.json.

The paper (section 4.1) changes the colours of a training image by adding

    [p1, p2, p3] · [a1 λ1, a2 λ2, a3 λ3]

to all its pixels, p being the eigenvectors, λ the eigenvalues, and each a drawn from a
normal distribution of standard deviation 0.1. The authors' code multiplies by what it
calls standard deviations (convdata_jpeg.py:155-179). So does `shift`: an eigenvalue
is a variance, and a tenth of the first one would be hundreds of grey levels.
"""

from __future__ import annotations

import argparse
import json
import logging
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paths import ASSETS

log = logging.getLogger(__name__)

FILE = ASSETS / "colours.json"
COMMAND = "python -m model.analysis.colours --data path/to/tiny-imagenet-200"


@dataclass(frozen=True)
class Components:
    """The principal components of RGB, the largest first.

    Attributes:
        vectors: three of unit length, each (red, green, blue).
        deviations: standard deviations along them, of pixels from 0 to 255.
        images: how many they were computed from.
    """

    vectors: tuple[tuple[float, float, float], ...]
    deviations: tuple[float, float, float]
    images: int

    def shift(self, alphas: Sequence[float]) -> NDArray[np.float64]:
        """What is added to red, green and blue of every pixel: (3,)."""
        scaled = np.asarray(alphas) * self.deviations
        found: NDArray[np.float64] = scaled @ np.array(self.vectors)
        return found


@cache
def components() -> Components:
    """Those that come with the lab."""
    found = json.loads(FILE.read_text("utf-8"))
    first, second, third = found["deviations"]
    vectors = tuple((red, green, blue) for red, green, blue in found["vectors"])
    return Components(vectors, (first, second, third), found["images"])


def measure(pictures: Iterable[NDArray[np.uint8]]) -> Components:
    """The components of all pixels of some pictures, (H, W, 3) each."""
    count, images = 0, 0
    sums, products = np.zeros(3), np.zeros((3, 3))
    for picture in pictures:
        pixels = picture.reshape(-1, 3).astype(np.float64)
        count, images = count + len(pixels), images + 1
        sums += pixels.sum(axis=0)
        products += pixels.T @ pixels
    mean = sums / count
    values, columns = np.linalg.eigh(products / count - np.outer(mean, mean))
    vectors = columns.T[::-1]
    # An eigenvector has no sign of its own: red, or else green, is made positive.
    vectors = vectors * np.where(vectors[:, :1] < 0, -1, 1)
    first, second, third = np.sqrt(values[::-1]).tolist()
    rows = tuple((red, green, blue) for red, green, blue in vectors.tolist())
    return Components(rows, (first, second, third), images)


def _pictures(folder: Path) -> Iterable[NDArray[np.uint8]]:
    paths = sorted(folder.glob("train/*/images/*.JPEG"))
    if not paths:
        raise FileNotFoundError(
            f"Expected Tiny ImageNet's folder with train/<class>/images. "
            f"Received: {folder}"
        )
    for number, path in enumerate(paths):
        if number % 10_000 == 0:
            log.info("%d of %d images", number, len(paths))
        with Image.open(path) as picture:
            yield np.asarray(picture.convert("RGB"))


def main() -> None:
    """Computes them and writes the file."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.colours")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=FILE)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    found = measure(_pictures(arguments.data))
    about: dict[str, Any] = {
        "command": COMMAND,
        "images": found.images,
        "vectors": [[round(x, 5) for x in row] for row in found.vectors],
        "deviations": [round(x, 3) for x in found.deviations],
    }
    arguments.out.write_text(json.dumps(about, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

"""Crops and mirror images of a picture, as the paper makes them (section 4.1).

A picture is resized until its shorter side has 256 pixels, and its middle is cut out:
256 × 256. Crops of 224 × 224 are taken from that, at any of 33 × 33 positions, each
mirrored or not: 2,178. The paper says 2048 = 32 · 32 · 2; the authors' code draws an
offset from 0 to 32, both included (convdata_jpeg.py:239), which is 33 positions.

For a test, ten of them: the four corners, the middle, and the mirror images of these
five; the mean of the ten predictions counts (section 4.1, convdata_jpeg.py:226-233).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import paper
from model.network.specs import Spec
from model.pictures import Picture, to_input
from model.pictures.network_input import centre_square

SIDE, CROP = paper.IMAGE_SIZE, paper.CROP  # pixels
POSITIONS = SIDE - CROP + 1  # along a side
COUNT = POSITIONS**2 * 2

Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Crop:
    """Where a crop lies: pixels from the top left corner, and if it is mirrored."""

    top: int
    left: int
    mirrored: bool = False

    @property
    def number(self) -> int:
        """From 1 to `COUNT`: row by row, then the same mirrored."""
        return 1 + self.left + POSITIONS * (self.top + POSITIONS * self.mirrored)

    def of(self, pixels: Pixels) -> Pixels:
        """(SIDE, SIDE, 3) -> (CROP, CROP, 3)."""
        rows = slice(self.top, self.top + CROP)
        found = pixels[rows, self.left : self.left + CROP]
        return found[:, ::-1] if self.mirrored else found


_END = POSITIONS - 1
CENTRE = Crop(_END // 2, _END // 2)
_FIVE = (Crop(0, 0), Crop(0, _END), Crop(_END, 0), Crop(_END, _END), CENTRE)
TEN = (*_FIVE, *(Crop(x.top, x.left, mirrored=True) for x in _FIVE))


def prepared(picture: Picture | Image.Image) -> Pixels:
    """What crops are taken from: the middle of a picture, (SIDE, SIDE, 3).

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    square = centre_square(picture).convert("RGB")
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


def inputs(pixels: Pixels, spec: Spec) -> NDArray[np.float32]:
    """What a network receives of the ten crops: (10, size, size, channels)."""
    crops = (Image.fromarray(np.ascontiguousarray(x.of(pixels))) for x in TEN)
    return np.concatenate([to_input(x, spec) for x in crops])

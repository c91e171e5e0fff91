"""A hand-made feature: in which directions brightness changes, counted cell by cell.

The core of HOG (Dalal and Triggs 2005) and of SIFT's descriptor (Lowe 2004): at each
pixel the difference of its neighbours to the right and left, and below and above, gives
a direction and a strength; each cell adds up the strengths by direction. What HOG does
on top, dividing by the strengths of the cells around, is left out.

numpy only; tests/test_orientation.py holds it to a plain loop.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS = 9  # directions between 0 and 180 degrees, as Dalal and Triggs have them
CELLS = (8, 16, 32)  # pixels a side; theirs had 8
LUMA = (0.299, 0.587, 0.114)  # of ITU-R 601

Values = NDArray[np.floating[Any]]


def grey(pixels: NDArray[np.uint8]) -> Values:
    """Brightness, 0 to 1, of RGB pixels (H, W, 3): (H, W)."""
    return np.asarray(pixels @ np.array(LUMA) / 255)


def changes(brightness: Values) -> tuple[Values, Values]:
    """How strongly brightness changes at each pixel, and in which direction.

    Args:
        brightness: (H, W). Beyond its edge it goes on as it is there.

    Returns:
        Strength (H, W), and direction (H, W) in radians, 0 to below π: dark to bright
        and bright to dark are one direction. 0 is across (a vertical edge), π/2 is up
        and down (a horizontal edge).
    """
    around = np.pad(brightness, 1, mode="edge")
    across = around[1:-1, 2:] - around[1:-1, :-2]
    down = around[2:, 1:-1] - around[:-2, 1:-1]
    direction = np.arctan2(down, across) % np.pi
    # A tiny angle below 0 rounds up to π itself.
    return np.hypot(across, down), np.where(direction >= np.pi, 0, direction)


def histograms(brightness: Values, cell: int) -> Values:
    """For each cell the strengths of its pixels by direction.

    Each pixel's strength is divided between the two nearest of the `BINS` directions,
    whose middles are at (i + 1/2) π / BINS. Pixels beyond the last whole cell are left
    out.

    Args:
        brightness: (H, W).
        cell: pixels a side.

    Returns:
        (H // cell, W // cell, BINS), none below 0.
    """
    strength, direction = changes(brightness)
    place = direction / (np.pi / BINS) - 0.5
    lower = np.floor(place)
    share = place - lower  # of the bin above
    rows, columns = (side // cell for side in brightness.shape)
    found = np.zeros((rows, columns, BINS))
    for number in range(BINS):
        part = np.where(lower % BINS == number, 1 - share, 0.0)
        part += np.where((lower + 1) % BINS == number, share, 0.0)
        votes = (part * strength)[: rows * cell, : columns * cell]
        found[:, :, number] = votes.reshape(rows, cell, columns, cell).sum((1, 3))
    return found

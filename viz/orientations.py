"""Directions counted cell by cell, drawn as strokes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

_WHITE = 98  # the percentile that is drawn white


def strokes(histograms: NDArray[np.floating[Any]], side: int) -> NDArray[np.uint8]:
    """A stroke for each direction of each cell, along the edge that it stands for.

    The brighter, the more of that direction the cell has. White is what one in fifty of
    them reaches: a few very strong edges would leave the others in the dark.

    Args:
        histograms: (rows, columns, directions): how strongly brightness changes across
            each direction, whose middles lie evenly between 0 and 180 degrees.
        side: pixels of the picture.

    Returns:
        (side, side, 3).
    """
    rows, columns, bins = histograms.shape
    image = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(image)
    top = float(np.percentile(histograms, _WHITE)) or float(histograms.max()) or 1.0
    high, wide = side / rows, side / columns
    reach = 0.45 * min(high, wide)
    width = max(1, round(min(high, wide) / 8))
    # The strongest last, so that no weaker one lies over it.
    for place in np.argsort(histograms, axis=None):
        row, column, number = np.unravel_index(int(place), histograms.shape)
        share = min(1.0, float(histograms[row, column, number]) / top)
        level = round(255 * share**0.5)
        if level < 8:
            continue
        angle = (number + 0.5) * np.pi / bins + np.pi / 2  # an edge runs across it
        x, y = (column + 0.5) * wide, (row + 0.5) * high
        dx, dy = reach * np.cos(angle), reach * np.sin(angle)
        pen.line((x - dx, y - dy, x + dx, y + dy), fill=level, width=width)
    return np.asarray(image.convert("RGB"))

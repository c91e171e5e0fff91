"""One dropout mask as a picture: which units are kept in this step."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from viz.palette import PALETTES, SERIES, Scheme

CELL, GAP = 9, 2
COLUMNS = 32


def mask_pixels(kept: NDArray[np.bool_], scheme: Scheme) -> NDArray[np.uint8]:
    """(units,) -> RGB (height, width, 3): a square a unit, filled where it is kept.

    A unit that is dropped is an outline, so that it is told without colour, too.
    """
    palette = PALETTES[scheme]
    ground, line, full = (
        np.array(ImageColor.getrgb(colour)[:3], np.uint8)
        for colour in (palette.background, palette.muted, SERIES[scheme][0])
    )
    columns = min(COLUMNS, len(kept))
    rows = -(-len(kept) // columns)
    side = CELL + GAP
    cells = np.broadcast_to(ground, (rows * columns, side, side, 3)).copy()
    for number, is_kept in enumerate(kept):
        cells[number, :CELL, :CELL] = full if is_kept else line
        if not is_kept:
            cells[number, 1 : CELL - 1, 1 : CELL - 1] = ground
    grid = cells.reshape(rows, columns, side, side, 3).transpose(0, 2, 1, 3, 4)
    pixels = grid.reshape(rows * side, columns * side, 3)
    return np.ascontiguousarray(pixels[:-GAP, :-GAP])

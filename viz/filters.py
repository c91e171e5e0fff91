"""The filters of a first layer as pictures: their weights are colours already."""

from __future__ import annotations

from math import ceil
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import ImageColor

from viz.mosaic import columns_for
from viz.palette import PALETTES, lut

Scaling = Literal["filter", "all"]
Kernels = NDArray[np.floating]  # (h, w, c, n), c = 3 (red, green, blue) or 1 (grey)
Pixels = NDArray[np.uint8]

CELL = 24  # pixels: about the side of a filter in the mosaic
GAP = 2  # pixels between filters
_ROBUST = 99.5  # percentile of |weight| that is full colour when all share a scale


def filter_pixels(kernels: Kernels, scaling: Scaling = "filter") -> Pixels:
    """Weights as colours: (h, w, c, n) -> (n, h, w, 3).

    A weight of zero is mid grey (128) in its channel, positive is brighter, negative
    darker, both on the same scale.

    Args:
        kernels: c is 3, or 1 for a network that sees grey.
        scaling: "filter": the largest |weight| of each filter gets full colour, so
            that weak filters show too. "all": one scale for all, so that strengths
            compare; the 0.5 % largest weights are cut off.

    Raises:
        ValueError: c is neither 3 nor 1.
    """
    if np.ndim(kernels) != 4 or np.shape(kernels)[2] not in (1, 3):
        raise ValueError(
            "kernels must be of shape (h, w, 3, n) or (h, w, 1, n). "
            f"Received: {np.shape(kernels)}"
        )
    weights = np.moveaxis(np.asarray(kernels, dtype=np.float64), 3, 0)  # (n, h, w, c)
    size = np.abs(weights)
    if scaling == "filter":
        top = size.max(axis=(1, 2, 3), keepdims=True)
    else:
        # The percentile of mostly dead filters may be 0: then the largest will do.
        robust = np.percentile(size, _ROBUST)
        top = np.full((len(size), 1, 1, 1), robust if robust > 0 else size.max())
    levels = _centred(weights, top)  # (n, h, w, c)
    return np.ascontiguousarray(np.broadcast_to(levels, (*levels.shape[:3], 3)))


def filter_mosaic(
    kernels: Kernels,
    scaling: Scaling = "filter",
    order: NDArray[np.integer] | None = None,
    columns: int | None = None,
    cell: int = CELL,
    gap: int = GAP,
    gap_colour: str | None = None,
) -> Pixels:
    """All filters side by side, row by row: RGB (height, width, 3).

    Args:
        kernels: (h, w, c, n), c = 3 or 1.
        scaling: see `filter_pixels`.
        order: filter numbers in the order to show; all, by number, unless given.
        columns: filters in a row; `columns_for` chooses unless given.
        cell: pixels for the longer side of a filter. Each weight becomes a square of
            whole pixels, so a filter takes at most this, or one pixel per weight.
        gap: pixels between filters.
        gap_colour: CSS hexadecimal; the light scheme's background unless given.
    """
    tiles = filter_pixels(kernels, scaling)  # (n, h, w, 3)
    if order is not None:
        tiles = tiles[np.asarray(order)]
    zoom = max(1, cell // max(tiles.shape[1:3]))
    tiles = tiles.repeat(zoom, axis=1).repeat(zoom, axis=2)
    count, height, width, _ = tiles.shape
    columns = min(count, columns or columns_for(count))
    rows = ceil(count / columns)
    colour = ImageColor.getrgb(gap_colour or PALETTES["light"].background)[:3]
    cells = np.empty((rows * columns, height + gap, width + gap, 3), dtype=np.uint8)
    cells[:] = colour
    cells[:count, :height, :width] = tiles
    grid = cells.reshape(rows, columns, height + gap, width + gap, 3)
    pixels = grid.transpose(0, 2, 1, 3, 4).reshape(
        rows * (height + gap), columns * (width + gap), 3
    )
    return np.ascontiguousarray(
        pixels[: pixels.shape[0] - gap, : pixels.shape[1] - gap]
    )


def channel_pictures(kernel: NDArray[np.floating]) -> Pixels:
    """One filter taken apart: (h, w, c) -> (c, h, w, 3), a picture per channel.

    In the diverging colours of `viz.palette`, zero in their middle; all channels
    share a scale, so that they compare.
    """
    if np.ndim(kernel) != 3:
        raise ValueError(f"kernel must be (h, w, c). Received: {np.shape(kernel)}")
    weights = np.moveaxis(np.asarray(kernel, dtype=np.float64), 2, 0)  # (c, h, w)
    # The colour map has its zero at 127, grey at 128.
    return lut("diverging")[_centred(weights, np.abs(weights).max()) - 1]


def _centred(
    weights: NDArray[np.float64], top: NDArray[np.float64] | np.float64
) -> Pixels:
    """-top..top to 1..255, zero at 128; beyond is cut off. If top is 0, all 128."""
    share = weights / np.where(top > 0, top, 1)
    return (128 + 127 * share.clip(-1, 1)).round().astype(np.uint8)

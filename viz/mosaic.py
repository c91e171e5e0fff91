"""All maps of a layer as one picture: numpy tiles, one image, one encode.

Drawing 96 maps as matplotlib subplots takes over a second; this takes milliseconds
(`python -m bench.picture` measures both).
"""

from __future__ import annotations

import io
import math
import zlib
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viz.palette import Map, lut

# What the brightest colour stands for: the largest value that a map reaches on other
# images too ("best"), that it reaches here ("map"), or that its layer reaches here.
Scale = Literal["best", "map", "layer"]

WIDE, TALL = 1.6, 0.9  # width by height: alone in its row, or beside something
GAP = 1  # pixels between tiles
LEVELS = 255  # colours for values; the index after them is the gap, see-through


@dataclass(frozen=True)
class Mosaic:
    """Tiles as colour-map indices, with what is needed to find one again."""

    pixels: NDArray[np.uint8]  # (height, width), indices into `colours`
    colours: Map
    order: tuple[int, ...]  # the map shown at each tile, row by row
    columns: int
    tile: tuple[int, int]  # height, width of one tile, the gap not counted
    gap: int = GAP

    @property
    def rows(self) -> int:
        """Rows of tiles."""
        return math.ceil(len(self.order) / self.columns)


def columns_for(count: int, aspect: float = WIDE) -> int:
    """Columns that make `count` square tiles about `aspect` times as wide as high."""
    if count <= 4:
        return count
    return min(count, round(math.sqrt(count * aspect)))


def tops(
    maps: NDArray[np.floating], scale: Scale, best: NDArray[np.floating] | None = None
) -> NDArray[np.floating]:
    """The value of each map (H, W, C) that gets the brightest colour: (1, 1, C).

    Args:
        best: for the scale "best", the largest value that each map is known to reach,
            (C,); where it reaches more here, that.
    """
    axes = (0, 1, 2) if scale == "layer" else (0, 1)
    top = np.abs(maps).max(axis=axes, keepdims=True)
    if scale == "best":
        if best is None:
            raise ValueError("the scale 'best' needs the best of each map")
        top = np.maximum(top, best)
    top = np.where(top > 0, top, 1)
    return np.broadcast_to(top, (1, 1, maps.shape[2]))


def to_indices(
    maps: NDArray[np.floating],
    scale: Scale,
    best: NDArray[np.floating] | None = None,
    *,
    signed: bool = False,
) -> NDArray[np.uint8]:
    """Values to 0..254, zero always at 0 unless something is negative, or might be.

    (H, W, C) -> (H, W, C). After ReLU, 0 means "did not fire" in every map, and
    254 is the value that `tops` says. With negative values (before ReLU) zero sits at
    127 and the larger side reaches the end.
    """
    top = tops(maps, scale, best)
    if signed or maps.min(initial=0) < 0:
        return (127 + maps / top * 127).round().astype(np.uint8)
    return (maps * ((LEVELS - 1) / top) + 0.5).astype(np.uint8)


def mosaic(
    maps: NDArray[np.floating],
    scale: Scale = "map",
    order: NDArray[np.integer] | None = None,
    aspect: float = WIDE,
    columns: int | None = None,
    best: NDArray[np.floating] | None = None,
) -> Mosaic:
    """Tiles of all maps of a layer.

    Args:
        maps: (H, W, C); or (units,), drawn as one square a unit, without gaps.
        scale, best: see `tops`; units are always on the scale of their layer.
        order: map numbers in the order to show; all, by number, unless given.
        aspect: width by height that the mosaic should have, about.
        columns: tiles in a row, instead of `aspect`.
    """
    gap = GAP
    if maps.ndim == 1:
        maps, gap, scale = maps[None, None, :], 0, "layer"
        columns = columns or columns_for(maps.shape[2], WIDE)
    height, width, count = maps.shape
    shown = np.arange(count) if order is None else np.asarray(order)
    columns = columns or columns_for(len(shown), aspect)
    rows = math.ceil(len(shown) / columns)
    indices = to_indices(maps, scale, best)
    tiles = np.full((rows * columns, height + gap, width + gap), LEVELS, dtype=np.uint8)
    tiles[: len(shown), :height, :width] = indices.transpose(2, 0, 1)[shown]
    grid = tiles.reshape(rows, columns, height + gap, width + gap).transpose(0, 2, 1, 3)
    pixels = grid.reshape(rows * (height + gap), columns * (width + gap))
    signed: Map = "diverging" if maps.min(initial=0) < 0 else "viridis"
    return Mosaic(
        np.ascontiguousarray(pixels[: len(pixels) - gap, : pixels.shape[1] - gap]),
        signed,
        tuple(int(i) for i in shown),
        columns,
        (height, width),
        gap,
    )


def encode(picture: Mosaic, enlarge: int = 1) -> bytes:
    """The mosaic as a PNG with a palette, each value `enlarge` pixels wide."""
    return encode_indices(picture.pixels, picture.colours, enlarge)


def encode_indices(indices: NDArray[np.uint8], colours: Map, enlarge: int = 1) -> bytes:
    """(H, W) colour-map indices as a PNG with a palette."""
    if enlarge > 1:
        indices = indices.repeat(enlarge, axis=0).repeat(enlarge, axis=1)
    image = _palette_image(indices)
    image.putpalette(lut(colours).tobytes())
    out = io.BytesIO()
    # Neighbours of a row alone: of maps, 1.7 times as fast as all, and 7 % smaller.
    kind = zlib.Z_DEFAULT_STRATEGY if enlarge > 1 else zlib.Z_RLE
    image.save(out, "PNG", compress_level=1, compress_type=kind, transparency=LEVELS)
    return out.getvalue()


def _palette_image(indices: NDArray[np.uint8]) -> Image.Image:
    height, width = indices.shape
    return Image.frombytes(
        "P", (width, height), np.ascontiguousarray(indices).tobytes()
    )


def side_by_side(
    pictures: NDArray[np.uint8], enlarge: int, gap: int = 4
) -> NDArray[np.uint8]:
    """(n, h, w, 3) RGB -> (h * enlarge, …, 4), in a row with see-through gaps."""
    count, height, width, _ = pictures.shape
    tiles = np.zeros(
        (count, height * enlarge, width * enlarge + gap, 4), dtype=np.uint8
    )
    large = pictures.repeat(enlarge, axis=1).repeat(enlarge, axis=2)
    tiles[:, :, : width * enlarge, :3] = large
    tiles[:, :, : width * enlarge, 3] = 255
    row = tiles.transpose(1, 0, 2, 3).reshape(height * enlarge, -1, 4)
    return np.ascontiguousarray(row[:, : row.shape[1] - gap])


def encode_photo(pixels: NDArray[np.uint8]) -> bytes:
    """(H, W, 3) RGB as a JPEG: what Streamlit would make of it at each drawing."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=90)
    return out.getvalue()


def encode_rgb(pixels: NDArray[np.uint8]) -> bytes:
    """(H, W, 3) RGB, or (H, W, 4) RGBA, as a PNG."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()

"""Small pictures of units: what excites each most, or what it does on the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import weights
from model.analysis import favourite_images, patches
from model.network import receptive, shapes
from model.network.specs import Spec
from model.pictures import as_received
from ui.kit import cache
from ui.kit.picture import Chosen
from viz.mosaic import encode_indices, encode_photo, encode_rgb, to_indices

SIDE = 96  # pixels of a small picture, at most
TILE, GAP, COLUMNS = 96, 6, 3  # of a sheet of patches, in pixels
GREY = (124, 116, 104)  # the mean of ImageNet's pixels


def thumbnail(
    weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int
) -> bytes:
    """A unit as a small picture, JPEG or PNG.

    Its favourite image; where there is none, the photograph that excites it most; where
    none was looked for, its map on the picture, or for a unit of a dense layer a square
    in the colour of its activation.
    """
    made = favourite_images.of(weight_set.name).get(layer)
    if made is not None:
        return encode_rgb(made.images[unit])
    found = patches.of(weight_set.name)
    if found is not None and layer in found.layers:
        return encode_photo(small(crop(weight_set.spec, found, layer, unit, 0)))
    values = cache.layer(weight_set.name, chosen.picture, layer)
    largest = np.array([float(values.max()) or 1.0])
    maps = values[None, None] if values.ndim == 1 else values
    one = maps[:, :, unit : unit + 1]
    return encode_indices(to_indices(one, "best", largest)[:, :, 0], "viridis")


def crop(
    spec: Spec, found: patches.Patches, layer: str, unit: int, rank: int
) -> NDArray[np.uint8]:
    """A strongest patch of a unit, (rows, columns, 3): what the unit saw.

    Args:
        rank: 0 is the strongest.
    """
    one = found.layers[layer]
    image = as_received(found.image(int(one.picture[unit, rank])), spec)
    if not has_maps(spec, layer):
        return image
    row, column = (int(x) for x in one.place[unit, rank])
    top, left, bottom, right = receptive.patch(spec, layer, row, column)
    return image[top:bottom, left:right]


def has_maps(spec: Spec, layer: str) -> bool:
    """Whether a layer's units have maps, and so receptive fields."""
    return shapes.layer_info(spec, layer).field is not None


def small(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An image of SIDE pixels at most."""
    image = Image.fromarray(pixels)
    image.thumbnail((SIDE, SIDE))
    return np.asarray(image)


def square(pixels: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """A patch in the middle of a square: (side, side, 3).

    A patch at the edge of the image is smaller; what lies outside of it is GREY.
    """
    height, width = pixels.shape[:2]
    scale = side / max(height, width)
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    image = Image.fromarray(pixels).resize(size, Image.Resampling.BICUBIC)
    out = Image.new("RGB", (side, side), GREY)
    out.paste(image, ((side - size[0]) // 2, (side - size[1]) // 2))
    return np.asarray(out)


def sheet(crops: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Patches in rows of COLUMNS, with see-through gaps: (height, width, 4)."""
    rows = -(-len(crops) // COLUMNS)
    step = TILE + GAP
    out = np.zeros((rows * step - GAP, COLUMNS * step - GAP, 4), np.uint8)
    for at, one in enumerate(crops):
        top, left = at // COLUMNS * step, at % COLUMNS * step
        out[top : top + TILE, left : left + TILE, :3] = square(one, TILE)
        out[top : top + TILE, left : left + TILE, 3] = 255
    return out

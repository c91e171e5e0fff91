"""A map laid over the picture that made it."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from viz.palette import lut

_FRAME = np.array([255, 255, 255], np.uint8)
_FRAME_OUTSIDE = np.array([194, 47, 74], np.uint8)


def over(
    picture: NDArray[np.uint8],
    values: NDArray[np.floating[Any]],
    box: tuple[int, int, int, int] | None = None,
    enlarge: int = 2,
    top: float = 0,
) -> NDArray[np.uint8]:
    """The picture, grey and dim, lit in colour where the map fires.

    Args:
        picture: (S, S, 3) as the network receives it.
        values: the map (H, W), spread over the whole picture.
        box: (top, left, bottom, right) in the picture's pixels, framed.
        top: the value that is lit in full; the map's largest, if that is more.

    Returns:
        (S * enlarge, S * enlarge, 3).
    """
    side = picture.shape[0] * enlarge
    large = Image.fromarray(picture).resize((side, side), Image.Resampling.BICUBIC)
    grey = np.asarray(large.convert("L"), np.float32)[:, :, None] * 0.75
    strength = np.maximum(values, 0).astype(np.float32)
    strength = strength / (max(top, float(strength.max())) or 1)
    smooth = Image.fromarray(strength).resize((side, side), Image.Resampling.BILINEAR)
    share = np.asarray(smooth)[:, :, None]  # (side, side, 1), 0 to 1
    colour = lut("viridis")[(share[:, :, 0] * 255).astype(np.uint8)].astype(np.float32)
    mixed = grey * (1 - 0.75 * share) + colour * 0.75 * share
    out: NDArray[np.uint8] = mixed.clip(0, 255).astype(np.uint8)
    if box is not None:
        _frame(out, tuple(edge * enlarge for edge in box))
    return out


def framed(
    picture: NDArray[np.uint8], box: tuple[int, int, int, int], enlarge: int = 2
) -> NDArray[np.uint8]:
    """The picture (S, S, 3) in its own colours with a frame round a box of it."""
    out = picture.repeat(enlarge, axis=0).repeat(enlarge, axis=1)
    top, left, bottom, right = (edge * enlarge for edge in box)
    # Drawn outside the box, which may be a few pixels wide.
    _frame(out, (max(top - 4, 0), max(left - 4, 0), bottom + 4, right + 4))
    return out


def _frame(out: NDArray[np.uint8], box: tuple[int, ...]) -> None:
    """A white line with a red one inside, in place."""
    top, left, bottom, right = box
    for inset, colour in ((0, _FRAME), (2, _FRAME_OUTSIDE)):
        t, le, b, r = top + inset, left + inset, bottom - inset, right - inset
        if b - t < 4 or r - le < 4:
            continue
        out[t : t + 2, le:r] = out[b - 2 : b, le:r] = colour
        out[t:b, le : le + 2] = out[t:b, r - 2 : r] = colour

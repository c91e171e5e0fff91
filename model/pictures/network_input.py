"""What a network receives of a picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from model.network.specs import Spec

if TYPE_CHECKING:
    from model.pictures.door import Picture


def centre_square(picture: Picture | Image.Image) -> Image.Image:
    """The largest square in the middle of a picture.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    image = picture if isinstance(picture, Image.Image) else picture.image
    if image.mode not in ("RGB", "L"):
        # Pillow's conversion is silently wrong for 16 bits, floats, transparency.
        raise ValueError(f"Expected a picture of mode RGB or L. Received: {image.mode}")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    # Cropped first: `resize` with a box would mix in pixels from outside it.
    return image.crop((left, top, left + side, top + side))


def cropped(picture: Picture | Image.Image, most: int) -> npt.NDArray[np.uint8]:
    """The section of a picture that a network receives, as sharp as it is.

    Args:
        most: pixels a side, if it has so many.

    Returns:
        (side, side, 3), 0 to 255, RGB.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    square = centre_square(picture)
    if square.width > most:
        square = square.resize((most, most), Image.Resampling.BICUBIC)
    return np.array(square.convert("RGB"), dtype=np.uint8)


def as_received(picture: Picture | Image.Image, spec: Spec) -> npt.NDArray[np.uint8]:
    """What the network sees, before normalisation: (size, size, 3), 0 to 255, RGB.

    The centre square of the picture, resized to the network's input with antialiasing;
    where `spec.pixels.detail` says so, by way of a smaller size.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    square = centre_square(picture)
    size, detail = spec.input_size, spec.pixels.detail
    if detail is None or detail >= size:
        square = square.resize((size, size), Image.Resampling.BICUBIC)
    else:
        # Enlarged as `Crops` of `model.training` enlarges what the network learns from.
        square = square.resize((detail, detail), Image.Resampling.BICUBIC)
        square = square.resize((size, size), Image.Resampling.BILINEAR)
    return np.array(square.convert("RGB"), dtype=np.uint8)


def to_input(picture: Picture | Image.Image, spec: Spec) -> npt.NDArray[np.float32]:
    """What the network computes with: (1, size, size, channels), float32.

    (pixel - mean) / deviation of what `as_received` shows. Channels stand in the
    order that `spec.pixels` names; grey is the luma of ITU-R 601.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    pixels = as_received(picture, spec).astype(np.float32)
    if spec.pixels.order == "grey":
        pixels = pixels @ np.array([[0.299], [0.587], [0.114]], dtype=np.float32)
    mean = np.array(spec.pixels.mean, dtype=np.float32)
    deviation = np.array(spec.pixels.deviation, dtype=np.float32)
    values = (pixels - mean) / deviation
    if spec.pixels.order == "BGR":
        values = values[..., ::-1]
    return np.ascontiguousarray(values[np.newaxis], dtype=np.float32)

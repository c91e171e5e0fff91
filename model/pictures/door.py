"""The one door for pictures: bytes -> safe RGB picture, or one sentence.

`load_picture` never decodes in this process. Two workers (`model.pictures.decoder`)
hold Pillow's decoders; each takes one file at a time and is killed when it takes too
long or too much memory. Everyone else waits in line.
"""

from __future__ import annotations

import atexit
import hashlib
from dataclasses import dataclass, field
from typing import TypeGuard

from PIL import Image

from model.pictures.decode import LONGEST_SIDE
from model.pictures.formats import DAMAGED, PictureRefused, kind_of
from model.pictures.workers import WorkerPool

__all__ = ["Picture", "PictureRefused", "close", "load_picture", "warm_up"]

LIMIT_S = 5.0  # for one picture, once its turn has come


@dataclass(frozen=True)
class Picture:
    """A visitor's picture, safe to show and to compute with.

    Attributes:
        image: upright 8-bit RGB, longest side 448 pixels at most.
        notes: sentences for the visitor on what was changed; usually none.
        size: upright width and height in the file.
        key: hex digest of the pixels: equal keys, equal pictures.
    """

    image: Image.Image = field(compare=False, repr=False)
    notes: tuple[str, ...]
    size: tuple[int, int]
    key: str


def load_picture(data: bytes, *, limit_s: float = LIMIT_S) -> Picture:
    """The picture in a file that a visitor gave.

    JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC. Thread-safe; blocks for 0.05 to
    0.5 s as a rule, for `limit_s` and the time in line at most.

    Raises:
        PictureRefused: no picture, too large, damaged, incomplete, or too slow.
    """
    kind, start = kind_of(data)
    header, pixels = pool.decode(data[start:], kind, limit_s)
    if "refused" in header:
        raise PictureRefused(str(header["refused"])[:300])
    shape, size, notes = (header.get(name) for name in ("shape", "size", "notes"))
    # A decoder that a file has taken over could say anything.
    if not (
        _is_size(shape)
        and _is_size(size)
        and max(shape) <= LONGEST_SIDE
        and len(pixels) == shape[0] * shape[1] * 3
        and isinstance(notes, list)
    ):
        raise PictureRefused(DAMAGED)
    width, height = shape
    digest = hashlib.blake2b(b"%d %d " % (width, height) + pixels, digest_size=16)
    return Picture(
        image=Image.frombytes("RGB", (width, height), pixels),
        notes=tuple(str(note)[:300] for note in notes),
        size=(size[0], size[1]),
        key=digest.hexdigest(),
    )


def _is_size(value: object) -> TypeGuard[list[int]]:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(number) is int and number >= 1 for number in value)
    )


def warm_up() -> None:
    """Starts the workers ahead of the first picture; returns at once."""
    pool.warm_up()


def close() -> None:
    """Ends the workers; a later `load_picture` starts them again."""
    pool.close()


pool = WorkerPool()
atexit.register(close)

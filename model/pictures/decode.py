"""A file of a known format to an upright RGB picture, small enough for the pages."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from model.pictures.colour import to_srgb
from model.pictures.flatten import bits_of, flattener, shrunk
from model.pictures.kinds import NAMES, PictureRefused
from model.pictures.structure import (
    MAX_FRAMES,
    ends_early,
    gif_frames,
    tiff_pages,
    webp_canvas,
)

LONGEST_SIDE = 448  # pixels of the decoded picture: twice what networks receive
MAX_PIXELS = 50_000_000
# These decoders keep the whole picture three or four times over.
_FEWER_PIXELS = {"AVIF": 30_000_000, "WEBP": 30_000_000}
_ORIENTATION = 0x0112  # EXIF
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


@dataclass(frozen=True)
class Decoded:
    """An upright 8-bit RGB picture and what the visitor should know of it."""

    image: Image.Image
    size: tuple[int, int]  # upright, before it was made smaller
    notes: tuple[str, ...]


def decode(data: bytes, kind: str) -> Decoded:
    """The picture in a file of Pillow's format `kind`, at most LONGEST_SIDE long.

    Raises:
        PictureRefused: too large, damaged or incomplete. Hostile files make Pillow and
            its plug-ins raise almost any exception besides; `answer` sees to those.
    """
    if kind in ("WEBP", "AVIF", "HEIF") and ends_early(data, kind):
        # Of a phone's HEIC, made of tiles, libheif shows missing ones as nothing.
        raise PictureRefused(too_short(kind))
    # Checked here instead, where the sentence can name the size.
    Image.MAX_IMAGE_PIXELS = None
    if kind == "WEBP":
        _check_size(*webp_canvas(data), kind)  # allocated by opening
    im = Image.open(io.BytesIO(data), formats=[kind])
    size = im.size
    _check_size(*size, kind)
    # Tiles and frames can be larger than the picture that they belong to.
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    target = _fitting(size)
    # libjpeg halves, quarters, ... while decoding; keep twice the pixels needed.
    im.draft(im.mode, (2 * target[0], 2 * target[1]))
    bits = bits_of(im)
    notes = []
    if frames := frames_note(im, data, kind):
        notes.append(frames)
    im.load()
    flatten, note = flattener(im, bits)
    if note:
        notes.append(note)
    orientation = _orientation(im)
    profile = im.info.get("icc_profile")
    small = shrunk(im, target, flatten)
    im.close()
    if flatten.saw_transparency:
        notes.append("Transparent parts are shown on white.")
    if small.mode == "CMYK":
        notes.append("This picture was made for print; its colours are approximate.")
    image = to_srgb(small, profile)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    if orientation >= 5:
        size = (size[1], size[0])
    return Decoded(image, size, tuple(notes))


def _check_size(width: int, height: int, kind: str) -> None:
    if width < 1 or height < 1:
        raise PictureRefused("This picture has no pixels; choose another file.")
    most = _FEWER_PIXELS.get(kind, MAX_PIXELS)
    if width * height > most:
        raise PictureRefused(
            f"A {NAMES.get(kind, kind)} picture may have up to {most // 10**6} "
            f"million pixels and this one has {width:,} × {height:,}; "
            "make it smaller and try again."
        )


def _fitting(size: tuple[int, int]) -> tuple[int, int]:
    """The size with the same shape whose longest side is LONGEST_SIDE at most."""
    scale = min(1.0, LONGEST_SIDE / max(size))
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))


def _orientation(im: Image.Image) -> int:
    """EXIF's orientation, 1 (upright) to 8."""
    try:
        orientation = im.getexif().get(_ORIENTATION, 1)
    except Exception:
        # Pillow parses EXIF and XMP here and lets any error out; camera firmware
        # writes broken EXIF, and such a picture is still a picture.
        return 1
    return orientation if orientation in _UPRIGHT else 1


def frames_note(im: Image.Image, data: bytes, kind: str) -> str:
    # For GIF and TIFF, Pillow's n_frames parses every frame: up to a million.
    if kind == "GIF":
        frames = gif_frames(data)[0]
    elif kind == "TIFF":
        frames = tiff_pages(data)
    else:
        frames = getattr(im, "n_frames", 1)
    if frames < 2:
        return ""
    count = f"{frames:,}" if frames <= MAX_FRAMES else f"more than {MAX_FRAMES:,}"
    which = "main one" if kind == "HEIF" else "first"
    return f"This file has {count} frames; the {which} is shown."


def too_short(kind: str) -> str:
    """The sentence on a file that lacks too much."""
    name = NAMES.get(kind, kind)
    return (
        f"This {name} picture is incomplete, the file ends too early; "
        "copy or download it again."
    )

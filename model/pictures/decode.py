"""A file of a known format to an upright RGB picture, small enough for the pages."""

from __future__ import annotations

import io
from dataclasses import dataclass

from PIL import Image

from model.pictures import truncated
from model.pictures.colour import colours_of, to_srgb
from model.pictures.flatten import Flat, bits_of, flattened
from model.pictures.formats import NAMES, RAW, PictureRefused, other_file
from model.pictures.frames import first_that_shows, frames_in
from model.pictures.structure import (
    ends_early,
    jpeg_scans,
    webp_canvas,
    without_zeros,
)
from model.pictures.tiff import raw_kind, tiff_first_page, tiff_missing

LONGEST_SIDE = 448  # pixels of the decoded picture: twice what networks receive
MAX_PIXELS = 50_000_000
MAX_JPEG_PIXELS = 250_000_000  # made smaller while they are read
_MAX_COEFFICIENTS = 180_000_000  # of a progressive JPEG: 360 MB
# These decoders keep the whole picture three or four times over.
_FEWER_PIXELS = {"AVIF": 30_000_000, "WEBP": 30_000_000}
_FEW = 16  # bytes that a TIFF's directory may lack
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
    """An upright 8-bit RGB picture, and notes for the visitor."""

    image: Image.Image
    size: tuple[int, int]  # upright, before it was made smaller
    notes: tuple[str, ...]


def decode(data: bytes, kind: str) -> Decoded:
    """The picture in a file of Pillow's format `kind`, at most LONGEST_SIDE long.

    Raises:
        PictureRefused: too large, damaged, incomplete or a camera's raw file. Hostile
            files make Pillow and its plug-ins raise almost any exception besides;
            `answer` sees to those.
    """
    notes, ends_well = [], True
    if kind == "TIFF" and (raw := raw_kind(data)) is not None:
        raise other_file(f"{RAW} ({raw})" if raw else RAW)
    if kind in ("JPEG", "PNG", "GIF"):
        data = without_zeros(data)
    if kind in ("WEBP", "AVIF", "HEIF") and ends_early(data, kind):
        data = truncated.padded(data, kind)
        notes.append(truncated.PADDED)
    if kind == "TIFF" and 0 < (lost := tiff_missing(data)) <= _FEW:
        data += bytes(lost)  # high bytes of counts and the end of a list: mostly zeros
        ends_well = False
    im, size, bits, note = _loaded(data, kind, ends_well=ends_well)
    notes += [note] if note else []
    target = _fitting(size)
    frames = frames_in(im, data, kind)

    def flat() -> Flat:
        return flattened(im, target, bits, is_alone=frames < 2)

    orientation, colours = _orientation(im), colours_of(im, data, kind)
    shown = flat()
    if frames > 1:
        shown, note = first_that_shows(im, shown, flat, frames)
        notes.append(note)
    im.close()
    notes += shown.notes
    if colours.note:
        notes.append(colours.note)
    if shown.image.mode == "CMYK":
        notes.append("This picture was made for print; its colours are approximate.")
    image = to_srgb(shown.image, colours.profile)
    if orientation in _UPRIGHT:
        image = image.transpose(_UPRIGHT[orientation])
    if orientation >= 5:
        size = (size[1], size[0])
    return Decoded(image, size, tuple(notes))


def _loaded(
    data: bytes, kind: str, *, ends_well: bool
) -> tuple[Image.Image, tuple[int, int], int, str]:
    """The picture with its pixels; its size and bits; a note where its end is missing.

    A JPEG comes at a half, a quarter or an eighth of its size where that is enough.

    Args:
        ends_well: whether `data` is what the file held.
    """
    # Checked here instead, where the sentence can name the size.
    Image.MAX_IMAGE_PIXELS = None
    if kind == "WEBP":
        _check_size(*webp_canvas(data), kind)  # allocated by opening

    def opened() -> Image.Image:
        im = Image.open(io.BytesIO(data), formats=[kind])
        if kind == "TIFF" and (page := tiff_first_page(data)):
            im.seek(page)
        return im

    im = opened()
    size = im.size
    if kind == "JPEG":
        _check_jpeg(*size, data)
    else:
        _check_size(*size, kind)
    # Tiles and frames can be larger than the picture that they belong to.
    Image.MAX_IMAGE_PIXELS = max(MAX_PIXELS, size[0] * size[1])
    target = _fitting(size)

    def drafted(im: Image.Image) -> Image.Image:
        # libjpeg halves, quarters, ... while decoding; keep twice the pixels needed.
        im.draft(im.mode, (2 * target[0], 2 * target[1]))
        return im

    im = drafted(im)
    bits = bits_of(im)
    try:
        im.load()
    except Exception as error:
        ends_well = ends_well and not ends_early(data, kind)
        if ends_well and "truncated" not in str(error):
            raise
        del im  # its pixels would be held beside those to come
        im, note = truncated.loaded(lambda: drafted(opened()), data, kind)
        return im, size, bits, note
    if not ends_well or (kind in ("PNG", "GIF") and ends_early(data, kind)):
        return im, size, bits, truncated.ALL_THERE
    return im, size, bits, ""


def _check_jpeg(width: int, height: int, data: bytes) -> None:
    """As `_check_size`, for a format that is made smaller while it is read."""
    scans = jpeg_scans(data)
    if not scans.keeps_all:
        _check_size(width, height, "JPEG", MAX_JPEG_PIXELS)
        return
    # Two bytes of each sample are held until the last scan has been read.
    most = int(_MAX_COEFFICIENTS / max(1.0, scans.samples))
    _check_size(width, height, "progressive JPEG", most)


def _check_size(width: int, height: int, kind: str, most: int = 0) -> None:
    if width < 1 or height < 1:
        raise PictureRefused("This picture has no pixels; choose another file.")
    most = most or _FEWER_PIXELS.get(kind, MAX_PIXELS)
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
    if im.format == "TIFF":  # Pillow has turned it, and shut the file
        return 1
    # Pillow would take it from XMP where EXIF is silent; no browser or viewer does.
    for name in ("xmp", "XML:com.adobe.xmp"):
        im.info.pop(name, None)
    try:
        im._exif = None  # what was read with XMP
        orientation = im.getexif().get(_ORIENTATION, 1)
    except Exception:
        # Pillow lets any error out here; camera firmware writes broken EXIF, and such
        # a picture is still a picture.
        return 1
    return orientation if orientation in _UPRIGHT else 1

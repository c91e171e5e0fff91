"""The readable part of a file that ends too early."""

from __future__ import annotations

import contextlib
import io
import time
import zlib
from collections.abc import Callable

from PIL import Image, ImageFile

from model.pictures.formats import NAMES, PictureRefused
from model.pictures.structure import declared_length, jpeg_scans

SHARE = 0.75  # of the rows, or of the bytes where rows cannot be told
ALL_THERE = "The end of this file is missing, but all of its picture is there."
DETAILS = "The end of this file is missing, and with it the finest details."
_GREY = 128  # of what is missing


PADDED = (
    "The end of this file is missing; "
    "the last part of the picture may be grey or wrong."
)
# What stands in for the missing bytes: what follows from zeros is mostly smooth, but
# decoders of AV1 refuse some values, so that others are tried.
_STUFFING = (b"\0", b"\xff", b"\x55", b"\xaa", b"\x33", b"\xcc", b"\x0f", b"\x80\0\0")
_SECONDS = 1.5  # for trying them


def padded(data: bytes, kind: str) -> bytes:
    """A WebP, AVIF or HEIC file with something in place of what is missing.

    Their decoders take all or nothing. Of a phone's HEIC, made of tiles, libheif shows
    missing ones as nothing at all.

    Raises:
        PictureRefused: too much is missing.
    """
    length = declared_length(data, kind)
    if not length or len(data) < SHARE * length:
        raise PictureRefused(too_short(kind))
    missing = length - len(data)
    begun = time.monotonic()
    for stuffing in _STUFFING:
        whole = data + (stuffing * missing)[:missing]
        if kind != "AVIF":
            return whole
        try:
            with Image.open(io.BytesIO(whole), formats=[kind]) as im:
                im.load()
            return whole
        except (OSError, RuntimeError, SyntaxError, ValueError):
            if time.monotonic() - begun > _SECONDS:
                break
    raise PictureRefused(too_short(kind))


def loaded(
    opened: Callable[[], Image.Image], data: bytes, kind: str
) -> tuple[Image.Image, str]:
    """A picture of which rows are missing, loaded as far as it goes, and the note.

    Which rows are there is found by decoding twice on two grounds: a row that shows
    neither is the file's own.

    Args:
        opened: opens the file; called more than once.

    Raises:
        PictureRefused: less than SHARE of the rows are there.
    """
    if kind == "JPEG":
        scans = jpeg_scans(data, is_whole=True)
        if scans.keeps_all:
            if not scans.covers or scans.is_complete:
                raise PictureRefused(too_short(kind))
            return _decoded(opened(), 0, ends_well=True), DETAILS
    once = _sums(_decoded(opened(), 0))
    im = _decoded(opened(), 200)
    is_there = [one == other for one, other in zip(once, _sums(im), strict=True)]
    if kind == "JPEG":
        # Given an end, libjpeg hands out the rows that it still held back; those that
        # it makes up are of one grey.
        im = _decoded(opened(), 0, ends_well=True)
        is_there = _and_not_grey(im, is_there)
    share = sum(is_there) / len(is_there)
    if share == 1:
        return im, ALL_THERE
    if share < SHARE:
        raise PictureRefused(too_short(kind))
    first, last = is_there.index(True), len(is_there) - 1 - is_there[::-1].index(True)
    is_dense = all(is_there[first:last])
    return _filled(im, is_there), (
        f"The end of this file is missing; {int(100 * share)} % of the picture is "
        f"there and the rest is {'grey' if is_dense else 'repeated from it'}."
    )


def too_short(kind: str) -> str:
    """The sentence on a file that lacks too much."""
    return (
        f"This {NAMES.get(kind, kind)} picture is incomplete, the file ends too early; "
        "copy or download it again."
    )


def _decoded(im: Image.Image, ground: int, *, ends_well: bool = False) -> Image.Image:
    """The picture on a ground of one value, decoded as far as it goes.

    Args:
        ends_well: whether a JPEG is given the end that it lacks.
    """
    assert isinstance(im, ImageFile.ImageFile)
    prepare = im.load_prepare

    def prepare_ground() -> None:
        prepare()
        bands = len(im.getbands())
        ink = ground if bands == 1 else (ground,) * bands
        # In place: it has the palette.
        im.im.paste(ink, (0, 0, *im.im.size))

    im.load_prepare = prepare_ground  # type: ignore[method-assign]
    if not ends_well:
        im._ended = True  # type: ignore[attr-defined]  # Pillow adds no end to a JPEG
    ImageFile.LOAD_TRUNCATED_IMAGES = True
    try:
        with contextlib.suppress(OSError, SyntaxError, ValueError, EOFError):
            im.load()
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = False
    if im._im is None:
        raise PictureRefused(too_short(str(im.format)))
    im.tile = []  # what could not be decoded is not tried again
    return im


def _sums(im: Image.Image) -> list[int]:
    """A checksum of each row."""
    return [
        zlib.crc32(im.crop((0, top, im.width, top + 1)).tobytes())
        for top in range(im.height)
    ]


def _and_not_grey(im: Image.Image, is_there: list[bool]) -> list[bool]:
    """More rows of a JPEG: those down to where the grey begins."""
    known = [*is_there]
    for top in range(im.height - 1, -1, -1):
        if is_there[top]:
            break
        extrema = im.crop((0, top, im.width, top + 1)).getextrema()
        bands = extrema if isinstance(extrema[0], tuple) else (extrema,)
        if any(low < _GREY - 1 or high > _GREY + 1 for low, high in bands):
            known[: top + 1] = [True] * (top + 1)
            break
    return known


def _filled(im: Image.Image, is_there: list[bool]) -> Image.Image:
    """The missing rows in grey, or between others (interlaced files) like the last."""
    if im.mode in ("P", "PA"):
        has_alpha = "transparency" in im.info or im.mode == "PA"
        kept = im.format
        im = im.convert("RGBA" if has_alpha else "RGB")
        im.format = kept
    bands = len(im.getbands())
    opaque = (_GREY,) * (bands - 1) + (255,)
    grey: float | tuple[int, ...] = opaque if im.mode in ("LA", "RGBA") else _GREY
    if bands > 1 and im.mode not in ("LA", "RGBA"):
        grey = (_GREY,) * bands
    if im.mode.startswith("I;16"):
        grey = _GREY * 257
    first = is_there.index(True)
    last = len(is_there) - 1 - is_there[::-1].index(True)
    for top, there in enumerate(is_there):
        if there:
            continue
        row = (0, top, im.width, top + 1)
        if first < top < last:
            im.paste(im.crop((0, top - 1, im.width, top)), row)
        else:
            im.paste(grey, row)
    return im

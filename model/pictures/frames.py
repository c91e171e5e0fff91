"""Which picture of a file with several is shown, and what is said of the others."""

from __future__ import annotations

import io
import time
from collections.abc import Callable, Iterator

from PIL import Image

from model.pictures.flatten import Flat
from model.pictures.structure import MAX_FRAMES, gif_frames
from model.pictures.tiff import tiff_pages

# Levels of 255. Compression leaves a black frame some, and fading in begins with few.
BLANK, SHOWS = 24, 64
_LOOKED_AT = 100  # frames at most
_SECONDS = 1.5  # for all that come after the first
_MOST_PIXELS = 8_000_000  # of a frame, of which two or three are held
_IN_SERIES = ("Panorama", "Disparity", "Multi-Angle")  # in Multi-Picture files
_GAIN_MAPS = (b"hdrgm", b"HDRGainMap", b"iso:ts:21496", b"GainMap")


def frames_in(im: Image.Image, data: bytes, kind: str) -> int:
    """Pictures in the file; smaller copies, masks and gain maps are none."""
    # For GIF and TIFF, Pillow's n_frames parses every frame: up to a million.
    if kind == "GIF":
        return gif_frames(data)[0]
    if kind == "TIFF":
        return tiff_pages(data, MAX_FRAMES)
    if im.format == "MPO":
        return _multi_picture(data)
    return int(getattr(im, "n_frames", 1))


def _multi_picture(data: bytes) -> int:
    """Pictures in a Multi-Picture JPEG that are no gain map, preview or depth."""
    count = 1
    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as im:
            size, entries = im.size, im.mpinfo[0xB002]  # type: ignore[attr-defined]
            for number, entry in enumerate(entries[1:20], 1):
                name = str(entry["Attribute"]["MPType"])
                im.seek(number)
                start, length = im.offset, entry["Size"]  # type: ignore[attr-defined]
                head = data[start : start + min(length, 65536)]
                is_map = any(word in head for word in _GAIN_MAPS)
                is_twin = name == "Undefined" and im.size == size and im.mode != "L"
                in_series = any(word in name for word in _IN_SERIES)
                count += in_series or (is_twin and not is_map)
    except Exception:  # another camera's idea of the format: the first one is sound
        return count
    return count


def first_that_shows(
    im: Image.Image, first: Flat, flat: Callable[[], Flat], frames: int
) -> tuple[Flat, str]:
    """The frame of an animation to show, and the sentence on that.

    An animation may fade in from black, or begin with nothing: then the first frame
    that shows something is taken, or the one that shows most.

    Args:
        im: the file, its first frame loaded.
        first: that frame, flattened.
        flat: flattens the frame that `im` is at.
        frames: in the file; at most one over MAX_FRAMES.
    """
    count = f"{frames:,}" if frames <= MAX_FRAMES else f"more than {MAX_FRAMES:,}"
    which = "main one" if im.format == "HEIF" else "first"
    if first.contrast >= BLANK or im.format in ("TIFF", "MPO"):
        return first, f"This file has {count} frames; the {which} is shown."
    best, number, looked_at = first, 1, 1
    for at, found in _others(im, flat):
        looked_at += 1
        if found.contrast > best.contrast:
            best, number = found, at + 1
        if found.contrast >= SHOWS:
            break
    if best.contrast >= BLANK:
        return best, (
            f"This file has {count} frames and begins with a blank one; "
            f"frame {number} is shown."
        )
    if looked_at >= frames:
        blank = "all of them are"
    elif looked_at > 1:
        blank = f"the first {looked_at} are"
    else:
        blank = "the first is"
    return first, f"This file has {count} frames; {blank} blank."


def _others(im: Image.Image, flat: Callable[[], Flat]) -> Iterator[tuple[int, Flat]]:
    """The later frames in their order, as far as time and memory go."""
    if im.width * im.height > _MOST_PIXELS:
        return
    begun, longest = time.monotonic(), 0.0
    shown = im.tell()
    for at in range(_LOOKED_AT):
        if at == shown:
            continue
        before = time.monotonic()
        if before - begun + longest > _SECONDS:
            return
        try:
            im.seek(at)
            im.load()
            found = flat()
        except Exception:  # the last frame was passed, or this one is damaged
            return
        longest = max(longest, time.monotonic() - before)
        yield at, found

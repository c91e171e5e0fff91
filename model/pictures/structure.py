"""How files of each format are built, as far as Pillow does not tell.

All of it reads bytes that anyone may have made: every loop has an end.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

from model.pictures.tiff import tiff_ends_early

Point = tuple[float, float]  # CIE 1931 x and y
MAX_FRAMES = 1_000  # counted; more are "more than 1,000"


def gif_frames(data: bytes) -> tuple[int, bool]:
    """Frames in a GIF, at most one over MAX_FRAMES, and whether it is complete."""

    def past_table(position: int, flags: int) -> int:
        return position + (3 << (flags & 7) + 1 if flags & 0x80 else 0)

    frames = 0
    try:
        position = past_table(13, data[10])
        while frames <= MAX_FRAMES and data[position] != 0x3B:
            if data[position] == 0x2C:
                frames += 1
                position = past_table(position + 10, data[position + 9]) + 1
            elif data[position] == 0x21:
                position += 2
            else:
                return frames, True  # junk after the picture
            while data[position]:
                position += data[position] + 1
            position += 1
    except IndexError:
        return frames, False
    return frames, True


def webp_canvas(data: bytes) -> tuple[int, int]:
    """Width and height in a WebP file's header; (1, 1) where there is none."""
    kind = data[12:16]
    if kind == b"VP8X" and len(data) >= 30:
        return (
            int.from_bytes(data[24:27], "little") + 1,
            int.from_bytes(data[27:30], "little") + 1,
        )
    if kind == b"VP8L" and len(data) >= 25:
        packed = int.from_bytes(data[21:25], "little")
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    if kind == b"VP8 " and len(data) >= 30:
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    return 1, 1


def without_zeros(data: bytes) -> bytes:
    """The file without the zeros in which it ends, if those are many.

    So end files whose room was reserved before their bytes came. A decoder would take
    the zeros for pixels.
    """
    return data.rstrip(b"\0") if data.endswith(bytes(64)) else data


def ends_early(data: bytes, kind: str) -> bool:
    """Whether the file is shorter than its header states."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data[-65536:]
    if kind == "PNG":
        end = data.rfind(b"IEND")  # and four bytes of checksum
        return end < 0 or len(data) < end + 8
    if kind == "GIF":
        return not gif_frames(data)[1]
    if kind == "BMP":
        return len(data) < 26 or int.from_bytes(data[2:6], "little") > len(data)
    if kind == "WEBP":
        return len(data) < 20 or 8 + int.from_bytes(data[4:8], "little") > len(data)
    if kind == "TIFF":
        return tiff_ends_early(data)
    return _boxes_end_early(data)


def _boxes_end_early(data: bytes) -> bool:
    """ISO base media files (HEIF, AVIF) are a row of boxes: length, name, content."""
    position = 0
    seen = set()
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if name not in (b"ftyp", b"meta", b"mdat", b"moov", b"free", b"skip", b"uuid"):
            break  # some phones append data of their own
        seen.add(name)
        if length == 1 and position + 16 <= len(data):
            (length,) = struct.unpack_from(">Q", data, position + 8)
        if length == 0:  # "to the end of the file"
            break
        if length < 8 or position + length > len(data):
            return True
        position += length
    return not seen & {b"meta", b"moov"} or len(seen) < 2


_END_OF_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")


@dataclass(frozen=True)
class JpegScans:
    """What the decoder of a JPEG must keep, and how far the file reaches.

    Attributes:
        samples: per pixel, of all components together; 1.5 for the usual 4:2:0.
        keeps_all: whether each component's coefficients come in several scans, so
            that all of them are held in memory until the last.
        is_complete: whether the last marker, "end of image", is there.
        covers: whether every coefficient is known, but for its lowest bit at most:
            what is missing then is fine detail.
    """

    samples: float
    keeps_all: bool
    is_complete: bool
    covers: bool


def jpeg_scans(data: bytes, *, is_whole: bool = False) -> JpegScans:
    """How a JPEG is divided into scans; to the first one only unless `is_whole`."""
    position, samples, count, is_progressive = 2, 3.0, 3, False
    keeps_all, is_complete = False, False
    seen: dict[int, set[int]] = {}  # component -> coefficients known but for a bit
    while position + 4 <= len(data):
        if data[position] != 0xFF:
            position = data.find(b"\xff", position)
            if position < 0:
                break
            continue
        marker = data[position + 1]
        if marker == 0xD9:
            is_complete = True
            break
        if marker == 0xFF or marker <= 0x01 or 0xD0 <= marker <= 0xD8:
            position += 1 if marker == 0xFF else 2
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        part = data[position + 4 : position + 2 + length]
        position += 2 + max(2, length)
        if marker in _FRAMES and len(part) >= 6 + 3 * part[5] > 6:
            is_progressive = marker in (0xC2, 0xC6, 0xCA, 0xCE)
            count = part[5]
            sizes = [part[7 + 3 * i] for i in range(count)]
            areas = [(size >> 4) * (size & 15) for size in sizes]
            most = max(s >> 4 for s in sizes) * max(s & 15 for s in sizes)
            samples = sum(areas) / max(1, most)
        elif marker == 0xDA and part:
            keeps_all = keeps_all or is_progressive or part[0] < count
            if not is_whole:
                break
            end = _END_OF_SCAN.search(data, position)
            if end is None:
                break
            position = end.start()
            parts, last = part[1 : 1 + 2 * part[0] : 2], part[-3:]
            if len(last) == 3 and last[2] & 15 <= 1:
                for component in parts:
                    found = range(last[0], min(last[1], 63) + 1)
                    seen.setdefault(component, set()).update(found)
    covers = len(seen) == count and all(len(known) == 64 for known in seen.values())
    return JpegScans(samples, keeps_all, is_complete, covers)


_FRAMES = {*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC}


def png_chunk(data: bytes, name: bytes) -> bytes:
    """The content of the first such chunk before the pixels; empty where none is."""
    position = 8
    for _ in range(1000):
        length = int.from_bytes(data[position : position + 4], "big")
        found = data[position + 4 : position + 8]
        if found == name:
            return data[position + 8 : position + 8 + length]
        if found in (b"IDAT", b""):
            break
        position += 12 + length
    return b""


def nclx(data: bytes) -> tuple[int, int] | None:
    """Primaries and transfer (ITU-T H.273) that an AVIF or HEIC file names."""
    at = data.find(b"colrnclx", 0, 2**20)
    if at < 0 or len(data) < at + 12:
        return None
    return struct.unpack_from(">HH", data, at + 8)


def declared_length(data: bytes, kind: str) -> int:
    """The length that a WebP, AVIF or HEIC file states, in bytes; 0 if it has none."""
    if kind == "WEBP":
        return 8 + int.from_bytes(data[4:8], "little")
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        if length == 1 and position + 16 <= len(data):
            length = int.from_bytes(data[position + 8 : position + 16], "big")
        if length < 8:
            return 0
        position += length
    return position


def bmp_colours(
    data: bytes,
) -> bytes | tuple[tuple[Point, Point, Point, Point], float] | None:
    """An embedded ICC profile, or primaries and gamma, of a BMP's longer headers.

    None where the file names sRGB or nothing.
    """
    length = int.from_bytes(data[14:18], "little")
    if length < 108 or len(data) < 14 + length:
        return None
    space = data[70:74]
    if space == b"DEBM" and length >= 124:  # "MBED", read as a little-endian number
        start, size = struct.unpack_from("<II", data, 126)
        return data[14 + start : 14 + start + size] or None
    if space != bytes(4):
        return None
    ends = struct.unpack_from("<9i", data, 74)
    gammas = struct.unpack_from("<3I", data, 110)
    sums = [sum(ends[at : at + 3]) for at in (0, 3, 6)]
    if min(sums) <= 0 or min(ends[1::3]) <= 0 or min(gammas) <= 0:
        return None  # left empty by most programs that write this header
    red, green, blue = (
        (ends[at] / total, ends[at + 1] / total)
        for at, total in zip((0, 3, 6), sums, strict=True)
    )
    white = tuple(sum(ends[at::3]) for at in range(3))
    middle = (white[0] / sum(white), white[1] / sum(white))
    gamma = min(10.0, max(0.1, sum(gammas) / 3 / 65536))
    return (red, green, blue, middle), gamma

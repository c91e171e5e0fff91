"""How files of each format are built, as far as Pillow does not tell.

All of it reads bytes that anyone may have made: every loop has an end.
"""

from __future__ import annotations

import struct

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


def tiff_pages(data: bytes) -> int:
    """Pages in a TIFF, at most one over MAX_FRAMES; a loop in the chain is none."""
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_format, next_format = (
        (order + "Q", order + "Q") if big else (order + "H", order + "I")
    )
    entry = 20 if big else 12
    seen: set[int] = set()
    try:
        (position,) = struct.unpack_from(next_format, data, 8 if big else 4)
        while position and position not in seen and len(seen) <= MAX_FRAMES:
            (entries,) = struct.unpack_from(count_format, data, position)
            seen.add(position)
            after = position + struct.calcsize(count_format) + entries * entry
            (position,) = struct.unpack_from(next_format, data, after)
    except struct.error:
        pass  # the chain leaves the file
    return len(seen)


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


def ends_early(data: bytes, kind: str) -> bool:
    """Whether the file is shorter than it says itself."""
    if kind == "JPEG":
        return b"\xff\xd9" not in data[-65536:]
    if kind == "PNG":
        return b"IEND" not in data[-65536:]
    if kind == "GIF":
        return not gif_frames(data)[1]
    if kind == "BMP":
        return len(data) < 26 or int.from_bytes(data[2:6], "little") > len(data)
    if kind == "WEBP":
        return len(data) < 20 or 8 + int.from_bytes(data[4:8], "little") > len(data)
    if kind == "TIFF":
        return _tiff_ends_early(data)
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


def _tiff_ends_early(data: bytes) -> bool:
    if not tiff_pages(data):
        return True
    order = "<" if data[:2] == b"II" else ">"
    if data[2:4] not in (b"*\0", b"\0*"):
        return False
    (position,) = struct.unpack_from(order + "I", data, 4)
    (entries,) = struct.unpack_from(order + "H", data, position)
    parts: dict[int, list[int]] = {}
    try:
        for entry in range(position + 2, position + 2 + 12 * entries, 12):
            tag, form, count = struct.unpack_from(order + "HHI", data, entry)
            if tag not in (273, 279, 324, 325) or form not in (3, 4):
                continue  # where strips or tiles begin, and their lengths
            width = 2 if form == 3 else 4
            where = entry + 8
            if width * count > 4:
                (where,) = struct.unpack_from(order + "I", data, where)
            count = min(count, len(data) // width)
            code = f"{order}{count}{'H' if form == 3 else 'I'}"
            parts[tag] = list(struct.unpack_from(code, data, where))
    except struct.error:
        return True
    return any(
        start + length > len(data)
        for begin, size in ((273, 279), (324, 325))
        for start, length in zip(
            parts.get(begin, ()), parts.get(size, ()), strict=False
        )
    )

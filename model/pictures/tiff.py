"""How TIFF files are built, and which of them are a camera's raw files.

All of it reads bytes that anyone may have made: every loop has an end.
"""

from __future__ import annotations

import struct

_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE = 254, 259, 262, 271
_SUB_DIRECTORIES, _DNG_VERSION = 330, 50706
_TOLD = {_SUBFILE, _COMPRESSION, _PHOTOMETRIC, _MAKE, _SUB_DIRECTORIES, _DNG_VERSION}
_FORMS = {1: "B", 2: "B", 3: "H", 4: "I", 13: "I", 16: "Q", 18: "Q"}
_CFA, _LINEAR_RAW = 32803, 34892  # a sensor's numbers: before and after interpolation
_RAW_COMPRESSIONS = {32767, 32769, 34713, 34892, 65535}  # ARW, ERF, NEF, DNG, PEF
_RAW_KINDS = (  # by the maker's name
    (b"NIKON", "NEF"),
    (b"SONY", "ARW"),
    (b"PENTAX", "PEF"),
    (b"RICOH", "PEF"),
    (b"SAMSUNG", "SRW"),
    (b"HASSELBLAD", "3FR"),
    (b"EPSON", "ERF"),
    (b"KODAK", "DCR"),
    (b"EASTMAN", "DCR"),
    (b"MAMIYA", "MEF"),
    (b"LEAF", "MOS"),
    (b"LEICA", "RWL"),
    (b"CANON", "CR2"),
    (b"PANASONIC", "RW2"),
    (b"OLYMPUS", "ORF"),
    (b"PHASE ONE", "IIQ"),
)
Directory = dict[int, tuple[int, ...]]  # a TIFF's tag -> its numbers


def tiff_pages(data: bytes, most: int) -> int:
    """Pages in a TIFF that are no smaller copies of others, at most one over `most`.

    A loop in the chain is none.
    """
    order = "<" if data[:2] == b"II" else ">"
    big = data[2:4] in (b"+\0", b"\0+")
    count_format, next_format = (
        (order + "Q", order + "Q") if big else (order + "H", order + "I")
    )
    entry = 20 if big else 12
    seen: set[int] = set()
    copies = 0
    try:
        (position,) = struct.unpack_from(next_format, data, 8 if big else 4)
        while position and position not in seen and len(seen) <= most:
            (entries,) = struct.unpack_from(count_format, data, position)
            seen.add(position)
            first = position + struct.calcsize(count_format)
            # Tags stand in their order: this one is the first.
            tag, value = struct.unpack_from(
                order + ("HxxxxxxxxxxQ" if big else "HxxxxxxI"), data, first
            )
            copies += tag == _SUBFILE and value & 0b101 != 0
            after = first + entries * entry
            (position,) = struct.unpack_from(next_format, data, after)
    except struct.error:
        pass  # the chain leaves the file
    return len(seen) - copies if len(seen) > copies else min(1, len(seen))


def tiff_directories(data: bytes) -> tuple[list[Directory], list[Directory]]:
    """The tags of a TIFF's pages, and the sub-files of the first ones.

    Only a few tags, and of a page too far into the file nothing.
    """
    pages: list[Directory] = []
    below: list[Directory] = []
    start = _Directories(data).first
    waiting = [(start, pages)] if start else []
    seen: set[int] = set()
    while waiting and len(seen) < 64:
        position, found = waiting.pop(0)
        if position in seen:
            continue
        seen.add(position)
        try:
            directory, following = _Directories(data).read(position)
        except struct.error:
            continue
        found.append(directory)
        waiting += [(at, below) for at in directory.get(_SUB_DIRECTORIES, ())[:8]]
        if following:
            waiting.append((following, found))
    return pages, below


class _Directories:
    """The layout of one TIFF's directories: byte order, and 32 or 64 bits."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._order = "<" if data[:2] == b"II" else ">"
        self._is_big = data[2:4] in (b"+\0", b"\0+")
        try:
            self.first = self._offset(8 if self._is_big else 4)
        except struct.error:
            self.first = 0

    def _offset(self, position: int) -> int:
        form = self._order + ("Q" if self._is_big else "I")
        return int(struct.unpack_from(form, self._data, position)[0])

    def read(self, position: int) -> tuple[Directory, int]:
        """One directory, and where the next one stands; 0 after the last.

        Raises:
            struct.error: it leaves the file.
        """
        order, big = self._order, self._is_big
        (entries,) = struct.unpack_from(
            order + ("Q" if big else "H"), self._data, position
        )
        position += 8 if big else 2
        entries = min(entries, 4096)
        directory: Directory = {}
        for _ in range(entries):
            tag, form, count = struct.unpack_from(
                order + ("HHQ" if big else "HHI"), self._data, position
            )
            if tag in _TOLD and form in _FORMS:
                count = min(count, 64)
                code = f"{order}{count}{_FORMS[form]}"
                where = position + (12 if big else 8)
                if struct.calcsize(code) > (8 if big else 4):
                    where = self._offset(where)
                directory[tag] = struct.unpack_from(code, self._data, where)
            position += 20 if big else 12
        return directory, self._offset(position)


def raw_kind(data: bytes) -> str | None:
    """Of a camera's raw file that begins like a TIFF the usual ending of its name.

    None for a TIFF; an empty text for a raw file of a maker that is not known.
    """
    if data[8:10] == b"CR":
        return "CR2"
    pages, below = tiff_directories(data)
    if not pages:
        return None
    first = pages[0]
    make = bytes(n & 255 for n in first.get(_MAKE, ())).upper()
    is_raw = _DNG_VERSION in first or any(
        directory.get(_PHOTOMETRIC, (0,))[0] in (_CFA, _LINEAR_RAW)
        or directory.get(_COMPRESSION, (0,))[0] in _RAW_COMPRESSIONS
        for directory in pages + below
    )
    # A camera's TIFF whose pages are all reduced ones: the picture is elsewhere, in
    # numbers that only its maker's programs read.
    is_raw = is_raw or (make != b"" and all(map(is_reduced, pages)))
    if not is_raw:
        return None
    if _DNG_VERSION in first:
        return "DNG"
    return next((kind for name, kind in _RAW_KINDS if make.startswith(name)), "")


def is_reduced(directory: Directory) -> bool:
    """Whether a page is a smaller copy or a mask of another one."""
    return bool(directory.get(_SUBFILE, (0,))[0] & 0b101)


def tiff_first_page(data: bytes) -> int:
    """The number of the first page that is no smaller copy of another, from 0."""
    pages, _ = tiff_directories(data)
    return next((at for at, page in enumerate(pages) if not is_reduced(page)), 0)


def tiff_ends_early(data: bytes) -> bool:
    """Whether strips or tiles of the first page, or all pages, lie past the end."""
    if not tiff_pages(data, 1):
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


_WIDTHS = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8}


def tiff_missing(data: bytes) -> int:
    """Bytes that the first directory and what belongs to it lack, pixels aside.

    Libraries write the directory last, so a few lost bytes lose it. 0 for a BigTIFF.
    """
    order = "<" if data[:2] == b"II" else ">"
    try:
        (position,) = struct.unpack_from(order + "I", data, 4)
        (entries,) = struct.unpack_from(order + "H", data, position)
    except struct.error:
        return 0
    reach = position + 2 + 12 * entries + 4
    for entry in range(position + 2, reach - 4, 12):
        if entry + 12 > len(data):
            break
        _, form, count, where = struct.unpack_from(order + "HHII", data, entry)
        length = _WIDTHS.get(form, 1) * count
        if length > 4:
            reach = max(reach, where + length)
    return max(0, reach - len(data)) if data[2:4] in (b"*\0", b"\0*") else 0

"""Files that mean harm, made on the spot: `hostile_files()` names and builds them.

Nothing here is a recorded attack; each file presses one known weakness of picture
readers: sizes that lie, data that expands a thousandfold, other programs' formats.
"""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

PNG_START = b"\x89PNG\r\n\x1a\n"


@dataclass(frozen=True)
class Hostile:
    """A file, and what its refusal must say; empty where a picture may come out."""

    name: str
    data: bytes
    says: str = ""


@cache
def hostile_files() -> list[Hostile]:
    """All of them, in a fixed order and with fixed bytes."""
    picture = encoded("JPEG")
    png = encoded("PNG")
    return [
        Hostile("empty", b"", "this file is empty"),
        Hostile("zeros", bytes(5000), "something else"),
        Hostile("text", b"Dear Sir or Madam, " * 40, "a text"),
        Hostile("large", picture + bytes(20_000_000), "up to 20 MB"),
        # Other programs' formats; Pillow would call Ghostscript for the EPS.
        Hostile("drawing.svg", SVG, "an SVG drawing"),
        Hostile("declared.svg", b"\xef\xbb\xbf<?xml?>\n" + SVG, "an SVG drawing"),
        Hostile("page.html", b"<!DOCTYPE html><script>1</script>", "a web page"),
        Hostile("paper.pdf", b"%PDF-1.7\n1 0 obj\n<<>>\n", "a PDF document"),
        Hostile("drawing.ps", POSTSCRIPT, "a PostScript drawing"),
        Hostile("drawing.eps", eps_with_preview(), "a PostScript drawing"),
        Hostile("drawing.wmf", b"\xd7\xcd\xc6\x9a" + bytes(200), "(WMF)"),
        Hostile("drawing.emf", b"\1\0\0\0" + bytes(36) + b" EMF", "(EMF)"),
        Hostile("pictures.zip", zipped(), "a zip archive"),
        Hostile("paint.psd", b"8BPS" + bytes(100), "Photoshop"),
        Hostile("icon.ico", b"\0\0\1\0\1\0" + bytes(100), "an icon"),
        Hostile("film.mp4", b"\0\0\0\x18ftypisom\0\0\2\0isommp42", "a film"),
        Hostile("film.avi", b"RIFF\x10\0\0\0AVI LIST" + bytes(80), "a film"),
        Hostile("program", b"MZ" + bytes(300), "a program"),
        # A picture first and something else behind: only the pixels are kept.
        Hostile("jpeg+zip", picture + zipped()),
        Hostile("jpeg+html", picture + b"<html><script>1</script>"),
        Hostile("png+pdf", png + b"%PDF-1.7\n"),
        Hostile("gif+script", b"GIF89a/*" + b"\0" * 9 + b"*/=1;alert(1)"),
        # Sizes that lie.
        Hostile("wide.png", png_header(50_000, 50_000), "50,000 × 50,000"),
        Hostile("huge.png", png_header(2**31 - 1, 2**31 - 1), "million pixels"),
        Hostile("bomb.png", png_bomb(20_000, 20_000), "20,000 × 20,000"),
        Hostile("huge.gif", gif_header(65_535, 65_535), "65,535 × 65,535"),
        Hostile("huge.bmp", bmp_header(60_000, 60_000), "60,000 × 60,000"),
        Hostile("huge.jpg", jpeg_header(65_500, 65_500), "65,500 × 65,500"),
        Hostile("huge.webp", webp_header(16_384, 16_384), "16,384 × 16,384"),
        Hostile("huge.tif", tiff(100_000, 100_000, b"\0" * 64), "100,000 × 100,000"),
        Hostile("tile.tif", tiff_huge_tile(), " "),
        Hostile("flat.png", png_header(0, 10), " "),
        Hostile("strips.tif", tiff_overlapping_tags()),
        Hostile("loop.tif", tiff_that_loops()),
        # Data that expands.
        Hostile("text.png", png_with(b"zTXt", b"a\0\0" + squeezed(300)), " "),
        Hostile("many-texts.png", png_with_many_texts(), " "),
        Hostile("icc.png", png_with(b"iCCP", b"a\0\0" + squeezed(300)), " "),
        Hostile("zip.png", png_bomb(7_000, 7_000)),  # 49 million: just allowed
        # Long work.
        Hostile("frames.gif", gif_of_many_frames(200_000)),
        Hostile("pages.tif", tiff_of_many_pages(100_000)),
    ]


SVG = (
    b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)">'
    b'<image href="file:///etc/passwd"/></svg>'
)
POSTSCRIPT = b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n(%pipe%id) (r) file\n"


def encoded(kind: str, **options: Any) -> bytes:
    """A small sound picture in that format."""
    ramp = np.add.outer(np.arange(48), np.arange(64)).astype(np.uint8) * 2
    image = Image.fromarray(np.stack([ramp, ramp[::-1], 255 - ramp], axis=-1))
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def eps_with_preview() -> bytes:
    """A DOS EPS: binary header, PostScript, and a TIFF preview."""
    start = struct.pack("<4s6IH", b"\xc5\xd0\xd3\xc6", 30, 70, 0, 0, 0, 0, 0xFFFF)
    return start + POSTSCRIPT


def zipped() -> bytes:
    """An archive with a megabyte of nothing in it."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.txt", bytes(2**20))
    return file.getvalue()


@cache
def squeezed(megabytes: int) -> bytes:
    """That many megabytes of zeros as a thousandth of the bytes."""
    packer = zlib.compressobj(9)
    million = bytes(2**20)
    return b"".join(packer.compress(million) for _ in range(megabytes)) + packer.flush()


# --- PNG ------------------------------------------------------------------------------


def chunk(name: bytes, data: bytes) -> bytes:
    """One PNG chunk with its sum."""
    body = name + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def png(
    width: int, height: int, depth: int, colour: int, rows: bytes, *more: bytes
) -> bytes:
    """A PNG of raw rows (filter byte first); `more` are chunks before the data."""
    start = chunk(
        b"IHDR", struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    )
    data = chunk(b"IDAT", zlib.compress(rows, 1))
    return PNG_START + start + b"".join(more) + data + chunk(b"IEND", b"")


def png_header(width: int, height: int) -> bytes:
    """A PNG that claims a size and has hardly any data."""
    return png(width, height, 8, 2, bytes(100))


def png_bomb(width: int, height: int) -> bytes:
    """A PNG of that many black pixels, one bit each, complete and small."""
    packer = zlib.compressobj(9)
    row = bytes(1 + -(-width // 8))
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    start = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    return PNG_START + start + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def png_with(name: bytes, data: bytes) -> bytes:
    """A one-pixel PNG with a chunk of its own."""
    return png(1, 1, 8, 0, b"\0\0", chunk(name, data))


def png_with_many_texts() -> bytes:
    """A hundred texts of just under a megabyte each."""
    text = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(2**20 - 1), 9))
    return png(1, 1, 8, 0, b"\0\0", *([text] * 100))


# --- Others ---------------------------------------------------------------------------


def gif_header(width: int, height: int) -> bytes:
    """A GIF that claims a size, with one frame as large and no data."""
    size = struct.pack("<HH", width, height)
    frame = b",\0\0\0\0" + size + b"\0\x08\0"
    return b"GIF89a" + size + b"\x80\0\0" + bytes(6) + frame + b";"


def gif_of_many_frames(frames: int) -> bytes:
    """A GIF of one-pixel frames, twenty bytes each."""
    frame = b",\0\0\0\0\1\0\1\0\0\2\2D\1\0"
    return b"GIF89a\1\0\1\0\x80\0\0\0\0\0\xff\xff\xff" + frame * frames + b";"


def bmp_header(width: int, height: int) -> bytes:
    """A BMP that claims a size."""
    head = struct.pack("<IiiHHIIiiII", 40, width, height, 1, 24, 0, 0, 0, 0, 0, 0)
    return b"BM" + struct.pack("<IHHI", 54 + 100, 0, 0, 54) + head + bytes(100)


def jpeg_header(width: int, height: int) -> bytes:
    """A JPEG that claims a size."""
    data = bytearray(encoded("JPEG"))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = struct.pack(">HH", height, width)
    return bytes(data)


def webp_header(width: int, height: int) -> bytes:
    """A WebP whose canvas is large and whose frame is small."""
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    frame = encoded("WEBP")[12:]
    body = b"WEBPVP8X\x0a\0\0\0\0\0\0\0" + canvas + frame
    return b"RIFF" + struct.pack("<I", len(body)) + body


def slow_jpeg(megapixels: int = 40, scans: int = 400) -> bytes:
    """A small progressive JPEG whose last scan is repeated: long work, few bytes."""
    side = int((megapixels * 1e6) ** 0.5) // 16 * 16
    file = io.BytesIO()
    image = Image.new("L", (side, side))
    image.save(file, "JPEG", progressive=True, quality=30)
    data = file.getvalue()
    last = data.rindex(b"\xff\xda")
    return data[:last] + data[last:-2] * scans + b"\xff\xd9"


def tiff(
    width: int,
    height: int,
    pixels: bytes,
    *,
    samples: int = 1,
    bits: int = 8,
    photometric: int = 1,
    sample_format: int = 1,
    more: tuple[tuple[int, int, int, int], ...] = (),
    order: str = "<",
) -> bytes:
    """A TIFF of one uncompressed strip; `more` are (tag, type, count, value)."""
    tags = [
        (256, 4, 1, width),
        (257, 4, 1, height),
        (258, 3, samples, bits),
        (259, 3, 1, 1),
        (262, 3, 1, photometric),
        (273, 4, 1, 0),
        (277, 3, 1, samples),
        (278, 4, 1, height),
        (279, 4, 1, len(pixels)),
        (339, 3, samples, sample_format),
        *more,
    ]
    tags.sort()
    tables = 8 + 2 + 12 * len(tags) + 4
    lists = b""
    entries = b""
    for tag, form, count, value in tags:
        if form == 3 and count > 2:
            values = struct.pack(f"{order}{count}H", *[value] * count)
            value, form_value = tables + len(lists), "I"
            lists += values
        elif tag == 273:
            value, form_value = -1, "i"
        elif form == 3 and count == 2:
            value, form_value = value | value << 16, "I"
        else:
            form_value = "H2x" if form == 3 else "I"
        entries += struct.pack(f"{order}HHI{form_value}", tag, form, count, value)
    begin = struct.pack(order + "I", tables + len(lists))
    entries = entries.replace(struct.pack(order + "i", -1), begin, 1)
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", 8)
    directory = struct.pack(order + "H", len(tags)) + entries + bytes(4)
    return start + directory + lists + pixels


def tiff_huge_tile() -> bytes:
    """A ten-pixel TIFF, LZW, in one tile of 4 thousand million."""
    tags = [
        (256, 4, 1, 10),
        (257, 4, 1, 10),
        (258, 3, 1, 8),
        (259, 3, 1, 5),
        (262, 3, 1, 1),
        (277, 3, 1, 1),
        (322, 4, 1, 65_520),
        (323, 4, 1, 65_520),
        (324, 4, 1, 200),
        (325, 4, 1, 40),
    ]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in tags)
    head = b"II*\0\x08\0\0\0" + struct.pack("<H", len(tags)) + entries + bytes(4)
    return head.ljust(200, b"\0") + b"\x80" * 40


def tiff_overlapping_tags() -> bytes:
    """Four thousand tags that all claim the same four megabytes."""
    size = 4 * 2**20
    tags = b"".join(struct.pack("<HHII", n, 7, size, 100) for n in range(1000, 5000))
    ordinary = b"".join(
        struct.pack("<HHII", *tag)
        for tag in [
            (256, 4, 1, 4),
            (257, 4, 1, 4),
            (258, 3, 1, 8),
            (259, 3, 1, 1),
            (262, 3, 1, 1),
            (273, 4, 1, 100),
        ]
    )
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 4006) + ordinary + tags + bytes(size)


def tiff_that_loops() -> bytes:
    """A TIFF whose first page names itself as the next."""
    data = bytearray(tiff(4, 4, bytes(16)))
    (entries,) = struct.unpack_from("<H", data, 8)
    struct.pack_into("<I", data, 10 + 12 * entries, 8)
    return bytes(data)


def tiff_of_many_pages(pages: int) -> bytes:
    """A TIFF whose first page is followed by a long chain of empty ones."""
    data = bytearray(tiff(4, 4, bytes(16)))
    (entries,) = struct.unpack_from("<H", data, 8)
    data += bytes(len(data) % 2)
    begin = len(data)
    struct.pack_into("<I", data, 10 + 12 * entries, begin)
    chain = b"".join(struct.pack("<HI", 0, begin + 6 * n) for n in range(1, pages))
    return bytes(data) + chain + bytes(6)

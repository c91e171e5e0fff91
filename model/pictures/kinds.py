"""Which files are pictures that we take, told by their first bytes; what others are.

Nothing is opened here: this runs in the server, on bytes that anyone may have sent.
"""

from __future__ import annotations

import math

__all__ = ["MAX_BYTES", "PictureRefused", "kind_of"]

MAX_BYTES = 20_000_000
NAMES = {"WEBP": "WebP", "HEIF": "HEIC"}  # where Pillow's name is not people's


class PictureRefused(ValueError):
    """This file is not shown. The message is one sentence for the visitor."""


WANTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
DAMAGED = (
    "This picture cannot be opened here; open it in another program, "
    "save it as JPEG or PNG and try that file."
)
SLOW = (
    "This picture takes too long to open; open it in another program, "
    "save it as an ordinary JPEG or PNG and try that file."
)
BUSY = "Many pictures are being opened just now; please try again in a few seconds."
NO_WORKER = "Pictures cannot be opened just now; please try again in a minute."

PICTURES = {  # Pillow's name of the format, by the first bytes
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_HEIF_BRANDS = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1"),
}
_OTHERS = (  # what people drop here instead, by the first bytes
    (b"%!PS", "a PostScript drawing"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (b"\xd7\xcd\xc6\x9a", "a Windows drawing (WMF)"),
    (b"\x01\0\x09\0\0\x03", "a Windows drawing (WMF)"),
    (b"\x01\0\0\0", "a Windows drawing (EMF)"),
    (b"8BPS", "a Photoshop document"),
    (b"gimp xcf", "a GIMP document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"PK", "a zip archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"RIFF", "a film or a sound"),
    (b"ID3", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def kind_of(data: bytes) -> str:
    """Pillow's name of the file's format.

    Raises:
        PictureRefused: empty, too large, or not of a format that we take.
    """
    if not data:
        raise PictureRefused(
            f"A picture was expected and this file is empty; choose a {WANTED} file."
        )
    if len(data) > MAX_BYTES:
        raise PictureRefused(
            f"A picture file may have up to {MAX_BYTES // 10**6} MB and this one has "
            f"{math.ceil(len(data) / 1e5) / 10} MB; make it smaller and try again."
        )
    for start, kind in PICTURES.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # "BM" alone also begins texts; next stands the length of a known header.
    if data[:2] == b"BM" and data[14:18] in _BMP_HEADERS:
        return "BMP"
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[at : at + 4] for at in (8, *range(16, length, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    raise PictureRefused(
        f"A {WANTED} picture was expected and this file is {_other(data)}; "
        "choose another file or save this one as PNG or JPEG."
    )


_BMP_HEADERS = {bytes((length, 0, 0, 0)) for length in (12, 40, 52, 56, 64, 108, 124)}


def _other(data: bytes) -> str:
    """What a file that is no picture seems to be, with its article."""
    for start, name in _OTHERS:
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return "a film"
    head = data[:4096].lower()
    if b"%pdf-" in head:
        return "a PDF document"
    if b"<svg" in head:
        return "an SVG drawing"
    if b"<html" in head or b"<!doctype html" in head:
        return "a web page"
    if b"\0" not in head:
        return "a text"
    return "something else"

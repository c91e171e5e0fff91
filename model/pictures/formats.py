"""Which files are pictures that we take, told by their first bytes; what others are.

Nothing is opened here: this runs in the server, on bytes that anyone may have sent.
"""

from __future__ import annotations

import math
import re
from itertools import chain

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
_BMP_HEADERS = {bytes((length, 0, 0, 0)) for length in (12, 40, 52, 56, 64, 108, 124)}
RAW = "a camera's raw file"
OTHERS = (  # what people drop here instead, by the first bytes
    (b"FUJIFILMCCD-RAW", f"{RAW} (RAF)"),
    (b"IIU\0", f"{RAW} (RW2)"),
    (b"IIRO", f"{RAW} (ORF)"),
    (b"IIRS", f"{RAW} (ORF)"),
    (b"MMOR", f"{RAW} (ORF)"),
    (b"FOVb", f"{RAW} (X3F)"),
    (b"\0MRM", f"{RAW} (MRW)"),
    (b"II\x1a\0\0\0HEAPCCDR", f"{RAW} (CRW)"),
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
    (b"II\xbc", "a JPEG XR picture"),
    (b"qoif", "a QOI picture"),
    (b"DDS ", "a DDS texture"),
    (b"BPG\xfb", "a BPG picture"),
    (b"\x8aMNG", "an MNG animation"),
    (b"v/1\x01", "an OpenEXR picture"),
    (b"#?RADIANCE", "a Radiance HDR picture"),
    (b"\x01\xda", "an SGI picture"),
    (b"/* XPM */", "an XPM picture"),
    (b"icns", "an icon"),
    (b"\0\0\x01\0", "an icon"),
    (b"\0\0\x02\0\x01\0", "a mouse pointer"),
    (b"AT&TFORM", "a DjVu document"),
    (b"\0\x05\x16\x07", "a Mac's companion of a file (its name begins with ._)"),
    (b"\xef\xbf\xbd" * 2, "a picture that was spoiled by being read as a text"),
    (b"\xef\xbf\xbdPNG", "a picture that was spoiled by being read as a text"),
    (b"\x89PNG", "a picture whose line ends were changed as if it were a text"),
    (b"/9j/", "a picture as text (base64)"),
    (b"iVBORw0KGgo", "a picture as text (base64)"),
    (b"data:image/", "a picture as text (base64)"),
    (b"PK", "a zip archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"BZh", "a compressed archive"),
    (b"\xfd7zXZ", "a compressed archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"{\\rtf", "an office document"),
    (b"\x93NUMPY", "an array of NumPy"),
    (b"\x89HDF", "an HDF5 file"),
    (b"SIMPLE  =", "a FITS picture"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"\0\0\x01\xba", "a film"),
    (b"\0\0\x01\xb3", "a film"),
    (b"0&\xb2u", "a film"),
    (b"FLV\x01", "a film"),
    (b"RIFF", "a film or a sound"),
    (b"OggS", "a film or a sound"),
    (b"ID3", "a sound"),
    (b"fLaC", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)
_NETPBM = {b"1": "PBM", b"4": "PBM", b"2": "PGM", b"5": "PGM", b"3": "PPM", b"6": "PPM"}
_NETPBM |= {b"7": "PAM", b"F": "PFM", b"f": "PFM"}
# Before a picture may stand the headers of a download or a warning of a web server;
# these beginnings are in no text. The others may follow blanks and byte order marks.
_RUBBISH = 4096  # bytes
_BEGINNING = re.compile(
    rb"\xff\xd8\xff[\xc0-\xfe]"
    rb"|\x89PNG\r\n\x1a\n"
    rb"|GIF8[79]a"
    rb"|RIFF....WEBPVP8"
    rb"|\0\0..ftyp(?=avi[fs]|he[iv][cxms]|m[is]f1)",
    re.DOTALL,
)
_BLANKS = re.compile(rb"(?:\s|\0|\xef\xbb\xbf){0,64}")


def kind_of(data: bytes) -> tuple[str, int]:
    """Pillow's name of the file's format, and where in the file the picture begins.

    Raises:
        PictureRefused: empty, too large, or not of a format that we take.
    """
    check_length(len(data))
    if kind := _kind_at(data):
        return kind, 0
    name = _other(data)
    if not name:
        blanks = _BLANKS.match(data)
        found = _BEGINNING.search(data, 0, _RUBBISH)
        for start in (blanks.end() if blanks else 0, found.start() if found else 0):
            kind = _kind_at(data[start : start + 512])
            # Texts speak of "GIF89a"; in a picture the 13th byte is zero.
            if kind and (kind != "GIF" or data[start + 12 : start + 13] == b"\0"):
                return kind, start
    raise other_file(name or _text(data))


def check_length(length: int) -> None:
    """Raises PictureRefused for a file of no bytes, or of too many."""
    if not length:
        raise PictureRefused(
            f"A picture was expected and this file is empty; choose a {WANTED} file."
        )
    if length > MAX_BYTES:
        raise PictureRefused(
            f"A picture file may have up to {MAX_BYTES // 10**6} MB and this one has "
            f"{math.ceil(length / 1e5) / 10} MB; make it smaller and try again."
        )


def other_file(name: str) -> PictureRefused:
    """The refusal of a file that is something else, named with its article."""
    return PictureRefused(
        f"A {WANTED} picture was expected and this file is {name}; "
        "choose another file or save this one as PNG or JPEG."
    )


def _kind_at(data: bytes) -> str:
    """The format of a picture that begins with the first byte; empty for others."""
    for start, kind in PICTURES.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # "BM" alone also begins texts; next stands the length of a known header.
    if data[:2] == b"BM" and data[14:18] in _BMP_HEADERS:
        return "BMP"
    brands = _brands(data)
    if brands & {b"avif", b"avis"}:
        return "AVIF"
    return "HEIF" if brands & _HEIF_BRANDS else ""


def _brands(data: bytes) -> set[bytes]:
    """The compatible brands of an ISO base media file."""
    if data[4:8] != b"ftyp":
        return set()
    length = min(int.from_bytes(data[:4], "big"), 256)
    return {data[at : at + 4] for at in chain((8,), range(16, length, 4))}


def _other(data: bytes) -> str:
    """The likely kind of a binary file, with its article; empty if unknown."""
    for start, name in OTHERS:
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return f"{RAW} (CR3)" if b"crx " in _brands(data) else "a film"
    if b"%pdf-" in data[:1024].lower():
        return "a PDF document"
    if data[:1] == b"P" and data[2:3] in b"\n\r\t #" and data[1:2] in _NETPBM:
        return f"a {_NETPBM[data[1:2]]} picture"
    if data[128:132] == b"DICM":
        return "a medical picture (DICOM)"
    if data[257:262] == b"ustar":
        return "an archive (tar)"
    if data[:1] == b"\n" and data[1:2] in b"\0\2\3\4\5" and data[2:4] in _PCX:
        return "a PCX picture"
    return "a TGA picture" if _is_targa(data) else ""


_PCX = {b"\1" + bytes((bits,)) for bits in (1, 2, 4, 8)}  # packed, bits per pixel


def _is_targa(data: bytes) -> bool:
    """Targa has no first bytes of its own: a footer, or a header that makes sense."""
    if data[-18:-2] == b"TRUEVISION-XFILE":
        return True
    if len(data) < 18:
        return False
    has_map, form, depth = data[1], data[2], data[16]
    width, height = data[12:14], data[14:16]
    return (
        b"\0\0" not in (width, height)
        and (
            (form in (2, 3, 10, 11) and has_map == 0)
            or (form in (1, 9) and has_map == 1)
        )
        and (has_map == 1 or data[3:8] == bytes(5))
        and depth in ((8, 16) if form in (1, 3, 9, 11) else (15, 16, 24, 32))
        and not data[17] & 0xC0
    )


def _text(data: bytes) -> str:
    """What a file of which nothing else is known seems to be, with its article."""
    head = data[:4096].lower()
    if b"<svg" in head:
        return "an SVG drawing"
    if b"<html" in head or b"<!doctype html" in head:
        return "a web page"
    if b"\0" not in head or data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "a text"
    return "something else"

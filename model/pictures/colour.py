"""Colours as sRGB, which browsers and networks expect.

A file may say what its numbers mean by an ICC profile, or in a few numbers of its own:
primaries and a curve. Those are made into a profile, so that one conversion serves all.
"""

from __future__ import annotations

import contextlib
import io
import math
import struct
from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image, ImageCms

from model.pictures.structure import bmp_colours, nclx, png_chunk

_MAX_PROFILE = 4 * 2**20  # bytes; print profiles have 0.5 to 2 MB
_PROFILE_SPACE = {"L": (b"GRAY", b"RGB "), "RGB": (b"RGB ",), "CMYK": (b"CMYK",)}
_EXIF_DIRECTORY, _INTEROPERABILITY, _COLOUR_SPACE = 0x8769, 0xA005, 0xA001

Point = tuple[float, float]  # CIE 1931 x and y
Primaries = tuple[Point, Point, Point, Point]  # red, green, blue, white
Curve = Callable[[float], float]  # the file's number -> light, both 0 to 1
Vector = tuple[float, float, float]
Matrix = tuple[Vector, Vector, Vector]

_D65 = (0.3127, 0.3290)
_SRGB: Primaries = ((0.64, 0.33), (0.30, 0.60), (0.15, 0.06), _D65)
_ADOBE: Primaries = ((0.64, 0.33), (0.21, 0.71), (0.15, 0.06), _D65)
_PRIMARIES: dict[int, Primaries] = {  # by their number in ITU-T H.273
    1: _SRGB,
    5: ((0.64, 0.33), (0.29, 0.60), (0.15, 0.06), _D65),
    6: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    7: ((0.63, 0.34), (0.31, 0.595), (0.155, 0.07), _D65),
    9: ((0.708, 0.292), (0.170, 0.797), (0.131, 0.046), _D65),
    11: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), (0.314, 0.351)),
    12: ((0.68, 0.32), (0.265, 0.69), (0.15, 0.06), _D65),
}
_PQ, _HLG = 16, 18  # transfer characteristics of H.273
HDR = (
    "This picture is made for HDR screens; it is shown as on an ordinary one, "
    "and its brightness is approximate."
)
BY_EXIF = (
    "This picture says in its EXIF data alone that its colours are Adobe RGB; "
    "they are shown so, and other programs may show them paler."
)


@dataclass(frozen=True)
class Colours:
    """What a file says of its colours.

    Attributes:
        profile: an ICC profile; empty for sRGB, or where the file says nothing.
        note: a sentence for the visitor, usually empty.
    """

    profile: bytes = b""
    note: str = ""


def colours_of(im: Image.Image, data: bytes, kind: str) -> Colours:
    """What a loaded picture of format `kind` says of its colours, best source first."""
    if kind == "PNG" and len(told := png_chunk(data, b"cICP")) >= 2:
        return _by_code(told[0], told[1])
    profile = im.info.get("icc_profile")
    if isinstance(profile, bytes) and profile:
        return Colours(profile)
    if kind == "PNG" and any(name in im.info for name in ("srgb", "gamma")):
        return _by_png(im)
    if kind in ("AVIF", "HEIF"):
        return _by_code(*(nclx(data) or (2, 2)))
    if kind == "BMP":
        return _by_bmp(data)
    return (
        Colours(profile_of(_ADOBE, 563 / 256), BY_EXIF) if _is_adobe(im) else Colours()
    )


def _by_code(primaries: int, transfer: int) -> Colours:
    """By H.273's numbers, as cICP and nclx give them."""
    space = _PRIMARIES.get(primaries, _SRGB)
    if transfer in (_PQ, _HLG):
        curve = _shown(_pq if transfer == _PQ else _hlg)
        return Colours(profile_of(space, curve), HDR)
    # The curves of television are shown as sRGB's, as browsers do.
    gamma = {4: 2.2, 5: 2.8, 8: 1.0}.get(transfer)
    if space == _SRGB and gamma is None:
        return Colours()
    return Colours(profile_of(space, gamma or _srgb))


def _by_png(im: Image.Image) -> Colours:
    """By gAMA, and by cHRM where gAMA is there, too: browsers ask for both."""
    gamma, points = im.info.get("gamma"), im.info.get("chromaticity")
    if "srgb" in im.info or not gamma:
        return Colours()
    space = _SRGB
    if points and len(points) == 8:
        white, red, green, blue = zip(points[::2], points[1::2], strict=True)
        space = (red, green, blue, white)
    is_srgb = all(
        abs(a - b) < 0.002
        for one, other in zip(space, _SRGB, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    if abs(gamma - 1 / 2.2) < 0.002:  # how programs write "sRGB" in this chunk
        return Colours() if is_srgb else Colours(profile_of(space, _srgb))
    return Colours(profile_of(space, min(10.0, max(0.1, 1 / gamma))))


def _by_bmp(data: bytes) -> Colours:
    """By the colour space of a BMP's longer headers."""
    told = bmp_colours(data)
    if told is None or isinstance(told, bytes):
        return Colours(told or b"")
    points, gamma = told
    return Colours(profile_of(points, gamma))


def _is_adobe(im: Image.Image) -> bool:
    """Whether EXIF says Adobe RGB, as cameras do ("R03") where there is no profile."""
    try:
        exif = im.getexif()
        space = exif.get_ifd(_EXIF_DIRECTORY).get(_COLOUR_SPACE)
        index = exif.get_ifd(_INTEROPERABILITY).get(1, "")
    except Exception:  # Pillow lets any error out of broken EXIF
        return False
    text = index.decode("latin-1") if isinstance(index, bytes) else str(index)
    return space == 2 or (space == 0xFFFF and text.startswith("R03"))


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """A plain picture as sRGB, by its colour profile where that is sound."""
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return _through(image, ImageCms.ImageCmsProfile(lab))
    space = profile[16:20]  # the colour space that the profile is for
    if 128 < len(profile) <= _MAX_PROFILE and space in _PROFILE_SPACE.get(
        image.mode, ()
    ):
        if image.mode == "L" and space == b"RGB ":
            image = image.convert("RGB")
        # A broken profile is no reason to refuse a sound picture.
        with contextlib.suppress(ImageCms.PyCMSError, OSError, ValueError):
            return _through(image, ImageCms.ImageCmsProfile(io.BytesIO(profile)))
    return image.convert("RGB")


def _through(image: Image.Image, profile: ImageCms.ImageCmsProfile) -> Image.Image:
    srgb = ImageCms.createProfile("sRGB")
    converted = ImageCms.profileToProfile(image, profile, srgb, outputMode="RGB")
    if not isinstance(converted, Image.Image):
        raise ValueError("only a conversion in place returns nothing")
    return converted


# --- Curves ---------------------------------------------------------------------------

_WHITE = 203.0  # candela per square metre of white on an ordinary screen (BT.2408)
_PEAK = 1000.0  # of the brightest highlight that is expected


def _srgb(value: float) -> float:
    """IEC 61966-2-1."""
    return value / 12.92 if value <= 0.04045 else math.pow((value + 0.055) / 1.055, 2.4)


def _pq(value: float) -> float:
    """SMPTE ST 2084, in candela per square metre."""
    power = math.pow(value, 1 / 78.84375)
    share = max(0.0, power - 0.8359375) / (18.8515625 - 18.6875 * power)
    return 10_000.0 * math.pow(share, 1 / 0.1593017578125)


def _hlg(value: float) -> float:
    """ARIB STD-B67 on a screen with a peak of _PEAK, each channel by itself."""
    if value <= 0.5:
        scene = value * value / 3
    else:
        scene = (math.exp((value - 0.55991073) / 0.17883277) + 0.28466892) / 12
    return _PEAK * math.pow(scene, 1.2)


def _shown(light: Curve) -> Curve:
    """Highlights pressed under an ordinary screen's white, as Chromium does it."""

    def curve(value: float) -> float:
        level = light(value) / _WHITE
        most = _PEAK / _WHITE
        return min(1.0, level * (1 + level / most**2) / (1 + level))

    return curve


# --- A profile from a few numbers -----------------------------------------------------

_BRADFORD: Matrix = (
    (0.8951, 0.2664, -0.1614),
    (-0.7502, 1.7135, 0.0367),
    (0.0389, -0.0685, 1.0296),
)
_D50: Vector = (0.96422, 1.0, 0.82521)  # white of all ICC profiles, as XYZ
_STEPS = 1024  # of a curve


def profile_of(space: Primaries, curve: Curve | float) -> bytes:
    """A minimal ICC profile (version 2) of three primaries and one curve or gamma.

    Empty where the primaries make no sense.
    """
    try:
        columns = _to_d50(space)
    except (ZeroDivisionError, OverflowError):
        return b""
    if isinstance(curve, float):
        tone = struct.pack(">I", 1) + struct.pack(">H", round(curve * 256))
    else:
        points = [round(65535 * curve(i / (_STEPS - 1))) for i in range(_STEPS)]
        tone = struct.pack(f">I{_STEPS}H", _STEPS, *points)
    parts = {
        b"desc": b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + bytes(79),
        b"cprt": b"text\0\0\0\0x\0\0\0",
        b"wtpt": _xyz(_D50),
        **{b"rgb"[i : i + 1] + b"XYZ": _xyz(columns[i]) for i in range(3)},
        **{b"rgb"[i : i + 1] + b"TRC": b"curv\0\0\0\0" + tone for i in range(3)},
    }
    table, body, start = b"", b"", 128 + 4 + 12 * len(parts)
    for name, part in parts.items():
        part += bytes(-len(part) % 4)
        table += name + struct.pack(">II", start + len(body), len(part))
        body += part
    head = struct.pack(">I4sI", start + len(body), b"lcms", 0x02100000)
    head += b"mntrRGB XYZ " + bytes(12) + b"acsp" + bytes(28) + _fixed(_D50)
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + body


def _fixed(vector: Vector) -> bytes:
    """s15Fixed16 numbers."""
    return struct.pack(
        ">3i", *(round(max(-32767, min(32767, value)) * 65536) for value in vector)
    )


def _xyz(vector: Vector) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(vector)


def _to_d50(space: Primaries) -> Matrix:
    """XYZ of red, green and blue at full, seen under D50 (Bradford's adaptation)."""
    x_y_z = [(x / y, 1.0, (1 - x - y) / y) for x, y in space]
    white = x_y_z[3]
    primaries = _transposed((x_y_z[0], x_y_z[1], x_y_z[2]))
    shares = _times(_inverse(primaries), white)
    cone_white, cone_d50 = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    columns = []
    for share, colour in zip(shares, x_y_z[:3], strict=True):
        cones = _times(_BRADFORD, colour)
        adapted = [
            share * cone * target / source
            for cone, source, target in zip(cones, cone_white, cone_d50, strict=True)
        ]
        columns.append(
            _times(_inverse(_BRADFORD), (adapted[0], adapted[1], adapted[2]))
        )
    return columns[0], columns[1], columns[2]


def _transposed(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    return (a, d, g), (b, e, h), (c, f, i)


def _times(m: Matrix, v: Vector) -> Vector:
    first, second, third = (
        sum(a * b for a, b in zip(row, v, strict=True)) for row in m
    )
    return first, second, third


def _inverse(m: Matrix) -> Matrix:
    (a, b, c), (d, e, f), (g, h, i) = m
    whole = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / whole, (c * h - b * i) / whole, (b * f - c * e) / whole),
        ((f * g - d * i) / whole, (a * i - c * g) / whole, (c * d - a * f) / whole),
        ((d * h - e * g) / whole, (b * g - a * h) / whole, (a * e - b * d) / whole),
    )

"""Pictures through the one door: right colours, kind refusals, bounded cost.

Files are made here, byte by byte where Pillow cannot, so that the decoder is held
against the formats' definitions and not against itself.
"""

from __future__ import annotations

import io
import os
import signal
import struct
import subprocess
import sys
import threading
import time
import zlib
from dataclasses import replace
from pathlib import Path

import numpy as np
import pillow_heif
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, ImageCms

from model.network import specs
from model.pictures import (
    PictureRefused,
    as_received,
    decoder,
    door,
    formats,
    load_picture,
    to_input,
)
from model.pictures import workers as worker_processes
from paths import ROOT
from tests import access, hostile
from tests.hostile import encoded, png, tiff
from tests.waiting import LONG, until

pytestmark = pytest.mark.skipif(
    sys.platform == "win32", reason="ceilings and signals are tested on POSIX"
)
pillow_heif.register_heif_opener()  # to save with
WHITE = (255, 255, 255)


@pytest.fixture(scope="module", autouse=True)
def _workers_end_with_the_tests():
    yield
    door.close()


@pytest.fixture
def fresh_workers():
    """Workers whose peak of memory is this test's alone."""
    door.close()
    yield
    door.close()


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(load_picture(data).image).astype(int)


def centre(data: bytes) -> tuple[int, ...]:
    image = load_picture(data).image
    assert image.mode == "RGB"
    return image.getpixel((image.width // 2, image.height // 2))


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 2) -> bool:
    return max(abs(a - b) for a, b in zip(one, other, strict=True)) <= by


def workers() -> list[int]:
    return [w.process.pid for w in door.pool.alive if w.process.poll() is None]


def peaks_mb() -> list[float]:
    """The largest memory that each worker ever held."""
    texts = [Path(f"/proc/{pid}/status").read_text() for pid in workers()]
    return [int(t.split("VmHWM:")[1].split()[0]) / 1024 for t in texts]


# --- Formats --------------------------------------------------------------------------


LOSSY = {"JPEG": 24, "AVIF": 24, "HEIF": 24, "MPO": 24}


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {"quality": 95, "subsampling": 0}),
        ("JPEG", {"quality": 95, "subsampling": 0, "progressive": True}),
        ("MPO", {"quality": 95, "subsampling": 0}),
        ("PNG", {}),
        ("WEBP", {"lossless": True}),
        ("BMP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("TIFF", {"compression": "tiff_deflate"}),
        ("TIFF", {"big_tiff": True}),
        ("AVIF", {"quality": 95, "subsampling": "4:4:4"}),
        ("HEIF", {"quality": 95, "chroma": 444}),
    ],
)
def test_every_format_keeps_its_colours(kind, options):
    blocks = np.zeros((64, 96, 3), np.uint8)
    blocks[:32, :48] = 220, 30, 40
    blocks[:32, 48:] = 20, 200, 60
    blocks[32:, :48] = 30, 40, 210
    blocks[32:, 48:] = 128, 128, 128
    loaded = load_picture(saved(Image.fromarray(blocks), kind, **options))
    assert loaded.size == loaded.image.size == (96, 64)
    assert loaded.notes == ()
    got = np.asarray(loaded.image).astype(int)
    for row, column in [(16, 24), (16, 72), (48, 24), (48, 72)]:
        wanted = tuple(blocks[row, column].tolist())
        assert near(tuple(got[row, column]), wanted, LOSSY.get(kind, 0))


def test_exact_formats_keep_every_pixel():
    noise = np.random.default_rng(0).integers(0, 256, (33, 47, 3), dtype=np.uint8)
    for kind in ("PNG", "BMP", "TIFF"):
        assert (pixels(saved(Image.fromarray(noise), kind)) == noise).all()


def test_gif_keeps_its_palette():
    image = Image.new("P", (9, 7), 1)
    image.putpalette([1, 2, 3, 250, 128, 4])
    assert centre(saved(image, "GIF")) == (250, 128, 4)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF", "MPO", "AVIF", "HEIF"])
def test_of_many_frames_the_first_is_shown_and_said(kind):
    colours = [(200, 10, 10), (10, 200, 10), (10, 10, 200)]
    frames = [Image.new("RGB", (32, 32), colour) for colour in colours]
    for frame in frames:
        frame.paste("white", (0, 0, 32, 8))
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(frames[0], kind, save_all=True, append_images=frames[1:], **options)
    loaded = load_picture(data)
    which = "main one" if kind == "HEIF" else "first"
    assert loaded.notes == (f"This file has 3 frames; the {which} is shown.",)
    assert near(loaded.image.getpixel((16, 20)), colours[0], 12)


# --- Modes ----------------------------------------------------------------------------


def test_one_bit():
    assert centre(saved(Image.new("1", (8, 8), 1), "PNG")) == WHITE
    assert centre(saved(Image.new("1", (8, 8), 0), "TIFF")) == (0, 0, 0)


def test_grey():
    assert centre(saved(Image.new("L", (8, 8), 77), "PNG")) == (77, 77, 77)


@pytest.mark.parametrize("value", [0, 257, 20_000, 51_400, 65_535])
def test_sixteen_bit_grey_is_scaled_not_clipped(value):
    grey = Image.fromarray(np.full((8, 8), value, np.uint16))
    for data in (
        saved(grey, "PNG"),
        saved(grey, "TIFF"),
        tiff(8, 8, np.full(64, value, ">u2").tobytes(), bits=16, order=">"),
    ):
        loaded = load_picture(data)
        assert loaded.image.getpixel((4, 4)) == (round(value / 257),) * 3
        assert loaded.notes == (
            "This picture had 16 bits per channel; it is shown with 8.",
        )


def test_white_is_zero():
    shown = pixels(
        tiff(8, 8, np.full(64, 65_535, "<u2").tobytes(), bits=16, photometric=0)
    )
    assert (shown == 0).all()
    assert (pixels(tiff(8, 8, bytes([255]) * 64, photometric=0)) == 0).all()


@pytest.mark.parametrize("samples", [3, 4])
def test_sixteen_bit_colour(samples):
    values = [65_535, 32_896, 257, 65_535][:samples]
    row = b"\0" + struct.pack(f">{samples}H", *values) * 8
    loaded = load_picture(png(8, 8, 16, 2 if samples == 3 else 6, row * 8))
    assert near(loaded.image.getpixel((4, 4)), (255, 128, 1), 1)
    assert loaded.notes == (
        "This picture had 16 bits per channel; it is shown with 8.",
    )
    if samples == 3:
        strip = np.tile(np.array(values, "<u2"), 64).tobytes()
        assert near(
            centre(tiff(8, 8, strip, samples=3, bits=16, photometric=2)),
            (255, 128, 1),
            1,
        )


def test_twelve_bits_of_a_microscope():
    pair = (4095 << 12 | 2048).to_bytes(3, "big")
    loaded = load_picture(tiff(2, 1, pair, bits=12))
    assert np.asarray(loaded.image)[0, :, 0].tolist() == [255, 128]
    assert loaded.notes == (
        "This picture had 12 bits per channel; it is shown with 8.",
    )


@pytest.mark.parametrize("mode", ["RGB;16", "L;16"])
def test_ten_bits_of_a_phone(mode):
    values = [51_400, 25_700, 10_000][: 3 if mode == "RGB;16" else 1]
    file = io.BytesIO()
    strip = np.tile(np.array(values, "<u2"), 64 * 64).tobytes()
    pillow_heif.encode(mode, (64, 64), strip, file, quality=95)
    loaded = load_picture(file.getvalue())
    wanted = tuple(round(v / 257) for v in values) * (1 if len(values) == 3 else 3)
    assert near(loaded.image.getpixel((32, 32)), wanted, 4)
    assert loaded.notes == (
        "This picture had 10 bits per channel; it is shown with 8.",
    )


def test_fractions_from_black_to_white():
    values = np.linspace(0, 1, 64, dtype=np.float32).reshape(8, 8)
    loaded = load_picture(saved(Image.fromarray(values), "TIFF"))
    assert (np.asarray(loaded.image)[..., 0] == np.rint(values * 255)).all()
    assert loaded.notes == (
        "This picture holds fractions; 0 is shown black and 1 white.",
    )


def test_other_floats_are_stretched_and_nothing_else_is_needed():
    values = np.linspace(-40, 90, 64, dtype=np.float32).reshape(8, 8)
    values[0, 1], values[0, 2], values[0, 3] = np.nan, np.inf, -np.inf
    loaded = load_picture(saved(Image.fromarray(values), "TIFF"))
    shown = np.asarray(loaded.image)[..., 0]
    assert shown[0, 0] == 0 and shown[7, 7] == 255
    assert shown[0, 1:4].tolist() == [0, 255, 0]
    assert abs(int(shown[4, 0]) - 255 * 32 / 63) <= 1
    assert loaded.notes == (
        "This picture holds numbers from -40 to 90; "
        "they are stretched from black to white.",
    )


@pytest.mark.parametrize(
    ("values", "shown", "says"),
    [
        ([0, 100, 255], [0, 100, 255], "32 bits"),
        ([0, 25_700, 65_535], [0, 100, 255], "32 bits"),
        ([-5, 0, 5], [0, 128, 255], "from -5 to 5"),
        ([7_000_000, 7_000_000, 7_000_000], [0, 0, 0], "from 7e+06 to 7e+06"),
    ],
)
def test_whole_numbers_of_32_bits(values, shown, says):
    loaded = load_picture(saved(Image.fromarray(np.array([values], np.int32)), "TIFF"))
    assert np.asarray(loaded.image)[0, :, 0].tolist() == shown
    assert says in loaded.notes[0]


def test_unsigned_numbers_of_32_bits():
    strip = np.array([0, 2**31, 2**32 - 1], "<u4").tobytes()
    loaded = load_picture(tiff(3, 1, strip, bits=32))
    assert np.asarray(loaded.image)[0, :, 0].tolist() == [0, 128, 255]
    assert loaded.notes[0].startswith("This picture holds numbers from 0 to 4.29")


def test_transparent_pictures_stand_on_white():
    rgba = Image.new("RGBA", (8, 8), (200, 0, 0, 0))
    rgba.putpixel((4, 4), (200, 0, 0, 128))
    la = Image.new("LA", (8, 8), (10, 0))
    for kind, image in [("PNG", rgba), ("TIFF", rgba), ("WEBP", rgba), ("PNG", la)]:
        options = {"lossless": True} if kind == "WEBP" else {}
        loaded = load_picture(saved(image, kind, **options))
        assert loaded.image.getpixel((0, 0)) == WHITE
        assert loaded.notes == ("Transparent parts are shown on white.",)
        if image is rgba:
            assert near(loaded.image.getpixel((4, 4)), (227, 127, 127))


def test_opaque_alpha_is_not_worth_a_note():
    assert load_picture(saved(Image.new("RGBA", (8, 8), "red"), "PNG")).notes == ()


def test_hidden_colours_do_not_bleed_when_made_smaller():
    """Fully transparent pixels may hold any colour; it must not reach the picture."""
    striped = np.zeros((2000, 2000, 4), np.uint8)
    striped[::2] = 255, 255, 255, 255
    striped[1::2] = 0, 255, 0, 0
    assert (
        pixels(saved(Image.fromarray(striped), "PNG", compress_level=1)) == 255
    ).all()


@pytest.mark.parametrize("clear", [0, b"\0\xff", b"\0"])
def test_palette_with_transparency(clear):
    image = Image.new("P", (8, 8), 0)
    image.putpalette([9, 9, 9, 30, 60, 90])
    image.paste(1, (0, 0, 8, 4))
    loaded = load_picture(saved(image, "PNG", transparency=clear))
    assert loaded.image.getpixel((0, 0)) == (30, 60, 90)
    assert loaded.image.getpixel((0, 7)) == WHITE
    assert loaded.notes == ("Transparent parts are shown on white.",)


@pytest.mark.parametrize(
    ("mode", "seen", "clear", "key"),
    [
        ("L", 90, 40, 40),
        ("1", 0, 1, 255),
        ("RGB", (90, 90, 90), (1, 2, 3), (1, 2, 3)),
        ("I;16", 90 * 257, 40 * 257, 40 * 257),
    ],
)
def test_one_transparent_colour(mode, seen, clear, key):
    image = Image.new(mode, (8, 8), seen)
    image.paste(clear, (0, 0, 8, 4))
    loaded = load_picture(saved(image, "PNG", transparency=key))
    assert loaded.image.getpixel((0, 0)) == WHITE
    assert loaded.image.getpixel((0, 7)) == ((0,) * 3 if mode == "1" else (90,) * 3)


def test_one_transparent_colour_of_16_bits():
    clear, seen = (5000, 6000, 7000), (50_000, 25_700, 0)
    rows = b"".join(b"\0" + struct.pack(">3H", *c) * 4 for c in (clear, seen))
    data = png(4, 2, 16, 2, rows, hostile.chunk(b"tRNS", struct.pack(">3H", *clear)))
    loaded = load_picture(data)
    assert loaded.image.getpixel((0, 0)) == WHITE
    assert near(loaded.image.getpixel((0, 1)), (195, 100, 0), 1)


def test_print_colours():
    cmyk = Image.new("CMYK", (16, 16), (0, 255, 255, 0))
    for data in (saved(cmyk, "TIFF"), saved(cmyk, "JPEG", quality=100)):
        loaded = load_picture(data)
        assert near(loaded.image.getpixel((8, 8)), (255, 0, 0))
        assert loaded.notes == (
            "This picture was made for print; its colours are approximate.",
        )


def test_adobe_jpeg_with_ycck():
    """Adobe stores print colours inverted, and as luma and chroma besides."""
    cyan, magenta, yellow, black = 20, 200, 240, 30
    luma = Image.new("RGB", (16, 16), (cyan, magenta, yellow)).convert("YCbCr")
    stored = [255 - value for value in luma.getpixel((0, 0))]
    data = saved(Image.new("CMYK", (16, 16), (*stored, black)), "JPEG", quality=100)
    at = data.index(b"Adobe") + 11
    assert data[at] == 0
    wanted = [(255 - v) * (255 - black) / 255 for v in (cyan, magenta, yellow)]
    assert near(centre(data[:at] + b"\2" + data[at + 1 :]), tuple(wanted), 4)


@pytest.mark.parametrize(
    ("lab", "rgb"),
    [
        ((255, 0, 0), (255, 255, 255)),
        ((128, 0, 0), (119, 119, 119)),
        # By the formulas of CIE 15 and IEC 61966-2-1, white point D50.
        ((128, 30, -20), (157, 100, 154)),
    ],
)
def test_lab(lab, rgb):
    strip = struct.pack("Bbb", *lab) * 64
    assert near(centre(tiff(8, 8, strip, samples=3, photometric=8)), rgb, 4)


def test_lab_near_grey_survives_being_made_smaller():
    """Signed a and b next to zero would average to garbage as unsigned bytes."""
    strip = (struct.pack("Bbb", 128, 2, -2) + struct.pack("Bbb", 128, -2, 2)) * 720_000
    assert near(
        centre(tiff(1200, 1200, strip, samples=3, photometric=8)), (119,) * 3, 3
    )


# --- Colour profiles ------------------------------------------------------------------


def matrix_profile(red, green, blue, gamma=2.2) -> bytes:
    """A minimal ICC profile of three primaries (XYZ under D50) and one gamma."""

    def xyz(x, y, z):
        return b"XYZ \0\0\0\0" + struct.pack(
            ">3i", *(round(v * 65536) for v in (x, y, z))
        )

    curve = b"curv\0\0\0\0" + struct.pack(">IH2x", 1, round(gamma * 256))
    text = b"desc\0\0\0\0" + struct.pack(">I", 2) + b"x\0" + bytes(79)
    white = xyz(0.9642, 1.0, 0.8249)
    parts = {b"desc": text, b"wtpt": white, b"cprt": b"text\0\0\0\0x\0\0\0"}
    parts |= {b"rXYZ": xyz(*red), b"gXYZ": xyz(*green), b"bXYZ": xyz(*blue)}
    parts |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, at = b"", b"", 128 + 4 + 12 * len(parts)
    for name, part in parts.items():
        part += bytes(-len(part) % 4)
        table += name + struct.pack(">II", at + len(body), len(part))
        body += part
    head = struct.pack(
        ">I4sI4s4s4s", at + len(body), b"lcms", 0x02100000, b"mntr", b"RGB ", b"XYZ "
    )
    head += bytes(12) + b"acsp" + bytes(28) + struct.pack(">3i", 63190, 65536, 54061)
    return head.ljust(128, b"\0") + struct.pack(">I", len(parts)) + table + body


P3 = ((0.5151, 0.2412, -0.0011), (0.2920, 0.6922, 0.0419), (0.1571, 0.0666, 0.7841))


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "WEBP", "AVIF", "HEIF"])
def test_a_wide_profile_becomes_srgb(kind):
    """Display P3's (200, 100, 100) is a stronger red in sRGB."""
    image = Image.new("RGB", (32, 32), (200, 100, 100))
    options = {"quality": 100}
    plain = saved(image, kind, **options)
    wide = saved(image, kind, icc_profile=matrix_profile(*P3), **options)
    assert near(centre(plain), (200, 100, 100), 4)
    assert near(centre(wide), (213, 94, 97), 5)


def test_swapped_primaries_prove_that_the_profile_is_used():
    swapped = matrix_profile(P3[1], P3[0], P3[2])
    image = Image.new("RGB", (8, 8), (220, 30, 30))
    red, green, _ = centre(saved(image, "PNG", icc_profile=swapped))
    assert green > 200 > 100 > red


@pytest.mark.parametrize(
    "profile",
    [
        b"not a profile",
        bytes(5000),
        matrix_profile(*P3)[:200],
        bytes(16) + b"RGB " + bytes(300),
        b"\0" * 16 + b"GRAY" + bytes(300),
        ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes(),
    ],
)
def test_a_broken_or_foreign_profile_is_ignored(profile):
    data = saved(Image.new("RGB", (8, 8), (9, 99, 199)), "PNG", icc_profile=profile)
    assert centre(data) == (9, 99, 199)


# --- Orientation ----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "AVIF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_orientation_comes_out_upright(kind, orientation):
    """The corner names follow the EXIF standard, not Pillow."""
    upright = np.full((64, 96, 3), 128, np.uint8)
    upright[:24, :24] = 230, 20, 20  # red, top left
    upright[:24, -24:] = 20, 20, 230  # blue, top right
    stored = {  # how a camera held that way stores it: row 0 is ..., column 0 is ...
        1: upright,  # top, left
        2: upright[:, ::-1],  # top, right
        3: upright[::-1, ::-1],  # bottom, right
        4: upright[::-1],  # bottom, left
        5: upright.transpose(1, 0, 2),  # left, top
        6: upright.transpose(1, 0, 2)[::-1],  # right, top
        7: upright.transpose(1, 0, 2)[::-1, ::-1],  # right, bottom
        8: upright.transpose(1, 0, 2)[:, ::-1],  # left, bottom
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    options = {"lossless": True} if kind == "WEBP" else {}
    image = Image.fromarray(np.ascontiguousarray(stored))
    loaded = load_picture(saved(image, kind, exif=exif.tobytes(), **options))
    assert loaded.size == loaded.image.size == (96, 64)
    got = loaded.image
    assert near(got.getpixel((10, 10)), (230, 20, 20), 30)
    assert near(got.getpixel((85, 10)), (20, 20, 230), 30)
    assert near(got.getpixel((10, 55)), (128, 128, 128), 12)


def test_broken_exif_does_not_cost_the_picture():
    for exif in (
        b"Exif\0\0MM\0*\xff\xff\xff\xff",
        b"Exif\0\0II*\0\x08\0\0\0\xff\xff",
        b"x",
    ):
        assert (
            load_picture(saved(Image.new("RGB", (8, 8)), "JPEG", exif=exif)).notes == ()
        )


# --- Size and key ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("size", "shown"),
    [
        ((1, 1), (1, 1)),
        ((448, 336), (448, 336)),
        ((449, 336), (448, 335)),
        ((4000, 3000), (448, 336)),
        ((20_000, 1), (448, 1)),
        ((1, 20_000), (1, 448)),
        ((20_000, 1000), (448, 22)),
        ((1300, 1290), (448, 445)),
    ],
)
def test_sizes(size, shown):
    for kind in ("PNG", "JPEG"):
        loaded = load_picture(saved(Image.new("RGB", size, (40, 80, 120)), kind))
        assert loaded.size == size
        assert loaded.image.size == shown
        assert near(
            loaded.image.getpixel((shown[0] - 1, shown[1] - 1)), (40, 80, 120), 3
        )


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_making_smaller_neither_shifts_nor_aliases(kind):
    """Against one resampling of the whole, the slow and sure way."""
    rows, columns = np.mgrid[:400, :3841]  # blocks of 3 × 2, the last ones partial
    wave = 127 + 120 * np.sin(columns / 40) * np.cos(rows / 55)
    checks = np.where((rows + columns) % 2, 255, 0)
    image = Image.fromarray(np.stack([wave, 255 - wave, checks], -1).astype(np.uint8))
    best = {"quality": 98, "subsampling": 0} if kind == "JPEG" else {}
    shown = pixels(saved(image, kind, **best))
    sure = np.asarray(image.resize((448, 47), Image.Resampling.LANCZOS)).astype(int)
    # A JPEG is decoded at a part of its size first; that averages a little otherwise.
    most, mean = {"PNG": (8, 1.0), "JPEG": (12, 1.5)}[kind]
    assert np.abs(shown - sure)[4:-4, 4:-4].max() <= most
    assert np.abs(shown - sure).mean() < mean


def test_the_key_names_the_pixels():
    one = Image.new("RGB", (8, 4), (1, 2, 3))
    key = load_picture(saved(one, "PNG")).key
    assert key == load_picture(saved(one, "BMP")).key
    assert key != load_picture(saved(Image.new("RGB", (4, 8), (1, 2, 3)), "PNG")).key
    assert key != load_picture(saved(Image.new("RGB", (8, 4), (1, 2, 4)), "PNG")).key
    assert len(key) == 32 and int(key, 16) >= 0


def test_pictures_can_be_kept_in_sets():
    data = encoded("PNG")
    assert len({load_picture(data), load_picture(data)}) == 1


# --- Refusals -------------------------------------------------------------------------

HOSTILE = hostile.hostile_files()


@pytest.mark.parametrize("file", HOSTILE, ids=[file.name for file in HOSTILE])
def test_hostile_files(file, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    begun = time.monotonic()
    try:
        loaded = load_picture(file.data)
    except PictureRefused as refused:
        check_sentence(str(refused))
        assert file.says or file.name == "gif+script"
        assert file.says in str(refused)
    else:
        assert not file.says
        assert max(loaded.image.size) <= 448
    assert time.monotonic() - begun < LONG, "it is stopped after five"
    assert list(tmp_path.iterdir()) == []


def check_sentence(text: str) -> None:
    """One sentence for people: no paths, no traces, no names of libraries."""
    assert text[0].isupper() and text.endswith(".") and text.count(". ") == 0
    assert 30 < len(text) < 220 and "\n" not in text
    for jargon in (
        "Error",
        "PIL",
        "Pillow",
        "lib",
        "/",
        "0x",
        "None",
        "decoder",
        "Trace",
    ):
        assert jargon not in text


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("JPEG", {}),
        ("JPEG", {"progressive": True}),
        ("PNG", {}),
        ("GIF", {}),
        ("BMP", {}),
        ("WEBP", {}),
        ("TIFF", {}),
        ("TIFF", {"compression": "tiff_lzw"}),
        ("AVIF", {}),
        ("HEIF", {}),
        ("HEIF", {"tile_size": 64}),  # as phones do
    ],
)
def test_a_truncated_file_is_said_to_end_too_early(kind, options):
    noise = np.random.default_rng(0).integers(0, 256, (120, 160, 3), dtype=np.uint8)
    data = saved(Image.fromarray(noise), kind, **options)
    assert load_picture(data).size == (160, 120)
    for share in (0.05, 0.2, 0.5):
        with pytest.raises(PictureRefused, match="the file ends too early") as refused:
            load_picture(data[: int(len(data) * share)])
        check_sentence(str(refused.value))


@pytest.mark.parametrize(
    "kind", ["JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "HEIF"]
)
def test_truncation_at_any_byte_of_the_beginning(kind):
    data = encoded(kind)
    for end in range(1, 100):
        with pytest.raises(PictureRefused) as refused:
            load_picture(data[:end])
        check_sentence(str(refused.value))


def test_a_slow_file_is_stopped_and_the_next_one_opens(fresh_workers):
    slow = hostile.slow_jpeg()
    assert len(slow) < 1_000_000
    begun = time.monotonic()
    with pytest.raises(PictureRefused, match="takes too long to open"):
        load_picture(slow, limit_s=0.4)
    assert 0.4 <= time.monotonic() - begun < LONG
    assert load_picture(encoded("PNG")).size == (64, 48)


def test_damage_is_said():
    data = bytearray(encoded("PNG"))
    data[60:90] = bytes(30)
    with pytest.raises(PictureRefused, match="damaged"):
        load_picture(bytes(data))


# --- Memory and processes -------------------------------------------------------------


def realistic(width: int, height: int) -> Image.Image:
    """Soft shapes with sensor noise: compresses like a photograph."""
    rng = np.random.default_rng(1)
    shapes = rng.integers(
        0, 256, (height // 64 + 1, width // 64 + 1, 3), dtype=np.uint8
    )
    soft = Image.fromarray(shapes).resize((width, height), Image.Resampling.BICUBIC)
    noise = rng.integers(-9, 10, (504, 504, 3), dtype=np.int16)
    tiled = np.tile(noise, (height // 504, width // 504, 1))
    return Image.fromarray((np.asarray(soft) + tiled).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("options", access.some([{"progressive": True}, {}], 1))
def test_a_phone_picture_is_quick_and_small(fresh_workers, options):
    exif = Image.Exif()
    exif[0x0112] = 6
    data = saved(realistic(4032, 3024), "JPEG", quality=91, exif=exif, **options)
    assert 2e6 < len(data) < 6e6
    load_picture(encoded("PNG"))
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        loaded = load_picture(data)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    Image.open(io.BytesIO(data)).load()
    whole = time.perf_counter() - begun
    assert min(times) < 1.5 * whole, "it is decoded at a part of its size"
    assert loaded.size == (3024, 4032)
    assert max(peaks_mb()) < 120


def stripes(width: int, height: int, depth: int, colour: int, bytes_each: int) -> bytes:
    """A large PNG of repeated rows, quick to make."""
    packer = zlib.compressobj(1)
    row = b"\0" + bytes(range(256)) * (width * bytes_each // 256)
    row = row.ljust(1 + width * bytes_each, b"\0")
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    start = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    return (
        hostile.PNG_START
        + hostile.chunk(b"IHDR", start)
        + hostile.chunk(b"IDAT", rows)
        + hostile.chunk(b"IEND", b"")
    )


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "AVIF", "HEIF", "TIFF"])
def test_twelve_million_pixels_of_any_format_stay_small(fresh_workers, kind):
    options = {
        "TIFF": {"compression": "tiff_lzw"},
        "AVIF": {"speed": 10},
        "WEBP": {"method": 0},
        "HEIF": {"quality": 10},
    }
    image = Image.new("RGBA", (4032, 3024), (200, 100, 50, 128))
    if kind == "HEIF":
        image = image.convert("RGB")  # x265 is slow enough
    data = saved(image, kind, **options.get(kind, {"compress_level": 1}))
    assert load_picture(data, limit_s=LONG).size == (4032, 3024)
    assert max(peaks_mb()) < 300


@pytest.mark.parametrize("bits", access.some([16, 8], 1))
def test_the_largest_picture_stays_under_its_ceiling(fresh_workers, bits):
    data = stripes(8000, 6200, bits, 6, bits // 2)
    loaded = load_picture(data, limit_s=LONG)
    assert loaded.size == (8000, 6200)
    assert max(peaks_mb()) < 350


def test_the_largest_webp_stays_under_its_ceiling(fresh_workers):
    data = saved(Image.new("RGBA", (6000, 4990), (9, 9, 9, 99)), "WEBP", method=0)
    assert load_picture(data, limit_s=LONG).size == (6000, 4990)
    assert max(peaks_mb()) < 600


def test_what_needs_more_memory_is_refused(fresh_workers):
    data = stripes(8000, 6200, 8, 6, 4)
    load_picture(encoded("PNG"))
    (pid,) = workers()
    import resource

    resource.prlimit(pid, resource.RLIMIT_DATA, (100 * 2**20, 100 * 2**20))
    with pytest.raises(PictureRefused, match="too much memory") as refused:
        load_picture(data, limit_s=LONG)
    check_sentence(str(refused.value))
    assert max(peaks_mb()) < 180
    assert load_picture(encoded("PNG")).size == (64, 48)


def test_workers_have_a_ceiling_and_rest_small(fresh_workers):
    load_picture(stripes(4000, 3000, 8, 2, 3))
    (pid,) = workers()
    limits = Path(f"/proc/{pid}/limits").read_text()
    assert str(decoder.MEMORY) in limits.split("Max data size")[1].split("\n")[0]
    resident = Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0]
    assert int(resident) / 1024 < 60


def test_workers_hold_no_network_code_and_no_secrets(fresh_workers, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://user:password@host/class")
    load_picture(encoded("HEIF"))
    (pid,) = workers()
    assert b"password" not in Path(f"/proc/{pid}/environ").read_bytes()
    maps = Path(f"/proc/{pid}/maps").read_text()
    assert "_imaging" in maps
    for heavy in ("tensorflow", "streamlit", "numpy", "matplotlib"):
        assert heavy not in maps


def test_a_worker_starts_no_program_opens_no_connection_writes_no_file(tmp_path):
    script = (
        "import os, socket, subprocess, sys\n"
        "from model.pictures import decoder\n"
        "decoder.confine()\n"
        "def write():\n"
        "    with open(sys.argv[1], 'wb') as file:\n"
        "        file.write(bytes(9))\n"
        "for act in (lambda: subprocess.run(['true']), lambda: os.system('true'),\n"
        "            socket.socket, os.fork, write):\n"
        "    try:\n"
        "        act()\n"
        "        print('done')\n"
        "    except OSError as error:\n"
        "        print(type(error).__name__)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "file")],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["PermissionError"] * 4 + ["OSError"], done.stderr


def test_two_pictures_at_once_and_no_more(fresh_workers):
    slow = hostile.slow_jpeg()
    busiest = 0
    outcomes: list[str] = []

    def visit(data: bytes) -> None:
        try:
            outcomes.append(load_picture(data, limit_s=0.5).key)
        except PictureRefused as refused:
            outcomes.append(str(refused))

    threads = [threading.Thread(target=visit, args=(slow,)) for _ in range(4)]
    threads += [
        threading.Thread(target=visit, args=(encoded("PNG"),)) for _ in range(8)
    ]
    for thread in threads:
        thread.start()

    def all_are_answered() -> bool:
        nonlocal busiest
        busiest = max(busiest, len(workers()))
        return not any(thread.is_alive() for thread in threads)

    until(all_are_answered, "all to be answered")
    assert busiest == 2
    assert sum("takes too long" in outcome for outcome in outcomes) == 4
    assert len(set(outcomes)) == 2 and len(outcomes) == 12


def test_the_line_has_an_end(fresh_workers, monkeypatch):
    monkeypatch.setattr(worker_processes, "WAIT_S", 0.1)
    slow = hostile.slow_jpeg()

    def visit() -> None:
        with pytest.raises(PictureRefused, match="too long"):
            load_picture(slow, limit_s=1.5)

    threads = [threading.Thread(target=visit) for _ in range(2)]
    for thread in threads:
        thread.start()
    until(lambda: len(workers()) == 2, "both places to be taken")
    with pytest.raises(PictureRefused, match="try again in a few seconds") as refused:
        load_picture(encoded("PNG"))
    check_sentence(str(refused.value))
    for thread in threads:
        thread.join()


def test_a_killed_worker_is_replaced(fresh_workers):
    load_picture(encoded("PNG"))
    (pid,) = workers()
    os.kill(pid, signal.SIGKILL)
    assert load_picture(encoded("PNG")).size == (64, 48)
    assert workers() != [pid]


def test_a_worker_killed_at_work_costs_the_visitor_nothing(fresh_workers):
    load_picture(encoded("PNG"))
    (pid,) = workers()
    data = stripes(8000, 6200, 8, 2, 3)
    before = seconds_of(pid)

    def kill() -> None:
        until(lambda: seconds_of(pid) > before + 0.02, "the worker to be at work")
        os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    killer.start()
    assert load_picture(data).size == (8000, 6200)
    killer.join()
    assert pid not in workers()


def test_warm_up_starts_two_and_close_ends_them(fresh_workers):
    assert workers() == []
    door.warm_up()
    started = workers()
    assert len(started) == 2
    load_picture(encoded("PNG"))
    assert sorted(workers()) == sorted(started)
    door.close()
    for pid in started:
        assert not Path(f"/proc/{pid}").exists()


def seconds_of(pid: int) -> float:
    """Which a process has computed."""
    return sum(psutil.Process(pid).cpu_times()[:2])


def test_close_ends_a_busy_worker(fresh_workers):
    load_picture(encoded("PNG"))
    (pid,) = workers()
    before = seconds_of(pid)
    said: list[str] = []

    def visit() -> None:
        with pytest.raises(PictureRefused) as refused:
            load_picture(hostile.slow_jpeg())
        said.append(str(refused.value))

    thread = threading.Thread(target=visit)
    thread.start()
    until(lambda: seconds_of(pid) > before + 0.2, "the worker to be at work")
    door.close()
    thread.join(2)
    assert said == ["Pictures cannot be opened just now; please try again in a minute."]
    assert workers() == []


def test_workers_end_with_the_server():
    script = (
        "import os, sys, time\n"
        "from model.pictures import door\n"
        "from tests.hostile import encoded\n"
        "door.warm_up()\n"
        "door.load_picture(encoded('PNG'))\n"
        "print(*[w.process.pid for w in door.pool.alive], flush=True)\n"
        "os.kill(os.getpid(), 9)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True
    )
    pids = [int(pid) for pid in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    until(lambda: not any(is_running(pid) for pid in pids), "the workers' end")


def is_running(pid: int) -> bool:
    try:
        return ") Z" not in Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


@pytest.mark.parametrize(
    "reply",
    [
        decoder.REPLY.pack(2, 0) + b"{}",
        decoder.REPLY.pack(2, 0) + b"[]",
        decoder.REPLY.pack(4, 0) + b"nope",
        decoder.REPLY.pack(2**31, 0),
        decoder.REPLY.pack(0, 2**31),
        decoder.REPLY.pack(46, 3)
        + b'{"shape":[2,1],"size":[2,1],"notes":[],"a":12}abc',
        decoder.REPLY.pack(43, 3) + b'{"shape":["1",1],"size":[1,1],"notes":[  ]}abc',
    ],
)
def test_a_decoder_that_a_file_has_taken_over_is_not_believed(
    reply, tmp_path, monkeypatch, fresh_workers
):
    package = tmp_path / "model" / "pictures"
    package.mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "decoder.py").write_text(
        "import os, sys, time\n"
        "os.write(1, b'\\x01')\n"
        "sys.stdin.buffer.read(12)\n"
        f"os.write(1, {reply!r})\n"
        "sys.stdin.buffer.read()\n"
    )
    monkeypatch.setattr(worker_processes, "ROOT", tmp_path)
    with pytest.raises(PictureRefused) as refused:
        load_picture(encoded("PNG"))
    check_sentence(str(refused.value))


def test_a_decoder_that_does_not_start_is_not_the_visitors_fault(
    tmp_path, monkeypatch, fresh_workers, caplog
):
    monkeypatch.setattr(worker_processes, "ROOT", tmp_path)
    with pytest.raises(PictureRefused, match="try again in a minute"):
        load_picture(encoded("PNG"))
    assert "did not start" in caplog.text


# --- Anything at all ------------------------------------------------------------------

ANY = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
STARTS = [
    *formats.PICTURES,
    b"RIFF\x40\0\0\0WEBPVP8X",
    b"BM",
    b"\0\0\0\x18ftypheic",
    b"",
]
SOUND = {
    kind: encoded(kind)
    for kind in ("JPEG", "PNG", "GIF", "BMP", "WEBP", "TIFF", "AVIF", "HEIF")
}


def opens_or_is_refused(data: bytes) -> None:
    try:
        loaded = load_picture(data)
    except PictureRefused as refused:
        check_sentence(str(refused))
        return
    assert loaded.image.mode == "RGB"
    assert min(loaded.image.size) >= 1 and max(loaded.image.size) <= 448


@ANY
@given(st.sampled_from(STARTS), st.binary(max_size=400))
def test_any_bytes(start, rest):
    opens_or_is_refused(start + rest)


@ANY
@given(
    st.sampled_from(sorted(SOUND)),
    st.lists(st.tuples(st.floats(0, 1), st.integers(0, 255)), min_size=1, max_size=12),
    st.floats(0, 1),
)
def test_any_damage_to_a_sound_file(kind, changes, end):
    data = bytearray(SOUND[kind])
    for where, value in changes:
        # Squared, for headers break in more ways than pixels.
        data[int(where**2 * (len(data) - 1))] = value
    opens_or_is_refused(bytes(data))
    opens_or_is_refused(bytes(data[: int(end * len(data))]))


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 3000),
    st.integers(1, 3000),
    st.sampled_from(["L", "RGB", "RGBA", "I;16"]),
)
def test_any_size(width, height, mode):
    loaded = load_picture(
        saved(Image.new(mode, (width, height)), "PNG", compress_level=1)
    )
    shown = loaded.image.size
    assert loaded.size == (width, height)
    assert max(shown) == min(448, max(width, height)) and min(shown) >= 1
    scale = max(shown) / max(width, height)
    assert abs(min(shown) - max(1, min(width, height) * scale)) <= 0.51


# --- What a network receives ----------------------------------------------------------

ALL_SPECS = list(specs.SPECS.values())


@pytest.mark.parametrize("spec", ALL_SPECS, ids=lambda spec: spec.name)
def test_the_input_is_normalised_what_is_shown(spec):
    noise = np.random.default_rng(3).integers(0, 256, (300, 500, 3), dtype=np.uint8)
    image = Image.fromarray(noise)
    shown = as_received(image, spec)
    values = to_input(image, spec)
    size = spec.input_size
    assert shown.shape == (size, size, 3) and shown.dtype == np.uint8
    assert values.shape == (1, size, size, spec.channels)
    assert values.dtype == np.float32 and values.flags["C_CONTIGUOUS"]
    back = values[0, ..., ::-1] if spec.pixels.order == "BGR" else values[0]
    back = back * np.array(spec.pixels.deviation) + np.array(spec.pixels.mean)
    if spec.pixels.order == "grey":
        luma = np.asarray(Image.fromarray(shown).convert("L"))
        assert np.abs(back[..., 0] - luma).max() <= 1
    else:
        assert np.abs(back - shown).max() < 1e-3


def test_channels_stand_in_the_order_of_the_network():
    red = Image.new("RGB", (50, 50), (255, 0, 0))
    assert to_input(red, specs.ORIGINAL)[0, 0, 0].argmax() == 2  # blue first
    assert to_input(red, specs.TORCHVISION)[0, 0, 0].argmax() == 0
    grey = to_input(red, specs.LENET5)[0, 0, 0]
    assert grey == pytest.approx((0.299 * 255 - 127.5) / 127.5, abs=1e-4)


def test_torchvision_normalisation_by_hand():
    white = to_input(Image.new("RGB", (9, 9), WHITE), specs.TORCHVISION)[0, 0, 0]
    assert white == pytest.approx([2.2489, 2.4286, 2.64], abs=1e-3)


@pytest.mark.parametrize("size", [(300, 100), (100, 300)])
def test_the_centre_square_is_taken(size):
    image = Image.new("RGB", size, (255, 0, 0))
    left, top = (size[0] - 100) // 2, (size[1] - 100) // 2
    image.paste((0, 0, 255), (left, top, left + 100, top + 100))
    assert (as_received(image, specs.TORCHVISION) == (0, 0, 255)).all()


def test_making_an_input_smaller_does_not_alias():
    checks = (np.indices((640, 640)).sum(axis=0) % 2 * 255).astype(np.uint8)
    shown = as_received(Image.fromarray(checks), specs.LENET5)
    assert np.abs(shown.astype(int) - 127).max() <= 6


def test_a_network_of_small_pictures_is_given_no_finer_ones():
    spec = replace(specs.SIMPLIFIED, pixels=replace(specs.SIMPLIFIED.pixels, detail=64))
    noise = np.random.default_rng(4).integers(0, 256, (400, 600, 3), dtype=np.uint8)
    sharp = Image.fromarray(noise)
    small = sharp.crop((100, 0, 500, 400)).resize((64, 64), Image.Resampling.BICUBIC)
    shown = as_received(sharp, spec)
    assert shown.shape == (224, 224, 3)
    assert np.array_equal(shown, as_received(small, spec))
    assert shown.std() < as_received(sharp, specs.SIMPLIFIED).std() / 2
    enlarged = np.asarray(small.resize((224, 224), Image.Resampling.BILINEAR))
    assert np.array_equal(shown, enlarged)


def test_other_modes_are_not_guessed():
    with pytest.raises(ValueError, match=r"RGB or L\. Received: RGBA"):
        as_received(Image.new("RGBA", (4, 4)), specs.TORCHVISION)


@settings(max_examples=30, deadline=None)
@given(
    st.integers(1, 640),
    st.integers(1, 640),
    st.sampled_from(ALL_SPECS),
    st.integers(1, 300),
)
def test_any_shape_becomes_an_input(width, height, spec, size):
    spec = spec.at(size)
    image = Image.new("RGB", (width, height), (0, 128, 255))
    values = to_input(image, spec)
    assert values.shape == (1, size, size, spec.channels)
    mean, deviation = np.array(spec.pixels.mean), np.array(spec.pixels.deviation)
    assert (values >= ((0 - mean) / deviation).min() - 1e-4).all()
    assert (values <= ((255 - mean) / deviation).max() + 1e-4).all()


def test_a_picture_goes_the_whole_way():
    loaded = load_picture(saved(Image.new("RGB", (640, 1), (5, 6, 7)), "PNG"))
    assert (as_received(loaded, specs.ORIGINAL) == (5, 6, 7)).all()

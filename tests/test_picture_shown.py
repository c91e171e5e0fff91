"""Pictures that would show nothing, or wrong colours: frames, curves, alpha.

Each kind was first seen as a report to another tool; the files are made here.
"""

from __future__ import annotations

import io
import struct
import sys

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.pictures import close, load_picture
from model.pictures.samples import data as sample
from tests.hostile import chunk, png

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="decoders need POSIX")
pillow_heif.register_heif_opener()  # to save with
SIZE = (320, 240)
PHOTO = Image.open(io.BytesIO(sample("cat"))).convert("RGB").resize(SIZE)


@pytest.fixture(scope="module", autouse=True)
def _workers_end_with_the_tests():
    yield
    close()


def saved(image: Image.Image, kind: str, **options) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    return np.asarray(load_picture(data).image).astype(int)


def distance(data: bytes, wanted: Image.Image = PHOTO) -> float:
    """Mean difference of levels between what is shown and what should be."""
    return float(np.abs(pixels(data) - np.asarray(wanted.convert("RGB"))).mean())


# --- Animations that begin with nothing -----------------------------------------------

BLANKS = {
    "black": Image.new("RGBA", SIZE, "black"),
    "white": Image.new("RGBA", SIZE, "white"),
    "clear": Image.new("RGBA", SIZE, (0, 0, 0, 0)),
}


@pytest.mark.parametrize("blank", sorted(BLANKS))
@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "AVIF"])
def test_the_first_frame_that_shows_something_is_shown(kind, blank):
    first = BLANKS[blank]
    other = Image.new("RGBA", SIZE, (9, 9, 9, first.getpixel((0, 0))[3]))
    frames = [other, PHOTO.convert("RGBA"), PHOTO.convert("RGBA").rotate(180)]
    options = {"lossless": True} if kind == "WEBP" else {}
    data = saved(
        first, kind, save_all=True, append_images=frames, duration=90, **options
    )
    loaded = load_picture(data)
    (note,) = loaded.notes
    assert "frames and begins with a blank one; frame" in note
    assert np.abs(np.asarray(loaded.image) - np.asarray(PHOTO).astype(int)).mean() < 9


def test_an_animation_that_shows_nothing_says_so():
    frames = [Image.new("RGB", SIZE, (0, 0, n)) for n in range(4)]
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    assert load_picture(data).notes == (
        "This file has 4 frames; all of them are blank.",
    )


def test_a_frame_that_shows_something_stays_the_first():
    data = saved(PHOTO, "GIF", save_all=True, append_images=[PHOTO.rotate(180)])
    assert load_picture(data).notes == ("This file has 2 frames; the first is shown.",)


def test_a_large_animation_that_begins_blank_stays_within_its_limits():
    frames = [Image.new("L", (4000, 3000), n) for n in (0, 0, 255)]
    frames[2].paste(0, (0, 0, 2000, 3000))
    data = saved(frames[0], "GIF", save_all=True, append_images=frames[1:])
    (note,) = load_picture(data).notes
    assert "; the first is blank" in note


# --- Colours told otherwise than by a profile -----------------------------------------


def coloured(rgb: tuple[int, int, int], *chunks: tuple[bytes, bytes]) -> bytes:
    row = b"\0" + bytes(rgb) * 8
    return png(8, 8, 8, 2, row * 8, *(chunk(*told) for told in chunks))


GAMA = (b"gAMA", struct.pack(">I", 100_000))  # linear light
P3 = (31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
CHRM = (b"cHRM", struct.pack(">8I", *P3))


@pytest.mark.parametrize(
    ("data", "wanted"),
    [
        # By IEC 61966-2-1: linear 55/255 is 128 of sRGB.
        (coloured((55, 55, 55), GAMA), (128, 128, 128)),
        (coloured((55, 55, 55), GAMA, (b"sRGB", b"\0")), (55, 55, 55)),
        (coloured((55, 55, 55), (b"gAMA", struct.pack(">I", 45_455))), (55, 55, 55)),
        (coloured((55, 55, 55), (b"cICP", bytes((1, 8, 0, 1)))), (128, 128, 128)),
        # Display P3's (200, 100, 100), as browsers show it.
        (coloured((200, 100, 100), (b"cICP", bytes((12, 13, 0, 1)))), (213, 94, 97)),
        (
            coloured((200, 100, 100), CHRM, (b"gAMA", struct.pack(">I", 45_455))),
            (213, 94, 97),
        ),
        (coloured((200, 100, 100), CHRM), (200, 100, 100)),  # browsers want both
        (coloured((9, 99, 199), (b"gAMA", bytes(4))), (9, 99, 199)),
        (
            coloured((9, 99, 199), (b"cHRM", bytes(32)), GAMA),
            (9, 99, 199),
        ),
    ],
)
def test_a_png_says_its_colours_itself(data, wanted):
    loaded = load_picture(data)
    assert np.abs(np.array(loaded.image.getpixel((4, 4))) - wanted).max() <= 3
    assert loaded.notes == ()


def test_grey_in_linear_light():
    data = png(8, 8, 8, 0, (b"\0" + bytes((55,)) * 8) * 8, chunk(*GAMA))
    assert abs(load_picture(data).image.getpixel((4, 4))[0] - 128) <= 2


def nclx(kind: str, primaries: int, transfer: int) -> bytes:
    """PHOTO in a HEIC or AVIF file that names its colours by these numbers."""
    if kind == "HEIF":
        return saved(
            PHOTO,
            kind,
            color_primaries=primaries,
            transfer_characteristics=transfer,
            matrix_coefficients=6,
            full_range_flag=1,
            save_nclx_profile=True,
        )
    data = saved(PHOTO, kind)
    at = data.index(b"colrnclx") + 8
    return data[:at] + struct.pack(">HH", primaries, transfer) + data[at + 4 :]


@pytest.mark.parametrize("kind", ["AVIF", "HEIF"])
def test_phones_name_their_colours_by_numbers(kind):
    plain, wide = pixels(nclx(kind, 1, 13)), pixels(nclx(kind, 12, 13))
    assert (wide - plain)[..., 0].mean() > 3 > 0 > (wide - plain)[..., 2].mean()


@pytest.mark.parametrize("transfer", [16, 18])
@pytest.mark.parametrize("kind", ["PNG", "AVIF", "HEIF"])
def test_hdr_is_said(kind, transfer):
    data = (
        coloured((120, 120, 120), (b"cICP", bytes((9, transfer, 0, 1))))
        if kind == "PNG"
        else nclx(kind, 9, transfer)
    )
    assert any("made for HDR screens" in note for note in load_picture(data).notes)


@pytest.mark.parametrize(
    ("space", "index", "is_adobe"),
    [(0xFFFF, "R03", True), (2, None, True), (0xFFFF, None, False), (1, "R98", False)],
)
@pytest.mark.parametrize("kind", ["JPEG", "WEBP"])
def test_adobe_rgb_by_exif_alone(kind, space, index, is_adobe):
    exif = Image.Exif()
    exif[0x8769] = {0xA001: space} | ({0xA005: {1: index}} if index else {})
    image = Image.new("RGB", (16, 16), (60, 200, 60))
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "WEBP": {"lossless": True}}
    data = saved(image, kind, exif=exif.tobytes(), **options.get(kind, {}))
    loaded = load_picture(data)
    red = loaded.image.getpixel((8, 8))[0]
    assert (red < 20) is is_adobe
    assert any("Adobe RGB" in note for note in loaded.notes) is is_adobe


# --- Alpha that hides everything ------------------------------------------------------


def bitmap(header: int, alpha: int, *, masks: bool = True) -> bytes:
    """A BMP of 32 bits, as the clipboard of Windows holds it."""
    rgb = np.asarray(PHOTO)[::-1, :, ::-1]
    whole = np.dstack([rgb, np.full(rgb.shape[:2], alpha, np.uint8)]).tobytes()
    size = (header, *SIZE, 1, 32, 3 if masks else 0, len(whole), 2835, 2835, 0, 0)
    head = struct.pack("<IiiHHIIiiII", *size)
    if masks:
        head += struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    head = head.ljust(header, b"\0")
    start = 14 + len(head)
    return b"BM" + struct.pack("<IHHI", start + len(whole), 0, 0, start) + head + whole


@pytest.mark.parametrize(
    "data",
    [
        bitmap(124, 0),
        bitmap(108, 0),
        bitmap(56, 0),
        bitmap(40, 0, masks=False),
        bitmap(124, 255),
    ],
)
def test_a_bitmap_whose_alpha_is_not_used_is_shown(data):
    loaded = load_picture(data)
    assert distance(data) == 0 and loaded.notes == ()


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        ("PNG", {}),
        ("TIFF", {}),
        ("WEBP", {"lossless": True, "exact": True}),
        ("HEIF", {"quality": 95}),
        ("AVIF", {"quality": 95}),
    ],
)
def test_colours_that_are_hidden_everywhere_are_shown_and_said(kind, options):
    hidden = PHOTO.convert("RGBA")
    for alpha in (0, 1):  # some programs write 1 where they mean 255
        hidden.putalpha(alpha)
        data = saved(hidden, kind, **options)
        assert distance(data) < 6
        assert load_picture(data).notes == (
            "Every pixel of this picture is marked as transparent; "
            "its colours are shown all the same.",
        )


def test_a_white_drawing_on_nothing_is_shown_on_black():
    logo = Image.new("RGBA", SIZE, (255, 255, 255, 0))
    logo.paste("white", (50, 50, 150, 150))
    loaded = load_picture(saved(logo, "PNG"))
    assert loaded.image.getpixel((100, 100)) == (255, 255, 255)
    assert loaded.image.getpixel((5, 5)) == (0, 0, 0)
    assert "on black" in loaded.notes[0]

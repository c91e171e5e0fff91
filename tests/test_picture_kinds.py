"""Pictures as people have them: cut off, huge, raw, turned, behind other bytes.

Each kind was first seen as a report to another tool; the files are made here.
"""

from __future__ import annotations

import base64
import io
import json
import struct
import subprocess
import sys

import numpy as np
import pillow_heif
import pytest
from PIL import Image

from model.pictures import PictureRefused, close, load_picture
from model.pictures.samples import data as sample
from paths import ROOT
from tests.hostile import chunk, encoded, png, tiff

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


def refusal(data: bytes) -> str:
    with pytest.raises(PictureRefused) as refused:
        load_picture(data)
    return str(refused.value)


# --- The end is missing ---------------------------------------------------------------

FORMATS = [
    ("JPEG", {}),
    ("JPEG", {"progressive": True}),
    ("PNG", {}),
    ("GIF", {}),
    ("BMP", {}),
    ("TIFF", {}),
    ("TIFF", {"compression": "tiff_lzw"}),
    ("WEBP", {}),
    ("WEBP", {"lossless": True}),
    ("AVIF", {}),
    ("HEIF", {}),
]


@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_a_file_without_its_last_bytes_is_shown_and_said(kind, options):
    data = saved(PHOTO, kind, **options)
    loaded = load_picture(data[:-2])
    assert loaded.size == SIZE
    assert loaded.notes[0].startswith("The end of this file is missing")
    assert np.abs(np.asarray(loaded.image) - pixels(data)).mean() < 12
    assert "too early" in refusal(data[: len(data) * 2 // 5])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "BMP", "TIFF"])
def test_the_rows_that_are_there_are_the_files_own(kind):
    data = saved(PHOTO, kind, **({"interlace": 0} if kind == "GIF" else {}))
    loaded = load_picture(data[: int(0.9 * len(data))])
    shown = np.asarray(loaded.image).astype(int)[:: -1 if kind == "BMP" else 1]
    whole = pixels(data)[:: -1 if kind == "BMP" else 1]
    share = int(loaded.notes[0].split("; ")[1].split(" %")[0])
    rows = int(SIZE[1] * share / 100)
    assert 80 <= share <= 97
    assert np.abs(shown[: rows - 24] - whole[: rows - 24]).max() <= 1
    assert np.abs(shown[rows + 3 :] - 128).max() <= 1


def test_a_black_end_is_no_missing_end():
    """What is missing is told from what is black, white or grey in the picture."""
    for level in (0, 128, 200, 255):
        image = PHOTO.copy()
        image.paste((level,) * 3, (0, 100, *SIZE))
        for kind in ("PNG", "BMP", "JPEG"):
            data = saved(image, kind)
            assert load_picture(data[:-2]).notes[0].startswith("The end of this")


def test_a_sound_first_picture_does_not_need_the_second():
    data = saved(PHOTO, "MPO", save_all=True, append_images=[PHOTO])
    assert distance(data[:-2000]) < 8


def test_a_short_progressive_jpeg_lacks_details_only():
    data = saved(PHOTO, "JPEG", progressive=True)
    loaded = load_picture(data[: int(0.9 * len(data))])
    assert loaded.notes == (
        "The end of this file is missing, and with it the finest details.",
    )
    assert np.abs(np.asarray(loaded.image).astype(int) - pixels(data)).mean() < 4


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF"])
def test_zeros_in_place_of_the_end_are_no_pixels(kind):
    """So ends a download into reserved room."""
    data = saved(PHOTO, kind)
    assert load_picture(data + bytes(5000)).notes == ()
    assert "too early" in refusal(data[: len(data) // 2] + bytes(len(data) // 2))
    short = data[: len(data) * 9 // 10]
    loaded = load_picture(short + bytes(len(data) // 10))
    assert loaded.key == load_picture(short).key
    assert loaded.notes[0].startswith("The end of this file is missing")


@pytest.mark.parametrize(("kind", "options"), FORMATS)
def test_what_stands_behind_a_picture_does_no_harm(kind, options):
    data = saved(PHOTO, kind, **options)
    loaded = load_picture(data + b"\0more" * 300)
    assert loaded.notes == () and loaded.key == load_picture(data).key


# --- Large JPEGs ----------------------------------------------------------------------


@pytest.mark.parametrize("size", [(8160, 6144), (12_000, 9000), (30_000, 2500)])
def test_a_large_jpeg_is_made_smaller_while_it_is_read(size):
    data = saved(Image.new("L", size, 90), "JPEG", quality=30)
    loaded = load_picture(data)
    assert loaded.size == size and loaded.notes == ()
    assert max(loaded.image.size) == 448
    assert np.abs(np.asarray(loaded.image).astype(int) - 90).max() <= 2


def test_what_cannot_be_made_smaller_has_its_limit_named():
    """A progressive JPEG is held whole until its last scan, every other format too."""
    large = Image.new("RGB", (9000, 7000), "grey")
    said = refusal(saved(large, "JPEG", progressive=True, subsampling=0, quality=20))
    assert "progressive JPEG picture may have up to 60 million pixels" in said
    assert "9,000 × 7,000" in said
    said = refusal(saved(large, "PNG", compress_level=1))
    assert "PNG picture may have up to 50 million pixels" in said


# --- A camera's raw files -------------------------------------------------------------


def raw(make: bytes, *, order: str = "<", dng: bool = False) -> bytes:
    """A TIFF whose only page is a reduced copy, as raw files begin."""
    tags = ((254, 4, 1, 1), *(((50706, 4, 1, 0x0401),) if dng else ()))
    strip = PHOTO.resize((160, 120)).tobytes()

    def file(at: int) -> bytes:
        return tiff(
            160,
            120,
            strip,
            samples=3,
            photometric=2,
            order=order,
            more=(*tags, (271, 2, len(make), at)),
        )

    return file(len(file(0))) + make


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (raw(b"Apple\0", dng=True), "(DNG)"),
        (raw(b"NIKON CORPORATION\0", order=">"), "(NEF)"),
        (raw(b"SONY \0"), "(ARW)"),
        (raw(b"PENTAX\0", order=">"), "(PEF)"),
        (raw(b"Unknown & Sons\0"), "raw file;"),
        (b"II*\0\x10\0\0\0CR\2\0" + raw(b"Canon\0")[12:], "(CR2)"),
        (tiff(64, 48, bytes(64 * 48), photometric=32803), "raw file;"),
        (b"IIU\0" + bytes(200), "(RW2)"),
        (b"IIRO\x08\0\0\0" + bytes(200), "(ORF)"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(80) + encoded("JPEG"), "(RAF)"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1crx isom", "(CR3)"),
    ],
)
def test_a_camera_s_raw_file_is_named(data, name):
    said = refusal(data)
    assert "a camera's raw file" in said and name in said


def test_a_camera_s_tiff_and_one_with_a_preview_are_pictures():
    scan = tiff(160, 120, PHOTO.resize((160, 120)).tobytes(), samples=3, photometric=2)
    assert load_picture(scan).size == (160, 120)
    file = io.BytesIO()
    PHOTO.resize((80, 60)).save(
        file,
        "TIFF",
        save_all=True,
        append_images=[PHOTO],
        tiffinfo={254: 1},
    )
    data = bytearray(file.getvalue())
    second = Image.open(file)
    second.seek(1)
    if second.tag_v2.get(254):  # Pillow gives every page the same tags
        at = data.rindex(struct.pack("<HHI", 254, 4, 1) + b"\1\0\0\0")
        data[at + 8] = 0
    loaded = load_picture(bytes(data))
    assert loaded.size == SIZE and loaded.notes == ()


# --- Orientation, second pictures -----------------------------------------------------

XMP = b'<x:xmpmeta><rdf:Description tiff:Orientation="6"/></x:xmpmeta>'


@pytest.mark.parametrize("kind", ["JPEG", "WEBP", "AVIF", "TIFF"])
def test_exif_alone_turns(kind):
    options = {"tiffinfo": {700: XMP}} if kind == "TIFF" else {"xmp": XMP}
    assert load_picture(saved(PHOTO, kind, **options)).size == SIZE
    exif = Image.Exif()
    exif[0x0112] = 6
    both = {"tiffinfo": {700: XMP, 0x0112: 6}} if kind == "TIFF" else options
    both |= {} if kind == "TIFF" else {"exif": exif.tobytes()}
    assert load_picture(saved(PHOTO, kind, **both)).size == SIZE[::-1]


def test_xmp_in_a_png_does_not_turn():
    text = b"XML:com.adobe.xmp\0\0\0\0\0" + XMP
    data = png(4, 2, 8, 0, (b"\0" + bytes(4)) * 2, chunk(b"iTXt", text))
    assert load_picture(data).size == (4, 2)


def test_a_gain_map_or_preview_is_no_second_picture():
    small = PHOTO.resize((80, 60))
    for second in (small, small.convert("L"), PHOTO.convert("L")):
        data = saved(PHOTO, "MPO", save_all=True, append_images=[second])
        assert load_picture(data).notes == ()
    twins = saved(PHOTO, "MPO", save_all=True, append_images=[PHOTO.rotate(180)])
    assert "2 frames" in load_picture(twins).notes[0]
    marked = twins.replace(b"MPF\0", b"MPF\0", 1)
    at = marked.rindex(b"\xff\xd8\xff\xe0")
    named = b"\xff\xe2" + struct.pack(">H", 30) + b"urn:iso:std:iso:ts:21496:-1\0"
    assert load_picture(marked[: at + 2] + named + marked[at + 2 :]).notes == ()


# --- Something before the picture, or something else ----------------------------------


@pytest.mark.parametrize(
    "before",
    [
        b"\n",
        b"\r\n\r\n",
        b"\xef\xbb\xbf",
        b"HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\n\r\n",
        b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n',
        b"<br />\n<b>Warning</b>: Undefined index in photo\n",
        bytes(128),
    ],
)
def test_what_stands_before_a_picture_is_passed_over(before):
    for kind in ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "HEIF"):
        data = encoded(kind)
        assert load_picture(before + data).key == load_picture(data).key
    if len(before) < 5:
        for kind in ("BMP", "TIFF"):
            assert load_picture(before + encoded(kind)).notes == ()


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (saved(PHOTO, "TGA"), "a TGA picture"),
        (saved(PHOTO.convert("L"), "TGA", compression="tga_rle"), "a TGA picture"),
        (saved(PHOTO, "TGA")[:-26], "a TGA picture"),  # without the later footer
        (saved(PHOTO, "PCX"), "a PCX picture"),
        (saved(PHOTO, "PPM"), "a PPM picture"),
        (saved(PHOTO.convert("L"), "PPM"), "a PGM picture"),
        (saved(PHOTO.convert("1"), "PPM"), "a PBM picture"),
        (b"P2\n2 1\n255\n0 9\n", "a PGM picture"),
        (saved(PHOTO.resize((64, 64)), "ICO"), "an icon"),
        (saved(PHOTO, "QOI"), "a QOI picture"),
        (b"\xff\x0a" + bytes(50), "a JPEG XL picture"),
        (b"<?xml version='1.0'?><svg/>", "an SVG drawing"),
        (b"%PDF-1.4\n" + encoded("JPEG"), "a PDF document"),
        (b"ID3\x04" + bytes(40) + encoded("JPEG"), "a sound"),
        (b"\n<!DOCTYPE html><p>Not found</p>", "a web page"),
        (b"\nGIF89a is a format of the last century, they say.", "a text"),
        ("Dear all".encode("utf-16"), "a text"),
        (encoded("JPEG").decode("utf-8", "replace").encode(), "a picture that was sp"),
        (encoded("PNG").replace(b"\r\n", b"\n"), "a picture whose line ends"),
        (base64.b64encode(encoded("JPEG")), "a picture as text"),
        (b"data:image/png;base64,iVBORw0KGgo", "a picture as text"),
        (b"\0\5\x16\7\0\2\0\0Mac OS X" + bytes(60), "a Mac's companion of a file"),
    ],
)
def test_what_is_not_taken_is_named(data, name):
    assert f"this file is {name}" in refusal(data)


# --- The command ----------------------------------------------------------------------


def test_the_command_says_what_becomes_of_each_file(tmp_path):
    good, odd, empty = (tmp_path / name for name in ("a.png", "Ä पेड़ 🐈.jpg", "b"))
    good.write_bytes(saved(PHOTO, "PNG"))
    odd.write_bytes(saved(PHOTO, "JPEG")[:-2])
    empty.touch()
    large = tmp_path / "large.jpg"
    with large.open("wb") as file:
        file.truncate(10**12)
    names = [good, odd, empty, large, tmp_path, tmp_path / "none", "/dev/null"]
    command = [sys.executable, "-m", "model.pictures", *map(str, names)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8"
    )
    lines = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1 and done.stderr == ""
    assert [line["file"] for line in lines] == [str(name) for name in names]
    assert [line["taken"] for line in lines] == [True, True] + [False] * 5
    assert lines[0] == {
        "file": str(good),
        "taken": True,
        "sentence": "",
        "width": SIZE[0],
        "height": SIZE[1],
        "notes": [],
    }
    assert lines[1]["notes"]
    said = [line["sentence"] for line in lines[2:]]
    for part, sentence in zip(
        ("empty", "1000000.0 MB", "a folder", "no file of this name", "not a file"),
        said,
        strict=True,
    ):
        assert part in sentence and sentence.endswith(".")
    assert lines[2]["width"] is None and lines[2]["notes"] == []
    command[3:] = [str(good)]
    assert subprocess.run(command, cwd=ROOT, capture_output=True).returncode == 0

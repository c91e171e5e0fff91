"""Photographs that units are measured on: whose they are, and that they are free."""

from __future__ import annotations

import hashlib
import re

import pytest
from PIL import Image

from model.pictures import photographs
from paths import ASSETS

ALL = photographs.photographs()
LISTED = {name: one for name, one in ALL.items() if one.package}
FREE = re.compile(r"CC0 1\.0|Public domain|CC BY(-SA)? \d\.\d")
LINES = {
    line.split("`")[1]: line
    for line in (ASSETS / "CREDITS.md").read_text("utf-8").splitlines()
    if line.startswith("| `") and line.count(" | ") >= 3
}


def test_there_are_enough_and_the_credits_say_how_many() -> None:
    assert len(LISTED) >= 100
    text = (ASSETS / "CREDITS.md").read_text("utf-8")
    assert f"Beside the samples, {len(LISTED)} photographs" in text


def test_the_files_are_those_of_the_table() -> None:
    files = {path.name for path in photographs.FOLDER.iterdir()}
    assert files == {f"{name}.jpg" for name in LISTED} | {"photographs.toml"}
    sizes = sum((photographs.FOLDER / f"{name}.jpg").stat().st_size for name in LISTED)
    assert sizes < 2_000_000


@pytest.mark.parametrize("name", ALL)
def test_each_is_free_and_credited(name: str) -> None:
    one = ALL[name]
    assert FREE.fullmatch(one.licence)
    assert one.author.strip()
    line = LINES[f"{name}.jpg"]
    for part in (one.author, one.licence, one.package, one.changes):
        assert part.replace("|", "\\|") in line
    if name in LISTED:
        assert one.title.replace("|", "\\|") in line


def test_each_is_a_small_jpeg_of_its_own_without_metadata() -> None:
    seen = set()
    for name in LISTED:
        file = photographs.FOLDER / f"{name}.jpg"
        with Image.open(file) as image:
            assert image.format == "JPEG"
            assert not image.getexif()
            assert min(image.size) <= 160
        seen.add(hashlib.sha256(file.read_bytes()).digest())
        assert photographs.image(name).mode == "RGB"
    assert len(seen) == len(LISTED)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(KeyError):
        photographs.image("no-such")

"""The strongest patches of each unit: found, kept, cropped, compared, shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from model import runtime, weights
from model.analysis import favourite_images, patches
from model.network import receptive, shapes
from model.pictures import as_received, photographs, to_input
from paths import ROOT
from tests.test_pages import said as said_on
from tests.test_pages import visit
from ui.kit import words
from ui.network.feature_maps import patches as panel
from ui.network.feature_maps import unit_pictures

SPEC = weights.get(weights.DEFAULT).spec
CONVS = [conv.name for conv in SPEC.convolutions()]


def known() -> patches.Patches:
    found = patches.shipped(weights.DEFAULT)
    assert found is not None
    return found


def test_the_strongest_are_kept_in_order_each_of_another_picture() -> None:
    rng = np.random.default_rng(4)
    maps = rng.normal(size=(20, 5, 7, 3)).astype(np.float32)
    found = patches.Strongest.none(3)
    for number, one in enumerate(maps):
        found = found.with_picture(number, one)
    for unit in range(3):
        peaks = maps[..., unit].reshape(20, -1).max(axis=1)
        order = np.argsort(-peaks)[: patches.KEPT]
        assert found.picture[unit].tolist() == order.tolist()
        assert found.activation[unit] == pytest.approx(peaks[order])
        for rank, number in enumerate(order):
            row, column = found.place[unit, rank]
            assert maps[number, row, column, unit] == peaks[number]


def test_a_dense_unit_has_a_picture_and_no_place() -> None:
    found = patches.Strongest.none(2)
    found = found.with_picture(0, np.array([1.0, 5.0], np.float32))
    found = found.with_picture(1, np.array([3.0, 4.0], np.float32))
    assert found.picture[:, :3].tolist() == [[1, 0, -1], [0, 1, -1]]
    assert not found.place.any()


def test_every_convolution_unit_has_patches() -> None:
    found = known()
    assert found.ours
    assert found.names == tuple(photographs.photographs())
    units = {name: len(found.layers[name].picture) for name in CONVS}
    assert units == {conv.name: conv.filters for conv in SPEC.convolutions()}
    assert sum(units.values()) == 1376
    for name in CONVS:
        one = found.layers[name]
        rows, columns, _ = shapes.layer_info(SPEC, name).output
        assert one.picture.min() >= 0
        assert all(len(set(x)) == patches.KEPT for x in one.picture.tolist())
        assert (np.diff(one.activation, axis=1) <= 0).all()
        assert (one.place >= 0).all()
        assert (one.place[..., 0].max(), one.place[..., 1].max()) <= (rows, columns)
    assert patches.path(weights.DEFAULT).stat().st_size < 1_000_000


@pytest.mark.parametrize("number", [0, 31, 190])
def test_the_shipped_numbers_are_the_networks(number: int) -> None:
    """Of one photograph: where it is among a unit's patches, its peak is there."""
    found = known()
    image = found.image(number)
    outputs = runtime.network(weights.DEFAULT).activations(to_input(image, SPEC))
    for name in (*CONVS, "fc6", "fc8"):
        one, values = found.layers[name], outputs[name]
        units, ranks = np.nonzero(one.picture == number)
        peaks = values.reshape(-1, values.shape[-1]).max(axis=0)
        assert one.activation[units, ranks] == pytest.approx(
            peaks[units], rel=1e-3, abs=1e-4
        )
        # And a unit that has it not is excited no less by all of its own.
        others = np.setdiff1d(np.arange(len(peaks)), units)
        weakest = one.activation[others, -1]
        assert (peaks[others] <= weakest * (1 + 1e-3) + 1e-4).all()


@pytest.mark.parametrize(
    ("layer", "unit"), [("conv1", 7), ("conv3", 100), ("conv5", 8)]
)
def test_a_patch_is_what_the_unit_saw(layer: str, unit: int) -> None:
    """Whatever else is in the photograph, the activation there stays the same."""
    found = known()
    one = found.layers[layer]
    row, column = (int(x) for x in one.place[unit, 0])
    image = as_received(found.image(int(one.picture[unit, 0])), SPEC)
    top, left, bottom, right = receptive.patch(SPEC, layer, row, column)
    crop = unit_pictures.crop(SPEC, found, layer, unit, 0)
    assert np.array_equal(crop, image[top:bottom, left:right])
    alone = np.zeros_like(image)
    alone[top:bottom, left:right] = crop
    x = (alone.astype(np.float32) - SPEC.pixels.mean) / SPEC.pixels.deviation
    outputs = runtime.network(weights.DEFAULT).activations(x[None].astype(np.float32))
    assert outputs[layer][row, column, unit] == pytest.approx(
        float(one.activation[unit, 0]), rel=1e-3, abs=1e-3
    )


def test_a_patch_at_the_edge_stays_square() -> None:
    patch = np.full((4, 8, 3), 9, np.uint8)
    out = unit_pictures.square(patch, 40)
    assert out.shape == (40, 40, 3)
    assert (out[20] == 9).all()
    assert (out[2] == unit_pictures.GREY).all()


def test_favourites_compared_with_patches() -> None:
    one = patches.Strongest(
        np.zeros((3, 2), np.int32),
        np.zeros((3, 2, 2), np.int16),
        np.array([[2.0, 1], [3, 1], [4, 1]], np.float32),
    )
    (found,) = patches.compare(
        {"conv9": np.array([5.0, 3.0, 1.0], np.float32)},
        patches.Patches(("a",), {"conv9": one}),
    )
    assert (found.units, found.more, found.less) == (3, 1, (1, 2))


def test_the_documents_table_is_the_files() -> None:
    """docs/measured.md has each layer's share, docs/weights.md the units by number."""
    favourites = favourite_images.of(weights.DEFAULT)
    activation = {name: one.activation for name, one in favourites.items()}
    measured = (ROOT / "docs" / "measured.md").read_text("utf-8")
    named = (ROOT / "docs" / "weights.md").read_text("utf-8")
    for one in patches.compare(activation, known()):
        assert f"{one.layer}: {one.more} of {one.units}" in measured
        assert one.row() in named


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A small folder laid out as Tiny ImageNet's, and a cache folder of its own."""
    monkeypatch.setenv("ALEXNET_CACHE", str(tmp_path / "cache"))
    rng = np.random.default_rng(0)
    for number, wnid in enumerate(("n01", "n02")):
        images = tmp_path / "tiny" / "train" / wnid / "images"
        images.mkdir(parents=True)
        for at in range(5):
            pixels = rng.integers(0, 256, (64, 64, 3)).astype(np.uint8)
            image = Image.fromarray(pixels)
            if at == 3:
                image = image.convert("L")
            image.save(images / f"n0{number}_{at}.JPEG")
    yield tmp_path / "tiny"


def test_an_instructors_tiny_imagenet_stands_instead(
    folder: Path, capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = weights.DEFAULT
    assert patches.of(name) is known()
    monkeypatch.setattr(
        "sys.argv", ["patches", "--tiny-imagenet", str(folder), "--images", "8"]
    )
    patches.main()
    found = patches.of(name)
    assert found is not None
    assert not found.ours
    assert 0 < len(found.names) == len(found.jpegs) <= 8
    one = found.layers["conv3"]
    files = {x.stem: x for x in folder.rglob("*.JPEG")}
    for unit in (0, 200):
        number = int(one.picture[unit, 0])
        file = files[found.names[number]]
        assert found.jpegs[number] == file.read_bytes()
        with Image.open(file) as image:
            x = to_input(image.convert("RGB"), SPEC)
        maps = runtime.network(name).activations(x)["conv3"]
        peak = float(maps[:, :, unit].max())
        assert one.activation[unit, 0] == pytest.approx(peak, rel=1e-3, abs=1e-4)
    said = panel.sentence(found, "conv3", 0)
    text = panel.page_words()
    assert said == text["cached"].format(
        count=len(found.names), **panel.range_of(one, 0)
    )
    patches.cached_path(name).unlink()
    assert patches.of(name) is known()


def test_another_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="train/<class>"):
        patches.on_tiny_imagenet(weights.DEFAULT, tmp_path, 5)


@pytest.mark.parametrize(("layer", "unit"), [("conv1", 4), ("conv4", 17), ("fc7", 5)])
def test_the_page_shows_them_and_names_their_authors(layer: str, unit: int) -> None:
    said = said_on(visit("feature_maps", picture="dog", layer=layer, unit=str(unit)))
    found = known()
    one = found.layers[layer]
    assert panel.sentence(found, layer, unit) in said
    for number in one.picture[unit].tolist():
        credit = photographs.photographs()[found.names[number]]
        assert panel.credit(credit) in said


def test_the_overview_says_how_favourites_compare() -> None:
    said = said_on(visit("feature_maps", picture="dog", layer="overview"))
    favourites = favourite_images.of(weights.DEFAULT)
    activation = {name: one.activation for name, one in favourites.items()}
    text = words.page("feature_maps").table("favourite")
    for one in patches.compare(activation, known()):
        assert text["layer"].format(
            layer=one.layer, more=one.more, units=one.units,
            share=f"{one.more / one.units:.0%}",
        ) in said  # fmt: skip

"""Images by activation maximisation: they excite their unit, and say by how much."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from model import weights
from model.analysis import favourite_images, patches
from model.network import shapes
from model.network.specs import SIMPLIFIED, Conv, Pool, Spec
from paths import ROOT
from ui.kit import words
from ui.network.feature_maps import favourites as panel

SMALL = replace(
    SIMPLIFIED,
    input_size=40,
    layers=(
        Conv("conv1", 6, 5, 2),
        Pool("pool1"),
        Conv("conv2", 8, 3, padding="same"),
        Conv("conv3", 4, 3, padding="same"),
    ),
)


@pytest.fixture(scope="module")
def network() -> Any:
    import keras

    from model.network.build import build

    keras.utils.set_random_seed(5)
    return build(SMALL)


def middle(part: Any, spec: Spec, pixels: np.ndarray, unit: int) -> float:
    """The unit's pre-activation on an image that has the receptive field's size."""
    import tensorflow as tf

    side = shapes.layer_info(spec, part.layers[-1].name).field
    x = tf.image.resize(pixels[None] / np.float32(1), (side, side))
    x = (x - spec.pixels.mean) / spec.pixels.deviation
    maps = np.asarray(part(x, training=False))
    at = maps.shape[1] // 2
    return float(maps[0, at, at, unit])


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3"])
def test_an_image_excites_its_unit_more_than_noise(network: Any, layer: str) -> None:
    from model.analysis import favourites

    part, side = favourites.upto(network, SMALL, layer)
    units = [0, 3]
    images, found = favourites.maximise(part, SMALL, side, units, 1, 60)
    assert images.dtype == np.uint8
    assert images.shape == (2, side, side, 3)
    rng = np.random.default_rng(0)
    noise = rng.integers(0, 256, (20, side, side, 3)).astype(np.uint8)
    for at, unit in enumerate(units):
        assert middle(part, SMALL, images[at], unit) == pytest.approx(
            float(found[at]), rel=1e-3, abs=1e-3
        )
        assert found[at] > max(middle(part, SMALL, x, unit) for x in noise)
    again, _ = favourites.maximise(part, SMALL, side, units, 1, 60)
    assert np.abs(again.astype(int) - images).max() <= 2  # the seed decides


@pytest.mark.parametrize("layer", ["conv1", "conv2", "conv3"])
def test_the_part_is_the_network(network: Any, layer: str) -> None:
    """The unit in the middle sees its receptive field, no padding, no ReLU."""
    import keras

    from model.analysis import favourites

    part, side = favourites.upto(network, SMALL, layer)
    rng = np.random.default_rng(2)
    x = rng.normal(size=(1, 40, 40, 3)).astype(np.float32)
    whole = keras.Model(network.inputs, network.get_layer(layer).output)([x])
    whole = np.asarray(whole)[0]
    from model.network import receptive

    row = whole.shape[0] // 2
    top, left, bottom, right = receptive.patch(SMALL, layer, row, row)
    assert (bottom - top, right - left) == (side, side)
    own = np.asarray(part(x[:, top:bottom, left:right]))[0]
    at = own.shape[0] // 2
    assert np.maximum(own[at, at], 0) == pytest.approx(whole[row, row], abs=1e-4)


def test_a_file_is_read_as_it_was_written(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 9 * 9).reshape(9, 9)
    images = np.stack([np.repeat(ramp[..., None], 3, axis=2)] * 3).astype(np.uint8)
    kept = favourite_images.Favourites(images, np.array([1.5, -2, 3], np.float32))
    out = tmp_path / "x.npz"
    favourite_images.write({"conv1": kept}, out)
    (read,) = favourite_images.read(out).values()
    assert np.abs(read.images.astype(int) - images).max() < 25  # a JPEG
    assert np.array_equal(read.activation, kept.activation)


SHIPPED = favourite_images.of(weights.DEFAULT)


def test_every_unit_of_a_layer_has_an_image() -> None:
    spec = weights.get(weights.DEFAULT).spec
    assert {name: len(one.images) for name, one in SHIPPED.items()} == {
        conv.name: conv.filters for conv in spec.convolutions()
    }
    size = favourite_images.path(weights.DEFAULT).stat().st_size
    assert size < 6_000_000


@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5"])
def test_the_shipped_activations_are_the_networks(layer: str) -> None:
    from model.analysis import favourites

    spec = weights.get(weights.DEFAULT).spec
    part, _ = favourites.upto(weights.load(weights.DEFAULT), spec, layer)
    made = SHIPPED[layer]
    for unit in (0, len(made.images) // 2, len(made.images) - 1):
        found = middle(part, spec, made.images[unit], unit)
        # A JPEG changes the pixels a little.
        assert found == pytest.approx(float(made.activation[unit]), rel=0.15, abs=0.3)


def test_the_sentence_is_what_the_numbers_say() -> None:
    text = words.page("feature_maps").table("favourite")
    cases = {(3.0, 1.5): "more", (1.0, 1.5): "less", (2.0, 0.0): "alone"}
    cases[-0.5, 1.0] = "fails"
    for (own, best), form in cases.items():
        ratio = f"{own / best:.1f}" if best else "–"
        assert panel.sentence(own, best) == text[form].format(
            value=f"{own:.3g}", best=f"{best:.3g}", ratio=ratio
        )


def test_how_many_images_excite_their_units_more_than_photographs() -> None:
    """The table of docs/measured.md, from the files."""
    found = patches.shipped(weights.DEFAULT)
    assert found is not None
    text = (ROOT / "docs" / "measured.md").read_text("utf-8")
    for name, one in SHIPPED.items():
        more = int((one.activation > found.best(name)).sum())
        assert f"{name}: {more} of {len(one.activation)}" in text

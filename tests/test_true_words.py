"""What the network pages say of brightness, layers, filters and weights is so."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model import measured, runtime, weights
from model.analysis import filters
from model.analysis.map_statistics import peaks
from model.network import shapes
from model.network.specs import ORIGINAL, Dense
from tests.test_pages import said, visit
from ui.kit import cache, state, widgets, words
from ui.kit.components import mosaic
from ui.kit.components.mosaic import MosaicTexts
from ui.kit.network import feature_maps
from ui.network import filters as filter_panels
from ui.network.feature_maps import unit_panel
from viz.mosaic import LEVELS, encode_indices, to_indices
from viz.palette import lut

NAME = weights.DEFAULT
ROW = weights.get(NAME)


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    runtime.network(NAME)


def brightest(sample: str, layer: str, scale: Any) -> Any:
    """The brightest colour in each map, 0 to 1."""
    maps = cache.layer(NAME, cache.sample_picture(sample), layer)
    best = cache.best_maps(NAME)[layer]
    return to_indices(maps, scale, best).max(axis=(0, 1)) / (LEVELS - 1)


# --- brightness ---------------------------------------------------------------------


def test_by_default_a_map_that_finds_little_stays_dark() -> None:
    """Before, each map was stretched to full brightness: 44 shone on plain grey."""
    assert state.SCALE.default == "best"
    grey = brightest("grey", "conv1", state.SCALE.default)
    assert (grey > 0.5).mean() < 0.05 and np.median(grey) < 0.05
    assert (brightest("grey", "conv1", "map") == 1).sum() > 40
    for sample in ("coffee", "dog", "flower"):
        assert np.median(brightest(sample, "conv1", state.SCALE.default)) > 0.5


@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5"])
def test_brightness_is_a_share_of_the_best_on_the_photographs(layer: str) -> None:
    maps = cache.layer(NAME, cache.sample_picture("rocket"), layer)
    best = cache.best_maps(NAME)[layer]
    wanted = np.where(best > 0, peaks(maps) / np.maximum(best, 1e-9), 0)
    np.testing.assert_allclose(brightest("rocket", layer, "best"), wanted, atol=0.003)


@pytest.mark.parametrize("scale", ["best", "map", "layer"])
def test_a_single_map_is_as_bright_as_its_tile(
    scale: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[Any] = []

    def encode(indices: Any, *how: Any, **more: Any) -> bytes:
        drawn.append(indices)
        return encode_indices(indices, *how, **more)

    monkeypatch.setattr(unit_panel, "encode_indices", encode)
    app = visit("feature_maps", picture="dog", layer="conv1", unit="4", scale=scale)
    maps = cache.layer(NAME, cache.sample_picture("dog"), "conv1")
    tiles = to_indices(maps, scale, cache.best_maps(NAME)["conv1"])
    assert (drawn[-1] == tiles[:, :, 4]).all()
    says = words.page("feature_maps").as_dict()["scale_says"]
    assert says[scale].format(count=8) in said(app)
    share = maps[:, :, 4].max() / cache.best_maps(NAME)["conv1"][4]
    assert f"**{share:.0%}** of the largest that this map reaches" in said(app)


def test_a_value_before_relu_is_drawn_with_its_sign(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On plain grey all of them are positive: orange still, and next to grey."""
    drawn: list[Any] = []

    def encode(indices: Any, colours: Any, enlarge: int) -> bytes:
        drawn.append((indices, colours))
        return encode_indices(indices, colours, enlarge)

    monkeypatch.setattr(filter_panels, "encode_indices", encode)
    visit("filters", picture="grey", filter="4")
    (before, signed), (after, plain) = drawn[:2]
    assert (signed, plain) == ("diverging", "viridis")
    assert (np.abs(before.astype(int) - 127) <= 2).all() and (after <= 2).all()


def test_a_map_without_structure_is_strongest_everywhere() -> None:
    text = said(visit("feature_maps", picture="grey", layer="conv1", unit="2"))
    assert "**, everywhere. Mean" in text
    text = said(visit("feature_maps", picture="dog", layer="conv1", unit="4"))
    assert "**, top right. Mean" in text


def test_the_tip_says_how_much_of_its_best_a_map_reaches(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    given: list[MosaicTexts] = []
    monkeypatch.setattr(
        mosaic, "mosaic", lambda _, __, texts, **___: given.append(texts)
    )
    visit("feature_maps", picture="dog", layer="conv1")
    maps = cache.layer(NAME, cache.sample_picture("dog"), "conv1")
    share = round(maps[:, :, 7].max() / cache.best_maps(NAME)["conv1"][7], 2)
    assert "of its best" in given[-1].tip or "of the largest" in given[-1].tip
    shares = given[-1].values[-1]
    assert isinstance(shares, mosaic.Numbers)
    assert shares.of[7] == pytest.approx(share)
    assert shares.form["style"] == "percent"


# --- layers -------------------------------------------------------------------------


def layer_says(name: str, row: weights.WeightSet = ROW) -> str:
    return feature_maps.layer_words(row, name)[1]


def test_pooling_and_dense_layers_keep_what_they_say() -> None:
    """Not: "from here on nobody knows where anything was"."""
    pool5 = shapes.layer_info(ROW.spec, "pool5").output
    assert f"each of the {pool5[0] ** 2} positions of a map" in layer_says("pool5")
    kernel, _ = runtime.network(NAME).keras.get_layer("fc6").get_weights()
    spread = kernel.reshape(*pool5, -1).std(axis=(0, 1))  # of one map over positions
    assert (spread > 0).mean() > 0.99, "fc6 has a weight for each position"
    assert "from 54 × 54 to 26 × 26" in layer_says("pool1")
    assert "3 × 3" in layer_says("pool1") and "stride 2" in layer_says("pool1")


def test_the_overview_counts() -> None:
    say = layer_says("overview")
    first, last = (
        shapes.layer_info(ROW.spec, "conv1"),
        shapes.layer_info(ROW.spec, "conv5"),
    )
    assert "the 5 convolutions" in say
    for row in (first, last):
        assert f"{row.output[0]} × {row.output[0]}" in say
        assert f"{row.field} × {row.field}" in say


def test_sentences_fit_networks_with_groups_and_other_channels() -> None:
    original = weights.get("original")
    assert "5 × 5 × 48 weights. Each reads 48 maps" in layer_says("conv2", original)
    assert "5 × 5 × 96 weights. Each reads 96 maps" in layer_says("conv2")
    pixels = replace(original.spec.pixels, order="BGR")
    blue_first = replace(original, spec=replace(original.spec, pixels=pixels))
    assert "Channel 0 is blue, 1 is green, 2 is red" in layer_says("input", blue_first)
    assert "Channel 0 is red, 1 is green, 2 is blue" in layer_says("input")
    assert "of 5 maps: its own and 2 on either side" in layer_says("norm1", original)
    assert "brighter than the mean is drawn in orange" in layer_says("input")
    darker, _, orange = (lut("diverging")[i].astype(int) for i in (0, 127, LEVELS - 1))
    assert orange[0] > orange[1] > orange[2] and darker[2] > darker[0]


# --- pages --------------------------------------------------------------------------


def test_home_counts_the_layers_of_2012() -> None:
    convolutions = len(list(ORIGINAL.convolutions()))
    dense = sum(isinstance(layer, Dense) for layer in ORIGINAL.layers)
    assert (convolutions, dense) == (5, 3)
    assert "five convolutions and three dense layers" in words.page("home")["lead"]


def test_trained_and_random_filters_are_counted() -> None:
    clear = {
        name: int(filters.clear(weights.first_layer(name)[0]).sum())
        for name in (NAME, "random")
    }
    text = said(visit("filters"))
    assert f"{clear[NAME]} of 96 trained filters have a clear direction" in text
    assert f"and {clear['random']} of 96 random ones" in text


def test_doubt_and_calibration_are_the_measured_figures() -> None:
    found = measured.evaluation(NAME)
    doubt = widgets.doubt(ROW)
    assert f"below {found.threshold:.0%}" in doubt
    assert f"{found.wrong_doubted:.0%} of the validation images that it gets" in doubt
    assert f"only {1 - found.right_kept:.0%} of those that it gets right" in doubt
    assert 1 - found.right_kept < found.wrong_doubted
    accuracy = widgets.accuracy(ROW)
    assert f"by {found.ece_after:.1%} on average from how often it is right" in accuracy
    assert found.ece_after < found.ece_before

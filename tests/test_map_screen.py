"""Feature maps as one screen: what tiles see, layers to scale, what is pinned."""

from __future__ import annotations

import re

import numpy as np
import pytest

from model import weights
from model.network import receptive, shapes
from model.network.specs import SPECS, Spec
from tests.test_pages import visit
from ui.kit import cache, state
from ui.kit.network.feature_maps import layer_names
from ui.kit.picture import Chosen
from ui.network import filters
from ui.network.feature_maps.map_screen import tile_fields
from viz.blocks import THIN
from viz.layer_blocks import LayerBlock, layer_blocks
from viz.palette import PALETTES

ALL = list(SPECS.values())


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_the_browser_frames_the_receptive_field(spec: Spec) -> None:
    """What it computes of three numbers is what the walk back to the input gives."""
    rng = np.random.default_rng(0)
    for name in layer_names(spec):
        output = shapes.layer_info(spec, name).output
        values = rng.random(output)
        found = tile_fields(spec, name, values)
        if len(output) == 1:
            assert found.whole and not found.over
            continue
        assert found.strongest.tolist() == [
            int(values[:, :, unit].argmax()) for unit in range(output[2])
        ]
        for at in {0, output[0] // 2, output[0] - 1}:
            low = found.first + at * found.step
            within = [min(max(x, 0), found.side) for x in (low, low + found.size)]
            top, left, bottom, right = receptive.patch(spec, name, at, 0)
            assert within == [top, bottom]
            assert left == max(0, found.first)
            assert right == min(found.first + found.size, found.side)
        assert found.over is (name != "input")


def drawn(block: LayerBlock) -> tuple[float, float]:
    """Height and thickness of a block's front, or of a bar."""
    if bar := re.search(r'<rect [^>]*width="([\d.]+)" height="([\d.]+)"', block.svg):
        return float(bar[2]), float(bar[1])
    front = re.search(r'points="([^"]+)"', block.svg)
    assert front
    points = [tuple(map(float, x.split(","))) for x in front[1].split()]
    xs, ys = zip(*points, strict=True)
    return max(ys) - min(ys), max(xs) - min(xs)


@pytest.mark.parametrize("spec", ALL, ids=lambda spec: spec.name)
def test_the_layers_are_drawn_to_scale(spec: Spec) -> None:
    names = tuple(layer_names(spec))
    blocks = layer_blocks(spec, names, PALETTES["light"])
    assert [block.name for block in blocks] == list(names)
    tall, thick = drawn(blocks[0])
    heights = {}
    for block in blocks:
        output = shapes.layer_info(spec, block.name).output
        high, wide = drawn(block)
        if len(output) == 3:
            side = tall * output[0] / spec.input_size
            assert high == pytest.approx(max(THIN, side), abs=0.11), block.name
            assert wide >= thick - 0.11
        else:
            heights[output[0]] = high
    least, most = min(heights), max(heights)
    expected = max(THIN, heights[most] * least / most)
    assert heights[least] == pytest.approx(expected, abs=0.11)


def test_a_layer_opens_unpinned_and_a_number_pins() -> None:
    app = visit("feature_maps", layer="conv3")
    assert app.query_params.get("unit") is None
    assert not [b for b in app.button if b.label == "Close"]
    (field,) = app.number_input
    field.set_value(12).run()
    assert app.session_state[state.UNIT.name] == 12
    assert app.query_params["unit"] == "12"
    (close,) = (b for b in app.button if b.label == "Close")
    close.click().run()
    assert "unit" not in app.query_params
    # Another layer begins unpinned, whatever was pinned before.
    app.number_input[0].set_value(12).run()
    (following,) = (b for b in app.button if b.label == "Next")
    following.click().run()
    assert app.session_state[state.LAYER.name] == "conv4"
    assert "unit" not in app.query_params


def test_a_doubted_prediction_is_called_doubtful_on_its_button() -> None:
    """Cat: its first class has a probability below the threshold of this set."""
    for sample, is_doubted in (("cat", True), ("dog", False)):
        app = visit("feature_maps", picture=sample)
        labels = [block.proto.popover.label for block in app.get("popover")]
        assert any(x.startswith("Doubtful: ") for x in labels) is is_doubted
        assert any("%" in x for x in labels)


def test_what_a_filter_gives_is_framed_where_it_gives_most() -> None:
    weight_set = weights.get(weights.DEFAULT)
    picture = cache.sample_picture("dog")
    chosen = Chosen(picture, "Dog", "A dog.", "")
    found = filters.fields_of(weight_set, chosen)
    maps = cache.layer(weights.DEFAULT, picture, "conv1")
    assert found.width == maps.shape[1]
    flat = maps.reshape(-1, maps.shape[2])
    for unit, at in enumerate(found.strongest):
        assert flat[at, unit] == pytest.approx(flat[:, unit].max(), abs=1e-3)

"""What feeds a unit and what it feeds: the parts, the walk, and their sentences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from model import weights
from model.analysis import connections, patches
from model.network import shapes
from model.network.specs import (
    SIMPLIFIED,
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Normalise,
    Pool,
)
from model.pictures import photographs, to_input
from tests.test_pages import said as said_on
from tests.test_pages import visit
from ui.kit import cache, words
from ui.kit.components import connections as rows
from ui.kit.picture import Chosen
from ui.network.feature_maps import connections as panel
from ui.network.feature_maps import unit_pictures

SPEC = replace(
    SIMPLIFIED,
    input_size=39,
    layers=(
        Conv("conv1", 8, 5, 2),
        Normalise("norm1"),
        Pool("pool1"),
        Conv("conv2", 12, 5, padding=2, groups=2, activation="linear"),
        Activation("relu2"),
        Conv("conv3", 6, 3, padding="same"),
        Pool("pool3"),
        Flatten(),
        Dense("fc4", 20),
        Dropout("drop4"),
        Dense("fc5", 5, "softmax"),
    ),
)
LAYERS = ("conv1", "conv2", "conv3", "fc4", "fc5")
SEEDS = (1, 2, 3)


class Small:
    """The network of SPEC with a seed's weights, looked at with twelve images."""

    def __init__(self, seed: int) -> None:
        import keras

        from model.network.build import build

        keras.utils.set_random_seed(seed)
        self.network: Any = build(SPEC)
        rng = np.random.default_rng(seed)
        for layer in self.network.layers:
            if layer.get_weights():
                kernel, bias = layer.get_weights()
                layer.set_weights([kernel, rng.normal(size=bias.shape) / 10])
        images = rng.normal(size=(12, 39, 39, 3)).astype(np.float32)
        names = {x.name: self.network.get_layer(x.name).output for x in SPEC.layers}
        look = keras.Model(self.network.inputs, names)
        found = {k: np.asarray(v) for k, v in look([images], training=False).items()}
        found["input"] = images
        self.outputs = [{k: v[i] for k, v in found.items()} for i in range(12)]
        self.arrives = connections.arriving(SPEC, self.outputs)

    def kernel(self, name: str) -> Any:
        return self.network.get_layer(name).kernel

    def pre_activation(self, name: str) -> np.ndarray:
        """The mean pre-activation of each unit by Keras, without the bias."""
        import keras

        layer = self.network.get_layer(name)
        x = np.stack([one[connections.input_of(SPEC, name)] for one in self.outputs])
        one = SPEC.layer(name)
        if isinstance(one, Dense):
            mean = x.reshape(len(x), -1).mean(axis=0)
            return mean @ np.asarray(layer.kernel)
        before, after = shapes.edges(one, x.shape[1])  # type: ignore[arg-type]
        x = np.pad(x, ((0, 0), (before, after), (before, after), (0, 0)))
        conv = keras.ops.conv(x, layer.kernel, getattr(one, "stride", 1), "valid")
        return np.asarray(conv).mean(axis=(0, 1, 2))


@pytest.fixture(scope="module")
def networks() -> dict[int, Small]:
    return {seed: Small(seed) for seed in SEEDS}


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("seed", SEEDS)
def test_parts_add_up_to_the_mean_pre_activation(
    networks: dict[int, Small], seed: int, layer: str
) -> None:
    small = networks[seed]
    expected = small.pre_activation(layer)
    before, _ = connections.neighbours(SPEC, layer)
    for unit in range(len(expected)):
        parts = connections.parts_into(
            SPEC, layer, unit, small.kernel(layer), small.arrives[layer]
        )
        units = 3 if before is None else shapes.layer_info(SPEC, before).output[-1]
        assert parts.shape == (units,)
        assert parts.sum() == pytest.approx(expected[unit], rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("layer", LAYERS[:-1])
def test_what_a_unit_feeds_is_what_it_feeds_from_below(
    networks: dict[int, Small], layer: str
) -> None:
    small = networks[1]
    _, after = connections.neighbours(SPEC, layer)
    assert after is not None
    kernel, arrives = small.kernel(after), small.arrives[after]
    units = shapes.layer_info(SPEC, layer).output[-1]
    above = shapes.layer_info(SPEC, after).output[-1]
    into = np.stack(
        [connections.parts_into(SPEC, after, v, kernel, arrives) for v in range(above)]
    )
    for unit in range(units):
        found = connections.parts_out_of(SPEC, layer, unit, after, kernel, arrives)
        assert found == pytest.approx(into[:, unit], rel=1e-5, abs=1e-6)


def test_the_strongest_of_each_sign() -> None:
    parts = np.array([0.5, -2.0, 0.0, 3.0, -0.1, 1.0, 0.25, 0.125, 4.0])
    found = connections.strongest("conv2", parts)
    assert [x.unit for x in found.positive] == [8, 3, 5, 0]
    assert [x.unit for x in found.negative] == [1, 4]
    assert found.count == 6
    assert found.added == pytest.approx(8.875)
    assert found.share == pytest.approx(8.5 / 8.875)
    assert found.first_share == pytest.approx(4 / 8.875)
    none = connections.strongest("conv2", np.zeros(3))
    assert (none.positive, none.negative, none.share) == ((), (), 0.0)
    assert none.first_share == 0


def test_a_walk_follows_the_largest_part_and_changes_with_the_weights(
    networks: dict[int, Small],
) -> None:
    walks = []
    for small in networks.values():
        steps = connections.walk(SPEC, "fc5", 2, small.kernel, small.arrives)
        layer, unit, way = "fc5", 2, []
        for step in steps:
            parts = connections.parts_into(
                SPEC, layer, unit, small.kernel(layer), small.arrives[layer]
            )
            assert step.positive[0].unit == parts.argmax()
            layer, unit = step.layer, int(parts.argmax())
            way.append((layer, unit))
        assert [x for x, _ in way] == ["fc4", "conv3", "conv2", "conv1"]
        walks.append(tuple(way))
    assert len(set(walks)) == len(SEEDS)


def test_the_sentences_are_the_walks(networks: dict[int, Small]) -> None:
    """By numbers of three seeds of weights, in the words of the page."""
    embedded = weights.get(weights.DEFAULT)
    said = set()
    text = panel.page_words().table("walk")
    for small in networks.values():
        steps = connections.walk(SPEC, "fc5", 2, small.kernel, small.arrives)
        found = panel.sentences(embedded, "fc5", 2, steps)
        assert len(found) == len(steps) + 1
        first = steps[0].positive[0]
        assert found[0] == text["step"].format(
            above="fc5 · 2",
            below=f"fc4 · {first.unit}",
            part=panel.signed(first.part),
            share=f"{first.part / steps[0].added:.1%}",
            count=f"{steps[0].count:,}",
        )
        unit = steps[-1].positive[0].unit
        assert cache.filter_facts(embedded.name).sentences[unit] in found[-1]
        said.add("\n".join(found))
    assert len(said) == len(SEEDS)
    (stuck,) = panel.sentences(embedded, "conv4", 7, [])
    assert stuck == text["stuck"].format(name="conv4 · 7")


def test_what_arrives_is_measured_on_all_photographs() -> None:
    """The shipped file: its shapes, and conv1's numbers, which need no network."""
    spec = weights.get(weights.DEFAULT).spec
    known = connections.shipped(weights.DEFAULT)
    assert known is not None
    assert list(known) == connections.layers_with_weights(spec)
    for name, values in known.items():
        size = int(
            np.prod(shapes.layer_info(spec, connections.input_of(spec, name)).output)
        )
        one = spec.layer(name)
        if isinstance(one, Conv):
            assert values.shape[:2] == (one.kernel, one.kernel)
        else:
            assert values.shape == (size,)
    names = photographs.photographs()
    mean = sum(to_input(photographs.image(x), spec)[0] for x in names) / len(names)
    first = spec.layer("conv1")
    assert isinstance(first, Conv)
    expected = connections.under_kernel(first, np.asarray(mean, np.float64))
    assert known["conv1"] == pytest.approx(expected, rel=1e-3, abs=1e-4)


@pytest.mark.parametrize(
    ("sample", "layer", "unit"),
    [("coffee", "conv3", 17), ("dog", "fc6", 9), ("rocket", "conv1", 4)],
)
def test_the_page_says_it(sample: str, layer: str, unit: int) -> None:
    said = said_on(visit("feature_maps", picture=sample, layer=layer, unit=str(unit)))
    text, name = panel.page_words(), weights.DEFAULT
    count = cache.arriving_photographs(name)
    assert text["about"].format(count=count) in said
    before, _ = cache.connections(name, layer, unit)
    if before is None:
        facts = cache.filter_facts(name).sentences[unit]
        assert text["pixels"].format(filter=facts) in said
    else:
        share = text.table("fed_by")["share"]
        assert (
            share.format(
                shown=len(before.positive),
                share=f"{before.share:.0%}",
                count=before.count,
            )
            in said
        )
    picture = cache.sample_picture(sample)
    first = int(cache.layer(name, picture, "fc8").argmax())
    steps = cache.walk(name, "fc8", first)
    for line in panel.sentences(weights.get(name), "fc8", first, steps):
        assert line in said


def test_for_this_picture_alone() -> None:
    said = said_on(
        visit("feature_maps", picture="coffee", layer="fc8", connected="here")
    )
    text, name = panel.page_words(), weights.DEFAULT
    assert text["about_here"] in said
    picture = cache.sample_picture("coffee")
    first = int(cache.layer(name, picture, "fc8").argmax())
    steps = cache.walk(name, "fc8", first, picture)
    usual = cache.walk(name, "fc8", first)
    weight_set = weights.get(name)
    for line in panel.sentences(weight_set, "fc8", first, steps):
        assert line in said
    assert steps != usual
    # What is added on this picture, with the bias, is the class's logit.
    kernel, bias = weights.load(name).get_layer("fc8").get_weights()
    fc7 = cache.activations(name, picture)["fc7"]
    (added,) = {x.added for x in steps[:1]}
    products = kernel[:, first] * fc7
    assert added == pytest.approx(float(products[products > 0].sum()), rel=1e-4)
    assert bias.shape == (200,)


def test_a_layer_without_weights_has_no_connections() -> None:
    said = said_on(visit("feature_maps", picture="coffee", layer="pool1", unit="3"))
    assert panel.page_words()["about_between"] not in said


def test_a_tile_leads_to_its_unit() -> None:
    """What the browser sends is looked up, and anything else is nothing."""
    weight_set = weights.get(weights.DEFAULT)
    picture = cache.sample_picture("coffee")
    chosen = Chosen(picture, "Espresso", "an espresso", "")
    one = connections.Connection("conv4", 12, -0.25)
    tile = panel.tile(weight_set, chosen, one, 0.5, "{name}: {part}")
    assert (tile.layer, tile.unit, tile.label) == ("conv4", 12, "conv4 · 12: −0.25")
    sendable = tile.sendable()
    assert str(sendable["picture"]).startswith("data:image/png;base64,")
    photograph = rows.Tile("fc6", 1, b"\xff\xd8", "fc6 · 1", "+1", 1, "fc6 · 1")
    assert str(photograph.sendable()["picture"]).startswith("data:image/jpeg;")


def test_every_kind_of_unit_has_a_picture() -> None:
    picture = cache.sample_picture("coffee")
    chosen = Chosen(picture, "Espresso", "an espresso", "")
    embedded, other = weights.get(weights.DEFAULT), weights.get("random")
    assert patches.of(other.name) is None
    for layer, unit in (("conv1", 3), ("conv5", 8), ("fc7", 5), ("fc8", 1)):
        made = unit_pictures.thumbnail(embedded, chosen, layer, unit)
        assert made[:3] in (b"\xff\xd8\xff", b"\x89PN")
        assert unit_pictures.thumbnail(other, chosen, layer, unit)[:4] == b"\x89PNG"


def test_dense_units_are_named_by_layer_and_classes_by_name() -> None:
    embedded = weights.get(weights.DEFAULT)
    assert panel.unit_name(embedded, "fc6", 12) == "fc6 · 12"
    assert panel.unit_name(embedded, "fc8", 0) == weights.class_names(embedded.name)[0]
    assert panel.signed(-0.03149) == "−0.031"
    assert panel.signed(0.5) == "+0.5"


def test_no_text_says_what_a_layer_stands_for() -> None:
    """Evidence is shown instead: favourites, patches and connections."""
    for name in ("conv2", "conv3", "conv4", "conv5"):
        said = words.layer(name)["say"].lower()
        assert not any(x in said for x in ("texture", "corner", "parts of"))

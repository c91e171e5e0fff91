"""What the concept inventory calls right is so, and what it calls wrong is not.

Computed with numpy and Keras, in both forms, with the numbers of the options.
"""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from classroom.content import lesson
from classroom.inventory import items
from classroom.inventory.items import FORMS, RIGHT
from model.network import shapes, specs

RANDOM = np.random.default_rng(0)
LANGUAGES = lesson.languages()


def numbers(text: str) -> list[int]:
    """Whole numbers, as English and German write them."""
    found = re.findall(r"\d{1,3}(?:[.,]\d{3})+|\d+", text)
    return [int(re.sub(r"[.,]", "", one)) for one in found]


def option(concept: str, form: items.Form, name: str, language: str = "en") -> str:
    return items.concept(concept, language).forms[form].options[name]


def correlate(maps: np.ndarray, kernel: np.ndarray) -> np.ndarray:
    """One filter over maps (rows, columns, channels), without padding."""
    size = kernel.shape[0]
    windows = np.lib.stride_tricks.sliding_window_view(maps, (size, size), (0, 1))
    return np.einsum("yxcij,ijc->yx", windows, kernel)


def pooled(one: np.ndarray) -> np.ndarray:
    rows, columns = one.shape
    return one.reshape(rows // 2, 2, columns // 2, 2).max((1, 3))


@pytest.mark.parametrize("language", LANGUAGES)
def test_both_forms_have_the_same_numbers_in_every_language(language: str) -> None:
    for one in items.concepts(language):
        base = items.concept(one.id)
        for form in FORMS:
            ours, theirs = one.forms[form], base.forms[form]
            assert sorted(numbers(ours.ask)) == sorted(numbers(theirs.ask)), one.id
            for name, text in ours.options.items():
                assert numbers(text) == numbers(theirs.options[name]), (one.id, name)


def test_a_filter_sums_over_all_channels() -> None:
    """As Keras computes it: one weight for each value under it in every channel."""
    import keras

    for form, size, channels in (("A", 3, 3), ("B", 5, 16)):
        layer = keras.layers.Conv2D(1, size)
        maps = RANDOM.normal(size=(size, size, channels)).astype(np.float32)
        out = np.asarray(layer(maps[None]))
        kernel, bias = (np.asarray(x) for x in layer.weights)
        assert kernel.size == numbers(option("filter", form, RIGHT))[0]
        assert kernel[:, :, 0].size == numbers(option("filter", form, "one-channel"))[0]
        assert out.shape == (1, 1, 1, 1), "one number at this position"
        summed = (kernel[..., 0] * maps).sum() + bias[0]
        assert out.item() == pytest.approx(summed, abs=1e-5)
        assert out.item() not in (0, 1), "no yes or no"
        assert out.item() != pytest.approx(maps.mean(), abs=1e-3)


def test_a_map_shows_its_pattern_and_not_brightness() -> None:
    edge = np.array([[-1.0, 0, 1]] * 3)[..., None]
    image = np.full((9, 12, 1), 0.9)
    image[:, :4], image[:, 4:6] = 0.1, 0.4  # dark, an edge, another, light
    found = correlate(image, edge)
    strongest = np.unravel_index(found.argmax(), found.shape)[1]
    assert 2 <= strongest <= 5, "at the edges"
    assert found[:, -1].max() == pytest.approx(0), "where the image is brightest"
    # The value grows with contrast, too: it does not say how alike the two are.
    assert correlate(image / 2, edge).max() == pytest.approx(found.max() / 2)
    assert "the most of what" in option("map", "A", RIGHT)
    assert "alike, and rich in contrast" in items.concept("map").idea


def test_most_parameters_of_alexnet_are_in_fully_connected_layers() -> None:
    found = shapes.totals(specs.ORIGINAL)
    assert round(found.parameters / 1e6, -1) == 60
    assert found.dense_parameter_share > 0.9, "right"
    assert found.conv_mac_share > 0.9, "the arithmetic is elsewhere"
    counts = {x.name: x.parameters for x in shapes.table(specs.ORIGINAL)}
    counts = {name: count for name, count in counts.items() if count}
    assert len(counts) == 8
    assert max(counts.values()) > 4 * sum(counts.values()) / len(counts), "not even"
    assert min(counts, key=lambda name: counts[name]) == "conv1", "so is the input"


@pytest.mark.parametrize("language", LANGUAGES)
def test_parameters_of_the_small_network(language: str) -> None:
    first, second = 9 * 3 * 32 + 32, 9 * 32 * 32 + 32
    inputs = 32 * 32 * 32
    dense = inputs * 100 + 100
    assert inputs in numbers(option("parameters", "B", RIGHT, language))
    assert dense > 10 * (first + second), "right, and not even"
    multiplied = {"second": (second - 32) * 64 * 64, "dense": inputs * 100}
    assert multiplied["second"] > multiplied["dense"], "the arithmetic is elsewhere"


def test_layers_without_a_nonlinearity_are_one_layer() -> None:
    first, second = RANDOM.normal(size=(8, 5)), RANDOM.normal(size=(3, 8))
    images = RANDOM.normal(size=(5, 20))
    assert second @ (first @ images) == pytest.approx((second @ first) @ images)
    # With ReLU two layers compute |x|, which no linear layer does.
    x = np.linspace(-1, 1, 21)
    relu = np.maximum(np.array([[1.0], [-1.0]]) @ x[None], 0)
    assert relu.sum(0) == pytest.approx(np.abs(x))
    assert np.abs(np.polyval(np.polyfit(x, np.abs(x), 1), x) - np.abs(x)).max() > 0.4
    # A maximum is not linear either: in a network with max pooling it would not be so.
    one, other = np.eye(4), -np.eye(4)
    assert np.abs(pooled(one + other) - pooled(one) - pooled(other)).max() > 0.5
    assert "fully connected layers" in items.concept("relu").forms["A"].ask
    # Without it nothing was kept in a range, and with it neither.
    assert np.maximum(first @ images, 0).max() > 1
    assert (first @ images).min() < 0 and np.isfinite(second @ first @ images).all()


def test_dropout_does_nothing_in_use() -> None:
    import keras

    keras.utils.set_random_seed(0)
    layer, units = keras.layers.Dropout(0.5), np.ones((1, 4000), np.float32)
    used = [np.asarray(layer(units, training=False)) for _ in range(10)]
    assert all((one == units).all() for one in used), "all take part, ten times alike"
    trained = np.asarray(layer(units, training=True))
    assert (trained == 0).mean() == pytest.approx(0.5, abs=0.05)
    assert trained.mean() == pytest.approx(1, abs=0.1), "scaled for the larger number"
    assert not (trained == np.asarray(layer(units, training=True))).all()
    assert layer.count_params() == 0 and trained.shape == units.shape, "none is removed"


def softmax(logits: np.ndarray) -> np.ndarray:
    raised = np.exp(logits - logits.max(-1, keepdims=True))
    return raised / raised.sum(-1, keepdims=True)


def test_a_probability_is_no_accuracy() -> None:
    """Larger logits of the same order: surer, and right just as often."""
    labels = RANDOM.integers(0, 10, 2000)
    logits = RANDOM.normal(size=(2000, 10))
    logits[np.arange(2000), labels] += 1.5
    calm, loud = softmax(logits), softmax(8 * logits)
    right = [(p.argmax(1) == labels).mean() for p in (calm, loud)]
    assert right[0] == right[1]
    assert loud.max(1).mean() - calm.max(1).mean() > 0.3
    sure = loud.max(1) > 0.94
    assert (loud.argmax(1) == labels)[sure].mean() < 0.8, "not 94 of 100"


def test_fitting_closely_lowers_one_error_and_raises_the_other() -> None:
    x = np.linspace(-1, 1, 12)
    curve = np.sin(3 * x)
    seen, new = (curve + RANDOM.normal(0, 0.3, x.size) for _ in range(2))
    errors = []
    for degree in (1, 3, 10):  # ever more parameters, on the same points
        fit = np.polyval(np.polyfit(x, seen, degree), x)
        errors.append(((fit - seen).std(), (fit - new).std()))
    assert all(a[0] > b[0] for a, b in pairwise(errors)), "more parameters fit closer"
    assert errors[2][1] > 1.1 * errors[1][1], "and new points of the same kind worse"


def test_probabilities_add_up_to_one_whatever_is_shown() -> None:
    for form, classes in (("A", 200), ("B", 10)):
        item = items.concept("knows").forms[form]
        assert classes in numbers(item.ask) or form == "B"
        shown = softmax(RANDOM.normal(0, 5, classes))
        assert shown.sum() == pytest.approx(1) and shown.max() >= 1 / classes
        assert "100" in item.options[RIGHT]


def test_a_network_does_not_change_while_it_is_used() -> None:
    import keras

    network = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3)])
    before = [np.array(x) for x in network.get_weights()]
    network(RANDOM.normal(size=(8, 4)))
    assert all(
        (a == b).all() for a, b in zip(before, network.get_weights(), strict=True)
    )


def test_pooling_keeps_the_number_of_maps_and_loses_positions() -> None:
    import keras

    maps = RANDOM.normal(size=(1, 28, 28, 64)).astype(np.float32)
    layer = keras.layers.MaxPooling2D(2, 2)
    out = np.asarray(layer(maps))
    assert out.shape == (1, 14, 14, 64)
    assert numbers(option("pooling", "A", RIGHT)) == [14, 14]
    assert layer.count_params() == 0, "nothing is learned"
    assert out[0, :, :, 7] == pytest.approx(pooled(maps[0, :, :, 7]))
    here, there = np.zeros((4, 4)), np.zeros((4, 4))
    here[2, 2] = there[2, 3] = 1
    assert (pooled(here) == pooled(there)).all() and (here != there).any()


@pytest.mark.parametrize("language", LANGUAGES)
def test_weights_of_a_convolution_are_those_of_its_filters(language: str) -> None:
    import keras

    for form, count, size, image in (("A", 10, 5, 28), ("B", 8, 3, 200)):
        layer = keras.layers.Conv2D(count, size, use_bias=False)
        layer.build((None, image, image, 1))
        texts = items.concept("sharing", language).forms[form].options
        assert layer.count_params() in numbers(texts[RIGHT])
        out = image - size + 1
        assert size * size == numbers(texts["one-set"])[0]
        assert count * image * image in numbers(texts["per-pixel"])
        if form == "A":
            assert count * size * size * out * out in numbers(texts["per-position"])
        else:
            before = 100 - size + 1
            assert (out / before) ** 2 == pytest.approx(4, rel=0.05)


def test_later_layers_see_more_of_the_image_in_less_detail() -> None:
    found = [x for x in shapes.table(specs.ORIGINAL) if x.kind == "conv"]
    fields = [x.field for x in found if x.field is not None]
    assert len(fields) == 5 and fields == sorted(set(fields))
    assert fields[-1] > 10 * fields[0]
    assert found[-1].output[0] < found[0].output[0], "not finer"


def test_the_best_of_forty_on_the_test_images_looks_too_good() -> None:
    """Forty networks that are all equally good, and 1,000 test images."""
    for form, tried in (("A", 40), ("B", 60)):
        assert form == "B" or tried in numbers(items.concept("testing").forms["A"].ask)
        chosen = RANDOM.binomial(1000, 0.85, (500, tried)).max(1) / 1000
        fresh = RANDOM.binomial(1000, 0.85, 500) / 1000
        assert chosen.mean() - 0.85 > 0.015
        assert fresh.mean() == pytest.approx(0.85, abs=0.003)

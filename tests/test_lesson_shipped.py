"""What the lesson says of the shipped network, of samples and of tables is measured.

New weights or other samples fail here, and the message says what has to be written in
assets/lesson/shipped.toml.
"""

from __future__ import annotations

import re
import tomllib
from typing import Any

import keras
import numpy as np
import pytest

from classroom.content import lesson, numbers
from model import measured, paper, weights
from model.analysis import filters, keras_code
from model.analysis.convolve import convolve
from model.analysis.lesson_steps import kernels
from model.network import dropout, shapes
from model.network.specs import LENET5, ORIGINAL, SIMPLIFIED, Dense, Pool
from model.pictures import samples, to_input
from paths import ROOT
from tests.test_pages import visit
from ui.kit import cache, state
from ui.kit.components import slopes
from ui.lesson.measured_numbers import measured_numbers
from viz.palette import SIGNED

ENGLISH = lesson.load()
KNOWN = numbers.numbers(measured_numbers(ENGLISH))
ROW = weights.get(weights.DEFAULT)
PHOTOGRAPHS = [n for n in samples.samples() if samples.sample(n).kind == "photograph"]
FIGURES = measured.evaluation(weights.DEFAULT)
assert FIGURES is not None
OWN_RATE = FIGURES.recipe["dropout"]
PAPER_RATE = SIMPLIFIED.layer("drop6").rate  # type: ignore[union-attr]


def said(slug: str, part: str) -> str:
    """A step's text as a reader sees it, without links."""
    whole = getattr(ENGLISH.step(slug), part)
    written = whole if isinstance(whole, str) else " ".join(whole.texts())
    text = ENGLISH.markdown(written, KNOWN)
    return re.sub(r'\[([^\]]+)\]\(#words "[^"]*"\)', r"\1", text)


# --- units, masks, filters ----------------------------------------------------------


def agreeing(name: str, rate: float) -> int:
    """How many of the first ten masks predict what the whole network does."""
    picture = cache.sample_picture(name)
    found = cache.masked(weights.DEFAULT, picture, (rate,))
    whole = found.whole.argmax()
    return int((found.answers[0].argmax(axis=1) == whole).sum())


def enough(name: str) -> tuple[int, int]:
    """The fewest of the slider's units that keep the prediction, and one step fewer."""
    picture = cache.sample_picture(name)
    best = cache.strongest_only(weights.DEFAULT, picture).argmax(axis=1)
    at = len(best) - 1
    while at and best[at - 1] == best[-1]:
        at -= 1
    return cache.KEEPS[at], cache.KEEPS[at - 1] if at else 0


def firing(name: str) -> int:
    picture = cache.sample_picture(name)
    return int((cache.activations(weights.DEFAULT, picture)["fc6"] > 0).sum())


def test_what_is_said_of_the_shipped_network_is_what_it_does() -> None:
    own = [agreeing(name, OWN_RATE) for name in PHOTOGRAPHS]
    half = [agreeing(name, PAPER_RATE) for name in PHOTOGRAPHS]
    active = [firing(name) for name in PHOTOGRAPHS]
    units = [enough(name) for name in PHOTOGRAPHS]
    told = {k: v for k, v in numbers.SHIPPED.items() if not k.startswith("shift_")}
    assert told == {  # those of shifts: tests/test_shift.py
        "masks_least": min(own),
        "masks_most": max(own),
        "masks_half_least": min(half),
        "masks_half_most": max(half),
        "firing_least": min(active),
        "firing_most": max(active),
        "units_enough": min(fewest for fewest, _ in units),
        "units_too_few": max(fewer for _, fewer in units),
    }


def test_few_units_are_hundreds_not_dozens() -> None:
    shipped, count = numbers.SHIPPED, cache.KEEPS[-1]
    words = said("analogy", "answer")
    assert f"needs the largest {shipped['units_enough']:,}" in words
    assert f"{shipped['units_too_few']:,} are too few" in words
    assert "takes hundreds" in words
    assert 100 < shipped["units_enough"] < 1000
    assert "About half of the 4,096 fire" in words
    assert 0.4 < shipped["firing_least"] / count < shipped["firing_most"] / count < 0.6


def test_other_images_need_other_units() -> None:
    """No unit is among those that fire on every photograph, or on none of them."""
    fires = np.array(
        [
            cache.activations(weights.DEFAULT, cache.sample_picture(name))["fc6"] > 0
            for name in PHOTOGRAPHS
        ]
    )
    assert "thousands" in said("analogy", "answer")
    assert fires.any(axis=0).sum() > 2000
    assert fires.all(axis=0).sum() < 0.05 * fires.shape[1]
    assert FIGURES is not None
    assert FIGURES.dead_units["fc6"] == 0


def test_dropout_is_shown_at_the_rate_that_the_network_was_trained_with() -> None:
    assert state.RATE.default == OWN_RATE
    shown = f"{OWN_RATE:.0%}"
    assert f"trained with {shown} (and batch normalisation)" in said("dropout", "body")
    assert f"with a probability of {PAPER_RATE:.0%}" in said("dropout", "body")
    card = (measured.FOLDER / "tiny-imagenet.md").read_text("utf-8")
    assert f"dropout {OWN_RATE:g}" in card
    assert "there was a batch normalisation before each ReLU" in card
    note, shipped = said("dropout", "note"), numbers.SHIPPED
    both = "between {} and {} of ten".format(
        shipped["masks_least"], shipped["masks_most"]
    )
    assert f"At {shown} {both}" in note
    assert shipped["masks_half_least"] <= shipped["masks_least"]


def test_another_step_drops_other_units_and_keeps_the_expected_value() -> None:
    first, second = (dropout.factors(4096, OWN_RATE, step, 6) for step in (1, 2))
    assert (first != second).any()
    assert first.mean() == pytest.approx(1, abs=0.03)


def test_colour_needs_no_size() -> None:
    """The 3 × 3 middles of colour filters respond as strongly, weight for weight."""
    trained, _ = cache.first_layer(weights.DEFAULT)
    x = to_input(cache.sample_picture("colours"), ROW.spec)[0]
    coloured = np.flatnonzero(filters.measure(trained).clear_colour)

    def peak(number: int, size: int) -> float:
        cut = kernels.centre(trained[..., number : number + 1], size)
        responses = convolve(x, cut, np.zeros(1, np.float32), 4)
        return float(responses.max() / np.abs(cut).sum())

    stronger = [peak(n, 3) >= peak(n, trained.shape[0]) for n in coloured]
    assert np.mean(stronger) >= 0.5
    assert "Colour needs no size" in said("practice", "answer")
    assert "colour" not in said("practice", "body")


@pytest.mark.parametrize("size", kernels.SIZES)
def test_pixels_that_no_position_reads_are_counted(size: int) -> None:
    side, stride = SIMPLIFIED.input_size, 4
    read = np.zeros((side, side), bool)
    for top in range(0, side - size + 1, stride):
        for left in range(0, side - size + 1, stride):
            read[top : top + size, left : left + size] = True
    assert shapes.unread(side, size, stride) == pytest.approx(1 - read.mean())


def test_a_small_filter_with_a_large_stride_misses_pixels() -> None:
    share = f"{shapes.unread(224, 3, 4):.0%}"
    assert share == "44%"
    assert f"would never read {share} of the pixels" in said("practice", "answer")


def test_a_stack_in_the_first_layer_is_not_cheaper() -> None:
    """Five layers of 3 × 3 that see 11 pixels, on three channels; VGG's is later."""
    stack = 9 * 3 * 96 + 4 * 9 * 96 * 96
    words = said("practice", "answer")
    assert f"there {stack:,} weights would replace {11 * 11 * 3 * 96:,}" in words
    assert stack > 11 * 11 * 3 * 96
    for count in (2, 3, 5):  # as many maps in as out
        field, many = kernels.stacked(count, 96)
        assert many < field**2 * 96**2
    assert "as many maps in as out" in said("next", "body")


# --- samples and probabilities ------------------------------------------------------


def test_the_images_that_the_first_step_asks_for_are_there() -> None:
    english = {name: samples.sample(name).title for name in samples.samples()}
    for language in lesson.languages():
        own = ROOT / "assets" / language / "samples" / "samples.toml"
        rows = tomllib.loads(own.read_text("utf-8")) if own.is_file() else {}
        titles = {rows.get(n, {}).get("title", title) for n, title in english.items()}
        question = lesson.load(language).step("start").question
        asked = re.findall(r"\*([^*]+)\*", question)
        assert len(asked) == 2
        assert set(asked) <= titles


def test_the_colours_of_a_signed_map_are_named_as_they_are_drawn() -> None:
    below, above = (
        [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        for colour in (SIGNED[1], SIGNED[3])
    )
    assert above[0] > above[1] > above[2]  # orange: red, then green, then blue
    assert below[2] > below[1] > below[0]
    for language, names in {"en": "Orange|blue", "de": "Orange|blau"}.items():
        said = lesson.load(language).words["live"]["kernels"]["edge"]
        assert re.findall(rf"{names}|[Rr]ed|[Rr]ot", said) == names.split("|")


def test_a_low_probability_is_no_reliable_sign_of_a_strange_image() -> None:
    assert FIGURES is not None
    assert FIGURES.strangers_doubted < 0.5
    assert "not a reliable one" in said("start", "answer")
    assert ROW.top1 is not None
    assert f"wrong for {1 - ROW.top1:.0%} of new images" in said("start", "body")


# --- tables, counts, code -----------------------------------------------------------


def test_what_grew_between_lenet_and_alexnet() -> None:
    old, new = shapes.totals(LENET5), shapes.totals(ORIGINAL)

    def dense(spec: object) -> int:
        return sum(isinstance(x, Dense) for x in spec.layers)  # type: ignore[attr-defined]

    grew = {
        "size": ORIGINAL.input_size / LENET5.input_size,
        "channels": ORIGINAL.channels / LENET5.channels,
        "convs": len(list(ORIGINAL.convolutions())) / len(list(LENET5.convolutions())),
        "dense": dense(ORIGINAL) / dense(LENET5),
        "classes": ORIGINAL.classes / LENET5.classes,
        "parameters": new.parameters / old.parameters,
        "macs": new.macs / old.macs,
        "neurons": new.neurons / old.neurons,
    }
    assert max(grew, key=lambda name: grew[name]) == "macs"
    assert [name for name, factor in grew.items() if factor <= 1] == ["dense"]
    assert grew["dense"] == 1
    words = said("lenet", "answer")
    assert "The number of dense layers did not grow at all" in words
    share = f"{new.dense_parameter_share:.1%}"
    assert f"{share} of AlexNet's parameters are in its dense layers" in words
    assert "4,096 units that read 9,216 numbers each" in words
    assert new.conv_mac_share > 0.9  # "the work went into the convolutions"


def test_no_single_layer_does_half_of_the_work() -> None:
    total, rows = shapes.totals(SIMPLIFIED), shapes.table(SIMPLIFIED)
    busiest = max(rows, key=lambda row: row.macs)
    largest = max(rows, key=lambda row: row.parameters)
    assert (busiest.name, largest.name) == ("conv2", "fc6")
    assert busiest.macs < total.macs / 2 < total.macs
    words = said("layers", "answer")
    assert f"conv2: it does {busiest.macs / total.macs:.1%}" in words
    assert f"{largest.parameters / total.parameters:.1%}" in words
    assert "no single layer halves them" in words


def test_where_the_missing_millions_went() -> None:
    reads = [shapes.dense_inputs(spec) for spec in (ORIGINAL, SIMPLIFIED)]
    less = (reads[0] - reads[1]) * 4096
    assert f"removes {less / 1e6:.1f} million" in said("layers", "body")
    late = [
        r for r in shapes.table(SIMPLIFIED) if r.name in ("conv3", "conv4", "conv5")
    ]
    share = sum(r.parameters for r in late) / shapes.totals(SIMPLIFIED).parameters
    assert f"hold only {share:.1%} of the parameters" in said("differences", "answer")


def test_depth_is_counted_in_percentage_points_of_top_1() -> None:
    body = said("revolution", "body")
    assert "top-1 accuracy drops by about 2 percentage points" in body


def test_the_maps_shrink_and_grow_in_number() -> None:
    convs = list(SIMPLIFIED.convolutions())
    sides = [shapes.layer_info(SIMPLIFIED, c.name).output[0] for c in convs]
    assert sides == sorted(sides, reverse=True)
    assert convs[0].filters == min(c.filters for c in convs)
    body = said("flow", "body")
    assert f"from {convs[0].filters} to {max(c.filters for c in convs)}" in body
    assert f"{SIMPLIFIED.classes:,} in the paper, {ROW.spec.classes} here" in body


def test_brightness_in_the_flow_is_against_the_best_of_each_map(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On plain grey most maps find next to nothing, and stay dark."""
    scales: list[str] = []
    draw = cache.layer_mosaic

    def record(*how: Any) -> Any:
        scales.append(how[3])
        return draw(*how)

    monkeypatch.setattr(cache, "layer_mosaic", record)
    app = visit("lesson", step="flow", flow="conv1", picture="grey")
    assert not app.exception
    assert scales == ["best"]
    grey = cache.activations(weights.DEFAULT, cache.sample_picture("grey"))["conv1"]
    photographs = [
        cache.activations(weights.DEFAULT, cache.sample_picture(name))["conv1"]
        for name in PHOTOGRAPHS
    ]
    best = np.max([maps.max(axis=(0, 1)) for maps in photographs], axis=0)
    assert np.median(grey.max(axis=(0, 1)) / best) < 0.05
    assert "as it ever does on this app's photographs" in said("flow", "body")


def test_flattening_keeps_the_places() -> None:
    side = shapes.layer_info(SIMPLIFIED, "pool5").output[0]
    assert f"still has {side * side} positions per map" in said("flow", "answer")
    assert shapes.dense_inputs(SIMPLIFIED) == side * side * 256


def test_the_code_does_not_give_the_answer_to_its_question_away() -> None:
    """The paper's maps and the input they need are nowhere in it."""
    listing = keras_code.source(SIMPLIFIED)
    assert not re.search(r"\b(55|227)\b", listing)
    assert "54×54×96" in listing  # so that is not what is asked
    assert "says nothing of" not in said("code", "question")
    assert "model.summary()" not in listing
    assert "`model.summary()` then prints" in said("code", "note")
    assert "(227 − 11) / 4 + 1 is exactly 55" in said("code", "answer")
    assert ".compile" not in listing


def test_other_listings_build_the_same_network() -> None:
    """`input_shape=` in the first layer, `pool_size=` in the pooling: as we say."""
    spec = SIMPLIFIED.at(96)  # its dense layers fit into a test
    ours = keras_code.source(spec)
    lines = [x for x in ours.splitlines() if "keras.Input(" not in x]
    theirs = "\n".join(lines).replace(
        "Conv2D(96,", "Conv2D(96, input_shape=(96, 96, 3), kernel_size=", 1
    )
    theirs = re.sub(r"MaxPooling2D\(\(", "MaxPooling2D(pool_size=(", theirs)
    assert theirs.count("pool_size=") == sum(isinstance(x, Pool) for x in spec.layers)
    built = []
    for listing in (ours, theirs):
        names: dict[str, keras.Model] = {}
        if "input_shape=" in listing:
            with pytest.warns(UserWarning, match="input_shape"):
                exec(listing, names)
        else:
            exec(listing, names)
        built.append(names["model"])
    first, second = (
        [(type(x), x.output.shape, x.count_params()) for x in model.layers]
        for model in built
    )
    assert first == second


def test_what_the_slopes_are_where_the_sliders_start() -> None:
    slope = 1 - np.tanh(slopes.OPENS[0]) ** 2
    assert f"only {slope:.3f} where the slider starts" in said("relu", "answer")
    assert slopes.OPENS[1] == 8
    assert "after twelve layers before" in said("relu", "note")


# --- the way through the lesson -----------------------------------------------------


def test_the_lesson_ends_at_the_quiz() -> None:
    last = ENGLISH.steps[-1]
    assert last.doors[0].page == "quiz"
    assert "quiz" in last.note


def test_the_famous_number_is_told_with_what_it_is() -> None:
    answer, body = said("2012", "answer"), said("2012", "body")
    assert "test images of 2012" in answer
    assert "average over seven networks" in answer
    for text in (answer, body):
        assert "One network as the paper describes it had 18.2%" in text
        assert "validation" in text
    assert "this lesson describes" not in body


# Of the paper and its neighbours: what has to stand there, and what was wrong once.
CITED = [
    ("lenet", "note", "the weights of its output layer were set by hand", None),
    ("lenet", "body", "weights learned from examples", "every weight"),
    ("differences", "body", "with four main changes", "with four changes"),
    ("differences", "note", "overlapping pooling, data augmentation", None),
    ("differences", "body", "max pooling were trained on GPUs by 2011", None),
    ("differences", "body", "dropout came from the same group in July 2012", None),
    ("code", "body", "an output size that is rounded down", "no padding"),
    ("code", "answer", "takes 224 and rounds up, so the last position reads 3", None),
    ("revolution", "body", "two GPUs, each with half of the network", "graphics"),
    ("dropout", "note", "At test time nothing is dropped: the paper halves", "mean"),
    ("practice", "answer", "a year later 7 × 7 filters with a stride of two", "patch"),
    ("next", "body", "pooling does not overlap", "same pooling"),
    ("next", "body", "are 3 × 3 with a stride of one", "steps"),
    (
        "flow",
        "body",
        "A map is bright where its filter responds nearly",
        "Bright means",
    ),
    ("flow", "note", "LRN and ReLU may not", "the order makes no difference"),
    ("2012", "think", "is more than twice as large", "about twice"),
    ("2012", "body", "is the share of images for which it is not", None),
    ("revolution", "think", "ImageNet was published in 2009", "begun"),
    ("revolution", "think", "came in 2007", "no GPU could be programmed"),
    ("convolution", "think", "4 pixels apart, one stride", "4 pixels wide"),
    ("nonlinearity", "answer", "weighted by the layers after them", "biases add"),
    ("data", "body", "collected from the web around 2009", "web of 2009"),
    ("stayed", "body", "Gone are the two towers and LRN,", "overlapping"),
]


@pytest.mark.parametrize(("slug", "part", "right", "wrong"), CITED)
def test_what_is_cited_is_told_as_it_is(
    slug: str, part: str, right: str, wrong: str | None
) -> None:
    words = said(slug, part)
    assert right in words
    assert wrong is None or wrong not in words


def test_the_errors_that_are_compared_are_the_papers() -> None:
    for _, top1, top5, _ in paper.TABLE_2:
        assert top1 is None or top5 is None or top1 > 2 * top5


def test_the_timeline_says_what_the_papers_say() -> None:
    rows = {name: row["what"] for name, row in ENGLISH.tables["timeline"].items()}
    assert "one variant adds 1 × 1" in rows["vgg"]
    assert "only" not in rows["vgg"]
    assert "each block of two or three layers learn a difference" in rows["resnet"]
    assert "trained on GPUs" in rows["gpus"]

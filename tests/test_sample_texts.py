"""What the samples' texts say is what the shipped network does with them.

Each test reads the sentence and measures it on the first layer's maps, in shares of the
largest value that each map reaches on the photographs, as the pages draw them.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import numpy as np
import pytest

from model import measured, runtime, weights
from model.analysis import filters, map_statistics
from model.analysis.convolve import by_hand, relu
from model.pictures import as_received, load_picture, samples, to_input
from ui.kit import cache as kept

NAME = weights.DEFAULT
SPEC = weights.get(NAME).spec
KERNELS, BIAS = weights.first_layer(NAME)
FOUND = filters.measure(KERNELS)
BEST = measured.best(NAME)["conv1"]
CONV = next(SPEC.convolutions())
SIDE = 54  # positions of a map
DIRECTED = FOUND.clear_orientation
COLOURED = FOUND.clear_colour
GREY = FOUND.colourfulness < filters.MOSTLY_GREY
PLAIN = DIRECTED & GREY  # "mostly grey with a direction"
DOWN, RIGHT = np.mgrid[0:SIDE, 0:SIDE] * CONV.stride + CONV.kernel // 2  # centre pixels
UP, ACROSS = SPEC.input_size / 2 - 0.5 - DOWN, RIGHT - SPEC.input_size / 2 + 0.5


def apart(orientation: Any, wanted: Any) -> Any:
    """Degrees between two directions, 0 to 90."""
    return np.abs((np.asarray(orientation) - wanted + 90) % 180 - 90)


def say(sample: str) -> str:
    return samples.sample(sample).say


@cache
def before(sample: str) -> Any:
    """Pre-activations (54, 54, 96)."""
    x = to_input(load_picture(samples.data(sample)), SPEC)[0]
    return by_hand(SPEC, x, KERNELS, BIAS)


@cache
def maps(sample: str) -> Any:
    """Activations in shares of each map's best (54, 54, 96)."""
    return relu(before(sample)) / BEST


def pixels(sample: str) -> Any:
    """The received image at the positions' centres (54, 54, 3)."""
    return as_received(load_picture(samples.data(sample)), SPEC)[DOWN, RIGHT].astype(
        int
    )


def brightest(sample: str) -> tuple[Any, Any]:
    """Place of each map's largest value: up and to the right of the centre, pixels."""
    at = maps(sample).reshape(-1, len(BEST)).argmax(axis=0)
    return UP.ravel()[at], ACROSS.ravel()[at]


def test_cats_are_not_recognised_and_the_dog_is() -> None:
    assert "three kinds of house cat, and none of them is among its five" in say("cat")
    assert "predicts it. Compare with the cat, where it is lost" in say("dog")
    runtime.network(NAME)
    names = weights.class_names(NAME)
    cats = {n for n in names if re.search(r"\b(tabby|cat)\b", n)}
    assert len(cats) == 3
    five = {}
    for sample in ("cat", "dog"):
        layers = kept.activations(NAME, kept.sample_picture(sample))
        five[sample] = [names[i] for i in kept.prediction(NAME, layers).classes]
    assert not cats & set(five["cat"])
    assert five["dog"][0] == samples.sample("dog").title


def test_colour_separates_the_piglet() -> None:
    assert "most of the maps that separate the piglet best" in say("pig")
    colours = pixels("pig")
    piglet = colours[..., 1] - colours[..., 0] <= 8  # not green
    piglet[:12] = piglet[:, :3] = False  # the path behind it
    assert 0.15 < piglet.mean() < 0.3
    here = maps("pig")
    away = np.abs(here[piglet].mean(axis=0) - here[~piglet].mean(axis=0))
    best = np.argsort(-away / (here.std(axis=(0, 1)) + 1e-9))[:10]
    assert COLOURED[best].mean() > 0.5


def test_colour_covers_the_dahlia() -> None:
    numbers = [int(n) for n in re.findall(r"\d+", say("flower"))]
    assert len(numbers) == 3 and COLOURED[numbers].all()
    colours = pixels("flower")
    dahlia = colours[..., 0] - colours[..., 2] > 60
    fires = maps("flower") > 0.1
    inside, outside = fires[dahlia].mean(axis=0), fires[~dahlia].mean(axis=0)
    assert (inside[numbers] > 0.9).all() and (outside[numbers] < 0.05).all()
    assert "only in parts" in say("flower")
    assert np.median(inside[PLAIN]) < 0.35


def test_rims_of_the_cup_run_as_the_filters_do() -> None:
    assert "nearly every" in say("coffee")
    image = as_received(load_picture(samples.data("coffee")), SPEC).mean(axis=2)
    down, right = np.gradient(image)
    good = 0
    for number in np.flatnonzero(PLAIN):
        at = np.unravel_index(maps("coffee")[:, :, number].argmax(), (SIDE, SIDE))
        top, left = (int(i) * CONV.stride for i in at)
        patch = np.s_[top : top + CONV.kernel, left : left + CONV.kernel]
        y, x = down[patch], right[patch]
        slope = np.rad2deg(np.arctan2(2 * (x * y).sum(), (x * x - y * y).sum()) / 2)
        good += apart(FOUND.orientation[number], 90 - slope) <= 25
    assert good / PLAIN.sum() > 0.9


def test_sky_and_tower_change_places() -> None:
    assert "more to the bright sky" in say("pagoda")
    here = maps("pagoda")
    sky, tower = here[2:22, 30:52], here[14:44, 2:26]
    assert sky[:, :, COLOURED].mean() > 1.5 * tower[:, :, COLOURED].mean()
    assert tower[:, :, PLAIN].mean() > 1.5 * sky[:, :, PLAIN].mean()


def test_the_rocket_is_upright() -> None:
    assert "more than twice as strongly" in say("rocket")
    rocket = maps("rocket")[16:48, 24:31]
    upright = PLAIN & (apart(FOUND.orientation, 90) < 20)
    level = PLAIN & (apart(FOUND.orientation, 0) < 20)
    assert rocket[:, :, upright].mean() > 2 * rocket[:, :, level].mean()


def test_stripes_have_the_filters_that_are_named() -> None:
    peaks = map_statistics.peaks(maps("stripes"))
    named = {int(n) for n in re.findall(r"\b\d+\b", say("stripes"))}
    two = np.argsort(-peaks)[:2]
    assert set(two.tolist()) == named
    wanted = samples.STRIPES_ORIENTATION
    assert (apart(FOUND.orientation[two], wanted) < 10).all()
    assert "less than half as strongly" in say("stripes")
    along = DIRECTED & (apart(FOUND.orientation, wanted) < 20)
    across = DIRECTED & (apart(FOUND.orientation, wanted) > 60)
    assert np.median(peaks[across]) < np.median(peaks[along]) / 2


def test_gratings_tell_direction_and_width() -> None:
    assert "the direction (column) and roughly the width (row)" in say("gratings")
    patch = SIDE // 4
    cells = maps("gratings")[: 4 * patch, : 4 * patch]
    peaks = cells.reshape(4, patch, 4, patch, -1).max(axis=(1, 3))  # (row, column, n)
    column, row = peaks.max(axis=0).argmax(axis=0), peaks.max(axis=1).argmax(axis=0)
    direction = np.array(samples.GRATING_ORIENTATIONS)[column]
    assert (apart(FOUND.orientation, direction)[PLAIN] <= 25).mean() > 0.95
    width = np.array(samples.GRATING_PERIODS)[row]
    assert np.corrcoef(1 / FOUND.frequency[PLAIN], width[PLAIN])[0, 1] > 0.8


def test_the_disc_has_an_arc_for_each_direction() -> None:
    assert "is brightest where the outline runs its way" in say("disc")
    up, across = brightest("disc")
    along = np.rad2deg(np.arctan2(up, across)) + 90
    assert (apart(FOUND.orientation, along)[PLAIN] <= 25).mean() > 0.95
    assert "more than half of these maps are zero" in say("disc")
    here, zero = maps("disc"), []
    for number in np.flatnonzero(PLAIN):
        other = np.abs(UP + up[number]) + np.abs(ACROSS + across[number]) <= 6
        zero.append(here[:, :, number][other].max() <= 0.05 * here[:, :, number].max())
    assert np.mean(zero) > 0.5


def test_the_star_is_dark_in_the_middle() -> None:
    assert "near it, where they are too fine for the network" in say("star")
    radius, here = np.hypot(UP, ACROSS), maps("star")[:, :, PLAIN]
    assert here[radius < 10].mean() < here[(radius > 30) & (radius < 45)].mean() / 3


def test_the_zone_plate_tells_direction_and_fineness() -> None:
    assert "the finer its stripes are, the farther out it lies" in say("zone")
    up, across = brightest("zone")
    along = np.rad2deg(np.arctan2(up, across)) + 90
    assert (apart(FOUND.orientation, along)[PLAIN] <= 25).mean() > 0.95
    far = np.hypot(up, across)
    assert np.corrcoef(FOUND.frequency[PLAIN], far[PLAIN])[0, 1] > 0.8


def test_equally_bright_colours_are_seen_by_colour() -> None:
    assert "more than twice as strongly" in say("colours")
    peaks = map_statistics.peaks(maps("colours"))
    assert np.median(peaks[COLOURED]) > 2 * np.median(peaks[GREY])
    assert peaks[GREY].max() > 0.05, "they do see something"


def test_a_checkerboard_is_diagonal_to_the_filters() -> None:
    assert "filters of slanted edges and stripes respond more on average" in say(
        "checkerboard"
    )
    mean = maps("checkerboard").mean(axis=(0, 1))
    from_axis = np.minimum(*(apart(FOUND.orientation, axis) for axis in (0, 90)))
    slanted, straight = PLAIN & (from_axis > 25), PLAIN & (from_axis < 20)
    assert mean[slanted].mean() > 1.2 * mean[straight].mean()


def test_a_dot_is_seen_by_as_few_positions_as_it_says() -> None:
    count, positions = re.search(
        r"about (\d+) of a map's ([\d,]+) positions", say("dot")
    ).groups()
    here = before("dot")
    sees = np.abs(here - here[0, 0]).max(axis=2) > 1e-3
    assert abs(int(sees.sum()) - int(count)) < 5
    assert int(positions.replace(",", "")) == sees.size
    assert f"{CONV.kernel} × {CONV.kernel} pixels" in say("dot")


def test_plain_grey_leaves_next_to_nothing() -> None:
    peaks = map_statistics.peaks(maps("grey"))
    assert "more than half of the maps are zero" in say("grey")
    assert (peaks <= 0).mean() > 0.5
    assert "three in four stay below a twentieth of their best" in say("grey")
    assert 0.7 < (peaks < 1 / 20).mean() < 0.8


def test_every_statement_is_held_by_a_test_above() -> None:
    """A new sample, or another sentence, needs a look at what its maps do."""
    with open(__file__, encoding="utf-8") as file:
        source = file.read()
    definition = {"aqueduct"}  # says what a convolution is
    assert {n for n in samples.samples() if f'"{n}"' not in source} == set()
    assert definition <= set(samples.samples())


# Words for people, and classes that one would not want a person to be called.
PEOPLE = r"\b(person|people|man|woman|men|women|boy|girl|child|children|astronaut)\b"
BODILY = {"bikini", "miniskirt", "brassiere", "swimming trunks", "neck brace"}


@pytest.mark.parametrize("sample", samples.photographs())
def test_no_photograph_shows_a_person(sample: str) -> None:
    """The network would call one a dumbbell or a miniskirt, in front of a class."""
    row = samples.sample(sample)
    assert not re.search(PEOPLE, f"{row.title} {row.alt} {row.say}", re.I)
    layers = kept.activations(NAME, kept.sample_picture(sample))
    predicted = weights.class_names(NAME)[kept.prediction(NAME, layers).classes[0]]
    assert predicted not in BODILY

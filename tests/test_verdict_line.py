"""The verdict: three numbers on one line, on the side of the arm that is ahead."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from lab.experiments import Experiment
from lab.presets import PRESETS
from lab.results.outcome import Outcome
from lab.results.spread import SIX
from lab.results.verdict import guess_line, places
from ui.experiments.findings import factor
from ui.experiments.guess import guess
from ui.kit.components.number_line import nearest
from ui.kit.runs import run_sentences
from ui.kit.runs.run_verdict import verdict
from viz.number_line import LineMark, NumberLine, number_line_svg
from viz.palette import PALETTES

RELU = PRESETS["relu-vs-tanh-2012"]
DROPOUT = PRESETS["dropout-small"]


def faster(arm: int, by: float, **more: object) -> Outcome:
    return replace(Outcome((5.0, 5.0), arm, 1 - arm, by), **more)


def test_all_marks_are_seen_from_the_arm_that_is_ahead() -> None:
    relu = places(RELU, {"arm": "ReLU", "by": 2.0}, faster(0, 1.5))
    assert relu is not None
    assert (relu.measured, relu.guessed, relu.paper) == (1.5, 2.0, SIX)
    assert relu.ticks == [1, 2, 5, 10]
    tanh = places(RELU, {"arm": "ReLU", "by": 2.0}, faster(1, 1.5))
    assert tanh is not None and tanh.ahead == "tanh"
    assert (tanh.measured, tanh.guessed, tanh.paper) == (1.5, 0.5, 1 / SIX)
    assert tanh.ticks == [0.1, 0.2, 0.5, 1, 2, 5, 10]
    same = places(RELU, {"arm": "", "by": None}, faster(0, 1.5))
    assert same is not None and same.guessed == 1.0


@pytest.mark.parametrize("by", [1.0, 9.0, 14.0, 37.0])
def test_the_line_is_long_enough(by: float) -> None:
    found = places(RELU, {"arm": "tanh", "by": 12.0}, faster(0, by))
    assert found is not None
    assert found.ticks[-1] >= by and found.ticks[0] <= 1 / 12
    assert found.ticks == sorted(set(found.ticks))


def test_points_lie_on_a_straight_line_and_nothing_is_the_papers() -> None:
    found = places(DROPOUT, {"arm": "dropout 0.5", "by": 25.0}, faster(1, 0.12))
    assert found is not None and found.paper is None
    assert (found.measured, found.guessed) == (pytest.approx(12), 25)
    assert found.ticks == [0, 10, 20, 30]
    other = places(DROPOUT, {"arm": "without dropout", "by": 25.0}, faster(1, 0.12))
    assert other is not None and other.guessed == -25
    assert other.ticks == [-30, -20, -10, 0, 10, 20, 30]


@pytest.mark.parametrize("experiment", [RELU, DROPOUT])
def test_a_guess_is_set_on_the_line_of_the_result(
    experiment: Experiment,
) -> None:
    timed = experiment.target is not None
    arm = experiment.arms[0].label
    ticks, values = guess_line(timed)
    assert ticks == ([1, 2, 5, 10] if timed else [0, 10, 20, 30, 40, 50, 60])
    assert values == sorted(set(values)) and ticks[0] <= values[0]
    assert values[-1] == ticks[-1]
    found = guess.guess_places(experiment, arm)
    assert [place.value for place in found] == values
    for place in found:
        said = {"arm": arm, "by": place.value}
        assert place.sentence == run_sentences.guess_sentence(experiment, said)
        after = verdict(experiment, said, faster(0, 1.5 if timed else 0.12))
        assert after is not None and place.mark in after.alt, "the same mark later"


@pytest.mark.parametrize(
    ("chosen", "place"), [(0.0, None), (2.5, 15), (2.52, 15), (12.0, 90)]
)
def test_the_mark_stands_at_the_nearest_place(chosen: float, place: int | None) -> None:
    assert nearest(guess.guess_places(RELU, "ReLU"), chosen) == place


def test_a_guess_of_the_papers_factor_lies_on_either_side() -> None:
    found = {place.value: place for place in factor.guess_places()}
    assert [found[x].mark for x in (0.2, 1.0, 6.0)] == [
        "you 0.20×",
        "you 1.0×",
        "you 6.0×",
    ]
    assert "ReLU needs 5.0 times" in found[0.2].sentence
    assert "tanh needs 6.0 times" in found[6.0].sentence
    assert "both need equally many" in found[1.0].sentence


def test_nothing_is_judged_before_it_is_measured() -> None:
    assert places(RELU, {}, Outcome((None, None))) is None
    assert places(RELU, {}, faster(0, 2.0, pictures=5)) is None
    assert verdict(RELU, {}, Outcome((None, None))) is None


@pytest.mark.parametrize(
    ("found", "headline"),
    [
        (faster(0, 1.54), "ReLU 1.5× faster"),
        (faster(1, 3.3), "tanh 3.3× faster"),
        (faster(0, 4.0, at_least=True), "ReLU at least 4.0× faster"),
        (faster(0, 1.05, level=frozenset({1})), "About the same"),
    ],
)
def test_the_headline_says_what_was_measured(found: Outcome, headline: str) -> None:
    shown = verdict(RELU, {}, found)
    assert shown is not None and shown.headline == headline
    assert f"{found.by:.1f}" in shown.detail and f"{found.by:.1f}×" in shown.alt
    assert ("or more" in shown.alt) == found.at_least


@pytest.mark.parametrize("direction", ["across", "down"])
def test_marks_stand_where_their_numbers_are(direction) -> None:
    scale = NumberLine([(1, "1×"), (10, "10×")], True)
    marks = [
        LineMark(1.5, "measured 1.5×", "measured"),
        LineMark(10**0.5, "you 3.2×", "you"),
        LineMark(6, "paper 6.0×", "paper"),
    ]
    svg = number_line_svg(scale, marks, "a line", PALETTES["dark"], direction)
    root = ElementTree.fromstring(svg)
    space = "{http://www.w3.org/2000/svg}"
    width = float(root.attrib["width"])
    (circle,) = root.iter(space + "circle")
    (diamond,) = root.iter(space + "polygon")
    middle = float(re.split("[, ]", diamond.attrib["points"])[0])
    assert middle == pytest.approx(width / 2, abs=0.1), "the root of ten is halfway"
    assert 30 < float(circle.attrib["cx"]) < middle
    texts = [x for x in root.iter(space + "text") if x.attrib["font-weight"] == "700"]
    assert [x.text for x in texts] == [mark.label for mark in marks]
    assert len({x.attrib["y"] for x in texts}) == 3, "no two labels in a row"
    for one in texts:
        half = len(one.text or "") * 16 * 0.68 / 2
        assert float(one.attrib["x"]) - half >= 0
        assert float(one.attrib["x"]) + half <= width


def test_a_number_beyond_the_line_stands_at_its_end() -> None:
    scale = NumberLine([(0, "0"), (20, "20")], False)
    assert (scale.part(-5), scale.part(5), scale.part(50)) == (0, 0.25, 1)

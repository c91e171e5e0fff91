"""The guesses of a class: counted, on line and chart, against the result."""

from __future__ import annotations

from dataclasses import replace
from math import exp, inf, log
from xml.etree import ElementTree

import pytest

from lab.presets import PRESETS
from lab.results import crowd
from lab.results.outcome import SAME, outcome
from tests.fake_lab import curves
from viz.number_line import TALLEST, LineMark, NumberLine, number_line_svg
from viz.palette import PALETTES

RELU = PRESETS["relu-vs-tanh-2012"]  # timed
DROPOUT = PRESETS["dropout-small"]  # in points
FIRST, SECOND = (arm.label for arm in RELU.arms)
SPEEDS = (0.3, 0.15)  # so the second takes twice as many epochs


def given(arm: str, by: float | None = None) -> dict[str, object]:
    return {"arm": arm, "by": by}


GUESSES = [given(FIRST, 2.4), given(FIRST, 6.0), given(SECOND, 3.0), given(SAME)]


def test_each_arm_is_counted_and_so_is_the_same() -> None:
    assert crowd.counts(RELU, GUESSES) == {FIRST: 2, SECOND: 1, SAME: 1}
    assert crowd.counts(RELU, []) == {FIRST: 0, SECOND: 0, SAME: 0}


def test_guesses_lie_on_the_side_of_their_arm() -> None:
    assert crowd.sides(RELU, GUESSES) == pytest.approx([2.4, 6.0, 1 / 3, 1.0])
    one, other = (arm.label for arm in DROPOUT.arms)
    found = crowd.sides(DROPOUT, [given(one, 12), given(other, 5), given(SAME)])
    assert found == pytest.approx([12, -5, 0])


def test_marks_wait_for_the_arm_that_was_guessed_first() -> None:
    events = curves(RELU, SPEEDS)
    # 0.9 exp(-speed · t) = 0.25, by straight lines between whole epochs.
    at = [log(0.9 / 0.25) / speed for speed in SPEEDS]
    marks = crowd.chart_marks(RELU, GUESSES, events)
    assert [one.y for one in marks] == [RELU.target] * 4
    assert [one.begins for one in marks] == pytest.approx(
        [at[0], at[0], at[1], at[0]], abs=0.1
    )
    assert [one.x for one in marks] == pytest.approx(
        [2.4 * at[0], 6 * at[0], 3 * at[1], at[0]], abs=0.5
    )
    early = [event for event in events if event.report.epoch < at[0] - 1]
    assert crowd.chart_marks(RELU, GUESSES, early) == []
    one_is_there = [event for event in events if event.report.epoch < at[1] - 1]
    assert len(crowd.chart_marks(RELU, GUESSES, one_is_there)) == 3


def test_near_is_a_quarter_off_and_the_rank_is_by_distance() -> None:
    found = outcome(RELU, curves(RELU, SPEEDS))
    assert found.by is not None
    by = found.by
    guesses = [
        given(FIRST, by * 1.24),
        given(FIRST, by / 1.24),
        given(FIRST, by * 1.3),
        given(SECOND, by),
        given(SAME),
    ]
    judged = crowd.judged(RELU, guesses, found)
    assert judged is not None
    assert (judged.count, judged.right, judged.near) == (5, 3, 2)
    far = [crowd.distance(RELU, one, found) for one in guesses]
    assert exp(far[2]) == pytest.approx(1.3)
    assert exp(far[3]) == pytest.approx(by * by)  # on the other side
    assert exp(far[4]) == pytest.approx(by)
    assert [judged.nearer(one) for one in far] == [
        sum(x < one for x in far) for one in far
    ]


def test_what_is_at_least_so_much_is_not_off_beyond() -> None:
    # The second has not arrived after all epochs.
    found = outcome(RELU, curves(RELU, (0.3, 0.01)))
    assert found.at_least and found.by is not None
    assert crowd.distance(RELU, given(FIRST, found.by + 3), found) == 0
    assert crowd.distance(RELU, given(FIRST, found.by / 2), found) > 0
    assert crowd.judged(RELU, [], outcome(RELU, [])) is None


def test_of_three_arms_another_one_has_no_distance() -> None:
    arms = (*RELU.arms, replace(RELU.arms[0], label="third"))
    three = replace(RELU, arms=arms)
    found = outcome(three, curves(three, (0.3, 0.15, 0.2)))
    assert crowd.distance(three, given("third", 2.0), found) == inf
    judged = crowd.judged(three, [given("third", 2.0), given(FIRST, 2.0)], found)
    assert judged is not None and (judged.right, judged.near) == (1, 1)


@pytest.mark.parametrize("count", [1, 30, 60])
@pytest.mark.parametrize("way", ["across", "down"])
def test_dots_stand_on_the_line_and_inside_the_picture(count: int, way: str) -> None:
    line = NumberLine([(1.0, "1×"), (2.0, "2×"), (10.0, "10×")], True, ("a", "b"))
    marks = [LineMark(3.0, "you 3×", "you"), LineMark(4.0, "measured", "measured")]
    svg = number_line_svg(
        line, marks, "Guesses", PALETTES["light"], way, [2.0] * count + [99.0]
    )
    root = ElementTree.fromstring(svg)
    space = {"s": "http://www.w3.org/2000/svg"}
    (group,) = root.findall("s:g[@transform]", space)
    dots = group.findall("s:circle", space)
    assert len(dots) == count + 1
    shift = float(group.attrib["transform"].split()[1].rstrip(")"))
    tops = [shift + float(dot.attrib["cy"]) - float(dot.attrib["r"]) for dot in dots]
    assert min(tops) >= 0
    axis = float(root.findall("s:line", space)[0].attrib["y1"])
    assert max(tops) < axis and axis - min(tops) <= TALLEST + 24
    height = float(root.attrib["viewBox"].split()[3])
    feet = [float(one.attrib["y"]) for one in root.findall("s:text", space)]
    assert max(feet) < height
    plain = number_line_svg(line, marks, "Guesses", PALETTES["light"], way)
    assert "transform" not in plain

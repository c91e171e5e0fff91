"""A guess that is drawn: what it says, and the ghost that any guess becomes."""

from __future__ import annotations

import pytest

from lab.presets import PRESETS
from lab.results import drawn
from lab.results.outcome import SAME
from tests.fake_lab import curves
from ui.experiments.guess import drawing

RELU, DROPOUT = PRESETS["relu-vs-tanh-2012"], PRESETS["dropout-small"]
FIRST = [(0.0, 0.9), (4.0, 0.25), (8.0, 0.1)]  # at the target after four epochs


@pytest.mark.parametrize(
    ("heights", "arm", "by", "value"),
    [
        ((0.7, 0.4, 0.25, 0.1), "ReLU", 3.5, 13.2),  # 0.55 of 24 epochs
        ((0.25, 0.1, 0.1, 0.1), "tanh", 1.5, 2.88),
        ((0.9, 0.9, 0.9, 0.5), "ReLU", 6.0, None),
        ((0.1, 0.1, 0.1, 0.1), "tanh", 1.5, 2.34),
    ],
)
def test_a_drawn_curve_is_read_like_a_measured_one(heights, arm, by, value) -> None:
    points = drawn.curve(0.9, heights, drawn.far(RELU, FIRST))
    found = drawn.guess(RELU, FIRST, points)
    assert found is not None
    assert (found.arm, found.by) == (arm, by)
    assert found.value == (None if value is None else pytest.approx(value, abs=0.01))


def test_the_same_curve_is_a_guess_of_no_difference() -> None:
    places = [part * drawn.far(RELU, FIRST) for part in drawn.PARTS]
    assert drawn.guess(RELU, FIRST, [(0, 0.9), (4.1, 0.25), (places[-1], 0)]) == (
        drawn.DrawnGuess(SAME, None, pytest.approx(4.1))
    )
    assert drawn.guess(RELU, [(0, 0.9), (9, 0.5)], FIRST) is None, "no crossing"


def test_of_gaps_the_lower_end_is_ahead() -> None:
    first = [(0.0, 0.0), (60.0, 0.5)]
    lower = drawn.guess(DROPOUT, first, [(0, 0), (60.0, 0.38)])
    higher = drawn.guess(DROPOUT, first, [(0, 0), (60.0, 0.6)])
    same = drawn.guess(DROPOUT, first, [(0, 0), (60.0, 0.497)])
    assert lower == drawn.DrawnGuess("dropout 0.5", 12.0, 0.38)
    assert higher == drawn.DrawnGuess("without dropout", 10.0, 0.6)
    assert same is not None and same.arm == SAME


def test_the_axis_tells_nothing_of_the_other_curve() -> None:
    assert drawn.far(RELU, FIRST) == 24.0
    assert drawn.far(DROPOUT, FIRST) == 8.0


def test_a_factor_stretches_the_curve_that_has_come_so_far() -> None:
    guess = {"arm": "tanh", "by": 2.0}
    assert drawn.ghost(RELU, guess, [FIRST, FIRST[:2]]) == (
        [(0.0, 0.9), (8.0, 0.25)],
        True,
    )
    assert drawn.ghost(RELU, guess, [FIRST, []]) is None, "nothing has come yet"
    assert drawn.ghost(RELU, {}, [FIRST, FIRST]) is None
    assert drawn.ghost(RELU, {"arm": "", "by": None}, [FIRST, FIRST]) is None
    assert drawn.ghost(DROPOUT, {"arm": "dropout 0.5", "by": 5.0}, [FIRST] * 2) is None
    own = {"arm": "dropout 0.5", "by": 5.0, "drawn": [[0, 0], [60, 0.3]]}
    assert drawn.ghost(DROPOUT, own, [[], []]) == ([(0, 0), (60, 0.3)], False)


@pytest.mark.parametrize(
    ("heights", "sentence"),
    [
        (
            (0.7, 0.4, 0.25, 0.1),
            "Your curve reaches 25% after 13.2 epochs: ReLU is first, by about 3.5 "
            "times.",
        ),
        (
            (0.9, 0.9, 0.9, 0.5),
            "Your curve does not reach 25% here: ReLU is first, by 6 times or more.",
        ),
    ],
)
def test_what_was_drawn_is_told(heights, sentence) -> None:
    points = drawn.curve(0.9, heights, drawn.far(RELU, FIRST))
    means = drawn.guess(RELU, FIRST, points)
    assert means is not None and drawing.told(RELU, means) == sentence


def test_the_task_has_room_for_every_answer() -> None:
    events = curves(DROPOUT, (0.3, 0.2))
    first = [
        (e.report.epoch, 1 - e.report.validation_accuracy - e.report.training_error)
        for e in events
        if e.arm == 0
    ]
    task = drawing.task_of(DROPOUT, first)
    heights = [y for _, y in first]
    assert task.low <= min(heights) and task.high >= max(heights) + 0.2
    assert task.places == [round(part * 11.0, 3) for part in drawn.PARTS]
    assert (task.first, task.second) == ("without dropout", "dropout 0.5")

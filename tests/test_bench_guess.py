"""What the bench of a class's guesses makes of what it saw."""

from __future__ import annotations

import pytest

from bench.class_guess import Given, figures, measure
from bench.class_think import Seen
from store.activities import StoredClassGuess


def kept(*members: str) -> list[StoredClassGuess]:
    return [StoredClassGuess("a", member, {"arm": ""}, 1.0) for member in members]


GIVEN = [Given(1.5, 10.0, 21.0), Given(1.0, 11.0, 22.0), Given(2.0, 12.0, 20.5)]
CLICKS = (0.5, 20.0)


def test_times_run_from_click_and_tap() -> None:
    seen = Seen([(10.5, 0), (12.0, 2), (13.5, 3)])
    found = figures(GIVEN, seen, kept("x", "y", "z"), CLICKS)
    assert found["guess_p50_s"] == 1.5  # 2.0, 1.0 and 1.5 seconds
    assert found["guess_asked_p95_s"] == pytest.approx(1.45, abs=0.06)
    assert found["guess_closed_p95_s"] == pytest.approx(1.9, abs=0.11)
    assert (found["guess_lost"], found["guess_doubled"]) == (0, 0)
    assert found["guess_unseen"] == 0


def test_lost_doubled_and_unseen_are_told_apart() -> None:
    found = figures(GIVEN, Seen([(11.0, 1)]), kept("x", "x", "y"), CLICKS)
    assert (found["guess_lost"], found["guess_doubled"]) == (1, 1)
    assert found["guess_unseen"] == 2


@pytest.mark.long("its figures, of answers that are given")
def test_three_guess_on_a_real_server() -> None:
    found = measure(students=3)
    assert (found["guess_lost"], found["guess_doubled"]) == (0, 0)
    assert found["guess_unseen"] == 0

"""What the bench of a step's answers makes of what it saw."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.class_think import Seen, figures, measure
from classroom.exams.tallies import Counted, Tally
from classroom.questions.variants import Variant


def counted(members: int, answers: int) -> Counted:
    who = frozenset(str(number) for number in range(members))
    tally = Tally(
        "think-relu", Variant("think-relu", 1), 0, 0, members, (), (), (), who
    )
    return tally, Counter(whole=answers)


def test_an_answer_is_there_once_the_count_has_reached_it() -> None:
    seen = Seen([(10.5, 0), (12.0, 2), (13.5, 3)])
    found = figures([10.0, 11.0, 12.0], seen, counted(3, 3), 3)
    assert found["think_p50_s"] == 1.5  # 2.0, 1.0 and 1.5 seconds
    assert found["think_p95_s"] == pytest.approx(1.95, abs=0.05)
    assert (found["think_lost"], found["think_doubled"]) == (0, 0)
    assert found["think_unseen"] == 0


def test_lost_doubled_and_unseen_are_told_apart() -> None:
    seen = Seen([(11.0, 1)])
    found = figures([10.0, 10.5, 10.6], seen, counted(2, 3), 3)
    assert (found["think_lost"], found["think_doubled"]) == (1, 1)
    assert found["think_unseen"] == 2
    assert figures([1.0], Seen(), None, 1)["think_lost"] == 1


@pytest.mark.long("its figures, of answers that are given")
def test_three_answer_a_real_server() -> None:
    found = measure(students=3)
    assert (found["think_lost"], found["think_doubled"]) == (0, 0)
    assert found["think_unseen"] == 0

"""The plans of a lesson: minutes of steps that add up to what they say."""

from __future__ import annotations

from itertools import pairwise

import pytest

from classroom.content import lesson, plan

STEPS = [step.slug for step in lesson.load().steps]


def test_every_step_has_its_minutes() -> None:
    assert list(plan.minutes()) == STEPS
    assert all(1 <= minutes <= 10 for minutes in plan.minutes().values())


def test_there_are_plans_of_45_and_of_90_minutes() -> None:
    assert plan.lengths() == (45, 90)


@pytest.mark.parametrize("length", plan.lengths())
def test_a_plan_takes_as_long_as_it_says(length: int) -> None:
    planned = plan.plan(length, plan.minutes())
    assert planned[-1].ends == length == sum(one.minutes for one in planned)
    assert planned[0].begins == 0
    for before, after in pairwise(planned):
        assert before.ends == after.begins


def test_each_part_of_the_lesson_takes_what_it_says() -> None:
    for part in lesson.load().parts:
        minutes = sum(plan.minutes()[slug] for slug in part.steps)
        assert minutes == part.minutes, part.name


def test_the_short_plan_takes_steps_of_every_part_in_order() -> None:
    taken = [one.slug for one in plan.plan(45, STEPS)]
    assert taken == [slug for slug in STEPS if slug in taken]
    for part in lesson.load().parts:
        assert set(part.steps) & set(taken), part.name
    assert (taken[0], taken[-1]) == (STEPS[0], STEPS[-1])


def test_the_long_plan_takes_all_steps() -> None:
    assert [one.slug for one in plan.plan(90, STEPS)] == STEPS

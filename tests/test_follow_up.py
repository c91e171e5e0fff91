"""After a step: a question that it teaches, and one of a step before."""

from __future__ import annotations

import pytest

from classroom.content import lesson
from classroom.questions.bank import bank
from classroom.questions.follow_up import follow_up
from tests.page_links import own_labels
from tests.test_pages import visit

STEPS = [step.slug for step in lesson.load().steps]


@pytest.mark.parametrize("step", STEPS)
def test_one_is_of_the_step_and_one_of_an_earlier_one(step: str) -> None:
    found = follow_up(bank(), STEPS, step)
    at = STEPS.index(step)
    assert len(found) == (2 if at else 1)
    assert found[0].step == step
    for question in found[1:]:
        assert STEPS.index(question.step) < at
        assert not question.instead


def test_a_lesson_asks_nothing_twice() -> None:
    asked = [q.id for step in STEPS for q in follow_up(bank(), STEPS, step)]
    assert len(asked) == len(set(asked))
    assert (
        len({q.step for step in STEPS for q in follow_up(bank(), STEPS, step)[1:]}) > 6
    )


def test_the_step_leads_to_them() -> None:
    for language in lesson.languages():
        labels = own_labels(visit("lesson", step="layers", lang=language), "lesson")
        for question in follow_up(bank(language), STEPS, "layers"):
            assert question.title in labels

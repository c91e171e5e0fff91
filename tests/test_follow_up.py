"""After a step: a question that it teaches, and one of a step before."""

from __future__ import annotations

import pytest

from classroom.content import lesson
from classroom.questions.bank import bank, find
from classroom.questions.follow_up import follow_up
from classroom.questions.variants import Variant, key, pose, solution
from tests.page_links import own_labels
from tests.test_pages import visit

STEPS = [step.slug for step in lesson.load().steps]

# The written lesson's exercises, quick quiz and mini practice: where they belong, and
# words of the question and of its answer.
WRITTEN = {
    "exercise 1": ("2012", "competition", "ImageNet Large Scale Visual Recognition"),
    "exercise 2": ("relu", "ReLU", "gradient"),
    "quiz 1": ("layers", "convolution", "5"),
    "quiz 2": ("dropout", "dropout", "Overfitting"),
    "practice": ("practice", "11 × 11", "receptive field"),
}


@pytest.mark.parametrize("step", STEPS)
def test_one_is_of_the_step_and_one_of_an_earlier_one(step: str) -> None:
    found = follow_up(bank(), STEPS, step)
    at = STEPS.index(step)
    assert len(found) == (2 if at else 1)
    assert found[0].step == step
    for question in found[1:]:
        assert STEPS.index(question.step) < at


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
            assert any(label.endswith(question.title) for label in labels)


@pytest.mark.parametrize("name", WRITTEN)
def test_who_follows_to_the_end_meets_each_exercise(name: str) -> None:
    step, asked, answered = WRITTEN[name]
    own = follow_up(bank(), STEPS, step)[0]
    assert (own.lesson, own.step) == (name, step)
    posed, solved = pose(Variant(own.id, 1)), key(Variant(own.id, 1))
    assert asked in posed.ask
    right = " ".join([*solution(posed, solved), *own.points, solved.why])
    assert answered.lower() in right.lower()
    for language in lesson.languages():
        titles = lesson.load(language).words["exercises"]
        label = titles[name].format(title=find(own.id, language).title)
        assert label in own_labels(visit("lesson", step=step, lang=language), "lesson")


def test_the_mini_practice_is_the_question_of_its_step() -> None:
    think = lesson.load().step("practice").think
    assert think.kind == "open" and len(think.points) > 2


def test_every_exercise_of_the_written_lesson_is_named() -> None:
    for language in lesson.languages():
        assert list(lesson.load(language).words["exercises"]) == list(WRITTEN)

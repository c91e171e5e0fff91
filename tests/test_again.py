"""What was missed comes back at growing distances, in the lesson and in the quiz."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import clock
from classroom.content import lesson
from classroom.people import classes
from classroom.people.roles import Instructor
from classroom.questions import again
from classroom.questions.bank import bank, find
from classroom.questions.follow_up import DISTANCES
from classroom.questions.grading import Grade, grade
from classroom.questions.lesson_questions import name_of
from classroom.questions.question_state import GradedAnswer, QuestionState
from classroom.questions.variants import LAST_SEED, Variant, key
from tests.class_database import class_database
from tests.page_links import own_labels
from tests.test_pages import said, visit
from ui.kit import state, words
from ui.session import progress, visitor

STEPS = [step.slug for step in lesson.load().steps]
NAME = "competition"


def answered(name: str, right: bool, seed: int = 1, hints: int = 0) -> QuestionState:
    one = GradedAnswer("x", Grade(1.0 if right else 0.0, "", None), hints)
    return QuestionState(Variant(name, seed), (one,))


def steps(count: int, first: int = 0) -> list[QuestionState]:
    return [answered(name_of(slug), True) for slug in STEPS[first : first + count]]


def asked(states: Sequence[QuestionState]) -> list[str]:
    return [one.question for one in again.due(states, lambda _: None)]


def test_a_miss_is_due_after_one_step_with_other_numbers() -> None:
    missed = [answered(NAME, False)]
    assert not asked(missed)
    assert again.due([*missed, *steps(1)], lambda _: None) == (Variant(NAME, 2),)
    last = [answered(NAME, False, LAST_SEED), *steps(1)]
    assert again.due(last, lambda _: None) == (Variant(NAME, 1),)


def test_it_comes_back_after_one_three_and_six_steps_and_then_no_more() -> None:
    states, at, seed = [answered(NAME, False)], 0, 1
    for distance in DISTANCES:
        for _ in range(distance - 1):
            states += steps(1, at)
            at += 1
            assert not asked(states)
        states += steps(1, at)
        at += 1
        assert asked(states) == [NAME]
        seed += 1
        states.append(answered(NAME, True, seed))
        assert not asked(states)
    assert sum(DISTANCES) == at == 10
    assert not asked([*states, *steps(len(STEPS) - at, at)])


def test_missed_again_it_starts_over() -> None:
    states = [answered(NAME, False), *steps(1), answered(NAME, True, 2), *steps(3, 1)]
    assert asked(states) == [NAME]
    states.append(answered(NAME, False, 3))
    assert not asked(states)
    assert asked([*states, *steps(1, 4)]) == [NAME]


@pytest.mark.parametrize(
    ("worked", "comes_back"),
    [
        (answered(NAME, True), False),
        (answered(NAME, True, hints=1), True),
        (QuestionState(Variant(NAME, 1), given_up=True), True),
        (QuestionState(Variant(NAME, 1), hints=1), False),  # nothing was answered
        (answered(name_of("relu"), False), False),  # the lesson's own are its steps
    ],
)
def test_what_counts_as_missed(worked: QuestionState, comes_back: bool) -> None:
    assert bool(asked([worked, *steps(2)])) is comes_back


def test_a_new_sitting_is_a_step_on() -> None:
    states = [answered(NAME, False), answered("growth", True)]
    for pause, comes_back in ((60.0, False), (again.SITTING + 1, True)):
        times = {states[0].variant: 0.0, states[1].variant: pause}
        found = again.due(states, times.__getitem__)
        assert bool(found) is comes_back


def test_those_first_that_wait_longest() -> None:
    states = [answered("growth", False), *steps(2), answered(NAME, False), *steps(1, 2)]
    assert asked(states) == ["growth", NAME]


# --- where it is shown ------------------------------------------------------------


def opened(page: str, *more: QuestionState, **query: str) -> AppTest:
    """A page, as a visitor without a class has it who missed a question before."""
    app = visit(page, **query)
    app.session_state[state.QUESTION_STATES.name] = (answered(NAME, False), *more)
    app.run()
    assert not app.exception
    return app


def test_the_lesson_asks_again_beside_its_follow_ups() -> None:
    title = find(NAME).title
    label = words.of_lesson("en")["again"].format(title=title)
    for more, there in ((), False), (steps(1), True):
        app = opened("lesson", *more, step="dropout")
        assert (label in own_labels(app, "lesson")) is there


def test_the_quiz_offers_what_is_due() -> None:
    text = words.page("quiz").table("again")
    assert text["title"] not in said(opened("quiz"))
    app = opened("quiz", *steps(1))
    assert text["title"] in said(app)
    next(x for x in app.button if x.label == find(NAME).title).click().run()
    assert not app.exception
    assert app.session_state[state.QUESTION.name] == NAME
    assert app.session_state[state.SEED.name] == 2
    assert app.session_state[state.ROUND.name] == find(NAME).topic


def test_right_when_asked_again_it_is_off_the_list() -> None:
    solved = key(Variant(NAME, 2))
    assert isinstance(solved.truth, tuple)
    got = grade(find(NAME), Variant(NAME, 2), solved.truth[0])
    right = QuestionState(Variant(NAME, 2)).answered(solved.truth[0], got)
    assert not asked([answered(NAME, False), *steps(1), right])
    assert NAME in bank().questions


def test_a_class_remembers_what_was_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of answers in the database, and a day later, which is another sitting."""
    teacher = Instructor("anna", "Anna")
    with class_database(tmp_path, monkeypatch, teacher):
        monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")
        course = classes.open_class(teacher, "Form 5b")
        classes.join(course.code, "k" * 64, "Kim")
        monkeypatch.setattr(visitor, "key", lambda: "k" * 64)

        def give(name: str, answer: str) -> tuple[Variant, ...]:
            opened_now = progress.open_progress()
            assert opened_now is not None
            opened_now.give(Variant(name, 7), 1, "answer", answer)
            again_opened = progress.open_progress()
            assert again_opened is not None
            return again_opened.due

        assert give(NAME, "pascal") == ()
        now = clock.now()
        monkeypatch.setattr(clock, "now", lambda: now + again.SITTING + 1)
        assert give("why-relu", "gradient") == (Variant(NAME, 8),)

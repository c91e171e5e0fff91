"""What was begun and not given: kept, overtaken by answers, counted at the end; extra
time in a test.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import clock as server_clock
from classroom.exams import attempts, exams, gradebook, marking
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamPlan
from classroom.exams.timing import MINUTE
from classroom.people.roles import NotAllowed, Student
from store.database import Database
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member
from tests.test_attempts import Clock


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


@pytest.fixture
def kim(school: Database) -> Student:
    return member(school, "kim")


def begun(kim: Student, *questions: str, closes: float | None = None) -> str:
    plan = ExamPlan("T", questions, shuffled=False, minutes=10.0)
    test = exams.create(TEACHER, CLASS, plan)
    exams.open_exam(TEACHER, test.id, closes)
    return attempts.begin(kim, test.id).id


def test_text_that_was_being_typed_counts_when_the_time_is_up(
    kim: Student, clock: Clock
) -> None:
    attempt = begun(kim, "why-11", "side", "first-block")
    words, side, order = attempts.exam_attempt(kim, attempt).status.variants
    half = {"text": "It sees mo", "points": None}
    assert attempts.keep(kim, attempt, words, 0, half) == clock()
    attempts.keep(kim, attempt, side, 0, "no number")
    attempts.keep(kim, attempt, order, 0, [None, "relu"])
    exam_attempt = attempts.exam_attempt(kim, attempt)
    assert exam_attempt.answers == {} and exam_attempt.drafts[words] == half
    clock.now += 10 * MINUTE + 1
    assert attempts.exam_attempt(kim, attempt).answers == {words: half}, (
        "the others are none"
    )
    with pytest.raises(ExamRefused):
        clock.now += 10
        attempts.keep(kim, attempt, words, 1, half)


def test_it_counts_in_what_the_instructor_sees_though_the_student_never_returns(
    kim: Student, clock: Clock
) -> None:
    attempt = begun(kim, "why-11")
    (words,) = attempts.exam_attempt(kim, attempt).status.variants
    attempts.keep(kim, attempt, words, 0, {"text": "Because", "points": None})
    test = attempt.partition(":")[0]
    assert marking.open_answers(TEACHER, test)["why-11"] == []
    exams.close_exam(TEACHER, test)
    (said,) = marking.open_answers(TEACHER, test)["why-11"]
    assert said.text == "Because"
    (row,) = gradebook.compute(TEACHER, CLASS, test, "last").lines
    assert row.answered == 1


def test_an_answer_overtakes_what_was_typed_before_it(
    kim: Student, clock: Clock
) -> None:
    attempt = begun(kim, "side")
    (side,) = attempts.exam_attempt(kim, attempt).status.variants
    attempts.keep(kim, attempt, side, 0, "4")
    attempts.give(kim, attempt, side, 1, "answer", "42")
    assert attempts.exam_attempt(kim, attempt).drafts == {}
    assert attempts.keep(kim, attempt, side, 0, "4") is None, "it comes late"
    attempts.hand_in(kim, attempt)
    assert attempts.exam_attempt(kim, attempt).answers == {side: "42"}


def test_nobody_keeps_anything_in_anothers_attempt(
    school: Database, kim: Student, clock: Clock
) -> None:
    attempt = begun(kim, "side")
    (side,) = attempts.exam_attempt(kim, attempt).status.variants
    with pytest.raises(NotAllowed):
        attempts.keep(member(school, "leo"), attempt, side, 0, "1")
    assert attempts.drafts(kim, attempt) == {}


def test_extra_time_is_one_students_before_and_during_an_attempt(
    school: Database, kim: Student, clock: Clock
) -> None:
    leo = member(school, "leo")
    attempt = begun(kim, "side", closes=12.0)
    test = attempt.partition(":")[0]
    other = attempts.begin(leo, test)
    before = attempts.exam_attempt(kim, attempt).status.ends
    exams.give_extra_time(TEACHER, test, "kim", 5)
    assert attempts.exam_attempt(kim, attempt).status.ends == before + 5 * MINUTE
    assert attempts.exam_attempt(leo, other.id).status.ends == before, "nobody else's"
    clock.now += 13 * MINUTE
    assert attempts.exam_attempt(leo, other.id).status.over
    assert not attempts.exam_attempt(kim, attempt).status.over, (
        "though it has closed by itself"
    )
    assert not attempts.exam_attempt(leo, other.id).released, "somebody still sits it"
    (now,) = exams.of_class(TEACHER, CLASS)
    assert now.open
    extra = {
        progress.member: progress.extra for progress in exams.attempts_at(TEACHER, test)
    }
    assert extra == {"kim": 5, "leo": 0}
    clock.now += 5 * MINUTE
    assert attempts.exam_attempt(leo, other.id).released
    rows = gradebook.compute(TEACHER, CLASS, test, "last").lines
    assert sorted(row.extra for row in rows) == [0, 5]


def test_extra_time_is_the_classs_own_instructors_to_give(
    kim: Student, clock: Clock
) -> None:
    test = begun(kim, "side").partition(":")[0]
    with pytest.raises(NotAllowed):
        exams.give_extra_time(STRANGER, test, "kim", 5)
    with pytest.raises(NotAllowed):
        exams.give_extra_time(TEACHER, test, "someone else", 5)
    with pytest.raises(ExamRefused):
        exams.give_extra_time(TEACHER, test, "kim", 601)
    exams.give_extra_time(TEACHER, test, "kim", 5)
    exams.give_extra_time(TEACHER, test, "kim", 0)
    assert exams.extra_times(TEACHER, test) == {}

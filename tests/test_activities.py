"""What a class does together: stages, guesses that count once, who may do what."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Thread

import pytest

from classroom.exams import gradebook
from classroom.people import activities, classes
from classroom.people.activities import Stage
from classroom.people.classes import ClassNow
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed, Student
from store.activities import Activities
from store.database import Database
from tests.class_database import class_database

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
RELU = {"arm": "ReLU", "by": 3.0}
TANH = {"arm": "tanh", "by": 2.0}
ABOUT = {"experiment": {}, "recording": "relu"}


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA, BERT) as own:
        yield own


@pytest.fixture
def course(opened: Database) -> ClassNow:
    return classes.open_class(ANNA, "9a")


def joined(course: ClassNow, name: str) -> Student:
    return classes.join(course.code, name * 8, name)


def test_guesses_count_once_until_guessing_is_closed(course: ClassNow) -> None:
    kim, lee = joined(course, "Kim"), joined(course, "Lee")
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    assert activities.guess(kim, one, TANH)
    assert activities.guess(kim, one, RELU)  # changed, or sent by another tab
    assert activities.guess(kim, one, RELU)
    assert [x.guess for x in activities.guesses(ANNA, one)] == [RELU]
    assert activities.mine(kim, one) == RELU and activities.mine(lee, one) is None
    assert activities.go_on(ANNA, one)
    assert not activities.guess(lee, one, TANH)  # too late
    assert not activities.guess(kim, one, TANH)
    assert [x.guess for x in activities.guesses(ANNA, one)] == [RELU]


def test_guesses_that_come_at_once_are_all_kept(course: ClassNow) -> None:
    students = [joined(course, f"S{number}") for number in range(12)]
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    threads = [
        Thread(target=activities.guess, args=(student, one, given))
        for student in students
        for given in (TANH, RELU)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = [x.member_id for x in activities.guesses(ANNA, one)]
    assert sorted(found) == sorted(student.member for student in students)


def test_nobody_sees_guesses_before_they_are_closed(course: ClassNow) -> None:
    kim, lee = joined(course, "Kim"), joined(course, "Lee")
    other = classes.join(classes.open_class(ANNA, "9b").code, "Max" * 8, "Max")
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    activities.guess(kim, one, RELU)
    assert activities.of_class(lee, one) == []
    activities.go_on(ANNA, one)
    closed = activities.current(course.id)
    assert closed is not None and closed.stage == Stage.CLOSED
    assert activities.of_class(lee, closed) == [RELU]
    assert activities.of_class(other, closed) == []


def test_a_student_of_another_class_cannot_guess(course: ClassNow) -> None:
    other = classes.join(classes.open_class(ANNA, "9b").code, "Max" * 8, "Max")
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    assert not activities.guess(other, one, RELU)
    assert activities.guesses(ANNA, one) == []


def test_only_its_instructor_takes_a_class_along(course: ClassNow) -> None:
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    for act in (
        lambda: activities.begin(BERT, course.id, "guess", ABOUT),
        lambda: activities.go_on(BERT, one),
        lambda: activities.end(BERT, course.id),
        lambda: activities.guesses(BERT, one),
        lambda: activities.finished(BERT, course.id),
    ):
        with pytest.raises(NotAllowed):
            act()
    assert activities.current(course.id) == one
    classes.close_class(ANNA, course.id)
    with pytest.raises(ClassRefused):
        activities.begin(ANNA, course.id, "guess", ABOUT)


def test_each_change_moves_the_class_once(course: ClassNow) -> None:
    def version() -> int:
        return classes.now(ANNA, course.id).version

    before = version()
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    assert version() == before + 1
    assert activities.go_on(ANNA, one)
    assert not activities.go_on(ANNA, one)  # a second click
    assert version() == before + 2
    closed = replace(one, stage=Stage.CLOSED)
    assert activities.go_on(ANNA, closed, "run")
    now = activities.current(course.id)
    assert now is not None and (now.stage, now.run_id) == (Stage.WATCH, "run")
    assert activities.end(ANNA, course.id)
    assert not activities.end(ANNA, course.id)
    assert version() == before + 4
    assert activities.current(course.id) is None


def test_a_new_activity_ends_the_one_before(course: ClassNow) -> None:
    first = activities.begin(ANNA, course.id, "guess", ABOUT)
    second = activities.begin(ANNA, course.id, "guess", ABOUT)
    assert activities.current(course.id) == second
    assert not activities.go_on(ANNA, first)
    assert [x.id for x in activities.finished(ANNA, course.id)] == [second.id, first.id]


def test_a_students_last_one_is_found_when_it_has_ended(course: ClassNow) -> None:
    kim = joined(course, "Kim")
    assert activities.last(kim) is None
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    activities.guess(kim, one, RELU)
    activities.begin(ANNA, course.id, "guess", ABOUT)  # no guess of theirs in it
    activities.end(ANNA, course.id)
    found = activities.last(kim)
    assert found is not None and found.id == one.id and found.ended is not None


def test_guesses_are_exported_and_deleted_with_the_student(
    course: ClassNow, opened: Database
) -> None:
    kim, lee = joined(course, "Kim"), joined(course, "Lee")
    one = activities.begin(ANNA, course.id, "guess", ABOUT)
    for student in (kim, lee):
        activities.guess(student, one, RELU)
    found = gradebook.everything(ANNA, course.id, kim.member)["class_guesses"]
    assert isinstance(found, list) and [x["guess"] for x in found] == [RELU]
    gradebook.forget(ANNA, course.id, kim.member)
    left = [x.member_id for x in activities.guesses(ANNA, one)]
    assert left == [lee.member]
    classes.delete(ANNA, course.id)
    assert Activities(opened).get(one.id) is None

"""A class takes the concept inventory twice: who may, what is kept, what is counted."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from classroom.exams import gradebook
from classroom.inventory import papers, rounds
from classroom.inventory.items import RIGHT, concepts, other
from classroom.inventory.rounds import InventoryRefused
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, NotAllowed, Student
from store import database as store_database
from store.answers.inventories import Inventories, RoundClosed, StoredPaper, StoredRound
from store.database import Database
from store.tables import (
    Class,
    InventoryChoice,
    InventoryPaper,
    InventoryRound,
    Member,
)
from tests.class_database import class_database
from tests.class_rows import add_account, add_class, add_member

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
CONCEPTS = [one.id for one in concepts()]


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassNow]:
    with class_database(tmp_path, monkeypatch, ANNA, BERT):
        yield classes.open_class(ANNA, "Form 5b")


def join(course: ClassNow, *names: str) -> list[Student]:
    return [classes.join(course.code, name * 20, name) for name in names]


def wrong(concept: str) -> str:
    (one,) = (x for x in concepts() if x.id == concept)
    return next(iter(one.misconceptions))


def take(student: Student, moment: rounds.Moment, right: int) -> None:
    """Answers all, the first so many right, and hands in."""
    rounds.begin(student, moment)
    given = {x: RIGHT if at < right else wrong(x) for at, x in enumerate(CONCEPTS)}
    rounds.choose(student, moment, given)
    rounds.hand_in(student, moment)


# --- the rounds -----------------------------------------------------------------------


def test_rounds_are_opened_in_their_order(course: ClassNow) -> None:
    now = rounds.of_class(ANNA, course.id)
    assert [one.opened for one in now.rounds] == [None, None]
    with pytest.raises(InventoryRefused, match="not taken the inventory before"):
        rounds.open_round(ANNA, course.id, "after")
    rounds.open_round(ANNA, course.id, "before")
    rounds.close_round(ANNA, course.id, "before")
    rounds.open_round(ANNA, course.id, "before")  # somebody came late
    assert rounds.of_class(ANNA, course.id).before.is_open
    rounds.open_round(ANNA, course.id, "after")
    now = rounds.of_class(ANNA, course.id)
    assert now.before.is_over and now.after.is_open
    with pytest.raises(InventoryRefused, match="the first one is over"):
        rounds.open_round(ANNA, course.id, "before")
    rounds.close_round(ANNA, course.id, "after")
    with pytest.raises(InventoryRefused, match="have seen the answers"):
        rounds.open_round(ANNA, course.id, "after")


def test_a_class_that_is_closed_ends_its_round(course: ClassNow) -> None:
    (kim,) = join(course, "Kim")
    rounds.open_round(ANNA, course.id, "before")
    rounds.begin(kim, "before")
    classes.close_class(ANNA, course.id)
    assert rounds.of_student(kim).open is None
    with pytest.raises(InventoryRefused):
        rounds.choose(kim, "before", {"relu": RIGHT})
    with pytest.raises(InventoryRefused, match="class is closed"):
        rounds.open_round(ANNA, course.id, "before")
    classes.reopen(ANNA, course.id)
    assert not rounds.of_class(ANNA, course.id).before.is_open, "it stays closed"


@pytest.mark.parametrize(
    "ask",
    [
        rounds.of_class,
        rounds.pupils,
        rounds.results,
        rounds.start_over,
        lambda who, class_id: rounds.open_round(who, class_id, "before"),
        lambda who, class_id: rounds.close_round(who, class_id, "before"),
    ],
)
def test_another_instructor_is_refused(course: ClassNow, ask) -> None:
    rounds.open_round(ANNA, course.id, "before")
    with pytest.raises(NotAllowed):
        ask(BERT, course.id)
    assert rounds.of_class(ANNA, course.id).before.is_open, "nothing changed"


# --- a student ------------------------------------------------------------------------


def test_a_student_takes_one_form_before_and_the_other_after(course: ClassNow) -> None:
    students = join(course, *"ABCDEFGHI")
    rounds.open_round(ANNA, course.id, "before")
    first = {one: rounds.begin(one, "before") for one in students}
    forms = [paper.form for paper in first.values()]
    assert abs(forms.count("A") - forms.count("B")) == 1, "nine students"
    assert rounds.begin(students[0], "before") == first[students[0]], "pressed again"
    rounds.open_round(ANNA, course.id, "after")
    (late,) = join(course, "Z")
    for one in students:
        assert rounds.begin(one, "after").form == other(first[one].form)
    assert rounds.begin(late, "after").form in ("A", "B")
    assert len({paper.seed for paper in first.values()}) > 1, "orders of their own"


def test_choices_are_kept_and_may_change_until_handed_in(course: ClassNow) -> None:
    kim, lea = join(course, "Kim", "Lea")
    with pytest.raises(InventoryRefused):
        rounds.begin(kim, "before")
    rounds.open_round(ANNA, course.id, "before")
    paper = rounds.begin(kim, "before")
    assert len(paper.unanswered) == 12 and not paper.counts
    rounds.choose(kim, "before", {"relu": "speed", "map": RIGHT})
    rounds.choose(kim, "before", {"relu": "range"})
    known = rounds.of_student(kim)
    assert known.open == "before" and not known.released
    assert known.papers["before"].choices == {"relu": "range", "map": RIGHT}
    assert rounds.of_student(lea).papers == {}
    with pytest.raises(ValueError, match="no option"):
        rounds.choose(kim, "before", {"relu": "brightness"})
    with pytest.raises(KeyError):
        rounds.choose(kim, "before", {"no such": RIGHT})
    rounds.hand_in(kim, "before")
    with pytest.raises(InventoryRefused):
        rounds.choose(kim, "before", {"relu": RIGHT})
    assert rounds.of_student(kim).papers["before"].choices["relu"] == "range"
    with pytest.raises(InventoryRefused):
        rounds.choose(lea, "before", {"relu": RIGHT})  # never begun


def test_results_are_released_with_the_second_round_alone(course: ClassNow) -> None:
    (kim,) = join(course, "Kim")
    rounds.open_round(ANNA, course.id, "before")
    take(kim, "before", 4)
    rounds.close_round(ANNA, course.id, "before")
    assert not rounds.of_student(kim).released
    rounds.open_round(ANNA, course.id, "after")
    take(kim, "after", 9)
    assert not rounds.of_student(kim).released
    rounds.close_round(ANNA, course.id, "after")
    assert rounds.of_student(kim).released


def test_places_without_an_answer_are_those_of_the_students_order() -> None:
    paper = rounds.Paper("before", "A", 7, False, {})
    asked = [one.concept for one in paper.questions()]
    given = dict.fromkeys((asked[0], asked[4]), RIGHT)
    paper = rounds.Paper("before", "A", 7, False, given)
    assert paper.unanswered == (2, 3, 4, 6, 7, 8, 9, 10, 11, 12)
    assert [one.concept for one in paper.questions("de")] == asked


# --- what a class has gained ----------------------------------------------------------


def test_who_took_both_is_compared_and_the_others_are_counted(course: ClassNow) -> None:
    kim, lea, max_, tom = join(course, "Kim", "Lea", "Max", "Tom")
    rounds.open_round(ANNA, course.id, "before")
    for student, right in ((kim, 3), (lea, 6), (max_, 12)):
        take(student, "before", right)
    rounds.begin(tom, "before")
    rounds.choose(tom, "before", {"relu": RIGHT})  # and no more
    assert rounds.results(ANNA, course.id).gain is None
    rounds.open_round(ANNA, course.id, "after")
    for student, right in ((kim, 9), (lea, 6), (tom, 12)):
        take(student, "after", right)
    found = rounds.results(ANNA, course.id)
    assert found.gain is not None and found.gain.students == 2
    assert (found.gain.before, found.gain.after) == pytest.approx((9 / 24, 15 / 24))
    assert found.only_one == 2, "Max before alone; Tom's first was not finished"
    assert sum(one.students for one in found.forms) == 3, "all who took it before"
    last = CONCEPTS[-1]
    (one,) = (x for x in found.believed if x.concept == last)
    assert (one.misconception, one.before, one.after) == (wrong(last), 2, 2)


def test_a_paper_with_every_answer_counts_when_the_round_ends(course: ClassNow) -> None:
    (kim,) = join(course, "Kim")
    rounds.open_round(ANNA, course.id, "before")
    rounds.begin(kim, "before")
    rounds.choose(kim, "before", dict.fromkeys(CONCEPTS, RIGHT))
    (one,) = rounds.pupils(ANNA, course.id)
    assert one.states == {"before": "done", "after": ""}
    assert rounds.of_class(ANNA, course.id).before.handed_in == 0


def test_nothing_of_it_is_in_the_gradebook(course: ClassNow) -> None:
    (kim,) = join(course, "Kim")
    rounds.open_round(ANNA, course.id, "before")
    take(kim, "before", 12)
    book = gradebook.compute(ANNA, course.id, None, "best")
    assert not book.questions and not any(line.points for line in book.lines)
    assert gradebook.responses(ANNA, course.id, None) == []


def test_starting_over_deletes_all_of_this_class_alone(course: ClassNow) -> None:
    second = classes.open_class(ANNA, "Form 6a")
    (kim,) = join(course, "Kim")
    lea = classes.join(second.code, "l" * 60, "Lea")
    for one, student in ((course, kim), (second, lea)):
        rounds.open_round(ANNA, one.id, "before")
        take(student, "before", 5)
    rounds.start_over(ANNA, course.id)
    assert rounds.of_student(kim).papers == {} and not rounds.of_student(kim).known
    assert rounds.of_class(ANNA, course.id).before.opened is None
    assert rounds.of_student(lea).papers["before"].handed_in
    assert len(rounds.of_student(lea).papers["before"].choices) == 12


# --- both databases -------------------------------------------------------------------


def stored(database: Database, students: int) -> tuple[Inventories, str, list[str]]:
    with database.writing() as session:
        class_id = add_class(session, add_account(session))
        members = [
            add_member(session, class_id, f"browser {x}") for x in range(students)
        ]
    return Inventories(database), class_id, members


def begun(found: Inventories, class_id: str, member: str) -> StoredPaper:
    new = StoredPaper(member, "before", "", 5, 2.0)
    return found.begin(class_id, new, lambda seed, at, _: papers.first_form(seed, at))


def test_papers_are_stored_on_both_databases(database: Database) -> None:
    found, class_id, (kim, lea) = stored(database, 2)
    with pytest.raises(RoundClosed):
        begun(found, class_id, kim)
    found.open(StoredRound(class_id, "before", 9, 1.0))
    found.open(StoredRound(class_id, "before", 10, 2.0))  # again: its own seed
    assert found.rounds(class_id)["before"] == StoredRound(class_id, "before", 9, 1.0)
    begun(found, class_id, kim)
    found.choose(class_id, kim, "before", {"relu": "speed", "map": "object"}, 3.0)
    found.choose(class_id, kim, "before", {"relu": RIGHT}, 4.0)
    found.hand_in(class_id, kim, "before", 5.0)
    (one,) = found.papers_of_class(class_id)
    assert (one.member_id, one.handed_in) == (kim, 5.0)
    assert one.choices == {"relu": RIGHT, "map": "object"}
    assert found.counts(class_id) == {"before": (1, 1)}
    begun(found, class_id, lea)
    found.close(class_id, "before", 6.0)
    with pytest.raises(RoundClosed):
        found.choose(class_id, lea, "before", {"relu": RIGHT}, 7.0)
    found.forget(class_id)
    assert found.papers_of_class(class_id) == [] and found.rounds(class_id) == {}
    with pytest.raises(RoundClosed):
        found.open(StoredRound("no such class", "before", 1, 1.0))


@pytest.mark.parametrize("of", [Class, Member])
def test_all_of_it_goes_with_the_class_or_the_student(
    database: Database, of: type
) -> None:
    found, class_id, (kim, lea) = stored(database, 2)
    found.open(StoredRound(class_id, "before", 9, 1.0))
    for member in (kim, lea):
        begun(found, class_id, member)
        found.choose(class_id, member, "before", {"relu": RIGHT}, 3.0)
    with database.writing() as session:
        session.execute(delete(of).where(of.id == (class_id if of is Class else kim)))
    left = 0 if of is Class else 1
    tables = (InventoryRound, InventoryPaper, InventoryChoice)
    with database.reading() as session:
        rows = [session.scalar(select(func.count()).select_from(x)) for x in tables]
    assert rows == [left] * 3, "Lea's are there as long as the class is"


def test_forms_stay_balanced_when_all_begin_at_once(database: Database) -> None:
    found, class_id, members = stored(database, 16)
    found.open(StoredRound(class_id, "before", 9, 1.0))
    with ThreadPoolExecutor(8) as pool:
        twice = [*members, *members]
        got = list(pool.map(lambda member: begun(found, class_id, member), twice))
    assert len(found.papers_of_class(class_id)) == 16
    forms = [one.form for one in found.papers_of_class(class_id)]
    assert forms.count("A") == forms.count("B") == 8
    assert {one.member_id: one.form for one in got} == {
        one.member_id: one.form for one in found.papers_of_class(class_id)
    }


def test_a_round_is_asked_of_the_process_database(course: ClassNow) -> None:
    rounds.open_round(ANNA, course.id, "before")
    assert Inventories(store_database.shared()).rounds(course.id).keys() == {"before"}

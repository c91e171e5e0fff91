"""Classes: codes, names, who may ask what, and what becomes of a class."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some
from sqlalchemy import func, select

from classroom.people import classes, codes
from classroom.people.codes import ALPHABET, CODE, OWN_CODE, Tries
from classroom.people.names import ClassRefused, alike, clean, distinct
from classroom.people.roles import Instructor, NotAllowed, Student
from store.answers.results import Results
from store.classes import Classes, Seen
from store.database import Database
from store.tables import Attempt, Class, Member, Response
from tests.class_database import class_database
from tests.waiting import until

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
KIM, LEE = "1" * 64, "2" * 64  # browsers


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of the test's own with two instructors; no code was wrong so far."""
    with class_database(tmp_path, monkeypatch, ANNA, BERT) as own:
        yield own


def a_class(name: str = "5b") -> classes.ClassNow:
    return classes.open_class(ANNA, name)


def names(class_id: str) -> list[str]:
    return [one.name for one in classes.here(ANNA, class_id)]


# --- codes ----------------------------------------------------------------------------


def test_a_code_has_nothing_that_looks_like_something_else() -> None:
    assert not set("01ILO") & set(ALPHABET)
    assert len(set(ALPHABET)) == len(ALPHABET) == 31
    for _ in range(50):
        code = classes.new_code()
        assert len(code) == CODE and set(code) <= set(ALPHABET)


def test_a_code_that_is_taken_is_not_given_again(monkeypatch: Any) -> None:
    codes = iter(["ABC234", "ABC234", "ABC234", "XYZ789"])
    monkeypatch.setattr(classes, "new_code", lambda: next(codes))
    assert [a_class().code, a_class().code] == ["ABC234", "XYZ789"]


@pytest.mark.parametrize("typed", ["abc234", " ABC 234 ", "abc-234", "a b c 2 3 4"])
def test_a_code_may_be_typed_as_it_is_read(typed: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(classes, "new_code", lambda length=CODE: "ABC23456"[:length])
    opened = a_class()
    assert classes.join(typed, KIM, "Kim").class_id == opened.id


def test_codes_are_read_in_groups() -> None:
    assert codes.spaced("ABC234") == "ABC 234"
    assert codes.spaced("ABCD2345") == "ABCD 2345"


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  Kim  ", "Kim"),
        ("Kim\t\n Lee", "Kim Lee"),
        ("Ёлка", "Ёлка"),
        ("李小龍", "李小龍"),
        ("مريم", "مريم"),
        ("👩‍🔬", "👩‍🔬"),  # joined by U+200D
        ("\u202ecba\u2066", "cba"),  # nothing turns round what comes after it
        ("e\u0301", "\u00e9"),
        ("=1+1", "=1+1"),
        ("<b>**x**</b>", "<b>**x**</b>"),
        ("x" * 60, "x" * 60),
    ],
)
def test_a_name_is_kept_as_typed(typed: str, kept: str) -> None:
    assert clean(typed, 60, "your name") == kept


@pytest.mark.parametrize("typed", ["", "   ", "\u200d", "\u0301", "\u202e", "x" * 61])
def test_a_name_that_will_not_do(typed: str) -> None:
    with pytest.raises(ClassRefused, match="Please type your name"):
        clean(typed, 60, "your name")


@given(some.text(max_size=200))
def test_a_name_is_short_visible_and_cleaned_once(typed: str) -> None:
    try:
        kept = clean(typed, 60, "your name")
    except ClassRefused:
        return
    assert 1 <= len(kept) <= 60 and kept.strip() == kept
    assert clean(kept, 60, "your name") == kept


@given(some.lists(some.text(min_size=1, max_size=8), max_size=12))
def test_no_two_of_a_class_look_alike(names: list[str]) -> None:
    there: list[str] = []
    for name in names:
        there.append(distinct(name, there))
    assert len({alike(name) for name in there}) == len(there)


def test_two_of_one_name_are_told_apart() -> None:
    opened = a_class()
    for browser, name in (("a", "Kim"), ("b", "kim"), ("c", "Kim (2)"), ("d", "Kim")):
        classes.join(opened.code, browser * 64, name)
    assert names(opened.id) == ["Kim", "kim (2)", "Kim (2) (2)", "Kim (3)"]


def test_two_who_join_at_once_are_told_apart() -> None:
    opened = a_class()
    begin = threading.Barrier(8)

    def join(number: int) -> None:
        begin.wait()
        classes.join(opened.code, str(number) * 64, "Kim")

    threads = [threading.Thread(target=join, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    expected = {"Kim"} | {f"Kim ({n})" for n in range(2, 9)}
    assert set(names(opened.id)) == expected


# --- joining, coming back, leaving ----------------------------------------------------


def test_joining_twice_is_joining_once() -> None:
    opened = a_class()
    first = classes.join(opened.code, KIM, "Kim")
    assert classes.join(opened.code, KIM, "Somebody else") == first
    assert names(opened.id) == ["Kim"]


def test_the_newest_open_class_counts() -> None:
    one, two = a_class("one"), a_class("two")
    classes.join(one.code, KIM, "Kim")
    second = classes.join(two.code, KIM, "Kim")
    assert classes.student(KIM) == second
    first = classes.join(one.code, KIM, "Kim")  # again
    assert classes.student(KIM) == first
    classes.close_class(ANNA, one.id)
    assert classes.student(KIM) == second
    assert classes.student(KIM, one.id) == first, "they can look at the other one"
    classes.close_class(ANNA, two.id)
    assert classes.student(KIM) == first, "of those that have ended, the newest too"
    classes.reopen(ANNA, two.id)
    assert classes.student(KIM) == second


def test_a_closed_class_cannot_be_joined() -> None:
    opened = a_class()
    classes.close_class(ANNA, opened.id)
    with pytest.raises(ClassRefused, match="closed"):
        classes.join(opened.code, KIM, "Kim")


def test_a_class_that_has_ended_can_be_read() -> None:
    opened = a_class()
    kim = classes.join(opened.code, KIM, "Kim")
    before = classes.membership(KIM)
    assert before is not None
    classes.close_class(ANNA, opened.id)
    after = classes.membership(KIM)
    assert after is not None and not after.course.is_open
    assert after.student == kim
    # From another device, too.
    assert classes.come_back(opened.code, before.own_code, LEE) == kim
    assert classes.student(LEE) == kim and classes.student(KIM) is None


def test_numbers_are_never_given_again(opened: Database) -> None:
    def numbers() -> dict[str, int]:
        return {one.name: one.number for one in classes.here(ANNA, there.id)}

    there = a_class()
    for number, name in enumerate(("Kim", "Lee", "Mia"), 1):
        classes.join(there.code, f"{number}" * 64, name)
    assert numbers() == {"Kim": 1, "Lee": 2, "Mia": 3}
    classes.join(there.code, "1" * 64, "Kim")  # again
    place = classes.membership("2" * 64)
    assert place is not None
    classes.come_back(there.code, place.own_code, "9" * 64)  # elsewhere
    assert numbers() == {"Kim": 1, "Lee": 2, "Mia": 3}
    mia = classes.student("3" * 64)
    lee = classes.student("9" * 64)
    assert mia is not None and lee is not None
    for student in (mia, lee):
        Results(opened).forget(there.id, student.member)
    classes.join(there.code, "4" * 64, "Nils")
    assert numbers() == {"Kim": 1, "Nils": 4}


def test_a_full_class_says_so(monkeypatch: Any) -> None:
    monkeypatch.setattr(classes, "MOST_MEMBERS", 1)
    opened = a_class()
    classes.join(opened.code, KIM, "Kim")
    with pytest.raises(ClassRefused, match="full"):
        classes.join(opened.code, LEE, "Lee")
    assert classes.join(opened.code, KIM, "Kim").name == "Kim"


def test_an_own_code_brings_back_on_another_device() -> None:
    opened = a_class()
    kim = classes.join(opened.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None and len(place.own_code) == OWN_CODE
    typed = codes.spaced(place.own_code).lower()
    assert classes.come_back(opened.code, typed, LEE) == kim
    assert classes.student(LEE) == kim
    assert classes.student(KIM) is None, "the first device is theirs no more"


def test_coming_back_where_one_has_joined_anew() -> None:
    opened = a_class()
    kim = classes.join(opened.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None
    classes.join(opened.code, LEE, "Kim")  # who has forgotten the code
    assert classes.come_back(opened.code, place.own_code, LEE) == kim
    assert names(opened.id) == ["Kim"], "the second one has left"


def test_an_own_code_is_good_for_its_class_alone() -> None:
    one, two = a_class("one"), a_class("two")
    classes.join(one.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None
    for own in (place.own_code, "", "ABCD2345"):
        with pytest.raises(ClassRefused, match="as their own code"):
            classes.come_back(two.code, own, LEE)
    assert classes.student(LEE) is None


def test_who_leaves_keeps_what_they_answered(opened: Database) -> None:
    there = a_class()
    kim = classes.join(there.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None
    add_answer(opened, kim)
    classes.leave(kim)
    assert classes.student(KIM) is None
    assert names(there.id) == []
    assert count(opened, Response) == 1
    assert classes.come_back(there.code, place.own_code, LEE) == kim


def add_answer(opened: Database, student: Student) -> None:
    with opened.writing() as session:
        session.add(
            Attempt(id="s", member_id=student.member, number=1, seed=1, started=0.0)
        )
        session.flush()
        session.add(
            Response(
                key="k", attempt_id="s", question="q", seed=1, number=1, kind="answer",
                answer="1", truth="null", score=1.0, sentence="", counts=True,
                own=False, at=0.0,
            )
        )  # fmt: skip


def count(opened: Database, table: Any) -> int:
    with opened.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


# --- wrong codes ----------------------------------------------------------------------


def test_codes_cannot_be_guessed_by_one_browser() -> None:
    opened = a_class()
    for _ in range(codes.TRIES):
        with pytest.raises(ClassRefused, match="No class"):
            classes.join("WRONG2", KIM, "Kim", "192.0.2.1")
    with pytest.raises(ClassRefused, match="Too many"):
        classes.join(opened.code, KIM, "Kim", "192.0.2.1")
    # The class beside them can still join.
    assert classes.join(opened.code, LEE, "Lee", "192.0.2.1")


def test_nobody_locks_out_those_at_their_address(monkeypatch: Any) -> None:
    monkeypatch.setattr(codes, "ADDRESS_TRIES", 20)
    opened = a_class()
    kim = classes.join(opened.code, KIM, "Kim", "192.0.2.1")
    own = classes.membership(KIM)
    assert own is not None
    for number in range(20):
        with pytest.raises(ClassRefused, match="No class"):
            classes.join("WRONG2", f"{number:064}", "X", "192.0.2.1")
    for wrong in (("WRONG2", "0" * 64), ("WRONG2", "f" * 64)):
        with pytest.raises(ClassRefused, match="Too many"):
            classes.join(*wrong, "X", "192.0.2.1")
    with pytest.raises(ClassRefused, match="Too many"):
        classes.come_back(opened.code, "ABCD2345", "e" * 64, "192.0.2.1")
    # Who has the right code is not held up by them.
    assert classes.join(opened.code, LEE, "Lee", "192.0.2.1")
    assert classes.come_back(opened.code, own.own_code, "d" * 64, "192.0.2.1") == kim


def test_nor_can_own_codes() -> None:
    opened = a_class()
    for _ in range(codes.TRIES):
        with pytest.raises(ClassRefused, match="as their own code"):
            classes.come_back(opened.code, "ABCD2345", KIM)
    with pytest.raises(ClassRefused, match="Too many"):
        classes.come_back(opened.code, "ABCD2345", KIM)


def test_tries_are_forgotten_in_time_and_are_bounded(monkeypatch: Any) -> None:
    tries = Tries(seconds=0.05)
    tries.add("kim")
    until(lambda: tries.count("kim") == 0, "the try to be forgotten")
    tries = Tries(seconds=60)
    tries.add("kim")
    assert tries.count("kim") == 1
    monkeypatch.setattr(Tries, "MOST", 3)
    tries = Tries()
    for number in range(9):
        tries.add(str(number))
    assert sum(tries.count(str(number)) for number in range(9)) == 3
    assert tries.count("8") == 1


def test_what_was_typed_is_not_repeated() -> None:
    with pytest.raises(ClassRefused) as said:
        classes.join("<b>x</b>", KIM, "Kim")
    assert "<" not in str(said.value)


# --- the instructor's -----------------------------------------------------------------


def test_a_class_is_renamed_closed_opened_and_deleted(opened: Database) -> None:
    there = a_class(" Form\t5b ")
    assert (there.name, there.step, there.reveal) == ("Form 5b", "start", False)
    classes.rename(ANNA, there.id, "6b")
    assert classes.now(ANNA, there.id).name == "6b"
    add_answer(opened, classes.join(there.code, KIM, "Kim"))
    assert classes.mine(ANNA)[0].members == 1
    classes.close_class(ANNA, there.id)
    assert not classes.now(ANNA, there.id).is_open
    classes.reopen(ANNA, there.id)
    again = classes.now(ANNA, there.id)
    assert again.is_open and again.code == there.code
    classes.delete(ANNA, there.id)
    assert [count(opened, t) for t in (Class, Member, Attempt, Response)] == [
        0,
        0,
        0,
        0,
    ]


def test_open_classes_come_first_and_the_newest_of_them() -> None:
    one, two, three = a_class("one"), a_class("two"), a_class("three")
    classes.close_class(ANNA, three.id)
    assert [each.id for each in classes.mine(ANNA)] == [two.id, one.id, three.id]
    assert classes.mine(BERT) == []


def test_moving_counts_and_standing_still_does_not() -> None:
    there = a_class()
    moved = classes.move(ANNA, there.id, "relu", False)
    assert moved.version == there.version + 1 and moved.step == "relu"
    assert classes.move(ANNA, there.id, "relu", False).version == moved.version
    shown = classes.move(ANNA, there.id, "relu", True)
    assert shown.version == moved.version + 1 and shown.reveal
    with pytest.raises(ClassRefused, match="no such step"):
        classes.move(ANNA, there.id, "nowhere", False)
    classes.close_class(ANNA, there.id)
    with pytest.raises(ClassRefused, match="closed"):
        classes.move(ANNA, there.id, "start", False)


ASKED = {
    "check": lambda who, it: classes.check(who, it),
    "now": lambda who, it: classes.now(who, it),
    "here": lambda who, it: classes.here(who, it),
    "move": lambda who, it: classes.move(who, it, "relu", True),
    "close": lambda who, it: classes.close_class(who, it),
    "reopen": lambda who, it: classes.reopen(who, it),
    "rename": lambda who, it: classes.rename(who, it, "Mine now"),
    "delete": lambda who, it: classes.delete(who, it),
}


@pytest.mark.parametrize("what", ASKED)
def test_another_instructors_class_is_refused(what: str) -> None:
    there = a_class()
    before = classes.now(ANNA, there.id)
    with pytest.raises(NotAllowed) as theirs:
        ASKED[what](BERT, there.id)
    with pytest.raises(NotAllowed) as none:
        ASKED[what](BERT, "0" * 32)
    assert str(theirs.value) == str(none.value), "whether there is one is not told"
    assert classes.now(ANNA, there.id) == before


@pytest.mark.parametrize("what", ASKED)
def test_a_student_is_no_instructor(what: str) -> None:
    there = a_class()
    kim = classes.join(there.code, KIM, "Kim")
    before = classes.now(ANNA, there.id)
    with pytest.raises((NotAllowed, AttributeError)):
        ASKED[what](kim, there.id)
    assert classes.now(ANNA, there.id) == before


# --- who is here ----------------------------------------------------------------------


def test_who_is_here_was_seen_of_late(opened: Database) -> None:
    there = a_class()
    kim, lee = (classes.join(there.code, b, n) for b, n in ((KIM, "Kim"), (LEE, "Lee")))
    now = time.time()
    Classes(opened).saw(
        [
            Seen(kim.member, now, "relu", True),
            Seen(lee.member, now - classes.HERE - 1, "quiz", True),
            Seen("nobody", now, "relu", True),
        ]
    )
    found = classes.here(ANNA, there.id)
    assert [(x.name, x.step, x.follows, x.here) for x in found] == [
        ("Kim", "relu", True, True),
        ("Lee", "quiz", False, False),  # nobody follows on another page
    ]

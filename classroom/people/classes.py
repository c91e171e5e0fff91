"""A class: its code, its members, and its instructor's position in the lesson.

Every function about a class takes the instructor who asks and refuses one who does not
own it; every function of a student touches that student's own record.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace

import clock
from classroom.content import lesson
from classroom.people.codes import (
    CODE,
    OWN_CODE,
    clean_code,
    may_try,
    new_code,
    wrong,
)
from classroom.people.following import following, position_of
from classroom.people.names import (
    LONGEST_CLASS,
    LONGEST_NAME,
    ClassRefused,
    clean,
    distinct,
)
from classroom.people.roles import Instructor, NotAllowed, Student
from store import database
from store.classes import Classes, StoredClass, StoredMember
from store.records import as_data

MOST_MEMBERS = 500  # of a class
HERE = 15.0  # seconds since somebody was seen, within which they are here

NOT_YOURS = "This class is another instructor's, or it is gone."


@dataclass(frozen=True)
class ClassNow:
    """A class as it is now."""

    id: str
    name: str
    code: str
    opened: float
    closed: float | None
    step: str  # the instructor's, in the lesson
    reveal: bool  # whether the step's answer is shown
    version: int  # counts the instructor's moves
    members: int
    names_shown: bool = False  # on the instructor's screen, which may be a projector
    students_start: bool | None = None  # experiments; None: as the server has it
    language: str | None = None  # of those who follow; None: each student's own
    asked: int = 1  # how often the question of its step
    page: str = ""  # that it was brought to: see people.class_page; "": at its step

    @property
    def is_open(self) -> bool:
        """Whether it can be joined and led. Its students read on, open or not."""
        return self.closed is None


@dataclass(frozen=True)
class MemberNow:
    """A student of a class, and where they are."""

    id: str
    number: int  # in the order of joining, from 1; theirs for good
    name: str
    own_code: str  # for a student who has lost it
    joined: float
    seen: float
    step: str  # of the lesson, or a page
    follows: bool  # whether they go where the class goes
    here: bool  # seen within `HERE` seconds


@dataclass(frozen=True)
class Membership:
    """A student's place in a class, for that student alone."""

    student: Student
    own_code: str
    follows: bool
    course: ClassNow
    seen: float = 0.0  # when somebody was there last
    browsing: str | None = None  # the browser's session in which they said who they are


def _store() -> Classes:
    return Classes(database.shared())


def _now(record: StoredClass, members: int = 0) -> ClassNow:
    return as_data(ClassNow, record, members=members)


# --- the instructor's -----------------------------------------------------------------


def _owned(who: Instructor, class_id: str) -> StoredClass:
    record = _store().get(class_id)
    if record is None or record.owner != who.account:
        raise NotAllowed(NOT_YOURS)
    return record


def check(who: Instructor, class_id: str) -> None:
    """Nothing, if the class is theirs.

    Raises:
        NotAllowed: it is another instructor's, or there is none: that is not told.
    """
    _owned(who, class_id)


def mine(who: Instructor) -> list[ClassNow]:
    """Their classes, the open ones first, the newest first."""
    found = [
        _now(record, members) for record, members in _store().of_owner(who.account)
    ]
    return sorted(found, key=lambda one: not one.is_open)


def open_class(who: Instructor, name: str) -> ClassNow:
    """A new class, open, at the lesson's first step.

    Raises:
        ClassRefused: the name is empty or too long.
    """
    name = clean(name, LONGEST_CLASS, "a name for the class")
    first = lesson.load().steps[0].slug
    now = clock.now()
    while True:
        record = StoredClass(
            uuid.uuid4().hex,
            who.account,
            name,
            new_code(),
            now,
            None,
            first,
            False,
            1,
            now,
        )
        if _store().add(record):
            return _now(record)


def close_class(who: Instructor, class_id: str) -> None:
    """Ends joining and leading; its students keep what they answered, and can read it.

    Exams that are open are closed with it: what was saved counts, and their results
    are shown: in a class that has ended they would stay open for good.
    """
    _owned(who, class_id)
    _close(class_id, clock.now())


def reopen(who: Instructor, class_id: str) -> None:
    """Open again, with the same code and the same students. Its exams stay closed."""
    _owned(who, class_id)
    _close(class_id, None)


def _close(class_id: str, closed: float | None) -> None:
    _store().close(class_id, closed)
    record = _store().get(class_id)
    following.tell(class_id, None if record is None else position_of(record))
    following.changed(class_id)


def rename(who: Instructor, class_id: str, name: str) -> None:
    """Gives the class another name.

    Raises:
        ClassRefused: the name is empty or too long.
    """
    _owned(who, class_id)
    _store().rename(class_id, clean(name, LONGEST_CLASS, "a name for the class"))


def show_names(who: Instructor, class_id: str, shown: bool) -> None:
    """Whether its students' names are on the instructor's screen, from now on."""
    _owned(who, class_id)
    _store().show_names(class_id, shown)


def let_start(who: Instructor, class_id: str, students: bool) -> None:
    """Whether its students may start experiments, from now on."""
    _owned(who, class_id)
    _store().let_start(class_id, students)


def speak(who: Instructor, class_id: str, language: str | None) -> ClassNow:
    """Its followers read the lesson and the quiz in a language; None: in their own.

    Raises:
        ClassRefused: the lesson is not in that language.
    """
    _owned(who, class_id)
    if language is not None and language not in lesson.languages():
        raise ClassRefused("The lesson is not in that language.")
    try:
        record = _store().speak(class_id, language)
    except KeyError:  # deleted since we looked
        raise NotAllowed(NOT_YOURS) from None
    following.tell(class_id, position_of(record))
    return _now(record)


def delete(who: Instructor, class_id: str) -> None:
    """Deletes the class with its students, exams and answers, for good."""
    _owned(who, class_id)
    _store().delete(class_id)
    following.tell(class_id, None)


def now(who: Instructor, class_id: str) -> ClassNow:
    """The class as it is."""
    return _now(_owned(who, class_id))


def move(who: Instructor, class_id: str, step: str, reveal: bool) -> ClassNow:
    """The class is at a step of the lesson, its answer shown or not.

    Raises:
        ClassRefused: the class is closed, or the lesson has no such step.
    """
    record = _owned(who, class_id)
    if record.closed is not None:
        raise ClassRefused("This class is closed: open it again to lead it.")
    if step not in {one.slug for one in lesson.load().steps}:
        raise ClassRefused("The lesson has no such step.")
    try:
        moved = _store().move(class_id, step, reveal, clock.now())
    except KeyError:  # deleted since we looked
        raise NotAllowed(NOT_YOURS) from None
    following.tell(class_id, position_of(moved))
    return _now(moved)


def ask_again(who: Instructor, class_id: str, asked: int) -> ClassNow:
    """The question of the class's step is asked once more, its answer hidden.

    Args:
        asked: how often it had been when the button was drawn: two clicks ask once.

    Raises:
        ClassRefused: the class is closed.
    """
    if _owned(who, class_id).closed is not None:
        raise ClassRefused("This class is closed: open it again to lead it.")
    try:
        moved = _store().ask_again(class_id, asked, clock.now())
    except KeyError:  # deleted since we looked
        raise NotAllowed(NOT_YOURS) from None
    following.tell(class_id, position_of(moved))
    return _now(moved)


def here(who: Instructor, class_id: str) -> list[MemberNow]:
    """Its students in the order in which they joined, without those who left."""
    beside = _owned(who, class_id).page.partition("?")[0]
    since = clock.now() - HERE
    slugs = {beside, *(step.slug for step in lesson.load().steps)}
    of_late = following.here()  # newer than what is written
    found = []
    for one in _store().members(class_id):
        if one.left:
            continue
        seen = of_late.get(one.id)
        if seen is not None and seen.seen > one.seen:
            one = replace(one, seen=seen.seen, step=seen.step, follows=seen.follows)
        found.append(
            MemberNow(
                one.id,
                one.number,
                one.name,
                one.own_code,
                one.joined,
                one.seen,
                one.step,
                one.follows and one.step in slugs,
                one.seen >= since,
            )
        )
    return found


# --- the student's --------------------------------------------------------------------


def _class_of_code(code: str, visitor: str, address: str) -> StoredClass:
    code = clean_code(code)
    if not code:
        raise ClassRefused("Please type the code of your class.")
    may_try(visitor)
    record = _store().by_code(code) if len(code) == CODE else None
    if record is None:
        raise wrong(
            visitor,
            address,
            f"No class has this code. A code has {CODE} letters and digits; please "
            "look at it again.",
        )
    return record


def _student(record: StoredMember) -> Student:
    return Student(record.id, record.class_id, record.name)


def join(
    code: str,
    visitor_key: str,
    name: str,
    address: str = "",
    browsing: str | None = None,
) -> Student:
    """A visitor joins a class; a member of it stays the same.

    Args:
        browsing: the browser's session (`ui.session.visitor.session`), in which it is
            known from now on who this is.

    Raises:
        ClassRefused: no such class, it is closed or full, the name will not do, or
            too many codes were wrong.
    """
    record = _class_of_code(code, visitor_key, address)
    if record.closed is not None:
        raise ClassRefused(
            "This class is closed: it has ended. Its instructor can open it again. If "
            "you were in it, your own code still brings you back to your results."
        )
    name = clean(name, LONGEST_NAME, "your name")
    now = clock.now()
    new = StoredMember(
        uuid.uuid4().hex,
        record.id,
        visitor_key,
        name,
        _free_own_code(record.id),
        now,
        now,
        record.step,
        True,
        came=now,
        browsing=browsing,
    )
    try:
        member = _store().join(new, lambda names: distinct(name, names), MOST_MEMBERS)
    except KeyError:
        raise ClassRefused("This class is gone.") from None
    if member is None:
        raise ClassRefused(f"This class is full: it has {MOST_MEMBERS} students.")
    following.forget(visitor_key)
    return _student(member)


def _free_own_code(class_id: str) -> str:
    while True:
        code = new_code(OWN_CODE)
        if _store().by_own_code(class_id, code) is None:
            return code


def come_back(
    code: str,
    own_code: str,
    visitor_key: str,
    address: str = "",
    browsing: str | None = None,
) -> Student:
    """A student on another device, by the code that they were given.

    The first device is no longer theirs. To a class that has ended one can come back,
    too: to read.

    Raises:
        ClassRefused: no such class or student, or too many codes were wrong.
    """
    record = _class_of_code(code, visitor_key, address)
    own_code = clean_code(own_code)
    found = _store().by_own_code(record.id, own_code) if own_code else None
    if found is None:
        raise wrong(
            visitor_key,
            address,
            "No student of this class has this as their own code. It has "
            f"{OWN_CODE} letters and digits; your instructor can look it up.",
        )
    brought = _store().bring(found.id, visitor_key, browsing, clock.now())
    following.forget(found.visitor)  # the device before
    following.forget(visitor_key)
    return _student(brought)


def memberships(visitor_key: str) -> list[Membership]:
    """All of a visitor's places: in open classes first, the newest first."""
    found = []
    for member, record in _store().memberships(visitor_key):
        newer = following.place(member.id)  # than what is written
        found.append(
            Membership(
                _student(member),
                member.own_code,
                member.follows if newer is None else newer.follows,
                _now(record),
                member.seen if newer is None else max(member.seen, newer.seen),
                member.browsing,
            )
        )
    return found


def membership(visitor_key: str, class_id: str = "") -> Membership | None:
    """The visitor's place: in the open class that they joined last, or one that ended.

    Args:
        class_id: of the class that they want to look at, where they are in several.
    """
    found = memberships(visitor_key)
    wanted = [one for one in found if one.course.id == class_id]
    return next(iter(wanted + found), None)


def student(visitor_key: str, class_id: str = "") -> Student | None:
    """The visitor as a student of that class."""
    found = membership(visitor_key, class_id)
    return None if found is None else found.student


def leave(student: Student) -> None:
    """The browser forgets the class; what was answered stays for the instructor."""
    member = _store().member(student.member)
    _store().let_go(student.member)
    if member is not None:
        following.forget(member.visitor)

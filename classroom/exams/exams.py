"""A class's tests, as its instructor makes, opens, watches and closes them.

Every function takes the `Instructor` who asks, and refuses whoever does not own the
class. Closing a test ends its sittings and releases the results to those who sat it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from classroom.exams import sittings, timing
from classroom.exams.sittings import Refused
from classroom.exams.timing import MINUTE, as_now, released
from classroom.people import classes
from classroom.people.classes import check
from classroom.people.following import following
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from classroom.questions.bank import bank, find, is_known
from classroom.questions.question_files import Bank, Question
from classroom.questions.replay import last_answers
from classroom.questions.titles import titles
from classroom.questions.variants import LAST_SEED
from store.answers import Answers, Gone, StoredTest
from store.database import shared

LONGEST_TITLE = 120  # characters
MOST_QUESTIONS = 100
MOST_MINUTES = 600
MOST_ATTEMPTS = 10
MOST_EXTRA = 600  # minutes


@dataclass(frozen=True)
class ExamPlan:
    """What a test is to be."""

    title: str
    questions: tuple[str, ...]  # ids, in order
    shuffled: bool = True
    minutes: float | None = None  # for a sitting; None: as long as the test is open
    sittings: int = 1  # that a student may have
    seed: int | None = None  # None: drawn


@dataclass(frozen=True)
class ExamStatus:
    """A test as its instructor sees it."""

    __test__ = False  # it is none of pytest's

    id: str
    class_id: str
    title: str
    questions: tuple[str, ...]
    seed: int
    shuffled: bool
    minutes: float | None
    allowed: int  # sittings
    created: float
    opened: float | None
    closes: float | None  # for those without extra time
    closed: float | None  # by hand, or when it closed by itself
    open: bool  # until its results are released


@dataclass(frozen=True)
class AttemptProgress:
    """A student's sitting, as its instructor sees it."""

    member: str  # id
    name: str
    number: int
    answered: int
    started: float
    ends: float | None
    handed_in: float | None
    last: float | None  # when something was saved last
    over: bool
    extra: float  # minutes more than the others


@dataclass(frozen=True)
class OpenAnswer:
    """An open answer, which nobody but the instructor judges."""

    member: str  # id
    name: str
    number: int  # of the sitting
    text: str


def _answers() -> Answers:
    return Answers(shared())


def _of(who: Instructor, test_id: str) -> StoredTest:
    test = _answers().test(test_id)
    if test is None:
        raise NotAllowed("There is no such test in a class of yours.")
    check(who, test.class_id)
    return test


def may_be_asked(question: Question) -> bool:
    """Whether a question can stand in a test: not one on the student's own picture.

    What is right there depends on the picture, and everybody has another.
    """
    return question.kind != "picture"


def choosable(known: Bank | None = None) -> Mapping[str, Question]:
    """The questions that a test can have, in the bank's order.

    Args:
        known: with the class's own, as `custom_questions.bank_of` gives them.
    """
    known = known or bank()
    return {q.id: q for q in known.questions.values() if may_be_asked(q)}


def _now(test: StoredTest, now: float) -> ExamStatus:
    closed = test.closed
    if closed is None and test.closes is not None and released(test, now):
        closed = test.closes + MINUTE * test.longest_extra
    return ExamStatus(
        test.id,
        test.class_id,
        test.title,
        test.questions,
        test.seed,
        test.shuffled,
        test.minutes,
        test.sittings,
        test.created,
        test.opened,
        test.closes,
        closed if test.opened is not None else None,
        # With extra time somebody may still be at it when the others are not.
        test.opened is not None and not released(test, now),
    )


def of_class(who: Instructor, class_id: str) -> list[ExamStatus]:
    """The class's tests, the newest first.

    Raises:
        NotAllowed: the class is not theirs.
    """
    check(who, class_id)
    now = timing.clock()
    return [_now(test, now) for test in _answers().tests(class_id)]


def create(who: Instructor, class_id: str, plan: ExamPlan) -> ExamStatus:
    """A new test, not open yet.

    Raises:
        Refused: something about the plan cannot be.
        NotAllowed: the class is not theirs.
    """
    check(who, class_id)
    title = " ".join(plan.title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise Refused(f"A test needs a title, of {LONGEST_TITLE} characters at most.")
    if not 0 < len(plan.questions) <= MOST_QUESTIONS:
        raise Refused(f"A test has 1 to {MOST_QUESTIONS} questions.")
    if len(set(plan.questions)) != len(plan.questions):
        raise Refused("A question can stand in a test only once.")
    may = choosable(custom_questions.bank_of(class_id))
    if odd := [name for name in plan.questions if name not in may]:
        named = ", ".join(f"“{one}”" for one in titles(odd).values())
        raise Refused(f"These questions cannot stand in a test: {named}.")
    if plan.minutes is not None and not 0 < plan.minutes <= MOST_MINUTES:
        raise Refused(f"A sitting lasts {MOST_MINUTES} minutes at most.")
    if not 1 <= plan.sittings <= MOST_ATTEMPTS:
        raise Refused(f"A student has 1 to {MOST_ATTEMPTS} sittings.")
    seed = plan.seed if plan.seed is not None else secrets.randbelow(LAST_SEED) + 1
    if not 1 <= seed <= LAST_SEED:
        raise Refused(f"A seed is a number from 1 to {LAST_SEED:,}.")
    now = timing.clock()
    test = StoredTest(
        secrets.token_hex(8),
        class_id,
        title,
        plan.questions,
        seed,
        plan.shuffled,
        plan.minutes,
        plan.sittings,
        now,
    )
    try:
        _answers().add_test(test)
    except Gone as error:
        raise NotAllowed("That is not a class of yours.") from error
    return _now(test, now)


def open_exam(
    who: Instructor, test_id: str, minutes: float | None = None
) -> ExamStatus:
    """Opens a test, or opens it again.

    Args:
        minutes: after which it closes by itself; None: it is closed by hand.

    Raises:
        Refused: it is to close before it has opened, or its class has ended.
        NotAllowed: the test is not theirs.
    """
    test, now = _of(who, test_id), timing.clock()
    if minutes is not None and minutes <= 0:
        raise Refused("A test closes some minutes after it was opened.")
    if not classes.now(who, test.class_id).is_open:
        raise Refused("This class is closed: open it again to open a test.")
    closes = None if minutes is None else now + MINUTE * minutes
    opened = test.opened if test.opened is not None else now
    _answers().set_times(test_id, opened=opened, closes=closes, closed=None)
    following.tests_changed(test.class_id)
    return _now(_of(who, test_id), now)


def close_exam(who: Instructor, test_id: str) -> ExamStatus:
    """Ends all sittings, and releases the results. Again, it changes nothing.

    Raises:
        NotAllowed: the test is not theirs.
    """
    test, now = _of(who, test_id), timing.clock()
    if test.opened is not None and not released(test, now):
        _answers().set_times(
            test_id, opened=test.opened, closes=test.closes, closed=now
        )
        following.tests_changed(test.class_id)
    return _now(_of(who, test_id), now)


def give_extra_time(who: Instructor, test_id: str, member: str, minutes: float) -> None:
    """Minutes that a student has more than the others, in each sitting of a test.

    It may be given before and during a sitting; who sits sees it within seconds.

    Args:
        minutes: in all, not in addition to what they had; 0 takes them away.

    Raises:
        Refused: so many cannot be given.
        NotAllowed: the test is not theirs, or its class has no such student.
    """
    test = _of(who, test_id)
    if not 0 <= minutes <= MOST_EXTRA:
        raise Refused(f"Extra time is 0 to {MOST_EXTRA} minutes. Received: {minutes:g}")
    try:
        _answers().set_extra(test.id, member, minutes)
    except Gone as error:
        raise NotAllowed("There is no such student in this class.") from error


def extra_times(who: Instructor, test_id: str) -> Mapping[str, float]:
    """Member id -> minutes that they have more than the others.

    Raises:
        NotAllowed: the test is not theirs.
    """
    return _answers().extras(_of(who, test_id).id)


def delete_exam(who: Instructor, test_id: str) -> None:
    """Deletes a test and all that was answered in it.

    Raises:
        NotAllowed: the test is not theirs.
    """
    test = _of(who, test_id)
    _answers().delete_test(test.id)
    following.tests_changed(test.class_id)


def attempts(who: Instructor, test_id: str) -> list[AttemptProgress]:
    """Who sits the test, and how far everybody is.

    Raises:
        NotAllowed: the test is not theirs.
    """
    test, now = _of(who, test_id), timing.clock()
    sittings.give_drafts(test_id)
    found = []
    for seat in _answers().seats(test_id):
        sitting = as_now(seat.sitting, test, now)
        found.append(
            AttemptProgress(
                seat.member_id,
                seat.name,
                sitting.number,
                seat.answered,
                sitting.started,
                sitting.ends,
                sitting.handed_in,
                seat.last,
                sitting.over,
                sitting.extra,
            )
        )
    return found


def open_answers(who: Instructor, test_id: str) -> Mapping[str, list[OpenAnswer]]:
    """Open question -> its answers, in the order of names.

    Raises:
        NotAllowed: the test is not theirs.
    """
    test = _of(who, test_id)
    sittings.give_drafts(test_id)
    custom_questions.learn(test.class_id, test.questions)
    known = [find(name) for name in test.questions if is_known(name)]
    names = [question.id for question in known if question.kind == "open"]
    found: dict[str, list[OpenAnswer]] = {name: [] for name in names}
    if not names:
        return found
    given = _answers().given_in_test(test_id, names)
    for seat in _answers().seats(test_id):
        last = last_answers(given.get(seat.sitting.id, ()))
        for variant, row in last.items():
            if isinstance(row.answer, dict):
                text = str(row.answer.get("text"))
                found[variant.question].append(
                    OpenAnswer(seat.member_id, seat.name, seat.sitting.number, text)
                )
    return found

"""A class's exams, as its instructor makes, opens, watches and closes them.

Every function takes the `Instructor` who asks, and refuses one who does not own the
class. Closing an exam ends its attempts and releases the results to those who took it.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

import clock
from classroom.exams import attempts
from classroom.exams.attempts import ExamRefused
from classroom.exams.timing import MINUTE, as_now, order, released
from classroom.people import classes
from classroom.people.classes import check
from classroom.people.following import following
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from classroom.questions.bank import bank
from classroom.questions.question_files import Bank, Question
from classroom.questions.titles import titles
from classroom.questions.variants import LAST_SEED, Variant
from store.answers.answers import Answers, ExamGone, StoredAttempt, StoredExam
from store.database import shared

LONGEST_TITLE = 120  # characters
MOST_QUESTIONS = 100
MOST_MINUTES = 600
MOST_ATTEMPTS = 10
MOST_EXTRA = 600  # minutes
MOST_DAYS = 366  # for which an exam is open
DAY = 86_400.0  # seconds


@dataclass(frozen=True)
class ExamPlan:
    """What an exam is to be."""

    title: str
    questions: tuple[str, ...]  # ids, in order
    shuffled: bool = True
    minutes: float | None = None  # for an attempt; None: as long as the exam is open
    attempts_allowed: int = 1  # per student
    seed: int | None = None  # None: drawn


@dataclass(frozen=True)
class ExamStatus:
    """An exam as its instructor sees it."""

    __test__ = False  # it is none of pytest's

    id: str
    class_id: str
    title: str
    questions: tuple[str, ...]
    seed: int
    shuffled: bool
    minutes: float | None
    allowed: int  # attempts
    created: float
    opened: float | None
    closes: float | None  # for those without extra time
    closed: float | None  # by hand, or when it closed by itself
    open: bool  # until its results are released


@dataclass(frozen=True)
class AttemptProgress:
    """A student's attempt, as its instructor sees it."""

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


def _answers() -> Answers:
    return Answers(shared())


def owned(who: Instructor, exam_id: str) -> StoredExam:
    """An exam of one of their classes.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam = _answers().exam(exam_id)
    if exam is None:
        raise NotAllowed("There is no such test in a class of yours.")
    check(who, exam.class_id)
    return exam


def may_be_asked(question: Question) -> bool:
    """Whether a question can stand in an exam: not one on the student's own picture.

    What is right there depends on the picture, and everybody has another.
    """
    return question.kind != "picture"


def choosable(known: Bank | None = None) -> Mapping[str, Question]:
    """The questions that an exam can have, in the bank's order.

    Args:
        known: with the class's own, as `custom_questions.bank_of` gives them.
    """
    known = known or bank()
    return {q.id: q for q in known.questions.values() if may_be_asked(q)}


def _now(exam: StoredExam, now: float) -> ExamStatus:
    closed = exam.closed
    if closed is None and exam.closes is not None and released(exam, now):
        closed = exam.closes + MINUTE * exam.longest_extra
    return ExamStatus(
        exam.id,
        exam.class_id,
        exam.title,
        exam.questions,
        exam.seed,
        exam.shuffled,
        exam.minutes,
        exam.attempts_allowed,
        exam.created,
        exam.opened,
        exam.closes,
        closed if exam.opened is not None else None,
        # With extra time somebody may still be at it when the others are not.
        exam.opened is not None and not released(exam, now),
    )


def of_class(who: Instructor, class_id: str) -> list[ExamStatus]:
    """The class's exams, the newest first.

    Raises:
        NotAllowed: the class is not theirs.
    """
    check(who, class_id)
    now = clock.now()
    return [_now(exam, now) for exam in _answers().exams(class_id)]


def _checked(class_id: str, plan: ExamPlan) -> ExamPlan:
    """The plan with its title and seed as they are stored.

    Raises:
        ExamRefused: something about it cannot be.
    """
    title = " ".join(plan.title.split())
    if not 0 < len(title) <= LONGEST_TITLE:
        raise ExamRefused(
            f"A test needs a title, of {LONGEST_TITLE} characters at most."
        )
    if not 0 < len(plan.questions) <= MOST_QUESTIONS:
        raise ExamRefused(f"A test has 1 to {MOST_QUESTIONS} questions.")
    if len(set(plan.questions)) != len(plan.questions):
        raise ExamRefused("A question can stand in a test only once.")
    may = choosable(custom_questions.bank_of(class_id))
    if odd := [name for name in plan.questions if name not in may]:
        named = ", ".join(f"“{one}”" for one in titles(odd).values())
        raise ExamRefused(f"These questions cannot stand in a test: {named}.")
    if plan.minutes is not None and not 0 < plan.minutes <= MOST_MINUTES:
        raise ExamRefused(f"A sitting lasts {MOST_MINUTES} minutes at most.")
    if not 1 <= plan.attempts_allowed <= MOST_ATTEMPTS:
        raise ExamRefused(f"A student has 1 to {MOST_ATTEMPTS} sittings.")
    seed = plan.seed if plan.seed is not None else secrets.randbelow(LAST_SEED) + 1
    if not 1 <= seed <= LAST_SEED:
        raise ExamRefused(f"A seed is a number from 1 to {LAST_SEED:,}.")
    return replace(plan, title=title, seed=seed)


def _stored(exam_id: str, class_id: str, plan: ExamPlan, created: float) -> StoredExam:
    assert plan.seed is not None
    return StoredExam(
        exam_id,
        class_id,
        plan.title,
        plan.questions,
        plan.seed,
        plan.shuffled,
        plan.minutes,
        plan.attempts_allowed,
        created,
    )


def create(who: Instructor, class_id: str, plan: ExamPlan) -> ExamStatus:
    """A new exam, not open yet.

    Raises:
        ExamRefused: something about the plan cannot be.
        NotAllowed: the class is not theirs.
    """
    check(who, class_id)
    plan, now = _checked(class_id, plan), clock.now()
    exam = _stored(secrets.token_hex(8), class_id, plan, now)
    try:
        _answers().add_exam(exam)
    except ExamGone as error:
        raise NotAllowed("That is not a class of yours.") from error
    return _now(exam, now)


def edit(who: Instructor, exam_id: str, plan: ExamPlan) -> ExamStatus:
    """Changes an exam that has not been opened yet.

    Raises:
        ExamRefused: it has been opened, or something about the plan cannot be.
        NotAllowed: the exam is not theirs.
    """
    exam = owned(who, exam_id)
    plan = _checked(exam.class_id, plan)
    new = _stored(exam.id, exam.class_id, plan, exam.created)
    if not _answers().change_exam(new):
        raise ExamRefused("This test has been opened: it cannot be changed any more.")
    return _now(new, clock.now())


def copy(who: Instructor, exam_id: str, class_id: str) -> ExamStatus:
    """The same exam once more, not open, for a class of theirs, with another seed.

    Questions that are asked no more are left out.

    Raises:
        ExamRefused: none of its questions is asked any more.
        NotAllowed: the exam or the class is not theirs.
    """
    exam = owned(who, exam_id)
    check(who, class_id)
    may = choosable(custom_questions.bank_of(class_id))
    plan = ExamPlan(
        exam.title,
        tuple(name for name in exam.questions if name in may),
        exam.shuffled,
        exam.minutes,
        exam.attempts_allowed,
    )
    return create(who, class_id, plan)


def preview(who: Instructor, exam_id: str, student: int) -> tuple[Variant, ...]:
    """The questions of an exam in the order of some student; nothing is stored.

    Args:
        student: another number, another order and other numbers in the questions.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam = owned(who, exam_id)
    seed = attempts.seed_of("preview", exam.seed, student)
    return order(exam, StoredAttempt("", "", exam.id, 1, seed, clock.now()))


def open_exam(
    who: Instructor,
    exam_id: str,
    minutes: float | None = None,
    *,
    until: float | None = None,
) -> ExamStatus:
    """Opens an exam, opens it again, or changes when an open one closes.

    Args:
        minutes: after which it closes by itself; None: it is closed by hand.
        until: the moment at which it does, in place of minutes; seconds since 1970.

    Raises:
        ExamRefused: it is to close before it has opened or in more than a year, or its
            class has ended.
        NotAllowed: the exam is not theirs.
    """
    exam, now = owned(who, exam_id), clock.now()
    if minutes is not None and minutes <= 0:
        raise ExamRefused("A test closes some minutes after it was opened.")
    closes = until if minutes is None else now + MINUTE * minutes
    if closes is not None and not now < closes <= now + DAY * MOST_DAYS:
        raise ExamRefused("The deadline has to be later than now, by a year at most.")
    if not classes.now(who, exam.class_id).is_open:
        raise ExamRefused("This class is closed: open it again to open a test.")
    opened = exam.opened if exam.is_open(now) else now
    _answers().set_times(exam_id, opened=opened, closes=closes, closed=None)
    following.changed(exam.class_id)
    return _now(owned(who, exam_id), now)


def close_exam(who: Instructor, exam_id: str) -> ExamStatus:
    """Ends all attempts, and releases the results. Again, it changes nothing.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam, now = owned(who, exam_id), clock.now()
    if exam.opened is not None and not released(exam, now):
        _answers().set_times(
            exam_id, opened=exam.opened, closes=exam.closes, closed=now
        )
        following.changed(exam.class_id)
    return _now(owned(who, exam_id), now)


def give_extra_time(who: Instructor, exam_id: str, member: str, minutes: float) -> None:
    """Minutes that a student has more than the others, in each attempt at an exam.

    It may be given before and during an attempt; the student sees it within seconds.

    Args:
        minutes: in all, not in addition to what they had; 0 takes them away.

    Raises:
        ExamRefused: so many cannot be given.
        NotAllowed: the exam is not theirs, or its class has no such student.
    """
    exam = owned(who, exam_id)
    if not 0 <= minutes <= MOST_EXTRA:
        raise ExamRefused(
            f"Extra time is 0 to {MOST_EXTRA} minutes. Received: {minutes:g}"
        )
    try:
        _answers().set_extra(exam.id, member, minutes)
    except ExamGone as error:
        raise NotAllowed("There is no such student in this class.") from error


def extra_times(who: Instructor, exam_id: str) -> Mapping[str, float]:
    """Member id -> minutes that they have more than the others.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    return _answers().extras(owned(who, exam_id).id)


def delete_exam(who: Instructor, exam_id: str) -> None:
    """Deletes an exam and all that was answered in it.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam = owned(who, exam_id)
    _answers().delete_exam(exam.id)
    following.changed(exam.class_id)


def attempts_at(who: Instructor, exam_id: str) -> list[AttemptProgress]:
    """The attempts at an exam, and how far each is.

    Raises:
        NotAllowed: the exam is not theirs.
    """
    exam, now = owned(who, exam_id), clock.now()
    attempts.give_drafts(exam_id)
    found = []
    for summary in _answers().attempts_at(exam_id):
        attempt = as_now(summary.attempt, exam, now)
        found.append(
            AttemptProgress(
                summary.member_id,
                summary.name,
                attempt.number,
                summary.answered,
                attempt.started,
                attempt.ends,
                attempt.handed_in,
                summary.last,
                attempt.over,
                attempt.extra,
            )
        )
    return found

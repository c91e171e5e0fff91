"""When an attempt is over, an exam is open, and its results are to be seen."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from classroom.questions import custom_questions
from classroom.questions.bank import is_known
from classroom.questions.variants import Variant
from store.answers.answers import StoredAttempt, StoredExam

GRACE = 2.0  # seconds that the network may take, after the end
MINUTE = 60.0  # seconds
# An exam that is open for longer, without minutes for an attempt, is done at home: an
# attempt can be left and taken up again until the deadline.
AT_HOME = 12 * 60 * MINUTE


@dataclass(frozen=True)
class AttemptStatus:
    """An attempt as it is now."""

    id: str
    exam_id: str | None  # None: practice
    number: int
    seed: int
    started: float
    ends: float | None  # by the server's clock; None: when it is handed in
    handed_in: float | None
    over: bool
    extra: float = 0.0  # minutes that its student has more than the others
    variants: tuple[Variant, ...] = ()  # of an exam, in this attempt's order
    answered: int = 0  # questions of an exam that can be left


@dataclass(frozen=True)
class StudentExam:
    """An exam of the student's class, and their attempts at it."""

    __test__ = False  # it is none of pytest's

    id: str
    title: str
    questions: int
    minutes: float | None
    closes: float | None
    open: bool
    allowed: int  # attempts
    attempts: tuple[AttemptStatus, ...]
    at_home: bool = False  # open for so long that attempts can be left

    @property
    def running(self) -> AttemptStatus | None:
        """The attempt that is not over."""
        return next((s for s in self.attempts if not s.over), None)

    @property
    def next(self) -> int | None:
        """The number of the attempt that may be begun; None: none may."""
        used = len(self.attempts)
        may = self.open and self.running is None and used < self.allowed
        return used + 1 if may else None


def end_of(attempt: StoredAttempt, exam: StoredExam | None) -> float | None:
    """When an attempt's time is up: its own, or its exam's; None: not by the clock.

    Extra time counts for both; what was closed by hand is closed for all.
    """
    timed = [attempt.ends] if exam is None else [attempt.ends, exam.closes]
    known = [end + MINUTE * attempt.extra for end in timed if end is not None]
    if exam is not None and exam.closed is not None:
        known.append(exam.closed)
    return min(known) if known else None


def at_home(exam: StoredExam) -> bool:
    """Whether attempts at an exam can be left and taken up again until its deadline."""
    if exam.minutes is not None or exam.opened is None or exam.closes is None:
        return False
    return exam.closes - exam.opened >= AT_HOME


def is_open(exam: StoredExam, now: float) -> bool:
    """Whether an attempt at an exam can be begun."""
    return exam.is_open(now)


def released(exam: StoredExam, now: float) -> bool:
    """Whether results are to be seen: once the exam is closed.

    One that closes by itself is so when those with extra time have had it.
    """
    if exam.opened is None or is_open(exam, now):
        return False
    if exam.closed is not None or exam.closes is None:
        return True
    return now >= exam.closes + MINUTE * exam.longest_extra


def order(exam: StoredExam, attempt: StoredAttempt) -> tuple[Variant, ...]:
    """An attempt's variants, in its order. What the bank has no longer is left out."""
    custom_questions.learn(exam.class_id, exam.questions)
    names = [name for name in exam.questions if is_known(name)]
    if exam.shuffled:
        Random(f"order:{attempt.seed}").shuffle(names)
    return tuple(Variant(name, attempt.seed) for name in names)


def as_now(
    attempt: StoredAttempt, exam: StoredExam | None, now: float
) -> AttemptStatus:
    """An attempt as it is at that moment."""
    ends = end_of(attempt, exam)
    return AttemptStatus(
        attempt.id,
        attempt.exam_id,
        attempt.number,
        attempt.seed,
        attempt.started,
        ends,
        attempt.handed_in,
        attempt.handed_in is not None or (ends is not None and now >= ends),
        attempt.extra,
        () if exam is None else order(exam, attempt),
    )


def for_student(
    exam: StoredExam, own: tuple[AttemptStatus, ...], now: float
) -> StudentExam:
    """An exam as a student sees it, with their own attempts."""
    return StudentExam(
        exam.id,
        exam.title,
        len(exam.questions),
        exam.minutes,
        exam.closes,
        is_open(exam, now),
        exam.attempts_allowed,
        own,
        at_home(exam),
    )

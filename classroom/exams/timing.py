"""When a sitting is over, when an exam is open, and when its results are to be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from classroom.questions import custom_questions
from classroom.questions.bank import is_known
from classroom.questions.variants import Variant
from store.answers import StoredExam, StoredSitting

GRACE = 2.0  # seconds that the network may take, after the end
MINUTE = 60.0  # seconds

# By this clock alone a sitting is over. Tests turn it.
clock: Callable[[], float] = time.time


@dataclass(frozen=True)
class SittingNow:
    """A sitting as it is now."""

    id: str
    exam_id: str | None  # None: practice
    number: int
    seed: int
    started: float
    ends: float | None  # by the server's clock; None: when it is handed in
    handed_in: float | None
    over: bool
    extra: float = 0.0  # minutes that its student has more than the others
    variants: tuple[Variant, ...] = ()  # of an exam, in this sitting's order


@dataclass(frozen=True)
class StudentExam:
    """An exam of the student's class, and their sittings of it."""

    __test__ = False  # it is none of pytest's

    id: str
    title: str
    questions: int
    minutes: float | None
    closes: float | None
    open: bool
    allowed: int  # sittings
    sittings: tuple[SittingNow, ...]

    @property
    def running(self) -> SittingNow | None:
        """The sitting that is not over."""
        return next((s for s in self.sittings if not s.over), None)

    @property
    def next(self) -> int | None:
        """The number of the sitting that may be begun; None: none may."""
        used = len(self.sittings)
        may = self.open and self.running is None and used < self.allowed
        return used + 1 if may else None


def end_of(sitting: StoredSitting, exam: StoredExam | None) -> float | None:
    """When a sitting's time is up: its own, or its exam's; None: not by the clock.

    Extra time counts for both; what was closed by hand is closed for all.
    """
    timed = [sitting.ends] if exam is None else [sitting.ends, exam.closes]
    known = [end + MINUTE * sitting.extra for end in timed if end is not None]
    if exam is not None and exam.closed is not None:
        known.append(exam.closed)
    return min(known) if known else None


def is_open(exam: StoredExam, now: float) -> bool:
    """Whether a sitting of an exam can be begun."""
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


def order(exam: StoredExam, sitting: StoredSitting) -> tuple[Variant, ...]:
    """A sitting's variants, in its order. What the bank has no longer is left out."""
    custom_questions.learn(exam.class_id, exam.questions)
    names = [name for name in exam.questions if is_known(name)]
    if exam.shuffled:
        Random(f"order:{sitting.seed}").shuffle(names)
    return tuple(Variant(name, sitting.seed) for name in names)


def as_now(sitting: StoredSitting, exam: StoredExam | None, now: float) -> SittingNow:
    """A sitting as it is at that moment."""
    ends = end_of(sitting, exam)
    return SittingNow(
        sitting.id,
        sitting.exam_id,
        sitting.number,
        sitting.seed,
        sitting.started,
        ends,
        sitting.handed_in,
        sitting.handed_in is not None or (ends is not None and now >= ends),
        sitting.extra,
        () if exam is None else order(exam, sitting),
    )

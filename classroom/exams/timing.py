"""When a sitting is over, when a test is open, and when its results are to be seen."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from classroom.questions import custom_questions
from classroom.questions.bank import is_known
from classroom.questions.variants import Variant
from store.answers import StoredSitting, StoredTest

GRACE = 2.0  # seconds that the network may take, after the end
MINUTE = 60.0  # seconds

# By this clock alone a sitting is over. Tests turn it.
clock: Callable[[], float] = time.time


@dataclass(frozen=True)
class SittingNow:
    """A sitting as it is now."""

    id: str
    test_id: str | None  # None: practice
    number: int
    seed: int
    started: float
    ends: float | None  # by the server's clock; None: when it is handed in
    handed_in: float | None
    over: bool
    extra: float = 0.0  # minutes that its student has more than the others
    variants: tuple[Variant, ...] = ()  # of a test, in this sitting's order


@dataclass(frozen=True)
class StudentExam:
    """A test of the student's class, and their sittings of it."""

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


def end_of(sitting: StoredSitting, test: StoredTest | None) -> float | None:
    """When a sitting's time is up: its own, or its test's; None: not by the clock.

    Extra time counts for both; what was closed by hand is closed for all.
    """
    timed = [sitting.ends] if test is None else [sitting.ends, test.closes]
    known = [end + MINUTE * sitting.extra for end in timed if end is not None]
    if test is not None and test.closed is not None:
        known.append(test.closed)
    return min(known) if known else None


def is_open(test: StoredTest, now: float) -> bool:
    """Whether a sitting of a test can be begun."""
    return test.is_open(now)


def released(test: StoredTest, now: float) -> bool:
    """Whether results are to be seen: once the test is closed.

    One that closes by itself is so when those with extra time have had it.
    """
    if test.opened is None or is_open(test, now):
        return False
    if test.closed is not None or test.closes is None:
        return True
    return now >= test.closes + MINUTE * test.longest_extra


def order(test: StoredTest, sitting: StoredSitting) -> tuple[Variant, ...]:
    """A sitting's variants, in its order. What the bank has no longer is left out."""
    custom_questions.learn(test.class_id, test.questions)
    names = [name for name in test.questions if is_known(name)]
    if test.shuffled:
        Random(f"order:{sitting.seed}").shuffle(names)
    return tuple(Variant(name, sitting.seed) for name in names)


def as_now(sitting: StoredSitting, test: StoredTest | None, now: float) -> SittingNow:
    """A sitting as it is at that moment."""
    ends = end_of(sitting, test)
    return SittingNow(
        sitting.id,
        sitting.test_id,
        sitting.number,
        sitting.seed,
        sitting.started,
        ends,
        sitting.handed_in,
        sitting.handed_in is not None or (ends is not None and now >= ends),
        sitting.extra,
        () if test is None else order(test, sitting),
    )

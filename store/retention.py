"""Deletes classes that are long over, and sign-ins that have ended.

With a class go its members, exams, attempts and answers: the tables cascade.
"""

from __future__ import annotations

import logging
import math
import os
import threading
from collections.abc import Callable
from dataclasses import dataclass, fields

from sqlalchemy import CursorResult, and_, delete, exists, func, or_, select

import clock
from store import data_sets
from store.database import Database, DatabaseAway
from store.runs import DAY, Limits, Runs
from store.tables import (
    Attempt,
    Class,
    Exam,
    Member,
    Response,
    SetUp,
    SignIn,
    SignInTry,
)

log = logging.getLogger(__name__)

TRIES = DAY  # seconds that a wrong password is remembered; they count for minutes
SOON = 600.0  # seconds after which it is tried again if the database was away


@dataclass(frozen=True)
class Keep:
    """How long classes are kept after their end."""

    days: float = 365.0

    @staticmethod
    def from_environment() -> Keep:
        """From $CLASS_KEEP_DAYS where it is set.

        Raises:
            ValueError: it is not a number of 1 or more.
        """
        given = os.environ.get("CLASS_KEEP_DAYS", "")
        try:
            days = float(given) if given else Keep.days
        except ValueError:
            days = 0.0
        if not 1 <= days < math.inf:
            raise ValueError(
                f"Expected CLASS_KEEP_DAYS to be a number of days from 1. "
                f"Received: {given!r}"
            )
        return Keep(days)


@dataclass(frozen=True)
class Pruned:
    """How much was deleted."""

    classes: int = 0
    members: int = 0
    answers: int = 0
    sign_ins: int = 0
    set_ups: int = 0
    tries: int = 0
    data_sets: int = 0

    def __bool__(self) -> bool:
        return any(getattr(self, field.name) for field in fields(self))

    def __str__(self) -> str:
        return (
            f"{many(self.classes, 'class', 'classes')} with "
            f"{many(self.members, 'member')} and {many(self.answers, 'answer')}, "
            f"{many(self.sign_ins, 'sign-in')}, {many(self.set_ups, 'set-up link')}, "
            f"{many(self.tries, 'wrong password')}, {many(self.data_sets, 'data set')}"
        )


def many(number: int, one: str, more: str = "") -> str:
    """1 class, 2 classes."""
    return f"{number:,} {one if number == 1 else more or one + 's'}"


def prune(database: Database, keep: Keep, now: float | None = None) -> Pruned:
    """Deletes what need not be kept any more.

    A class is over when it was closed; one that nobody closed, when nobody has been
    there since. Each class is a transaction of its own: answers are given meanwhile.
    """
    now = clock.now() if now is None else now
    before = now - keep.days * DAY
    over = or_(
        Class.closed < before,
        and_(
            Class.closed.is_(None),
            Class.opened < before,
            Class.moved < before,
            ~exists().where(Member.class_id == Class.id, Member.seen >= before),
            ~exists().where(
                Exam.class_id == Class.id,
                func.coalesce(Exam.opened, Exam.created) >= before,
            ),
        ),
    )
    with database.reading() as session:
        found = session.scalars(select(Class.id).where(over)).all()
    classes = members = answers = 0
    for class_id in found:
        with database.writing() as session:
            of_class = select(Member.id).where(Member.class_id == class_id)
            had = session.scalar(select(func.count()).select_from(of_class.subquery()))
            given = session.scalar(
                select(func.count())
                .select_from(Response)
                .join(Attempt, Attempt.id == Response.attempt_id)
                .where(Attempt.member_id.in_(of_class))
            )
            gone = session.execute(delete(Class).where(Class.id == class_id, over))
            if _count(gone):  # nobody has come back to it since it was found
                classes, members, answers = (
                    classes + 1,
                    members + (had or 0),
                    answers + (given or 0),
                )
    with database.writing() as session:
        return Pruned(
            classes,
            members,
            answers,
            _count(session.execute(delete(SignIn).where(SignIn.ends < now))),
            _count(session.execute(delete(SetUp).where(SetUp.ends < now))),
            _count(
                session.execute(delete(SignInTry).where(SignInTry.at < now - TRIES))
            ),
            data_sets.prune(session, before),
        )


def _count(result: object) -> int:
    assert isinstance(result, CursorResult)
    return int(result.rowcount)


def prune_all(database: Database) -> tuple[Pruned, int]:
    """Everything that has a limit, as the environment says; also how many runs went.

    Raises:
        ValueError: a setting is not a number.
    """
    keep, limits = Keep.from_environment(), Limits.from_environment()
    pruned, runs = prune(database, keep), len(Runs(database).prune(limits))
    database.forget_log()
    return pruned, runs


class Daily:
    """Prunes when it starts and then once a day, in a thread of its own."""

    def __init__(self, database: Callable[[], Database], every: float = DAY) -> None:
        self._database = database
        self._every = every
        self._end = threading.Event()
        self._thread = threading.Thread(
            target=self._run, name="store-retention", daemon=True
        )

    def start(self) -> None:
        """Begins; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Ends it, after what it is just doing."""
        self._end.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)

    def _run(self) -> None:
        pause = 0.0
        while not self._end.wait(pause):
            pause = self._every
            try:
                pruned, runs = prune_all(self._database())
            except DatabaseAway:  # it has said so in the log
                pause = min(SOON, self._every)
            except ValueError as error:
                log.error("Nothing is pruned: %s", error)
            else:
                if pruned or runs:
                    log.info("Pruned %s, %d runs", pruned, runs)


# --- the one of this process ----------------------------------------------------------

_lock = threading.Lock()
_daily: Daily | None = None


def start(database: Callable[[], Database]) -> None:
    """Prunes from now on, once a day, until `stop`."""
    global _daily
    with _lock:
        if _daily is None:
            _daily = Daily(database)
            _daily.start()


def stop() -> None:
    """Ends it."""
    global _daily
    with _lock:
        daily, _daily = _daily, None
    if daily is not None:
        daily.stop()

"""Attempts, what is given in them, and a class's exams. Every change: one transaction.

What one student has is asked for with that student's member id, and nothing else is
found or touched. What is inserted has a key made of what it belongs to, so inserting
it again, at the same moment from elsewhere, or after a lost reply, changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

from sqlalchemy import Select, and_, delete, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.tables import Attempt, Base, Exam, ExtraTime, Member, Response


@dataclass(frozen=True)
class StoredExam:
    """A record of `tests`."""

    id: str
    class_id: str
    title: str
    questions: tuple[str, ...]
    seed: int
    shuffled: bool
    minutes: float | None
    attempts_allowed: int
    created: float
    opened: float | None = None
    closes: float | None = None
    closed: float | None = None
    longest_extra: float = 0.0  # minutes: the most that a student has of it

    def is_open(self, now: float) -> bool:
        """Whether it can be taken."""
        if self.opened is None or self.closed is not None:
            return False
        return self.closes is None or now < self.closes


@dataclass(frozen=True)
class StoredAttempt:
    """A record of `sittings`."""

    id: str
    member_id: str
    exam_id: str | None
    number: int
    seed: int
    started: float
    ends: float | None = None  # without extra time
    handed_in: float | None = None
    extra: float = 0.0  # minutes that its student has more than the others


@dataclass(frozen=True)
class StoredResponse:
    """A record of `given`."""

    attempt_id: str
    question: str
    seed: int
    number: int
    kind: str
    answer: Any
    truth: Any
    score: float
    sentence: str
    mistake: str | None
    counts: bool
    own: bool
    at: float

    @property
    def key(self) -> str:
        """The record's key: of the attempt, the variant and the number."""
        return f"{self.attempt_id}:{self.question}:{self.seed}:{self.number}"


@dataclass(frozen=True)
class AttemptSummary:
    """One attempt at an exam, as its instructor sees it."""

    member_id: str
    name: str
    attempt: StoredAttempt
    answered: int  # different questions
    last: float | None  # when something was given last


class ExamGone(LookupError):
    """The member, the class or the exam is no longer there."""


# Minutes of the attempt's student; of the student with most, for an exam.
EXTRA = and_(
    ExtraTime.exam_id == Attempt.exam_id, ExtraTime.member_id == Attempt.member_id
)
_LONGEST = (
    select(func.max(ExtraTime.minutes))
    .where(ExtraTime.exam_id == Exam.id)
    .correlate(Exam)
    .scalar_subquery()
)


def _exam(record: Exam, longest: float | None) -> StoredExam:
    questions = tuple(json.loads(record.questions))
    longest_extra = longest or 0.0
    return as_data(StoredExam, record, questions=questions, longest_extra=longest_extra)


def stored_attempt(record: Attempt, extra: float | None) -> StoredAttempt:
    return as_data(StoredAttempt, record, extra=extra or 0.0)


# The columns of a `StoredResponse`, in the order of its fields.
RESPONSE = tuple(getattr(Response, field.name) for field in fields(StoredResponse))


def stored_responses(session: Session, query: Select[Any]) -> list[StoredResponse]:
    """The responses that a query of the columns `RESPONSE` finds."""
    found = []
    for record in session.execute(query):
        values = list(record)
        values[5:7] = map(json.loads, record[5:7])  # answer and truth
        found.append(StoredResponse(*values))
    return found


def _insert_once(session: Session, table: type[Base], **values: Any) -> bool:
    """Inserts a record unless its key is there; returns whether it was not.

    Raises:
        ExamGone: what the row belongs to is no longer there.
    """
    builders: dict[str, Callable[[Any], Any]] = {
        "sqlite": sqlite.insert,
        "postgresql": postgresql.insert,
    }
    insert_into = builders[session.get_bind().dialect.name](table)
    query = insert_into.values(**values).on_conflict_do_nothing()
    try:
        done: Any = session.execute(query)
    except IntegrityError as error:
        raise ExamGone(f"{table.__tablename__}: what it belongs to is gone") from error
    return bool(done.rowcount)


# What an attempt's state allows: given the exam (None: practice), the attempt and what
# was given about the variant so far, what is to be stored; None: nothing.
Judge = Callable[
    [StoredExam | None, StoredAttempt, Sequence[StoredResponse]], StoredResponse | None
]


class Answers:
    """Attempts, what is given in them, and exams, of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- one student's ----------------------------------------------------------------

    def begin(self, attempt: StoredAttempt) -> StoredAttempt:
        """The attempt with that id, made if it is not there.

        Raises:
            ExamGone: there is no such member or exam any more.
        """
        with self.database.reading() as session:  # nearly always it is there
            found = _own_attempt(session, attempt.member_id, attempt.id)
            if found is not None:
                return found[0]
        values = {k: v for k, v in asdict(attempt).items() if k != "extra"}
        with self.database.writing() as session:
            _insert_once(session, Attempt, **values)
            found = _own_attempt(session, attempt.member_id, attempt.id)
        if found is None:
            raise ExamGone("There is no such attempt")
        return found[0]

    def attempt(
        self, member_id: str, attempt_id: str
    ) -> tuple[StoredAttempt, StoredExam | None] | None:
        """A student's attempt and its exam; None if they have no such attempt."""
        with self.database.reading() as session:
            return _own_attempt(session, member_id, attempt_id)

    def attempts(self, member_id: str) -> list[StoredAttempt]:
        """All of a student's attempts, in order."""
        query = (
            select(Attempt, ExtraTime.minutes)
            .outerjoin(ExtraTime, EXTRA)
            .where(Attempt.member_id == member_id)
            .order_by(Attempt.started, Attempt.number)
        )
        with self.database.reading() as session:
            return [stored_attempt(*record) for record in session.execute(query)]

    def deal(self, member_id: str, attempt_id: str, seed: int, now: float) -> None:
        """Practice starts over with another seed; earlier answers stay."""
        with self.database.writing() as session:
            session.execute(
                update(Attempt)
                .where(Attempt.id == attempt_id, Attempt.member_id == member_id)
                .values(seed=seed, started=now)
            )

    def hand_in(self, member_id: str, attempt_id: str, now: float) -> None:
        """Ends an attempt; the first time counts."""
        with self.database.writing() as session:
            session.execute(
                update(Attempt)
                .where(
                    Attempt.id == attempt_id,
                    Attempt.member_id == member_id,
                    Attempt.handed_in.is_(None),
                )
                .values(handed_in=now)
            )

    def give(
        self, member_id: str, attempt_id: str, question: str, seed: int, judge: Judge
    ) -> list[StoredResponse]:
        """Stores what the judge makes of the state; all about the variant by then.

        Raises:
            ExamGone: the student has no such attempt.
            Whatever the judge raises: then nothing is stored.
        """
        query = (
            select(*RESPONSE)
            .where(
                Response.attempt_id == attempt_id,
                Response.question == question,
                Response.seed == seed,
            )
            .order_by(Response.number)
        )
        with self.database.writing() as session:
            found = _own_attempt(session, member_id, attempt_id)
            if found is None:
                raise ExamGone("There is no such attempt")
            attempt, exam = found
            before = stored_responses(session, query)
            new = judge(exam, attempt, before)
            if new is None:
                return before
            values = asdict(new) | {
                "answer": json.dumps(new.answer),
                "truth": json.dumps(new.truth),
            }
            if _insert_once(session, Response, key=new.key, **values):
                return [*before, new]
            # Somebody was quicker, on a database where writers do not wait.
            return stored_responses(session, query)

    def responses(self, member_id: str, attempt_id: str) -> list[StoredResponse]:
        """All that a student gave in an attempt, in the order of time."""
        query = (
            select(*RESPONSE)
            .join(Attempt, Attempt.id == Response.attempt_id)
            .where(Response.attempt_id == attempt_id, Attempt.member_id == member_id)
            .order_by(Response.at, Response.number)
        )
        with self.database.reading() as session:
            return stored_responses(session, query)

    # --- classes' exams --------------------------------------------------------------

    def add_exam(self, exam: StoredExam) -> None:
        """Adds an exam.

        Raises:
            ExamGone: there is no such class any more.
        """
        values = asdict(exam) | {"questions": json.dumps(exam.questions)}
        del values["longest_extra"]
        with self.database.writing() as session:
            try:
                session.execute(insert(Exam).values(**values))
            except IntegrityError as error:
                raise ExamGone("There is no such class") from error

    def change_exam(self, exam: StoredExam) -> bool:
        """Changes an exam that was never opened; whether there was one."""
        values = asdict(exam) | {"questions": json.dumps(exam.questions)}
        for fixed in ("id", "class_id", "created", "longest_extra"):
            del values[fixed]
        still = (Exam.id == exam.id, Exam.opened.is_(None))
        with self.database.writing() as session:
            done: Any = session.execute(update(Exam).where(*still).values(**values))
            return bool(done.rowcount)

    def exam(self, exam_id: str) -> StoredExam | None:
        """The exam, or None."""
        query = select(Exam, _LONGEST).where(Exam.id == exam_id)
        with self.database.reading() as session:
            record = session.execute(query).one_or_none()
            return None if record is None else _exam(*record)

    def exams(self, class_id: str) -> list[StoredExam]:
        """A class's exams, the newest first."""
        query = select(Exam, _LONGEST).where(Exam.class_id == class_id)
        query = query.order_by(Exam.created.desc(), Exam.id)
        with self.database.reading() as session:
            return [_exam(*record) for record in session.execute(query)]

    def opened(self, class_ids: Iterable[str]) -> list[StoredExam]:
        """Exams of some classes that are open or were, in no order."""
        query = select(Exam, _LONGEST).where(
            Exam.class_id.in_(list(class_ids)), Exam.opened.is_not(None)
        )
        with self.database.reading() as session:
            return [_exam(*record) for record in session.execute(query)]

    def set_times(
        self,
        exam_id: str,
        *,
        opened: float | None,
        closes: float | None,
        closed: float | None,
    ) -> None:
        """When an exam was opened, will close by itself, and was closed."""
        with self.database.writing() as session:
            session.execute(
                update(Exam)
                .where(Exam.id == exam_id)
                .values(opened=opened, closes=closes, closed=closed)
            )

    def set_extra(self, exam_id: str, member_id: str, minutes: float) -> None:
        """Minutes that a student has more, from now on; 0: none.

        Raises:
            ExamGone: the exam's class has no such member, or the exam is gone.
        """
        mine = and_(ExtraTime.exam_id == exam_id, ExtraTime.member_id == member_id)
        there = select(Member.id).join(Exam, Exam.class_id == Member.class_id)
        there = there.where(Exam.id == exam_id, Member.id == member_id)
        with self.database.writing() as session:
            if session.scalar(there) is None:
                raise ExamGone("The test's class has no such member")
            session.execute(delete(ExtraTime).where(mine))
            if minutes:
                session.execute(
                    insert(ExtraTime).values(
                        exam_id=exam_id, member_id=member_id, minutes=minutes
                    )
                )

    def extras(self, exam_id: str) -> dict[str, float]:
        """Member id -> the minutes that they have more than the others."""
        query = select(ExtraTime.member_id, ExtraTime.minutes)
        with self.database.reading() as session:
            found = session.execute(query.where(ExtraTime.exam_id == exam_id))
            return {member: minutes for member, minutes in found}

    def delete_exam(self, exam_id: str) -> None:
        """Deletes an exam, its attempts and what was given in them."""
        with self.database.writing() as session:
            session.execute(delete(Exam).where(Exam.id == exam_id))
        self.database.forget_log()

    def attempts_at(self, exam_id: str) -> list[AttemptSummary]:
        """All attempts at an exam, by name and number."""
        query = (
            select(
                Attempt,
                Member.name,
                func.count(Response.question.distinct()),
                func.max(Response.at),
                ExtraTime.minutes,
            )
            .join(Member, Member.id == Attempt.member_id)
            .outerjoin(ExtraTime, EXTRA)
            .outerjoin(Response, Response.attempt_id == Attempt.id)
            .where(Attempt.exam_id == exam_id)
            .group_by(Attempt.id, Member.name, ExtraTime.minutes)
            .order_by(Member.name, Attempt.number)
        )
        with self.database.reading() as session:
            return [
                AttemptSummary(
                    record.member_id,
                    name,
                    stored_attempt(record, extra),
                    answered,
                    last,
                )
                for record, name, answered, last, extra in session.execute(query)
            ]

    def responses_in_exam(
        self, exam_id: str, questions: Sequence[str]
    ) -> Mapping[str, list[StoredResponse]]:
        """Attempt id -> what was given about some questions, in the order of time."""
        query = (
            select(*RESPONSE)
            .join(Attempt, Attempt.id == Response.attempt_id)
            .where(Attempt.exam_id == exam_id, Response.question.in_(list(questions)))
            .order_by(Response.at, Response.number)
        )
        found: dict[str, list[StoredResponse]] = {}
        with self.database.reading() as session:
            for response in stored_responses(session, query):
                found.setdefault(response.attempt_id, []).append(response)
        return found


def _own_attempt(
    session: Session, member_id: str, attempt_id: str
) -> tuple[StoredAttempt, StoredExam | None] | None:
    query = (
        select(Attempt, ExtraTime.minutes, Exam, _LONGEST)
        .outerjoin(Exam, Exam.id == Attempt.exam_id)
        .outerjoin(ExtraTime, EXTRA)
        .where(Attempt.id == attempt_id, Attempt.member_id == member_id)
    )
    record = session.execute(query).one_or_none()
    if record is None:
        return None
    attempt, extra, exam, longest = record
    return stored_attempt(attempt, extra), None if exam is None else _exam(
        exam, longest
    )

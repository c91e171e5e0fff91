"""Marks of open answers. A change says which version it has seen, or is refused."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select, update
from sqlalchemy.exc import IntegrityError

from store.answers.answers import (
    EXTRA,
    RESPONSE,
    ExamGone,
    StoredAttempt,
    StoredResponse,
    stored_attempt,
    stored_responses,
)
from store.database import Database
from store.records import as_data
from store.tables import Attempt, ExtraTime, Mark, Response


@dataclass(frozen=True)
class StoredMark:
    """A record of `marks`."""

    key: str  # of the answer
    question: str  # that it answers
    points: float | None  # 0 to 1; None: not marked, or taken back
    comment: str
    version: int
    at: float  # seconds since 1970


class MarkChanged(RuntimeError):
    """Another version is stored than the one that was seen."""


class Marks:
    """The marks of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_exam(self, exam_id: str) -> dict[str, StoredMark]:
        """Key of an answer -> its mark, of all attempts at an exam."""
        return self._found(Attempt.exam_id == exam_id)

    def of_attempt(self, attempt_id: str) -> dict[str, StoredMark]:
        """Key of an answer -> its mark, in one attempt."""
        return self._found(Attempt.id == attempt_id)

    def _found(self, where: Any) -> dict[str, StoredMark]:
        query = (
            select(Mark, Response.question)
            .join(Response, Response.key == Mark.key)
            .join(Attempt, Attempt.id == Response.attempt_id)
            .where(where)
        )
        with self.database.reading() as session:
            return {
                record.key: as_data(StoredMark, record, question=question)
                for record, question in session.execute(query)
            }

    def counting(self, exam_id: str) -> frozenset[str]:
        """The questions of an exam to which an answer has points."""
        query = (
            select(Response.question)
            .distinct()
            .join(Mark, Mark.key == Response.key)
            .join(Attempt, Attempt.id == Response.attempt_id)
            .where(Attempt.exam_id == exam_id, Mark.points.is_not(None))
        )
        with self.database.reading() as session:
            return frozenset(session.scalars(query))

    def answer(
        self, exam_id: str, key: str
    ) -> tuple[StoredAttempt, StoredResponse] | None:
        """An answer that was given in an exam, with its attempt; None: no such."""
        whose = (
            select(Attempt, ExtraTime.minutes)
            .join(Response, Response.attempt_id == Attempt.id)
            .outerjoin(ExtraTime, EXTRA)
            .where(Response.key == key, Attempt.exam_id == exam_id)
        )
        with self.database.reading() as session:
            record = session.execute(whose).one_or_none()
            if record is None:
                return None
            query = select(*RESPONSE).where(Response.key == key)
            return stored_attempt(*record), stored_responses(session, query)[0]

    def put(self, mark: StoredMark) -> None:
        """Stores a mark whose version is the next one after that which was seen.

        Raises:
            MarkChanged: another one was stored meanwhile; nothing is changed.
            ExamGone: there is no such answer any more.
        """
        values = {"points": mark.points, "comment": mark.comment, "at": mark.at}
        with self.database.writing() as session:
            if mark.version > 1:
                seen = (Mark.key == mark.key, Mark.version == mark.version - 1)
                done: Any = session.execute(
                    update(Mark).where(*seen).values(version=mark.version, **values)
                )
                if not done.rowcount:
                    raise MarkChanged
                return
            if session.get(Response, mark.key) is None:
                raise ExamGone("There is no such answer")
            try:
                session.execute(insert(Mark).values(key=mark.key, version=1, **values))
            except IntegrityError as error:
                raise MarkChanged from error

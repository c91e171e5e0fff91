"""Questions that instructors have brought, as records."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from store.database import Database
from store.tables import Class, Exam, OwnQuestion, Response


@dataclass(frozen=True)
class StoredQuestion:
    """A record of `own_questions`."""

    id: str
    data: dict[str, Any]
    made: float
    retired: float | None = None


class Questions:
    """The questions of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def of_account(self, account: str, retired: bool = False) -> list[StoredQuestion]:
        """An instructor's questions, in the order in which they came."""
        query = select(OwnQuestion).where(OwnQuestion.account_id == account)
        if not retired:
            query = query.where(OwnQuestion.retired.is_(None))
        query = query.order_by(OwnQuestion.made, OwnQuestion.place)
        with self.database.reading() as session:
            return [
                StoredQuestion(
                    record.id, json.loads(record.data), record.made, record.retired
                )
                for record in session.scalars(query)
            ]

    def of_class(self, class_id: str, retired: bool = False) -> list[StoredQuestion]:
        """Those of the class's instructor."""
        with self.database.reading() as session:
            owner = session.scalar(select(Class.owner).where(Class.id == class_id))
        return [] if owner is None else self.of_account(owner, retired)

    def add(
        self, account: str, new: Iterable[tuple[str, Mapping[str, Any]]], made: float
    ) -> None:
        """Keeps questions, each with its id."""
        with self.database.writing() as session:
            session.add_all(
                OwnQuestion(
                    id=name,
                    account_id=account,
                    place=place,
                    made=made,
                    retired=None,
                    data=json.dumps(data),
                )
                for place, (name, data) in enumerate(new)
            )

    def count(self, account: str) -> int:
        """How many an instructor has that are not retired."""
        query = select(func.count()).where(
            OwnQuestion.account_id == account, OwnQuestion.retired.is_(None)
        )
        with self.database.reading() as session:
            return session.scalars(query).one()

    def replace(
        self, account: str, old: str, new: tuple[str, Mapping[str, Any]], at: float
    ) -> bool:
        """Puts a question into another's place in the order; False: there is none."""
        with self.database.writing() as session:
            record = session.get(OwnQuestion, old)
            if (
                record is None
                or record.account_id != account
                or record.retired is not None
            ):
                return False
            name, data = new
            session.add(
                OwnQuestion(
                    id=name,
                    account_id=account,
                    place=record.place,
                    made=record.made,
                    retired=None,
                    data=json.dumps(data),
                )
            )
            _retire(session, record, at)
            return True

    def remove(self, account: str, name: str, at: float) -> bool:
        """Deletes a question, or retires it where it was answered or is in an exam."""
        with self.database.writing() as session:
            record = session.get(OwnQuestion, name)
            if record is None or record.account_id != account:
                return False
            _retire(session, record, at)
            return True


def _retire(session: Session, record: OwnQuestion, at: float) -> None:
    used = session.scalar(
        select(
            exists().where(Response.question == record.id)
            | exists().where(Exam.questions.contains(json.dumps(record.id)))
        )
    )
    if used:
        record.retired = at
    else:
        session.delete(record)

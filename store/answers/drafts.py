"""What students have begun to answer: for each variant in an attempt the newest text.

A draft is out of date as soon as an answer to its variant is stored that it did not
know of. So a draft that arrives late is not taken, and one that was answered since is
not found.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.tables import Attempt, Draft, Response

ANSWER = "answer"  # the kind of what is given that makes a draft out of date


@dataclass(frozen=True)
class StoredDraft:
    """A record of `drafts`."""

    attempt_id: str
    question: str
    seed: int
    acts: int  # answers to the variant that were stored when it was typed
    answer: Any
    at: float


_ANSWERS = (
    select(func.count())
    .select_from(Response)
    .where(
        Response.attempt_id == Draft.attempt_id,
        Response.question == Draft.question,
        Response.seed == Draft.seed,
        Response.kind == ANSWER,
    )
    .correlate(Draft)
    .scalar_subquery()
)


def _current() -> Select[str, Draft]:
    """Drafts that no answer has overtaken, each with its student."""
    query = select(Attempt.member_id, Draft)
    query = query.select_from(Draft).join(Attempt, Attempt.id == Draft.attempt_id)
    return query.where(Draft.acts == _ANSWERS).order_by(Draft.at, Draft.key)


def _draft(record: Draft) -> StoredDraft:
    return as_data(StoredDraft, record, answer=json.loads(record.answer))


class Drafts:
    """The drafts of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def keep(self, member_id: str, draft: StoredDraft) -> bool:
        """Stores a draft in place of the one before; whether it is not out of date.

        The attempt has to be the member's: of another's nothing is stored.
        """
        with self.database.writing() as session:
            if not _may(session, member_id, draft):
                return False
            key = f"{draft.attempt_id}:{draft.question}:{draft.seed}"
            values: dict[str, Any] = {
                "acts": draft.acts,
                "answer": json.dumps(draft.answer),
                "at": draft.at,
            }
            is_sqlite = session.get_bind().dialect.name == "sqlite"
            into: Any = sqlite.insert if is_sqlite else postgresql.insert
            query = into(Draft).values(
                key=key,
                attempt_id=draft.attempt_id,
                question=draft.question,
                seed=draft.seed,
                **values,
            )
            session.execute(
                query.on_conflict_do_update(index_elements=["key"], set_=values)
            )
            return True

    def of_attempt(self, member_id: str, attempt_id: str) -> list[StoredDraft]:
        """A student's drafts in an attempt, in the order of time."""
        query = _current().where(
            Draft.attempt_id == attempt_id, Attempt.member_id == member_id
        )
        with self.database.reading() as session:
            return [_draft(record) for _, record in session.execute(query)]

    def of_exam(self, exam_id: str) -> list[tuple[str, StoredDraft]]:
        """Member id and draft, of all attempts at an exam, in the order of time."""
        query = _current().where(Attempt.exam_id == exam_id)
        with self.database.reading() as session:
            return [
                (member, _draft(record)) for member, record in session.execute(query)
            ]


def _may(session: Session, member_id: str, draft: StoredDraft) -> bool:
    own = session.scalar(
        select(Attempt.id).where(
            Attempt.id == draft.attempt_id, Attempt.member_id == member_id
        )
    )
    answers = session.scalar(
        select(func.count())
        .select_from(Response)
        .where(
            Response.attempt_id == draft.attempt_id,
            Response.question == draft.question,
            Response.seed == draft.seed,
            Response.kind == ANSWER,
        )
    )
    return own is not None and answers == draft.acts

"""What a class has answered, as records; and all that is kept about one of its members.

Whoever calls this has asked `owner` whose class it is. Every method is one transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeVarTuple

from sqlalchemy import ColumnElement, Select, delete, exists, func, inspect, select
from sqlalchemy.orm import Session, aliased

from store.answers.answers import (
    EXTRA,
    RESPONSE,
    StoredAttempt,
    StoredResponse,
    stored_attempt,
    stored_responses,
)
from store.database import Database
from store.tables import (
    Attempt,
    Class,
    ClassGuess,
    Draft,
    ExtraTime,
    InventoryChoice,
    InventoryPaper,
    Mark,
    Member,
    Response,
    Run,
    RunEvent,
)


@dataclass(frozen=True)
class StoredGuess:
    """A run with what was guessed before it."""

    run_id: str
    member: str
    experiment: dict[str, Any]
    guess: dict[str, Any]
    state: str
    ended: float | None
    alive: float  # when the process that runs it last said so


Columns = TypeVarTuple("Columns")


def _in_class(query: Select[*Columns], class_id: str) -> Select[*Columns]:
    return (
        query.join(Attempt, Attempt.id == Response.attempt_id)
        .join(Member, Member.id == Attempt.member_id)
        .where(Member.class_id == class_id)
    )


def _of_exam(exam_id: str | None) -> ColumnElement[bool]:
    return Attempt.exam_id.is_(None) if exam_id is None else Attempt.exam_id == exam_id


def _attempts(
    session: Session, class_id: str, exam_id: str | None
) -> list[StoredAttempt]:
    query = (
        select(Attempt, ExtraTime.minutes)
        .join(Member, Member.id == Attempt.member_id)
        .outerjoin(ExtraTime, EXTRA)
        .where(Member.class_id == class_id, _of_exam(exam_id))
        .order_by(Attempt.number, Attempt.id)
    )
    return [stored_attempt(*record) for record in session.execute(query)]


def _runs_of(member: Member) -> ColumnElement[bool]:
    """The member's runs, but for those that another class they are in may show."""
    other = aliased(Member)
    elsewhere = exists().where(
        other.visitor == member.visitor,
        other.class_id != member.class_id,
        other.joined <= Run.created,
    )
    return (Run.owner == member.visitor) & ~elsewhere


class Results:
    """The results of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def owner(self, class_id: str) -> str | None:
        """The account that owns the class; None: no such class."""
        with self.database.reading() as session:
            return session.scalar(select(Class.owner).where(Class.id == class_id))

    def stamp(self, class_id: str, exam_id: str | None) -> tuple[int, float]:
        """How much there is, and the newest: the same stamp, the same answers."""
        query = _in_class(
            select(func.count(), func.max(Response.at)).select_from(Response), class_id
        )
        with self.database.reading() as session:
            count, newest = session.execute(query.where(_of_exam(exam_id))).one()
            return count, newest or 0.0

    def attempts(self, class_id: str, exam_id: str | None) -> list[StoredAttempt]:
        """The class's attempts at an exam, or all practice (None), by number."""
        with self.database.reading() as session:
            return _attempts(session, class_id, exam_id)

    def responses(
        self, class_id: str, exam_id: str | None
    ) -> list[tuple[StoredAttempt, StoredResponse]]:
        """All responses in practice, or in an exam, in the order of time."""
        query = _in_class(select(*RESPONSE).select_from(Response), class_id)
        query = query.where(_of_exam(exam_id)).order_by(Response.at, Response.key)
        with self.database.reading() as session:
            attempts = {one.id: one for one in _attempts(session, class_id, exam_id)}
            found = stored_responses(session, query)
        return [(attempts[one.attempt_id], one) for one in found]

    def answers_to(
        self, class_id: str, question: str
    ) -> list[tuple[str, StoredResponse]]:
        """The class's answers to one question, with their members, by time."""
        query = (
            _in_class(select(*RESPONSE).select_from(Response), class_id)
            .where(Response.question == question, Response.kind == "answer")
            .order_by(Response.at, Response.key)
        )
        whose = select(Attempt.id, Attempt.member_id).join(
            Member, Member.id == Attempt.member_id
        )
        with self.database.reading() as session:
            found = stored_responses(session, query)
            rows = session.execute(whose.where(Member.class_id == class_id))
            of = {attempt: member for attempt, member in rows}
        return [(of[one.attempt_id], one) for one in found if one.attempt_id in of]

    def guesses(self, class_id: str, limit: int) -> list[StoredGuess]:
        """Runs that members started since they joined, with a guess; newest first."""
        query = (
            select(
                Run.id,
                Member.id,
                Run.experiment,
                Run.guess,
                Run.state,
                Run.ended,
                Run.alive,
            )
            .join(Member, Member.visitor == Run.owner)
            .where(
                Member.class_id == class_id,
                Run.created >= Member.joined,
                Run.guess != "{}",
            )
            .order_by(Run.created.desc())
            .limit(limit)
        )
        with self.database.reading() as session:
            return [
                StoredGuess(
                    run, member, json.loads(e), json.loads(g), state, end, alive
                )
                for run, member, e, g, state, end, alive in session.execute(query)
            ]

    # --- one member -------------------------------------------------------------------

    def everything(self, class_id: str, member_id: str) -> dict[str, Any] | None:
        """All that is kept about a member, table by table; None: there is none.

        Left out is what would let a reader become them: the visitor's digest and the
        code to come back with.
        """
        with self.database.reading() as session:
            member = session.get(Member, member_id)
            if member is None or member.class_id != class_id:
                return None
            attempts = session.scalars(
                select(Attempt).where(Attempt.member_id == member_id)
            ).all()
            given = session.scalars(
                select(Response)
                .join(Attempt, Attempt.id == Response.attempt_id)
                .where(Attempt.member_id == member_id)
                .order_by(Response.at, Response.key)
            ).all()
            marks = session.scalars(
                select(Mark)
                .join(Response, Response.key == Mark.key)
                .join(Attempt, Attempt.id == Response.attempt_id)
                .where(Attempt.member_id == member_id)
                .order_by(Mark.at, Mark.key)
            ).all()
            drafts = session.scalars(
                select(Draft)
                .join(Attempt, Attempt.id == Draft.attempt_id)
                .where(Attempt.member_id == member_id)
                .order_by(Draft.at, Draft.key)
            ).all()
            extra = session.scalars(
                select(ExtraTime).where(ExtraTime.member_id == member_id)
            ).all()
            guesses = session.scalars(
                select(ClassGuess)
                .where(ClassGuess.member_id == member_id)
                .order_by(ClassGuess.at)
            ).all()
            runs = session.scalars(
                select(Run).where(_runs_of(member)).order_by(Run.created)
            ).all()
            events: dict[str, int] = {
                run_id: count
                for run_id, count in session.execute(
                    select(RunEvent.run_id, func.count())
                    .where(RunEvent.run_id.in_([run.id for run in runs]))
                    .group_by(RunEvent.run_id)
                )
            }
            secret = ("visitor", "own_code", "browsing", "owner", "alive")
            return {
                "member": _to_dict(member, secret),
                "sittings": [_to_dict(record, secret) for record in attempts],
                "given": [_to_dict(record, secret) for record in given],
                "marks": [_to_dict(record, secret) for record in marks],
                "drafts": [_to_dict(record, secret) for record in drafts],
                "extra_times": [_to_dict(record, secret) for record in extra],
                "class_guesses": [_to_dict(record, secret) for record in guesses],
                "runs": [
                    _to_dict(record, secret)
                    | {"measurements": events.get(record.id, 0)}
                    for record in runs
                ],
                **_inventory(session, member_id),
            }

    def forget(self, class_id: str, member_id: str) -> bool:
        """Deletes a member with all that is kept about them; whether there was one.

        Attempts and answers go with the member. Runs go too, but for those that the
        same browser made since it joined another class.
        """
        with self.database.writing() as session:
            member = session.get(Member, member_id)
            if member is None or member.class_id != class_id:
                return False
            session.execute(delete(Run).where(_runs_of(member)))
            session.execute(delete(Member).where(Member.id == member_id))
        self.database.forget_log()
        return True


def _inventory(session: Session, member_id: str) -> dict[str, list[dict[str, Any]]]:
    """A member's papers of the concept inventory, and what they chose."""
    return {
        table.__tablename__: [
            _to_dict(record, ())
            for record in session.scalars(
                select(table)
                .where(table.member_id == member_id)
                .order_by(*table.__table__.primary_key)
            )
        ]
        for table in (InventoryPaper, InventoryChoice)
    }


_JSON = ("answer", "truth", "experiment", "guess", "summary")


def _to_dict(record: Any, without: tuple[str, ...]) -> dict[str, Any]:
    """A record as plain data, what is JSON in it read."""
    return dict(_fields(record, without))


def _fields(record: Any, without: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    for attribute in inspect(record).mapper.column_attrs:
        name = attribute.columns[0].name
        if name not in without:
            value = getattr(record, attribute.key)
            yield name, json.loads(value) if name in _JSON else value

"""What a class does together, and what its students guess. A change: one transaction.

A change moves the class's version on, so that the pages of those who follow it run
again. A student has one guess in an activity, whatever is sent twice or from two tabs.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Select, delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.tables import Activity, Class, ClassGuess, Member

Kind = Literal["guess", "teach"]


class ActivityGone(LookupError):
    """The class or the activity is no longer there."""


@dataclass(frozen=True)
class StoredActivity:
    """A record of `activities`."""

    id: str
    class_id: str
    kind: Kind
    about: Mapping[str, Any]
    stage: str
    created: float
    run_id: str | None = None
    ended: float | None = None


@dataclass(frozen=True)
class StoredClassGuess:
    """A record of `class_guesses`."""

    activity_id: str
    member_id: str
    guess: Mapping[str, Any]
    at: float


def _activity(record: Activity) -> StoredActivity:
    return as_data(StoredActivity, record, about=json.loads(record.about))


def _guess(record: ClassGuess) -> StoredClassGuess:
    return as_data(StoredClassGuess, record, guess=json.loads(record.guess))


def _moves(session: Session, class_id: str) -> None:
    session.execute(
        update(Class).where(Class.id == class_id).values(version=Class.version + 1)
    )


class Activities:
    """The activities of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def begin(self, new: StoredActivity) -> None:
        """Adds it; what its class did until now has ended, on whatever page.

        Raises:
            ActivityGone: there is no such class any more.
        """
        values = vars(new) | {"about": json.dumps(dict(new.about))}
        with self.database.writing() as session:
            session.execute(
                update(Activity)
                .where(Activity.class_id == new.class_id, Activity.ended.is_(None))
                .values(ended=new.created)
            )
            try:
                session.execute(insert(Activity).values(**values))
            except IntegrityError as error:
                raise ActivityGone("There is no such class") from error
            here = update(Class).where(Class.id == new.class_id)
            session.execute(here.values(page="", version=Class.version + 1))

    def go_on(
        self, activity_id: str, stage: str, then: str, run_id: str | None = None
    ) -> bool:
        """From one stage to the next; whether it was there: a second click is not.

        Args:
            run_id: what is trained from now on.
        """
        with self.database.writing() as session:
            record = session.get(Activity, activity_id)
            if record is None or record.stage != stage or record.ended is not None:
                return False
            record.stage = then
            if run_id is not None:
                record.run_id = run_id
            _moves(session, record.class_id)
            return True

    def end(self, class_id: str, now: float) -> bool:
        """Ends what the class does; whether there was something."""
        with self.database.writing() as session:
            done: Any = session.execute(
                update(Activity)
                .where(Activity.class_id == class_id, Activity.ended.is_(None))
                .values(ended=now)
            )
            if done.rowcount:
                _moves(session, class_id)
            return bool(done.rowcount)

    def current(self, class_ids: Iterable[str]) -> dict[str, StoredActivity]:
        """Class id -> what it does now; those that do nothing are left out."""
        return {
            one.class_id: one
            for one in self._some(
                select(Activity).where(
                    Activity.class_id.in_(list(class_ids)), Activity.ended.is_(None)
                )
            )
        }

    def of_class(self, class_id: str, kind: Kind) -> list[StoredActivity]:
        """All that a class has done of a kind, the newest first."""
        return self._some(
            select(Activity).where(Activity.class_id == class_id, Activity.kind == kind)
        )

    def _some(self, query: Select[Activity]) -> list[StoredActivity]:
        query = query.order_by(Activity.created.desc(), Activity.id)
        with self.database.reading() as session:
            return [_activity(record) for record in session.scalars(query)]

    def get(self, activity_id: str) -> StoredActivity | None:
        """The activity, or None."""
        found = self._some(select(Activity).where(Activity.id == activity_id))
        return next(iter(found), None)

    # --- guesses ----------------------------------------------------------------------

    def guess(self, new: StoredClassGuess, stage: str) -> bool:
        """Keeps a student's guess in the place of an earlier one.

        Returns:
            False, and nothing is kept: the activity is not at that stage any more, or
            the student is not of its class.
        """
        mine = (
            ClassGuess.activity_id == new.activity_id,
            ClassGuess.member_id == new.member_id,
        )
        with self.database.writing() as session:
            there = session.scalar(
                select(Activity.id)
                .join(Member, Member.class_id == Activity.class_id)
                .where(Activity.id == new.activity_id, Member.id == new.member_id)
                .where(Activity.stage == stage, Activity.ended.is_(None))
            )
            if there is None:
                return False
            session.execute(delete(ClassGuess).where(*mine))
            values = vars(new) | {"guess": json.dumps(dict(new.guess))}
            session.execute(insert(ClassGuess).values(**values))
            return True

    def guesses(self, activity_id: str) -> list[StoredClassGuess]:
        """All guesses, in the order in which they were given."""
        query = (
            select(ClassGuess)
            .where(ClassGuess.activity_id == activity_id)
            .order_by(ClassGuess.at, ClassGuess.member_id)
        )
        with self.database.reading() as session:
            return [_guess(record) for record in session.scalars(query)]

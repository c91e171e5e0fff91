"""The classes' own images in the database: whose they are, and their pixels."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, delete, or_, select, update
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.runs import DAY
from store.tables import Account, Class, DataSet


@dataclass(frozen=True)
class StoredDataSet:
    """A record of `data_sets`, without its pixels."""

    id: str
    account_id: str | None  # None: brought at the machine, before there was an account
    title: str
    about: Mapping[str, Any]
    made: float
    used: float


def _records() -> Select[Any]:
    columns: list[Any] = [
        *(DataSet.id, DataSet.account_id, DataSet.title),
        *(DataSet.about, DataSet.made, DataSet.used),
    ]
    return select(*columns).order_by(DataSet.made.desc())


class DataSets:
    """The data sets of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    def add(self, record: StoredDataSet, pixels: bytes) -> None:
        """Keeps a set; one that is there already gets its new title."""
        with self.database.writing() as session:
            session.merge(
                DataSet(
                    id=record.id,
                    account_id=record.account_id,
                    title=record.title,
                    about=json.dumps(record.about),
                    made=record.made,
                    used=record.used,
                    pixels=pixels,
                )
            )

    def of(self, account: str | None) -> list[StoredDataSet]:
        """An account's, or those brought before there was one; the newest first."""
        with self.database.reading() as session:
            return self._found(session, _records().where(DataSet.account_id == account))

    def of_class(self, class_id: str) -> list[StoredDataSet]:
        """Those of the instructor of a class that is open."""
        owner = select(Class.owner).where(Class.id == class_id, Class.closed.is_(None))
        query = _records().where(DataSet.account_id == owner.scalar_subquery())
        with self.database.reading() as session:
            return self._found(session, query)

    def all(self) -> list[StoredDataSet]:
        """Everybody's."""
        with self.database.reading() as session:
            return self._found(session, _records())

    def _found(self, session: Session, query: Select[Any]) -> list[StoredDataSet]:
        return [
            as_data(StoredDataSet, record, about=json.loads(record.about))
            for record in session.execute(query)
        ]

    def pixels(self, data_set: str, now: float) -> bytes | None:
        """Its pixels, for training; None if there is no such set. Notes the use."""
        with self.database.reading() as session:
            found = session.execute(
                select(DataSet.pixels, DataSet.used).where(DataSet.id == data_set)
            ).one_or_none()
        if found is None:
            return None
        if now - found.used > DAY:  # a day more or less does not matter
            with self.database.writing() as session:
                session.execute(
                    update(DataSet).where(DataSet.id == data_set).values(used=now)
                )
        return bytes(found.pixels)

    def delete(self, data_set: str, account: str | None) -> bool:
        """Deletes a set of that account; whether there was one."""
        with self.database.writing() as session:
            gone = session.execute(
                delete(DataSet)
                .where(DataSet.id == data_set, DataSet.account_id == account)
                .returning(DataSet.id)
            )
            return gone.scalar() is not None

    def remove(self, data_set: str) -> bool:
        """Deletes a set of any owner, for the server's operator."""
        with self.database.writing() as session:
            gone = session.execute(
                delete(DataSet).where(DataSet.id == data_set).returning(DataSet.id)
            )
            return gone.scalar() is not None

    def first_account(self) -> str | None:
        """The oldest account: what was brought before belongs to it."""
        query = select(Account.id).order_by(Account.created).limit(1)
        with self.database.reading() as session:
            return session.scalar(query)


def give_to_the_first(session: Session, account: str) -> None:
    """What was brought before there was an account belongs to the first one."""
    others = select(Account.id).where(Account.id != account)
    if session.scalar(others.limit(1)) is None:
        session.execute(
            update(DataSet)
            .where(DataSet.account_id.is_(None))
            .values(account_id=account)
        )


def prune(session: Session, before: float) -> int:
    """Deletes sets with the classes of their time; returns how many.

    A set goes once it was not used for so long and none of its instructor's classes
    that were opened before it was last used is kept any more.
    """
    its_class = (
        select(Class.id)
        .where(Class.owner == DataSet.account_id, Class.opened <= DataSet.used)
        .exists()
    )
    gone = session.execute(
        delete(DataSet)
        .where(DataSet.used < before, or_(DataSet.account_id.is_(None), ~its_class))
        .returning(DataSet.id)
        .execution_options(synchronize_session=False)
    )
    return len(gone.all())

"""The concept inventory in the database: when a class takes it, and what was chosen.

What a student has is found by that student's member id alone. A paper, and a choice,
has a key made of what it belongs to: beginning or choosing again, from another tab or
after a lost reply, makes no second one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.tables import InventoryChoice, InventoryPaper, InventoryRound, Member

# The form for a new paper: given the seed of the round, how many papers of the class
# were begun before it, and the form of the student's other paper, if there is one.
Assign = Callable[[int, int, str | None], str]


@dataclass(frozen=True)
class StoredRound:
    """A record of `inventory_rounds`."""

    class_id: str
    moment: str
    seed: int
    opened: float
    closed: float | None = None


@dataclass(frozen=True)
class StoredPaper:
    """A record of `inventory_papers`, with what was chosen."""

    member_id: str
    moment: str
    form: str
    seed: int
    started: float
    handed_in: float | None = None
    choices: Mapping[str, str] = field(default_factory=dict)  # concept -> choice


class RoundClosed(LookupError):
    """The round is not open, or its class is gone."""


def _insert(session: Session, table: Any) -> Any:
    """An INSERT that may say what is done on conflict."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite.insert if is_sqlite else postgresql.insert)(table)


def _choices(session: Session, *where: Any) -> dict[tuple[str, str], dict[str, str]]:
    """Member and moment -> concept -> choice."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    query = select(InventoryChoice).where(*where).order_by(InventoryChoice.concept)
    for one in session.scalars(query):
        found.setdefault((one.member_id, one.moment), {})[one.concept] = one.choice
    return found


def _is_open(session: Session, class_id: str, moment: str) -> InventoryRound | None:
    """The round if it is open; PostgreSQL keeps other beginners waiting meanwhile."""
    return session.scalar(
        select(InventoryRound)
        .where(
            InventoryRound.class_id == class_id,
            InventoryRound.moment == moment,
            InventoryRound.closed.is_(None),
        )
        .with_for_update()
    )


class Inventories:
    """The inventories of one database."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- a class's --------------------------------------------------------------------

    def rounds(self, class_id: str) -> dict[str, StoredRound]:
        """Moment -> its round, of those that were opened."""
        query = select(InventoryRound).where(InventoryRound.class_id == class_id)
        with self.database.reading() as session:
            return {
                one.moment: as_data(StoredRound, one) for one in session.scalars(query)
            }

    def open_moments(self, class_ids: Iterable[str]) -> dict[str, str]:
        """Class -> the moment of its round that is open, of those that have one."""
        query = select(InventoryRound.class_id, InventoryRound.moment).where(
            InventoryRound.class_id.in_(list(class_ids)),
            InventoryRound.closed.is_(None),
        )
        with self.database.reading() as session:
            return {class_id: moment for class_id, moment in session.execute(query)}

    def open(self, new: StoredRound, closing: str | None = None) -> None:
        """Opens a round, or opens it again, with the seed that it has.

        Args:
            closing: the moment of a round that ends with it.

        Raises:
            RoundClosed: there is no such class any more.
        """
        with self.database.writing() as session:
            if closing is not None:
                session.execute(
                    update(InventoryRound)
                    .where(
                        InventoryRound.class_id == new.class_id,
                        InventoryRound.moment == closing,
                        InventoryRound.closed.is_(None),
                    )
                    .values(closed=new.opened)
                )
            query = _insert(session, InventoryRound).values(
                class_id=new.class_id,
                moment=new.moment,
                seed=new.seed,
                opened=new.opened,
                closed=None,
            )
            try:
                session.execute(
                    query.on_conflict_do_update(
                        index_elements=["class_id", "moment"], set_={"closed": None}
                    )
                )
            except IntegrityError as error:
                raise RoundClosed("There is no such class.") from error

    def close(self, class_id: str, moment: str, now: float) -> None:
        """Closes a round; again, it changes nothing."""
        with self.database.writing() as session:
            session.execute(
                update(InventoryRound)
                .where(
                    InventoryRound.class_id == class_id,
                    InventoryRound.moment == moment,
                    InventoryRound.closed.is_(None),
                )
                .values(closed=now)
            )

    def forget(self, class_id: str) -> None:
        """Deletes all of a class's rounds, with what was chosen in them."""
        members = select(Member.id).where(Member.class_id == class_id)
        with self.database.writing() as session:
            session.execute(
                delete(InventoryPaper).where(InventoryPaper.member_id.in_(members))
            )
            session.execute(
                delete(InventoryRound).where(InventoryRound.class_id == class_id)
            )
        self.database.forget_log()

    def counts(self, class_id: str) -> dict[str, tuple[int, int]]:
        """Moment -> papers begun, and handed in."""
        query = (
            select(
                InventoryPaper.moment,
                func.count(),
                func.count(InventoryPaper.handed_in),
            )
            .join(Member, Member.id == InventoryPaper.member_id)
            .where(Member.class_id == class_id)
            .group_by(InventoryPaper.moment)
        )
        with self.database.reading() as session:
            return {
                moment: (begun, handed)
                for moment, begun, handed in session.execute(query)
            }

    def papers_of_class(self, class_id: str) -> list[StoredPaper]:
        """All papers of a class, by the number of the student and the moment."""
        query = (
            select(InventoryPaper)
            .join(Member, Member.id == InventoryPaper.member_id)
            .where(Member.class_id == class_id)
            .order_by(Member.number, Member.id, InventoryPaper.started)
        )
        members = select(Member.id).where(Member.class_id == class_id)
        with self.database.reading() as session:
            chosen = _choices(session, InventoryChoice.member_id.in_(members))
            return [
                as_data(
                    StoredPaper,
                    one,
                    choices=chosen.get((one.member_id, one.moment), {}),
                )
                for one in session.scalars(query)
            ]

    # --- a student's ------------------------------------------------------------------

    def papers(self, member_id: str) -> dict[str, StoredPaper]:
        """Moment -> the student's paper."""
        query = select(InventoryPaper).where(InventoryPaper.member_id == member_id)
        with self.database.reading() as session:
            chosen = _choices(session, InventoryChoice.member_id == member_id)
            return {
                one.moment: as_data(
                    StoredPaper, one, choices=chosen.get((member_id, one.moment), {})
                )
                for one in session.scalars(query)
            }

    def begin(self, class_id: str, new: StoredPaper, assign: Assign) -> StoredPaper:
        """The student's paper, a new one if there is none.

        Args:
            new: its form is that which `assign` says.

        Raises:
            RoundClosed: the round is not open, or the student is gone.
        """
        with self.database.writing() as session:
            known = session.get(InventoryPaper, (new.member_id, new.moment))
            if known is not None:
                chosen = _choices(session, InventoryChoice.member_id == new.member_id)
                mine = chosen.get((new.member_id, new.moment), {})
                return as_data(StoredPaper, known, choices=mine)
            held = _is_open(session, class_id, new.moment)
            member = session.get(Member, new.member_id)
            if held is None or member is None or member.class_id != class_id:
                raise RoundClosed("This round is not open.")
            begun = session.scalar(
                select(func.count())
                .select_from(InventoryPaper)
                .join(Member, Member.id == InventoryPaper.member_id)
                .where(Member.class_id == class_id, InventoryPaper.moment == new.moment)
            )
            other = session.scalar(
                select(InventoryPaper.form).where(
                    InventoryPaper.member_id == new.member_id,
                    InventoryPaper.moment != new.moment,
                )
            )
            record = InventoryPaper(
                member_id=new.member_id,
                moment=new.moment,
                form=assign(held.seed, begun or 0, other),
                seed=new.seed,
                started=new.started,
                handed_in=None,
            )
            session.add(record)
            session.flush()
            return as_data(StoredPaper, record, choices={})

    def choose(
        self,
        class_id: str,
        member_id: str,
        moment: str,
        choices: Mapping[str, str],
        now: float,
    ) -> None:
        """Stores choices in place of those before, for as long as that is possible.

        Raises:
            RoundClosed: the round is not open, or the paper handed in.
        """
        with self.database.writing() as session:
            paper = session.get(InventoryPaper, (member_id, moment))
            if (
                paper is None
                or paper.handed_in is not None
                or _is_open(session, class_id, moment) is None
            ):
                raise RoundClosed("This round is not open.")
            for concept, choice in choices.items():
                values = {"choice": choice, "at": now}
                query = _insert(session, InventoryChoice).values(
                    member_id=member_id, moment=moment, concept=concept, **values
                )
                session.execute(
                    query.on_conflict_do_update(
                        index_elements=["member_id", "moment", "concept"], set_=values
                    )
                )

    def hand_in(self, class_id: str, member_id: str, moment: str, now: float) -> None:
        """Ends a paper; again, it changes nothing.

        Raises:
            RoundClosed: the round is not open.
        """
        with self.database.writing() as session:
            if _is_open(session, class_id, moment) is None:
                raise RoundClosed("This round is not open.")
            session.execute(
                update(InventoryPaper)
                .where(
                    InventoryPaper.member_id == member_id,
                    InventoryPaper.moment == moment,
                    InventoryPaper.handed_in.is_(None),
                )
                .values(handed_in=now)
            )

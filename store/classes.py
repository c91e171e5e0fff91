"""Classes and their students in the database."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass

from sqlalchemy import ColumnElement, case, delete, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from store.database import Database
from store.records import as_data
from store.tables import Class, Exam, InventoryRound, Member

LEFT = "left "  # before a member's id, where a visitor would stand


@dataclass(frozen=True)
class StoredClass:
    """A record of `classes`."""

    id: str
    owner: str
    name: str
    code: str
    opened: float
    closed: float | None
    step: str
    reveal: bool
    version: int
    moved: float
    numbered: int = 0  # the last number that was given to a member
    names_shown: bool = False
    students_start: bool | None = None
    language: str | None = None
    asked: int = 1  # how often the question of its step
    page: str = ""  # that it was brought to, with its parameters; "": at its step


@dataclass(frozen=True)
class StoredMember:
    """A record of `members`."""

    id: str
    class_id: str
    visitor: str
    name: str
    own_code: str
    joined: float
    seen: float
    step: str
    follows: bool
    number: int = 0
    came: float = 0.0
    browsing: str | None = None

    @property
    def left(self) -> bool:
        """Whether they are in no browser: only their own code brings them back."""
        return self.visitor.startswith(LEFT)


@dataclass(frozen=True)
class Seen:
    """Where a member was when last seen."""

    member: str  # id
    seen: float
    step: str
    follows: bool


def _class(record: Class) -> StoredClass:
    return as_data(StoredClass, record)


def _member(record: Member) -> StoredMember:
    return as_data(StoredMember, record)


class Classes:
    """The classes of one database. Every method is one transaction."""

    def __init__(self, database: Database) -> None:
        self.database = database

    # --- classes ----------------------------------------------------------------------

    def add(self, new: StoredClass) -> bool:
        """A new class; False, and nothing done, where its code is taken."""
        try:
            with self.database.writing() as session:
                session.add(Class(**asdict(new)))
        except IntegrityError:
            if self.by_code(new.code) is None:
                raise
            return False
        return True

    def get(self, class_id: str) -> StoredClass | None:
        """The class, or None."""
        return self._one(Class.id == class_id)

    def by_code(self, code: str) -> StoredClass | None:
        """The class that is joined by a code, or None."""
        return self._one(Class.code == code)

    def _one(self, condition: ColumnElement[bool]) -> StoredClass | None:
        with self.database.reading() as session:
            record = session.scalar(select(Class).where(condition))
            return None if record is None else _class(record)

    def of_owner(self, owner: str) -> list[tuple[StoredClass, int]]:
        """An instructor's classes with their numbers of members, newest first."""
        members = (
            select(func.count())
            .where(Member.class_id == Class.id)
            .correlate(Class)
            .scalar_subquery()
        )
        query = (
            select(Class, members)
            .where(Class.owner == owner)
            .order_by(Class.opened.desc(), Class.id)
        )
        with self.database.reading() as session:
            return [(_class(record), count) for record, count in session.execute(query)]

    def rename(self, class_id: str, name: str) -> None:
        """Gives a class another name."""
        with self.database.writing() as session:
            session.execute(update(Class).where(Class.id == class_id).values(name=name))

    def close(self, class_id: str, closed: float | None) -> None:
        """Closes a class with what is open in it, or opens it again (None): a move."""
        rounds = None
        if closed is None:
            differs, exams = Class.closed.is_not(None), None
        else:
            differs = Class.closed.is_(None)
            rounds = (
                update(InventoryRound)
                .where(InventoryRound.class_id == class_id)
                .where(InventoryRound.closed.is_(None))
                .values(closed=closed)
            )
            exams = (
                update(Exam)
                .where(Exam.class_id == class_id, Exam.opened.is_not(None))
                .where(Exam.closed.is_(None))
                .where(or_(Exam.closes.is_(None), Exam.closes > closed))
                .values(closed=closed)
            )
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id, differs)
                .values(closed=closed, version=Class.version + 1)
            )
            for also in (exams, rounds):
                if also is not None:
                    session.execute(also)

    def show_names(self, class_id: str, shown: bool) -> None:
        """Whether students' names are on the instructor's screen."""
        with self.database.writing() as session:
            session.execute(
                update(Class).where(Class.id == class_id).values(names_shown=shown)
            )

    def let_start(self, class_id: str, students: bool) -> None:
        """Whether its students may start experiments."""
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id)
                .values(students_start=students)
            )

    def speak(self, class_id: str, language: str | None) -> StoredClass:
        """The class in a language, or none: a move, too, unless it is so already.

        Raises:
            KeyError: no such class.
        """
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id)
                .where(Class.language.is_distinct_from(language))
                .values(language=language, version=Class.version + 1)
            )
            record = session.get(Class, class_id)
            if record is None:
                raise KeyError(class_id)
            return _class(record)

    def delete(self, class_id: str) -> None:
        """Forgets a class, its members, and all that they answered."""
        with self.database.writing() as session:
            session.execute(delete(Class).where(Class.id == class_id))
        self.database.forget_log()

    def move(self, class_id: str, step: str, reveal: bool, now: float) -> StoredClass:
        """The class at a step; staying where it is changes nothing.

        Raises:
            KeyError: no such class.
        """
        asked = case((Class.step == step, Class.asked), else_=1)
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id)
                .where(
                    or_(Class.step != step, Class.reveal != reveal, Class.page != "")
                )
                .values(
                    page="",
                    step=step,
                    reveal=reveal,
                    version=Class.version + 1,
                    moved=now,
                    asked=asked,
                )
            )
            return self._moved(session, class_id)

    def bring_to(self, class_id: str, page: str, now: float) -> StoredClass:
        """The class at a page beside the lesson; its step stays.

        Raises:
            KeyError: no such class.
        """
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id, Class.page != page)
                .values(page=page, version=Class.version + 1, moved=now)
            )
            return self._moved(session, class_id)

    def ask_again(self, class_id: str, asked: int, now: float) -> StoredClass:
        """The step's question once more, its answer hidden: a move, too.

        Args:
            asked: how often it had been; if it is more by now, nothing changes.

        Raises:
            KeyError: no such class.
        """
        with self.database.writing() as session:
            session.execute(
                update(Class)
                .where(Class.id == class_id, Class.asked == asked)
                .values(
                    asked=asked + 1,
                    reveal=False,
                    version=Class.version + 1,
                    moved=now,
                )
            )
            return self._moved(session, class_id)

    @staticmethod
    def _moved(session: Session, class_id: str) -> StoredClass:
        record = session.get(Class, class_id)
        if record is None:
            raise KeyError(class_id)
        return _class(record)

    def some(self, ids: Iterable[str]) -> list[StoredClass]:
        """The classes of some ids, in no order; those that are gone left out."""
        query = select(Class).where(Class.id.in_(list(ids)))
        with self.database.reading() as session:
            return [_class(record) for record in session.scalars(query)]

    # --- members ----------------------------------------------------------------------

    def join(
        self, new: StoredMember, distinct: Callable[[Sequence[str]], str], most: int
    ) -> StoredMember | None:
        """Adds a visitor as a member; an existing member stays unchanged.

        Args:
            new: its name becomes what `distinct` makes of the names there are, and its
                number the class's next.
            most: members that a class may have.

        Returns:
            None where the class is full.

        Raises:
            KeyError: no such class.
        """
        with self.database.writing() as session:
            # Two who join at once come one after the other (SQLite has locked already).
            room = select(Class).where(Class.id == new.class_id).with_for_update()
            course = session.scalar(room)
            if course is None:
                raise KeyError(new.class_id)
            of_class = select(Member).where(Member.class_id == new.class_id)
            record = session.scalar(of_class.where(Member.visitor == new.visitor))
            if record is not None:
                record.came, record.seen, record.browsing = (
                    new.came,
                    new.seen,
                    new.browsing,
                )
                return _member(record)
            names = session.scalars(
                select(Member.name).where(Member.class_id == new.class_id)
            ).all()
            if len(names) >= most:
                return None
            course.numbered += 1
            given = {"name": distinct(names), "number": course.numbered}
            record = Member(**asdict(new) | given)
            session.add(record)
            session.flush()
            return _member(record)

    def bring(
        self, member: str, visitor: str, browsing: str | None, now: float
    ) -> StoredMember:
        """Moves a member to another browser; the member there before leaves.

        Raises:
            KeyError: no such member.
        """
        with self.database.writing() as session:
            record = session.get(Member, member)
            if record is None:
                raise KeyError(member)
            session.execute(
                update(Member)
                .where(
                    Member.class_id == record.class_id,
                    Member.visitor == visitor,
                    Member.id != member,
                )
                .values(visitor=LEFT + Member.id)
            )
            record.visitor, record.browsing = visitor, browsing
            record.joined, record.came, record.seen = now, now, now
            session.flush()
            return _member(record)

    def confirm(self, member: str, browsing: str | None, now: float) -> None:
        """Notes that the member was confirmed in a session of their browser."""
        with self.database.writing() as session:
            session.execute(
                update(Member)
                .where(Member.id == member)
                .values(browsing=browsing, came=now, seen=now)
            )

    def let_go(self, member: str) -> None:
        """A member is in no browser any more; what they answered stays."""
        with self.database.writing() as session:
            session.execute(
                update(Member).where(Member.id == member).values(visitor=LEFT + member)
            )

    def memberships(self, visitor: str) -> list[tuple[StoredMember, StoredClass]]:
        """A visitor's places in classes: in open ones first, the newest first."""
        query = (
            select(Member, Class)
            .join(Class, Class.id == Member.class_id)
            .where(Member.visitor == visitor)
            .order_by(Class.closed.is_not(None), Member.came.desc(), Member.id)
        )
        with self.database.reading() as session:
            return [(_member(m), _class(c)) for m, c in session.execute(query)]

    def _member(self, *where: ColumnElement[bool]) -> StoredMember | None:
        with self.database.reading() as session:
            record = session.scalar(select(Member).where(*where))
            return None if record is None else _member(record)

    def membership(self, visitor: str, class_id: str) -> StoredMember | None:
        """A visitor as a member of a class, open or closed."""
        return self._member(Member.visitor == visitor, Member.class_id == class_id)

    def member(self, member: str) -> StoredMember | None:
        """The member, or None."""
        return self._member(Member.id == member)

    def by_own_code(self, class_id: str, own_code: str) -> StoredMember | None:
        """The member whose own code it is, or None."""
        return self._member(Member.class_id == class_id, Member.own_code == own_code)

    def members(self, class_id: str) -> list[StoredMember]:
        """All members of a class, in the order in which they came."""
        query = (
            select(Member)
            .where(Member.class_id == class_id)
            .order_by(Member.number, Member.joined, Member.id)
        )
        with self.database.reading() as session:
            return [_member(record) for record in session.scalars(query)]

    def saw(self, seen: Iterable[Seen]) -> None:
        """Where some members were, in one go; those that are gone are left out."""
        records = [
            {
                "id": one.member,
                "seen": one.seen,
                "step": one.step,
                "follows": one.follows,
            }
            for one in seen
        ]
        if not records:
            return
        with self.database.writing() as session:
            there = set(
                session.scalars(
                    select(Member.id).where(
                        Member.id.in_([one["id"] for one in records])
                    )
                )
            )
            session.execute(
                update(Member), [one for one in records if one["id"] in there]
            )

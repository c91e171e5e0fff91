"""A class, its instructor and its students, in a database of a test's own."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from classroom.people.roles import Instructor, Student
from store import database as store_database
from store.database import FILE, Database
from store.tables import Account, Class, Member

TEACHER = Instructor("teacher", "Ms Hill")
STRANGER = Instructor("stranger", "Mr Vale")
CLASS = "c1a55" + 27 * "0"  # ids are 32 hexadecimal digits
SESSION = "s" * 24  # the cookie of a browser's session in which students are known
BROWSING = hashlib.sha256(SESSION.encode()).hexdigest()


def member(database: Database, name: str, class_id: str = CLASS) -> Student:
    """A student who has joined, at a browser of theirs; the name is the id as well."""
    with database.writing() as session:
        course = session.get_one(Class, class_id)
        course.numbered += 1
        number = course.numbered
        session.add(
            Member(
                id=name,
                class_id=class_id,
                visitor=f"visitor of {name}",
                name=name,
                own_code=name,
                joined=1.0,
                seen=time.time(),
                step="start",
                follows=True,
                number=number,
                browsing=BROWSING,
            )
        )
    return Student(name, class_id, name)


def open_class(database: Database, class_id: str = CLASS) -> None:
    """A class of TEACHER's, and an account for a stranger.

    It is opened now: a server deletes old classes when it starts.
    """
    now = time.time()
    with database.writing() as session:
        for who in (TEACHER, STRANGER):
            session.merge(Account(id=who.account, name=who.name, created=1.0))
        session.flush()
        session.add(
            Class(
                id=class_id,
                owner=TEACHER.account,
                name="Class 9a",
                code=class_id[:12],
                opened=now,
                step="start",
                reveal=False,
                version=0,
                moved=now,
            )
        )


@contextmanager
def classroom(folder: Path) -> Iterator[Database]:
    """A database with one class, in the place of the process's own.

    A server whose data folder is this one opens the same.
    """
    opened = Database(f"sqlite:///{folder / FILE}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store_database, "current", opened)
        open_class(opened)
        yield opened
    opened.close()

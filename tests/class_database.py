"""A database of a test's own, in which instructors may open classes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from classroom.exams import exams
from classroom.people import activities, classes, codes, places
from classroom.people.codes import Tries
from classroom.people.following import Following
from classroom.people.roles import Instructor
from store import database
from store.database import Database
from store.tables import Account
from tests.migrated import new_database
from ui.following import follow


@contextmanager
def class_database(
    folder: Path, monkeypatch: pytest.MonkeyPatch, *instructors: Instructor
) -> Iterator[Database]:
    """The app's database for a while: without followers and without wrong codes."""
    own = new_database(folder)
    monkeypatch.setattr(database, "current", own)
    monkeypatch.setattr(codes, "recent_tries", Tries())
    fresh = Following()
    for module in (activities, classes, follow, exams, places):
        monkeypatch.setattr(module, "following", fresh)
    with own.writing() as session:
        for one in instructors:
            session.add(Account(id=one.account, name=one.name, created=0.0))
    yield own
    own.close()

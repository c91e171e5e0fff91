"""A database of SQLite whose tables are there already: migrating takes its time."""

from __future__ import annotations

import tempfile
from functools import cache
from pathlib import Path

from store.database import Database


@cache
def _file() -> bytes:
    """A database's file, migrated once per process."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "lab.sqlite3"
        Database(f"sqlite:///{path}").close()
        return path.read_bytes()


def new_database(folder: Path, name: str = "lab.sqlite3") -> Database:
    """An open database in a folder, with today's tables and nothing in them."""
    path = folder / name
    path.write_bytes(_file())
    return Database(f"sqlite:///{path}")

"""The database itself: where it is, how it is opened, and its migrations.

An SQLite file in the data folder, or what DATABASE_URL names. SQLite runs with a
write-ahead log, so readers never wait for a writer; every commit is on the disk before
it counts (synchronous FULL); and whoever writes takes the lock at the start of the
transaction, so that two writers wait for each other instead of failing half-way.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from store.folder import data_folder

FILE = "lab.sqlite3"
PATIENCE = 30  # seconds that a writer waits for another
MIGRATIONS = Path(__file__).resolve().parent / "migrations"
_LOCK = 20120930  # of the migrations, among PostgreSQL's advisory locks


def default_url() -> str:
    """$DATABASE_URL, or the SQLite file of this machine."""
    url = os.environ.get("DATABASE_URL")
    if not url:
        return f"sqlite:///{data_folder() / FILE}"
    # The common short form names no driver; ours is psycopg 3.
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


def _open(url: str) -> Engine:
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, pool_pre_ping=True)
    # pysqlite would begin transactions late and by itself: we say BEGIN.
    engine = create_engine(
        url,
        connect_args={
            "timeout": PATIENCE,
            "isolation_level": None,
            "check_same_thread": False,
        },
    )

    @event.listens_for(engine, "connect")
    def _settings(connection: Any, _: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")
        cursor.execute("PRAGMA journal_mode = WAL")
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


class DatabaseAway(RuntimeError):
    """The database cannot be reached or written to now; the message says why."""


class Database:
    """An open database, migrated to the newest tables. One for all threads."""

    def __init__(self, url: str | None = None) -> None:
        self.engine = _open(url or default_url())
        self._migrate()

    def _migrate(self) -> None:
        """Brings the tables up to date; a second process waits, and finds it done."""
        from alembic import command  # imported once, here: it takes its time
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self.engine.begin() as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and changes nothing."""
        with (
            _translated(),
            self.engine.connect().execution_options(reads=True) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind."""
        with (
            _translated(),
            Session(self.engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except (OperationalError, InterfaceError) as error:
        raise DatabaseAway(f"The database is away: {error.orig}") from error


_lock = threading.Lock()
_shared: Database | None = None


def shared() -> Database:
    """The database of this process, opened and migrated at the first call."""
    global _shared
    with _lock:
        if _shared is None:
            _shared = Database()
        return _shared

"""The database itself: where it is, how it is opened, and its migrations.

An SQLite file in the data folder, or the PostgreSQL that DATABASE_URL names. Both keep
the same three promises:

- Every commit is on the disk before it counts.
- Whoever reads sees one moment, and never waits for a writer.
- Writers come one after the other, across threads and processes: what a transaction
  has read is still so when it writes. SQLite has one writer by nature; on PostgreSQL
  each writer holds an advisory lock.

What keeps a transaction from being done is raised as `DatabaseAway`, within seconds.
"""

from __future__ import annotations

import logging
import math
import os
import sqlite3
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from paths import data_folder
from store.engines import PATIENCE, READS, open_engine

log = logging.getLogger(__name__)

FILE = "lab.sqlite3"
AGAIN = 2.0  # seconds after which a database that could not be opened is tried again
MIGRATIONS = Path(__file__).resolve().parent / "migrations"


class DatabaseAway(RuntimeError):
    """The database cannot be reached or written to now; the message says why."""


# --- where it is ----------------------------------------------------------------------


def default_url() -> str:
    """$DATABASE_URL, or the SQLite file of this machine.

    Raises:
        DatabaseAway: the data folder cannot be made.
    """
    url = os.environ.get("DATABASE_URL")
    if not url:
        try:
            return f"sqlite:///{data_folder() / FILE}"
        except OSError as error:
            log.warning("The data folder cannot be used: %s", error)
            raise DatabaseAway("The database is away: it has no folder.") from error
    # The common short form names no driver; ours is psycopg 3.
    for short in ("postgres://", "postgresql://"):
        if url.startswith(short):
            return "postgresql+psycopg://" + url.removeprefix(short)
    return url


# --- open -----------------------------------------------------------------------------


class _Turns:
    """A fair lock, first come first served: `threading.Lock` can starve a thread."""

    def __init__(self) -> None:
        self._mutex = threading.Lock()
        self._taken = False
        self._waiting: deque[threading.Lock] = deque()

    def take(self, seconds: float) -> bool:
        """Whether it is ours, within so many seconds."""
        with self._mutex:
            if not self._taken:
                self._taken = True
                return True
            turn = threading.Lock()
            turn.acquire()
            self._waiting.append(turn)
        if turn.acquire(timeout=seconds):
            return True
        with self._mutex:
            if turn not in self._waiting:  # it was given to us this moment
                return True
            self._waiting.remove(turn)
            return False

    def give(self) -> None:
        """Passes the lock to the longest waiter."""
        with self._mutex:
            if self._waiting:
                self._waiting.popleft().release()
            else:
                self._taken = False


class Database:
    """An open database, migrated to the newest tables. One for all threads.

    Raises:
        DatabaseAway: it cannot be opened, or newer code has migrated it.
    """

    def __init__(self, url: str | None = None) -> None:
        self.engine = open_engine(url or default_url())
        self._reads = READS[self.engine.dialect.name]
        # Threads queue here, not at the database: they come in turn, and whoever waits
        # to write holds no connection that a reader wants.
        self._writer = _Turns()
        self._migrate()

    def _migrate(self) -> None:
        """Brings the tables up to date; a second process waits, and finds it done."""
        from alembic import command  # imported once, here: it takes its time
        from alembic.config import Config
        from alembic.util.exc import CommandError

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        try:
            with translated(), self.engine.begin() as connection:
                if connection.dialect.name == "postgresql":
                    connection.execute(text("SET LOCAL statement_timeout = 0"))
                config.attributes["connection"] = connection
                command.upgrade(config, "head")
        except CommandError as error:  # a revision that is not in our folder
            self.close()
            raise DatabaseAway(
                "The database was made by a newer version of this app: "
                "update the app, or name another database."
            ) from error
        except DatabaseAway:
            self.close()
            raise

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one moment of the database and changes nothing."""
        with (
            translated(),
            self.engine.connect().execution_options(**self._reads) as connection,
            Session(connection, expire_on_commit=False) as session,
        ):
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """A session that commits at the end, or leaves nothing behind.

        Nobody else writes meanwhile, so it must be short, and not within another.
        """
        if not self._writer.take(PATIENCE):
            raise DatabaseAway(_away("too many are writing"))
        try:
            with (
                translated(),
                Session(self.engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                yield session
        finally:
            self._writer.give()

    def forget_log(self) -> None:
        """Empties SQLite's write-ahead log, in which deleted rows can still be read.

        Of what is being read now it keeps a part, for the next time.
        """
        if self.engine.dialect.name == "sqlite":
            with suppress(DatabaseAway), translated(), self.engine.connect() as one:
                raw = one.connection.driver_connection
                assert raw is not None
                raw.execute("PRAGMA busy_timeout = 500")
                raw.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
                raw.execute(f"PRAGMA busy_timeout = {PATIENCE * 1000}")

    def close(self) -> None:
        """Closes every connection."""
        self.engine.dispose()


# --- away -----------------------------------------------------------------------------

_LOCKED = "somebody else has kept it locked for too long"
_DAMAGED = "it is damaged; restore a backup"
_READ_ONLY = "it may only be read"
_FULL = "its disk is full"
_SILENT = "it does not answer"
_OTHER = "it has not the tables of this version"

# The first that an error's name begins with.
SQLITE_REASONS = {
    "SQLITE_BUSY": _LOCKED,
    "SQLITE_LOCKED": _LOCKED,
    "SQLITE_PROTOCOL": _LOCKED,
    "SQLITE_FULL": _FULL,
    "SQLITE_READONLY": _READ_ONLY,
    "SQLITE_PERM": _READ_ONLY,
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "SQLITE_IOERR": "its disk does not answer",
    "SQLITE_CORRUPT": _DAMAGED,
    "SQLITE_NOTADB": _DAMAGED,
}
# https://www.postgresql.org/docs/current/errcodes-appendix.html
POSTGRESQL_REASONS = {
    "08": _SILENT,
    "25006": _READ_ONLY,
    "25P03": "a transaction took too long",
    "28": "it refuses the name or the password",
    "3D": "there is none of that name",
    "40": "two writers met",
    "42P01": _OTHER,
    "42703": _OTHER,
    "53100": _FULL,
    "53300": "it has no connection left",
    "53": "its machine is short of memory",
    "55P03": _LOCKED,
    "57014": "it took too long",
    "57P": _SILENT,
    "58": "its disk does not answer",
    "XX": _DAMAGED,
}


def _away(why: str) -> str:
    return f"The database is away: {why}."


def why_away(error: BaseException | None) -> str | None:
    """The reason why the database is away, as a sentence; None: the caller's fault."""
    if isinstance(error, sqlite3.Error):
        name = getattr(error, "sqlite_errorname", "")
        # "no such table", "no such column", "table runs has no column named x"
        if name == "SQLITE_ERROR" and any(
            x in str(error) for x in ("no such table", "no such col", "no column named")
        ):
            return _OTHER
        found = (why for start, why in SQLITE_REASONS.items() if name.startswith(start))
        return next(found, None)
    if error is not None and (code := getattr(error, "sqlstate", "")) != "":
        if code is None:  # it is the connection that failed
            is_lost = type(error).__name__ in ("OperationalError", "ConnectionTimeout")
            return _SILENT if is_lost else None
        found = (
            why for start, why in POSTGRESQL_REASONS.items() if code.startswith(start)
        )
        return next(found, None)
    return None


@contextmanager
def translated() -> Iterator[None]:
    """Turns a driver's errors about the database into `DatabaseAway`."""
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseAway(_away("too many are reading")) from error
    except (DBAPIError, sqlite3.Error) as error:
        cause = error.orig if isinstance(error, DBAPIError) else error
        why = why_away(cause)
        if why is None and isinstance(error, DBAPIError):
            why = _SILENT if error.connection_invalidated else None
        if why is None:
            raise
        log.warning("Database away: %s", cause)
        raise DatabaseAway(_away(why)) from error


# --- the one of this process ----------------------------------------------------------

_lock = threading.Lock()
current: Database | None = None  # a test sets one of its own
failure: tuple[float, str] | None = None  # when it could not be opened, and why


def shared() -> Database:
    """The database of this process, opened and migrated at the first call.

    Raises:
        DatabaseAway: it cannot be opened. It is tried again, but not by every caller.
    """
    global current, failure
    with _lock:
        if current is None:
            if failure and time.monotonic() - failure[0] < AGAIN:
                raise DatabaseAway(failure[1])
            try:
                current, failure = Database(), None
            except DatabaseAway as away:
                failure = time.monotonic(), str(away)
                raise
        return current


_checked: tuple[float, bool] = (-math.inf, False)  # when it was asked, and the answer


def can_be_written() -> bool:
    """Whether the shared database takes writes now; asked every few seconds at most."""
    global _checked
    if time.monotonic() - _checked[0] > AGAIN:
        try:
            with shared().writing() as session:
                session.execute(text("UPDATE accounts SET name = name WHERE id = ''"))
            there = True
        except DatabaseAway:
            there = False
        _checked = time.monotonic(), there
    return _checked[1]

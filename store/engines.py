"""How a database is opened: SQLAlchemy's engine for SQLite and for PostgreSQL."""

from __future__ import annotations

import sqlite3
import time
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, make_url

from paths import NAME

PATIENCE = 15  # seconds that anyone waits: a writer for another, for a connection
CONNECT = 5  # seconds in which PostgreSQL has to answer a new connection
STATEMENT = 30  # seconds that one statement may take there
CONNECTIONS = 20  # of one process, kept or opened on demand
LOCK = 20120930  # of the one writer, among PostgreSQL's advisory locks


def open_engine(url: str) -> Engine:
    """Opens no connection yet.

    Raises:
        ValueError: the address names neither SQLite nor PostgreSQL.
    """
    match make_url(url).get_backend_name():
        case "sqlite":
            engine = _open_sqlite(url)
        case "postgresql":
            engine = _open_postgresql(url)
        case other:
            raise ValueError(
                f"Expected DATABASE_URL to begin with postgresql:// or sqlite:///. "
                f"Received: {other}"
            )
    event.listen(engine, "before_cursor_execute", _without_nul, retval=True)
    return engine


def _without_nul(
    _connection: Any, _cursor: Any, statement: str, given: Any, *_: Any
) -> tuple[str, Any]:
    """PostgreSQL has no text with U+0000 in it: there it is U+FFFD, and finds nothing.

    It is not typed; it comes in addresses and tampered messages.
    """
    return statement, _replaced(given)


def _replaced(given: Any) -> Any:
    match given:
        case str():
            return given.replace("\0", "\ufffd") if "\0" in given else given
        case dict():
            return {name: _replaced(value) for name, value in given.items()}
        case list() | tuple():
            return type(given)(map(_replaced, given))
    return given


def _open_sqlite(url: str) -> Engine:
    # pysqlite would begin transactions late and by itself: we say BEGIN.
    engine = create_engine(
        url,
        pool_size=CONNECTIONS,
        max_overflow=0,
        pool_timeout=PATIENCE,
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
        _use_log(cursor)
        cursor.execute("PRAGMA synchronous = FULL")
        cursor.execute("PRAGMA foreign_keys = ON")
        cursor.execute("PRAGMA secure_delete = ON")  # nothing deleted stays in the file
        cursor.close()

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reads = connection.get_execution_options().get("reads", False)
        connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")

    return engine


def _use_log(cursor: Any) -> None:
    """Two that do this to a new file at once are in each other's way: one is refused.

    That is no waiting that SQLite's busy time-out would cover.
    """
    end = time.monotonic() + PATIENCE
    while True:
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
            return
        except sqlite3.OperationalError as error:
            is_busy = error.sqlite_errorname.startswith("SQLITE_BUSY")
            if not is_busy or time.monotonic() > end:
                raise
            time.sleep(0.02)


def _open_postgresql(url: str) -> Engine:
    limits = {
        "statement_timeout": STATEMENT,
        "lock_timeout": PATIENCE,
        "idle_in_transaction_session_timeout": 2 * STATEMENT,
    }
    settings: dict[str, Any] = {
        "application_name": NAME,
        "connect_timeout": CONNECT,
        "options": " ".join(f"-c {k}={v}s" for k, v in limits.items()),
        # A server that is cut off, not ended, says nothing: found out by asking.
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "tcp_user_timeout": PATIENCE * 1000,
    }
    said = make_url(url).query  # the address has the last word
    engine = create_engine(
        url,
        pool_size=CONNECTIONS // 4,
        max_overflow=CONNECTIONS - CONNECTIONS // 4,
        pool_timeout=PATIENCE,
        pool_pre_ping=True,  # a server that was restarted is found, not tripped over
        connect_args={k: v for k, v in settings.items() if k not in said},
    )

    @event.listens_for(engine, "begin")
    def _one_writer(connection: Connection) -> None:
        # Only what is read after the lock is had may be built on: each statement of a
        # writer sees all that is committed (READ COMMITTED), not one moment before.
        if not connection.get_execution_options().get("reads", False):
            connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")

    return engine


READS: dict[str, dict[str, Any]] = {
    "sqlite": {"reads": True},  # write-ahead log: a transaction reads one moment
    "postgresql": {
        "reads": True,
        "isolation_level": "REPEATABLE READ",
        "postgresql_readonly": True,
    },
}

"""An SQLite database as one file: copied, checked, and put back while it is in use."""

from __future__ import annotations

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL

import clock
from store.backup.manifest import (
    REVISION,
    TABLES,
    BackupRefused,
    Manifest,
    in_use,
    to_disk,
)
from store.database import DatabaseAway, translated
from store.engines import PATIENCE


def path_of(address: URL) -> Path:
    if not address.database or address.database == ":memory:":
        raise BackupRefused("The database is not in a file.")
    return Path(address.database)


def open_file(path: Path) -> sqlite3.Connection:
    """Opens a file that is there, and makes none."""
    if not path.exists():
        raise BackupRefused(
            f"There is no database {path} yet: it is made when the app first starts."
        )
    with translated():
        return sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=PATIENCE,
            isolation_level=None,
        )


def look(connection: sqlite3.Connection, what: str) -> Manifest:
    """Checks every page, every index and every reference, and counts the rows."""

    def rows(query: str) -> list[tuple[str]]:
        return connection.execute(query).fetchall()

    damaged = BackupRefused(f"{what} is damaged: restore a backup.")
    try:
        with translated():
            connection.execute("BEGIN")
            names = {name for (name,) in rows("SELECT name FROM sqlite_master")}
            if REVISION not in names:
                raise BackupRefused(f"{what} is no database of this app.")
            if rows("PRAGMA integrity_check(1)") != [("ok",)]:
                raise damaged
            if rows("PRAGMA foreign_key_check"):
                raise damaged
            ((revision,),) = rows(f"SELECT version_num FROM {REVISION}")
            counts = {
                name: int(rows(f'SELECT count(*) FROM "{name}"')[0][0])
                for name in TABLES
                if name in names
            }
            connection.execute("COMMIT")
    except (DatabaseAway, sqlite3.Error, ValueError) as error:
        if "damaged" in str(error) or not isinstance(error, DatabaseAway):
            raise damaged from error
        raise
    return Manifest("sqlite", revision, counts, clock.now())


def copy_file(path: Path, to: Path) -> Manifest:
    with closing(open_file(path)) as source, closing(sqlite3.connect(to)) as copy:
        with translated():
            # All in one step: it reads one moment. In several, each write by another
            # process would have it begin again.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, and no other
        manifest = look(copy, "The database")
    to_disk(to)
    return manifest


def put_file(copy: Path, target: Path, kept: Path) -> Path | None:
    """The copy's content into the database; returns where the old one is kept.

    The old file is not replaced but written over, as one transaction: whoever opens it
    meanwhile waits, and then sees the new content.
    """
    if not target.exists():
        to_disk(copy)
        copy.replace(target)
        to_disk(target.parent)
        return None
    try:
        with (
            closing(open_file(copy)) as source,
            closing(open_file(target)) as old,
            translated(),
        ):
            alone(old)
            kept.touch(0o600)
            with closing(sqlite3.connect(kept)) as beside:
                old.backup(beside)
            to_disk(kept)
            source.backup(old)
            look(old, "The restored database")
            return kept
    except DatabaseAway as away:
        if "damaged" not in str(away):
            raise
        # Not even its first page can be read: it is put aside as it is.
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{target}{end}").replace(f"{kept}{end}")
        to_disk(copy)
        copy.replace(target)
        to_disk(target.parent)
        return kept


def alone(connection: sqlite3.Connection) -> None:
    """Locks the file exclusively until the connection is closed.

    The write-ahead log can be left only when nobody else has the file open, idle
    connections included. That is how a running server is noticed.

    Raises:
        BackupRefused: somebody has.
    """
    connection.execute("PRAGMA busy_timeout = 1000")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    try:
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
            raise
        raise in_use() from error

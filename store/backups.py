"""Backups: one file with the database as it was at one moment.

It is a zip of two members. `manifest.json` says which kind of database this is, which
migration it has and how many rows; `database` is an SQLite file, or what pg_dump
writes. The zip's checksums tell when either is damaged.

Both are made while the app is at work, and keep nobody waiting: SQLite's backup
interface reads one moment beside the writers, pg_dump a snapshot.
"""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text
from sqlalchemy import inspect as sqlalchemy_inspect

from store.database import (
    CONNECT,
    LOCK,
    MIGRATIONS,
    PATIENCE,
    Database,
    DatabaseAway,
    translated,
)
from store.folder import NAME
from store.tables import Base

FORMAT = 1
MANIFEST, DATABASE = "manifest.json", "database"
LARGEST_MANIFEST = 1_000_000  # bytes
REVISION = "alembic_version"
TABLES = sorted(Base.metadata.tables)


class BackupRefused(RuntimeError):
    """It is not done, and nothing was changed; the message is one sentence."""


@dataclass(frozen=True)
class Manifest:
    """What a database holds, or a backup."""

    kind: str  # "sqlite" or "postgresql"
    revision: str  # the newest migration in it
    rows: dict[str, int]  # of each table
    made: float  # seconds since 1970
    format: int = FORMAT

    @property
    def total(self) -> int:
        """Rows of all tables."""
        return sum(self.rows.values())

    def __str__(self) -> str:
        each = ", ".join(f"{name} {n:,}" for name, n in self.rows.items() if n)
        return (
            f"{self.total:,} rows{f' ({each})' if each else ''}, "
            f"migration {self.revision}"
        )


def backup(url: str, file: Path) -> Manifest:
    """Writes the database to a file that is there whole, or not at all.

    Raises:
        BackupRefused: there is nothing to back up, or no place for it.
        DatabaseAway: the database cannot be read.
    """
    file = file.absolute()
    if file.exists():
        raise BackupRefused(f"{file} is there already: name another file.")
    with _space(file.parent) as space:
        copy = space / DATABASE
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            manifest = _copy_sqlite(_path(address), copy)
        else:
            manifest = _dump_postgresql(address, copy)
        if manifest.revision not in _known():
            raise BackupRefused(
                "The database was made by a newer version of this app: update the app."
            )
        packed = space / "packed"
        packed.touch(0o600)  # there are names in it
        with (
            packed.open("wb") as out,
            zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        ):
            archive.writestr(MANIFEST, json.dumps(asdict(manifest), indent=1))
            archive.write(copy, DATABASE)
        _to_disk(packed)
        packed.replace(file)
        _to_disk(file.parent)
    return manifest


def inspect(file: Path) -> Manifest:
    """What a backup holds. All of it is read and checked.

    Raises:
        BackupRefused: it is no backup, is damaged, or was made by newer code.
    """
    with tempfile.TemporaryDirectory(prefix=f"{NAME}-") as folder:
        return _unpack(file, Path(folder) / DATABASE)


def check(url: str) -> Manifest:
    """What the database holds. An SQLite file is read and checked as a whole.

    Raises:
        BackupRefused: it is damaged, or not there yet.
        DatabaseAway: it cannot be read.
    """
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        with closing(_open_sqlite(_path(address))) as connection:
            return _look(connection, "The database")
    with _postgresql(address) as connection:
        return _counts(connection)


def restore(url: str, file: Path) -> tuple[Manifest, Path | None]:
    """Puts a backup in the place of the database, and migrates it to today's tables.

    What was there before is kept: the second of the answer is where; None: there was
    nothing.

    Raises:
        BackupRefused: the backup will not do, or the database is in use.
        DatabaseAway: the database cannot be written to.
    """
    address = make_url(url)
    is_sqlite = address.get_backend_name() == "sqlite"
    target = _path(address).absolute() if is_sqlite else file.absolute()
    with _space(target.parent) as space:
        copy = space / DATABASE
        manifest = _unpack(file, copy)
        if manifest.kind != address.get_backend_name():
            raise BackupRefused(
                f"{file} is a backup of {manifest.kind}, and the database here is "
                f"{address.get_backend_name()}: set DATABASE_URL to one of its kind."
            )
        stamp = time.strftime("%Y%m%d-%H%M%S")
        if is_sqlite:
            kept = target.with_name(f"{target.name}.before-{stamp}")
            before = _put_sqlite(copy, target, kept)
        else:
            kept = file.absolute().with_name(f"{file.stem}.before-{stamp}.zip")
            before = _put_postgresql(copy, address, kept, space)
    Database(url).close()  # brings the tables up to date
    return manifest, before


# --- the file -------------------------------------------------------------------------


@contextmanager
def _space(folder: Path) -> Iterator[Path]:
    """A folder of one's own on the same disk, gone afterwards."""
    try:
        with tempfile.TemporaryDirectory(prefix=f".{NAME}-", dir=folder) as made:
            yield Path(made)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BackupRefused(f"{folder} cannot be written to: {why}.") from error


def _to_disk(path: Path) -> None:
    """Waits until a file, or a folder's list of files, is on the disk."""
    if path.is_dir() and os.name == "nt":  # Windows does so by itself
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _known() -> set[str]:
    """The migrations that this code has."""
    from alembic.script import ScriptDirectory

    walk = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return {script.revision for script in walk}


def _unpack(file: Path, to: Path) -> Manifest:
    """Checks a backup, and lays its database down.

    Raises:
        BackupRefused: it is no backup, is damaged, or was made by newer code.
    """
    no_backup = BackupRefused(
        f"{file} is no backup of this app: expected a file made by "
        "`.venv/bin/python -m store backup`."
    )
    damaged = BackupRefused(f"{file} is damaged: take an older backup.")
    if not file.is_file():
        raise BackupRefused(f"There is no file {file}.")
    try:
        with zipfile.ZipFile(file) as archive:
            if sorted(archive.namelist()) != [DATABASE, MANIFEST]:
                raise no_backup
            if archive.getinfo(MANIFEST).file_size > LARGEST_MANIFEST:
                raise no_backup
            manifest = _manifest(archive.read(MANIFEST), no_backup)
            newer = BackupRefused(
                f"{file} was made by a newer version of this app: update the app first."
            )
            if manifest.format > FORMAT or manifest.revision not in _known():
                raise newer
            with archive.open(DATABASE) as source, to.open("xb") as out:
                shutil.copyfileobj(source, out, 2**20)
    except zipfile.BadZipFile as error:
        with file.open("rb") as start:
            is_zip = start.read(4) == b"PK\x03\x04"
        raise (damaged if is_zip else no_backup) from error
    except (zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        if isinstance(error, BackupRefused):
            raise
        raise damaged from error  # compressed data, or a flag, that makes no sense
    if manifest.kind == "sqlite":
        with closing(_open_sqlite(to)) as connection:
            found = _look(connection, f"{file}")
        if (found.rows, found.revision) != (manifest.rows, manifest.revision):
            raise damaged
    return manifest


def _manifest(raw: bytes, no_backup: BackupRefused) -> Manifest:
    try:
        made = Manifest(**json.loads(raw))
    except (ValueError, TypeError) as error:
        raise no_backup from error
    is_ours = (
        isinstance(made.format, int)
        and made.kind in ("sqlite", "postgresql")
        and isinstance(made.rows, dict)
        and isinstance(made.revision, str)
    )
    if not is_ours:
        raise no_backup
    return made


# --- SQLite ---------------------------------------------------------------------------


def _path(address: URL) -> Path:
    if not address.database or address.database == ":memory:":
        raise BackupRefused("The database is not in a file.")
    return Path(address.database)


def _open_sqlite(path: Path) -> sqlite3.Connection:
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


def _look(connection: sqlite3.Connection, what: str) -> Manifest:
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
    return Manifest("sqlite", revision, counts, time.time())


def _copy_sqlite(path: Path, to: Path) -> Manifest:
    with closing(_open_sqlite(path)) as source, closing(sqlite3.connect(to)) as copy:
        with translated():
            # All in one step: it reads one moment. In several, each write by another
            # process would have it begin anew.
            source.backup(copy)
            copy.execute("PRAGMA journal_mode = DELETE")  # one file, and no other
        manifest = _look(copy, "The database")
    _to_disk(to)
    return manifest


def _put_sqlite(copy: Path, target: Path, kept: Path) -> Path | None:
    """The copy's content into the database; returns where the old one is kept.

    The old file is not replaced but written over, as one transaction: whoever opens it
    meanwhile waits, and then sees the new content.
    """
    if not target.exists():
        _to_disk(copy)
        copy.replace(target)
        _to_disk(target.parent)
        return None
    try:
        with (
            closing(_open_sqlite(copy)) as source,
            closing(_open_sqlite(target)) as old,
            translated(),
        ):
            _alone(old)
            kept.touch(0o600)
            with closing(sqlite3.connect(kept)) as beside:
                old.backup(beside)
            _to_disk(kept)
            source.backup(old)
            _look(old, "The restored database")
            return kept
    except DatabaseAway as away:
        if "damaged" not in str(away):
            raise
        # Not even its first page can be read: it is put aside as it is.
        for end in ("", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                Path(f"{target}{end}").replace(f"{kept}{end}")
        _to_disk(copy)
        copy.replace(target)
        _to_disk(target.parent)
        return kept


def _alone(connection: sqlite3.Connection) -> None:
    """Keeps everyone else out until the connection is closed.

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
        raise _in_use() from error


def _in_use() -> BackupRefused:
    return BackupRefused(
        "The database is in use: stop the server (and whatever else has it open), "
        "then restore."
    )


# --- PostgreSQL -----------------------------------------------------------------------


@contextmanager
def _postgresql(address: URL) -> Iterator[Connection]:
    """One connection, one moment."""
    settings = {"application_name": f"{NAME}-backup", "connect_timeout": CONNECT}
    engine = create_engine(address, poolclass=NullPool, connect_args=settings)
    with (
        translated(),
        engine.connect().execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        ) as connection,
    ):
        yield connection


def _counts(connection: Connection) -> Manifest:
    names = _tables(connection)
    if REVISION not in names:
        raise BackupRefused(
            "There is no database of this app: it is made when the app first starts."
        )
    revision = connection.execute(text(f"SELECT version_num FROM {REVISION}")).scalar()
    counts = {
        name: int(
            connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
        )
        for name in TABLES
        if name in names
    }
    return Manifest("postgresql", str(revision), counts, time.time())


def _tables(connection: Connection) -> set[str]:
    found = set(sqlalchemy_inspect(connection).get_table_names())
    return found & {*TABLES, REVISION}


def _dump_postgresql(address: URL, to: Path) -> Manifest:
    program = _program("pg_dump")
    with _postgresql(address) as connection:
        # The dump sees what the counts saw.
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        manifest = _counts(connection)
        tables = [f"--table={name}" for name in (*manifest.rows, REVISION)]
        _run(address, program, "--format=custom", "--compress=0", "--no-owner",
             "--no-privileges", f"--snapshot={snapshot}", *tables, f"--file={to}",
             address.database or "")  # fmt: skip
    _to_disk(to)
    return manifest


def _put_postgresql(copy: Path, address: URL, kept: Path, space: Path) -> Path | None:
    """The dump's content into the database, in one transaction, or nothing at all."""
    psql, pg_restore = _program("psql"), _program("pg_restore")
    with _postgresql(address) as connection:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database() "
                "AND coalesce(backend_type, 'client backend') = 'client backend'"
            )
        ).scalar_one()
        if others:
            raise _in_use()
        there = _tables(connection)
    before = None
    if REVISION in there:
        backup(address.render_as_string(hide_password=False), kept)
        before = kept
    script, first = space / "restore.sql", space / "first.sql"
    _run(address, pg_restore, "--no-owner", "--no-privileges", f"--file={script}",
         str(copy))  # fmt: skip
    names = ", ".join(f'"{name}"' for name in sorted(there))
    drops = f"DROP TABLE {names} CASCADE;\n" if there else ""
    first.write_text(f"SELECT pg_advisory_xact_lock({LOCK});\n{drops}", "utf-8")
    _run(address, psql, "--no-psqlrc", "--quiet", "--single-transaction",
         "--set=ON_ERROR_STOP=1", f"--file={first}", f"--file={script}",
         address.database or "")  # fmt: skip
    return before


def _program(name: str) -> str:
    """PostgreSQL's own program of that name; Debian keeps the server's off the PATH."""
    if found := shutil.which(name):
        return found
    folders = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = sorted(folders, key=lambda path: float(path.parts[-3]))
    if newest:
        return str(newest[-1])
    raise BackupRefused(
        f"{name} is not on this machine: install PostgreSQL's client programs "
        "(on Debian: apt-get install postgresql-client)."
    )


def _run(address: URL, program: str, *arguments: str) -> None:
    """Runs it on the database; passwords are in the environment, which others see not.

    Raises:
        BackupRefused: it failed, with the last that it said.
    """
    where = {
        "PGHOST": address.host,
        "PGPORT": str(address.port) if address.port else None,
        "PGUSER": address.username,
        "PGPASSWORD": address.password,
        "PGDATABASE": address.database,
        "PGCONNECT_TIMEOUT": str(CONNECT),
    }
    for name, value in address.query.items():
        if name in ("host", "port", "sslmode", "sslrootcert", "sslcert", "sslkey"):
            where[f"PG{name.upper()}"] = str(value)
    environment = {k: str(v) for k, v in where.items() if v is not None}
    done = subprocess.run(
        [program, *arguments],
        env=os.environ | environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it said nothing"]
        raise BackupRefused(f"{Path(program).name} failed: {said[-1]}")

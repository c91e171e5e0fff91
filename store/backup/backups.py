"""Backups: one file with the database as it was at one moment.

It is a zip of two members. `manifest.json` says which kind of database this is, which
migration it has and how many rows; `database` is an SQLite file, or what pg_dump
writes. The zip's checksums tell when either is damaged.

Both are made while the app is at work, and keep nobody waiting: SQLite's backup
interface reads one moment beside the writers, pg_dump a snapshot.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from sqlalchemy import make_url

from paths import NAME
from store.backup import postgresql_dump, sqlite_file
from store.backup.manifest import FORMAT, BackupRefused, Manifest, to_disk
from store.database import MIGRATIONS, Database

MANIFEST, DATABASE = "manifest.json", "database"
LARGEST_MANIFEST = 1_000_000  # bytes


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
            manifest = sqlite_file.copy_file(sqlite_file.path_of(address), copy)
        else:
            manifest = postgresql_dump.dump(address, copy)
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
        to_disk(packed)
        packed.replace(file)
        to_disk(file.parent)
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
        with closing(sqlite_file.open_file(sqlite_file.path_of(address))) as connection:
            return sqlite_file.look(connection, "The database")
    with postgresql_dump.connected(address) as connection:
        return postgresql_dump.counts(connection)


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
    target = sqlite_file.path_of(address).absolute() if is_sqlite else file.absolute()
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
            before = sqlite_file.put_file(copy, target, kept)
        else:
            kept = file.absolute().with_name(f"{file.stem}.before-{stamp}.zip")
            had_tables = postgresql_dump.put_dump(
                copy, address, space, lambda: backup(url, kept)
            )
            before = kept if had_tables else None
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
        with closing(sqlite_file.open_file(to)) as connection:
            found = sqlite_file.look(connection, f"{file}")
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

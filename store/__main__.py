"""The database by command: python -m store backup | restore | check | prune.

    python -m store backup class-2026-11-25.zip
    python -m store check class-2026-11-25.zip
    python -m store restore class-2026-11-25.zip
    python -m store prune

It is the database that the app uses: $DATABASE_URL, or the file in the data folder.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy import make_url

from store import retention
from store.backup import backups
from store.backup.manifest import BackupRefused
from store.database import Database, DatabaseAway, default_url


def parser() -> argparse.ArgumentParser:
    """The parser of the command line."""
    whole = argparse.ArgumentParser("python -m store", description="The class's data.")
    commands = whole.add_subparsers(dest="command", required=True)
    for name, words in (
        ("backup", "write the database to FILE, while the app is at work"),
        ("restore", "put FILE in its place, and keep what was there"),
    ):
        commands.add_parser(name, help=words).add_argument("file", type=Path)
    commands.add_parser(
        "check", help="read and check the database, or a backup"
    ).add_argument("file", type=Path, nargs="?")
    commands.add_parser("prune", help="delete what is kept no longer")
    return whole


def do(command: str, file: Path | None) -> str:
    """Does it; returns one sentence about what was done.

    Raises:
        BackupRefused, DatabaseAway, ValueError: it was not; the message says why.
    """
    match command, file:
        case "backup", Path():
            found = backups.backup(default_url(), file)
            return f"Backed up to {file}: {found}. {which()}"
        case "restore", Path():
            found, kept = backups.restore(default_url(), file)
            before = f"; what was there before is in {kept}" if kept else ""
            return f"Restored from {file}: {found}{before}. {which()}"
        case "check", Path():
            return f"{file} is sound: {backups.inspect(file)}."
        case "check", None:
            return f"The database is sound: {backups.check(default_url())}. {which()}"
    database = Database()
    try:
        pruned, runs = retention.prune_all(database)
    finally:
        database.close()
    return f"Deleted {pruned}, {retention.many(runs, 'run')} of the lab. {which()}"


def which() -> str:
    """Which database it was, without its password: another folder has another."""
    url = make_url(default_url())
    is_file = url.get_backend_name() == "sqlite"
    named = url.database if is_file else url.render_as_string(hide_password=True)
    return f"(The database is {named}.)"


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints the result, or exits with the reason for a failure."""
    logging.disable(logging.WARNING)  # of the same trouble, with paths
    options = parser().parse_args(arguments)
    try:
        print(do(options.command, getattr(options, "file", None)))
    except (BackupRefused, DatabaseAway, ValueError) as refusal:
        sys.exit(str(refusal))


if __name__ == "__main__":
    main()

"""A PostgreSQL database as a dump, by pg_dump, pg_restore and psql."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, NullPool, create_engine, text
from sqlalchemy import inspect as sqlalchemy_inspect

import clock
from paths import NAME
from store.backup.manifest import (
    REVISION,
    TABLES,
    BackupRefused,
    Manifest,
    in_use,
    to_disk,
)
from store.database import translated
from store.engines import CONNECT, LOCK


@contextmanager
def connected(address: URL) -> Iterator[Connection]:
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


def counts(connection: Connection) -> Manifest:
    names = _tables(connection)
    if REVISION not in names:
        raise BackupRefused(
            "There is no database of this app: it is made when the app first starts."
        )
    revision = connection.execute(text(f"SELECT version_num FROM {REVISION}")).scalar()
    found = {
        name: int(
            connection.execute(text(f'SELECT count(*) FROM "{name}"')).scalar_one()
        )
        for name in TABLES
        if name in names
    }
    return Manifest("postgresql", str(revision), found, clock.now())


def _tables(connection: Connection) -> set[str]:
    found = set(sqlalchemy_inspect(connection).get_table_names())
    return found & {*TABLES, REVISION}


def dump(address: URL, to: Path) -> Manifest:
    program = _program("pg_dump")
    with connected(address) as connection:
        # The dump sees what the counts saw.
        snapshot = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        manifest = counts(connection)
        tables = [f"--table={name}" for name in (*manifest.rows, REVISION)]
        run_program(
            address,
            program,
            *("--format=custom", "--compress=0", "--no-owner", "--no-privileges"),
            *(f"--snapshot={snapshot}", *tables, f"--file={to}"),
            address.database or "",
        )
    to_disk(to)
    return manifest


def put_dump(copy: Path, address: URL, space: Path, keep: Callable[[], object]) -> bool:
    """The dump's content into the database, in one transaction, or nothing at all.

    Args:
        space: a folder for its scripts.
        keep: backs up what is there, if it is this app's.

    Returns:
        Whether there was something to keep.
    """
    psql, pg_restore = _program("psql"), _program("pg_restore")
    with connected(address) as connection:
        others = connection.execute(
            text(
                "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() "
                "AND datname = current_database() "
                "AND coalesce(backend_type, 'client backend') = 'client backend'"
            )
        ).scalar_one()
        if others:
            raise in_use()
        there = _tables(connection)
    is_ours = REVISION in there
    if is_ours:
        keep()
    script, first = space / "restore.sql", space / "first.sql"
    run_program(
        address,
        pg_restore,
        *("--no-owner", "--no-privileges", f"--file={script}", str(copy)),
    )
    names = ", ".join(f'"{name}"' for name in sorted(there))
    drops = f"DROP TABLE {names} CASCADE;\n" if there else ""
    first.write_text(f"SELECT pg_advisory_xact_lock({LOCK});\n{drops}", "utf-8")
    run_program(
        address,
        psql,
        *("--no-psqlrc", "--quiet", "--single-transaction", "--set=ON_ERROR_STOP=1"),
        *(f"--file={first}", f"--file={script}", address.database or ""),
    )
    return is_ours


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


def run_program(address: URL, program: str, *arguments: str) -> None:
    """Runs a client program; the password is in the environment, hidden from others.

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

"""A real PostgreSQL for the tests: one server in a folder of its own, no network.

`python -m tests.postgres` makes sure that there is one; `make test` calls it.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests import debian
from tests.waiting import until

REQUIRED = os.environ.get("REQUIRE_POSTGRES", "") not in ("", "0")
NO_POSTGRES = (
    "no PostgreSQL: install one (on Debian: apt-get install postgresql), "
    "or name its programs' folder with POSTGRES=/path/to/bin"
)
USER = "lab"  # who may do everything in the server
SETTINGS = {
    "listen_addresses": "",  # a socket in its folder alone: no port, no other user
    "fsync": "off",  # a machine that loses power loses nothing of worth here
    "full_page_writes": "off",
    "max_connections": "60",
    "shared_buffers": "32MB",
}


def find_programs() -> Path | None:
    """The folder of `initdb` and `postgres`: the newest there is; None: there is none.

    Debian keeps them apart from what is on the PATH.
    """
    if named := os.environ.get("POSTGRES"):
        return Path(named)
    if os.name == "nt":  # no sockets in folders
        return None
    if found := shutil.which("initdb"):
        return Path(found).resolve().parent
    folders = Path("/usr/lib/postgresql").glob("*/bin/initdb")
    newest = sorted(folders, key=lambda path: float(path.parts[-3]))
    return newest[-1].parent if newest else None


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: who runs it instead, for `subprocess`."""
    if os.geteuid() != 0:
        return {}
    import pwd

    for name in ("postgres", "nobody"):
        with suppress(KeyError):
            found = pwd.getpwnam(name)
            return {"user": found.pw_uid, "group": found.pw_gid, "extra_groups": []}
    raise RuntimeError("Expected a user called postgres or nobody.")


@dataclass
class Server:
    """A PostgreSQL server. `stop` and `start` are for tests of what then happens."""

    programs: Path
    folder: Path
    process: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Makes an empty cluster."""
        self._run("initdb", "--no-sync", "-A", "trust", "-U", USER, "-E", "UTF8",
                  "--locale=C", "-D", str(self.folder / "data"))  # fmt: skip

    def start(self) -> None:
        """Starts it, and waits until it answers."""
        settings = [f"--{name}={value}" for name, value in SETTINGS.items()]
        with (self.folder / "log").open("ab") as out:
            self.process = subprocess.Popen(
                [self.programs / "postgres", "-D", self.folder / "data",
                 "-k", self.folder, *settings],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                **_unprivileged(),
            )  # fmt: skip
        until(self._answers, "PostgreSQL to start")

    def _answers(self) -> bool:
        assert self.process is not None
        log = (self.folder / "log").read_text("utf-8", "replace")[-2000:]
        assert self.process.poll() is None, f"PostgreSQL did not start:\n{log}"
        try:
            psycopg.connect(self.url("postgres", driver="")).close()
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """Ends it at once, connections and all."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # a "fast" shutdown
            try:
                self.process.wait(30)
            except subprocess.TimeoutExpired:
                self.process.send_signal(signal.SIGQUIT)
                self.process.wait(30)
            self.process = None

    def url(self, name: str, driver: str = "+psycopg") -> str:
        """The address of one of its databases."""
        return f"postgresql{driver}://{USER}@/{name}?host={self.folder}"

    def new(self) -> str:
        """The address of a new, empty database."""
        name = f"lab_{uuid.uuid4().hex[:12]}"
        address = self.url("postgres", driver="")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        return self.url(name)

    def drop(self, url: str) -> None:
        """Deletes a database, whoever is connected."""
        name = url.partition("?")[0].rpartition("/")[2]
        address = self.url("postgres", driver="")
        with psycopg.connect(address, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [self.programs / program, *arguments],
            cwd=self.folder,
            capture_output=True,
            text=True,
            **_unprivileged(),
        )
        if done.returncode:
            raise RuntimeError(f"{program}: {done.stderr}")


@contextmanager
def serving(programs: Path) -> Iterator[Server]:
    """A server of one's own; gone, with its folder, at the end of the block."""
    # Short, for a socket's name has 107 characters at most; and outside pytest's own
    # folder, which other users cannot enter.
    folder = Path(tempfile.mkdtemp(prefix="postgres-"))
    server = Server(programs, folder)
    try:
        if who := _unprivileged():
            os.chown(folder, who["user"], who["group"])
            folder.chmod(0o755)
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def main() -> None:
    """Finds a PostgreSQL, or installs one, or says what is missing."""
    if find_programs() is None:
        debian.install("postgresql", "the tests of the database")
    if found := find_programs():
        print(f"Tests on PostgreSQL use {found}")
    elif REQUIRED:
        sys.exit(NO_POSTGRES)
    else:
        print(f"Tests on PostgreSQL are skipped: {NO_POSTGRES}")


if __name__ == "__main__":
    main()

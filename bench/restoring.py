"""Backups of a database under load, each restored and looked at."""

from __future__ import annotations

import hashlib
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sqlalchemy import select

from bench.students import Figures
from bench.visitors import percentile
from paths import ROOT
from store.backup import backups
from store.database import FILE, Database
from store.tables import Account, Attempt, Class, Response
from tests.class_rows import add_account, add_attempt, add_class, add_member

# Each transaction counts itself in the class and adds one answer, made of the count:
# what the database holds at any moment follows from the count alone.
_WRITER = """
import sys
from bench.restoring import write_until_told
write_until_told(sys.argv[1])
"""


def content_of(count: int) -> str:
    """The answer that the transaction of that count writes."""
    return hashlib.sha256(str(count).encode()).hexdigest()


def write_until_told(url: str) -> None:
    """A writer: prints each count after its commit, until it is killed."""
    database = Database(url)
    while True:
        with database.writing() as session:
            record = session.execute(select(Class)).scalar_one()
            record.version += 1
            count = record.version
            attempt = session.execute(select(Attempt.id)).scalar_one()
            session.add(
                Response(
                    key=f"{attempt}-{count}",
                    attempt_id=attempt,
                    question="restore",
                    seed=count % 100,
                    number=count,
                    kind="answer",
                    answer=json.dumps(content_of(count)),
                    truth="null",
                    score=1.0,
                    sentence="",
                    mistake=None,
                    counts=True,
                    own=False,
                    at=time.time(),
                )
            )
        sys.stdout.write(f"{count}\n")
        sys.stdout.flush()


def restore(times: int = 20, writers: int = 3) -> Figures:
    """Backups while writers are at work; each is restored and looked at."""
    sound = 0
    took: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        url = f"sqlite:///{place / FILE}"
        database = Database(url)
        with database.writing() as session:
            class_id = add_class(session, add_account(session))
            add_attempt(session, add_member(session, class_id, "writer"))
        started = []
        for number in range(writers):
            with (place / f"{number}.log").open("wb") as out:
                writer = [sys.executable, "-c", _WRITER, url]
                started.append(subprocess.Popen(writer, cwd=ROOT, stdout=out))

        def told() -> int:
            """The highest count that a writer has printed after its commit."""
            lines = [
                (place / f"{n}.log").read_text("utf-8").rpartition("\n")[0]
                for n in range(writers)
            ]
            return max(int(x.rpartition("\n")[2] or 0) for x in lines)

        spans: list[tuple[Path, int, int]] = []
        try:
            while told() < 50:
                time.sleep(0.05)
            for number in range(times):
                file = place / f"{number}.zip"
                before, began = told(), time.perf_counter()
                backups.backup(url, file)
                took.append(time.perf_counter() - began)
                spans.append((file, before, told() + writers))
                time.sleep(random.random() / 2)
        finally:
            for process in started:
                process.kill()
                process.wait()
        written = told()
        database.close()
        for file, before, after in spans:
            new = place / f"restored-{file.stem}.sqlite3"
            backups.restore(f"sqlite:///{new}", file)
            sound += is_of_one_moment(f"sqlite:///{new}", before, after)
    return {
        "backups": times,
        "restored": sound,
        "restore_written": written,
        "backup_p95_s": round(percentile(took, 95), 2),
    }


def is_of_one_moment(url: str, before: int, after: int) -> bool:
    """Whether a restored database is what was committed at a moment between the two.

    Args:
        before: the count that was surely committed when the backup began.
        after: a count that was surely not exceeded when it was over.
    """
    backups.check(url)  # pages, indexes, references
    database = Database(url)
    with database.reading() as session:
        count = session.execute(select(Class.version)).scalar_one()
        found = {
            (number, json.loads(answer))
            for number, answer in session.execute(
                select(Response.number, Response.answer)
            )
        }
        accounts = session.scalars(select(Account.id)).all()
    database.close()
    expected = {(number, content_of(number)) for number in range(1, count + 1)}
    return found == expected and before <= count <= after and len(accounts) == 1

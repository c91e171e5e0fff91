"""A class at work, and what becomes of its answers: `python -m bench.classroom`.

    python -m bench.classroom --part answers   60 students, 10 answers each within 10 s
    python -m bench.classroom --part kill      the server is killed 50 times meanwhile
    python -m bench.classroom --part follow    60 students follow their instructor
    python -m bench.classroom --part restore   20 backups under load, all restored

Without --part all four, in this order. Students are browsers of the running app that
have joined a class (`bench.streamlit_client`); a class is put straight into a database
of the bench's own, and what is in it afterwards is held against what each student read.
The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import hashlib
import importlib
import json
import os
import random
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import select
from websockets.exceptions import WebSocketException

from bench.streamlit_client import HOST, Failed, Run, Visitor, http_status
from bench.visitors import percentile
from paths import ROOT
from store import backups
from store.database import FILE, Database
from store.tables import Account, Class, Given, Member, Sitting
from tests.class_rows import add_account, add_class, add_member, add_sitting
from ui.kit import words
from ui.session import visitor

Figures = dict[str, Any]
# Questions whose answer is typed as a number: a wrong one may be tried again.
QUESTIONS = ("counting", "number")
TRIES = 5  # answers to a question before the next
WRONG = 90_000_000  # from here on no number is the answer to anything


# --- a server -------------------------------------------------------------------------


@dataclass
class Served:
    """The app as `make run` serves it: a supervisor, and the server below it."""

    port: int
    supervisor: subprocess.Popen[bytes]
    log: Path

    def server(self) -> psutil.Process | None:
        """The server's own process, while there is one."""
        with contextlib.suppress(psutil.NoSuchProcess):
            for child in psutil.Process(self.supervisor.pid).children():
                if child.status() != psutil.STATUS_ZOMBIE:
                    return child
        return None

    def wait(self, path: str, patience_s: float = 120.0) -> float:
        """Seconds until the address answers.

        Raises:
            Failed: it did not in time; with the end of the log.
        """
        began = time.perf_counter()
        while http_status(self.port, path, 2.0) != 200:
            if time.perf_counter() - began > patience_s:
                tail = self.log.read_text("utf-8", "replace")[-2000:]
                raise Failed(f"{path} did not answer. The log ends with:\n{tail}")
            time.sleep(0.02)
        return time.perf_counter() - began


@contextlib.contextmanager
def served(data: Path) -> Iterator[Served]:
    """scripts/serve.py on a free port, its data in a folder, to the block's end."""
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    log = data / "server.log"
    environment = os.environ | {"ALEXNET_DATA": str(data), "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    with log.open("wb") as out:
        supervisor = subprocess.Popen(
            [sys.executable, "scripts/serve.py", HOST, str(port)],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    running = Served(port, supervisor, log)
    try:
        running.wait("/ready")
        yield running
    finally:
        supervisor.terminate()
        try:
            supervisor.wait(45)
        except subprocess.TimeoutExpired:
            supervisor.kill()
            supervisor.wait()


# --- a class --------------------------------------------------------------------------


@dataclass
class Student:
    """A browser that has joined, and what it gave and read."""

    token: str  # its cookie
    number: int
    given: set[str] = field(default_factory=set)  # answers sent
    saved: set[str] = field(default_factory=set)  # those whose "saved" it has read
    seconds: list[float] = field(default_factory=list)  # from the click to "saved"
    troubles: list[str] = field(default_factory=list)

    @property
    def cookies(self) -> dict[str, str]:
        """As the browser sends them."""
        return {visitor.NAME: self.token}


def open_class(database: Database, students: int) -> list[Student]:
    """An open class whose members are these browsers."""
    found = [Student(secrets.token_urlsafe(18), number) for number in range(students)]
    now = time.time()
    with database.writing() as session:
        class_id = add_class(session, add_account(session, at=now), opened=now)
        for student in found:
            name = f"Student {student.number}"
            add_member(session, class_id, student.token, name, now)
    return found


def questions() -> list[str]:
    """Ids of questions whose answer is a typed number."""
    from classroom.questions.bank import bank

    topic, kind = QUESTIONS
    return [
        x.id for x in bank().questions.values() if (x.topic, x.kind) == (topic, kind)
    ]


class Desk:
    """One student at the quiz: shows questions, types numbers, reads "saved"."""

    def __init__(self, port: int, student: Student, ids: Sequence[str]) -> None:
        self.student = student
        self.ids = ids
        self.visitor = Visitor(port, "quiz", "", 30.0, student.cookies)
        self._saved = words.page("quiz")["away"]["saved"].partition("{")[0]
        self._next = student.number  # which question; students begin at different ones
        self._left = 0

    async def turn(self) -> None:
        """Shows the next question."""
        question = self.ids[self._next % len(self.ids)]
        seed = 1 + self._next // len(self.ids) + 1000 * self.student.number
        self.visitor.query = f"round={QUESTIONS[0]}&question={question}&seed={seed}"
        self._next += 1
        self._left = TRIES
        await self.visitor.run()

    async def give(self) -> None:
        """Types a number that nobody typed before, and submits it.

        Raises:
            Failed: "saved" was not to be read afterwards.
        """
        if not self._left:
            await self.turn()
        self._left -= 1
        shown = self.visitor.last
        if shown is None:
            raise Failed("Expected a question on the page. Received: nothing")
        answer = str(WRONG + len(self.student.given) + 10_000 * self.student.number)
        box = shown.of_kind("text_input")[-1][1]
        button = next(b for _, b in shown.of_kind("button") if b.is_form_submitter)
        self.visitor.set(box, string_value=answer)
        self.student.given.add(answer)
        began = time.perf_counter()
        run = await self.visitor.press(button)
        at = self._read_saved(run)
        if at is None:
            raise Failed(f"Expected '{self._saved}'. Received: {texts(run)[-3:]}")
        self.student.saved.add(answer)
        self.student.seconds.append(at - began)

    def _read_saved(self, run: Run) -> float | None:
        for at, element in run.of_kind("markdown"):
            if self._saved in element.body:
                return at
        return None


def texts(run: Run) -> list[str]:
    """What there is to read on a page."""
    return [element.body for _, element in run.of_kind("markdown")]


# Which errors a student meets when the server is killed.
CUT = (Failed, OSError, TimeoutError, WebSocketException, asyncio.IncompleteReadError)


def rows(database: Database) -> dict[str, Counter[str]]:
    """Visitor (as the database calls it) -> what it answered, and how often."""
    found: dict[str, Counter[str]] = {}
    query = (
        select(Member.visitor, Given.answer)
        .join(Sitting, Sitting.id == Given.sitting_id)
        .join(Member, Member.id == Sitting.member_id)
        .where(Given.kind == "answer")
    )
    with database.reading() as session:
        for who, answer in session.execute(query):
            found.setdefault(who, Counter())[str(json.loads(answer))] += 1
    return found


def compare(students: Sequence[Student], found: dict[str, Counter[str]]) -> Figures:
    """What the students gave and read, against the rows."""
    lost = doubled = unread = 0
    for student in students:
        own = found.get(hashlib.sha256(student.token.encode()).hexdigest(), Counter())
        lost += len(student.saved - own.keys())
        unread += len(own.keys() & (student.given - student.saved))
        doubled += sum(times - 1 for times in own.values())
    return {
        "rows": sum(sum(each.values()) for each in found.values()),
        "given": sum(len(s.given) for s in students),
        "saved": sum(len(s.saved) for s in students),
        "lost": lost,
        "doubled": doubled,
        "unread": unread,
    }


# --- answers --------------------------------------------------------------------------


def answers(users: int = 60, each: int = 10, time_s: float = 10.0) -> Figures:
    """A whole class answers at once."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / FILE}")
        students = open_class(database, users)
        with served(Path(folder)) as server:
            taken = asyncio.run(_answer(server.port, students, each, time_s))
        found = compare(students, rows(database))
        database.close()
    seconds = [second for student in students for second in student.seconds]
    for trouble in sorted({x for student in students for x in student.troubles}):
        print("failed:", trouble)
    # An answer that could not even be given is as good as lost.
    return {
        "answers": users * each,
        "rows": found["rows"],
        "lost": users * each - found["saved"] + found["lost"],
        "doubled": found["doubled"],
        "answer_p50_s": round(percentile(seconds, 50), 3),
        "answer_p95_s": round(percentile(seconds, 95), 3),
        "answers_took_s": round(taken, 1),
    }


async def _answer(
    port: int, students: Sequence[Student], each: int, time_s: float
) -> float:
    ids = questions()
    begin = asyncio.Event()
    ready = 0

    async def one(student: Student) -> None:
        nonlocal ready
        desk = Desk(port, student, ids)
        try:
            async with desk.visitor:
                await desk.turn()
                ready += 1
                await begin.wait()
                began = time.perf_counter()
                for number in range(each):
                    # Its share of the time, and within that at any moment.
                    due = time_s * (number + random.random()) / each
                    await asyncio.sleep(max(0.0, began + due - time.perf_counter()))
                    await desk.give()
        except CUT as error:
            student.troubles.append(f"{type(error).__name__}: {error}"[:200])

    async with asyncio.TaskGroup() as tasks:
        for student in students:
            tasks.create_task(one(student))
            await asyncio.sleep(0.1)
        end = time.perf_counter() + 120
        while ready < len(students) and time.perf_counter() < end:
            await asyncio.sleep(0.1)
        began = time.perf_counter()
        begin.set()
    return time.perf_counter() - began


# --- kill -----------------------------------------------------------------------------


def kill(times: int = 50, users: int = 8) -> Figures:
    """The server is killed again and again while answers arrive."""
    back: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{Path(folder) / FILE}")
        students = open_class(database, users)
        with served(Path(folder)) as server:
            asyncio.run(_kill(server, students, times, back))
        found = compare(students, rows(database))
        database.close()
    return {
        "kills": len(back),
        "kill_saved": found["saved"],
        "kill_lost": found["lost"],
        "kill_doubled": found["doubled"],
        "kill_saved_unread": found["unread"],
        "back_p50_s": round(percentile(back, 50), 1),
        "back_max_s": round(max(back, default=0.0), 1),
    }


async def _kill(
    server: Served, students: Sequence[Student], times: int, back: list[float]
) -> None:
    ids, over = questions(), asyncio.Event()
    told = asyncio.Event()  # an answer was saved since the last kill

    async def one(student: Student) -> None:
        place = student.number
        while not over.is_set():
            desk = Desk(server.port, student, ids)
            desk._next = place = place + len(students)  # never the same question again
            try:
                async with desk.visitor:
                    while not over.is_set():
                        await desk.give()
                        told.set()
            except CUT as error:
                student.troubles.append(f"{type(error).__name__}: {error}"[:200])
                await asyncio.sleep(0.2)

    async with asyncio.TaskGroup() as tasks:
        for student in students:
            tasks.create_task(one(student))
        for number in range(times):
            told.clear()
            await asyncio.wait_for(told.wait(), 120)
            await asyncio.sleep(random.random())  # at any moment of an answer
            process = server.server()
            if process is None:
                raise Failed("Expected a server to kill. Received: none")
            process.kill()
            began = time.perf_counter()
            told.clear()
            await asyncio.to_thread(process.wait, 10)
            await asyncio.to_thread(server.wait, "/_stcore/health")
            back.append(time.perf_counter() - began)
            print(f"kill {number + 1}: back after {back[-1]:.1f} s", flush=True)
        over.set()


# --- follow ---------------------------------------------------------------------------


def follow() -> Figures:
    """60 students follow their instructor: `bench.class_follow` plays them."""
    found: Figures = importlib.import_module("bench.class_follow").measure()
    return found


# --- restore --------------------------------------------------------------------------

# Each transaction counts itself in the class and adds one answer, made of the count:
# what the database holds at any moment follows from the count alone.
_WRITER = """
import sys
from bench.classroom import write_until_told
write_until_told(sys.argv[1])
"""


def content_of(count: int) -> str:
    """The answer that the transaction of that count writes."""
    return hashlib.sha256(str(count).encode()).hexdigest()


def write_until_told(url: str) -> None:
    """A writer: says each count after its commit, until it is killed."""
    database = Database(url)
    while True:
        with database.writing() as session:
            row = session.execute(select(Class)).scalar_one()
            row.version += 1
            count = row.version
            sitting = session.execute(select(Sitting.id)).scalar_one()
            session.add(
                Given(
                    key=f"{sitting}-{count}",
                    sitting_id=sitting,
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
            add_sitting(session, add_member(session, class_id, "writer"))
        started = []
        for number in range(writers):
            with (place / f"{number}.log").open("wb") as out:
                writer = [sys.executable, "-c", _WRITER, url]
                started.append(subprocess.Popen(writer, cwd=ROOT, stdout=out))

        def told() -> int:
            """The highest count that a writer has said after its commit."""
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
            for number, answer in session.execute(select(Given.number, Given.answer))
        }
        accounts = session.scalars(select(Account.id)).all()
    database.close()
    expected = {(number, content_of(number)) for number in range(1, count + 1)}
    return found == expected and before <= count <= after and len(accounts) == 1


# --- the report -----------------------------------------------------------------------

PARTS: dict[str, Callable[[], Figures]] = {
    "answers": answers,
    "kill": kill,
    "follow": follow,
    "restore": restore,
}
TABLE = [
    ("answers given, and rows found", "rows", "600", ""),
    ("  lost", "lost", "0", ""),
    ("  doubled", "doubled", "0", ""),
    ("  click to “saved”, median", "answer_p50_s", "", "s"),
    ("  click to “saved”, 95 of 100 within", "answer_p95_s", "<= 1", "s"),
    ("  all of them took", "answers_took_s", "10", "s"),
    ("kills of the server", "kills", "50", ""),
    ("  answers whose “saved” was read", "kill_saved", "", ""),
    ("  of these lost", "kill_lost", "0", ""),
    ("  doubled", "kill_doubled", "0", ""),
    ("  saved, but the word did not arrive", "kill_saved_unread", "", ""),
    ("  server back, median", "back_p50_s", "", "s"),
    ("  server back, the slowest", "back_max_s", "<= 15", "s"),
    ("a step seen by all, 95 of 100 within", "follow_p95_s", "<= 2", "s"),
    ("backups under load", "backups", "20", ""),
    ("  restored equal and sound", "restored", "20", ""),
    ("  a backup took, 95 of 100 within", "backup_p95_s", "", "s"),
]


def table(found: Figures) -> str:
    """The figures that were measured, with what is promised."""
    known = [row for row in TABLE if row[1] in found]
    lines = [
        f"{title:42} {found[key]!s:>9} {unit:3} {promise}".rstrip()
        for title, key, promise, unit in known
    ]
    named = {key for _, key, _, _ in TABLE}
    lines += [f"{k:42} {v!s:>9}" for k, v in found.items() if k not in named]
    return "\n".join(lines)


def main(argv: Sequence[str] | None = None) -> None:
    """Measures and prints."""
    summary = (__doc__ or "").splitlines()[0]
    parser = argparse.ArgumentParser("python -m bench.classroom", description=summary)
    parser.add_argument("--part", choices=PARTS, action="append", help="all: without")
    options = parser.parse_args(argv)
    found: Figures = {}
    for name in options.part or PARTS:
        found |= PARTS[name]()
    print(table(found))
    print(json.dumps(found))


if __name__ == "__main__":
    main()

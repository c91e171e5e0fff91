"""Students at the quiz: browsers that have joined a class, and what they gave and read.

The app runs in processes of its own; a class is put straight into a database, and what
is in it afterwards is held against what each student read.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import secrets
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil  # type: ignore[import-untyped]
from sqlalchemy import select
from websockets.exceptions import WebSocketException

from bench.http_client import HOST, Failed, http_status
from bench.streamlit_client import ScriptRun, Visitor
from paths import ROOT
from store.database import Database
from store.tables import Attempt, Class, Member, Response
from tests.class_rows import add_account, add_class, add_member
from ui.kit import words
from ui.session import visitor

Figures = dict[str, Any]
# Questions whose answer is typed as a number: a wrong one may be tried again.
QUESTIONS = ("counting", "number")
TRIES = 5  # answers to a question before the next
WRONG = 90_000_000  # from here on no number is the answer to anything


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
class VirtualStudent:
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


def open_class(database: Database, students: int) -> list[VirtualStudent]:
    """An open class whose members are these browsers."""
    found = [
        VirtualStudent(secrets.token_urlsafe(18), number) for number in range(students)
    ]
    now = time.time()
    with database.writing() as session:
        class_id = add_class(session, add_account(session, at=now), opened=now)
        session.get_one(Class, class_id).language = "en"  # `Desk` reads English
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

    def __init__(self, port: int, student: VirtualStudent, ids: Sequence[str]) -> None:
        self.student = student
        self.ids = ids
        self.visitor = Visitor(port, "quiz", "", 30.0, student.cookies)
        self._saved = words.page("quiz").table("away")["saved"].partition("{")[0]
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
        """Types a number that no student has typed before, and submits it.

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

    def _read_saved(self, run: ScriptRun) -> float | None:
        for at, element in run.of_kind("markdown"):
            if self._saved in element.body:
                return at
        return None


def texts(run: ScriptRun) -> list[str]:
    """What there is to read on a page."""
    return [element.body for _, element in run.of_kind("markdown")]


# Which errors a student meets when the server is killed.
CUT = (Failed, OSError, TimeoutError, WebSocketException, asyncio.IncompleteReadError)


def rows(database: Database) -> dict[str, Counter[str]]:
    """Visitor (as the database calls it) -> what it answered, and how often."""
    found: dict[str, Counter[str]] = {}
    query = (
        select(Member.visitor, Response.answer)
        .join(Attempt, Attempt.id == Response.attempt_id)
        .join(Member, Member.id == Attempt.member_id)
        .where(Response.kind == "answer")
    )
    with database.reading() as session:
        for who, answer in session.execute(query):
            found.setdefault(who, Counter())[str(json.loads(answer))] += 1
    return found


def compare(
    students: Sequence[VirtualStudent], found: dict[str, Counter[str]]
) -> Figures:
    """What the students gave and read, against the rows."""
    lost = doubled = unread = 0
    for student in students:
        answers = found.get(
            hashlib.sha256(student.token.encode()).hexdigest(), Counter()
        )
        lost += len(student.saved - answers.keys())
        unread += len(answers.keys() & (student.given - student.saved))
        doubled += sum(times - 1 for times in answers.values())
    return {
        "rows": sum(sum(each.values()) for each in found.values()),
        "given": sum(len(s.given) for s in students),
        "saved": sum(len(s.saved) for s in students),
        "lost": lost,
        "doubled": doubled,
        "unread": unread,
    }

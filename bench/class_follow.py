"""A class follows its instructor: `python -m bench.class_follow`.

60 browsers of students have joined a class and are in the lesson; the instructor, who
presents it, steps every five seconds for five minutes, up and down through all steps
with their live things. A step counts as seen when its title has arrived at the student,
and its time runs from the instructor's click. Students ask and run their page as
ui/kit/components/follow/follow.js does. The last line is JSON.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import json
import os
import secrets
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import psutil  # type: ignore[import-untyped]

from bench.http_client import Failed
from bench.streamlit_client import ScriptRun, Visitor, server
from bench.visitors import percentile
from classroom.content import lesson
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor
from store import database
from store.tables import Account, SignIn
from ui.session import visitor as visitors
from ui.session.routes import NAME as SESSION

Figures = dict[str, Any]
STUDENTS = 60
EVERY = 5.0  # seconds between two steps
SECONDS = 300.0
IDLE = 15.0  # seconds without a move, to see what waiting costs


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@contextmanager
def temporary_data() -> Iterator[None]:
    """A database of the bench's own, for this process and the servers it starts."""
    before = {name: os.environ.get(name) for name in ("ALEXNET_DATA", "DATABASE_URL")}
    with tempfile.TemporaryDirectory() as folder:
        os.environ["ALEXNET_DATA"] = folder
        os.environ.pop("DATABASE_URL", None)
        opened, database.current = database.current, None
        try:
            yield
        finally:
            if database.current is not None:
                database.current.close()
            database.current = opened
            for name, value in before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


def signed_in() -> tuple[Instructor, str]:
    """An instructor, and the cookie of a browser in which they have signed in."""
    token, now = secrets.token_urlsafe(24), time.time()
    with database.shared().writing() as session:
        session.add(Account(id="bench", name="Bench", created=now))
        session.flush()
        session.add(
            SignIn(
                token=_digest(token),
                account_id="bench",
                created=now,
                seen=now,
                ends=now + 86_400,
            )
        )
    return Instructor("bench", "Bench"), token


@dataclass
class Follower:
    """One student's browser, in the lesson."""

    visitor: Visitor
    cookie: str
    course: ClassNow
    version: int = 0  # that the page shows
    at: str = ""
    arrived: dict[int, float] = field(
        default_factory=dict
    )  # version -> title was there
    done: dict[int, float] = field(default_factory=dict)  # version -> all was there
    polls: int = 0

    async def begin(self) -> None:
        """The lesson, as the class has it now."""
        self._read(await self.visitor.run())

    def _component(self, run: ScriptRun) -> Any:
        for _, element in run.of_kind("bidi_component"):
            if element.component_name == "alexnet_follow":
                return element
        raise Failed(
            "Expected a lesson that follows a class. Received: one that does not"
        )

    def _read(self, run: ScriptRun) -> None:
        data = json.loads(self._component(run).json)
        self.version, self.at = data["version"], data["at"]
        title = data["steps"][data["step"]][1]
        for at, heading in run.of_kind("heading"):
            if heading.body == title:
                self.arrived.setdefault(self.version, at)
        self.done.setdefault(self.version, run.finished)

    async def follow(self) -> None:
        """Polls, and runs the page when the class has moved, until it is cancelled."""
        while True:
            query = {
                "class": self.course.id,
                "version": self.version,
                "at": self.at,
                "follows": 1,
                "wait": 1,
            }
            self.polls += 1
            answer = await self.visitor.get(f"follow?{urlencode(query)}")
            if answer.status == 204:
                continue
            if answer.status != 200:
                raise Failed(f"Expected 200 or 204. Received: {answer.status}")
            assert self.visitor.last is not None
            now = json.loads(answer.body)["version"]
            component = self._component(self.visitor.last)
            self._read(await self.visitor.trigger(component, "moved", now))


@dataclass
class Leader:
    """The instructor's browser, which presents the lesson."""

    visitor: Visitor
    moved: dict[int, float] = field(default_factory=dict)  # version -> the click
    _forward: bool = True

    async def step(self, version: int) -> None:
        """Clicks on the next step, from the last one back again."""
        last = self.visitor.last
        assert last is not None
        buttons = {b.label: b for _, b in last.of_kind("button")}
        words = lesson.load().words
        forth, back = buttons[words["next"]], buttons[words["previous"]]
        if (forth if self._forward else back).disabled:
            self._forward = not self._forward
        self.moved[version] = time.perf_counter()
        await self.visitor.press(forth if self._forward else back)


def run_command(
    summary: str, measure: Callable[[int], Figures], students: int = STUDENTS
) -> None:
    """Measures a class of `--students`; prints a table and, last, one line of JSON."""
    parser = argparse.ArgumentParser(description=summary)
    parser.add_argument("--students", type=int, default=students)
    found = measure(parser.parse_args().students)
    for name, value in found.items():
        print(f"{name:20} {value}")
    print(json.dumps(found))


@asynccontextmanager
async def lesson_class(
    port: int, who: Instructor, token: str, students: int
) -> AsyncIterator[tuple[Leader, list[Follower]]]:
    """A class in the lesson: its leader presents, its students have a first page."""
    course = classes.open_class(who, "Bench")
    followers = []
    async with AsyncExitStack() as stack:
        for number in range(students):
            cookie = secrets.token_urlsafe(18)
            classes.join(course.code, _digest(cookie), f"Student {number + 1}")
            visitor = Visitor(port, "lesson", "", cookies={visitors.NAME: cookie})
            await stack.enter_async_context(visitor)
            followers.append(Follower(visitor, cookie, course))
        cookies = {visitors.NAME: secrets.token_urlsafe(18), SESSION: token}
        leader = Leader(Visitor(port, "lesson", "present=1&lead=1", cookies=cookies))
        await stack.enter_async_context(leader.visitor)
        await leader.visitor.run()
        for follower in followers:
            await follower.begin()
        yield leader, followers


def cores(process: psutil.Process) -> float:
    """Processor seconds of the server and what it has started."""
    total = 0.0
    for one in (process, *process.children(recursive=True)):
        try:
            spent = one.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += spent.user + spent.system
    return total


async def _play(
    port: int,
    process: psutil.Process,
    who: Instructor,
    token: str,
    students: int,
    seconds: float,
) -> Figures:
    async with (
        lesson_class(port, who, token, students) as (leader, followers),
        asyncio.TaskGroup() as tasks,
    ):
        running = [tasks.create_task(one.follow()) for one in followers]
        await asyncio.sleep(1)
        began, spent = time.perf_counter(), cores(process)
        await asyncio.sleep(IDLE)
        idle = (cores(process) - spent) / (time.perf_counter() - began)
        version = followers[0].version
        began, spent = time.perf_counter(), cores(process)
        for number in range(round(seconds / EVERY)):
            due = began + number * EVERY
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            version += 1
            await leader.step(version)
        await asyncio.sleep(max(0.0, began + seconds - time.perf_counter()))
        busy = (cores(process) - spent) / (time.perf_counter() - began)
        for task in running:
            task.cancel()
    return figures(leader.moved, followers) | {
        "follow_cores": round(busy, 2),
        "follow_idle_cores": round(idle, 3),
    }


def figures(moved: dict[int, float], followers: list[Follower]) -> Figures:
    """How soon each step was seen, and by what share before the next click."""
    arrived, done, expected = [], [], 0
    versions = sorted(moved)
    for version, then in zip(versions, [*versions[1:], None], strict=True):
        until = moved[then] if then is not None else moved[version] + EVERY
        for one in followers:
            expected += 1
            at = one.arrived.get(version)
            if at is not None and at <= until:
                arrived.append(at - moved[version])
                done.append(one.done[version] - moved[version])
    return {
        "follow_steps": len(versions),
        "follow_students": len(followers),
        "follow_seen": len(arrived) / expected if expected else 0.0,
        "follow_p50_s": round(percentile(arrived, 50), 2),
        "follow_p95_s": round(percentile(arrived, 95), 2),
        "follow_max_s": round(max(arrived, default=0.0), 2),
        "follow_done_p95_s": round(percentile(done, 95), 2),
    }


def measure(students: int = STUDENTS, seconds: float = SECONDS) -> Figures:
    """Plays the class against a server of its own.

    Returns:
        follow_p95_s: from the click to the step's title at the student, 95 of 100.
        follow_seen: share of (step, student) seen before the next click.
        follow_done_p95_s: the same until the whole page was there.
        follow_cores: processor cores that the server was busy with, on average.
        follow_idle_cores: the same without a move.
    """
    with temporary_data(), server() as running:
        who, token = signed_in()
        process = psutil.Process(running.process.pid)
        return asyncio.run(_play(running.port, process, who, token, students, seconds))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description="Measures how a class follows.")
    parser.add_argument("--students", type=int, default=STUDENTS)
    parser.add_argument("--quick", action="store_true", help="one minute, not five")
    options = parser.parse_args()
    found = measure(options.students, 60.0 if options.quick else SECONDS)
    for name, value in found.items():
        print(f"{name:20} {value}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()

"""The route by which browsers follow a class: a long poll, answered when it moves.

    GET /follow?class=ID&version=7&at=relu&follows=1&wait=1&news=a41c

200 with where the class is, as soon as that is not version 7, and with how the
student's exams and the concept inventory stand, as soon as one has opened or closed
since `news`; 204 when nothing happened for a while; 403 for those not of the class, by
the cookie of their browser; 429 for too many questions at once; 503 while the database
is away. `at` and `follows` are where the visitor is: the class's instructor sees it.
`wait=0`, of a page in the background, is answered at once.
"""

from __future__ import annotations

import asyncio
import re
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from types import FrameType
from typing import Any
from urllib.parse import parse_qsl

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.exams import attempts
from classroom.exams.timing import StudentExam
from classroom.inventory import rounds
from classroom.people import accounts
from classroom.people.following import ClassGone, ClassPosition, following
from classroom.people.roles import Student
from store.database import DatabaseAway
from ui.session import routes as session_routes
from ui.session import visitor
from ui.session.routes import path

ADDRESS = "follow"
HOLD = 25.0  # seconds that a question waits for its answer; proxies allow 30 and more
MOST_TABS = 12  # questions of one member at once
_PLACE = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
_CLASS = re.compile(r"[0-9a-f]{32}")
_NEWS = re.compile(r"[0-9a-f]{0,12}")
_HEADERS = {"cache-control": "no-store"}


async def follow(request: Request) -> Response:
    """One request of a follower."""
    asked = dict(parse_qsl(request.url.query, keep_blank_values=True))
    who = visitor.key_of(request.cookies.get(visitor.NAME, ""))
    class_id, version = asked.get("class", ""), asked.get("version", "")
    place, news = asked.get("at", ""), asked.get("news")
    if who is None or not _CLASS.fullmatch(class_id):
        return _refused(403)
    if not (version.isdecimal() and len(version) < 10 and _PLACE.fullmatch(place)):
        return _refused(400)
    if news is not None and not _NEWS.fullmatch(news):
        return _refused(400)
    try:
        member = await asyncio.to_thread(following.member, who, class_id)
        if member is None:
            return _refused(403)
        is_shown = asked.get("wait") != "0"
        seconds = HOLD if is_shown else 0.0
        if not member:  # the instructor, who is not one of those who are here
            token = request.cookies.get(session_routes.NAME, "")
            if await asyncio.to_thread(accounts.instructor, token) is None:
                return _refused(403)  # signed out since the page was drawn
            now = await following.wait(class_id, int(version), seconds, _gone(request))
            return _answer(now)
        if following.tabs(member) >= MOST_TABS:
            return _refused(429)
        with following.asking(member, place, asked.get("follows") == "1", is_shown):
            now = await following.wait(
                class_id, int(version), seconds, _gone(request), news
            )
        if now is not None and news not in (None, now.news):
            student = Student(member, class_id, "")
            return _answer(now, await asyncio.to_thread(_told, student))
    except DatabaseAway:
        return _refused(503)
    except ClassGone:
        return _refused(403)
    return _answer(now)


async def _gone(request: Request) -> None:
    """Returns when the client has disconnected."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _told(student: Student) -> dict[str, Any]:
    """How each exam of the class stands for a student, and the concept inventory.

    Of the inventory, the moment of the round that they can take: "" where there is
    none, where they have handed in, and while they are in an exam.
    """
    exams = [
        {"id": one.id, "title": one.title, "state": _stands(one)}
        for one in attempts.exams(student)
    ]
    in_an_exam = any(one["state"] == "running" for one in exams)
    moment = None if in_an_exam else rounds.of_student(student).to_take
    return {"tests": exams, "inventory": moment or ""}


def _stands(exam: StudentExam) -> str:
    if exam.running is not None:  # one that can be left is open like others
        return "open" if exam.at_home else "running"
    if exam.open:
        return "handed" if exam.next is None else "open"
    return "results"


def _answer(now: ClassPosition | None, told: dict[str, Any] | None = None) -> Response:
    if now is None:
        return Response(status_code=204, headers=_HEADERS)
    answer: dict[str, Any] = {
        "version": now.version,
        "step": now.step,
        "page": now.page,
        "reveal": now.reveal,
        "open": now.is_open,
        "together": bool(now.together),
    }
    if told is not None:
        answer |= {"news": now.news, **told}
    return JSONResponse(answer, headers=_HEADERS)


def _refused(status: int) -> Response:
    return Response(status_code=status, headers=_HEADERS)


@asynccontextmanager
async def answering() -> AsyncIterator[None]:
    """While the server runs. Waiting requests must not keep it from ending.

    A server that is told to end finishes what it was asked first, and closes its
    lifespan after that: so the signal itself says that nothing is waited for any more.
    """
    following.begin()
    before: dict[signal.Signals, Any] = {}

    def ends(number: int, frame: FrameType | None) -> None:
        following.end()
        then = before[signal.Signals(number)]
        if callable(then):
            then(number, frame)

    for name in (signal.SIGINT, signal.SIGTERM):
        before[name] = signal.getsignal(name)
        try:
            signal.signal(name, ends)
        except ValueError:  # not the main thread: an exam's server, ended by its test
            break
    try:
        yield
    finally:
        following.end()
        for name, handler in before.items():
            if signal.getsignal(name) is ends:
                signal.signal(name, handler)
        await asyncio.to_thread(_write_last)


def _write_last() -> None:
    """Stores the last changes of presence; they are lost if the database is away."""
    with suppress(DatabaseAway):
        following.write()


def routes() -> list[Route]:
    """The one address."""
    return [Route(path(ADDRESS), follow)]

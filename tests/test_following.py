"""Following a class: who may ask, when they are answered, and what asking costs."""

from __future__ import annotations

import asyncio
import hashlib
import signal
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request

from classroom.exams import attempts, exams
from classroom.exams.exams import ExamPlan
from classroom.inventory import rounds
from classroom.people import activities, classes
from classroom.people import following as hub
from classroom.people.following import ClassGone, ClassPosition, Following
from classroom.people.roles import Instructor
from paths import ROOT
from store import database
from store.classes import Classes
from store.database import Database, DatabaseAway
from store.tables import Account
from tests.migrated import new_database
from tests.waiting import LONG, until_so
from ui.following import routes
from ui.session import visitor

ANNA = Instructor("anna", "Anna")
COOKIE, OTHER = "k" * 24, "o" * 24
AT_ONCE = routes.HOLD / 2  # seconds: an answer that did not wait for its time


def key(cookie: str) -> str:
    return hashlib.sha256(cookie.encode()).hexdigest()


@pytest.fixture(autouse=True)
def following(monkeypatch: pytest.MonkeyPatch) -> Following:
    """Nobody follows yet; looks and batches come quickly."""
    fresh = Following()
    for module in (hub, activities, classes, exams, rounds, routes):
        monkeypatch.setattr(module, "following", fresh)
    monkeypatch.setattr(hub, "LOOK", 0.05)
    monkeypatch.setattr(hub, "WRITE", 0.05)
    return fresh


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    with own.writing() as session:
        session.add(Account(id=ANNA.account, name=ANNA.name, created=0.0))
    yield own
    own.close()


@pytest.fixture
def course() -> classes.ClassNow:
    """A class with one student, whose browser has `COOKIE`."""
    opened = classes.open_class(ANNA, "5b")
    classes.join(opened.code, key(COOKIE), "Kim")
    return opened


async def never() -> None:
    await asyncio.Event().wait()


async def waits_for(following: Following, count: int = 1) -> None:
    """Until so many questions wait for an answer."""
    await until_so(
        lambda: sum(following.tabs(member) for member in following.here()) == count,
        f"{count} to wait",
    )


# --- the address ----------------------------------------------------------------------

Ask = Callable[..., Awaitable[httpx.Response]]


async def ask(cookie: str | None = COOKIE, **query: Any) -> httpx.Response:
    app = Starlette(routes=routes.routes())
    cookies = {} if cookie is None else {visitor.NAME: cookie}
    async with httpx.AsyncClient(
        transport=httpx.ASGITransport(app), base_url="http://lab", cookies=cookies
    ) as client:
        return await client.get("/follow", params={k: str(v) for k, v in query.items()})


def asked(course: classes.ClassNow, **other: Any) -> dict[str, Any]:
    query = {"class": course.id, "version": course.version, "at": "start", "follows": 1}
    return query | {"wait": 1} | other


def test_what_a_class_begins_together_answers_at_once(
    course: classes.ClassNow, following: Following
) -> None:
    async def play() -> httpx.Response:
        waits = asyncio.create_task(ask(**asked(course)))
        await waits_for(following)
        await asyncio.to_thread(activities.begin, ANNA, course.id, "guess", {})
        answer = await waits
        await asyncio.to_thread(classes.move, ANNA, course.id, "relu", True)
        after = await ask(**asked(course) | {"version": answer.json()["version"]})
        assert after.json()["together"]  # a move does not hide it
        return answer

    answer = asyncio.run(play()).json()
    assert answer["together"] and answer["version"] == course.version + 1


def test_a_move_answers_at_once(course: classes.ClassNow, following: Following) -> None:
    async def play() -> tuple[httpx.Response, float]:
        waits = asyncio.create_task(ask(**asked(course)))
        await waits_for(following)
        assert not waits.done()
        began = time.monotonic()
        await asyncio.to_thread(classes.move, ANNA, course.id, "relu", True)
        answer = await waits
        return answer, time.monotonic() - began

    answer, took = asyncio.run(play())
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json() == {
        "version": course.version + 1,
        "step": "relu",
        "reveal": True,
        "open": True,
        "page": "",
        "together": False,
    }
    assert took < AT_ONCE


def test_sixty_are_answered_by_one_move(
    course: classes.ClassNow, following: Following
) -> None:
    cookies = [f"{number:024}" for number in range(60)]
    for cookie in cookies:
        classes.join(course.code, key(cookie), "Kim")

    async def play() -> list[httpx.Response]:
        waits = [asyncio.create_task(ask(c, **asked(course))) for c in cookies]
        await waits_for(following, 60)
        await asyncio.to_thread(classes.move, ANNA, course.id, "relu", False)
        return await asyncio.gather(*waits)

    assert {answer.json()["step"] for answer in asyncio.run(play())} == {"relu"}


def test_who_comes_late_is_told_at_once(course: classes.ClassNow) -> None:
    classes.move(ANNA, course.id, "relu", False)
    answer = asyncio.run(asyncio.wait_for(ask(**asked(course)), AT_ONCE))
    assert answer.json()["step"] == "relu"


def test_nothing_new_is_said_after_a_while(
    course: classes.ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "HOLD", 0.2)
    began = time.monotonic()
    assert asyncio.run(ask(**asked(course))).status_code == 204
    assert time.monotonic() - began >= 0.2


def test_a_page_in_the_background_is_not_kept_waiting(course: classes.ClassNow) -> None:
    began = time.monotonic()
    assert asyncio.run(ask(**asked(course, wait=0))).status_code == 204
    assert time.monotonic() - began < AT_ONCE


@pytest.mark.parametrize("cookie", [None, OTHER, "", "'; DROP TABLE members; --", "x"])
def test_a_forged_cookie_is_refused(
    cookie: str | None, course: classes.ClassNow
) -> None:
    assert asyncio.run(ask(cookie, **asked(course))).status_code == 403


@pytest.mark.parametrize(
    ("other", "status"),
    [
        ({"class": "0" * 32}, 403),
        ({"class": "' OR 1=1"}, 403),
        ({"class": ""}, 403),
        ({"version": "-1"}, 400),
        ({"version": "²"}, 400),
        ({"version": "9" * 40}, 400),
        ({"at": "<script>"}, 400),
        ({"at": "x" * 41}, 400),
        ({"at": ""}, 400),
    ],
)
def test_a_forged_question_is_refused(
    other: dict[str, str], status: int, course: classes.ClassNow
) -> None:
    answer = asyncio.run(ask(**asked(course, **other)))
    assert answer.status_code == status
    assert answer.content == b""


def test_a_member_of_one_class_may_not_ask_about_another(
    course: classes.ClassNow,
) -> None:
    other = classes.open_class(ANNA, "6b")
    assert asyncio.run(ask(**asked(other))).status_code == 403


def test_who_has_left_may_not_ask(course: classes.ClassNow) -> None:
    assert asyncio.run(ask(**asked(course, wait=0))).status_code == 204
    kim = classes.student(key(COOKIE))
    assert kim is not None
    classes.leave(kim)
    assert asyncio.run(ask(**asked(course, wait=0))).status_code == 403


def test_a_class_that_is_closed_or_deleted_says_so(
    course: classes.ClassNow, following: Following
) -> None:
    async def play(do: Callable[..., None]) -> httpx.Response:
        version = classes.now(ANNA, course.id).version
        waits = asyncio.create_task(ask(**asked(course, version=version)))
        await waits_for(following)
        await asyncio.to_thread(do, ANNA, course.id)
        return await waits

    assert asyncio.run(play(classes.close_class)).json()["open"] is False
    classes.reopen(ANNA, course.id)
    assert asyncio.run(play(classes.delete)).status_code == 403


def test_an_instructors_browser_may_ask_for_a_while(
    course: classes.ClassNow, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    who: list[Instructor | None] = [ANNA]
    monkeypatch.setattr(routes.accounts, "instructor", lambda _: who[-1])
    following.allow(key(OTHER), course.id, 60)
    who.append(None)  # signed out
    assert asyncio.run(ask(OTHER, **asked(course, wait=0))).status_code == 403
    assert asyncio.run(ask(**asked(course, wait=0))).status_code == 204, "a student's"
    who.append(ANNA)
    assert asyncio.run(ask(OTHER, **asked(course, wait=0))).status_code == 204
    assert classes.here(ANNA, course.id)[0].name == "Kim", "and is nobody's student"
    following.allow(key(OTHER), course.id, -1)
    assert asyncio.run(ask(OTHER, **asked(course, wait=0))).status_code == 403


def test_one_member_cannot_hold_the_server(
    course: classes.ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(routes, "MOST_TABS", 3)
    monkeypatch.setattr(routes, "HOLD", 1.0)

    async def play() -> list[int]:
        answers = await asyncio.gather(*(ask(**asked(course)) for _ in range(5)))
        return sorted(answer.status_code for answer in answers)

    assert asyncio.run(play()) == [204, 204, 204, 429, 429]


def test_the_database_is_away(
    course: classes.ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("away")

    monkeypatch.setattr(Classes, "membership", away)
    assert asyncio.run(ask(**asked(course))).status_code == 503


def test_who_goes_away_is_waited_for_no_more(
    course: classes.ClassNow, following: Following
) -> None:
    query = "&".join(f"{name}={value}" for name, value in asked(course).items())
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/follow",
        "query_string": query.encode(),
        "headers": [(b"cookie", f"{visitor.NAME}={COOKIE}".encode())],
    }
    messages = [{"type": "http.request"}, {"type": "http.disconnect"}]

    async def receive() -> dict[str, Any]:
        await waits_for(following)
        return messages.pop(0)

    async def play() -> int:
        request = Request(scope, receive)
        return (await asyncio.wait_for(routes.follow(request), AT_ONCE)).status_code

    assert asyncio.run(play()) == 204
    assert not following.waiting.get(course.id)


# --- tests ----------------------------------------------------------------------------


def a_test(course: classes.ClassNow, title: str = "One") -> str:
    return exams.create(ANNA, course.id, ExamPlan(title, ("side",))).id


def told(course: classes.ClassNow, do: Callable[..., Any], news: str = "") -> Any:
    """What a follower hears when something is done, who knows of some news."""

    async def play() -> httpx.Response:
        waits = asyncio.create_task(ask(**asked(course, news=news)))
        await waits_for(hub.following)
        assert not waits.done()
        await asyncio.to_thread(do)
        return await asyncio.wait_for(waits, AT_ONCE)

    return asyncio.run(play()).json()


def test_a_test_that_opens_and_closes_is_told(course: classes.ClassNow) -> None:
    test = a_test(course, "<b>*One*")
    said = told(course, lambda: exams.open_exam(ANNA, test))
    one = {"id": test, "title": "<b>*One*"}
    assert said["tests"] == [one | {"state": "open"}]
    assert (said["version"], said["open"]) == (course.version, True)
    kim = classes.student(key(COOKIE))
    assert kim is not None
    attempt = attempts.begin(kim, test)
    again = asyncio.run(ask(**asked(course, news="", wait=0))).json()
    assert again["tests"] == [one | {"state": "running"}], "who comes late hears, too"
    attempts.hand_in(kim, attempt.id)
    said = told(course, lambda: exams.close_exam(ANNA, test), said["news"])
    assert said["tests"] == [one | {"state": "results"}]
    said = told(course, lambda: exams.delete_exam(ANNA, test), said["news"])
    assert (said["tests"], said["news"]) == ([], "")


def test_a_test_that_closes_by_itself_is_told(
    course: classes.ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    test = a_test(course)
    monkeypatch.setattr(exams, "MINUTE", 1.0)  # seconds
    said = told(course, lambda: exams.open_exam(ANNA, test, 1.5))

    async def play() -> httpx.Response:
        return await asyncio.wait_for(ask(**asked(course, news=said["news"])), 10)

    answer = asyncio.run(play()).json()
    assert answer["news"] != said["news"]
    assert answer["tests"] == [], "a student without an attempt has no result"


def test_an_inventory_that_opens_and_closes_is_told(course: classes.ClassNow) -> None:
    kim = classes.student(key(COOKIE))
    assert kim is not None
    news = ""
    for moment in rounds.MOMENTS:
        said = told(course, partial(rounds.open_round, ANNA, course.id, moment), news)
        assert (said["inventory"], said["tests"]) == (moment, [])
        rounds.begin(kim, moment)
        again = asyncio.run(ask(**asked(course, news="0", wait=0))).json()
        assert again["inventory"] == moment, "it can be gone on with"
        rounds.hand_in(kim, moment)
        again = asyncio.run(ask(**asked(course, news="0", wait=0))).json()
        assert again["inventory"] == "", "theirs is handed in"
        news = said["news"]
    close = partial(rounds.close_round, ANNA, course.id, "after")
    said = told(course, close, news)
    assert (said["inventory"], said["news"]) == ("", "")


def test_nobody_is_called_out_of_a_test(course: classes.ClassNow) -> None:
    test = a_test(course)
    exams.open_exam(ANNA, test)
    kim = classes.student(key(COOKIE))
    assert kim is not None
    attempt = attempts.begin(kim, test)
    rounds.open_round(ANNA, course.id, "before")
    said = asyncio.run(ask(**asked(course, news="", wait=0))).json()
    assert (said["inventory"], said["tests"][0]["state"]) == ("", "running")
    attempts.hand_in(kim, attempt.id)
    said = asyncio.run(ask(**asked(course, news="", wait=0))).json()
    assert said["inventory"] == "before"


def test_a_class_that_closes_tells_of_its_tests(course: classes.ClassNow) -> None:
    test = a_test(course)
    exams.open_exam(ANNA, test)
    kim = classes.student(key(COOKIE))
    assert kim is not None
    attempts.begin(kim, test)
    news = asyncio.run(ask(**asked(course, news="", wait=0))).json()["news"]
    classes.close_class(ANNA, course.id)
    said = asyncio.run(ask(**asked(course, news=news, wait=0))).json()
    assert said["open"] is False, "its students may ask on"
    assert [one["state"] for one in said["tests"]] == ["results"]


def test_a_move_is_no_news_of_tests(course: classes.ClassNow) -> None:
    exams.open_exam(ANNA, a_test(course))
    news = asyncio.run(ask(**asked(course, news="", wait=0))).json()["news"]
    said = told(course, lambda: classes.move(ANNA, course.id, "relu", False), news)
    assert said["step"] == "relu" and "tests" not in said


def test_who_wants_no_news_hears_none(course: classes.ClassNow) -> None:
    exams.open_exam(ANNA, a_test(course))
    assert asyncio.run(ask(**asked(course, wait=0))).status_code == 204
    assert asyncio.run(ask(**asked(course, news="<x>"))).status_code == 400


# --- another process ------------------------------------------------------------------

MOVE = """
import sys
from classroom.exams import exams, attempts
from classroom.people import activities, classes
from classroom.people.roles import Instructor
classes.move(Instructor("anna", "Anna"), sys.argv[1], "relu", False)
"""


def test_another_processs_move_is_noticed(
    course: classes.ClassNow, following: Following, tmp_path: Path
) -> None:
    async def play() -> httpx.Response:
        waits = asyncio.create_task(ask(**asked(course)))
        await waits_for(following)
        done = await asyncio.create_subprocess_exec(
            sys.executable,
            *("-c", MOVE, course.id),
            cwd=ROOT,
            env={"ALEXNET_DATA": str(tmp_path), "PATH": ""},
        )
        assert await done.wait() == 0
        return await asyncio.wait_for(waits, AT_ONCE)

    assert asyncio.run(play()).json()["step"] == "relu"


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many classes each look at the database was for."""
    counts: list[int] = []
    some = Classes.some

    def counted(self: Classes, ids: Any) -> Any:
        ids = list(ids)
        counts.append(len(ids))
        return some(self, ids)

    monkeypatch.setattr(Classes, "some", counted)
    return counts


def test_a_look_costs_one_query_for_all(
    course: classes.ClassNow, following: Following, looks: list[int]
) -> None:
    others = [classes.open_class(ANNA, str(number)) for number in range(3)]

    async def play() -> None:
        waits = [
            following.wait(one.id, one.version, 0.5, never())
            for one in (course, *others)
            for _ in range(10)
        ]
        assert await asyncio.gather(*waits) == [None] * 40

    asyncio.run(play())
    assert max(looks) == 4
    assert len(looks) < 40, "not one a follower"


def test_where_nobody_follows_nothing_runs(
    course: classes.ClassNow,
    following: Following,
    looks: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub, "KNOWN", 0.1)

    async def play() -> None:
        await ask(**asked(course, wait=0))
        assert ticks()
        await until_so(lambda: not ticks(), "the ticks to end")
        assert not following.here()
        looked = len(looks)
        await ask(**asked(course, wait=0))
        assert len(looks) == looked + 1, "what was known of the class is forgotten"

    def ticks() -> bool:
        return any(task.get_name() == "following" for task in asyncio.all_tasks())

    asyncio.run(play())


def test_an_older_look_does_not_undo_a_move(following: Following) -> None:
    """A look that began before this process moved the class says nothing."""
    new, old = (
        ClassPosition(2, "relu", False, True),
        ClassPosition(1, "start", False, True),
    )

    class Slow:
        def __init__(self, _: object) -> None: ...

        def some(self, _: object) -> list[Any]:
            following.tell("c", new)  # meanwhile
            row = {"version": old.version, "step": old.step, "reveal": False}
            return [type("Row", (), {"id": "c", "closed": None, **row})]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(hub, "Classes", Slow)
        assert asyncio.run(following.wait("c", 1, 1.0, never())) == new


def test_an_unknown_class_is_gone(following: Following) -> None:
    with pytest.raises(ClassGone):
        asyncio.run(following.wait("0" * 32, 1, 1.0, never()))


# --- presence -------------------------------------------------------------------------


def test_who_asks_is_here_and_is_written_in_one_batch(
    course: classes.ClassNow, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(9):
        classes.join(course.code, key(f"{number:024}"), f"Student {number}")
    batches: list[int] = []
    saw = Classes.saw

    def counted(self: Classes, seen: Any) -> None:
        seen = list(seen)
        batches.append(len(seen))
        saw(self, seen)

    monkeypatch.setattr(Classes, "saw", counted)
    monkeypatch.setattr(routes, "HOLD", 0.4)

    async def play() -> None:
        query = asked(course, at="relu")
        await asyncio.gather(*(ask(f"{n:024}", **query) for n in range(9)))
        await until_so(lambda: not following.here(), "all to be written")

    asyncio.run(play())
    assert max(batches) == 9
    rows = {row.name: row for row in Classes(database.shared()).members(course.id)}
    assert {rows[f"Student {n}"].step for n in range(9)} == {"relu"}
    assert rows["Kim"].step == "start", "who has not asked is where they were"


def test_a_wanderer_is_seen_as_one(
    course: classes.ClassNow, following: Following
) -> None:
    kim = classes.student(key(COOKIE))
    assert kim is not None
    with following.asking(kim.member, "dropout", False, True):
        found = classes.here(ANNA, course.id)[0]
        place = classes.membership(key(COOKIE))
    assert (found.step, found.follows, found.here) == ("dropout", False, True)
    assert place is not None and not place.follows, "a reload wanders on"


def test_the_tab_that_is_looked_at_counts(following: Following) -> None:
    with following.asking("kim", "relu", True, True):
        with following.asking("kim", "quiz", False, False):  # in the background
            assert following.here()["kim"].step == "relu"
        with following.asking("kim", "flow", False, True):
            assert following.here()["kim"].step == "flow"
    with following.asking("kim", "quiz", False, False):
        assert following.here()["kim"].step == "quiz"


def test_presence_outlives_a_database_that_is_away(
    course: classes.ClassNow, following: Following, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = classes.student(key(COOKIE))
    assert kim is not None

    def away(*_: object) -> None:
        raise DatabaseAway("away")

    with following.asking(kim.member, "relu", True, True):
        pass
    with monkeypatch.context() as patch:
        patch.setattr(Classes, "saw", away)
        with pytest.raises(DatabaseAway):
            following.write()
    following.write()
    row = Classes(database.shared()).member(kim.member)
    assert row is not None and row.step == "relu"
    assert not following.here()


# --- the end --------------------------------------------------------------------------


def test_the_end_answers_all_who_wait(
    course: classes.ClassNow, following: Following
) -> None:
    async def play() -> int:
        before = signal.getsignal(signal.SIGTERM)
        received: list[int] = []
        signal.signal(signal.SIGTERM, lambda number, _: received.append(number))
        try:
            async with routes.answering():
                waits = asyncio.create_task(ask(**asked(course)))
                await waits_for(following)
                signal.raise_signal(signal.SIGTERM)
                status = (await asyncio.wait_for(waits, AT_ONCE)).status_code
            assert received == [signal.SIGTERM], "and the server receives it too"
        finally:
            signal.signal(signal.SIGTERM, before)
        return status

    assert asyncio.run(play()) == 204


def test_a_server_ends_while_somebody_waits(tmp_path: Path) -> None:
    """`streamlit run app.py`, really; a question of 25 s must not hold it up."""
    from tests import browser as stand

    folder = tmp_path / "data"
    folder.mkdir()
    own = Database(f"sqlite:///{folder / database.FILE}")
    with own.writing() as session:
        session.add(Account(id=ANNA.account, name=ANNA.name, created=0.0))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database, "current", own)
        course = classes.open_class(ANNA, "5b")
        classes.join(course.code, key(COOKIE), "Kim")
    own.close()
    with stand.serving(tmp_path / "log", ALEXNET_DATA=str(folder)) as server:
        connection = HTTPConnection(server.url.partition("//")[2], timeout=30)
        query = "&".join(f"{name}={value}" for name, value in asked(course).items())
        cookie = {"Cookie": f"{visitor.NAME}={COOKIE}"}
        connection.request("GET", f"/follow?{query}", headers=cookie)
        later = HTTPConnection(server.url.partition("//")[2], timeout=30)
        later.request("GET", f"/follow?{query}&wait=0", headers=cookie)
        assert later.getresponse().read() == b"", "what came before is waiting"
        later.close()
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        answer = connection.getresponse()
        answer.read()
        assert answer.status == 204
        try:
            server.process.wait(LONG)
        except subprocess.TimeoutExpired:
            pytest.fail("the server waits for those who wait for it")
        assert time.monotonic() - began < routes.HOLD
        connection.close()

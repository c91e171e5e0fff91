"""A class's files are sent to its instructor, and to nobody else."""

from __future__ import annotations

import asyncio
import csv
import io
import json
import re
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook
from starlette.requests import Request
from starlette.responses import Response

from classroom.people.roles import Instructor
from classroom.questions import gift
from classroom.questions.titles import title
from store.database import Database, DatabaseAway
from tests import results_rows
from tests.results_rows import ADA, BOB
from ui.classes.results import export_routes
from ui.session import routes

SESSIONS = {"a" * 32: ADA, "b" * 32: BOB}


@pytest.fixture
def rows(tmp_path, monkeypatch):
    with results_rows.opened(tmp_path, monkeypatch) as made:
        made.member("mia", "=Mia")
        made.member("leo", "Leo")
        made.test("t", ["side"])
        made.sit("mia", "t")
        made.give("mia", "side", "=1+1")
        made.give("mia", "side", "1")
        made.give("mia", "side", "42", test="t")
        yield made


def who(token: str) -> Instructor | None:
    return SESSIONS.get(token)


def get(query: str, cookie: str | None = "a" * 32, asked: Any = who) -> Response:
    (route,) = export_routes.routes(asked)
    headers = []
    if cookie is not None:
        headers.append((b"cookie", f"{routes.NAME}={cookie}".encode()))
    scope = {
        "type": "http",
        "method": "GET",
        "path": export_routes.PATH,
        "query_string": query.encode(),
        "headers": headers,
    }
    return route.endpoint(Request(scope))


BOOK = "class=c&test=&which=best&format="
FILES = {
    "csv": f"{BOOK}csv",
    "xlsx": f"{BOOK}xlsx",
    "csv for Excel in German": f"{BOOK}csv&csv=continental",
    "zip": "class=c&member=mia&format=zip",
    "all tests": "class=c&test=all&which=best&format=csv",
}


def test_the_gradebook_as_csv(rows):
    answer = get(FILES["csv"])
    assert answer.status_code == 200
    assert re.search(
        r'^attachment; filename="class-c-practice-\d{4}-\d\d-\d\d\.csv"; filename',
        answer.headers["content-disposition"],
    )
    assert answer.headers["cache-control"] == "no-store"
    head, mia, leo = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert mia[:2] == ["1", "'=Mia"]
    assert leo[1] == "Leo"
    assert head[-1] == title("side")


def test_the_gradebook_and_all_answers_as_xlsx(rows):
    book = load_workbook(io.BytesIO(get(f"{BOOK}xlsx").body))
    assert book.sheetnames == ["Practice", "Answers"]
    answers = list(book["Answers"].iter_rows(min_row=2, values_only=True))
    assert [row[7] for row in answers] == ["=1+1", "1"]
    assert {row[1] for row in answers} == {"=Mia"}
    test = load_workbook(io.BytesIO(get("class=c&test=t&which=last&format=xlsx").body))
    assert test.sheetnames[0] == "Test t"


def test_one_members_data_as_a_zip(rows):
    with zipfile.ZipFile(io.BytesIO(get(FILES["zip"]).body)) as archive:
        member = json.loads(archive.read("member.json"))
        given = json.loads(archive.read("given.json"))
        assert b"Class c" in archive.read("README.txt")
    assert member["name"] == "=Mia"
    assert len(given) == 3


def test_the_bank_as_gift(rows):
    answer = get("format=gift&seed=5")
    assert answer.media_type.startswith("text/plain")
    assert gift.read(answer.body).problems == ()
    assert b"seed 5" in answer.body


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("cookie", [None, "", "forged", "A" * 32, "a" * 31])
def test_without_a_session_there_is_no_file(rows, name, cookie):
    answer = get(FILES[name], cookie)
    assert answer.status_code == 401
    assert answer.body == b"Sign in first."


@pytest.mark.parametrize("name", FILES)
def test_another_instructor_gets_nothing(rows, name):
    answer = get(FILES[name], "b" * 32)
    assert answer.status_code == 403
    assert b"Mia" not in answer.body


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("format=exe&class=c", 400),
        ("format=csv&class=c&test=", 400),
        ("format=csv&class=c&test=&which=worst", 400),
        ("format=csv&class=c&test=nowhere&which=best", 403),
        ("format=csv&class=nowhere&test=&which=best", 403),
        ("format=zip&class=c&member=nobody", 403),
        ("format=gift&seed=-1", 400),
        ("format=gift&seed=" + "9" * 50, 400),
        ("format=gift&seed=%D9%A1", 400),
        ("format=csv&class=c%00&test=&which=best", 403),
        ("format=csv&class=%27%20OR%201=1--&test=&which=best", 403),
    ],
)
def test_what_there_is_not_is_said_in_a_sentence(rows, query, status):
    answer = get(query)
    assert answer.status_code == status
    assert len(answer.body) < 200
    assert b"Mia" not in answer.body


@pytest.mark.parametrize("name", FILES)
def test_a_database_that_is_away_is_said(rows, name, monkeypatch):
    def gone(*_: Any) -> Any:
        raise DatabaseAway("The database is away: no route to it")

    for asked in (lambda token: ADA, gone):  # at the file; at the sign-in
        with monkeypatch.context() as patch:
            patch.setattr(Database, "reading", gone)
            answer = get(FILES[name], asked=asked)
        assert answer.status_code == 503
        assert answer.body == b"The database is away: no route to it"
        assert answer.headers["cache-control"] == "no-store"


def test_the_server_asks_off_its_event_loop(rows):
    """The endpoint is a plain function: Starlette runs it in a thread."""
    (route,) = export_routes.routes(who)
    assert not asyncio.iscoroutinefunction(route.endpoint)
    assert route.methods == {"GET", "HEAD"}


def test_all_tests_are_one_table_in_a_file(rows):
    rows.test("u", ["jump", "competition"])
    sent = get(FILES["all tests"]).body.decode("utf-8-sig")
    head, mia, leo = csv.reader(io.StringIO(sent))
    assert head[2:5] == ["Points", "Maximum", "Per cent"]
    assert head[5:] == ["Test t (of 1)", "Test u (of 2)"]
    assert mia[:2] == ["1", "'=Mia"]
    assert [mia[3], mia[6], leo[2]] == ["3", "", ""]
    sent = get(FILES["all tests"].replace("csv", "xlsx")).body
    assert load_workbook(io.BytesIO(sent)).sheetnames == ["All tests"]

"""What is typed is kept by an address of its own: whose it is, and what is refused."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from starlette.requests import Request

from classroom.exams import attempts, practice
from classroom.people.roles import Student
from classroom.questions.variants import Variant
from store.database import Database
from tests.classes import classroom, member
from ui.quiz import draft_routes
from ui.session import visitor, visitor_drafts

TOKEN = "a" * 24
WHO = hashlib.sha256(TOKEN.encode()).hexdigest()
OWN_PAGE = {"sec-fetch-site": "same-origin"}
SIDE = Variant("side", 3)
ASKED = {"question": "side", "seed": "3", "answers": "0", "text": "4"}


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def kim(school: Database) -> Student:
    """A student, in the browser that asks."""
    student = member(school, "kim")
    query = sa.text("UPDATE members SET visitor = :v WHERE id = 'kim'")
    with school.writing() as session:
        session.execute(query, {"v": WHO})
    return student


def post(asked: Any, headers: dict[str, str] = OWN_PAGE, token: str = TOKEN) -> Any:
    """The answer to what a page posts."""
    (route,) = draft_routes.routes()
    cookie = {"cookie": f"{visitor.NAME}={token}", "content-type": "application/json"}
    sent = {**headers, **cookie}
    scope = {
        "type": "http",
        "method": "POST",
        "path": "/draft",
        "query_string": b"",
        "headers": [(name.encode(), value.encode()) for name, value in sent.items()],
    }

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": json.dumps(asked).encode()}

    return asyncio.run(route.endpoint(Request(scope, receive)))


def test_a_members_text_is_kept_with_their_practice(kim: Student) -> None:
    practice.attempt(kim)
    answer = post(ASKED)
    assert answer.status_code == 200 and json.loads(answer.body)["at"] > 0
    assert practice.work(kim).drafts == {SIDE: "4"}
    post({**ASKED, "question": "why-11", "text": "Because"})
    kept = practice.work(kim).drafts[Variant("why-11", 3)]
    assert kept == {"text": "Because", "points": None}
    attempts.give(kim, practice.attempt_id(kim), SIDE, 1, "answer", "5")
    assert json.loads(post(ASKED).body)["at"] is None, "typed before that answer"


def test_a_visitors_text_is_kept_in_memory(school: Database) -> None:
    assert post(ASKED).status_code == 200
    assert visitor_drafts.of(WHO, SIDE) == "4"
    assert visitor_drafts.of("another", SIDE) is None
    visitor_drafts.forget(WHO, SIDE)
    assert visitor_drafts.of(WHO, SIDE) is None


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"seed": "x"}, 400),
        ({"answers": "-1"}, 400),
        ({"question": "no-such"}, 400),
        ({"text": 5}, 400),
        ({"text": "x" * 50_000}, 413),
        ({"test": "far", "sitting": "1", "place": "0"}, 200),  # but nothing is kept
    ],
)
def test_what_is_none_of_ours_is_refused(
    school: Database, change: dict[str, Any], status: int
) -> None:
    assert post({**ASKED, **change}).status_code == status


def test_other_sites_and_browsers_without_a_cookie_keep_nothing(
    school: Database,
) -> None:
    assert post(ASKED, {"sec-fetch-site": "cross-site"}).status_code == 403
    assert post(ASKED, {}).status_code == 403
    assert post(ASKED, token="short").status_code == 403

"""The two addresses that set and clear the sign-in's cookie: who may ask, and how."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route

from classroom.people import accounts, passwords
from store import database
from store.database import Database, DatabaseAway
from tests.migrated import new_database
from ui.session import routes, visitor
from ui.session.routes import NAME, NotKept

GOOD = "correct horse battery"
VISITOR = "abcdefghijklmnopqrstuvwx"
OURS = {"sec-fetch-site": "same-origin", "origin": "http://testserver"}


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    monkeypatch.setattr(passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST))
    yield own
    own.close()


class Client:
    """A browser's cookies and requests, sent to the app without a network."""

    def __init__(self, app: Starlette) -> None:
        self.app, self.cookies = app, httpx.Cookies()

    def request(self, method: str, path: str, **how: Any) -> httpx.Response:
        async def ask() -> httpx.Response:
            async with httpx.AsyncClient(
                transport=httpx.ASGITransport(self.app),
                base_url="http://testserver",
                cookies=self.cookies,
            ) as client:
                return await client.request(method, path, **how)

        return asyncio.run(ask())

    def get(self, path: str) -> httpx.Response:
        return self.request("GET", path)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.request("POST", path, **how)


@pytest.fixture
def client() -> Client:
    async def page(_: Any) -> HTMLResponse:
        return HTMLResponse("page", headers={"cache-control": "no-cache"})

    async def text(_: Any) -> PlainTextResponse:
        return PlainTextResponse("text", headers={"cache-control": "public"})

    app = Starlette(
        routes=[*routes.routes(), Route("/page", page), Route("/text", text)],
        middleware=[Middleware(NotKept)],
    )
    made = Client(app)
    made.cookies.set(visitor.NAME, VISITOR)
    return made


def ticket(browser: str = VISITOR) -> str:
    key = visitor.key_of(browser)
    assert key is not None
    if not accounts.anybody():
        return accounts.set_up(accounts.invite(None), "Anna", GOOD, GOOD, key)
    return accounts.sign_in("Anna", GOOD, "here", key)


def begin(client: Client, given: str, headers: dict[str, str] | None = None) -> Any:
    headers = OURS if headers is None else headers
    return client.post("/session", json={"ticket": given}, headers=headers)


def test_a_ticket_becomes_a_cookie_that_scripts_cannot_read(client) -> None:
    answer = begin(client, ticket())
    assert answer.status_code == 204
    assert answer.headers["cache-control"] == "no-store"
    cookie = answer.headers["set-cookie"]
    token = answer.cookies[NAME]
    assert cookie == (f"{NAME}={token}; HttpOnly; Max-Age=604800; Path=/; SameSite=lax")
    assert accounts.instructor(token).name == "Anna"


@pytest.mark.parametrize("at", ["http", "https"])
def test_the_cookie_is_for_https_alone_where_there_is_https(client, at) -> None:
    """A proxy speaks http to the server: what the browser sees is what counts."""
    answer = begin(client, ticket(), OURS | {"origin": f"{at}://testserver"})
    assert ("; Secure" in answer.headers["set-cookie"]) is (at == "https")


def test_a_ticket_is_not_taken_twice_nor_from_another_browser(client) -> None:
    once = ticket()
    assert begin(client, once).status_code == 204
    again = begin(client, once)
    assert again.status_code == 403
    assert "set-cookie" not in again.headers
    assert "sign in again" in again.json()["why"]
    assert begin(client, ticket("another_browser_0000")).status_code == 403
    client.cookies.clear()
    refused = begin(client, ticket())
    assert refused.status_code == 403
    assert "needs cookies" in refused.json()["why"]


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "origin": "http://testserver"},
        {"sec-fetch-site": "same-site", "origin": "http://testserver"},
        {"sec-fetch-site": "none"},
        {"origin": "http://evil.example"},
        {"origin": "http://testserver.evil.example"},
        {"origin": "http://testserver:8000"},
        {"origin": "null"},
        {"origin": ""},
        {},
    ],
    ids=str,
)
def test_pages_of_other_sites_sign_nobody_in_or_out(client, headers) -> None:
    given = ticket()
    assert begin(client, given, headers).status_code == 403
    token = begin(client, given).cookies[NAME]
    client.cookies.set(NAME, token)
    assert client.post("/session/end", json={}, headers=headers).status_code == 403
    assert accounts.instructor(token), "still signed in"


def test_an_origin_is_enough_where_the_browser_says_no_more(client) -> None:
    """Over http in a school's network, Chromium sends no Sec-Fetch-Site."""
    headers = {"origin": "http://TestServer"}
    assert begin(client, ticket(), headers).status_code == 204


@pytest.mark.parametrize(
    "how",
    [
        {"data": {"ticket": "x"}},
        {"content": b"ticket=x", "headers": {"content-type": "text/plain"}},
        {"content": b"{", "headers": {"content-type": "application/json"}},
        {"content": b"\xff\xfe", "headers": {"content-type": "application/json"}},
        {"json": []},
        {"json": {"ticket": 1}},
        {"json": {"ticket": None}},
        {"json": {"ticket": "x" * 5_000}},
        {"json": {}},
        {"json": {"ticket": "' OR 1=1 --"}},
        {"content": b"[" * 1000, "headers": {"content-type": "application/json"}},
    ],
    ids=str,
)
def test_what_a_form_or_a_vandal_posts_is_refused(client, how) -> None:
    ticket()
    headers = OURS | how.pop("headers", {})
    answer = client.post("/session", **how, headers=headers)
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
def test_only_a_post_changes_anything(client, method) -> None:
    for path in ("/session", "/session/end"):
        assert client.request(method, path, headers=OURS).status_code == 405


def test_signing_out_ends_it_on_the_server(client) -> None:
    token = begin(client, ticket()).cookies[NAME]
    client.cookies.set(NAME, token)
    answer = client.post("/session/end", json={}, headers=OURS)
    assert answer.status_code == 204
    assert f"{NAME}=" in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    assert accounts.instructor(token) is None, "whoever has kept the cookie"
    assert client.post("/session/end", json={}, headers=OURS).status_code == 204


def test_signing_in_anew_ends_the_browsers_old_sign_in(client) -> None:
    old = begin(client, ticket()).cookies[NAME]
    client.cookies.set(NAME, old)
    assert begin(client, ticket()).status_code == 204
    assert accounts.instructor(old) is None


def test_the_schools_cookie_is_gone_once_ours_is_there(client) -> None:
    names = ("_streamlit_user", "_streamlit_user_1", "_streamlit_user_tokens")
    for name in (*names, "_streamlit_xsrf", "_streamlit_user_name"):
        client.cookies.set(name, "x")
    answer = begin(client, ticket())
    cleared = [x for x in answer.headers.get_list("set-cookie") if "Max-Age=0" in x]
    assert sorted(x.split("=")[0] for x in cleared) == sorted(names)


def test_a_database_that_is_away_is_said(client, monkeypatch) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("The database is away: secret-host:5432")

    monkeypatch.setattr(accounts, "redeem", away)
    monkeypatch.setattr(accounts, "sign_out", away)
    for path in ("/session", "/session/end"):
        answer = client.post(path, json={"ticket": "x"}, headers=OURS)
        assert answer.status_code == 503
        assert "secret-host" not in answer.text


def test_a_signed_in_browser_keeps_no_page(client) -> None:
    assert client.get("/page").headers["cache-control"] == "no-cache"
    client.cookies.set(NAME, "x" * 32)
    assert client.get("/page").headers["cache-control"] == "no-store"
    assert client.get("/text").headers["cache-control"] == "public"


def test_addresses_lie_under_the_base_path(monkeypatch) -> None:
    monkeypatch.setattr(routes.st, "get_option", lambda _: "/school/lab/")
    found = [route.path for route in routes.routes()]
    assert found == ["/school/lab/session", "/school/lab/session/end"]
    assert routes.path("") == "/school/lab/"


def test_nothing_of_it_is_logged(client, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    given = ticket()
    token = begin(client, given).cookies[NAME]
    begin(client, given)
    for secret in (GOOD, given, token):
        assert secret not in caplog.text

"""The visitor's cookie: given once, to pages alone, unreadable for scripts."""

from __future__ import annotations

import asyncio
import hashlib
import re
from types import SimpleNamespace

import pytest

from ui.session import visitor
from ui.session.visitor import BROWSING, NAME, VisitorCookie

PAGE = (b"accept", b"text/html,application/xhtml+xml")
TOKEN = "abcdefghijklmnopqrstuvwx"
SESSION = f"{BROWSING}={TOKEN}"
GOOD = (b"cookie", f"x=1; {NAME}={TOKEN}; {SESSION}".encode())


def answer(*headers: tuple[bytes, bytes], kind: str = "http") -> list[bytes]:
    """The cookies that an answer to such a request sets."""
    sent: list[dict] = []

    async def app(scope, receive, send) -> None:
        await send({"type": "http.response.start", "headers": [(b"x", b"y")]})
        await send({"type": "http.response.body", "body": b""})

    async def send(message) -> None:
        sent.append(message)

    async def nothing():
        return {}

    scope = {"type": kind, "headers": list(headers)}
    asyncio.run(VisitorCookie(app)(scope, nothing, send))
    assert (b"x", b"y") in sent[0]["headers"]
    return [value for name, value in sent[0]["headers"] if name == b"set-cookie"]


def test_a_first_visit_gets_a_random_token() -> None:
    first, other = answer(PAGE), answer(PAGE)
    assert not {*first} & {*other}
    lasting = NAME + r"=[\w-]{24}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax"
    # Without an age it ends with the browser's session.
    session = BROWSING + r"=[\w-]{24}; Path=/; HttpOnly; SameSite=Lax"
    for pattern, one in zip((session, lasting), first, strict=True):
        assert re.fullmatch(pattern, one.decode())


def test_another_session_of_a_browser_gets_a_token_of_its_own() -> None:
    known = (b"cookie", f"{NAME}={TOKEN}".encode())
    (one,) = answer(PAGE, known)
    assert one.startswith(BROWSING.encode())


@pytest.mark.parametrize(
    "headers", [(PAGE, GOOD), (), ((b"accept", b"image/png"),)], ids=str
)
def test_nobody_else_gets_one(headers) -> None:
    assert answer(*headers) == []


def test_a_websocket_gets_none() -> None:
    assert answer(PAGE, kind="websocket") == []


@pytest.mark.parametrize("value", ["short", "bad token " * 4, ""])
def test_nonsense_is_replaced(value: str) -> None:
    cookie = f"{SESSION}; {NAME}={value}"
    found = answer(PAGE, (b"cookie", cookie.encode()))
    assert [one for one in found if one.startswith(f"{NAME}=".encode())]


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (None, "127.0.0.1"),
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
        ("no address", "unknown"),
    ],
)
def test_an_address_is_one_network(monkeypatch, address, expected) -> None:
    # What a header says besides makes nobody another.
    context = SimpleNamespace(
        ip_address=address, headers={"X-Forwarded-For": "9.9.9.9"}
    )
    monkeypatch.setattr(visitor.st, "context", context)
    assert visitor.address() == expected


@pytest.mark.parametrize(
    ("client", "proxies", "seen"),
    [
        (("192.0.2.7", 51_000), None, ("192.0.2.7", 51_000)),
        # Of Uvicorn, which believes whoever calls from this machine.
        (("203.0.113.5", 0), None, ("127.0.0.1", 0)),
        (("203.0.113.5", 0), "127.0.0.1", ("203.0.113.5", 0)),
        (None, None, None),
    ],
)
def test_only_a_named_proxy_says_of_whom_a_request_is(
    monkeypatch, client, proxies, seen
) -> None:
    monkeypatch.delenv(visitor.PROXIES, raising=False)
    if proxies:
        monkeypatch.setenv(visitor.PROXIES, proxies)
    given = []

    async def app(scope, receive, send):
        given.append(scope["client"])

    asyncio.run(visitor.TruePeer(app)({"type": "http", "client": client}, None, None))
    assert given == [seen]


def test_a_requests_cookie_has_the_same_key(monkeypatch) -> None:
    monkeypatch.setattr(visitor, "token", lambda: "a" * 24)
    assert visitor.key_of("a" * 24) == visitor.key()
    assert visitor.key_of("") is None
    assert visitor.key_of("a" * 24 + "\n") is None


def test_what_is_stored_is_not_the_cookie(monkeypatch) -> None:
    monkeypatch.setattr(visitor, "token", lambda: "a" * 24)
    assert visitor.key() == hashlib.sha256(b"a" * 24).hexdigest()

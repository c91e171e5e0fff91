"""The visitor's cookie: given once, to pages alone, unreadable for scripts."""

from __future__ import annotations

import asyncio
import hashlib
import re
from types import SimpleNamespace

import pytest

from ui import visitor
from ui.visitor import NAME, VisitorCookie

PAGE = (b"accept", b"text/html,application/xhtml+xml")
GOOD = (b"cookie", f"x=1; {NAME}=abcdefghijklmnopqrstuvwx".encode())


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
    (one,), (other,) = answer(PAGE), answer(PAGE)
    assert one != other
    pattern = NAME + r"=[\w-]{24}; Path=/; Max-Age=15552000; HttpOnly; SameSite=Lax"
    assert re.fullmatch(pattern, one.decode())


@pytest.mark.parametrize(
    "headers", [(PAGE, GOOD), (), ((b"accept", b"image/png"),)], ids=str
)
def test_nobody_else_gets_one(headers) -> None:
    assert answer(*headers) == []


def test_a_websocket_gets_none() -> None:
    assert answer(PAGE, kind="websocket") == []


@pytest.mark.parametrize("value", ["short", "bad token " * 4, ""])
def test_nonsense_is_replaced(value: str) -> None:
    assert len(answer(PAGE, (b"cookie", f"{NAME}={value}".encode()))) == 1


@pytest.mark.parametrize(
    ("address", "forwarded", "proxies", "expected"),
    [
        (None, None, None, "127.0.0.1"),
        ("192.0.2.7", None, None, "192.0.2.7"),
        ("::ffff:192.0.2.7", None, None, "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", None, None, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", None, None, "2001:db8:1:2::/64"),
        ("no address", None, None, "unknown"),
        # Whoever sends the header counts with all others who do.
        ("203.0.113.5", "203.0.113.5", None, "unnamed proxy"),
        (None, "198.51.100.1, 203.0.113.9", None, "unnamed proxy"),
        # Uvicorn has taken the address from proxies that are named.
        ("203.0.113.5", "203.0.113.5", "10.0.0.2", "203.0.113.5"),
    ],
)
def test_an_address_is_trusted_as_far_as_it_can_be(
    monkeypatch, address, forwarded, proxies, expected
) -> None:
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    context = SimpleNamespace(ip_address=address, headers=headers)
    monkeypatch.setattr(visitor.st, "context", context)
    monkeypatch.delenv(visitor.PROXIES, raising=False)
    if proxies:
        monkeypatch.setenv(visitor.PROXIES, proxies)
    assert visitor.address() == expected


def test_a_requests_cookie_has_the_same_key(monkeypatch) -> None:
    monkeypatch.setattr(visitor, "token", lambda: "a" * 24)
    assert visitor.key_of("a" * 24) == visitor.key()
    assert visitor.key_of("") is None
    assert visitor.key_of("a" * 24 + "\n") is None


def test_what_is_stored_is_not_the_cookie(monkeypatch) -> None:
    monkeypatch.setattr(visitor, "token", lambda: "a" * 24)
    assert visitor.key() == hashlib.sha256(b"a" * 24).hexdigest()

"""The visitor's identity: a random cookie, which a browser keeps for half a year.

Nothing else is known of a visitor, and no other visitor can read it. It is kept in a
cookie because a reload, or a browser that was closed, must not make another visitor of
them. What is stored about a visitor is stored under `key()`, a hash of the cookie.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from ipaddress import IPv4Address, ip_address, ip_network
from typing import Any

import streamlit as st

from classroom.people.accounts import sha256
from store.accounts import KNOWN
from ui.kit import state

# ASGI's, as Starlette has them.
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
ASGIApp = Callable[[Message, Receive, Send], Awaitable[None]]

NAME = "alexnet_lab_visitor"
BROWSING = "alexnet_lab_browsing"  # until the browser is closed
PROXIES = "FORWARDED_ALLOW_IPS"
LASTS = int(KNOWN)  # seconds
TOKEN = re.compile(r"[A-Za-z0-9_-]{20,40}")


def token() -> str:
    """This visitor's token."""
    given = st.context.cookies.get(NAME, "")
    if isinstance(given, str) and TOKEN.fullmatch(given):
        return given
    if not state.VISITOR.get():  # cookies are refused, or there is no browser
        state.VISITOR.set(secrets.token_urlsafe(18))
    return state.VISITOR.get()


def key() -> str:
    """What this visitor is called in the database: SHA-256, 64 hexadecimal digits."""
    return sha256(token())


def browsing() -> str | None:
    """This session of the browser, as the database names it; None: it keeps none."""
    given = st.context.cookies.get(BROWSING, "")
    return key_of(given) if isinstance(given, str) else None


def key_of(cookie: str) -> str | None:
    """The same of a request's cookie; None if it is none of ours."""
    if not TOKEN.fullmatch(cookie):
        return None
    return sha256(cookie)


def address() -> str:
    """The visitor's network address, as far as it can be trusted.

    A network of IPv6 counts as one, since its holder has all of its addresses.
    All who come by a proxy that FORWARDED_ALLOW_IPS does not name count as one, too:
    `TruePeer` gives them the proxy's address.
    """
    try:
        found = ip_address(st.context.ip_address or "127.0.0.1")
    except ValueError:
        return "unknown"
    if isinstance(found, IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ip_network((found, 64), strict=False))


def is_https(scope: Message) -> bool:
    """Whether the browser came by https, to us or to a proxy that says so.

    Who claims it without need harms only themselves: what depends on it holds
    for https alone, or does nothing without it.
    """
    protocol = dict(scope.get("headers", ())).get(b"x-forwarded-proto", b"")
    return scope.get("scheme") == "https" or protocol.strip().lower() == b"https"


class TruePeer:
    """Takes a request for the one of whom it comes, unless a named proxy says another.

    Uvicorn believes an X-Forwarded-For of everybody on this machine where
    FORWARDED_ALLOW_IPS, its setting, names no proxy; the port is 0 then.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        client = scope.get("client")
        if client and client[1] == 0 and not os.environ.get(PROXIES):
            scope = {**scope, "client": ("127.0.0.1", 0)}
        await self.app(scope, receive, send)


class VisitorCookie:
    """Gives a browser that asks for a page its token, once, and one for its session."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        asked = dict(scope.get("headers", ())) if scope["type"] == "http" else {}
        is_page = b"text/html" in asked.get(b"accept", b"")
        known = _tokens(asked.get(b"cookie", b""))
        lacks = [name for name in (BROWSING, NAME) if name not in known]
        if not is_page or not lacks:
            await self.app(scope, receive, send)
            return

        async def send_with_token(message: Message) -> None:
            if message["type"] == "http.response.start":
                secure = "; Secure" if is_https(scope) else ""
                message["headers"] = [
                    *message["headers"],
                    *(
                        (b"set-cookie", (_given(name) + secure).encode())
                        for name in lacks
                    ),
                ]
            await send(message)

        await self.app(scope, receive, send_with_token)


def _given(name: str) -> str:
    """A new cookie of that name, as a header says it."""
    lasts = f"; Max-Age={LASTS}" if name == NAME else ""
    token = secrets.token_urlsafe(18)
    return f"{name}={token}; Path=/{lasts}; HttpOnly; SameSite=Lax"


def _tokens(header: bytes) -> set[str]:
    """The names of those of our cookies that a browser has."""
    try:
        cookies = SimpleCookie(header.decode("latin-1"))
    except CookieError:
        return set()
    return {name for name, one in cookies.items() if TOKEN.fullmatch(one.value)}

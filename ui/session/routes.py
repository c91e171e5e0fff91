"""The sign-in's cookie: set and cleared by two addresses of our own.

Streamlit cannot set a cookie that scripts cannot read. So a page that has checked a
password gives the browser a ticket, which is good once, for a minute, and for that
browser alone; here it is changed for the cookie.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from classroom.people import accounts
from classroom.people.passwords import AccountRefused
from store.database import DatabaseAway
from ui.session import visitor
from ui.session.visitor import ASGIApp, Message, Receive, Send

NAME = "alexnet_lab_session"
BEGIN, END = "session", "session/end"
LARGEST = 1_000  # bytes of a request
# Streamlit's own, with what the school said; ours replaces it.
_SCHOOL = re.compile(r"_streamlit_user(_tokens)?(_\d+)?")


def path(of: str) -> str:
    """A path on this server, as a browser asks for it."""
    base = str(st.get_option("server.baseUrlPath") or "").strip("/")
    return "/".join(["", *([base] if base else []), of])


def is_same_origin(request: Request) -> bool:
    """Whether a page of this server asks, not one of another site."""
    site = request.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    # Browsers leave that out where the address is neither https nor localhost.
    origin = urlsplit(request.headers.get("origin", "")).netloc
    return bool(origin) and origin.lower() == request.headers.get("host", "").lower()


def _refused(status: int, why: str) -> JSONResponse:
    return JSONResponse({"why": why}, status, {"cache-control": "no-store"})


async def _asked(request: Request) -> dict[str, str] | None:
    """What was posted, if it is what our own pages post."""
    kind = request.headers.get("content-type", "").split(";")[0].strip()
    if kind != "application/json" or not is_same_origin(request):
        return None
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST:
            return None
    try:
        asked = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(asked, dict) and all(isinstance(x, str) for x in asked.values()):
        return asked
    return None


async def begin(request: Request) -> Response:
    """Changes a ticket for the cookie."""
    asked = await _asked(request)
    if asked is None:
        return _refused(403, "Only this lab's own pages sign anybody in.")
    browser = visitor.key_of(request.cookies.get(visitor.NAME, ""))
    if browser is None:
        return _refused(403, "Signing in needs cookies, which this browser refuses.")
    old = request.cookies.get(NAME, "")
    try:
        token = await run_in_threadpool(
            accounts.redeem, asked.get("ticket", ""), browser, old
        )
    except AccountRefused as why:
        return _refused(403, str(why))
    except DatabaseAway:
        return _refused(503, "The database is away: try again in a minute.")
    done = Response(status_code=204, headers={"cache-control": "no-store"})
    done.set_cookie(NAME, token, accounts.LONGEST, **_how(request))
    for name in request.cookies:
        if _SCHOOL.fullmatch(name):
            for where in {path("").rstrip("/") or "/", "/"}:
                done.delete_cookie(name, where, httponly=True, samesite="lax")
    return done


async def end(request: Request) -> Response:
    """Ends the sign-in, and clears the cookie."""
    if await _asked(request) is None:
        return _refused(403, "Only this lab's own pages sign anybody out.")
    try:
        await run_in_threadpool(accounts.sign_out, request.cookies.get(NAME, ""))
    except DatabaseAway:
        return _refused(503, "The database is away: try again in a minute.")
    done = Response(status_code=204, headers={"cache-control": "no-store"})
    done.delete_cookie(NAME, **_how(request))
    return done


def _how(request: Request) -> dict[str, Any]:
    """How the cookie is set: for this server alone, unreadable for scripts."""
    # The browser says what it sees, whatever stands between it and this server.
    origin = request.headers.get("origin", "")
    secure = origin.startswith("https:") or request.url.scheme == "https"
    return {"path": "/", "secure": secure, "httponly": True, "samesite": "lax"}


def routes() -> list[Route]:
    """Both addresses."""
    return [
        Route(path(BEGIN), begin, methods=["POST"]),
        Route(path(END), end, methods=["POST"]),
    ]


class NotKept:
    """Forbids browsers to cache pages that need a sign-in."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        is_http = scope["type"] == "http"
        if not is_http or NAME not in Request(scope).cookies:
            await self.app(scope, receive, send)
            return

        async def send_unkept(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = dict(message["headers"])
                if headers.get(b"content-type", b"").startswith(b"text/html"):
                    kept = [x for x in message["headers"] if x[0] != b"cache-control"]
                    message["headers"] = [*kept, (b"cache-control", b"no-store")]
            await send(message)

        await self.app(scope, receive, send_unkept)

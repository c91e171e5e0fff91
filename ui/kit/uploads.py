"""Limits the bytes of uploaded files that the server holds for a visitor.

Streamlit keeps every upload in memory until its visitor leaves, takes any number of
them, under any id, from any session. Here an upload is counted before it is read: by
session, by address and altogether; and only an id that the session was given counts.
"""

from __future__ import annotations

import asyncio
import os
import re
from collections import deque
from dataclasses import dataclass, field
from http.cookies import CookieError, SimpleCookie
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.responses import PlainTextResponse
from streamlit.runtime import Runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from classroom.people import accounts
from store.database import DatabaseAway
from ui.session import permissions, routes
from ui.session.visitor import ASGIApp, Message, Receive, Send

MB = 1_000_000
VISITOR_FILE = 21 * MB  # one picture or file of questions, and what is sent around it
VISITOR = 60 * MB  # all that one session may have us hold
INSTRUCTOR = 430 * MB  # the same: a class's zip of 200 MB, and the next one
FILES = 6  # of one session
ALL = "ALEXNET_UPLOADS"  # megabytes for all visitors together
IDS = 16  # given to a session and not used yet
SILENT = 30.0  # seconds without a byte, after which an upload is over
_ADDRESS = re.compile(r".*/_stcore/upload_file/([^/]+)/([^/]+)")


def whole() -> int:
    """Bytes that all uploads together may take: $ALEXNET_UPLOADS, or 1,000 MB."""
    given = os.environ.get(ALL, "")
    return (int(given) if given.isascii() and given.isdecimal() else 1_000) * MB


def drop(file: Any) -> None:
    """Gives up a file that a page has read: Streamlit would keep it until the end."""
    context = get_script_run_ctx()
    if context is not None and file is not None:
        context.uploaded_file_mgr.remove_file(context.session_id, file.file_id)  # type: ignore[attr-defined]


@dataclass
class Ledger:
    """What is held and what is on its way. Used in the server's event loop alone."""

    given: dict[str, deque[str]] = field(default_factory=dict)  # session -> ids
    coming: dict[tuple[str, str], int] = field(default_factory=dict)  # bytes of each
    where: dict[str, str] = field(default_factory=dict)  # session -> address
    manager: Any = None

    def watch(self, manager: Any) -> None:
        """Records which ids Streamlit's upload manager gives to which session."""
        if self.manager is manager:
            return
        self.manager, give, forget = (
            manager,
            manager.get_upload_urls,
            manager.remove_session_files,
        )

        def get_upload_urls(session_id: str, file_names: Any) -> Any:
            urls = give(session_id, list(file_names)[:IDS])
            ids = self.given.setdefault(session_id, deque(maxlen=IDS))
            ids.extend(url.file_id for url in urls)
            return urls

        def remove_session_files(session_id: str) -> None:
            forget(session_id)
            self.given.pop(session_id, None)
            self.where.pop(session_id, None)

        manager.get_upload_urls = get_upload_urls
        manager.remove_session_files = remove_session_files

    def held(self) -> dict[str, list[int]]:
        """Session -> the bytes of each of its files, those on their way included."""
        found: dict[str, list[int]] = {}
        for session, files in list(self.manager.file_storage.items()):
            found[session] = [len(one.data) for one in list(files.values())]
        for (session, _), size in self.coming.items():
            found.setdefault(session, []).append(size)
        return found

    def refusal(
        self, session: str, address: str, size: int, is_instructor: bool
    ) -> str:
        """Why so many bytes more are too many; "" if they are not."""
        held = self.held()
        sizes = held.get(session, [])
        if len(sizes) >= FILES or sum(sizes) + size > (
            INSTRUCTOR if is_instructor else VISITOR
        ):
            return "You have uploaded too much at once. Reload the page, and try again."
        of_address = [x for x in held if self.where.get(x) == address]
        everything = sum(map(sum, held.values()))
        theirs = sum(sum(held[x]) for x in of_address)
        if everything + size > whole() or theirs + size > whole() // 2:
            return "The server holds as many files as it can. Try again in a minute."
        return ""


ledger = Ledger()


class BoundedUploads:
    """Counts an upload before Streamlit reads it, and refuses what is too much."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if Runtime.exists():
            ledger.watch(Runtime.instance().uploaded_file_mgr)
        is_put = scope["type"] == "http" and scope["method"] == "PUT"
        found = _ADDRESS.fullmatch(scope["path"]) if is_put else None
        if found is None:
            await self.app(scope, receive, send)
            return
        session, file = found.groups()
        headers = dict(scope["headers"])
        if file not in ledger.given.get(session, ()):
            await _refuse(403, "This upload was not asked for.", scope, receive, send)
            return
        length = headers.get(b"content-length", b"")
        if not length.isdigit():
            await _refuse(411, "An upload says its size.", scope, receive, send)
            return
        size, address = int(length), (scope.get("client") or ("",))[0]
        is_instructor = size > VISITOR_FILE and await _is_instructor(headers, address)
        if size > VISITOR_FILE and not is_instructor:
            await _refuse(413, "This file is too large.", scope, receive, send)
            return
        if why := ledger.refusal(session, address, size, is_instructor):
            await _refuse(429, why, scope, receive, send)
            return
        ledger.given[session].remove(file)  # it is good once
        ledger.where[session] = address
        ledger.coming[session, file] = size
        try:
            await self.app(scope, awake(receive), send)
        finally:
            del ledger.coming[session, file]


def awake(receive: Receive) -> Receive:
    """Ends an upload that has gone silent: what it may take is kept free for it."""

    async def within() -> Message:
        try:
            return await asyncio.wait_for(receive(), SILENT)
        except TimeoutError:
            return {"type": "http.disconnect"}

    return within


async def _is_instructor(headers: dict[bytes, bytes], address: str) -> bool:
    """Whether the sender may hand in a class's pictures: as the page asks it."""
    by_name = {k.decode("latin-1"): v.decode("latin-1") for k, v in headers.items()}
    cookies: SimpleCookie = SimpleCookie()
    try:
        cookies.load(by_name.get("cookie", ""))
    except CookieError:
        return False
    token = cookies[routes.NAME].value if routes.NAME in cookies else ""
    try:
        if token and await run_in_threadpool(accounts.instructor, token):
            return True
        is_here = permissions.at_the_machine(by_name, address)
        return is_here and not await run_in_threadpool(accounts.anybody)
    except DatabaseAway:
        return False


async def _refuse(
    status: int, why: str, scope: Message, receive: Receive, send: Send
) -> None:
    """Answers after reading and dropping the body, or a browser sees no answer."""
    left = VISITOR_FILE
    while left > 0:
        part = await awake(receive)()
        left -= len(part.get("body", b""))
        if not part.get("more_body", False):
            break
    answer = PlainTextResponse(why, status, {"connection": "close"})
    await answer(scope, receive, send)

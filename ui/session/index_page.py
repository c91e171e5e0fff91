"""The page that every address answers with: Streamlit's, with our style and script.

Streamlit's front end draws all pages, in a page that it has no setting for. Ours is
that page with index.css and index.js, beside this file, put before the front end, so
that they are there before anything is drawn: room kept for the sidebar, colours of
focus, sizes of what a finger has to hit, names that a screen reader reads.
"""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path

import streamlit as st

from classroom.content import lesson
from ui.kit import words
from ui.session.routes import path
from ui.session.visitor import ASGIApp, Message, Receive, Send

HERE = Path(__file__).parent

STREAMLIT = Path(st.__file__).parent / "static" / "index.html"

# Headers that say something of Streamlit's page alone.
OF_THEIRS = (b"content-length", b"content-encoding", b"etag", b"last-modified")


@cache
def content(base: str) -> bytes:
    """The page.

    Args:
        base: the path under which the lab is served.

    Raises:
        RuntimeError: Streamlit's page is not what it was; ours cannot be made of it.
    """
    page = STREAMLIT.read_text("utf-8")
    if page.count("</title>") != 1 or '<html lang="en">' not in page:
        raise RuntimeError(
            f"{STREAMLIT} is another page than ui/session/index_page.py knows."
        )
    given = {
        "base": base,
        "words": {
            name: words.page("shell", name).table("connection").as_dict()
            for name in lesson.languages()
        },
    }
    # As JSON in a script: "</" would end it.
    data = json.dumps(given).replace("</", "<\\/")
    style = (HERE / "index.css").read_text("utf-8")
    style += (HERE / "presenting.css").read_text("utf-8")
    style += (HERE / "screen.css").read_text("utf-8")
    script = (HERE / "index.js").read_text("utf-8")
    ours = (
        "<title>AlexNet Lab</title>\n"
        f"<style>\n{style}</style>\n"
        f"<script>\nconst alexnetLab = {data};\n{script}</script>"
    )
    return re.sub(r"<title>.*?</title>", lambda _: ours, page, flags=re.S).encode()


class IndexPage:
    """Sends our page in the place of Streamlit's."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD"):
            await self.app(scope, receive, send)
            return
        replaced = False

        async def send_ours(message: Message) -> None:
            nonlocal replaced
            if message["type"] == "http.response.start" and _is_index(message):
                replaced = True
                page = content(path(""))
                kept = [x for x in message["headers"] if x[0].lower() not in OF_THEIRS]
                length = (b"content-length", str(len(page)).encode())
                await send({**message, "headers": [*kept, length]})
                body = b"" if scope["method"] == "HEAD" else page
                await send({"type": "http.response.body", "body": body})
            elif not replaced:
                await send(message)

        await self.app(scope, receive, send_ours)


def _is_index(start: Message) -> bool:
    """Whether an answer begins that is Streamlit's page: nothing else here is HTML."""
    headers = {name.lower(): value for name, value in start["headers"]}
    kind = headers.get(b"content-type", b"")
    return bool(start["status"] == 200 and kind.startswith(b"text/html"))

"""Where a browser sends pictures of one's own classes, and of what it holds up.

    POST teach/<token>/class/<id>   a picture for a class: its number, and a thumbnail
    POST teach/<token>/look         a picture: the probabilities of the classes

`?lang=de` has it say in German why a picture is refused.

The body is the picture's file. It goes through the one door for pictures; nothing is
written to a disk. {"refused": sentence} where it is no picture or the class is full,
404 once the session is gone, 503 where the network is busy.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from classroom.content import lesson
from model.gate import Busy
from model.pictures import MAX_BYTES, PictureRefused, load_picture
from model.weights import WeightsBroken
from ui.kit import words
from ui.kit.components.divider import jpeg
from ui.kit.teach import teach_workspace
from ui.kit.teach.teach_workspace import Door, Full
from ui.session.routes import path

ADDRESS = "teach"
# A browser shrinks its pictures first, to a few tens of kilobytes; one that cannot
# read a file's format sends it as it is.
COMING = 8 * MAX_BYTES  # bytes of all pictures on their way
SILENT = 30.0  # seconds without a byte, after which an upload is over
_HEADERS = {"cache-control": "no-store"}


class TooMuch(Exception):
    """More bytes than are taken."""


class _Coming:
    """Bytes on their way. Used in the server's event loop alone."""

    bytes = 0


async def _body(request: Request) -> bytes:
    """What was sent.

    Raises:
        TooMuch: it is too large.
        Busy: others are sending too much just now.
        TimeoutError, ClientDisconnect: nothing more comes.
    """
    parts: list[bytes] = []
    size, stream = 0, aiter(request.stream())
    try:
        while True:
            try:
                part = await asyncio.wait_for(anext(stream), SILENT)
            except StopAsyncIteration:
                return b"".join(parts)
            size += len(part)
            _Coming.bytes += len(part)
            if size > MAX_BYTES:
                raise TooMuch
            if _Coming.bytes > COMING:
                raise Busy("Many pictures are on their way. Please try again.")
            parts.append(part)
    finally:
        _Coming.bytes -= size


def _refused(status: int, why: str) -> Response:
    return PlainTextResponse(why, status, _HEADERS)


def _said(request: Request, refusal: str) -> dict[str, Any]:
    """Why a picture is refused, in the language of the page that sent it."""
    asked = dict(parse_qsl(request.url.query)).get("lang")
    language = asked if asked in lesson.languages() else lesson.DEFAULT
    return {"refused": words.translated("picture", refusal, language)}


def _in_thread(
    work: Callable[[Door, bytes], dict[str, Any]], token: str, body: bytes
) -> dict[str, Any] | None:
    """Finds the workspace itself: an idle thread holds the arguments of its last call.

    None: its session is gone.
    """
    workspace = teach_workspace.find(token)
    return None if workspace is None else work(workspace, body)


async def _answer(
    request: Request, work: Callable[[Door, bytes], dict[str, Any]]
) -> Response:
    """What is made of a picture; in a thread, where it waits for the network."""
    token = request.path_params["token"]
    gone = _refused(404, "This page is not open any more. Reload it.")
    if teach_workspace.find(token) is None:
        return gone
    try:
        body = await _body(request)
        found = await run_in_threadpool(_in_thread, work, token, body)
        if found is None:
            return gone
    except (TimeoutError, ClientDisconnect):
        return _refused(408, "The picture did not arrive.")
    except TooMuch:
        found = _said(request, f"A picture has at most {MAX_BYTES // 10**6} MB.")
    except PictureRefused as refusal:
        found = _said(request, str(refusal))
    except Full:
        found = _said(request, "This class takes no more pictures.")
    except (Busy, WeightsBroken) as trouble:
        return _refused(503, str(trouble))
    return JSONResponse(found, headers=_HEADERS)


async def add(request: Request) -> Response:
    """A picture for a class."""
    class_id = request.path_params["class_id"]

    def work(workspace: Door, body: bytes) -> dict[str, Any]:
        if not workspace.has_room(class_id):
            raise Full
        image = teach_workspace.middle(load_picture(body))
        name = workspace.set_name
        (row,) = teach_workspace.features_of(name, [image])
        example, count = workspace.add(class_id, image, {name: row})
        thumbnail = jpeg(example.thumbnail)
        return {"number": example.number, "thumbnail": thumbnail, "count": count}

    return await _answer(request, work)


async def look(request: Request) -> Response:
    """The probabilities of the classes, by their ids; none before all have pictures."""

    def work(workspace: Door, body: bytes) -> dict[str, Any]:
        image = teach_workspace.middle(load_picture(body))
        name = workspace.set_name
        trained = workspace.taught().layer(name)
        if trained is None:
            return {"classes": [], "probabilities": []}
        row = teach_workspace.features_of(name, [image])
        shares = trained.layer.probabilities(row)[0]
        return {
            "classes": list(trained.classes),
            "probabilities": [round(float(x), 5) for x in shares],
        }

    return await _answer(request, work)


def address(workspace: Door) -> str:
    """Under which a browser sends pictures; ends with a slash."""
    return path(f"{ADDRESS}/{workspace.token}/")


def routes() -> list[Route]:
    """Both addresses."""
    return [
        Route(path(ADDRESS + "/{token}/class/{class_id:int}"), add, methods=["POST"]),
        Route(path(ADDRESS + "/{token}/look"), look, methods=["POST"]),
    ]

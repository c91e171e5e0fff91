"""What a browser replays of a recorded run or of the training of a weight set.

    /replays/<name>/<version>        a recording's first seed
    /trainings/<set>/<version>       a weight set's own training

Both are gzipped bytes of `lab.recordings.replay`; they never change under their
address, so browsers keep them.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from lab.recordings import Snapshots
from lab.recordings.replay import ReplayArm, arms, pack, version
from model import measured
from ui.session.routes import path

REPLAYS, TRAININGS = "replays", "trainings"
BYTES = "application/octet-stream"
FOREVER = "public, max-age=31536000, immutable"


@lru_cache(maxsize=32)
def recorded(name: str) -> bytes:
    """The bytes of a recording's replay.

    Raises:
        KeyError: there is no such recording.
    """
    # Streamlit's caches want a running server; this is imported before there is one.
    from ui.kit import cache

    return pack(arms(cache.recordings()[name]))


@lru_cache(maxsize=4)
def trained(name: str) -> bytes:
    """The bytes of a weight set's training: validation and training accuracy.

    Raises:
        KeyError: nothing was kept of it.
    """
    if (history := measured.history(name)) is None:
        raise KeyError(name)
    shown = [int(x) / 1_000 for x in history.shown]
    curves = {
        what: [
            (x, round(float(y), 5))
            for x, y in zip(shown, accuracy, strict=True)
            if y == y  # the first report has none
        ]
        for what, accuracy in (
            ("validation", history.validation),
            ("train", history.train),
        )
    }
    filters = Snapshots(tuple(shown), history.codes, history.scale)
    return pack(
        [
            ReplayArm("validation", curves["validation"], snapshots=filters),
            ReplayArm("train", curves["train"]),
        ]
    )


def replay_address(name: str) -> str:
    """Where a browser gets the replay of a recording.

    Raises:
        KeyError: there is no such recording.
    """
    return path(f"{REPLAYS}/{name}/{version(recorded(name))}")


def training_address(name: str) -> str:
    """Where a browser gets the training of a weight set.

    Raises:
        KeyError: nothing was kept of it.
    """
    return path(f"{TRAININGS}/{name}/{version(trained(name))}")


def _answer(find: Callable[[str], bytes], request: Request) -> Response:
    asked = request.path_params
    try:
        packed = find(asked["name"])
    except KeyError:
        packed = b""
    if not packed or asked["version"] != version(packed):
        why = "This recording is not here any more. Reload the page."
        return PlainTextResponse(why, 404, {"cache-control": "no-store"})
    headers = {"cache-control": FOREVER, "content-encoding": "gzip"}
    return Response(packed, media_type=BYTES, headers=headers)


def _recorded(request: Request) -> Response:
    return _answer(recorded, request)


def _trained(request: Request) -> Response:
    return _answer(trained, request)


def routes() -> list[Route]:
    """The two addresses."""
    return [
        Route(path(REPLAYS + "/{name}/{version}"), _recorded),
        Route(path(TRAININGS + "/{name}/{version}"), _trained),
    ]

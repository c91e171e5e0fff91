"""The server: what starts, what stops, and who answers which address.

`streamlit run app.py` starts it. The pages are ui/shell.py's; naming that script here,
not this file, keeps a first visit by deep link from running a page alone.
"""

import ctypes
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from classroom.people import accounts
from lab.workers import prestart
from model import pictures, runtime
from paths import ROOT
from ui.classes.results import export_routes
from ui.following import routes as follow_routes
from ui.kit.network import activation_routes
from ui.kit.runs import replay_routes
from ui.kit.teach import teach_routes
from ui.kit.uploads import BoundedUploads
from ui.network.feature_maps import occlusion_routes
from ui.quiz import draft_routes
from ui.session import connections, finished_runs, sessions, welcome, whole_callbacks
from ui.session import routes as session_routes
from ui.session.index_page import IndexPage
from ui.session.new_session import NoFolders
from ui.session.origin import OwnPagesOnly
from ui.session.visitor import TruePeer, VisitorCookie, is_https

log = logging.getLogger(__name__)

# Seconds in which the first page has the interpreter to itself: importing TensorFlow
# holds its lock for much of the time (`python -m bench.start`).
HEAD_START = 2.5

M_ARENA_MAX = -8  # of <malloc.h>

# Nothing is loaded from outside hosts: not by us, and not by a slip of ours.
# Streamlit's own front end needs inline styles, blob modules and WebAssembly.
POLICY = (
    "default-src 'self'; "
    "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; "
    "media-src 'self' blob:; worker-src 'self' blob:; "
    "connect-src 'self' ws: wss: data: blob:; "
    "object-src 'none'; base-uri 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "permissions-policy": "camera=(self), microphone=(), geolocation=()",
}


STRICT = b"max-age=15552000"  # half a year of https alone, once it was https


def share_the_machine() -> None:
    """Settings of the whole process, before it has threads.

    Many threads run short scripts here. They hand the interpreter over after 1 ms, not
    5, so that the event loop answers while they are at it. And they share two of the C
    library's memory arenas: with one a thread, freed memory stays in all of them.
    """
    sys.setswitchinterval(0.001)
    if sys.platform == "linux" and hasattr(libc := ctypes.CDLL(None), "mallopt"):
        libc.mallopt(M_ARENA_MAX, 2)
    connections.guard(connections.raise_the_limit())


# Streamlit's for operators: what is in memory, and a way to drive pages without a
# browser, which is off. Nothing here needs them.
CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")


class SecurityHeaders:
    """Adds `HEADERS` to every answer, and answers nothing at `CLOSED`."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = [(k.encode(), v.encode()) for k, v in HEADERS.items()]
                if is_https(scope):
                    own.append((b"strict-transport-security", STRICT))
                message["headers"] = [*message["headers"], *own]
            await send(message)

        base = session_routes.path("").rstrip("/")
        is_closed = scope["type"] == "http" and scope["path"].startswith(
            tuple(base + one for one in CLOSED)
        )
        app = PlainTextResponse("Not found", 404) if is_closed else self.app
        await app(scope, receive, send_with_headers)


async def ready(_: Request) -> JSONResponse:
    """200 once the network is loaded and while the database can be written to.

    Else 503: for load balancers and tests.
    """
    from store import database

    is_loaded = runtime.ready()
    is_there = is_loaded and await run_in_threadpool(database.can_be_written)
    said = {"ready": is_loaded and is_there, "network": is_loaded, "database": is_there}
    return JSONResponse(said, status_code=200 if said["ready"] else 503)


def load_the_rest() -> None:
    """TensorFlow, the network, and the database."""
    runtime.start()
    # Half a second of libraries: the first page comes before.
    from lab import engine
    from lab.datasets import kept
    from store import database, retention

    with suppress(database.DatabaseAway):  # the log says why; it is tried again
        engine.warm_up()
        kept.take_over_files()
        welcome.log_first_link()
    retention.start(database.shared)
    if prestart.wanted():
        workers.start(
            runtime.loading_is_over, engine.prepare, engine.prepared, welcome.log_ready
        )
    else:
        workers.start(runtime.loading_is_over, welcome.log_ready)


def end_with_the_supervisor() -> None:
    """Ends this server when scripts/serve.py, which holds the other end, is gone."""
    try:
        while os.read(0, 1):
            pass
    except OSError as error:
        log.info("The supervisor's pipe broke: %s", error)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(15)
    os._exit(1)  # a visitor kept it


@asynccontextmanager
async def lifespan(_: Any) -> AsyncIterator[None]:
    """The first page is served first; then TensorFlow and the network load behind it.

    A page that needs the network before that starts it at once.
    """
    if os.environ.get("ALEXNET_SUPERVISED"):
        threading.Thread(target=end_with_the_supervisor, daemon=True).start()
    pictures.warm_up()
    welcome.log_addresses()
    later = threading.Timer(HEAD_START, load_the_rest)
    later.daemon = True
    later.start()
    async with follow_routes.answering(), sessions.tidied():
        yield
    later.cancel()
    workers.stop()
    shutdown = getattr(sys.modules.get("lab.engine"), "shutdown", None)
    if shutdown is not None:  # else it is not there yet, or not whole
        shutdown()
    if (retention := sys.modules.get("store.retention")) is not None:
        retention.stop()
    pictures.close()


share_the_machine()
finished_runs.keep()
whole_callbacks.keep()
workers = prestart.WorkerStarter()
app = st.App(
    ROOT / "ui" / "shell.py",
    lifespan=lifespan,
    routes=[
        Route("/ready", ready),
        *session_routes.routes(),
        *follow_routes.routes(),
        *activation_routes.routes(),
        *replay_routes.routes(),
        *occlusion_routes.routes(),
        *teach_routes.routes(),
        *draft_routes.routes(),
        *export_routes.routes(accounts.instructor),
    ],
    middleware=[
        Middleware(TruePeer),
        Middleware(SecurityHeaders),
        Middleware(OwnPagesOnly),
        Middleware(BoundedUploads),
        Middleware(NoFolders),
        Middleware(session_routes.NotKept),
        Middleware(VisitorCookie),
        Middleware(IndexPage),
    ],
)

"""Pages of another origin are turned away before Streamlit sees them."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest
import websockets
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from ui.session import permissions
from ui.session.origin import OwnPagesOnly, is_own

OWN = [
    ("http://lab:8501", "lab:8501"),
    ("http://LAB:8501", "lab:8501"),
    ("http://lab", "lab"),
    ("http://lab:80", "lab"),
    ("http://lab", "lab:80"),
    ("https://lab", "lab"),
    ("https://lab:443", "lab"),
    ("https://lab", "lab:443"),
    ("http://[::1]:8501", "[::1]:8501"),
    ("http://[0:0::1]:8501", "[::1]:8501"),
    ("http://lab.:8501", "lab:8501"),
    ("https://school.example:8443", "school.example:8443"),
]
FOREIGN = [
    ("http://localhost:9998", "localhost:8501"),
    ("http://127.0.0.1:8501", "localhost:8501"),
    ("http://localhost:8501", "127.0.0.1:8501"),
    ("http://evil.example", "lab:8501"),
    ("http://lab:8501.evil.example", "lab:8501"),
    ("http://lab@evil.example:8501", "lab:8501"),
    ("http://evil.example/lab:8501", "lab:8501"),
    ("http://lab", "lab:8501"),
    ("http://lab:8501", "lab"),
    ("http://lab", "lab:443"),
    ("http://[::2]:8501", "[::1]:8501"),
    ("null", "lab:8501"),
    ("", "lab:8501"),
    ("file://", "lab:8501"),
    ("chrome-extension://lab:8501", "lab:8501"),
    ("http://lab:8501", ""),
    ("http://lab:8501", "lab:8501:8501"),
    ("http://lab:99999999", "lab:99999999"),
    ("http://lab 8501", "lab 8501"),
    ("http://lab:8501, http://evil.example", "lab:8501"),
]


@pytest.mark.parametrize(("origin", "host"), OWN)
def test_its_own_pages(origin: str, host: str) -> None:
    assert is_own(origin, [host])


@pytest.mark.parametrize(("origin", "host"), FOREIGN)
def test_others(origin: str, host: str) -> None:
    assert not is_own(origin, [host])


# --- before Streamlit -----------------------------------------------------------------


def asked(kind: str, method: str = "GET", **headers: str) -> tuple[Any, list[Any]]:
    """What the app behind was given (None: nothing), and what was sent."""
    given: list[Any] = []
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        given.append(scope)

    async def receive() -> Any:
        return {"type": f"{kind}.connect"}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    scope = {"type": kind, "method": method, "path": "/x", "headers": raw}
    asyncio.run(OwnPagesOnly(app)(scope, receive, send))  # type: ignore[arg-type]
    return (given or [None])[0], sent


def test_a_foreign_socket_is_closed_before_it_is_open() -> None:
    given, sent = asked("websocket", host="lab:8501", origin="http://lab:9998")
    assert given is None
    assert [x["type"] for x in sent] == ["websocket.close"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "TRACE"])
def test_a_foreign_page_changes_nothing(method: str) -> None:
    given, sent = asked("http", method, host="lab", origin="http://evil.example")
    assert given is None
    assert sent[0]["status"] == 403


@pytest.mark.parametrize(
    ("kind", "method", "headers"),
    [
        ("websocket", "GET", {"host": "lab:8501", "origin": "http://lab:8501"}),
        ("websocket", "GET", {"host": "lab:8501"}),  # no browser
        ("http", "PUT", {"host": "lab:8501", "origin": "http://lab:8501"}),
        ("http", "GET", {"host": "lab:8501", "origin": "http://evil.example"}),
        ("http", "PUT", {"host": "lab:8501"}),
    ],
)
def test_all_others_pass(kind: str, method: str, headers: dict[str, str]) -> None:
    given, sent = asked(kind, method, **headers)
    assert given is not None and not sent


@pytest.mark.parametrize(
    "named", ["https://lab.school", "lab.school", "http://lab.school/x"]
)
def test_the_named_address_passes_whatever_the_proxy_calls_us(
    monkeypatch: pytest.MonkeyPatch, named: str
) -> None:
    origin = "http://lab.school" if named.startswith("http:") else "https://lab.school"
    headers = {"host": "backend:8501", "origin": origin}
    assert asked("websocket", **headers)[0] is None
    monkeypatch.setenv("ALEXNET_ADDRESS", named)
    given, _ = asked("websocket", **headers)
    # As text it is the same for Streamlit: it asks nobody.
    assert dict(given["headers"])[b"host"] == b"lab.school"
    assert asked("websocket", **headers | {"origin": "https://evil.example"})[0] is None


def test_streamlit_has_nothing_left_to_ask() -> None:
    for origin, host in OWN:
        given, _ = asked("websocket", host=host, origin=origin)
        said = dict(given["headers"])
        assert said[b"origin"].partition(b"://")[2] == said[b"host"]


# --- the server -----------------------------------------------------------------------


@contextmanager
def silent_proxy() -> Iterator[tuple[str, list[bytes]]]:
    """A way out that accepts and never answers, and what was asked of it."""
    asked_of: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(0.1)
        over = threading.Event()
        kept = []

        def listen() -> None:
            while not over.is_set():
                with suppress(TimeoutError):
                    connection, _ = listening.accept()
                    kept.append(connection)
                    asked_of.append(connection.recv(200))

        thread = threading.Thread(target=listen)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", asked_of
        over.set()
        thread.join()
        for connection in kept:
            connection.close()


async def shake(url: str, origin: str | None) -> int:
    """A handshake's status; 101 if the socket opened."""
    given = None if origin is None else websockets.Origin(origin)
    protocols = [websockets.Subprotocol("streamlit")]
    try:
        address = url.replace("http", "ws") + "/_stcore/stream"
        async with connect(address, origin=given, subprotocols=protocols, proxy=None):
            return 101
    except InvalidStatus as refused:
        return int(refused.response.status_code)


@pytest.mark.long("the rule by itself, of every origin")
def test_foreign_handshakes_stop_nobody_and_ask_nobody(fresh_server) -> None:
    with silent_proxy() as (way_out, asked_of):
        server = fresh_server(HTTP_PROXY=way_out, HTTPS_PROXY=way_out)
        port = server.url.rpartition(":")[2]
        foreign = ["http://evil.example", f"http://localhost:{port}", "null"]
        foreign += ["http://127.0.0.1:9", f"https://127.0.0.1:{port}x"]

        async def all_at_once() -> list[int]:
            return await asyncio.gather(*(shake(server.url, x) for x in foreign * 4))

        assert set(asyncio.run(all_at_once())) == {403}
        server.wait_ready()  # else TensorFlow's import has its part in the time
        began = time.monotonic()
        server.get("/_stcore/health")
        took = time.monotonic() - began
        assert took < len(foreign) * 4, "each handshake used to cost two seconds"
        assert asyncio.run(shake(server.url, server.url)) == 101
        assert asyncio.run(shake(server.url, None)) == 101
        assert not asked_of


# --- at the server's machine ----------------------------------------------------------

HERE = {
    "host": "localhost:8501",
    "origin": "http://localhost:8501",
    "user-agent": "x",
    "sec-websocket-key": "x",
    "cookie": "a=b",
}


@pytest.fixture
def bound(monkeypatch: pytest.MonkeyPatch) -> dict[str, object]:
    options: dict[str, object] = {"server.address": "127.0.0.1", "server.port": 8501}
    monkeypatch.setattr(permissions.st, "get_option", options.get)
    return options


@pytest.mark.parametrize(
    "change",
    [
        {},
        {"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"},
        {"host": "[::1]:8501", "origin": "http://[::1]:8501"},
        {"sec-fetch-site": "same-origin", "dnt": "1"},
    ],
)
@pytest.mark.parametrize("address", [None, "127.0.0.1", "::1"])
def test_at_the_machine(bound, change: dict[str, str], address: str | None) -> None:
    assert permissions.at_the_machine(HERE | change, address)


@pytest.mark.parametrize(
    "change",
    [
        {"host": "lab.school.example"},
        {"host": ""},
        {"origin": ""},
        {"origin": "http://localhost:9999"},
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"host": "localhost:9000", "origin": "http://localhost:9000"},
        {"host": "localhost.evil.com:8501"},
        *({name: "10.0.0.9"} for name in (
            *("X-Forwarded-For", "Forwarded", "Via", "X-Real-IP", "CF-Connecting-IP"),
            *("X-Client-IP", "True-Client-IP", "Fly-Client-IP", "X-Forwarded-Port"),
            *("X-Original-Host", "X-Cluster-Client-IP", "X-Envoy-External-Address"),
            *("X-Forwarded-Proto", "X-Amzn-Trace-Id", "Tailscale-User-Login"),
        )),
    ],
)  # fmt: skip
def test_not_at_the_machine(bound, change: dict[str, str]) -> None:
    assert not permissions.at_the_machine(HERE | change, None)


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "", None, "192.168.1.2", "lab"])
def test_nobody_is_where_others_can_come_in(bound, address: str | None) -> None:
    bound["server.address"] = address
    assert not permissions.at_the_machine(HERE, None)


def test_who_calls_from_elsewhere_or_says_nothing_is_not(bound) -> None:
    assert not permissions.at_the_machine(HERE, "192.168.1.7")
    assert not permissions.at_the_machine({}, None)

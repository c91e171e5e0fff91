"""The server's own doors: connections, headers, health, sessions, files, the log."""

from __future__ import annotations

import asyncio
import os
import socket
import stat
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import delete, select
from streamlit.runtime.memory_session_storage import MemorySessionStorage

import app
from bench.streamlit_client import Visitor
from lab import worker
from lab.datasets import DataMissing, cifar
from paths import data_folder
from store import database
from store.accounts import Accounts
from store.database import Database
from store.formulas import as_text
from store.tables import Account
from tests.migrated import new_database
from tests.waiting import until_so
from ui.session import connections, sessions
from ui.session.connections import Doorkeeper
from ui.session.visitor import is_https

# --- connections ----------------------------------------------------------------------


class Transport:
    """A connection of somebody's."""

    def __init__(self, host: str = "192.0.2.7") -> None:
        self.host, self.is_closed, self.protocol = host, False, None

    def get_extra_info(self, _: str) -> tuple[str, int]:
        return self.host, 5

    def is_closing(self) -> bool:
        return self.is_closed

    def close(self) -> None:
        self.is_closed = True

    abort = close

    def get_protocol(self) -> Any:
        return self.protocol


def test_an_address_holds_so_many_connections() -> None:
    keeper = Doorkeeper(connections.SPARE + 20)
    assert keeper.most == 10
    first = [Transport() for _ in range(10)]
    assert all(keeper.admits(one) for one in first)  # type: ignore[arg-type]
    assert not keeper.admits(Transport())  # type: ignore[arg-type]
    assert keeper.admits(Transport("192.0.2.8"))  # type: ignore[arg-type]
    first[0].close()
    assert keeper.admits(Transport())  # type: ignore[arg-type]
    keeper.forget(first[1])  # type: ignore[arg-type]
    assert keeper.admits(Transport())  # type: ignore[arg-type]
    assert not keeper.admits(Transport())  # type: ignore[arg-type]


def test_a_proxy_brings_as_many_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORWARDED_ALLOW_IPS", "10.0.0.2")
    keeper = Doorkeeper(0)
    for host in ("127.0.0.1", "::1", "10.0.0.2"):
        assert all(keeper.admits(Transport(host)) for _ in range(50))  # type: ignore[arg-type]


def test_the_limit_of_files_is_the_systems() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
    try:
        assert connections.raise_the_limit() == min(before[1], 65_536)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)


@pytest.mark.parametrize("has_asked", [True, False])
def test_who_asks_for_nothing_is_let_go(
    monkeypatch: pytest.MonkeyPatch, has_asked: bool
) -> None:
    class Protocol:
        config = SimpleNamespace(encoded_headers=[(b"server", b"x"), (b"a", b"b")])
        server_state = SimpleNamespace(default_headers=[(b"server", b"x")])

        def connection_made(self, transport: Any) -> None:
            self.transport, self.cycle = transport, None
            transport.protocol = self

        def connection_lost(self, error: Exception | None) -> None:
            pass

    monkeypatch.setattr(connections, "FIRST", 0.0)
    connections.guard(10_000, Protocol)
    transport = Transport()

    async def come() -> None:
        protocol = Protocol()
        protocol.connection_made(transport)
        protocol.cycle = "asked" if has_asked else None
        due = asyncio.Event()
        asyncio.get_running_loop().call_later(connections.FIRST, due.set)
        await due.wait()

    asyncio.run(come())
    assert transport.is_closed is not has_asked
    assert Protocol.config.encoded_headers == [(b"a", b"b")]
    assert Protocol.server_state.default_headers == []


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/none", "/ready"])
def test_no_answer_names_the_software(server, path: str) -> None:
    assert server.get(path)[0].getheader("server") is None


def test_a_browser_reads_no_folder_of_the_server(server) -> None:
    port = int(server.url.rpartition(":")[2])
    sent: list[bytes] = []

    class Listening(Visitor):
        async def next_message(self, run: Any = None) -> Any:
            message = await super().next_message(run)
            sent.append(message.SerializeToString())
            return message

    async def visit() -> None:
        async with Listening(port, page="privacy") as visitor:
            await visitor.run()
            await visitor.run()

    asyncio.run(visit())
    assert any(b"ui/shell.py" in one for one in sent)
    assert not any(str(app.ROOT).encode() in one for one in sent)


@pytest.mark.long("one that asks nothing is closed, without a server")
def test_a_silent_connection_is_closed(server, monkeypatch) -> None:
    port = int(server.url.rpartition(":")[2])
    with socket.create_connection(("127.0.0.1", port), 5) as silent:
        silent.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n")  # and never its end
        silent.settimeout(connections.FIRST + 20)
        began = time.monotonic()
        assert silent.recv(1) == b""
        assert time.monotonic() - began > connections.FIRST / 2


# --- headers and addresses ------------------------------------------------------------


@pytest.mark.parametrize(
    "path", ["metrics", "metrics?families=x", "agent/openapi.json", "agent/interact"]
)
def test_streamlits_doors_for_operators_are_closed(server, path: str) -> None:
    answer, body = server.get(f"/_stcore/{path}")
    assert answer.status == 404
    assert len(body) < 100


@pytest.mark.parametrize(
    ("scheme", "header", "expected"),
    [
        ("https", b"", True),
        ("http", b"https", True),
        ("http", b"HTTPS ", True),
        ("http", b"", False),
        ("http", b"http", False),
        ("http", b"https.evil", False),
    ],
)
def test_https_is_kept_to_where_it_is_spoken(scheme, header, expected) -> None:
    headers = [(b"accept", b"text/html"), (b"x-forwarded-proto", header)]
    scope: Any = {"type": "http", "scheme": scheme, "path": "/", "headers": headers}
    assert is_https(scope) is expected
    sent: list[Any] = []

    async def page(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message: Any) -> None:
        sent.append(message)

    stack = app.SecurityHeaders(app.VisitorCookie(page))  # type: ignore[arg-type]
    asyncio.run(stack(scope, None, send))  # type: ignore[arg-type]
    found = dict(sent[0]["headers"])
    assert (b"strict-transport-security" in found) is expected
    assert (b"; Secure" in found[b"set-cookie"]) is expected


def test_ready_tells_of_the_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    monkeypatch.setattr(app.runtime, "ready", lambda: True)
    monkeypatch.setattr(database, "AGAIN", -1.0)

    def asked() -> int:
        return int(asyncio.run(app.ready(None)).status_code)  # type: ignore[arg-type]

    assert asked() == 200

    def refused(self: Database) -> Any:
        raise database.DatabaseAway("It may only be read.")

    monkeypatch.setattr(Database, "writing", refused)
    assert asked() == 503
    monkeypatch.setattr(database, "AGAIN", 60.0)
    assert asked() == 503, "not everybody who asks asks the database"
    own.close()


# --- sessions that have ended ---------------------------------------------------------


def test_what_the_last_visitor_left_goes_by_itself(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    gone: list[str] = []

    class Session:
        id = "s"

        def __del__(self) -> None:
            gone.append(self.id)

    class Info:
        def __init__(self) -> None:
            self.session = Session()

    storage = MemorySessionStorage(ttl_seconds=0)
    storage.save(Info())  # type: ignore[arg-type]
    assert not gone, "Streamlit keeps it until another one leaves"

    class Manager:
        _session_storage = storage

    class Runtime:
        _session_mgr = Manager()

        @classmethod
        def exists(cls) -> bool:
            return True

        @classmethod
        def instance(cls) -> Any:
            return cls

    monkeypatch.setattr(sessions, "Runtime", Runtime)
    monkeypatch.setattr(sessions, "EVERY", 0.01)

    async def a_while() -> None:
        async with sessions.tidied():
            await until_so(lambda: gone, "the session to be let go")

    asyncio.run(a_while())
    assert gone == ["s"]


# --- files and the database -----------------------------------------------------------


@pytest.mark.skipif(os.name != "posix", reason="Windows has other rights")
def test_the_folder_is_for_one_account(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "a" / "data"
    there.mkdir(parents=True, mode=0o755)
    monkeypatch.setenv("ALEXNET_DATA", str(there))
    assert data_folder() == there
    assert stat.S_IMODE(there.stat().st_mode) == 0o700


def test_nothing_deleted_stays_in_the_log(tmp_path: Path) -> None:
    secret = "Kim Possible of form 5b"
    own = new_database(tmp_path)
    with own.writing() as session:
        session.add(Account(id="x", name=secret, created=0.0))
    log = tmp_path / "lab.sqlite3-wal"
    assert secret.encode() in log.read_bytes()
    with own.writing() as session:
        session.execute(delete(Account))
    own.forget_log()
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes(), file.name
    own.close()


def test_a_nul_finds_nothing_and_is_kept_by_nobody(database: Database) -> None:
    accounts = Accounts(database)
    with database.writing() as session:
        session.add(Account(id="a\0b", name="An\0na", created=0.0))
    with database.reading() as session:
        assert session.get(Account, "a\0") is None
        found = session.scalars(select(Account).where(Account.name == "An\0na")).one()
        assert (found.id, found.name) == ("a\ufffdb", "An\ufffdna")
        assert not session.scalars(
            select(Account).where(Account.id.in_(["\0", "x\0y"]))
        ).all()
    assert accounts.named("\0") is None


# --- what a visitor reads of an error -------------------------------------------------


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ValueError("Pictures are too small."), "Pictures are too small."),
        (DataMissing("no /srv/data/cifar here"), "no a folder of the server here"),
        (ValueError(r"C:\Users\kim\data is gone"), None),
        (OSError(2, "No such file", "/srv/kim/secret"), worker.FAILED),
        (FileNotFoundError("/srv/kim/secret"), worker.FAILED),
        (MemoryError(), worker.FAILED),
        (KeyError("drawn"), "drawn"),
        (ValueError("rate 0.1/0.2, train/cat and a and/or b"), None),
    ],
)
def test_no_path_of_the_server_is_read_by_a_visitor(error, said) -> None:
    shown = worker.for_visitors(error)
    if said is not None:
        assert shown == said
    assert "kim" not in shown and "/srv" not in shown
    if "train/cat" in str(error):
        assert shown == str(error)


def test_a_wrong_setting_names_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataMissing) as missing:
        cifar.folder_key(tmp_path)
    assert str(tmp_path) not in str(missing.value)
    assert "train/" in str(missing.value)


# --- formulas -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    ["＝1+1", "＠x", " =1", "\n=1", '"=1', "a;=1", "=1", "+1", "-1", "@x", "\t1"],
)
def test_no_cell_starts_a_formula(typed: str) -> None:
    assert as_text(typed) != typed


@pytest.mark.parametrize("typed", ["ReLU", "a=1", "tanh, 0.1", "2012", "a - b", ""])
def test_other_text_is_as_it_was(typed: str) -> None:
    assert as_text(typed) == typed

"""What visitors hand in is counted before it is read, and only what was asked for."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from bench.http_client import Failed, http
from bench.streamlit_client import Visitor
from ui.kit import uploads
from ui.kit.uploads import FILES, IDS, INSTRUCTOR, MB, VISITOR, BoundedUploads, Ledger


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> Ledger:
    """One of a test's own, watching a keeper of files that is Streamlit's."""
    own = Ledger()
    own.watch(MemoryUploadedFileManager("/_stcore/upload_file"))
    own.watch(own.manager)  # once is enough
    monkeypatch.setattr(uploads, "ledger", own)
    monkeypatch.setattr(uploads.Runtime, "exists", lambda: False)
    return own


def keep(ledger: Ledger, session: str, size: int, address: str = "a") -> None:
    """A file that was handed in."""
    file = ledger.manager.get_upload_urls(session, ["x"])[0].file_id
    record = UploadedFileRec(file, "x", "image/png", Sized(size))  # type: ignore[arg-type]
    ledger.manager.add_file(session, record)
    ledger.where[session] = address


class Sized(bytes):
    """Bytes of any length that take no memory."""

    def __new__(cls, size: int) -> Sized:
        made = super().__new__(cls)
        made.size = size
        return made

    size: int

    def __len__(self) -> int:
        return self.size


def put(session: str, file: str, *, size: int | None = 10, **headers: str) -> int:
    """The status of an upload; 204 if it came through to Streamlit."""
    sent: list[Any] = []

    async def app(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 204, "headers": []})

    async def receive() -> Any:
        return {"type": "http.request", "body": b""}

    async def send(message: Any) -> None:
        sent.append(message)

    raw = [(k.encode(), v.encode()) for k, v in headers.items()]
    if size is not None:
        raw.append((b"content-length", str(size).encode()))
    scope = {
        "type": "http",
        "method": "PUT",
        "path": f"/_stcore/upload_file/{session}/{file}",
        "headers": raw,
        "client": ("a", 1),
    }
    asyncio.run(BoundedUploads(app)(scope, receive, send))
    status: int = sent[0]["status"]
    return status


def given(ledger: Ledger, session: str = "s") -> str:
    file: str = ledger.manager.get_upload_urls(session, ["x"])[0].file_id
    return file


def test_only_an_id_that_the_session_was_given_and_only_once(ledger: Ledger) -> None:
    file = given(ledger)
    assert put("s", "made-up") == 403
    assert put("other", file) == 403
    assert put("s", file) == 204
    assert put("s", file) == 403


def test_ids_that_are_never_used_do_not_pile_up(ledger: Ledger) -> None:
    names = ledger.manager.get_upload_urls("s", ["x"] * 100_000)
    assert len(names) == IDS
    for _ in range(50):
        given(ledger)
    assert len(ledger.given["s"]) == IDS
    ledger.manager.remove_session_files("s")
    assert not ledger.given and not ledger.where


def test_size_is_said_and_bounded(ledger: Ledger) -> None:
    assert put("s", given(ledger), size=None) == 411
    assert put("s", given(ledger), **{"content-length": "x"}, size=None) == 411
    assert put("s", given(ledger), size=20 * MB) == 204
    assert put("s", given(ledger), size=22 * MB) == 413


@pytest.mark.parametrize(
    ("is_known", "is_here", "anybody", "status"),
    [
        (True, False, True, 204),
        (False, False, True, 413),
        (False, True, True, 413),
        (False, True, False, 204),
        (False, False, False, 413),
    ],
)
def test_an_instructor_may_hand_in_a_class_of_pictures(
    ledger: Ledger,
    monkeypatch: pytest.MonkeyPatch,
    is_known: bool,
    is_here: bool,
    anybody: bool,
    status: int,
) -> None:
    who = {"token": "Ada"} if is_known else {}
    monkeypatch.setattr(uploads.accounts, "instructor", who.get)
    monkeypatch.setattr(uploads.accounts, "anybody", lambda: anybody)
    monkeypatch.setattr(uploads.permissions, "at_the_machine", lambda *_: is_here)
    cookie = "x=y; alexnet_lab_session=token"
    assert put("s", given(ledger), size=200 * MB, cookie=cookie) == status


def test_a_session_holds_few_files(ledger: Ledger) -> None:
    for _ in range(FILES):
        keep(ledger, "s", 1)
    assert put("s", given(ledger)) == 429
    ledger.manager.remove_session_files("s")
    assert put("s", given(ledger)) == 204


def test_a_session_holds_few_bytes(ledger: Ledger) -> None:
    keep(ledger, "s", VISITOR - 15)
    assert put("s", given(ledger), size=15) == 204
    assert put("s", given(ledger), size=16) == 429
    assert ledger.refusal("s", "a", VISITOR, False)
    assert not ledger.refusal("s", "a", INSTRUCTOR - VISITOR, True)


def test_what_is_on_its_way_counts(ledger: Ledger) -> None:
    ledger.coming["s", "1"] = VISITOR - 5
    assert put("s", given(ledger), size=6) == 429
    assert put("s", given(ledger), size=5) == 204
    assert list(ledger.coming) == [("s", "1")], "over, however it ended"


def test_all_together_and_one_address_are_bounded(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(uploads.ALL, "100")
    keep(ledger, "1", 30 * MB, "b")
    keep(ledger, "2", 45 * MB, "a")
    assert put("3", given(ledger, "3"), size=5 * MB) == 204
    assert put("3", given(ledger, "3"), size=6 * MB) == 429, "half is for others"
    keep(ledger, "4", 15 * MB, "c")
    assert ledger.refusal("5", "d", 11 * MB, False)
    assert not ledger.refusal("5", "d", 10 * MB, False)


def test_an_upload_that_goes_silent_is_over(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "SILENT", 0.01)

    async def never() -> Any:
        await asyncio.Event().wait()

    received = asyncio.run(uploads.awake(never)())  # type: ignore[arg-type]
    assert received == {"type": "http.disconnect"}


def test_a_page_gives_up_what_it_has_read(
    ledger: Ledger, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(ledger, "s", 5)
    (file,) = ledger.manager.file_storage["s"]
    context = SimpleNamespace(session_id="s", uploaded_file_mgr=ledger.manager)
    monkeypatch.setattr(uploads, "get_script_run_ctx", lambda: context)
    uploads.drop(SimpleNamespace(file_id=file))
    uploads.drop(None)
    assert ledger.held() == {"s": []}


# --- the server -----------------------------------------------------------------------


def test_the_server_takes_what_its_page_asked_for_and_nothing_else(server) -> None:
    port = int(server.url.rpartition(":")[2])
    picture = (stand_in := b"no picture at all") * 3

    async def visit() -> list[int]:
        async with Visitor(port, page="privacy") as stranger:
            await stranger.run()
            session, cookie = stranger.session, stranger.cookies
            headers = {"Cookie": cookie, "X-Xsrftoken": stranger.xsrf}
            found = [
                (
                    await http(
                        port,
                        "PUT",
                        f"/_stcore/upload_file/{session}/{n}",
                        headers,
                        picture,
                    )
                ).status
                for n in range(3)
            ]
        async with Visitor(port, page="feature-maps") as visitor:
            await visitor.run()
            for _ in range(FILES + 2):  # each is given up once it was read
                try:
                    await visitor.upload(stand_in, "x.png")
                except Failed as refused:  # the page says so: it is no picture
                    assert "picture" in str(refused)
        return found

    assert asyncio.run(visit()) == [403, 403, 403]

"""A client of Streamlit 1.67's protocol: visitors without a browser.

The protocol, as far as a visitor needs it:

1.  GET /_stcore/health sets the cookie `_streamlit_xsrf`, one for each browser.
2.  The WebSocket /_stcore/stream carries protobuf both ways: `BackMsg` up,
    `ForwardMsg` down. Its subprotocols are "streamlit" and the cookie's value.
3.  `rerun_script` runs the page's script with the state of every widget. Its answer
    begins with `new_session`, brings elements as `delta`, and ends with
    `script_finished`, unless that says that another run follows at once.
4.  Large elements are cached by both sides: the browser names the hashes that it has,
    and the server sends `ref_hash` in place of those. They expire by age in runs.
5.  A page that redraws a part of itself at intervals says so by `auto_rerun`; the
    browser then asks for that fragment alone.
6.  A file goes up in three steps: `file_urls_request`, PUT to the address given, and
    a rerun whose state of the uploader names the file.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import websockets
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Element_pb2 import Element
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect

from bench.http_client import HOST, Failed, HttpResponse, http, http_status
from paths import ROOT

# --- The server -----------------------------------------------------------------------


@dataclass(frozen=True)
class Server:
    """This app on a port of its own."""

    port: int
    process: subprocess.Popen[bytes]
    log: Path
    ready_s: float  # from the start of the process until /ready said so


@contextlib.contextmanager
def server(
    *options: str, patience_s: float = 180.0, environment: dict[str, str] | None = None
) -> Iterator[Server]:
    """`streamlit run app.py` in a process of its own, until the block is left.

    Raises:
        Failed: it ended, or was not ready in time; with the end of its log.
    """
    with socket.socket() as free:
        free.bind((HOST, 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", *options]
    command += [f"--server.port={port}", f"--server.address={HOST}"]
    command += ["--server.headless=true"]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "server.log"
        started = time.perf_counter()
        with log.open("wb") as out:
            process = subprocess.Popen(
                command,
                cwd=ROOT,
                env=os.environ | (environment or {}),
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        try:
            while http_status(port, "/ready") != 200:
                late = time.perf_counter() - started > patience_s
                if late or process.poll() is not None:
                    why = "was not ready in time" if late else "ended"
                    tail = log.read_text("utf-8", "replace")[-2000:]
                    raise Failed(f"The server {why}. Its log ends with:\n{tail}")
                time.sleep(0.05)
            yield Server(port, process, log, time.perf_counter() - started)
        finally:
            process.terminate()
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


# --- One visitor ----------------------------------------------------------------------


@dataclass
class ScriptRun:
    """What one run of the page's script brought, with times of arrival."""

    asked: float  # time.perf_counter() when the rerun was sent
    elements: list[tuple[float, Element]] = field(default_factory=list)
    finished: float = 0.0
    references: int = 0  # elements that came out of the browser's cache
    received: int = 0  # bytes
    fragments: dict[str, float] = field(default_factory=dict)  # id -> seconds between
    parts: dict[str, str] = field(
        default_factory=dict
    )  # widget -> the fragment it is in

    @property
    def seconds(self) -> float:
        """From the request to the end of the script."""
        return self.finished - self.asked

    def of_kind(self, kind: str) -> list[tuple[float, Any]]:
        """The elements of one kind, with their times of arrival."""
        return [
            (at, getattr(element, kind))
            for at, element in self.elements
            if element.WhichOneof("type") == kind
        ]

    def labelled(self, kind: str, label: str) -> Any:
        """The widget of that kind and label.

        Raises:
            Failed: there is none.
        """
        for _, element in self.of_kind(kind):
            if element.label == label:
                return element
        there = sorted({element.label for _, element in self.of_kind(kind)})
        raise Failed(f"Expected a {kind} '{label}'. Received: {there}")

    @property
    def errors(self) -> list[str]:
        """Exceptions and error boxes on the page."""
        raised = [f"{e.type}: {e.message}" for _, e in self.of_kind("exception")]
        shown = [e.body for _, e in self.of_kind("alert") if e.format == Alert.ERROR]
        return raised + shown


@dataclass
class _Cached:
    message: ForwardMsg
    run: int  # the last in which it was used


class Visitor:
    """One browser tab. Use as an asynchronous context manager."""

    def __init__(
        self,
        port: int,
        page: str = "",
        query: str = "",
        timeout_s: float = 120.0,
        cookies: Mapping[str, str] | None = None,
    ) -> None:
        self.port = port
        self.page = page
        self.query = query
        self.timeout_s = timeout_s
        self._own = "".join(f"; {k}={v}" for k, v in (cookies or {}).items())
        self.last: ScriptRun | None = None
        self._states: dict[str, WidgetState] = {}
        self._cache: dict[str, _Cached] = {}
        self._runs = 0
        self._oldest = 2  # runs that a cached message is kept; the server says
        self.xsrf = ""
        self.session = ""
        self._page_hash = ""
        self._socket: ClientConnection | None = None

    async def __aenter__(self) -> Visitor:
        answer = await http(self.port, "GET", "/_stcore/health")
        cookie = answer.headers.get("set-cookie", "")
        self.xsrf = cookie.partition("_streamlit_xsrf=")[2].partition(";")[0]
        if answer.status != 200 or not self.xsrf:
            raise Failed(f"Expected 200 and a cookie. Received: {answer.status}")
        self._socket = await connect(
            f"ws://{HOST}:{self.port}/_stcore/stream",
            origin=websockets.Origin(f"http://{HOST}:{self.port}"),
            subprotocols=[
                websockets.Subprotocol("streamlit"),
                websockets.Subprotocol(self.xsrf),
            ],
            additional_headers={"Cookie": self.cookies},
            max_size=None,
            open_timeout=self.timeout_s,
            ping_interval=None,  # browsers do not ping, the server does
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._socket is not None:
            await self._socket.close()

    def set(self, widget: Any, **value: Any) -> None:
        """The state of a widget for the next runs, as `WidgetState` names values."""
        self._states[widget.id] = WidgetState(id=widget.id, **value)

    async def run(self, fragment: str = "", *, clicked: bool = False) -> ScriptRun:
        """Runs the page's script with the widgets as they stand.

        Args:
            fragment: only this part of it, as a browser does by its clock.
            clicked: not by its clock, but because somebody clicked in that part.

        Raises:
            Failed: the page shows an error.
            TimeoutError: no answer in time.
        """
        message = BackMsg()
        ask = message.rerun_script
        ask.query_string = self.query
        # A browser knows the page by its address first, by its hash from then on.
        ask.page_script_hash = self._page_hash
        if not self._page_hash:
            ask.page_name = self.page
        ask.fragment_id = fragment
        ask.is_auto_rerun = bool(fragment) and not clicked
        ask.widget_states.widgets.extend(self._states.values())
        ask.cached_message_hashes.extend(self._cache)
        ask.context_info.timezone = "Europe/Vienna"
        ask.context_info.locale = "en-GB"
        ask.context_info.url = f"http://{HOST}:{self.port}/{self.page}"
        ask.context_info.color_scheme = "light"
        run = ScriptRun(time.perf_counter())
        async with asyncio.timeout(self.timeout_s):
            await self._send(message)
            await self._receive(run)
        self._clean_up(run, bool(fragment))
        if clicked or not fragment:
            self.last = run
        if run.errors:
            raise Failed("; ".join(run.errors))
        return run

    async def press(self, button: Any) -> ScriptRun:
        """Runs the script as a click on the button does.

        Raises:
            Failed: the page shows an error.
            TimeoutError: no answer in time.
        """
        self.set(button, trigger_value=True)
        part = self.last.parts.get(button.id, "") if self.last else ""
        try:
            return await self.run(part, clicked=True)
        finally:  # a click is over after one run
            self._states.pop(button.id, None)

    async def trigger(self, component: Any, event: str, value: Any) -> ScriptRun:
        """Runs the script as a component's trigger does.

        Raises:
            Failed: the page shows an error.
            TimeoutError: no answer in time.
        """
        # Streamlit's front end gathers a component's triggers under a name of its own.
        name = f"$$STREAMLIT_INTERNAL_KEY_{component.id}__events"
        event_json = json.dumps([{"event": event, "value": value}])
        self._states[name] = WidgetState(id=name, json_trigger_value=event_json)
        try:
            return await self.run()
        finally:
            self._states.pop(name, None)

    async def upload(self, data: bytes, name: str = "photo.jpg") -> ScriptRun:
        """Hands a file to the page's uploader and runs the script with it.

        Raises:
            Failed: there is no uploader, or the page shows an error.
            TimeoutError: no answer in time.
        """
        uploaders = self.last.of_kind("file_uploader") if self.last else []
        if not uploaders:
            raise Failed("Expected a file uploader on the page. Received: none")
        uploader = uploaders[-1][1]
        message = BackMsg()
        message.file_urls_request.request_id = uuid.uuid4().hex
        message.file_urls_request.session_id = self.session
        message.file_urls_request.file_names.append(name)
        async with asyncio.timeout(self.timeout_s):
            await self._send(message)
            while (answer := await self.next_message()).WhichOneof("type") != (
                "file_urls_response"
            ):
                pass
            urls = answer.file_urls_response.file_urls[0]
            await self._put(urls.upload_url, data, name)
        state = WidgetState(id=uploader.id)
        file = state.file_uploader_state_value.uploaded_file_info.add()
        file.file_id, file.name, file.size = urls.file_id, name, len(data)
        file.file_urls.CopyFrom(urls)
        self._states[uploader.id] = state
        return await self.run()

    async def get(self, path: str) -> HttpResponse:
        """A GET with this browser's cookie."""
        cookie = {"Cookie": self.cookies}
        return await http(self.port, "GET", "/" + path.lstrip("/"), cookie)

    @property
    def cookies(self) -> str:
        return f"_streamlit_xsrf={self.xsrf}{self._own}"

    async def _put(self, url: str, data: bytes, name: str) -> None:
        boundary = uuid.uuid4().hex
        body = (
            f'--{boundary}\r\nContent-Disposition: form-data; name="file"; '
            f'filename="{name}"\r\nContent-Type: image/jpeg\r\n\r\n'
        ).encode() + data
        headers = {
            "Content-Type": f"multipart/form-data; boundary={boundary}",
            "Cookie": self.cookies,
            "X-Xsrftoken": self.xsrf,
        }
        body += f"\r\n--{boundary}--\r\n".encode()
        answer = await http(self.port, "PUT", "/" + url.lstrip("/"), headers, body)
        if answer.status not in (200, 204):
            raise Failed(f"Upload: expected 204. Received: {answer.status}")

    async def _send(self, message: BackMsg) -> None:
        assert self._socket is not None, "use as an asynchronous context manager"
        await self._socket.send(message.SerializeToString())

    async def next_message(self, run: ScriptRun | None = None) -> ForwardMsg:
        assert self._socket is not None, "use as an asynchronous context manager"
        data = await self._socket.recv()
        assert isinstance(data, bytes)
        message = ForwardMsg()
        message.ParseFromString(data)
        if run is not None:
            run.received += len(data)
        if message.WhichOneof("type") == "ref_hash":
            if message.ref_hash not in self._cache:
                raise Failed("The server named a message that this browser has not.")
            cached = self._cache[message.ref_hash]
            cached.run = self._runs
            if run is not None:
                run.references += 1
            return cached.message
        if message.metadata.cacheable:
            self._cache[message.hash] = _Cached(message, self._runs)
        return message

    async def _receive(self, run: ScriptRun) -> None:
        is_begun = False  # what comes earlier belongs to an earlier run
        while True:
            message = await self.next_message(run)
            kind = message.WhichOneof("type")
            if kind == "new_session":
                is_begun = True
                run.elements.clear()
                new = message.new_session
                self.session = new.initialize.session_id or self.session
                self._page_hash = new.page_script_hash
                self._oldest = new.config.max_cached_message_age or self._oldest
            elif kind == "navigation":
                self._page_hash = message.navigation.page_script_hash
            elif kind == "auto_rerun":
                again = message.auto_rerun
                run.fragments[again.fragment_id] = again.interval
            elif kind == "session_event":
                raise Failed(message.session_event.script_compilation_exception.message)
            elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
                element = message.delta.new_element
                run.elements.append((time.perf_counter(), element))
                name = getattr(element, element.WhichOneof("type") or "", None)
                if message.delta.fragment_id and (widget := getattr(name, "id", "")):
                    run.parts[widget] = message.delta.fragment_id
            elif kind == "script_finished" and is_begun:
                run.finished = time.perf_counter()
                if message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
                    return

    def _clean_up(self, run: ScriptRun, part: bool) -> None:
        """A browser forgets clicks, widgets that are gone, and old messages."""
        self._runs += 1
        clicked = [k for k, v in self._states.items() if v.HasField("trigger_value")]
        for key in clicked:
            del self._states[key]
        there = {
            getattr(getattr(element, element.WhichOneof("type") or ""), "id", "")
            for _, element in run.elements
            if element.WhichOneof("type")
        }
        if not part:  # a part says nothing of the widgets beside it
            self._states = {k: v for k, v in self._states.items() if k in there}
        self._cache = {
            name: cached
            for name, cached in self._cache.items()
            if self._runs - cached.run <= self._oldest
        }

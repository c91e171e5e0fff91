"""Receives what a server sends piece by piece; its failures as sentences.

A thread of its own talks to the server and hands over pieces, so that stopping takes
effect at once, whatever the server does.
"""

from __future__ import annotations

import contextlib
import errno
import queue
import re
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from typing import Any, Protocol
from urllib import error, request
from urllib.parse import urlsplit

PIECE = 2**18  # bytes handed over at once
SILENCE_S = 30.0  # a server that sends nothing for so long has gone
_TICK_S = 0.1  # how soon a stop is seen


class FetchFailed(RuntimeError):
    """The file is not there; the message is one sentence: why, and what to do."""


class Stopped(FetchFailed):
    """It was stopped; the bytes received are kept."""


class Flag(Protocol):
    """The part of `threading.Event` that is read here."""

    def is_set(self) -> bool: ...


def megabytes(count: int) -> str:
    """Bytes in words: "8.9 MB"."""
    return f"{count / 1e6:.1f} MB" if count < 1e8 else f"{count / 1e6:.0f} MB"


@dataclass(frozen=True)
class DownloadResponse:
    """The range of the file that the server is going to send."""

    start: int  # the first byte
    total: int | None  # bytes of the whole file
    etag: str | None


class Redirects(request.HTTPRedirectHandler):
    """Never from https to anything less."""

    def redirect_request(
        self,
        req: request.Request,
        fp: Any,
        code: int,
        msg: str,
        headers: HTTPMessage,
        newurl: str,
    ) -> request.Request | None:
        if urlsplit(req.full_url).scheme == "https" != urlsplit(newurl).scheme:
            raise FetchFailed(
                f"{host_of(req.full_url)} sends us on to an address that is not "
                "secure: fetch the file in a browser and add it by hand."
            )
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def _opener() -> request.OpenerDirector:
    """http and https by the environment's proxies; no files, no FTP."""
    opener = request.OpenerDirector()
    for handler in (
        request.ProxyHandler(),
        request.UnknownHandler(),
        request.HTTPHandler(),
        request.HTTPSHandler(),
        request.HTTPDefaultErrorHandler(),
        Redirects(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class Pieces:
    """What a server sends, received on a thread of its own.

    Raises, when asked for the answer or a piece:
        Stopped, FetchFailed
    """

    def __init__(self, url: str, have: int, etag: str | None, stop: Flag) -> None:
        self._url, self._have, self._etag, self._stop = url, have, etag, stop
        self._queue: queue.Queue[DownloadResponse | bytes | Exception] = queue.Queue(8)
        self._left = threading.Event()
        threading.Thread(target=self._run, name="fetch", daemon=True).start()

    def answer(self) -> DownloadResponse:
        """The range that is going to be received."""
        found = self._get()
        assert isinstance(found, DownloadResponse)
        return found

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._get():
                assert isinstance(piece, bytes)
                yield piece
        finally:
            self.leave()

    def leave(self) -> None:
        """Ends the thread."""
        self._left.set()

    def _get(self) -> DownloadResponse | bytes:
        silent = time.monotonic() + SILENCE_S
        while True:
            if self._stop.is_set():
                self.leave()
                raise Stopped("Stopped. What has come is kept, to go on from.")
            try:
                found = self._queue.get(timeout=_TICK_S)
            except queue.Empty:
                if time.monotonic() > silent:
                    self.leave()
                    why = trouble_sentence(TimeoutError(), self._url)
                    raise FetchFailed(why) from None
                continue
            if isinstance(found, FetchFailed):
                raise found
            if isinstance(found, Exception):
                raise FetchFailed(trouble_sentence(found, self._url)) from found
            return found

    def _put(self, what: DownloadResponse | bytes | Exception) -> None:
        while not self._left.is_set():
            with contextlib.suppress(queue.Full):
                return self._queue.put(what, timeout=_TICK_S)

    def _run(self) -> None:
        try:
            with self._open() as response:
                self._put(self._read(response))
                while not self._left.is_set():
                    piece = response.read1(PIECE)
                    self._put(piece)
                    if not piece:
                        return
        except (OSError, HTTPException, FetchFailed, ValueError) as trouble:
            self._put(trouble)

    def _open(self) -> HTTPResponse:
        headers = {
            "User-Agent": "alexnet-lab",
            "Accept-Encoding": "identity",  # bytes as they are, to be counted
        }
        if self._have:
            headers["Range"] = f"bytes={self._have}-"
            if self._etag:  # if it is another file by now, the whole of it
                headers["If-Range"] = self._etag
        asked = request.Request(self._url, headers=headers)
        try:
            response: HTTPResponse = _opener().open(asked, timeout=SILENCE_S)
        except error.HTTPError as refused:
            with refused:
                if refused.code == 416 and self._have:  # nothing of it there any more
                    self._have = 0
                    return self._open()
                raise
        return response

    def _read(self, response: HTTPResponse) -> DownloadResponse:
        etag = response.headers.get("ETag")
        if etag is not None and etag.startswith("W/"):
            etag = None  # says nothing of single bytes
        if response.status == 206:
            span = response.headers.get("Content-Range", "")
            found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", span)
            if found is None:
                raise FetchFailed(
                    f"{host_of(self._url)} sent a part of the file without saying "
                    "which: remove what has come and try again."
                )
            return DownloadResponse(int(found[1]), int(found[2]), etag)
        length = response.headers.get("Content-Length", "")
        return DownloadResponse(0, int(length) if length.isdecimal() else None, etag)


# --- why not --------------------------------------------------------------------------

_BY_HAND = "or fetch the file elsewhere and add it by hand"


def host_of(url: str) -> str:
    """The server's name, for a sentence."""
    return urlsplit(url).hostname or url


def too_large(url: str, most: int) -> str:
    """Why a file that is too long is refused."""
    return (
        f"{host_of(url)} sends more than the {megabytes(most)} that this file can "
        f"have, so it is not the file that was expected: try again later, {_BY_HAND}."
    )


def status_sentence(code: int, host: str) -> str:
    """The sentence for an HTTP status."""
    match code:
        case 407:
            return (
                "The proxy between here and the internet wants a name and a password: "
                "put them into HTTPS_PROXY (http://name:password@proxy:port), "
                f"{_BY_HAND}."
            )
        case 401 | 403 | 451:
            return (
                f"Access to {host} was refused ({code}), perhaps by a proxy or a "
                f"school's filter: ask who runs the network, {_BY_HAND}."
            )
        case 404 | 410:
            return (
                f"The file is no longer where it was on {host} ({code}): look for a "
                "newer version of this project, or add the file by hand."
            )
        case _:
            return (
                f"{host} cannot send the file just now (status {code}): "
                f"try again in a few minutes, {_BY_HAND}."
            )


def trouble_sentence(trouble: Exception, url: str) -> str:
    """One sentence for what the network has raised."""
    host = host_of(url)
    if isinstance(trouble, error.HTTPError):
        return status_sentence(trouble.code, host)
    reason = trouble.reason if isinstance(trouble, error.URLError) else trouble
    refused = re.search(r"Tunnel connection failed: (\d{3})", str(reason))
    if refused:
        return status_sentence(int(refused[1]), f"{host} through the proxy")
    match reason:
        case socket.gaierror():
            return (
                f"The name {host} is not known here: go online, set HTTPS_PROXY if the "
                f"internet is reached by a proxy only, {_BY_HAND}."
            )
        case ssl.SSLError():
            return (
                f"The connection to {host} cannot be trusted: its certificate is not "
                "known here, as happens behind a proxy that reads along: set "
                f"SSL_CERT_FILE to that proxy's certificates, {_BY_HAND}."
            )
        case TimeoutError():
            return (
                f"{host} has not answered for {SILENCE_S:.0f} seconds; what has come "
                f"is kept: try again to go on, {_BY_HAND}."
            )
        case (
            ConnectionRefusedError()
            | OSError(errno=errno.ENETUNREACH | errno.EHOSTUNREACH)
        ):
            return (
                f"{host} cannot be reached from here: go online, set HTTPS_PROXY if "
                f"the internet is reached by a proxy only, {_BY_HAND}."
            )
        case _:
            return (
                f"The connection to {host} broke off; what has come is kept: "
                f"try again to go on, {_BY_HAND}."
            )

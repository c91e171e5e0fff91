"""One file over HTTP, whole or not at all: resumable, stoppable, checked before use.

What has come lies beside the file as `<file>.part`, with `<file>.part.json` saying what
it is a part of. The next try asks the server for the rest (RFC 9110, section 14) and
begins again where the server has another file by now, or cannot send a part.

Network and disk never meet: a thread of its own talks to the server and hands over
pieces, so that stopping takes effect at once, whatever the server does.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import json
import os
import queue
import re
import shutil
import socket
import ssl
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib import error, request
from urllib.parse import urlsplit

PIECE = 2**18  # bytes handed over at once
SILENCE_S = 30.0  # a server that sends nothing for so long has gone
SPARE = 50 * 10**6  # bytes of disk left free
_SPEED_S = 8.0  # the time left is reckoned from the speed of so many last seconds
_TICK_S = 0.1  # how soon a stop is seen


class FetchFailed(RuntimeError):
    """The file is not there; the message is one sentence: why, and what to do."""


class Stopped(FetchFailed):
    """Someone stopped it; what has come is kept."""


@dataclass(frozen=True)
class Progress:
    """How far it is."""

    done: int  # bytes, those of earlier tries too
    total: int | None
    seconds_left: float | None


@dataclass(frozen=True)
class Checksum:
    """What a file's content must be."""

    kind: Literal["sha256", "git-blob"]  # a blob of git's is named by a SHA-1
    hexadecimal: str

    def of(self, path: Path) -> str:
        """This kind of checksum of a file, hexadecimal."""
        with path.open("rb") as file:
            if self.kind == "sha256":
                return hashlib.file_digest(file, "sha256").hexdigest()
            digest = hashlib.sha1(
                b"blob %d\0" % path.stat().st_size, usedforsecurity=False
            )
            while piece := file.read(2**20):
                digest.update(piece)
            return digest.hexdigest()

    def fits(self, path: Path) -> bool:
        """Whether it is this file."""
        return self.of(path) == self.hexadecimal


class Flag(Protocol):
    """What a `threading.Event` is to who reads it."""

    def is_set(self) -> bool: ...


def megabytes(count: int) -> str:
    """Bytes in words: "8.9 MB"."""
    return f"{count / 1e6:.1f} MB" if count < 1e8 else f"{count / 1e6:.0f} MB"


def fetch(
    url: str,
    path: Path,
    checksum: Checksum,
    *,
    most: int,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    stop: Flag | None = None,
) -> None:
    """Brings the file at an address to `path`; does nothing if it is there.

    Args:
        url: http or https. Proxies are taken from the environment.
        path: appears in one step, once its content is checked.
        most: bytes; a longer file is refused.
        on_progress: called a few times a second.
        stop: once it is set, fetching ends within a second.

    Raises:
        Stopped: `stop` was set.
        FetchFailed: why not.
    """
    stop = stop or threading.Event()
    if urlsplit(url).scheme not in ("http", "https"):
        raise FetchFailed(f"Files are fetched by http or https only, not from {url}.")
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _alone(path):
            if path.exists():  # another process was sooner
                return
            _receive(url, part, most, on_progress, stop)
            if not checksum.fits(part):
                discard(path)
                raise FetchFailed(
                    f"What {_host(url)} sent is not the file that was expected (its "
                    "checksum differs), so it was thrown away. A proxy or a sign-in "
                    "page may have answered instead: try again, or on another network."
                )
            os.replace(part, path)
            discard(path)
    except OSError as trouble:
        raise FetchFailed(_disk(trouble, path.parent)) from trouble


def discard(path: Path) -> None:
    """Forgets what has come of a file."""
    for name in (f"{path.name}.part", f"{path.name}.part.json"):
        path.with_name(name).unlink(missing_ok=True)


def begun(path: Path) -> int:
    """Bytes of a file that have come already."""
    part = path.with_name(f"{path.name}.part")
    try:
        return part.stat().st_size
    except FileNotFoundError:
        return 0


# --- the file -------------------------------------------------------------------------


def _receive(
    url: str,
    part: Path,
    most: int,
    on_progress: Callable[[Progress], None],
    stop: Flag,
) -> None:
    """Appends to the part until it is whole."""
    known = _note(part)
    have = part.stat().st_size if part.exists() and known.get("url") == url else 0
    if have and have == known.get("total"):
        return
    pieces = _Pieces(url, have, known.get("etag"), stop)
    answer = pieces.answer()
    if answer.start and (answer.start != have or answer.total != known.get("total")):
        # Not the rest of what is here, whatever the server calls it.
        pieces.leave()
        if not have:
            raise FetchFailed(_status(206, _host(url)))
        discard(part.with_suffix(""))
        return _receive(url, part, most, on_progress, stop)
    total, done = answer.total, answer.start
    if (total or 0) > most:
        raise FetchFailed(_too_large(url, most))
    free = shutil.disk_usage(part.parent).free
    need = (most if total is None else total) - done + SPARE
    if free < need:
        raise FetchFailed(
            f"The disk with {part.parent} has {megabytes(free)} free and "
            f"{megabytes(need)} are needed: make room, or set ALEXNET_WEIGHTS to a "
            "folder on another disk."
        )
    note = {"url": url, "etag": answer.etag, "total": total}
    _note_file(part).write_text(json.dumps(note), "utf-8")
    clock = _Clock(done, total)
    with part.open("ab" if done else "wb") as file:
        on_progress(clock.at(done))
        for piece in pieces:
            done += len(piece)
            if done > (most if total is None else total):
                raise FetchFailed(_too_large(url, most))
            file.write(piece)
            on_progress(clock.at(done))
    if total is not None and done < total:
        raise FetchFailed(
            f"The connection to {_host(url)} was cut after {megabytes(done)} of "
            f"{megabytes(total)}; what has come is kept: try again to go on."
        )


def _note_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _note(part: Path) -> dict[str, Any]:
    """What is written beside a part; nothing if that cannot be read."""
    try:
        found = json.loads(_note_file(part).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class _Clock:
    """Reckons the time left from the speed of the last seconds."""

    def __init__(self, done: int, total: int | None) -> None:
        self._total = total
        self._seen = deque([(time.monotonic(), done)])

    def at(self, done: int) -> Progress:
        now = time.monotonic()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _SPEED_S and len(self._seen) > 2:
            self._seen.popleft()
        (then, before), left = self._seen[0], None
        if self._total is not None and done > before and now - then > 0.5:
            left = (self._total - done) * (now - then) / (done - before)
        return Progress(done, self._total, left)


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else fetches this file, in this process or another.

    Raises:
        FetchFailed: somebody does.
    """
    lock = path.with_name(f"{path.name}.lock")
    with lock.open("ab") as file:
        try:
            _lock(file.fileno())
        except OSError as trouble:
            raise FetchFailed(
                f"{path.name} is being fetched already, by another program on this "
                "machine: wait until it is done."
            ) from trouble
        yield  # the lock ends with the open file, and so with the process


if sys.platform == "win32":
    import msvcrt

    def _lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)


# --- the server -----------------------------------------------------------------------


@dataclass(frozen=True)
class _Answer:
    """What the server is going to send."""

    start: int  # the first byte
    total: int | None  # bytes of the whole file
    etag: str | None


class _Redirects(request.HTTPRedirectHandler):
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
                f"{_host(req.full_url)} sends us on to an address that is not secure: "
                "fetch the file in a browser and add it by hand."
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
        _Redirects(),
        request.HTTPErrorProcessor(),
    ):
        opener.add_handler(handler)
    return opener


class _Pieces:
    """What a server sends, received on a thread of its own.

    Raises, when asked for the answer or a piece:
        Stopped, FetchFailed
    """

    def __init__(self, url: str, have: int, etag: str | None, stop: Flag) -> None:
        self._url, self._have, self._etag, self._stop = url, have, etag, stop
        self._queue: queue.Queue[_Answer | bytes | Exception] = queue.Queue(8)
        self._left = threading.Event()
        threading.Thread(target=self._run, name="fetch", daemon=True).start()

    def answer(self) -> _Answer:
        """What is going to come."""
        found = self._get()
        assert isinstance(found, _Answer)
        return found

    def __iter__(self) -> Iterator[bytes]:
        try:
            while piece := self._get():
                assert isinstance(piece, bytes)
                yield piece
        finally:
            self.leave()

    def leave(self) -> None:
        """Lets the thread end."""
        self._left.set()

    def _get(self) -> _Answer | bytes:
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
                    raise FetchFailed(_trouble(TimeoutError(), self._url)) from None
                continue
            if isinstance(found, FetchFailed):
                raise found
            if isinstance(found, Exception):
                raise FetchFailed(_trouble(found, self._url)) from found
            return found

    def _put(self, what: _Answer | bytes | Exception) -> None:
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

    def _read(self, response: HTTPResponse) -> _Answer:
        etag = response.headers.get("ETag")
        if etag is not None and etag.startswith("W/"):
            etag = None  # says nothing of single bytes
        if response.status == 206:
            span = response.headers.get("Content-Range", "")
            found = re.fullmatch(r"bytes (\d{1,15})-\d{1,15}/(\d{1,15})", span)
            if found is None:
                raise FetchFailed(
                    f"{_host(self._url)} sent a part of the file without saying which: "
                    "remove what has come and try again."
                )
            return _Answer(int(found[1]), int(found[2]), etag)
        length = response.headers.get("Content-Length", "")
        return _Answer(0, int(length) if length.isdecimal() else None, etag)


# --- why not --------------------------------------------------------------------------

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # no quotas on Windows
_BY_HAND = "or fetch the file elsewhere and add it by hand"


def _host(url: str) -> str:
    return urlsplit(url).hostname or url


def _too_large(url: str, most: int) -> str:
    return (
        f"{_host(url)} sends more than the {megabytes(most)} that this file can have, "
        f"so it is not the file that was expected: try again later, {_BY_HAND}."
    )


def _status(code: int, host: str) -> str:
    """What an HTTP status means to who reads it."""
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


def _trouble(trouble: Exception, url: str) -> str:
    """One sentence for what the network has raised."""
    host = _host(url)
    if isinstance(trouble, error.HTTPError):
        return _status(trouble.code, host)
    reason = trouble.reason if isinstance(trouble, error.URLError) else trouble
    refused = re.search(r"Tunnel connection failed: (\d{3})", str(reason))
    if refused:
        return _status(int(refused[1]), f"{host} through the proxy")
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


def _disk(trouble: OSError, folder: Path) -> str:
    if trouble.errno in _FULL:
        return (
            f"The disk with {folder} is full: make room and try again to go on, or set "
            "ALEXNET_WEIGHTS to a folder on another disk."
        )
    return (
        f"Nothing can be written to {folder} ({trouble.strerror or trouble}): "
        "allow it, or set ALEXNET_WEIGHTS to another folder."
    )

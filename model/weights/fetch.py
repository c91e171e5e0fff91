"""One file over HTTP, whole or not at all: resumable, stoppable, checked before use.

The bytes received so far lie in `<file>.part`; their address, ETag and total size in
`<file>.part.json`. The next try asks the server for the rest (RFC 9110, section 14) and
starts over where the server has another file by now, or cannot send a part.

Network and disk never meet: `model.weights.transport` talks to the server.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from model.weights.transport import (
    FetchFailed,
    Flag,
    Pieces,
    host_of,
    megabytes,
    status_sentence,
    too_large,
)

SPARE = 50 * 10**6  # bytes of disk left free
_SPEED_S = 8.0  # the time left is reckoned from the speed of so many last seconds


@dataclass(frozen=True)
class DownloadProgress:
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


def fetch(
    url: str,
    path: Path,
    checksum: Checksum,
    *,
    most: int,
    on_progress: Callable[[DownloadProgress], None] = lambda progress: None,
    stop: Flag | None = None,
) -> None:
    """Downloads the file at an address to `path`; does nothing if it exists.

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
        with alone(path):
            if path.exists():  # another process was sooner
                return
            _receive(url, part, most, on_progress, stop)
            if not checksum.fits(part):
                discard(path)
                raise FetchFailed(
                    f"What {host_of(url)} sent is not the file that was expected (its "
                    "checksum differs), so it was thrown away. A proxy or a sign-in "
                    "page may have answered instead: try again, or on another network."
                )
            os.replace(part, path)
            discard(path)
    except OSError as trouble:
        raise FetchFailed(_disk(trouble, path.parent)) from trouble


def discard(path: Path) -> None:
    """Deletes the part of a file that was received."""
    for name in (f"{path.name}.part", f"{path.name}.part.json"):
        path.with_name(name).unlink(missing_ok=True)


def begun(path: Path) -> int:
    """Bytes of a file that were received already."""
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
    on_progress: Callable[[DownloadProgress], None],
    stop: Flag,
) -> None:
    """Appends to the part until it is whole."""
    known = _note(part)
    have = part.stat().st_size if part.exists() and known.get("url") == url else 0
    if have and have == known.get("total"):
        return
    pieces = Pieces(url, have, known.get("etag"), stop)
    answer = pieces.answer()
    if answer.start and (answer.start != have or answer.total != known.get("total")):
        # Not the rest of what is here, whatever the server calls it.
        pieces.leave()
        if not have:
            raise FetchFailed(status_sentence(206, host_of(url)))
        discard(part.with_suffix(""))
        return _receive(url, part, most, on_progress, stop)
    total, done = answer.total, answer.start
    if (total or 0) > most:
        raise FetchFailed(too_large(url, most))
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
    speed = TransferSpeed(done, total)
    with part.open("ab" if done else "wb") as file:
        on_progress(speed.at(done))
        for piece in pieces:
            done += len(piece)
            if done > (most if total is None else total):
                raise FetchFailed(too_large(url, most))
            file.write(piece)
            on_progress(speed.at(done))
    if total is not None and done < total:
        raise FetchFailed(
            f"The connection to {host_of(url)} was cut after {megabytes(done)} of "
            f"{megabytes(total)}; what has come is kept: try again to go on."
        )


def _note_file(part: Path) -> Path:
    return part.with_name(f"{part.name}.json")


def _note(part: Path) -> dict[str, Any]:
    """The metadata beside a part; empty if they cannot be read."""
    try:
        found = json.loads(_note_file(part).read_text("utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


class TransferSpeed:
    """Estimates the time left from the speed of the last seconds.

    Args:
        done: bytes that are there already.
        total: bytes of the whole; None: not known.
        clock: seconds since any moment; only differences are used.
    """

    def __init__(
        self,
        done: int,
        total: int | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._total, self._clock = total, clock
        self._seen = deque([(clock(), done)])

    def at(self, done: int) -> DownloadProgress:
        """The progress, now that so many bytes are there."""
        now = self._clock()
        self._seen.append((now, done))
        while now - self._seen[0][0] > _SPEED_S and len(self._seen) > 2:
            self._seen.popleft()
        (then, before), left = self._seen[0], None
        if self._total is not None and done > before and now - then > 0.5:
            left = (self._total - done) * (now - then) / (done - before)
        return DownloadProgress(done, self._total, left)


@contextmanager
def alone(path: Path) -> Iterator[None]:
    """Holds the lock on fetching this file, across processes.

    Raises:
        FetchFailed: another one holds it.
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


_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}  # no quotas on Windows


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

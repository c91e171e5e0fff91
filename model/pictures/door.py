"""The one door for pictures: bytes -> safe RGB picture -> what a network receives.

`load_picture` never decodes in this process. Two workers (`model.pictures.decoder`)
hold Pillow's decoders; each takes one file at a time and is killed when it takes too
long or too much memory. Everyone else waits in line.
"""

from __future__ import annotations

import atexit
import contextlib
import hashlib
import json
import logging
import math
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, TypeGuard

import numpy as np
import numpy.typing as npt
from PIL import Image

from model.pictures.decoder import LONGEST_SIDE, READY, REPLY, REQUEST
from model.specs import Spec

__all__ = [
    "Picture",
    "PictureRefused",
    "as_received",
    "close",
    "load_picture",
    "to_input",
    "warm_up",
]

MAX_BYTES = 20_000_000
LIMIT_S = 5.0  # for one picture, once its turn has come
WAIT_S = 20.0  # in line
START_S = 30.0  # for a worker on a busy machine
WORKERS = 2

_ROOT = Path(__file__).resolve().parents[2]
_log = logging.getLogger(__name__)


class PictureRefused(ValueError):
    """This file is not shown. The message is one sentence for the visitor."""


@dataclass(frozen=True)
class Picture:
    """A visitor's picture, safe to show and to compute with.

    Attributes:
        image: upright 8-bit RGB, longest side 448 pixels at most.
        notes: sentences for the visitor on what was changed; usually none.
        size: upright width and height in the file.
        key: hex digest of the pixels: equal keys, equal pictures.
    """

    image: Image.Image = field(compare=False, repr=False)
    notes: tuple[str, ...]
    size: tuple[int, int]
    key: str


def load_picture(data: bytes, *, limit_s: float = LIMIT_S) -> Picture:
    """The picture in a file that a visitor gave.

    JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC. Thread-safe; blocks for 0.05 to
    0.5 s as a rule, for `limit_s` and the time in line at most.

    Raises:
        PictureRefused: no picture, too large, damaged, incomplete, or too slow.
    """
    kind = _kind(data)
    header, pixels = _pool.decode(data, kind, limit_s)
    if "refused" in header:
        raise PictureRefused(str(header["refused"])[:300])
    shape, size, notes = (header.get(name) for name in ("shape", "size", "notes"))
    # A decoder that a file has taken over could say anything.
    if not (
        _is_size(shape)
        and _is_size(size)
        and max(shape) <= LONGEST_SIDE
        and len(pixels) == shape[0] * shape[1] * 3
        and isinstance(notes, list)
    ):
        raise PictureRefused(_DAMAGED)
    width, height = shape
    digest = hashlib.blake2b(b"%d %d " % (width, height) + pixels, digest_size=16)
    return Picture(
        image=Image.frombytes("RGB", (width, height), pixels),
        notes=tuple(str(note)[:300] for note in notes),
        size=(size[0], size[1]),
        key=digest.hexdigest(),
    )


def _is_size(value: object) -> TypeGuard[list[int]]:
    return (
        isinstance(value, list)
        and len(value) == 2
        and all(type(number) is int and number >= 1 for number in value)
    )


def warm_up() -> None:
    """Starts the workers ahead of the first picture; returns at once."""
    _pool.warm_up()


def close() -> None:
    """Ends the workers; a later `load_picture` starts them again."""
    _pool.close()


# --- What a network receives ----------------------------------------------------------


def as_received(picture: Picture | Image.Image, spec: Spec) -> npt.NDArray[np.uint8]:
    """What the network sees, before normalisation: (size, size, 3), 0 to 255, RGB.

    The centre square of the picture, resized to the network's input with antialiasing;
    where `spec.pixels.detail` says so, by way of a smaller size.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    image = picture.image if isinstance(picture, Picture) else picture
    if image.mode not in ("RGB", "L"):
        # Pillow's conversion is silently wrong for 16 bits, floats, transparency.
        raise ValueError(f"Expected a picture of mode RGB or L. Received: {image.mode}")
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    # Cropped first: `resize` with a box would mix in pixels from outside it.
    square = image.crop((left, top, left + side, top + side))
    size, detail = spec.input_size, spec.pixels.detail
    if detail is None or detail >= size:
        square = square.resize((size, size), Image.Resampling.BICUBIC)
    else:
        # Enlarged as `model.training.Crops` enlarges what the network learns from.
        square = square.resize((detail, detail), Image.Resampling.BICUBIC)
        square = square.resize((size, size), Image.Resampling.BILINEAR)
    return np.array(square.convert("RGB"), dtype=np.uint8)


def to_input(picture: Picture | Image.Image, spec: Spec) -> npt.NDArray[np.float32]:
    """What the network computes with: (1, size, size, channels), float32.

    (pixel - mean) / deviation of what `as_received` shows. Channels stand in the
    order that `spec.pixels` names; grey is the luma of ITU-R 601.

    Raises:
        ValueError: a Pillow picture that is neither RGB nor L.
    """
    pixels = as_received(picture, spec).astype(np.float32)
    if spec.pixels.order == "grey":
        pixels = pixels @ np.array([[0.299], [0.587], [0.114]], dtype=np.float32)
    mean = np.array(spec.pixels.mean, dtype=np.float32)
    deviation = np.array(spec.pixels.deviation, dtype=np.float32)
    values = (pixels - mean) / deviation
    if spec.pixels.order == "BGR":
        values = values[..., ::-1]
    return np.ascontiguousarray(values[np.newaxis], dtype=np.float32)


# --- Which files go to a decoder at all -----------------------------------------------

_WANTED = "JPEG, PNG, WebP, GIF, BMP, TIFF, AVIF or HEIC"
_DAMAGED = (
    "This picture cannot be opened here; open it in another program, "
    "save it as JPEG or PNG and try that file."
)
_SLOW = (
    "This picture takes too long to open; open it in another program, "
    "save it as an ordinary JPEG or PNG and try that file."
)
_BUSY = "Many pictures are being opened just now; please try again in a few seconds."
_NO_WORKER = "Pictures cannot be opened just now; please try again in a minute."

_PICTURES = {  # Pillow's name of the format, by the first bytes
    b"\xff\xd8\xff": "JPEG",
    b"\x89PNG\r\n\x1a\n": "PNG",
    b"GIF87a": "GIF",
    b"GIF89a": "GIF",
    b"II*\0": "TIFF",
    b"MM\0*": "TIFF",
    b"II+\0": "TIFF",
    b"MM\0+": "TIFF",
}
_HEIF_BRANDS = {
    *(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"),
    *(b"mif1", b"msf1"),
}
_OTHERS = (  # what people drop here instead, by the first bytes
    (b"%!PS", "a PostScript drawing"),
    (b"\xc5\xd0\xd3\xc6", "a PostScript drawing"),
    (b"\xd7\xcd\xc6\x9a", "a Windows drawing (WMF)"),
    (b"\x01\0\x09\0\0\x03", "a Windows drawing (WMF)"),
    (b"\x01\0\0\0", "a Windows drawing (EMF)"),
    (b"8BPS", "a Photoshop document"),
    (b"gimp xcf", "a GIMP document"),
    (b"\xff\x0a", "a JPEG XL picture"),
    (b"\0\0\0\x0cJXL ", "a JPEG XL picture"),
    (b"\0\0\0\x0cjP  ", "a JPEG 2000 picture"),
    (b"\xff\x4f\xff\x51", "a JPEG 2000 picture"),
    (b"\0\0\x01\0", "an icon"),
    (b"PK", "a zip archive or an office document"),
    (b"\x1f\x8b", "a compressed archive"),
    (b"7z\xbc\xaf", "a compressed archive"),
    (b"Rar!", "a compressed archive"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"\x1aE\xdf\xa3", "a film"),
    (b"RIFF", "a film or a sound"),
    (b"ID3", "a sound"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a program"),
)


def _kind(data: bytes) -> str:
    """Pillow's name of the file's format.

    Raises:
        PictureRefused: empty, too large, or not of a format that we take.
    """
    if not data:
        raise PictureRefused(
            f"A picture was expected and this file is empty; choose a {_WANTED} file."
        )
    if len(data) > MAX_BYTES:
        raise PictureRefused(
            f"A picture file may have up to {MAX_BYTES // 10**6} MB and this one has "
            f"{math.ceil(len(data) / 1e5) / 10} MB; make it smaller and try again."
        )
    for start, kind in _PICTURES.items():
        if data.startswith(start):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WEBP"
    # "BM" alone also begins texts; next stands the length of a known header.
    if data[:2] == b"BM" and data[14:18] in _BMP_HEADERS:
        return "BMP"
    if data[4:8] == b"ftyp":
        length = min(int.from_bytes(data[:4], "big"), 256)
        brands = {data[at : at + 4] for at in (8, *range(16, length, 4))}
        if brands & {b"avif", b"avis"}:
            return "AVIF"
        if brands & _HEIF_BRANDS:
            return "HEIF"
    raise PictureRefused(
        f"A {_WANTED} picture was expected and this file is {_other(data)}; "
        "choose another file or save this one as PNG or JPEG."
    )


_BMP_HEADERS = {bytes((length, 0, 0, 0)) for length in (12, 40, 52, 56, 64, 108, 124)}


def _other(data: bytes) -> str:
    """What a file that is no picture seems to be, with its article."""
    for start, name in _OTHERS:
        if data.startswith(start):
            return name
    if data[4:8] == b"ftyp":
        return "a film"
    head = data[:4096].lower()
    if b"%pdf-" in head:
        return "a PDF document"
    if b"<svg" in head:
        return "an SVG drawing"
    if b"<html" in head or b"<!doctype html" in head:
        return "a web page"
    if b"\0" not in head:
        return "a text"
    return "something else"


# --- The workers ----------------------------------------------------------------------


_KEPT = {
    *("LANG", "LD_LIBRARY_PATH", "PATH", "PYTHONHOME", "PYTHONPATH", "SYSTEMROOT"),
    "VIRTUAL_ENV",
}


class _Gone(Exception):
    """The worker ended before it answered."""


class _Worker:
    """One process that decodes one picture at a time. Used by one thread at a time."""

    def __init__(self) -> None:
        # Of the server's environment only what starting Python may need: a process
        # that reads strangers' files is given no passwords.
        environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
        environment |= {
            "OPENBLAS_NUM_THREADS": "1",
            # glibc: one heap for all threads, and large blocks given back at once.
            "MALLOC_ARENA_MAX": "1",
            "MALLOC_MMAP_THRESHOLD_": "262144",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "model.pictures.decoder"],
            cwd=_ROOT,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self._requests: IO[bytes] = self.process.stdin
        self._replies: IO[bytes] = self.process.stdout
        self._is_ready = False
        self._late = threading.Event()

    @property
    def is_usable(self) -> bool:
        """Whether it can be asked once more."""
        return not self._late.is_set() and self.process.poll() is None

    def wait_until_ready(self) -> None:
        """Blocks while the process starts, START_S at most.

        Raises:
            TimeoutError: it did not start in time and was killed.
            _Gone: it ended.
        """
        if not self._is_ready:
            with self._killed_after(START_S):
                self._is_ready = self._read(len(READY)) == READY

    def ask(
        self, data: bytes, kind: str, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """Header and pixels of the reply.

        Raises:
            TimeoutError: no answer in time; the process was killed.
            _Gone: the process ended.
        """
        with self._killed_after(limit_s):
            self._requests.write(REQUEST.pack(kind.encode("ascii"), len(data)))
            self._requests.write(data)
            self._requests.flush()
            header_length, pixels_length = REPLY.unpack(self._read(REPLY.size))
            if header_length > 2**16 or pixels_length > 3 * LONGEST_SIDE**2:
                raise EOFError
            header = json.loads(self._read(header_length))
            return dict(header), self._read(pixels_length)

    def end(self) -> None:
        """Kills the process, idle or not, and waits for its end."""
        self._late.set()
        self.process.kill()
        self.process.wait()

    def release(self) -> None:
        """Closes the pipes of an ended process. For the thread that uses it."""
        self.end()
        with contextlib.suppress(OSError):  # what was not sent is lost
            self._requests.close()
        self._replies.close()

    @contextlib.contextmanager
    def _killed_after(self, seconds: float) -> Iterator[None]:
        """Kills the process at the time limit, which ends any reading and writing."""

        def kill() -> None:
            self._late.set()
            self.process.kill()

        timer = threading.Timer(seconds, kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        except (OSError, EOFError, ValueError, TypeError):
            # It ended, or a file has taken it over and it answers nonsense.
            is_late = self._late.is_set()
            self.end()
            raise TimeoutError if is_late else _Gone from None
        finally:
            timer.cancel()

    def _read(self, length: int) -> bytes:
        received = self._replies.read(length)
        if len(received) < length:
            raise EOFError
        return received


class _Pool:
    """Workers that start at first use, and the line in front of them."""

    def __init__(self, workers: int = WORKERS) -> None:
        # The worker used last is used next, so that a quiet server starts only one.
        self._idle: queue.LifoQueue[_Worker | None] = queue.LifoQueue()
        for _ in range(workers):
            self._idle.put(None)
        self._lock = threading.Lock()
        self._alive: set[_Worker] = set()
        self._closings = 0

    def decode(
        self, data: bytes, kind: str, limit_s: float
    ) -> tuple[dict[str, Any], bytes]:
        """A worker's reply.

        Raises:
            PictureRefused: too slow, a decoder that crashed, or too long a line.
        """
        try:
            worker = self._idle.get(timeout=WAIT_S)
        except queue.Empty:
            raise PictureRefused(_BUSY) from None
        closings = self._closings
        try:
            end: float | None = None
            # Twice, for a worker that was killed from outside is not the file's fault.
            for _ in range(2):
                try:
                    worker = self._usable(worker)
                    worker.wait_until_ready()
                except (OSError, _Gone):  # TimeoutError is an OSError
                    _log.exception("A picture decoder did not start.")
                    raise PictureRefused(_NO_WORKER) from None
                end = end or time.monotonic() + limit_s
                try:
                    return worker.ask(data, kind, max(0.0, end - time.monotonic()))
                except (TimeoutError, _Gone) as ending:
                    if closings != self._closings:
                        raise PictureRefused(_NO_WORKER) from None
                    if isinstance(ending, TimeoutError):
                        raise PictureRefused(_SLOW) from None
            raise PictureRefused(_DAMAGED)
        finally:
            if worker is not None and closings != self._closings:
                worker.release()
                worker = None
            elif worker is not None:
                with contextlib.suppress(OSError):  # the next call says so
                    worker = self._usable(worker)  # starts while nobody waits for it
            self._idle.put(worker)

    def warm_up(self) -> None:
        """Starts the workers that nobody uses."""
        for worker in self._taken():
            with contextlib.suppress(OSError):  # the first picture says so
                worker = self._usable(worker)
            self._idle.put(worker)

    def close(self) -> None:
        """Ends all workers; whoever uses one is refused."""
        self._closings += 1
        with self._lock:
            alive, self._alive = self._alive, set()
        for worker in alive:
            worker.end()
        for idle in self._taken():
            if idle is not None:
                idle.release()
            self._idle.put(None)

    def _taken(self) -> list[_Worker | None]:
        """All places that nobody uses, now the caller's."""
        taken = []
        with contextlib.suppress(queue.Empty):
            while True:
                taken.append(self._idle.get_nowait())
        return taken

    def _usable(self, worker: _Worker | None) -> _Worker:
        """That worker, or a new one in place of one that ended."""
        if worker is not None:
            if worker.is_usable:
                return worker
            with self._lock:
                self._alive.discard(worker)
            worker.release()
        worker = _Worker()
        with self._lock:
            self._alive.add(worker)
        return worker


_pool = _Pool()
atexit.register(close)

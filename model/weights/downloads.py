"""Fetching weight sets: in the background for the pages, and by command.

One download serves all visitors: it belongs to this module, not to the one who asked
for it, and goes on when that visitor leaves. Another process on the machine (a command
beside the server) is kept from fetching the same file by a lock.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from model import weights
from model.weights import Download, WeightSet
from model.weights.fetch import DownloadProgress, begun, discard, fetch
from model.weights.transport import FetchFailed, Stopped, megabytes
from paths import weights_folder


class NotFetched(ValueError):
    """This cannot be done with this set or file; the message has the alternative."""


@dataclass(frozen=True)
class Status:
    """The state of one set's download."""

    state: Literal["absent", "coming", "failed", "here"]
    done: int = 0  # bytes that have come, in this try or an earlier one
    total: int = 0
    seconds_left: float | None = None
    why: str = ""  # failed: the sentence


@dataclass
class _Running:
    """A download that is on its way, or has failed."""

    stop: threading.Event = field(default_factory=threading.Event)
    progress: DownloadProgress | None = None
    failed: str | None = None


_lock = threading.Lock()
running: dict[str, _Running] = {}


def fetchable() -> list[WeightSet]:
    """The sets that are fetched from elsewhere, here already or not."""
    return [one for one in weights.REGISTRY.values() if one.download is not None]


def _what(name: str) -> tuple[WeightSet, Download, Path]:
    """
    Raises:
        KeyError: no such set.
        NotFetched: the set is part of the project.
    """
    weight_set = weights.get(name)
    if weight_set.download is None or weight_set.path is None:
        others = " and ".join(one.name for one in fetchable())
        raise NotFetched(
            f"The set {name} is part of the project. Fetched, added and removed are "
            f"{others}."
        )
    return weight_set, weight_set.download, weight_set.path


# --- for the pages --------------------------------------------------------------------


def start(name: str) -> None:
    """Starts fetching a set in the background, or goes on; returns at once.

    A set that is here or on its way is left alone.

    Raises:
        KeyError, NotFetched: it cannot be fetched.
    """
    weight_set, download, path = _what(name)
    with _lock:
        before = running.get(name)
        if weight_set.here or (before is not None and before.failed is None):
            return
        now = running[name] = _Running()

    def note(progress: DownloadProgress) -> None:
        now.progress = progress

    def run() -> None:
        try:
            _fetch(download, path, note, now.stop)
        except Stopped:
            with _lock:
                running.pop(name, None)
        except FetchFailed as trouble:
            now.failed = str(trouble)
        else:
            with _lock:
                running.pop(name, None)

    threading.Thread(target=run, name=f"fetch-{name}", daemon=True).start()


def _declined(name: str) -> Path:
    return weights_folder() / f"{name}.declined"


def decline(name: str) -> None:
    """Remembers that a set is not wanted: it is offered no more. It can be fetched.

    Where nothing can be written, it will be offered again.

    Raises:
        KeyError, NotFetched: it cannot be fetched.
    """
    _what(name)
    with suppress(OSError):
        weights_folder().mkdir(parents=True, exist_ok=True)
        _declined(name).touch()


def is_offered(name: str) -> bool:
    """Whether a set is neither here nor declined.

    Raises:
        KeyError, NotFetched: it cannot be fetched.
    """
    weight_set, _, _ = _what(name)
    return not weight_set.here and not _declined(name).exists()


def stop(name: str) -> None:
    """Ends a download within a second; what has come is kept."""
    now = running.get(name)
    if now is not None:
        now.stop.set()


def status(name: str) -> Status:
    """The state of a set's download.

    Raises:
        KeyError, NotFetched: it cannot be fetched.
    """
    weight_set, download, path = _what(name)
    if weight_set.here:
        return Status("here")
    now = running.get(name)
    if now is None or now.failed is not None:
        why = now.failed if now is not None and now.failed is not None else ""
        state: Literal["absent", "failed"] = "failed" if why else "absent"
        return Status(state, begun(path), download.size, why=why)
    progress = now.progress or DownloadProgress(begun(path), None, None)
    total = progress.total or max(download.size, progress.done)
    return Status("coming", progress.done, total, progress.seconds_left)


def _fetch(
    download: Download,
    path: Path,
    on_progress: Callable[[DownloadProgress], None],
    stop: threading.Event | None = None,
) -> None:
    fetch(
        download.url,
        path,
        download.checksum,
        most=download.most,
        on_progress=on_progress,
        stop=stop,
    )


# --- by command -----------------------------------------------------------------------


def add(name: str, file: Path) -> None:
    """Copies a file that was fetched by hand, if its checksum is right.

    Raises:
        KeyError, NotFetched: no such set, no such file, or another file.
    """
    _, download, path = _what(name)
    if not file.is_file():
        raise NotFetched(f"There is no file {file}. Fetch it from {download.url}.")
    if not download.checksum.fits(file):
        raise NotFetched(
            f"{file} is not the file of {name}: its checksum differs. "
            f"Fetch it again from {download.url}."
        )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        copy = path.with_name(f"{path.name}.copy")
        shutil.copyfile(file, copy)
        copy.replace(path)
    except OSError as trouble:
        raise NotFetched(
            f"Nothing can be written to {path.parent} ({trouble.strerror}): make room, "
            "or set ALEXNET_WEIGHTS to another folder."
        ) from trouble


def remove(name: str) -> bool:
    """Deletes a fetched set's file and what has come of it; whether there was any.

    Raises:
        KeyError, NotFetched: it was not fetched.
    """
    _, _, path = _what(name)
    had = path.is_file() or begun(path) > 0
    discard(path)
    path.unlink(missing_ok=True)
    return had


def table() -> list[str]:
    """A line for each set: its name, whether it is here, and what it is."""
    lines = []
    for one in weights.REGISTRY.values():
        if one.here:
            state = "here"
        else:
            assert one.download is not None and one.path is not None
            size, have = megabytes(one.download.size), begun(one.path)
            state = f"{megabytes(have)} of {size}" if have else f"not here, {size}"
        lines.append(f"{one.name:<14} {state:<20} {one.title} ({one.licence})")
    return [*lines, f"Fetched sets are kept in {weights_folder()}."]


class _Line:
    """Progress on a terminal: one line that is written over; in a log, every tenth."""

    def __init__(self) -> None:
        self._last = -1
        self._live = sys.stderr.isatty()

    def text(self, progress: DownloadProgress) -> str | None:
        """What to write now, if anything."""
        if not progress.total:
            return None
        percent = 100 * progress.done // progress.total
        if percent // (1 if self._live else 10) == self._last:
            return None
        self._last = percent // (1 if self._live else 10)
        left = progress.seconds_left
        time = "" if left is None else f", {left:.0f} s left"
        text = (
            f"{megabytes(progress.done)} of {megabytes(progress.total)} "
            f"({percent} %){time}"
        )
        return f"\r\033[K{text}" if self._live else f"{text}\n"

    def end(self) -> str:
        """What leads from the line to what follows."""
        return "\n" if self._live and self._last >= 0 else ""


def main(arguments: Sequence[str] | None = None) -> int:
    """The command line; see `--help`. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m model.weights",
        description="Fetch, list, add and remove the weight sets that are not part of "
        "the project.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="the sets, and whether they are here")
    names = [one.name for one in fetchable()]
    for command, description in (
        ("fetch", "download a set; goes on where an earlier try ended"),
        ("add", "take a file that was downloaded by hand"),
        ("remove", "delete a set's file"),
    ):
        sub = commands.add_parser(command, help=description)
        sub.add_argument("name", metavar="NAME", help=", ".join(names))
        if command == "add":
            sub.add_argument("file", metavar="FILE", type=Path)
    options = parser.parse_args(arguments)
    line = _Line()

    def show(progress: DownloadProgress) -> None:
        if (text := line.text(progress)) is not None:
            print(text, end="", file=sys.stderr, flush=True)

    try:
        match options.command:
            case "list":
                print("\n".join(table()))
            case "fetch":
                chosen, download, path = _what(options.name)
                print(f"{chosen.title}: {chosen.source}. Licence: {chosen.licence}.")
                _fetch(download, path, show)
                print(line.end(), end="", file=sys.stderr, flush=True)
                print(f"{chosen.name} is here: {path}")
            case "add":
                add(options.name, options.file)
                print(f"{options.name} is here: {weights.get(options.name).path}")
            case "remove":
                had = remove(options.name)
                print(f"{options.name} {'is removed' if had else 'was not here'}.")
    except KeyError as unknown:
        print(unknown.args[0], file=sys.stderr)
        return 2
    except (FetchFailed, NotFetched) as trouble:
        print(f"{line.end()}{trouble}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{line.end()}Stopped. The same command goes on.", file=sys.stderr)
        return 130
    return 0

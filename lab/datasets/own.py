"""The class's own pictures: a zip archive or a folder of class folders.

    animals.zip
      animals/            one folder round everything is seen through
        cat/  1.jpg 2.jpg
        dog/  a.png deeper/b.png

`train/` and `validation/` (or `test/`) above the class folders are respected; otherwise
the seed divides. Every picture passes the one door, `model.pictures.load_picture`.

Archives come from strangers. Nothing is unpacked: members are read one by one, each
stopped at the bytes that a picture may have, so names that climb out of the archive,
links and contents that expand a thousandfold find nothing to act on. What is kept in
the end is pixels, in one file whose name is computed from them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import re
import stat
import struct
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from lab.datasets.table import (
    DataMissing,
    DataRefused,
    Dataset,
    Labels,
    Pictures,
    Report,
    mixed,
    nothing,
)
from model import specs
from model.pictures import MAX_BYTES as MAX_FILE
from model.pictures import PictureRefused, as_received, load_picture
from store.folder import data_folder

__all__ = [
    "Own",
    "forget",
    "is_name",
    "keep",
    "kept",
    "load",
    "read_folder",
    "read_zip",
]

MAX_ARCHIVE = 500_000_000  # bytes
MAX_UNPACKED = 2_000_000_000  # bytes of all members
MAX_RATIO = 200  # of those to the archive's; photographs have 1, drawings up to 50
MAX_ENTRIES = 20_000  # files and folders, whatever they are
MAX_PICTURES = 10_000
MAX_CLASSES = 100
MAX_DEPTH = 8  # folders in folders
MIN_CLASSES = 2
MIN_PICTURES = 2  # a class: one to learn from and one to check with
MAX_NAME = 40  # letters of a class's name
MAX_SECONDS = 600.0
MAX_SIDE = 64  # pixels
SIDE = 32
VALIDATION = 0.2  # of each class, where the files do not say

_MAX_DIRECTORY = MAX_ENTRIES * 200  # bytes: an entry has 46 and its name, or twice that
_RATIO_FROM = 10_000_000  # bytes: what expands to less than this harms nobody
# What `zipfile` raises where an archive is not as it should be.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    *(OverflowError, RuntimeError, struct.error),  # NotImplementedError among them
)
_TRAIN = {"train", "training"}
_VALIDATION = {"validation", "valid", "val", "test", "testing"}
_NO_MATTER = {"__macosx", "thumbs.db", "desktop.ini"}  # what systems leave behind
_SHOWN = 3  # names in a sentence


@dataclass(frozen=True, eq=False)
class Own:
    """A class's own pictures, read but not yet divided.

    Attributes:
        is_validation: (N,) which to check with, or None: the seed divides.
        notes: what was left out, a sentence each.
    """

    title: str
    classes: tuple[str, ...]
    pictures: Pictures
    labels: Labels
    is_validation: np.ndarray[Any, np.dtype[np.bool_]] | None = None
    notes: tuple[str, ...] = ()

    def dataset(self, seed: int = 0, name: str = "own") -> Dataset:
        """Divided into pictures to learn from and pictures to check with."""
        checked = self.is_validation
        random = np.random.default_rng(seed)
        if checked is None:
            checked = np.zeros(len(self.labels), bool)
            for label in range(len(self.classes)):
                members = random.permutation(np.flatnonzero(self.labels == label))
                checked[members[: max(1, round(VALIDATION * len(members)))]] = True
        train, validation = np.flatnonzero(~checked), np.flatnonzero(checked)
        train = train[mixed(self.labels[train], random)]
        validation = validation[mixed(self.labels[validation], random)]
        return Dataset(
            name=name,
            title=self.title,
            classes=self.classes,
            train=self.pictures[train],
            train_labels=self.labels[train],
            validation=self.pictures[validation],
            validation_labels=self.labels[validation],
            notes=self.notes,
        )


# --- Archives and folders, as the same row of files -----------------------------------


@dataclass(frozen=True)
class _File:
    """One file in a folder or archive, not yet read."""

    path: tuple[str, ...]  # from the outermost folder on
    read: Callable[[], bytes]  # MAX_FILE + 1 bytes at most
    is_folder: bool = False
    is_link: bool = False


def read_zip(
    data: bytes | Path,
    title: str = "The class's own pictures",
    *,
    side: int = SIDE,
    report: Report = nothing,
) -> Own:
    """The pictures in a zip archive of class folders.

    Args:
        data: the archive, or where it lies.
        side: height and width that pictures get: the centre square, made smaller.
        report: called with 0 to 1.

    Raises:
        DataRefused: not a sound archive of class folders, or over one of the limits.
    """
    size = len(data) if isinstance(data, bytes) else data.stat().st_size
    if size > MAX_ARCHIVE:
        raise DataRefused(
            f"An archive may have up to {MAX_ARCHIVE // 10**6} MB and this one has "
            f"{size / 1e6:,.0f} MB; make the pictures smaller, or take fewer."
        )
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(
            io.BytesIO(data) if isinstance(data, bytes) else data.open("rb")
        )
        bounded = _Bounded(source)
        try:
            archive = stack.enter_context(zipfile.ZipFile(bounded))
        except DataRefused:
            raise
        except _BROKEN:
            raise DataRefused(
                "A zip archive was expected and this file is none, or a damaged one; "
                "pack the class folders into a zip once more."
            ) from None
        bounded.most = MAX_FILE + 1
        return _collect(_members(archive, size), title, side, report)


class _Bounded(io.BufferedIOBase):
    """An archive's file whose list of contents cannot be read beyond a limit.

    `zipfile` reads that list at once and makes an object of every entry, before anyone
    can count them. What the archive's own header says of their number may be a lie.
    """

    def __init__(self, source: Any) -> None:
        self._source = source
        self.most = _MAX_DIRECTORY  # bytes, in one reading

    def read(self, size: int | None = -1, /) -> bytes:
        if size is not None and size > self.most:
            raise DataRefused(_too_many("more"))
        return bytes(self._source.read(size))

    def seek(self, offset: int, whence: int = 0, /) -> int:
        return int(self._source.seek(offset, whence))

    def tell(self) -> int:
        return int(self._source.tell())

    def seekable(self) -> bool:
        return True

    def readable(self) -> bool:
        return True


def _too_many(count: str) -> str:
    return (
        f"Up to {MAX_ENTRIES:,} files and folders are read and there are {count}; "
        "take fewer."
    )


def _members(archive: zipfile.ZipFile, size: int) -> list[_File]:
    """The archive's members, once the whole list has been looked through."""
    entries = archive.infolist()
    if len(entries) > MAX_ENTRIES:
        raise DataRefused(_too_many(f"{len(entries):,}"))
    claimed = sum(entry.file_size for entry in entries)
    if claimed > MAX_UNPACKED:
        raise DataRefused(
            f"An archive may unpack to {MAX_UNPACKED // 10**9} GB and this one has "
            f"{claimed / 1e9:,.1f} GB; make the pictures smaller, or take fewer."
        )
    if claimed > max(_RATIO_FROM, MAX_RATIO * size):
        raise DataRefused(
            f"Pictures hardly shrink in an archive and these would grow "
            f"{claimed / size:,.0f} times as they are unpacked; pack ordinary JPEG or "
            "PNG files."
        )
    files = []
    for entry in entries:
        parts = _parts(entry.filename)
        if entry.flag_bits & 0x1:
            raise DataRefused(
                "This archive is locked with a password; pack the folders without one."
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise DataRefused(
                "This archive is packed in a way that few programs know; pack the "
                "folders as an ordinary zip."
            )
        files.append(
            _File(
                parts,
                _reader(archive, entry),
                is_folder=entry.filename.endswith("/"),
                is_link=stat.S_ISLNK(entry.external_attr >> 16),
            )
        )
    return files


def _parts(name: str) -> tuple[str, ...]:
    """A member's path, with the slashes of either world.

    Raises:
        DataRefused: it leads out of the archive.
    """
    path = name.replace("\\", "/")
    parts = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or ".." in parts or re.match(r"[A-Za-z]:", path):
        raise DataRefused(
            f"This archive names a file outside of itself ({_plain(name) or 'a path'})"
            "; pack the class folders with an ordinary program."
        )
    return parts


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        # Whatever the list claims, no more is unpacked than a picture may have.
        try:
            with archive.open(entry) as member:
                return member.read(MAX_FILE + 1)
        except _BROKEN:
            raise PictureRefused("It is damaged in the archive.") from None

    return read


def read_folder(
    folder: Path,
    title: str = "The class's own pictures",
    *,
    side: int = SIDE,
    report: Report = nothing,
) -> Own:
    """The pictures in a folder of class folders; links are not followed.

    Raises:
        DataRefused: no such folder, no class folders, or over one of the limits.
    """
    if not folder.is_dir():
        raise DataRefused(f"A folder was expected and {folder} is none; name another.")
    return _collect(_files(folder), title, side, report)


def _files(folder: Path) -> list[_File]:
    """Everything under it, sorted, so that the same folder gives the same pictures."""
    found: list[_File] = []

    def walk(inside: Path, above: tuple[str, ...]) -> None:
        for entry in sorted(os.scandir(inside), key=lambda entry: entry.name):
            if len(found) >= MAX_ENTRIES:
                raise DataRefused(_too_many("more"))
            path = (*above, entry.name)
            is_folder = entry.is_dir(follow_symlinks=False)
            is_file = entry.is_file(follow_symlinks=False)  # no pipe, no device
            found.append(
                _File(
                    path,
                    _opener(Path(entry.path)),
                    is_folder=is_folder,
                    is_link=not is_folder and not is_file,
                )
            )
            if is_folder and len(path) <= MAX_DEPTH:
                walk(Path(entry.path), path)

    walk(folder, ())
    return found


def _opener(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE + 1)
        except OSError:
            raise PictureRefused("It cannot be read.") from None

    return read


# --- From files to classes ------------------------------------------------------------


def _collect(files: list[_File], title: str, side: int, report: Report) -> Own:
    """Sorts files into classes, then opens every picture."""
    if not 1 <= side <= MAX_SIDE:
        raise ValueError(f"Expected a side of 1 to {MAX_SIDE} pixels. Received: {side}")
    left_out: Counter[str] = Counter()
    files = [file for file in files if not _is_no_matter(file.path)]
    for file in files:
        if len(file.path) - (not file.is_folder) > MAX_DEPTH:
            raise DataRefused(
                f"Folders may lie {MAX_DEPTH} deep and these are deeper; put the class "
                "folders at the top."
            )
    left_out["link"] = sum(file.is_link for file in files)
    files = _unwrapped([file for file in files if not file.is_link])
    files, splits = _splits(files)
    left_out["loose"] = sum(len(x.path) < 2 and not x.is_folder for x in files)
    names = sorted({x.path[0] for x in files if len(x.path) > 1 or x.is_folder})
    classes = _class_names(names)
    label_of = {name: label for label, name in enumerate(names)}
    inside = [
        (file, split, label_of[file.path[0]])
        for file, split in zip(files, splits, strict=True)
        if len(file.path) > 1 and not file.is_folder
    ]
    if len(inside) > MAX_PICTURES:
        raise DataRefused(
            f"Up to {MAX_PICTURES:,} pictures are read and there are {len(inside):,}; "
            "take fewer."
        )
    opened = _opened(inside, side, report, left_out)
    counts = Counter(label for _, label, _ in opened)
    for label, name in enumerate(classes):
        if counts[label] < MIN_PICTURES:
            found = "one" if counts[label] else "none"
            raise DataRefused(
                f"Each class needs {MIN_PICTURES} pictures that can be opened and "
                f"“{name}” has {found}; add some, or take that folder out."
                + "".join(f" {note}" for note in _notes(left_out))
            )
    is_validation = None
    if any(splits):
        is_validation = np.array([split == "validation" for _, _, split in opened])
        for label, name in enumerate(classes):
            here = [x for x, (_, y, _) in zip(is_validation, opened, strict=True)
                    if y == label]  # fmt: skip
            if all(here) or not any(here):
                raise DataRefused(
                    f"Training and validation both need pictures of “{name}”; put some "
                    "in each, or leave the dividing to the lab: class folders alone."
                )
    return Own(
        title=title,
        classes=classes,
        pictures=np.stack([picture for picture, _, _ in opened]),
        labels=np.array([label for _, label, _ in opened], np.int32),
        is_validation=is_validation,
        notes=tuple(_notes(left_out)),
    )


def _is_no_matter(path: tuple[str, ...]) -> bool:
    return not path or any(
        part.startswith(".") or part.casefold() in _NO_MATTER for part in path
    )


def _unwrapped(files: list[_File]) -> list[_File]:
    """Without the folders that hold nothing but one folder of folders."""
    while True:
        tops = {file.path[0] for file in files}
        deep = [file for file in files if len(file.path) > 1]
        if len(tops) != 1 or not any(
            len(file.path) > 2 or file.is_folder for file in deep
        ):
            return files
        files = [replace(file, path=file.path[1:]) for file in deep]


def _splits(files: list[_File]) -> tuple[list[_File], list[str]]:
    """Training and validation folders taken off, and for each file which it was in."""
    tops = {file.path[0].casefold() for file in files}
    is_split = tops <= _TRAIN | _VALIDATION and tops & _TRAIN and tops & _VALIDATION
    if not is_split:
        return files, [""] * len(files)
    below = [file for file in files if len(file.path) > 1]
    splits = [
        "train" if file.path[0].casefold() in _TRAIN else "validation" for file in below
    ]
    return [replace(file, path=file.path[1:]) for file in below], splits


def _class_names(folders: list[str]) -> tuple[str, ...]:
    """What the folders are called, in letters that no page takes for markup.

    Raises:
        DataRefused: too few or too many folders, or two with the same name.
    """
    if len(folders) < MIN_CLASSES:
        found = f"there is one (“{_plain(folders[0])}”)" if folders else "there is none"
        raise DataRefused(
            f"Two class folders or more are needed and {found}; put the pictures of "
            "each class in a folder with its name."
        )
    if len(folders) > MAX_CLASSES:
        raise DataRefused(
            f"Up to {MAX_CLASSES} class folders are read and there are "
            f"{len(folders):,}; take fewer."
        )
    names = tuple(
        _plain(folder) or f"class {i + 1}" for i, folder in enumerate(folders)
    )
    name, times = Counter(name.casefold() for name in names).most_common(1)[0]
    if times > 1:
        raise DataRefused(f"Two class folders are called “{name}”; rename one of them.")
    return names


def _plain(name: str) -> str:
    """A name without anything but letters, digits, spaces and . , - ( ) '."""
    letters = [
        letter
        if letter.isalnum()
        or letter in ".,-()'"
        or unicodedata.category(letter) == "Mn"
        else " "
        for letter in unicodedata.normalize("NFC", name)
    ]
    return " ".join("".join(letters).split())[:MAX_NAME].strip(" .,-")


def _opened(
    inside: Iterable[tuple[_File, str, int]],
    side: int,
    report: Report,
    left_out: Counter[str],
) -> list[tuple[Pictures, int, str]]:
    """Every picture that can be opened and is there for the first time."""
    inside = list(inside)
    shape = replace(specs.SIMPLIFIED, input_size=side)
    until = time.monotonic() + MAX_SECONDS
    opened: list[tuple[Pictures, int, str]] = []
    seen: set[str] = set()
    total = 0
    for done, (file, split, label) in enumerate(inside):
        report(done / len(inside))
        if time.monotonic() > until:
            raise DataRefused(
                f"These pictures take more than {MAX_SECONDS / 60:.0f} minutes to "
                "open; make them smaller, or take fewer."
            )
        try:
            data = file.read()
            total += len(data)
            if total > MAX_UNPACKED:
                raise DataRefused(
                    f"Pictures may have {MAX_UNPACKED // 10**9} GB together and these "
                    "have more; make them smaller, or take fewer."
                )
            picture = load_picture(data)
        except PictureRefused:
            left_out["file"] += 1
            left_out[f"name:{_plain(file.path[-1])}"] += 1
            continue
        if picture.key in seen:
            left_out["twin"] += 1
            continue
        seen.add(picture.key)
        opened.append((as_received(picture, shape), label, split))
    report(1.0)
    return opened


def _notes(left_out: Counter[str]) -> Iterator[str]:
    """What was left out and why, a sentence each."""
    sentences = {
        "file": ("One file is no picture that can be opened", "files are no pictures "
                 "that can be opened"),
        "twin": ("One picture is there twice", "pictures are there more than once"),
        "link": ("One link leads elsewhere", "links lead elsewhere"),
        "loose": ("One file lies in no class folder", "files lie in no class folder"),
    }  # fmt: skip
    for what, (one, many) in sentences.items():
        if not (count := left_out[what]):
            continue
        named = ""
        if what == "file":
            names = [x.removeprefix("name:") for x in left_out if x.startswith("name:")]
            shown = ", ".join(name for name in names[:_SHOWN] if name)
            named = f" ({shown}{', …' if len(names) > _SHOWN else ''})" if shown else ""
        if count == 1:
            yield f"{one} and was left out{named}."
        else:
            yield f"{count:,} {many} and were left out{named}."


# --- Kept, so that workers find them by name ------------------------------------------

_NAME = re.compile(r"own-[0-9a-f]{16}")


def is_name(name: str) -> bool:
    """Whether `keep` gives such names."""
    return _NAME.fullmatch(name) is not None


def _path(name: str) -> Path:
    return data_folder() / "datasets" / f"{name}.npz"


def keep(own: Own) -> str:
    """Writes the pixels to the data folder; the name under which `load` finds them.

    The same pictures have the same name, whatever their file was called.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (own.pictures, own.labels, own.is_validation):
        digest.update(b"" if part is None else np.ascontiguousarray(part).tobytes())
    digest.update(json.dumps([own.classes, own.pictures.shape]).encode())
    name = f"own-{digest.hexdigest()}"
    path = _path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    about = {"title": own.title, "classes": own.classes, "notes": own.notes}
    arrays: dict[str, Any] = {"pictures": own.pictures, "labels": own.labels}
    if own.is_validation is not None:
        arrays["is_validation"] = own.is_validation
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    handle, new = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as file:
            np.savez(file, **arrays)
        os.replace(new, path)  # whole or not at all
    except BaseException:
        os.unlink(new)
        raise
    return name


def load(name: str, seed: int = 0) -> Dataset:
    """What was kept under that name, divided by the seed.

    Raises:
        DataMissing: nothing was, or not on this machine.
    """
    return _kept(name).dataset(seed, name)


def _kept(name: str) -> Own:
    missing = (
        f"The class's pictures {name} are not on this machine any more; bring them "
        "again, or choose the drawn shapes, which are built in."
    )
    if not is_name(name):
        raise DataMissing(missing)
    try:
        with (
            _path(name).open("rb") as opened,
            np.load(opened, allow_pickle=False) as file,
        ):
            about = json.loads(file["about"].tobytes())
            return Own(
                title=about["title"],
                classes=tuple(about["classes"]),
                pictures=file["pictures"],
                labels=file["labels"],
                is_validation=file.get("is_validation"),
                notes=tuple(about["notes"]),
            )
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        raise DataMissing(missing) from None


def kept() -> dict[str, str]:
    """Names and titles of what is kept, the newest first."""
    folder = data_folder() / "datasets"
    files = [x for x in folder.glob("own-*.npz") if is_name(x.stem)]
    files.sort(key=lambda x: x.stat().st_mtime, reverse=True)
    found = {}
    for file in files:
        with contextlib.suppress(DataMissing):
            found[file.stem] = _title(file)
    return found


def _title(path: Path) -> str:
    return _kept(path.stem).title


def forget(name: str) -> None:
    """Deletes what is kept under that name; nothing happens where nothing is."""
    if is_name(name):
        _path(name).unlink(missing_ok=True)

"""Zip archives and folders as the same list of files, none of them read yet.

Archives come from strangers. Nothing is unpacked: members are read one by one, each
stopped at the bytes that an image may have, so names that climb out of the archive,
links and contents that expand a thousandfold find nothing to act on.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from lab.datasets import names
from lab.datasets.dataset import DataRefused
from model.pictures import MAX_BYTES as MAX_FILE
from model.pictures import PictureRefused

__all__ = [
    "MAX_ARCHIVE_MB",
    "MAX_DEPTH",
    "ArchiveFile",
    "ArchiveFiles",
    "folder_files",
    "zip_files",
]

MAX_ARCHIVE_MB = 200  # the page, the server's configuration and this say the same
MAX_ARCHIVE = MAX_ARCHIVE_MB * 1_000_000  # bytes: browsers count so, too
MAX_UNPACKED = 2_000_000_000  # bytes of all members
MAX_RATIO = 200  # of those to the archive's; photographs have 1, drawings up to 50
MAX_ENTRIES = 20_000  # files and folders, whatever they are
MAX_DEPTH = 8  # folders in folders

_MAX_DIRECTORY = MAX_ENTRIES * 200  # bytes: an entry has 46 and its name, or twice that
_RATIO_FROM = 10_000_000  # bytes: what expands to less than this is harmless
# What `zipfile` raises where an archive is not as it should be.
_BROKEN = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError),
    *(OverflowError, RuntimeError, struct.error),  # NotImplementedError among them
)
# How other files begin that are taken for a zip, or renamed to one.
_OTHERS = (
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!\x1a\x07", "a RAR archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"\x1f\x8b", "a gzip file (tar.gz)"),
    (0, b"BZh", "a bzip2 file (tar.bz2)"),
    (0, b"\xfd7zXZ\x00", "an xz file (tar.xz)"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd file"),
    (0, b"MSCF", "a Windows cabinet"),
    (0, b"%PDF", "a PDF"),
    (0, b"\xff\xd8\xff", "a JPEG image"),
    (0, b"\x89PNG", "a PNG image"),
    (0, b"<", "a web page or another text"),
)


@dataclass(frozen=True)
class ArchiveFile:
    """One file or folder in an archive or a folder, not yet read."""

    path: tuple[str, ...]  # from the outermost folder on
    read: Callable[[], bytes]  # MAX_FILE + 1 bytes at most; raises PictureRefused
    is_folder: bool = False
    is_link: bool = False

    @property
    def name(self) -> str:
        """The path as one line."""
        return "/".join(self.path)


@dataclass(frozen=True)
class ArchiveFiles:
    """What an archive or a folder holds."""

    files: tuple[ArchiveFile, ...]
    notes: tuple[str, ...] = ()  # sentences on how it was read


# --- zip archives ---------------------------------------------------------------------


@contextlib.contextmanager
def zip_files(data: bytes | Path | IO[bytes]) -> Iterator[ArchiveFiles]:
    """The members of an archive, which can be read until the context ends.

    Args:
        data: the archive, where it lies, or an open file that can seek.

    Raises:
        DataRefused: not a sound archive, or over one of the limits.
    """
    with contextlib.ExitStack() as stack:
        source: IO[bytes]
        if isinstance(data, bytes):
            source = stack.enter_context(io.BytesIO(data))
        elif isinstance(data, Path):
            source = stack.enter_context(_opened(data))
        else:
            source = data
        size = source.seek(0, os.SEEK_END)
        if size > MAX_ARCHIVE:
            raise DataRefused(
                f"An archive may have up to {MAX_ARCHIVE_MB} MB and this one has "
                f"{size / 1e6:,.0f} MB; make the images smaller, or take fewer."
            )
        bounded = _Bounded(source)
        try:
            archive = stack.enter_context(zipfile.ZipFile(bounded))
        except DataRefused:
            raise
        except _BROKEN:
            raise DataRefused(_no_zip(source, size)) from None
        bounded.most = MAX_FILE + 1
        yield _members(archive, size)


def _opened(path: Path) -> IO[bytes]:
    """The file.

    Raises:
        DataRefused: it is not there, or may not be read.
    """
    try:
        if not path.exists():
            raise DataRefused(
                "A zip archive was expected and there is no file of this name; look "
                "at the name and the folder."
            )
        if not path.is_file():  # a pipe would wait for ever
            raise DataRefused(
                "A zip archive was expected and this is no ordinary file."
            )
        return path.open("rb")
    except OSError:
        raise DataRefused(
            "A zip archive was expected and this file cannot be read; look at its "
            "permissions."
        ) from None


def _no_zip(source: IO[bytes], size: int) -> str:
    """The kind of a file that is no archive, by its first bytes."""
    source.seek(0)
    start = source.read(512)
    if not size:
        return "A zip archive was expected and this file is empty; copy it once more."
    if start.startswith(b"PK\x03\x04"):
        return (
            "The end of this zip archive is missing or damaged; it may not have been "
            "copied to its end. Copy or pack it once more."
        )
    for at, magic, what in _OTHERS:
        if start[at:].startswith(magic):
            return (
                f"A zip archive was expected and this file is {what}; pack the class "
                "folders into a zip."
            )
    return (
        "A zip archive was expected and this file is none, or a damaged one; "
        "pack the class folders into a zip once more."
    )


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


def _members(archive: zipfile.ZipFile, size: int) -> ArchiveFiles:
    """The archive's members, once the whole list has been looked through."""
    entries = archive.infolist()
    if not entries:
        raise DataRefused(
            "This archive is empty; pack the class folders with their images into it."
        )
    if len(entries) > MAX_ENTRIES:
        raise DataRefused(_too_many(f"{len(entries):,}"))
    claimed = sum(entry.file_size for entry in entries)
    if claimed > MAX_UNPACKED:
        raise DataRefused(
            f"An archive may unpack to {MAX_UNPACKED // 10**9} GB and this one has "
            f"{claimed / 1e9:,.1f} GB; make the images smaller, or take fewer."
        )
    if claimed > max(_RATIO_FROM, MAX_RATIO * size):
        raise DataRefused(
            f"Images hardly shrink in an archive and these would grow "
            f"{claimed / size:,.0f} times as they are unpacked; pack ordinary JPEG or "
            "PNG files."
        )
    paths, note = names.decoded(entries)
    files = []
    for entry, path in zip(entries, paths, strict=True):
        parts = _parts(path)
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
            ArchiveFile(
                parts,
                _reader(archive, entry),
                is_folder=path.endswith(("/", "\\")),
                is_link=stat.S_ISLNK(entry.external_attr >> 16),
            )
        )
    return ArchiveFiles(tuple(files), (note,) if note else ())


def _parts(name: str) -> tuple[str, ...]:
    """A member's path, with the slashes of either world.

    Raises:
        DataRefused: it leads out of the archive.
    """
    path = name.replace("\\", "/").partition("\0")[0]
    whole = tuple(part for part in path.split("/") if part not in ("", "."))
    if path.startswith("/") or ".." in whole or re.match(r"[A-Za-z]:", path):
        raise DataRefused(
            f"This archive names a file outside of itself (“{names.shown(name)[:80]}”)"
            "; pack the class folders with an ordinary program."
        )
    return tuple(names.shown(part) or "_" for part in whole)


def _reader(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> Callable[[], bytes]:
    def read() -> bytes:
        # Whatever the list claims, no more is unpacked than an image may have.
        try:
            with archive.open(entry) as member:
                return member.read(MAX_FILE + 1)
        except _BROKEN:
            raise PictureRefused("It is damaged in the archive.") from None

    return read


# --- folders --------------------------------------------------------------------------


def folder_files(folder: Path) -> ArchiveFiles:
    """Everything under it, sorted, so that the same folder gives the same images.

    Links are listed and not followed.

    Raises:
        DataRefused: no such folder, one that cannot be read, or over one of the limits.
    """
    if not folder.is_dir():
        raise DataRefused(f"A folder was expected and {folder} is none; name another.")
    found: list[ArchiveFile] = []

    def walk(inside: Path, above: tuple[str, ...]) -> None:
        for entry in sorted(os.scandir(inside), key=lambda entry: entry.name):
            if len(found) >= MAX_ENTRIES:
                raise DataRefused(_too_many("more"))
            path = (*above, names.shown(entry.name) or "_")
            is_folder = entry.is_dir(follow_symlinks=False)
            is_file = entry.is_file(follow_symlinks=False)  # no pipe, no device
            found.append(
                ArchiveFile(
                    path,
                    _opener(Path(entry.path)),
                    is_folder=is_folder,
                    is_link=not is_folder and not is_file,
                )
            )
            if is_folder and len(path) <= MAX_DEPTH:
                walk(Path(entry.path), path)

    try:
        walk(folder, ())
    except OSError:
        raise DataRefused(
            "Something in this folder may not be read; look at its permissions."
        ) from None
    return ArchiveFiles(tuple(found))


def _opener(path: Path) -> Callable[[], bytes]:
    def read() -> bytes:
        try:
            with path.open("rb") as file:
                return file.read(MAX_FILE + 1)
        except OSError:
            raise PictureRefused("It cannot be read.") from None

    return read

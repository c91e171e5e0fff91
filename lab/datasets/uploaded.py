"""The class's own images: a zip archive or a folder of class folders, read to pixels.

`lab.datasets.archive` lists the files, `lab.datasets.classes` sorts them. Every image
passes the one door, `model.pictures.load_picture`. A division of the files into
training and validation is kept; otherwise the seed divides. What is kept in the end is
pixels (`lab.datasets.kept`).
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

import numpy as np

from lab.datasets.archive import MAX_UNPACKED, ArchiveFiles, folder_files, zip_files
from lab.datasets.classes import (
    LINK_REASON,
    LOOSE_REASON,
    NESTED_REASON,
    SYSTEM_REASON,
    ClassFile,
    is_archive,
    sort,
)
from lab.datasets.dataset import (
    DataRefused,
    Dataset,
    Labels,
    Pictures,
    Report,
    mixed,
    nothing,
)
from model.network import specs
from model.pictures import PictureRefused, as_received, load_picture

__all__ = ["UploadedImages", "read_folder", "read_zip", "sentence"]

MAX_PICTURES = 10_000
MIN_PICTURES = 2  # a class: one to learn from and one to check with
MAX_SECONDS = 600.0
MAX_SIDE = 64  # pixels
SIDE = 32
VALIDATION = 0.2  # of each class, where the files do not say
TITLE = "The class's own images"

_SHOWN = 3  # names in a sentence
_TWIN_REASON = "The same image is there already: "


@dataclass(frozen=True, eq=False)
class UploadedImages:
    """A class's own images, read but not yet divided.

    Attributes:
        classes: names as the folders have them, in the order of the labels.
        is_validation: (N,) which to check with, or None: the seed divides.
        notes: how it was read, and what was left out; a sentence each.
        left_out: each file that was not taken, and why.
    """

    title: str
    classes: tuple[str, ...]
    pictures: Pictures
    labels: Labels
    is_validation: np.ndarray[Any, np.dtype[np.bool_]] | None = None
    notes: tuple[str, ...] = ()
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def counts(self) -> dict[str, int]:
        """Class -> its images, those to check with among them."""
        found = np.bincount(self.labels, minlength=len(self.classes))
        return {
            name: int(count) for name, count in zip(self.classes, found, strict=True)
        }

    @property
    def training(self) -> int:
        """Images to train on, with any seed."""
        if self.is_validation is not None:
            return int((~self.is_validation).sum())
        return sum(count - _to_check(count) for count in self.counts.values())

    def dataset(self, seed: int = 0, name: str = "own") -> Dataset:
        """Divided into images to learn from and images to check with."""
        checked = self.is_validation
        random = np.random.default_rng(seed)
        if checked is None:
            checked = np.zeros(len(self.labels), bool)
            for label in range(len(self.classes)):
                members = random.permutation(np.flatnonzero(self.labels == label))
                checked[members[: _to_check(len(members))]] = True
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


def _to_check(count: int) -> int:
    """Images of a class that are checked with, of so many."""
    return max(1, round(VALIDATION * count))


def read_zip(
    data: bytes | Path | IO[bytes],
    title: str = TITLE,
    *,
    side: int = SIDE,
    report: Report = nothing,
) -> UploadedImages:
    """The images in a zip archive of class folders.

    Args:
        data: the archive, where it lies, or an open file that can seek.
        side: height and width that images get: the centre square, made smaller.
        report: called with 0 to 1; what it raises ends the reading.

    Raises:
        DataRefused: not a sound archive of class folders, or over one of the limits.
    """
    with zip_files(data) as files:
        return _collect(files, title, side, report)


def read_folder(
    folder: Path,
    title: str = TITLE,
    *,
    side: int = SIDE,
    report: Report = nothing,
) -> UploadedImages:
    """The images in a folder of class folders; links are not followed.

    Raises:
        DataRefused: no such folder, no class folders, or over one of the limits.
    """
    return _collect(folder_files(folder), title, side, report)


def sentence(found: UploadedImages) -> str:
    """How much was taken, in one sentence."""
    each = ", ".join(f"{name} {count:,}" for name, count in found.counts.items())
    out = sum(why != SYSTEM_REASON for why in found.left_out.values())
    left = {0: "nothing was left out", 1: "one file was left out"}.get(
        out, f"{out:,} files were left out"
    )
    if system := len(found.left_out) - out:
        files = "one file" if system == 1 else f"{system:,} files"
        left += f"{', and' if out else ' but'} {files} of the operating system"
    return (
        f"{len(found.labels):,} images in {len(found.classes)} classes ({each}); "
        f"{left}."
    )


def _collect(
    files: ArchiveFiles, title: str, side: int, report: Report
) -> UploadedImages:
    """Sorts files into classes, then opens every image."""
    if not 1 <= side <= MAX_SIDE:
        raise ValueError(f"Expected a side of 1 to {MAX_SIDE} pixels. Received: {side}")
    found = sort(files.files)
    if len(found.members) > MAX_PICTURES:
        raise DataRefused(
            f"Up to {MAX_PICTURES:,} images are read and there are "
            f"{len(found.members):,}; take fewer."
        )
    left_out = dict(found.left_out)
    opened = _opened(found.members, side, report, left_out)
    counts = Counter(member.label for _, member in opened)
    for label, name in enumerate(found.classes):
        if counts[label] < MIN_PICTURES:
            there = "one" if counts[label] else "none"
            raise DataRefused(
                f"Each class needs {MIN_PICTURES} images that can be opened and "
                f"“{name}” has {there}; add some, or take that folder out."
                + "".join(f" {note}" for note in notes_on(left_out)),
                left_out,
            )
    is_validation = None
    if any(member.part for _, member in opened):
        is_validation = np.array([m.part == "validation" for _, m in opened])
        for label, name in enumerate(found.classes):
            parts = {m.part for _, m in opened if m.label == label}
            if len(parts) < 2:
                raise DataRefused(
                    f"Training and validation both need images of “{name}”; put some "
                    "in each, or leave the dividing to the lab: class folders alone.",
                    left_out,
                )
    return UploadedImages(
        title=title,
        classes=found.classes,
        pictures=np.stack([picture for picture, _ in opened]),
        labels=np.array([member.label for _, member in opened], np.int32),
        is_validation=is_validation,
        notes=(*files.notes, *found.notes, *notes_on(left_out)),
        # The system's own files last: they are not missed.
        left_out=dict(
            sorted(
                left_out.items(), key=lambda item: (item[1] == SYSTEM_REASON, item[0])
            )
        ),
    )


def _opened(
    members: tuple[ClassFile, ...], side: int, report: Report, left_out: dict[str, str]
) -> list[tuple[Pictures, ClassFile]]:
    """Every image that can be opened and is there for the first time."""
    shape = replace(specs.SIMPLIFIED, input_size=side)
    until = time.monotonic() + MAX_SECONDS
    opened: list[tuple[Pictures, ClassFile]] = []
    seen: dict[str, str] = {}
    total = 0
    for done, member in enumerate(members):
        report(done / len(members))
        if time.monotonic() > until:
            raise DataRefused(
                f"These images take more than {MAX_SECONDS / 60:.0f} minutes to "
                "open; make them smaller, or take fewer."
            )
        name = member.file.name
        try:
            data = member.file.read()
            total += len(data)
            if total > MAX_UNPACKED:
                raise DataRefused(
                    f"Images may have {MAX_UNPACKED // 10**9} GB together and these "
                    "have more; make them smaller, or take fewer."
                )
            picture = load_picture(data)
        except PictureRefused as refusal:
            left_out[name] = NESTED_REASON if is_archive(name) else str(refusal)
            continue
        if picture.key in seen:
            left_out[name] = f"{_TWIN_REASON}{seen[picture.key]}"
            continue
        seen[picture.key] = name
        opened.append((as_received(picture, shape), member))
    report(1.0)
    return opened


def notes_on(left_out: dict[str, str]) -> Iterator[str]:
    """What was left out and why, a sentence for each kind of reason."""
    kinds: tuple[tuple[Callable[[str], bool], str, str], ...] = (
        (
            lambda why: (
                why not in (LINK_REASON, LOOSE_REASON, NESTED_REASON, SYSTEM_REASON)
                and not why.startswith(_TWIN_REASON)
            ),
            "One file is not an image that can be opened",
            "files are not images that can be opened",
        ),
        (
            lambda why: why.startswith(_TWIN_REASON),
            "One image is there twice",
            "images are there more than once",
        ),
        (LINK_REASON.__eq__, "One link leads elsewhere", "links lead elsewhere"),
        (
            LOOSE_REASON.__eq__,
            "One file lies in no class folder",
            "files lie in no class folder",
        ),
        (
            NESTED_REASON.__eq__,
            "One file is an archive in the archive",
            "files are archives in the archive",
        ),
    )
    for place, (is_one, one, many) in enumerate(kinds):
        names = [
            name.rpartition("/")[2] for name, why in left_out.items() if is_one(why)
        ]
        if not names:
            continue
        more = ", …" if len(names) > _SHOWN else ""
        named = f" ({', '.join(names[:_SHOWN])}{more})" if place == 0 else ""
        if len(names) == 1:
            yield f"{one} and was left out{named}."
        else:
            yield f"{len(names):,} {many} and were left out{named}."

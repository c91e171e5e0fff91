"""The classes' own images, kept in the database: workers find them there by name.

A set belongs to its owner: an account, or None for a visitor at the machine before
there is an account. The same images of two owners are two sets, so that each owner can
delete theirs.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

import clock
from lab.datasets.dataset import DataMissing, Dataset
from lab.datasets.uploaded import UploadedImages
from paths import data_folder
from store import database
from store.data_sets import DataSets, StoredDataSet
from store.database import DatabaseAway

__all__ = [
    "Kept",
    "everything",
    "forget",
    "is_name",
    "keep",
    "load",
    "of",
    "of_class",
    "remove",
    "take_over_files",
]

TITLE = 120  # characters
_NAME = re.compile(r"own-[0-9a-f]{16}")


@dataclass(frozen=True)
class Kept:
    """The metadata of a set that is kept, without its pixels."""

    name: str  # what `lab.datasets.load` takes
    title: str
    owner: str | None
    classes: Mapping[str, int]  # name -> images
    training: int  # images to train on
    made: float  # seconds since 1970


def is_name(name: str) -> bool:
    """Whether `keep` gives such names."""
    return _NAME.fullmatch(name) is not None


def _sets() -> DataSets:
    return DataSets(database.shared())


def keep(images: UploadedImages, owner: str | None) -> str:
    """Writes the pixels to the database; the name under which `load` finds them.

    The same images of one owner have the same name, whatever their file was called.

    Raises:
        DatabaseAway: the database cannot be written to now.
    """
    digest = hashlib.blake2b(digest_size=8)
    for part in (images.pictures, images.labels, images.is_validation):
        digest.update(b"" if part is None else np.ascontiguousarray(part).tobytes())
    digest.update(json.dumps([images.classes, images.pictures.shape, owner]).encode())
    name = f"own-{digest.hexdigest()}"
    _sets().add(_record(name, images, owner), packed(images))
    return name


def _record(name: str, images: UploadedImages, owner: str | None) -> StoredDataSet:
    about = {"classes": images.counts, "training": images.training}
    now = clock.now()
    return StoredDataSet(name, owner, images.title[:TITLE], about, now, now)


def packed(images: UploadedImages) -> bytes:
    about = {"title": images.title, "classes": images.classes, "notes": images.notes}
    arrays: dict[str, Any] = {"pictures": images.pictures, "labels": images.labels}
    if images.is_validation is not None:
        arrays["is_validation"] = images.is_validation
    arrays["about"] = np.frombuffer(json.dumps(about).encode(), np.uint8)
    file = io.BytesIO()
    np.savez(file, **arrays)
    return file.getvalue()


def _unpacked(data: bytes) -> UploadedImages:
    """The reverse of `packed`.

    Raises:
        ValueError: it is damaged.
    """
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as file:
            about = json.loads(file["about"].tobytes())
            return UploadedImages(
                title=about["title"],
                classes=tuple(about["classes"]),
                pictures=file["pictures"],
                labels=file["labels"],
                is_validation=file.get("is_validation"),
                notes=tuple(about["notes"]),
            )
    except (OSError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise ValueError("damaged") from error


def load(name: str, seed: int = 0) -> Dataset:
    """What was kept under that name, divided by the seed.

    Raises:
        DataMissing: it was deleted, or is in another database.
    """
    missing = DataMissing(
        f"The class's images {name} are not on this machine any more; upload them "
        "again, or choose the drawn shapes, which are built in."
    )
    if not is_name(name):
        raise missing
    try:
        data = _sets().pixels(name, clock.now())
    except DatabaseAway as away:
        raise DataMissing(str(away)) from away
    if data is None:
        raise missing
    try:
        return _unpacked(data).dataset(seed, name)
    except ValueError:
        raise missing from None


def _listed(records: Iterable[StoredDataSet]) -> list[Kept]:
    return [
        Kept(record.id, record.title, record.account_id, record.about["classes"],
             record.about["training"], record.made)
        for record in records
    ]  # fmt: skip


def of(owner: str | None) -> list[Kept]:
    """The sets of one account, the newest first.

    Raises:
        DatabaseAway: the database cannot be read now.
    """
    return _listed(_sets().of(owner))


def of_class(class_id: str) -> list[Kept]:
    """What the instructor of an open class brought, the newest first.

    Raises:
        DatabaseAway: the database cannot be read now.
    """
    return _listed(_sets().of_class(class_id))


def everything() -> list[Kept]:
    """The sets of all accounts, the newest first, for the server's operator.

    Raises:
        DatabaseAway: the database cannot be read now.
    """
    return _listed(_sets().all())


def forget(name: str, owner: str | None) -> bool:
    """Deletes a set of that owner; whether there was one.

    Raises:
        DatabaseAway: the database cannot be written to now.
    """
    return _sets().delete(name, owner)


def remove(name: str) -> bool:
    """Deletes a set, whosever it is; whether there was one.

    Raises:
        DatabaseAway: the database cannot be written to now.
    """
    return _sets().remove(name)


def take_over_files() -> int:
    """Moves what earlier versions kept in files into the database; how many.

    Everybody could see those; they are given to the oldest account. Under their names
    runs of then find them. A file that cannot be read stays where it is.

    Raises:
        DatabaseAway: the database cannot be written to now.
    """
    moved = 0
    for path in sorted((data_folder() / "datasets").glob("own-*.npz")):
        if not is_name(path.stem):
            continue
        try:
            data = path.read_bytes()
            images = _unpacked(data)
        except (OSError, ValueError):
            continue
        _sets().add(_record(path.stem, images, _sets().first_account()), data)
        path.unlink(missing_ok=True)
        moved += 1
    return moved

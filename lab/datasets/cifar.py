"""CIFAR-10, the pictures of the paper's Figure 1 (section 3.1; Krizhevsky, 2009).

Read from a folder of class folders where ALEXNET_CIFAR10 names one, otherwise fetched
by Keras, once. Either way the arrays are kept in the cache folder as plain .npy files,
which every worker of the machine then maps into memory instead of reading them.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import shutil
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from lab.datasets.dataset import (
    DataMissing,
    Dataset,
    Labels,
    Pictures,
    Report,
    mixed,
    nothing,
)
from model.pictures import decoder
from paths import cache_folder

__all__ = ["NAME", "SETTING", "is_here", "load"]

NAME = "cifar-10"
SETTING = (
    "ALEXNET_CIFAR10"  # environment: a folder with train/<class>/ and test/<class>/
)
SIDE = 32
CLASSES = (
    *("airplane", "automobile", "bird", "cat", "deer"),
    *("dog", "frog", "horse", "ship", "truck"),
)
DOWNLOAD = 170_498_071  # bytes of the archive that Keras fetches
STALL_S = 30.0  # without a new byte: there is no connection to speak of

_LAYOUT = 1  # of the cache; a new one is made when this changes
_READERS = 4  # threads that read small files
_ARRAYS = ("train", "train-labels", "test", "test-labels")
_INSTEAD = "choose the drawn shapes, which are built in"
_log = logging.getLogger(__name__)

Arrays = tuple[Pictures, Labels, Pictures, Labels]


def load(report: Report = nothing) -> Dataset:
    """All of CIFAR-10: 50,000 to train on and the 10,000 test pictures to check with.

    Raises:
        DataMissing: no folder is named, and Keras cannot fetch it; or the named folder
            is not what it should be.
    """
    named = os.environ.get(SETTING)
    if named:
        folder = Path(named).expanduser()
        arrays = _cached(folder_key(folder), lambda: _from_folder(folder, report))
        notes: tuple[str, ...] = (
            "These images were read from JPEG files, so they are not equal to the "
            "official ones bit by bit.",
        )
        title = "CIFAR-10 (after JPEG)"
    else:
        arrays = _cached(_OFFICIAL, lambda: _fetched(report))
        title, notes = "CIFAR-10", ()
    report(1.0)
    return Dataset(NAME, title, CLASSES, *arrays, notes)


def is_here() -> bool:
    """Whether `load` needs no network: a cheap look, which a page may take."""
    if named := os.environ.get(SETTING):
        return Path(named).expanduser().is_dir()
    return (cache_folder() / _OFFICIAL).is_dir() or any(
        (folder / f"{TARGET}_archive").is_file() for folder in keras_folders()
    )


# --- The cache ------------------------------------------------------------------------

_OFFICIAL = f"cifar-10-{_LAYOUT}"
_FROM_FOLDER = "cifar-10-folder-"


def _cached(key: str, make: Callable[[], Arrays]) -> Arrays:
    """The arrays of that key, mapped into memory; made and kept if they are not there.

    They are complete or absent: a folder gets its name only once it is whole.
    """
    folder = cache_folder() / key
    if (found := _mapped(folder)) is not None:
        return found
    made = make()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".cifar-") as new:
            whole = Path(new) / key
            whole.mkdir()
            for name, array in zip(_ARRAYS, made, strict=True):
                np.save(whole / f"{name}.npy", np.asarray(array))
            if folder.exists() and _mapped(folder) is None:
                shutil.rmtree(folder)  # damaged
            # Another worker may have been faster; its arrays are the same.
            with contextlib.suppress(FileExistsError, NotADirectoryError):
                if not folder.exists():
                    whole.rename(folder)
        if key.startswith(_FROM_FOLDER):  # what it was before it changed
            for old in folder.parent.glob(f"{key.rpartition('-')[0]}-*"):
                if old != folder:
                    shutil.rmtree(old, ignore_errors=True)
    except OSError as error:  # full, or read-only: then it is read again next time
        _log.warning("CIFAR-10 could not be kept in %s: %s", folder.parent, error)
        return made
    return _mapped(folder) or made


def _mapped(folder: Path) -> Arrays | None:
    """The arrays in a folder of the cache, or None where one is missing or damaged."""
    try:
        arrays = [
            np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            for name in _ARRAYS
        ]
    except (OSError, ValueError, EOFError):
        return None
    train, train_labels, test, test_labels = arrays
    # Labels are small: in memory, they are plain arrays for everyone.
    return train, np.array(train_labels), test, np.array(test_labels)


def _in_order(arrays: Arrays) -> Arrays:
    """The same pictures, mixed: a file's order is often class after class."""
    train, train_labels, test, test_labels = arrays
    order = mixed(train_labels, np.random.default_rng(0))
    check = mixed(test_labels, np.random.default_rng(0))
    return train[order], train_labels[order], test[check], test_labels[check]


# --- From a folder --------------------------------------------------------------------


def folder_key(folder: Path) -> str:
    """For the folder, then for its state: another as files come, go or are renamed.

    Raises:
        DataMissing: no such folder, or one of the class folders is not there.
    """
    state = [str(_LAYOUT)]
    for part in ("train", "test"):
        for name in CLASSES:
            inside = folder / part / name
            try:
                state.append(str(inside.stat().st_mtime_ns))
            except OSError:
                _log.warning("%s names %s, and %s is missing", SETTING, folder, inside)
                raise DataMissing(
                    "CIFAR-10 was expected in the folder that "
                    f"{SETTING} names, and its {part}/{name}/ is not there; name a "
                    f"folder with train/<class>/ and test/<class>/, or {_INSTEAD}."
                ) from None
    digests = [
        hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
        for text in (str(folder.resolve()), "\n".join(state))
    ]
    return _FROM_FOLDER + "-".join(digests)


def _from_folder(folder: Path, report: Report) -> Arrays:
    """Every picture of the class folders; 60,000 take about 20 s on one core."""
    files: list[tuple[str, Path, int]] = []
    for part in ("train", "test"):
        for label, name in enumerate(CLASSES):
            found = [x for x in (folder / part / name).iterdir() if x.is_file()]
            if not found:
                raise DataMissing(
                    f"Images were expected in {part}/{name}/ of the folder that "
                    f"{SETTING} names and there are none; put CIFAR-10's there, or "
                    f"{_INSTEAD}."
                )
            files += [(part, path, label) for path in sorted(found)]
    pictures = np.empty((len(files), SIDE, SIDE, 3), np.uint8)
    # The folder is the operator's own, so its files are decoded here and not behind
    # the door for strangers' files, which costs a process and half of the speed.
    with ThreadPoolExecutor(_READERS) as readers:
        for i, picture in enumerate(
            readers.map(read_archive, (path for _, path, _ in files))
        ):
            pictures[i] = picture
            if i % 1_000 == 0:
                report(i / len(files))
    labels = np.array([label for _, _, label in files], np.int32)
    first_test = sum(part == "train" for part, _, _ in files)
    return _in_order(
        (
            *(pictures[:first_test], labels[:first_test]),
            *(pictures[first_test:], labels[first_test:]),
        )
    )


_KINDS = {".jpg": "JPEG", ".jpeg": "JPEG", ".png": "PNG"}


def read_archive(path: Path) -> Pictures:
    """One file as (SIDE, SIDE, 3).

    Raises:
        DataMissing: it is no picture of that size.
    """
    kind = _KINDS.get(path.suffix.lower(), "")
    header, pixels = decoder.answer(path.read_bytes(), kind)
    if header.get("shape") != (SIDE, SIDE):
        found = header.get("refused") or f"an image of {header.get('shape')}"
        raise DataMissing(
            f"A JPEG or PNG image of {SIDE} × {SIDE} pixels was expected in "
            f"{path.parent.parent.name}/{path.parent.name}/{path.name}. "
            f"Found: {found} Mend the folder that {SETTING} names, or {_INSTEAD}."
        )
    return np.frombuffer(pixels, np.uint8).reshape(SIDE, SIDE, 3)


# --- By Keras -------------------------------------------------------------------------

TARGET = "cifar-10-batches-py-target"  # what Keras calls its download


def keras_folders() -> list[Path]:
    """Where Keras puts data sets: its home, or elsewhere if that is read-only."""
    home = os.environ.get("KERAS_HOME") or Path.home() / ".keras"
    temporary = "/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir()
    return [Path(home) / "datasets", Path(temporary) / ".keras" / "datasets"]


def _bytes_here() -> int:
    """How much of Keras's download has come."""
    sizes = [0]
    for folder in keras_folders():
        with contextlib.suppress(OSError):
            sizes.append((folder / f"{TARGET}_archive").stat().st_size)
    return max(sizes)


def _fetched(report: Report) -> Arrays:
    """The official arrays.

    Keras has no time limit and tells its progress to a terminal only. So it works in a
    thread, and this one watches its file grow.

    Raises:
        DataMissing: no connection, or it stalls, or what came is not CIFAR-10.
    """
    arrays: list[Arrays] = []
    errors: list[Exception] = []

    import keras  # seconds, and here: two threads that import TensorFlow break it

    def fetch() -> None:
        try:
            (x, y), (x_test, y_test) = keras.datasets.cifar10.load_data()
        except Exception as error:  # Keras raises no narrower class where it fails
            errors.append(error)
            return
        arrays.append(
            (x, y.reshape(-1).astype(np.int32), x_test,
             y_test.reshape(-1).astype(np.int32))
        )  # fmt: skip

    thread = threading.Thread(target=fetch, name="cifar-10", daemon=True)
    thread.start()
    before, since = -1, time.monotonic()
    while thread.is_alive():
        thread.join(0.2)
        here = _bytes_here()
        report(min(1.0, here / DOWNLOAD))
        if here != before:
            before, since = here, time.monotonic()
        elif here < DOWNLOAD and time.monotonic() - since > STALL_S:
            break
    if not arrays:
        _log.warning(
            "CIFAR-10 was not fetched: %s", errors[0] if errors else "it stalled"
        )
        raise DataMissing(
            "CIFAR-10 is not on this machine and could not be downloaded; connect to "
            f"the internet, name a folder of it in {SETTING}, or {_INSTEAD}."
        )
    return _in_order(arrays[0])

"""Keeps drawn images in this machine's cache folder, for every process that loads them.

Drawing is pure arithmetic, but 10,000 images take a core six seconds: that is longer
than a visitor should wait for the first point of a curve.
"""

from __future__ import annotations

import os
import zlib
from contextlib import suppress
from pathlib import Path

import numpy as np

from lab.datasets import synthetic
from lab.datasets.dataset import Pictures
from paths import cache_folder

__all__ = ["read", "write"]


def _path(key: tuple[int, ...]) -> Path | None:
    """The file of the images that `synthetic.draw` makes of that key.

    The folder's name changes with the code that draws and with numpy. None in an
    exported script, where that code is no file.
    """
    source = Path(getattr(synthetic, "__file__", None) or "")
    if not source.is_file():
        return None
    version = zlib.crc32(source.read_bytes() + np.__version__.encode())
    name = "-".join(map(str, key))
    return cache_folder() / f"shapes-{version:08x}" / f"{name}.npy"


def read(key: tuple[int, ...], count: int) -> Pictures | None:
    """The `count` images of that key; None where there is no such whole file."""
    path = _path(key)
    try:
        found = np.load(path, allow_pickle=False) if path is not None else None
    except (OSError, ValueError, EOFError):
        return None
    shape = (count, synthetic.SIDE, synthetic.SIDE, 3)
    if not isinstance(found, np.ndarray) or found.shape != shape:
        return None
    return found if found.dtype == np.uint8 else None


def write(key: tuple[int, ...], images: Pictures) -> None:
    """Keeps images whole or not at all; without a folder to write to, it does not."""
    if (path := _path(key)) is None:
        return
    partial = path.with_suffix(f".{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with partial.open("wb") as file:
            np.save(file, images, allow_pickle=False)
        os.replace(partial, path)
    except OSError:
        with suppress(OSError):
            partial.unlink()

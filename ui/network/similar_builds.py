"""Indexes that are made while the app runs: of a class's images, for other weights.

Visitors who ask for the same one share the work. It is kept in memory, since a class's
images are for that class alone; that of the photographs also in the cache folder.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Sequence
from contextlib import suppress

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.datasets import kept
from model import runtime, weights
from model.analysis import similar
from model.analysis.features import neighbours
from model.analysis.features.neighbours import PHOTOGRAPHS, Index, Projection
from model.pictures import photographs
from store.database import DatabaseAway

MOST_OWN = 500  # images of a class's own set
_KEPT = 6  # indexes in memory, and as many in the making

Made = tuple[Projection, Index]


class Build:
    """An index in the making.

    Args:
        images: gives the pictures from one number up to another.
    """

    def __init__(
        self,
        set_name: str,
        source: str,
        titles: Sequence[str],
        images: Callable[[int, int], list[Image.Image]],
    ) -> None:
        self.set_name, self.source = set_name, source
        self.titles, self._images = tuple(titles), images
        self._lock = threading.Lock()
        self._hidden: list[NDArray[np.float32]] = []
        self._predicted: list[NDArray[np.int16]] = []
        self.done = 0

    @property
    def total(self) -> int:
        """How many pictures there are."""
        return len(self.titles)

    def step(self) -> None:
        """Looks at some more pictures.

        Raises:
            model.gate.Busy: too many visitors at once.
        """
        with self._lock:
            if self.done == self.total:
                return
            images = self._images(self.done, self.done + similar.TOGETHER)
            network = runtime.network(self.set_name)
            hidden, predicted = similar.look(network, images)
            self._hidden.append(hidden)
            self._predicted.append(predicted)
            self.done += len(images)

    def finished(self) -> Made:
        """The index, once all pictures were looked at."""
        weight_set = weights.get(self.set_name)
        hidden = np.concatenate(self._hidden)
        predicted = np.concatenate(self._predicted)
        if self.source == PHOTOGRAPHS:
            projection = Projection.of(hidden)
            index = neighbours.photographs_index(projection(hidden), predicted)
            out = neighbours.file_of(weight_set, PHOTOGRAPHS)
            with suppress(OSError):  # it is made again after a restart
                neighbours.write_photographs(out, weight_set, projection, index)
            return projection, index
        projection, _ = photographs_of(self.set_name)
        images = self._images(0, self.total)
        return projection, Index(
            self.source,
            self.titles,
            projection(hidden),
            predicted,
            np.stack([neighbours.shrunk(x) for x in images]),
            tuple(neighbours.jpeg(x) for x in images),
        )


_lock = threading.Lock()
_builds: OrderedDict[tuple[str, str], Build] = OrderedDict()
_made: OrderedDict[tuple[str, str], Made] = OrderedDict()


def photographs_of(set_name: str) -> Made:
    """The photographs' index for a set, and the set's projection.

    Raises:
        model.analysis.features.neighbours.NotIndexed: it is not made yet.
    """
    return made(set_name, PHOTOGRAPHS) or _remember(
        (set_name, PHOTOGRAPHS), neighbours.read_photographs(weights.get(set_name))
    )


def folder_of(set_name: str, source: str) -> Index:
    """The index of a folder's images, which an instructor has made.

    Raises:
        model.analysis.features.neighbours.NotIndexed: it is not made yet.
    """
    found = made(set_name, source)
    if found is None:
        projection, _ = photographs_of(set_name)
        index = neighbours.read(weights.get(set_name), source, projection)
        found = _remember((set_name, source), (projection, index))
    return found[1]


def made(set_name: str, source: str) -> Made | None:
    """An index that is in memory."""
    with _lock:
        return _made.get((set_name, source))


def forget_deleted() -> None:
    """Drops the indexes of a class's images that were deleted since."""
    with _lock:
        own = {key for key in (*_made, *_builds) if kept.is_name(key[1])}
    if not own:
        return
    try:
        there = {one.name for one in kept.everything()}
    except DatabaseAway:
        return
    with _lock:
        for key in own:
            if key[1] not in there:
                _made.pop(key, None)
                _builds.pop(key, None)


def _remember(key: tuple[str, str], found: Made) -> Made:
    with _lock:
        _made[key] = found
        _made.move_to_end(key)
        while len(_made) > _KEPT:
            _made.popitem(last=False)
        _builds.pop(key, None)
    return found


def build(set_name: str, source: str) -> Build:
    """The index in the making; it goes on where it was stopped.

    Args:
        source: the photographs, or a class's own images that the visitor may see.

    Raises:
        lab.datasets.dataset.DataMissing: the class's images are not there any more.
    """
    key = (set_name, source)
    with _lock:
        if key in _builds:
            return _builds[key]
    names = tuple(photographs.photographs())
    if source == PHOTOGRAPHS:
        found = Build(
            set_name, source, names, lambda a, b: [*map(photographs.image, names[a:b])]
        )
    else:
        data = kept.load(source)
        pictures, labels = data.train[:MOST_OWN], data.train_labels[:MOST_OWN]
        found = Build(
            set_name,
            source,
            [data.classes[label] for label in labels],
            lambda a, b: [Image.fromarray(x) for x in pictures[a:b]],
        )
    with _lock:
        _builds[key] = _builds.get(key, found)
        while len(_builds) > _KEPT:
            _builds.popitem(last=False)
        return _builds[key]


def finish(one: Build) -> None:
    """Keeps the index of a build that has looked at all its pictures."""
    key = (one.set_name, one.source)
    if made(*key) is None:
        _remember(key, one.finished())

"""What a visitor teaches: classes, their pictures, and the last layer trained on them.

It lives in the visitor's session alone, and goes with it. A browser that sends pictures
knows it by a number that cannot be guessed.
"""

from __future__ import annotations

import io
import secrets
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar
from weakref import WeakValueDictionary

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import runtime, weights
from model.analysis.features import neighbours, teach
from model.analysis.features.teach import LastLayer
from model.network.specs import Spec
from model.pictures import Picture, cropped, to_input

T = TypeVar("T")
Features = NDArray[np.floating[Any]]

LEAST_CLASSES, MOST_CLASSES = 2, 6
MOST_PICTURES = 30  # of each class
NAME = 30  # characters of a class's name
SIDE = 224  # pixels that are kept of a picture's middle
THUMBNAIL = 96
TOGETHER = 4  # pictures of one pass, where several are waiting


class Full(Exception):
    """A class has as many pictures as it may, or is not there any more."""


def _jpeg(image: Image.Image, quality: int) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return out.getvalue()


@dataclass(eq=False)
class Example:
    """A picture that a class is taught with.

    Attributes:
        number: its own in the workspace.
        title: who took it, of the lab's photographs; else nothing.
        owner: the student who gave it, where a class teaches together; else nothing.
        features: by weight set, the last hidden layer's activations, float32.
    """

    number: int
    jpeg: bytes
    thumbnail: bytes
    title: str = ""
    owner: str = ""
    features: dict[str, Features] = field(default_factory=dict)

    @property
    def image(self) -> Image.Image:
        """The middle of the picture, in RGB."""
        return Image.open(io.BytesIO(self.jpeg)).convert("RGB")


@dataclass(eq=False)
class TaughtClass:
    """A class of the visitor's own; without a name it is called by its number."""

    id: int
    name: str = ""
    examples: list[Example] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Trained:
    """A last layer, the ids of its classes, and the seconds that its training took."""

    layer: LastLayer
    classes: tuple[int, ...]
    seconds: float


def middle(picture: Picture | Image.Image) -> Image.Image:
    """What is kept of a picture: its middle square, at most SIDE pixels a side."""
    return Image.fromarray(cropped(picture, SIDE))


def features_of(set_name: str, images: list[Image.Image]) -> Features:
    """The last hidden layer's activations of middles (n, units).

    Raises:
        model.gate.Busy: too many visitors at once.
        model.weights.WeightsBroken: the weights are missing or damaged.
    """
    network = runtime.network(set_name)
    x = np.concatenate([to_input(one, network.weights.spec) for one in images])
    found: Features = network.hidden_batches.ask(x)
    return found


class Taught:
    """The classes and pictures as they are at one moment, and what is computed of them.

    Args:
        classes: as they were; their names may change.
    """

    def __init__(self, classes: Sequence[TaughtClass]) -> None:
        self.classes = tuple(classes)
        self.examples = tuple(x for one in classes for x in one.examples)
        counts = [len(one.examples) for one in classes]
        self.counts = tuple(counts)
        self.labels: NDArray[np.int64] = np.repeat(np.arange(len(counts)), counts)
        self._lock = threading.RLock()
        self._memo: dict[Hashable, Any] = {}

    def missing(self, set_name: str) -> list[Example]:
        """The pictures at which a weight set has not looked yet."""
        return [x for x in self.examples if set_name not in x.features]

    def look(self, set_name: str) -> Iterator[float]:
        """Has a weight set look at all pictures; the share that is done, 0 to 1.

        Raises:
            model.gate.Busy, model.weights.WeightsBroken: see `features_of`.
        """
        waiting = self.missing(set_name)
        for first in range(0, len(waiting), TOGETHER):
            part = waiting[first : first + TOGETHER]
            rows = features_of(set_name, [one.image for one in part])
            for one, row in zip(part, rows, strict=True):
                one.features[set_name] = row
            yield min(1.0, (first + TOGETHER) / len(waiting))

    def values(self, set_name: str) -> Features:
        """The activations of all pictures, (n, units).

        Raises:
            KeyError: there is one at which the set has not looked.
        """
        return np.stack([x.features[set_name] for x in self.examples])

    def pixels(self, spec: Spec) -> Features:
        """All pictures, small, less the mean colour that a network takes off.

        Returns:
            (n, side · side · 3).
        """
        mean = np.array(spec.pixels.mean, np.float32)

        def made() -> Features:
            small = [neighbours.shrunk(x.image) for x in self.examples]
            return (np.stack(small).astype(np.float32) - mean).reshape(len(small), -1)

        return self.kept(("pixels", spec.name), made)

    def ready(self, least: int = 1) -> bool:
        """Whether each class has so many pictures."""
        return min(self.counts, default=0) >= least

    def layer(self, set_name: str) -> Trained | None:
        """The last layer trained on all pictures.

        None: a class has no picture, or there is one that was not looked at.
        """
        if not self.ready() or self.missing(set_name):
            return None

        def made() -> Trained:
            began = time.perf_counter()
            layer = teach.train(self.values(set_name), self.labels, len(self.classes))
            ids = tuple(one.id for one in self.classes)
            return Trained(layer, ids, time.perf_counter() - began)

        return self.kept(("layer", set_name), made)

    def kept(self, key: Hashable, compute: Callable[[], T]) -> T:
        """What was computed of these pictures, once."""
        with self._lock:
            if key not in self._memo:
                self._memo[key] = compute()
            found: T = self._memo[key]
            return found


class Door(Protocol):
    """What a browser that sends pictures reaches by its token."""

    token: str

    @property
    def set_name(self) -> str:
        """The weight set whose activations are taken."""

    def has_room(self, class_id: int) -> bool:
        """Whether a class takes one more picture."""

    def add(
        self, class_id: int, image: Image.Image, features: dict[str, Features]
    ) -> tuple[Example, int]:
        """A picture for a class, and how many it has now."""

    def taught(self) -> Taught:
        """All as it is now."""


class Workspace:
    """The classes of one session. Threads of its pages and its camera share it."""

    def __init__(self) -> None:
        self.set_name = weights.DEFAULT
        self._lock = threading.RLock()
        self._numbers = 0
        self._taught: Taught | None = None
        self.classes: list[TaughtClass] = []
        self.start_over()
        self.token = open_door(self)

    @property
    def most(self) -> int:
        """Pictures that a class takes."""
        return MOST_PICTURES

    def _changed(self) -> None:
        self._taught = None

    def _next(self) -> int:
        self._numbers += 1
        return self._numbers

    def start_over(self) -> None:
        """Two empty classes without names."""
        with self._lock:
            self.classes = [TaughtClass(self._next()) for _ in range(LEAST_CLASSES)]
            self._changed()

    def find(self, class_id: int) -> TaughtClass | None:
        """A class by its id."""
        with self._lock:
            return next((one for one in self.classes if one.id == class_id), None)

    def new_class(self, name: str = "") -> TaughtClass | None:
        """One more class; None: there are as many as there may be."""
        with self._lock:
            if len(self.classes) >= MOST_CLASSES:
                return None
            made = TaughtClass(self._next(), name[:NAME])
            self.classes.append(made)
            self._changed()
            return made

    def drop_class(self, class_id: int) -> None:
        """Forgets a class with its pictures, if enough others are left."""
        with self._lock:
            if len(self.classes) > LEAST_CLASSES:
                self.classes = [one for one in self.classes if one.id != class_id]
                self._changed()

    def rename(self, class_id: int, name: str) -> None:
        """Names a class: one line, NAME characters at most."""
        with self._lock:
            if (found := self.find(class_id)) is not None:
                found.name = " ".join(name.split())[:NAME]

    def remove(self, number: int) -> None:
        """Forgets a picture."""
        with self._lock:
            for one in self.classes:
                one.examples = [x for x in one.examples if x.number != number]
            self._changed()

    def add(
        self,
        class_id: int,
        image: Image.Image,
        features: dict[str, Features],
        title: str = "",
        owner: str = "",
    ) -> tuple[Example, int]:
        """A picture for a class, and how many it has now.

        Args:
            image: from `middle`.

        Raises:
            Full: the class has enough, or is gone.
        """
        small = image.copy()
        small.thumbnail((THUMBNAIL, THUMBNAIL), Image.Resampling.BICUBIC)
        made = Example(
            0, _jpeg(image, 90), _jpeg(small, 80), title, owner, dict(features)
        )
        with self._lock:
            found = self.find(class_id)
            if found is None or len(found.examples) >= self.most:
                raise Full
            made.number = self._next()
            found.examples.append(made)
            self._changed()
            return made, len(found.examples)

    def taught(self) -> Taught:
        """All as it is now; the same object until something changes."""
        with self._lock:
            if self._taught is None:
                self._taught = Taught(self.classes)
            return self._taught

    def has_room(self, class_id: int) -> bool:
        """Whether a class takes one more picture."""
        found = self.find(class_id)
        return found is not None and len(found.examples) < self.most


_known: WeakValueDictionary[str, Door] = WeakValueDictionary()


def open_door(door: Door) -> str:
    """A token by which it is found for as long as somebody else holds it."""
    token = secrets.token_urlsafe(24)
    _known[token] = door
    return token


def find(token: str) -> Door | None:
    """What has that token; None once its session is gone."""
    return _known.get(token)

"""What a class teaches AlexNet together: one set of pictures, a desk for each student.

It is in this process's memory alone, from the start of the activity to its end, or
until it has not been used for a while. A desk adds pictures and takes its own back; no
name is with them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PIL import Image

from store.database import DatabaseAway
from ui.kit.teach.teach_workspace import (
    Example,
    Features,
    Full,
    Taught,
    TaughtClass,
    Workspace,
    open_door,
)

MOST_EACH = 4  # pictures of a student for a class
MOST_TOGETHER = 60  # of all, for a class
MOST_SETS = 20  # of classes that teach at once
IDLE = 7_200.0  # seconds without use after which a set is forgotten
LOOK = 60.0  # seconds between two looks whether a set is still wanted


class TooManySets(RuntimeError):
    """The server holds as many sets as it may."""


@dataclass(frozen=True)
class Moment:
    """How good the layer was when so many pictures were there."""

    pictures: int
    right: int  # of those left out one at a time


class SharedWorkspace(Workspace):
    """The pictures of a whole class."""

    def __init__(self, names: Sequence[str], set_name: str) -> None:
        super().__init__()
        self.set_name = set_name
        self.classes = [TaughtClass(self._next(), name) for name in names]
        self._changed()
        self.history: list[Moment] = []
        self._desks: dict[str, Desk] = {}
        self.used = time.monotonic()
        self.is_closed = False

    @property
    def most(self) -> int:
        """Pictures that a class takes from all students together."""
        return MOST_TOGETHER

    def desk(self, owner: str) -> Desk:
        """A student's, the same whenever they come back."""
        with self._lock:
            self.used = time.monotonic()
            if owner not in self._desks:
                self._desks[owner] = Desk(self, owner)
            return self._desks[owner]

    def note(self, right: int, pictures: int) -> None:
        """Keeps how good it was, once for each number of pictures on the way."""
        with self._lock:
            if not self.history or self.history[-1].pictures != pictures:
                self.history.append(Moment(pictures, right))

    def give(
        self,
        class_id: int,
        image: Image.Image,
        features: dict[str, Features],
        owner: str,
    ) -> tuple[Example, int]:
        """A student's picture, and how many of theirs the class has now.

        Raises:
            Full: they have given enough, or all together have.
        """
        with self._lock:  # counted and added at once: two tabs of one student
            if len(self.of(class_id, owner)) >= MOST_EACH:
                raise Full
            made, _ = self.add(class_id, image, features, owner=owner)
            self.used = time.monotonic()
            return made, len(self.of(class_id, owner))

    def close(self) -> None:
        """Forgets all pictures, and takes no more: pages may still hold the set."""
        with self._lock:
            self.classes, self.is_closed = [], True
            self.history.clear()
            self._desks.clear()
            self._changed()

    def of(self, class_id: int, owner: str) -> list[Example]:
        """The pictures that a student has given for a class."""
        found = self.find(class_id)
        return [] if found is None else [x for x in found.examples if x.owner == owner]

    def take_back(self, number: int, owner: str) -> None:
        """Forgets a picture, if the student has given it."""
        with self._lock:
            mine = {x.number for one in self.classes for x in self.of(one.id, owner)}
            if number in mine:
                self.remove(number)


class Desk:
    """Where one student's browser sends pictures."""

    def __init__(self, shared: SharedWorkspace, owner: str) -> None:
        self.shared, self.owner = shared, owner
        self.token = open_door(self)

    @property
    def set_name(self) -> str:
        """The weight set whose activations are taken."""
        return self.shared.set_name

    def has_room(self, class_id: int) -> bool:
        """Whether the student may give one more picture for a class."""
        given = len(self.shared.of(class_id, self.owner))
        return given < MOST_EACH and self.shared.has_room(class_id)

    def add(
        self, class_id: int, image: Image.Image, features: dict[str, Features]
    ) -> tuple[Example, int]:
        """A picture for a class, and how many of theirs it has now.

        Raises:
            Full: there are enough.
        """
        return self.shared.give(class_id, image, features, self.owner)

    def taught(self) -> Taught:
        """All as it is now, everybody's."""
        return self.shared.taught()

    def remove(self, number: int) -> None:
        """Forgets a picture of the student's own."""
        self.shared.take_back(number, self.owner)


# --- the sets of this server ----------------------------------------------------------

shared_sets: dict[str, tuple[SharedWorkspace, Callable[[], bool]]] = {}
_lock = threading.Lock()
_watching: threading.Timer | None = None


def open_set(
    activity: str,
    names: Sequence[str],
    set_name: str,
    wanted: Callable[[], bool],
) -> SharedWorkspace:
    """The pictures of an activity: new, or as they are.

    Args:
        activity: its id.
        wanted: whether the activity goes on; it is asked every minute, by a thread.

    Raises:
        TooManySets: other classes have begun too many.
    """
    with _lock:
        if activity not in shared_sets:
            if len(shared_sets) >= MOST_SETS:
                raise TooManySets("Too many classes are teaching at the same time.")
            shared_sets[activity] = SharedWorkspace(names, set_name), wanted
            _watch()
        return shared_sets[activity][0]


def forget(activity: str) -> None:
    """Forgets the pictures of an activity."""
    with _lock:
        found = shared_sets.pop(activity, None)
    if found is not None:
        found[0].close()


def tidy() -> None:
    """Forgets the pictures that are not wanted, or that nobody has used for long."""
    with _lock:
        known = dict(shared_sets)
    for activity, (shared, wanted) in known.items():
        try:
            is_wanted = wanted()
        except DatabaseAway:
            is_wanted = True
        if not is_wanted or time.monotonic() - shared.used > IDLE:
            forget(activity)


def _watch() -> None:
    """Within the lock: tidies in a minute, and again while there are sets."""
    global _watching
    if _watching is None or not _watching.is_alive():
        _watching = threading.Timer(LOOK, _tidy_and_watch)
        _watching.daemon = True
        _watching.start()


def _tidy_and_watch() -> None:
    global _watching
    tidy()
    with _lock:
        _watching = None
        if shared_sets:
            _watch()

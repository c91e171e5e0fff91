"""Classes of one's own: their pictures by file or camera, and what is predicted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ui.kit.components import component, sent
from ui.kit.components.divider import jpeg

_teach = component("teach", ("camera", "teach"))

SECOND = 2  # pictures that a camera sends in one
KINDS = ("rename", "remove", "new", "drop", "changed")


@dataclass(frozen=True)
class Card:
    """A class as the browser has it."""

    id: int
    name: str  # "": it has none
    called: str  # what it is called without a name
    pictures: Sequence[tuple[int, bytes, str]]  # number, thumbnail, what is said of it
    all: int | None = None  # pictures of everybody, where several give them


@dataclass(frozen=True)
class Limits:
    """How much there may be."""

    least_classes: int
    most_classes: int
    most_pictures: int  # of a class
    name: int  # characters
    side: int  # pixels of what a camera sends
    megabytes: int  # of a file


@dataclass(frozen=True)
class Act:
    """What the visitor has done to the classes, but for their pictures' arrival."""

    kind: str  # one of KINDS; "changed": pictures have come
    number: int = 0  # of the class or the picture
    name: str = ""


def parse_act(found: Any) -> Act | None:
    """What a browser sent, if it can be one; it is not trusted."""
    if not isinstance(found, dict) or found.get("kind") not in KINDS:
        return None
    number, name = found.get("number", 0), found.get("name", "")
    if not isinstance(number, int) or not isinstance(name, str):
        return None
    return Act(found["kind"], number, name[:1000])


def teach(
    cards: Sequence[Card],
    tries: Sequence[tuple[str, bytes]],
    limits: Limits,
    on_act: Callable[[Act], None],
    *,
    key: str,
    address: str,
    ready: bool,
    texts: Mapping[str, str],
    language: str,
    fixed: bool = False,
) -> None:
    """Shows the classes.

    Args:
        tries: pictures to try: what each is called, and a JPEG.
        on_act: called before the script runs again.
        address: of `ui.kit.teach.teach_routes`.
        ready: whether there is a layer that predicts.
        texts: the component's sentences, with {fields} that it fills in.
        fixed: classes are neither named, added nor deleted here.
    """

    def act() -> None:
        found = parse_act(sent(key, "act"))
        if found is not None:
            on_act(found)

    _teach(
        key=key,
        data={
            "classes": [
                {
                    "id": one.id,
                    "name": one.name,
                    "called": one.called,
                    "pictures": [
                        {"number": number, "src": jpeg(small), "title": title}
                        for number, small, title in one.pictures
                    ],
                    "all": one.all,
                }
                for one in cards
            ],
            "tries": [{"title": title, "src": jpeg(photo)} for title, photo in tries],
            "limits": dict(vars(limits)),
            "pause": 1000 // SECOND,
            "address": address,
            "ready": ready,
            "fixed": fixed,
            "words": dict(texts),
            "language": language,
        },
        on_act_change=act,
    )

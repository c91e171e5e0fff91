"""The keys of the lesson: arrows step, Q asks its question, R reveals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Literal

from ui.kit.components import component, sent

keys_component = component("keys")

LAST_STAGE = 4  # 3 and more: the answer is revealed; 0: nothing is asked


@dataclass(frozen=True)
class KeyTexts:
    """The texts on the keys."""

    hint: str
    on: str  # on the button that turns them off, while they are on
    off: str  # the other way round; the browser keeps the choice


@dataclass(frozen=True)
class Shown:
    """What the page shows."""

    at: int  # place of the step, 0 to `last`
    last: int
    stage: int  # how far its question is, 0 to LAST_STAGE
    role: Literal["read", "present", "notes"]  # the last two move each other
    leads: bool = False  # a class takes the steps to the other window
    ask: tuple[int, ...] = ()  # the stage that Q makes of each


@dataclass(frozen=True)
class Wanted:
    """What a key, or the presenter's other window, asks for."""

    place: int
    stage: int
    exact: bool  # the other window is at that very stage; a key asks for the next


def keys(
    texts: KeyTexts,
    shown: Shown,
    *,
    key: str,
    on_request: Callable[[Wanted], None],
    on_join: Callable[[], None] | None = None,
) -> None:
    """Listens to the keys, and shows the hint.

    Args:
        on_request: called before the script runs again. Other messages of a browser
            are ignored.
        on_join: called by J.
    """

    def request() -> tuple[int, Wanted]:
        """Its number and what is wanted; 0: there is none, or a malformed one."""
        match sent(key, "request"):
            case {
                "number": int(number),
                "at": int(place),
                "stage": int(stage),
                "exact": bool(exact),
            }:
                place = min(max(place, 0), shown.last)
                return number, Wanted(place, min(max(stage, 0), LAST_STAGE), exact)
        return 0, Wanted(shown.at, shown.stage, True)

    def requested() -> None:
        number, wanted = request()
        if number:
            on_request(wanted)

    def joins() -> None:
        if on_join is not None:
            on_join()

    keys_component(
        key=key,
        data={
            **asdict(shown),
            **asdict(texts),
            "joins": on_join is not None,
            "received": request()[0],
        },
        on_join_change=joins,
        on_request_change=requested,
    )

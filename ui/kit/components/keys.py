"""The keys of the lesson: arrows go to the next and the previous step, R reveals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from ui.kit.components import component, sent

keys_component = component("keys")


@dataclass(frozen=True)
class KeyTexts:
    """The texts on the keys."""

    hint: str
    on: str  # on the button that turns them off, while they are on
    off: str  # the other way round; the browser keeps the choice


def keys(
    texts: KeyTexts,
    *,
    key: str,
    at: int,
    last: int,
    revealed: bool,
    role: Literal["read", "present", "notes"],
    on_request: Callable[[int, bool], None],
    on_join: Callable[[], None] | None = None,
) -> None:
    """Listens to the keys, and shows the hint.

    Args:
        at: place of the step shown, 0 to `last`.
        role: "present" tells other windows of the same browser where it is, "notes"
            goes there.
        on_request: called with the place to be at and whether the answer is to be seen
            there, before the script runs again. Other messages of a browser are
            ignored.
        on_join: called by J.
    """

    def request() -> tuple[int, int, bool]:
        """Its number, place and answer; number 0: there is none, or a malformed one."""
        match sent(key, "request"):
            case {"number": int(number), "at": int(place), "revealed": bool(shown)}:
                return number, min(max(place, 0), last), shown
        return 0, at, False

    def requested() -> None:
        number, place, shown = request()
        if number:
            on_request(place, shown)

    def joins() -> None:
        if on_join is not None:
            on_join()

    keys_component(
        key=key,
        data={
            "at": at,
            "last": last,
            "revealed": revealed,
            "role": role,
            "hint": texts.hint,
            "on": texts.on,
            "off": texts.off,
            "joins": on_join is not None,
            "received": request()[0],
        },
        on_join_change=joins,
        on_request_change=requested,
    )

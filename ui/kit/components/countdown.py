"""The time that is left, counted down by the browser."""

from __future__ import annotations

from collections.abc import Callable

from ui.kit.components import component

_countdown = component("countdown")


def countdown(
    *,
    key: str,
    left: float,
    text: str,
    soon: str,
    lost: str,
    label: str,
    on_over: Callable[[], None],
) -> None:
    """Counts seconds down, and has the script run again when none is left.

    Just before, the field that is typed in is left, so that its text is sent. What is
    in time the server decides by its own clock.

    Args:
        left: seconds, as the server has them now.
        text, soon: with {time}; `soon` in the last minute.
        lost: said after it while there is no connection (`keeper` finds out).
        label: what the clock is called.
        on_over: called before that run.
    """
    _countdown(
        key=key,
        data={
            "left": left,
            "text": text,
            "soon": soon,
            "lost": lost,
            "label": label,
        },
        on_over_change=on_over,
    )

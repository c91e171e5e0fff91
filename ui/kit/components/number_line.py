"""A number line on which the visitor sets a mark: by mouse, finger, or arrow keys."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from ui.kit.components import component, sent
from viz.number_line import NumberLine

_number_line = component("number_line")


@dataclass(frozen=True)
class Place:
    """One number that the mark can be set to."""

    value: float
    mark: str  # what is written at the mark
    sentence: str  # what it means: below the line, and spoken


def number_line(
    line: NumberLine,
    places: Sequence[Place],
    chosen: float,
    label: str,
    unset: str,
    on_chosen: Callable[[float], None],
    *,
    key: str,
    colour: str,
    language: str,
) -> None:
    """Shows it; nothing is asked of the server while the mark is dragged.

    Args:
        places: rising, all on the line.
        chosen: the place that is nearest is shown; 0: no mark is set yet.
        unset: what to do, until a mark is set.
        on_chosen: called with a place's value when the mark is let go, before the
            script runs again.
        colour: CSS hexadecimal, of the mark.
    """

    def take() -> None:
        found: Any = sent(key, "chosen")
        is_place = isinstance(found, int) and not isinstance(found, bool)
        if is_place and 0 <= found < len(places):
            on_chosen(places[found].value)

    _number_line(
        key=key,
        data={
            "label": label,
            "unset": unset,
            "ticks": [
                {"part": round(line.part(value), 4), "text": text}
                for value, text in line.ticks
            ],
            "ends": list(line.ends),
            "places": [
                {
                    "part": round(line.part(place.value), 4),
                    "mark": place.mark,
                    "sentence": place.sentence,
                }
                for place in places
            ],
            "chosen": nearest(places, chosen),
            "colour": colour,
            "language": language,
        },
        on_chosen_change=take,
    )


def nearest(places: Sequence[Place], chosen: float) -> int | None:
    """The number of the place that is nearest to a value; None: 0, no mark."""
    if not chosen:
        return None
    return min(range(len(places)), key=lambda i: abs(places[i].value - chosen))

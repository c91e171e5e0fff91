"""A slider with few stops, each with numbers and a sentence that are there at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from ui.kit.components import component

_stops = component("stops")


@dataclass(frozen=True)
class Stop:
    """What is shown at one place of the slider."""

    value: str
    rows: Sequence[str]  # one for each name
    sentence: str


def stops(
    label: str,
    names: Sequence[str],
    shown: Sequence[Stop],
    opens: int,
    language: str,
    *,
    key: str,
) -> None:
    """Shows it; nothing is asked of the server while it is dragged.

    Args:
        names: of the rows.
        opens: the number of the stop that is shown first.
    """
    _stops(
        key=key,
        data={
            "label": label,
            "names": list(names),
            "stops": [asdict(stop) for stop in shown],
            "opens": opens,
            "language": language,
        },
    )

"""The photograph, and on it what is pointed at in the mosaics beside it."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import asdict, dataclass

from ui.kit.components import component
from viz.palette import lut

_receptive_field = component("receptive_field")


@dataclass(frozen=True)
class PhotographTexts:
    """What is said of the photograph."""

    alt: str
    field: str  # of a position: {unit}, {row}, {column}, {height}, {width}
    whole: str  # of a unit that sees all of it: {unit}
    nothing: str  # of what is shown while nothing is pointed at


def receptive_field(jpeg: bytes, texts: PhotographTexts, *, key: str) -> None:
    """Shows the photograph.

    Mosaics that were given their `fields` say what is pointed at, by an event of the
    document: the map is laid over the photograph, its receptive field is framed.
    """
    _receptive_field(
        key=key,
        data={
            "photo": b64encode(jpeg).decode(),
            "colours": b64encode(lut("viridis").tobytes()).decode(),
            **asdict(texts),
        },
    )

"""The photograph, and on it what is pointed at in the mosaics beside it."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
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


@dataclass(frozen=True)
class Maps:
    """Maps to lay over the photograph, where the mosaic beside it shows others."""

    png: bytes  # a mosaic in the colours of viz.palette
    order: Sequence[int]  # the unit of each tile
    columns: int
    tile: tuple[int, int]  # height and width in pixels
    gap: int

    def sendable(self) -> dict[str, object]:
        """As plain data."""
        return vars(self) | {"png": b64encode(self.png).decode()}


def receptive_field(
    jpeg: bytes, texts: PhotographTexts, *, key: str, maps: Maps | None = None
) -> None:
    """Shows the photograph.

    Mosaics that were given their `fields` say what is pointed at, by an event of the
    document: the map is laid over the photograph, its receptive field is framed.
    """
    _receptive_field(
        key=key,
        data={
            "photo": b64encode(jpeg).decode(),
            "maps": maps and maps.sendable(),
            "colours": b64encode(lut("viridis").tobytes()).decode(),
            **asdict(texts),
        },
    )

"""A picture of tiles, one of which the visitor can choose."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ui.kit.components import component, sent
from viz.mosaic import Mosaic

_mosaic = component("mosaic")


@dataclass(frozen=True)
class Tiles:
    """Where the tiles lie in the picture."""

    order: Sequence[int]  # the unit shown at each tile, row by row
    columns: int
    tile: tuple[int, int]  # height and width in pixels
    gap: int  # pixels between tiles

    @classmethod
    def of(cls, drawn: Mosaic) -> Tiles:
        """Those of a layer's mosaic."""
        return cls(drawn.order, drawn.columns, drawn.tile, drawn.gap)


@dataclass(frozen=True)
class TileFields:
    """What the tiles see of a photograph; `receptive_field` shows it."""

    side: int  # of the photograph, in pixels of the network's input
    first: int  # where the receptive field of row or column 0 begins
    step: int  # between those of neighbours
    size: int  # pixels a side
    strongest: NDArray[np.integer[Any]]  # by unit, row by row: where its map is largest
    width: int  # positions in a row of a map
    whole: bool = False  # each unit sees all of it
    over: bool = True  # the tile is laid over the photograph


@dataclass(frozen=True)
class Room:
    """The part of the window that a mosaic fills; what does not fit, scrolls inside."""

    container: str  # the key of the container that reaches from its top to the bottom
    rows: int = 1  # mosaics one below another in it


@dataclass(frozen=True)
class Numbers:
    """A number for each unit; the browser writes the one that is pointed at."""

    of: NDArray[np.floating[Any]]
    form: Mapping[str, Any]  # options of JavaScript's Intl.NumberFormat


@dataclass(frozen=True)
class MosaicTexts:
    """The texts on the tiles."""

    alt: str  # text alternative of the whole picture
    label: str
    tip: str  # sentence on the tile under the pointer, with {unit}, {0}, {1}, …
    hint: str
    values: Sequence[Sequence[str] | Numbers]  # for each {n} in `tip`, of every unit
    language: str = "en"  # that numbers are written in
    title: str = ""  # above it


def mosaic(
    png: bytes,
    tiles: Tiles,
    texts: MosaicTexts,
    *,
    key: str,
    selected: int | None,
    on_pick: Callable[[int], None],
    fields: TileFields | None = None,
    room: Room | None = None,
) -> None:
    """Shows the picture.

    Args:
        fields: what a photograph beside it frames while a tile is pointed at.
        room: without it, the picture is as wide as it can be.
        on_pick: called with the unit chosen, before the script runs again.
    """
    header = vars(tiles) | vars(texts)  # `asdict` would copy the text of every unit
    header["values"] = [
        vars(one) if isinstance(one, Numbers) else one for one in texts.values
    ]
    header |= {"order": np.asarray(tiles.order), "count": len(tiles.order)}
    header |= {"fields": fields and vars(fields), "room": room and vars(room)}
    header |= {"selected": selected}

    def picked() -> None:
        if (unit := sent(key, "picked")) is not None:
            on_pick(int(unit))

    _mosaic(key=key, data=_packed(header, png), on_picked_change=picked)


def _packed(header: Mapping[str, Any], png: bytes) -> bytes:
    """What travels: bytes do only as the whole of a component's data.

    Two lengths, the header as JSON, all its arrays as 32-bit floats, the picture. JSON
    has {"floats": [first, count]} for an array.
    """
    arrays: list[bytes] = []

    def put(array: NDArray[Any]) -> dict[str, Any]:
        first = sum(map(len, arrays)) // 4
        arrays.append(array.astype("<f4").tobytes())
        return {"floats": [first, len(array)]}

    text = json.dumps(header, separators=(",", ":"), default=put).encode()
    floats = b"".join(arrays)
    return struct.pack("<II", len(text), len(floats)) + text + floats + png

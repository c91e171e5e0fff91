"""A picture of tiles, one of which the visitor can choose."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass

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
class MosaicTexts:
    """The texts on the tiles."""

    alt: str  # text alternative of the whole picture
    label: str
    tip: str  # sentence on the tile under the pointer, with {unit}, {0}, {1}, …
    hint: str
    values: Sequence[Sequence[str]]  # for each {n} in `tip`, the text of every unit


def mosaic(
    png: bytes,
    tiles: Tiles,
    texts: MosaicTexts,
    *,
    key: str,
    selected: int | None,
    on_pick: Callable[[int], None],
) -> None:
    """Shows the picture.

    Args:
        on_pick: called with the unit chosen, before the script runs again.
    """
    header = vars(tiles) | vars(texts)  # `asdict` would copy the text of every unit
    header |= {"count": len(tiles.order), "selected": selected}
    packed = json.dumps(header, separators=(",", ":")).encode()

    def picked() -> None:
        if (unit := sent(key, "picked")) is not None:
            on_pick(int(unit))

    # Bytes travel only as the whole of `data`: a length, the header, the picture.
    _mosaic(
        key=key,
        data=struct.pack("<I", len(packed)) + packed + png,
        on_picked_change=picked,
    )

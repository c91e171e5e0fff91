"""Units as small pictures to click, in rows: whom a unit is connected to."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ui.kit.components import component, sent

_connections = component("connections")

JPEG, PNG = "image/jpeg", "image/png"


@dataclass(frozen=True)
class Tile:
    """One unit."""

    layer: str
    unit: int
    picture: bytes | None  # JPEG or PNG
    name: str  # short: below the picture
    value: str  # what it adds
    length: float  # of the bar for that, 0 to 1
    label: str  # the whole sentence, for who cannot see it

    def sendable(self) -> dict[str, object]:
        """As plain data."""
        kind = PNG if self.picture and self.picture.startswith(b"\x89PNG") else JPEG
        data = b64encode(self.picture).decode() if self.picture else ""
        return {
            "picture": f"data:{kind};base64,{data}" if data else "",
            "name": self.name,
            "value": self.value,
            "length": self.length,
            "label": self.label,
        }


@dataclass(frozen=True)
class Row:
    """Tiles under one heading."""

    title: str
    sign: str  # "up", "down" or "way": the colour of its bars, or arrows between
    tiles: Sequence[Tile]


def connections(
    rows: Sequence[Row], *, key: str, on_pick: Callable[[str, int], None]
) -> None:
    """Shows the rows.

    Args:
        on_pick: called with layer and unit of the tile clicked, before the script
            runs again.
    """

    def picked() -> None:
        place = sent(key, "picked")
        if place is None:
            return
        row, tile = place  # from the browser: may be anything
        found = rows[int(row)].tiles[int(tile)]
        on_pick(found.layer, found.unit)

    _connections(
        key=key,
        data=[
            {
                "title": row.title,
                "sign": row.sign,
                "tiles": [tile.sendable() for tile in row.tiles],
            }
            for row in rows
        ],
        on_picked_change=picked,
    )

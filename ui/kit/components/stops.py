"""Sliders with few stops; numbers, pictures and a table of each are there at once."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from io import BytesIO

from PIL import Image

from ui.kit.components import component

_stops = component("stops")


@dataclass(frozen=True)
class Figure:
    """One of the images, and what is said of it at a stop."""

    image: int  # its number
    alt: str
    caption: str = ""  # with **bold** words
    kept: bytes | None = None  # the pixels that are seen, as bits; None: all of them


@dataclass(frozen=True)
class Stop:
    """What is shown at one place of the slider."""

    value: str
    rows: Sequence[str] = ()  # one for each name
    sentence: str = ""  # with **bold** words
    figures: Sequence[Figure] = ()
    table: int | None = None  # its number
    marked: int | None = None  # the row of the table that is this stop


@dataclass(frozen=True)
class Tables:
    """Tables with the same columns, of which one is shown at a time."""

    title: str
    head: Sequence[str]
    bodies: Sequence[Sequence[Sequence[str]]]  # (tables, rows, columns)
    captions: Sequence[str]  # one for each table
    alt: str


@dataclass(frozen=True)
class Second:
    """Another slider: its label and values, and which one it opens at."""

    label: str
    values: Sequence[str]
    opens: int


@dataclass(frozen=True)
class Parts:
    """What not every slider has."""

    names: Sequence[str] = ()  # of the rows
    images: Sequence[bytes] = field(default_factory=tuple)  # PNG or JPEG
    tables: Tables | None = None
    second: Second | None = None


def stops(
    label: str,
    shown: Sequence[Stop],
    opens: int,
    parts: Parts,
    language: str,
    *,
    key: str,
) -> None:
    """Shows it; nothing is asked of the server while it is dragged.

    Args:
        shown: with a second slider, all of its stops for each of the first one's.
        opens: the number of the first slider's stop that is shown first.
    """
    second = parts.second
    every = len(second.values) if second else 1
    _stops(
        key=key,
        data={
            "label": label,
            "values": [stop.value for stop in shown[::every]],
            "opens": opens,
            "second": asdict(second) if second else None,
            "names": list(parts.names),
            "images": [_address(image) for image in parts.images],
            "sizes": [Image.open(BytesIO(image)).size for image in parts.images],
            "tables": asdict(parts.tables) if parts.tables else None,
            "stops": [_sent(stop) for stop in shown],
            "language": language,
        },
    )


def _sent(stop: Stop) -> dict[str, object]:
    figures = [
        {
            "image": figure.image,
            "alt": figure.alt,
            "caption": figure.caption,
            "kept": None if figure.kept is None else b64encode(figure.kept).decode(),
        }
        for figure in stop.figures
    ]
    return {
        "value": stop.value,
        "rows": list(stop.rows),
        "sentence": stop.sentence,
        "figures": figures,
        "table": stop.table,
        "marked": stop.marked,
    }


def _address(image: bytes) -> str:
    kind = "png" if image.startswith(b"\x89PNG") else "jpeg"
    return f"data:image/{kind};base64," + b64encode(image).decode()

"""Pictures that come with the lab: photographs, and drawings that make filters speak.

`assets/samples/samples.toml` is the only table of them. A photograph is a JPEG file
beside it; a drawing is computed here. Both leave as encoded bytes, because every
picture enters through one door, `model.pictures.load_picture`.

Orientation, here and in `model.analysis.filters`: the direction in which stripes or an
edge run, in degrees counter-clockwise from the horizontal as seen on a screen.
Horizontal stripes have 0, stripes that rise to the right 45, vertical stripes 90.
"""

from __future__ import annotations

import io
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from paths import ASSETS

FOLDER = ASSETS / "samples"

SIDE = 448  # pixels of a drawing, both ways
STRIPES_ORIENTATION = 45.0  # degrees
STRIPES_PERIOD = 20.0  # pixels
GRATING_ORIENTATIONS = (0.0, 45.0, 90.0, 135.0)  # degrees, of the columns
GRATING_PERIODS = (37.0, 28.0, 20.0, 14.0)  # pixels, of the rows
STAR_SPOKES = 12  # pairs of a bright and a dark sector
ZONE_FREQUENCY = 0.08  # cycles per pixel where the rings meet the picture's side
CHECK_SIDE = 28  # pixels
DOT_RADIUS = 7.0  # pixels: about two once a picture is shrunk to 64 a side
GREY = 128
# Four colours as bright as `GREY` (Rec. 601 luma): in black and white all the same.
EQUAL_COLOURS = MappingProxyType(
    {
        "red": (255, 74, 74),
        "green": (0, 218, 0),
        "blue": (112, 112, 255),
        "yellow": (144, 144, 4),
    }
)

Pixels = NDArray[np.uint8]  # (SIDE, SIDE, 3) RGB
Plane = NDArray[np.float64]  # (SIDE, SIDE)


@dataclass(frozen=True)
class Sample:
    """One row of the table. Exactly one of `file` and `draw` is set."""

    name: str  # the word used in code and addresses
    title: str
    kind: Literal["photograph", "drawn"]
    alt: str  # what it shows, for who cannot see it
    say: str  # what to look for in the filters and maps
    author: str
    licence: str
    source: str
    file: str | None = None  # in `assets/samples/`
    draw: str | None = None  # in `DRAWINGS`
    shows: Sequence[str] = ()  # the embedded network's classes in a photograph
    right: bool = False  # whether it predicts one of them

    def __post_init__(self) -> None:
        photograph = self.kind == "photograph"
        if photograph != (self.file is not None) or photograph == bool(self.draw):
            raise ValueError(
                f"sample {self.name}: a photograph has a file, a drawn one a drawing. "
                f"Received: kind={self.kind}, file={self.file}, draw={self.draw}"
            )


@cache
def samples() -> MappingProxyType[str, Sample]:
    """All samples by name, in the table's order."""
    table = tomllib.loads((FOLDER / "samples.toml").read_text(encoding="utf-8"))
    return MappingProxyType({name: Sample(name, **row) for name, row in table.items()})


def photographs() -> tuple[str, ...]:
    """Names of the samples that are photographs."""
    return tuple(row.name for row in samples().values() if row.file is not None)


def right_first() -> tuple[str, ...]:
    """Names of all samples: those that the embedded network gets right come first.

    Then the other photographs, and last the drawings, each in the table's order.
    """
    return tuple(
        sorted(
            samples(), key=lambda n: (samples()[n].file is None, not sample(n).right)
        )
    )


def sample(name: str) -> Sample:
    """The sample of that name.

    Raises:
        KeyError: no such sample; the message lists those that exist.
    """
    if name not in samples():
        raise KeyError(f"no sample {name!r}; there are: {', '.join(samples())}")
    return samples()[name]


@cache
def data(name: str) -> bytes:
    """The picture as an encoded file: JPEG of a photograph, PNG of a drawing.

    Raises:
        KeyError: no such sample; the message lists those that exist.
    """
    chosen = sample(name)
    if chosen.file is not None:
        return (FOLDER / chosen.file).read_bytes()
    out = io.BytesIO()
    Image.fromarray(draw(str(chosen.draw))).save(out, "PNG")
    return out.getvalue()


def draw(drawing: str) -> Pixels:
    """Compute one of `DRAWINGS`: (SIDE, SIDE, 3) RGB."""
    return DRAWINGS[drawing]()


def _grid() -> tuple[Plane, Plane]:
    """Pixel centres measured from the picture's centre: x rightwards, y upwards."""
    ticks = np.arange(SIDE) - (SIDE - 1) / 2
    x, y = np.meshgrid(ticks, -ticks)
    return x, y


def _rgb(levels: Plane) -> Pixels:
    """Grey levels -1 (black) to 1 (white), 0 being `GREY`, as RGB."""
    grey = np.clip(GREY + levels * 127.5, 0, 255).round().astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)


def _waves(x: Plane, y: Plane, orientation: float, period: float) -> Plane:
    """A sine grating, -1 to 1."""
    along = np.deg2rad(orientation)
    across = y * np.cos(along) - x * np.sin(along)  # pixels, at right angles to stripes
    return np.asarray(np.sin(2 * np.pi * across / period))


def _coverage(distance: Plane) -> Plane:
    """How much of a pixel lies inside, from the signed distance to the outline."""
    return np.clip(distance + 0.5, 0, 1)


def _draw_stripes() -> Pixels:
    return _rgb(_waves(*_grid(), STRIPES_ORIENTATION, STRIPES_PERIOD))


def _draw_gratings() -> Pixels:
    """A column for each orientation, a row for each period.

    Each patch fades into grey, so that its own outline excites no filter.
    """
    x, y = _grid()
    patch = SIDE // len(GRATING_ORIENTATIONS)
    levels = np.zeros((SIDE, SIDE))
    for row, period in enumerate(GRATING_PERIODS):
        for column, orientation in enumerate(GRATING_ORIENTATIONS):
            here = np.s_[
                row * patch : (row + 1) * patch, column * patch : (column + 1) * patch
            ]
            u, v = x[here] - x[here].mean(), y[here] - y[here].mean()
            rim = np.clip((patch / 2 - np.hypot(u, v)) / (patch / 4), 0, 1)
            fade = (1 - np.cos(np.pi * rim)) / 2
            levels[here] = fade * _waves(u, v, orientation, period)
    return _rgb(levels)


def _draw_disc() -> Pixels:
    x, y = _grid()
    return _rgb(2 * _coverage(SIDE / 3 - np.hypot(x, y)) - 1)


def _draw_star() -> Pixels:
    """Sectors, bright and dark in turn, in a disc on grey."""
    x, y = _grid()
    radius = np.hypot(x, y)
    turn = np.arctan2(y, x) * STAR_SPOKES / np.pi + 0.5  # whole numbers are edges
    nearest = (turn - np.round(turn)) * np.pi / STAR_SPOKES  # radians from an edge
    inside = np.where(np.floor(turn) % 2 == 0, 1.0, -1.0)  # +1 in bright sectors
    distance = inside * radius * np.abs(np.sin(nearest))
    levels = 2 * _coverage(distance) - 1
    return _rgb(levels * _coverage(SIDE * 0.46 - radius))


def _draw_zone() -> Pixels:
    """Rings that grow finer outwards: every orientation at every frequency, once."""
    radius = np.hypot(*_grid())
    levels = np.cos(np.pi * ZONE_FREQUENCY * radius**2 / (SIDE / 2))
    return _rgb(levels * np.clip((SIDE / 2 - radius) / 8, 0, 1))


def _draw_colours() -> Pixels:
    """Red beside green above, blue beside yellow below, all equally bright."""
    cell = SIDE // 8
    row, column = np.indices((SIDE, SIDE)) // cell
    odd = (row + column) % 2 == 1
    top = row < 4
    colour = np.array(list(EQUAL_COLOURS.values()), dtype=np.uint8)
    pixels: Pixels = colour[np.where(top, 0, 2) + odd]
    return pixels


def _draw_checkerboard() -> Pixels:
    row, column = np.indices((SIDE, SIDE)) // CHECK_SIDE
    return _rgb(np.where((row + column) % 2 == 0, 1.0, -1.0))


def _draw_dot() -> Pixels:
    """The nearest thing to an impulse that survives being made smaller."""
    x, y = _grid()
    return _rgb(2 * _coverage(DOT_RADIUS - np.hypot(x, y)) - 1)


def _draw_grey() -> Pixels:
    return _rgb(np.zeros((SIDE, SIDE)))


DRAWINGS: MappingProxyType[str, Callable[[], Pixels]] = MappingProxyType(
    {
        "stripes": _draw_stripes,
        "gratings": _draw_gratings,
        "disc": _draw_disc,
        "star": _draw_star,
        "zone": _draw_zone,
        "colours": _draw_colours,
        "checkerboard": _draw_checkerboard,
        "dot": _draw_dot,
        "grey": _draw_grey,
    }
)

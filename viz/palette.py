"""Every colour that a picture uses, once. `.streamlit/config.toml` has the app's."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Scheme = Literal["light", "dark"]
Map = Literal["viridis", "diverging"]

# "diverging": from its least to its largest, zero in the middle. What is above zero is
# orange and lighter than grey, what is below is blue and darker: in a grey print, and
# with any colour vision, the sign is seen.
SIGNED = ("#06123A", "#1C4FA0", "#808080", "#F0A05A", "#FFF3D6")


@dataclass(frozen=True)
class Palette:
    """Colours of a figure for one scheme; CSS hexadecimal."""

    text: str
    muted: str
    background: str
    surface: str
    line: str
    input: str
    conv: str
    pool: str
    normalise: str
    dense: str
    accent: str

    def kind(self, kind: str) -> str:
        """The colour of a layer kind of `model.network.shapes`; quiet for helpers."""
        return str(getattr(self, kind, self.muted))


PALETTES: dict[Scheme, Palette] = {
    "light": Palette(
        text="#0F1620",
        muted="#5C6470",
        background="#FCFBF8",
        surface="#F1EFE8",
        line="#C9C4B5",
        input="#6B7280",
        conv="#1F5FA8",
        pool="#4A8C7B",
        normalise="#7A6A9C",
        dense="#B4602A",
        accent="#C22F4A",
    ),
    "dark": Palette(
        text="#E8EAEE",
        muted="#A3ABB8",
        background="#14181F",
        surface="#1E242E",
        line="#475063",
        input="#9AA3B2",
        conv="#7FB2EE",
        pool="#7CC4B0",
        normalise="#B7A6DA",
        dense="#E6A06F",
        accent="#F07A90",
    ),
}

# Curves of up to eight arms; told apart by shape too (`viz.curves`).
SERIES: dict[Scheme, tuple[str, ...]] = {
    "light": (
        *("#1F5FA8", "#B4511E", "#2E7D5B", "#8A3FA0"),
        *("#7A6A00", "#C22F4A", "#4A5568", "#00788A"),
    ),
    "dark": (
        *("#7FB2EE", "#F0A468", "#7CC4A0", "#D19BE8"),
        *("#D9C34A", "#F07A90", "#B5BDCA", "#5CC8D8"),
    ),
}


@cache
def lut(name: Map) -> NDArray[np.uint8]:
    """A colour map as 256 colours: (256, 3) uint8, low to high.

    The middle of "diverging" is zero (`SIGNED`). The last index repeats the last
    colour, so that values use 0 to 254 and one index is left for gaps.
    """
    from matplotlib import colormaps
    from matplotlib.colors import LinearSegmentedColormap

    colour_map = (
        LinearSegmentedColormap.from_list(name, SIGNED, N=255)
        if name == "diverging"
        else colormaps[name]
    )
    colours = colour_map([*np.linspace(0, 1, 255).tolist(), 1.0])
    table = (np.asarray(colours)[:, :3] * 255).round().astype(np.uint8)
    table.setflags(write=False)
    return table

"""Marks on a number line, as SVG: what was measured, guessed, and printed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import log10
from typing import Literal

from viz.palette import Palette
from viz.svg import BOLD, WIDTH, Direction, line, paper, text

MarkKind = Literal["measured", "you", "paper"]

EDGE = 30.0  # units left and right of the line
SIZE, SMALL = 16.0, 13.0  # font sizes
ABOVE, ROW = 58.0, 26.0  # units above the line; of a row of labels below it


@dataclass(frozen=True)
class LineMark:
    """One number with its words."""

    value: float
    label: str
    kind: MarkKind


@dataclass(frozen=True)
class NumberLine:
    """A line from `ticks[0]` to `ticks[-1]`, logarithmic or not."""

    ticks: Sequence[tuple[float, str]]  # value and words, rising
    logarithmic: bool
    ends: tuple[str, str] = ("", "")  # what it means to lie left and right

    def part(self, value: float) -> float:
        """Where a value lies, 0 to 1; beyond an end, at that end."""
        low, high = self.ticks[0][0], self.ticks[-1][0]
        inside = min(max(value, low), high)
        if self.logarithmic:
            return log10(inside / low) / log10(high / low)
        return (inside - low) / (high - low)


def number_line_svg(
    scale: NumberLine,
    marks: Sequence[LineMark],
    title: str,
    palette: Palette,
    direction: Direction = "across",
) -> str:
    """The line with its marks: the measured above it, each other in a row below."""
    width = WIDTH[direction]

    def x(value: float) -> float:
        return EDGE + scale.part(value) * (width - 2 * EDGE)

    parts = [line(EDGE, ABOVE, width - EDGE, ABOVE, palette.text, 2)]
    for value, label in scale.ticks:
        parts.append(line(x(value), ABOVE - 5, x(value), ABOVE + 5, palette.text, 1.5))
        parts.append(
            text(x(value), ABOVE - 13, label, palette.muted, SMALL, anchor="middle")
        )
    row = 0
    for mark in marks:
        at, colour = x(mark.value), _colour(mark.kind, palette)
        if mark.kind == "measured":
            foot = ABOVE - 34
        else:
            row += 1
            foot = ABOVE + 4 + ROW * row
            parts.append(line(at, ABOVE + 7, at, foot - 13, colour, 1.5))
        half = len(mark.label) * SIZE * BOLD / 2
        middle = min(max(at, 4 + half), width - 4 - half)
        parts.append(text(middle, foot, mark.label, colour, SIZE, 700, "middle"))
        parts.append(_shape(mark.kind, at, colour, palette))
    below = ABOVE + 8 + ROW * row
    if any(scale.ends):
        below += 24
        left, right = scale.ends
        parts.append(text(EDGE, below, left, palette.text, SMALL))
        parts.append(text(width - EDGE, below, right, palette.text, SMALL, 400, "end"))
    return paper(parts, width, below + 10, title, palette)


def _colour(kind: MarkKind, palette: Palette) -> str:
    colours = {"measured": palette.conv, "you": palette.accent, "paper": palette.dense}
    return colours[kind]


def _shape(kind: MarkKind, x: float, colour: str, palette: Palette) -> str:
    """A circle, a diamond or a square: told apart without colour, too."""
    style = f'fill="{colour}" stroke="{palette.background}" stroke-width="1.5"'
    if kind == "measured":
        return f'<circle cx="{x:.1f}" cy="{ABOVE:g}" r="9" {style}/>'
    if kind == "you":
        points = f"{x:.1f},{ABOVE - 9:g} {x + 9:.1f},{ABOVE:g} "
        points += f"{x:.1f},{ABOVE + 9:g} {x - 9:.1f},{ABOVE:g}"
        return f'<polygon points="{points}" {style}/>'
    return f'<rect x="{x - 7:.1f}" y="{ABOVE - 7:g}" width="14" height="14" {style}/>'

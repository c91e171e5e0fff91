"""Marks on a number line, as SVG: what was measured, guessed, and printed."""

from __future__ import annotations

from collections import Counter
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
DOT = 6.0  # radius of a guess of the class; less where many lie on one place
TALLEST = 96.0  # units of a stack of them


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
    crowd: Sequence[float] = (),
) -> str:
    """The line with its marks: the measured above it, each other in a row below.

    Args:
        crowd: the guesses of a class, a dot each, in stacks on the line; then all
            words are below it.
    """
    width = WIDTH[direction]

    def x(value: float) -> float:
        return EDGE + scale.part(value) * (width - 2 * EDGE)

    dots, high = _stacks([x(value) for value in crowd], palette)
    y = 24 + high if crowd else ABOVE
    parts = [line(EDGE, y, width - EDGE, y, palette.text, 2)]
    if crowd:
        parts.append(f'<g transform="translate(0 {y - 12:g})">{"".join(dots)}</g>')
    for value, label in scale.ticks:
        parts.append(line(x(value), y - 5, x(value), y + 5, palette.text, 1.5))
        foot = y + 25 if crowd else y - 13
        parts.append(text(x(value), foot, label, palette.muted, SMALL, anchor="middle"))
    row, first = 0, 26.0 if crowd else 4.0
    for mark in marks:
        at, colour = x(mark.value), _colour(mark.kind, palette)
        if mark.kind == "measured" and not crowd:
            foot = y - 34
        else:
            row += 1
            foot = y + first + ROW * row
            parts.append(line(at, y + 7, at, foot - 13, colour, 1.5))
        half = len(mark.label) * SIZE * BOLD / 2
        middle = min(max(at, 4 + half), width - 4 - half)
        parts.append(text(middle, foot, mark.label, colour, SIZE, 700, "middle"))
        parts.append(_shape(mark.kind, at, y, colour, palette))
    below = y + first + 4 + ROW * row
    if any(scale.ends):
        below += 24
        left, right = scale.ends
        parts.append(text(EDGE, below, left, palette.text, SMALL))
        parts.append(text(width - EDGE, below, right, palette.text, SMALL, 400, "end"))
    return paper(parts, width, below + 10, title, palette)


def _colour(kind: MarkKind, palette: Palette) -> str:
    colours = {"measured": palette.conv, "you": palette.accent, "paper": palette.dense}
    return colours[kind]


def _stacks(at: Sequence[float], palette: Palette) -> tuple[list[str], float]:
    """Dots in stacks upwards from 0, where they lie close, and the tallest stack."""
    bins = Counter(round(x / (2 * DOT)) for x in at)
    most = max(bins.values(), default=0)
    step = min(2 * DOT, TALLEST / most) if most else 0.0
    dots = [
        f'<circle cx="{place * 2 * DOT:.1f}" cy="{-step * number:.1f}" '
        f'r="{DOT - 0.5:g}" fill="{palette.accent}" fill-opacity="0.55" '
        f'stroke="{palette.background}" stroke-width="1"/>'
        for place, count in sorted(bins.items())
        for number in range(count)
    ]
    return dots, step * most


def _shape(kind: MarkKind, x: float, y: float, colour: str, palette: Palette) -> str:
    """A circle, a diamond or a square: told apart without colour, too."""
    style = f'fill="{colour}" stroke="{palette.background}" stroke-width="1.5"'
    if kind == "measured":
        return f'<circle cx="{x:.1f}" cy="{y:g}" r="9" {style}/>'
    if kind == "you":
        points = f"{x:.1f},{y - 9:g} {x + 9:.1f},{y:g} "
        points += f"{x:.1f},{y + 9:g} {x - 9:.1f},{y:g}"
        return f'<polygon points="{points}" {style}/>'
    return f'<rect x="{x - 7:.1f}" y="{y - 7:g}" width="14" height="14" {style}/>'

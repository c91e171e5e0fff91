"""Networks that were averaged, as cards in groups, as SVG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import wrap

from viz.palette import Palette
from viz.svg import BOLD, WIDTH, Direction, line, mix, paper, rectangle, text

SIZE, SMALL = 15.0, 13.0  # font sizes
LINE = 18.0
EDGE, GAP, BETWEEN = 4.0, 9.0, 22.0  # at the sides, between cards, between groups
HIGH = 82.0  # of a card, across
ROW = 44.0  # of a card, down


@dataclass(frozen=True)
class Card:
    """A network: its name and two lines; not certain: with a dashed outline."""

    name: str
    lines: tuple[str, str]
    certain: bool
    width: float = 1.0  # against the other cards


@dataclass(frozen=True)
class Group:
    """A group of networks and its caption."""

    title: str
    cards: tuple[Card, ...]
    caption: str  # of their average; empty: nothing


def ensemble_svg(
    title: str,
    groups: Sequence[Group],
    caption: str,
    palette: Palette,
    direction: Direction = "across",
) -> str:
    """The groups as a self-contained SVG, `WIDTH[direction]` units wide.

    Args:
        title: the drawing in words.
        caption: what is said of the average of all.
    """
    draw = _across if direction == "across" else _down
    parts, height = draw(groups, caption, palette)
    return paper(parts, WIDTH[direction], height, title, palette)


def _card(
    card: Card, left: float, top: float, width: float, height: float, palette: Palette
) -> str:
    colour = palette.conv if card.certain else palette.muted
    fill = mix(colour, palette.background, 0.78 if card.certain else 0.9)
    return rectangle(left, top, width, height, fill, colour, not card.certain)


def _bracket(left: float, right: float, y: float, palette: Palette) -> list[str]:
    """A line below some cards, with its ends turned up."""
    return [
        line(left, y, right, y, palette.accent, 1.5),
        line(left, y, left, y - 8, palette.accent, 1.5),
        line(right, y, right, y - 8, palette.accent, 1.5),
    ]


def _across(
    groups: Sequence[Group], caption: str, palette: Palette
) -> tuple[list[str], float]:
    cards = [card for group in groups for card in group.cards]
    gaps = GAP * (len(cards) - len(groups)) + BETWEEN * (len(groups) - 1)
    room = WIDTH["across"] - 2 * EDGE - gaps
    unit = room / sum(card.width for card in cards)
    parts: list[str] = []
    x, top = EDGE, 30.0
    for group in groups:
        left = x
        parts.append(text(x, 18, group.title, palette.text, SIZE, 600))
        for card in group.cards:
            width = unit * card.width
            parts.append(_card(card, x, top, width, HIGH, palette))
            middle = x + width / 2
            lines = ((card.name, SIZE, 700), *((w, SMALL, 400) for w in card.lines))
            for number, (words, size, weight) in enumerate(lines):
                foot = top + 24 + number * (LINE + 2)
                parts.append(
                    text(middle, foot, words, palette.text, size, weight, "middle")
                )
            x += width + GAP
        right = x - GAP
        if group.caption:
            y = top + HIGH + 18
            parts += _bracket(left, right, y, palette)
            parts.append(
                text((left + right) / 2, y + 20, group.caption, palette.text, SIZE, 400,
                     "middle")
            )  # fmt: skip
        x += BETWEEN - GAP
    y = top + HIGH + 66
    parts += _bracket(EDGE, WIDTH["across"] - EDGE, y, palette)
    parts.append(
        text(WIDTH["across"] / 2, y + 22, caption, palette.text, SIZE, 700, "middle")
    )
    return parts, y + 34


def _down(
    groups: Sequence[Group], caption: str, palette: Palette
) -> tuple[list[str], float]:
    parts: list[str] = []
    right = WIDTH["down"] - EDGE
    y = 0.0
    for group in groups:
        y += 20
        parts.append(text(EDGE, y, group.title, palette.text, SIZE, 600))
        y += 10
        for card in group.cards:
            parts.append(_card(card, EDGE, y, right - EDGE, ROW, palette))
            parts.append(text(EDGE + 10, y + 27, card.name, palette.text, 14, 700))
            for number, words in enumerate(card.lines):
                foot = y + 18 + number * LINE
                parts.append(
                    text(right - 10, foot, words, palette.text, SMALL, 400, "end")
                )
            y += ROW + 6
        if group.caption:
            y += 14
            parts.append(text(EDGE, y, group.caption, palette.text, 14))
            y += 8
    parts.append(line(EDGE, y + 6, right, y + 6, palette.accent, 1.5))
    y += 26
    for words in wrap(caption, int((right - EDGE) / (14 * BOLD))):
        parts.append(text(EDGE, y, words, palette.text, 14, 700))
        y += LINE
    return parts, y

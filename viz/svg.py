"""What drawings share: paper of two widths, words on it, mixed colours."""

from __future__ import annotations

from typing import Literal
from xml.sax.saxutils import escape

from viz.palette import Palette

Direction = Literal["across", "down"]  # from left to right, or downwards for a phone
Anchor = Literal["start", "middle", "end"]

# Font and letter width of the widest common sans-serif, so that labels never collide.
FONT = "'Source Sans 3', 'Source Sans Pro', system-ui, 'Segoe UI', Roboto, sans-serif"
LETTER, BOLD = 0.65, 0.68
WIDTH: dict[Direction, float] = {"across": 880, "down": 350}


def mix(colour: str, other: str, share: float) -> str:
    """`colour` with a share of another; CSS hexadecimal."""
    pairs = ((int(colour[i : i + 2], 16), int(other[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def text(
    x: float,
    y: float,
    words: str,
    colour: str,
    size: float,
    weight: int = 400,
    anchor: Anchor = "start",
) -> str:
    """Words on one line; (x, y) is the foot of their start, middle or end."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" font-size="{size:g}" '
        f'font-weight="{weight}" text-anchor="{anchor}">{escape(words)}</text>'
    )


def rectangle(
    left: float,
    top: float,
    width: float,
    height: float,
    fill: str,
    stroke: str,
    dashed: bool = False,
) -> str:
    """A rectangle with an outline."""
    dash = ' stroke-dasharray="4 3"' if dashed else ""
    return (
        f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" '
        f'height="{height:.1f}" rx="3" fill="{fill}" stroke="{stroke}"{dash}/>'
    )


def line(
    x1: float, y1: float, x2: float, y2: float, colour: str, width: float = 1
) -> str:
    """A straight line."""
    return (
        f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" '
        f'stroke="{colour}" stroke-width="{width:g}"/>'
    )


def paper(
    parts: list[str], width: float, height: float, title: str, palette: Palette
) -> str:
    """What was drawn, on paper of its size and with its title."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:.0f}" '
        f'width="{width:g}" height="{height:.0f}" font-family="{FONT}" role="img">'
        f"<title>{escape(title)}</title>"
        f'<rect width="100%" height="100%" fill="{palette.background}"/>'
        + "".join(parts)
        + "</svg>"
    )

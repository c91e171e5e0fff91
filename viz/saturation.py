"""The pre-activations of a layer drawn over the curve of its function, as SVG."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from viz.palette import Palette

WIDTH, HEIGHT = 168, 112
TOP, BOTTOM, SIDE = 20, 16, 6


def _gelu(x: float) -> float:
    return 0.5 * x * (1 + math.erf(x / math.sqrt(2)))


FUNCTIONS: dict[str, Callable[[float], float]] = {
    "relu": lambda x: max(0.0, x),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "leaky_relu": lambda x: x if x > 0 else 0.2 * x,  # the slope that Keras has
    "gelu": _gelu,
}


def svg(
    title: str,
    histogram: Sequence[int],
    edges: Sequence[float],
    activation: str,
    colour: str,
    palette: Palette,
) -> str:
    """One layer: bars of its pre-activations, the function as a line over them.

    Args:
        histogram: (bins,) counts.
        edges: (bins + 1,) from the smallest to the largest pre-activation shown.
        activation: a key of `FUNCTIONS`; another one (softmax) has no curve.
    """
    low, high = edges[0], edges[-1]
    inner = HEIGHT - TOP - BOTTOM

    def across(value: float) -> float:
        return SIDE + (value - low) / (high - low) * (WIDTH - 2 * SIDE)

    most = max(max(histogram, default=0), 1)
    bars = "".join(
        f'<rect x="{across(left):.1f}" y="{TOP + inner * (1 - count / most):.1f}" '
        f'width="{max(across(right) - across(left) - 0.6, 0.6):.1f}" '
        f'height="{inner * count / most:.1f}"/>'
        for count, left, right in zip(histogram, edges, edges[1:], strict=False)
        if count
    )
    curve = ""
    if function := FUNCTIONS.get(activation):
        places = [low + (high - low) * i / 60 for i in range(61)]
        values = [function(x) for x in places]
        # ReLU and its kin have no end: their line leaves at the top, where x is 3.
        bottom, top = min(values), min(max(values), 3.0)
        path = " ".join(
            f"{across(x):.1f},{TOP + inner * (1 - (y - bottom) / (top - bottom)):.1f}"
            for x, y in zip(places, values, strict=True)
            if y <= top
        )
        curve = f'<polyline points="{path}" fill="none" stroke-width="2.2"/>'
    ground = TOP + inner
    ticks = "".join(
        f'<text x="{across(x):.1f}" y="{HEIGHT - 3}" text-anchor="{anchor}">'
        f"{'−' if x < 0 else ''}{abs(x):g}</text>"
        for x, anchor in ((low, "start"), (0.0, "middle"), (high, "end"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif">'
        f'<text x="{SIDE}" y="13" font-size="12" fill="{palette.text}">'
        f"{escape(title)}</text>"
        f'<line x1="{SIDE}" x2="{WIDTH - SIDE}" y1="{ground}" y2="{ground}" '
        f'stroke="{palette.line}"/>'
        f'<line x1="{across(0):.1f}" x2="{across(0):.1f}" y1="{TOP}" y2="{ground}" '
        f'stroke="{palette.line}"/>'
        f'<g fill="{colour}" fill-opacity="0.55">{bars}</g>'
        f'<g stroke="{palette.text}">{curve}</g>'
        f'<g font-size="10" fill="{palette.muted}">{ticks}</g></svg>'
    )

"""How many times as many epochs, setting by setting: a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite

from viz.palette import PALETTES, Palette, Scheme
from viz.vega import Spec, layer, nominal

ROW = 46  # pixels of a setting
ABOVE = 45  # pixels of the names of the lines
EDGE = ABOVE + 58  # with the axis and its title: Streamlit counts them into the height
LEAST, MOST = 0.2, 20.0  # of the axis, unless a value lies beyond it
TICKS = (0.2, 0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True)
class FactorEstimate:
    """A setting with what was measured of it."""

    setting: str
    mean: float
    low: float
    high: float  # infinite: `mean` and `low` are bounds from below
    text: str  # what stands above the point


@dataclass(frozen=True)
class ReferenceLine:
    """A line down the chart with its name at the top."""

    x: float
    label: str
    kind: str  # "even", "paper" or "guess"


def chart(
    rows: Sequence[FactorEstimate],
    lines: Sequence[ReferenceLine],
    scheme: Scheme,
    x_title: str,
) -> Spec:
    """A point and a range for each setting, on a logarithmic axis.

    A bound has an open triangle that points to where the value lies.

    Args:
        rows: from top to bottom, with settings that are all different.
        lines: what the points are compared with.
    """
    palette = PALETTES[scheme]
    values = [
        {
            "setting": row.setting,
            "mean": row.mean,
            "low": row.low,
            "high": row.mean if row.high == float("inf") else row.high,
            "bound": row.high == float("inf"),
            "text": row.text,
        }
        for row in rows
    ]
    ends = [x for row in rows for x in (row.low, row.high) if isfinite(x)]
    domain = [min([LEAST, *ends]), max([MOST, *ends])]
    x: Spec = {
        "type": "quantitative",
        "title": x_title,
        "scale": {"type": "log", "domain": domain, "nice": False},
        "axis": {"values": TICKS, "grid": True, "gridOpacity": 0.4, "format": "~g"},
    }
    # Names stand above the points: a phone has no room beside them.
    order = [row.setting for row in rows]
    y = nominal("setting", sort=order, title=None, axis=None)
    low_to_high = {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y}
    at, colour = {"x": x | {"field": "mean"}, "y": y}, palette.conv
    point = {"filled": True, "size": 90, "opacity": 1}
    open_end = {"shape": "triangle-right", "filled": False, "size": 130}
    drawn = [
        *_lines(lines, x, palette),
        layer("factors", "rule", low_to_high, strokeWidth=3, color=colour),
        layer("factors", "point", at, color=colour, **point)
        | {"transform": [{"filter": "!datum.bound"}]},
        layer("factors", "point", at, color=colour, strokeWidth=2, **open_end)
        | {"transform": [{"filter": "datum.bound"}]},
    ]
    for field, end, align in zip(
        ("setting", "text"), domain, ("left", "right"), strict=True
    ):
        name = {"x": x | {"datum": end}, "y": y, "text": {"field": field}}
        above = {"align": align, "dy": -15, "fontSize": 12}
        drawn += _text("factors", name, palette, above)
    words = {"labelColor": palette.text, "titleColor": palette.text}
    return {
        "height": ROW * max(len(rows), 1) + EDGE,
        "padding": {"top": ABOVE, "left": 8, "right": 12, "bottom": 4},
        "datasets": {"factors": values},
        "layer": drawn,
        "config": {"axis": words | {"labelFontSize": 12}, "view": {"stroke": None}},
    }


def _lines(lines: Sequence[ReferenceLine], x: Spec, palette: Palette) -> list[Spec]:
    """Each line down the chart, and its name at the top."""
    dashes = {"even": [1, 0], "paper": [6, 4], "guess": [2, 3]}
    colours = {"even": palette.muted, "paper": palette.dense, "guess": palette.accent}
    across = {"x": x | {"field": "x"}}
    drawn: list[Spec] = []
    for number, line in enumerate(lines):
        rule = {"strokeDash": dashes[line.kind], "color": colours[line.kind]}
        name = {"y": -13 - 15 * (number % 2), "fontSize": 12}
        words = across | {"text": {"field": "label"}}
        at = [{"x": line.x, "label": line.label}]
        drawn.append(layer(at, "rule", across, strokeWidth=1.5, **rule))
        drawn += _text(at, words, palette, name)
    return drawn


def _text(
    data: str | Sequence[Spec], encoding: Spec, palette: Palette, options: Spec
) -> list[Spec]:
    """Text over an outline in the colour behind it, which hides the lines there."""
    outline = {"stroke": palette.background, "strokeWidth": 5, "strokeJoin": "round"}
    return [
        layer(data, "text", encoding, **options, **outline),
        layer(data, "text", encoding, **options, color=palette.text),
    ]

"""How many times as many epochs, setting by setting: a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from viz.palette import PALETTES, Scheme

Spec = dict[str, Any]

ROW = 46  # pixels of a setting
ABOVE = 40  # pixels of the names of the lines
EDGE = ABOVE + 58  # with the axis and its title: Streamlit counts them into the height
LEAST, MOST = 0.2, 20.0  # of the axis, unless a value lies beyond it
TICKS = (0.2, 0.5, 1, 2, 5, 10, 20)


@dataclass(frozen=True)
class Row:
    """A setting with what was measured of it."""

    setting: str
    mean: float
    low: float
    high: float  # infinite: `mean` and `low` are bounds from below
    text: str  # what stands above the point


@dataclass(frozen=True)
class Line:
    """A line down the chart with its name at the top."""

    x: float
    label: str
    kind: str  # "even", "paper" or "guess"


def chart(
    rows: Sequence[Row], lines: Sequence[Line], scheme: Scheme, x_title: str
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
    y: Spec = {
        "field": "setting",
        "type": "nominal",
        "sort": [row.setting for row in rows],
        "title": None,
        "axis": None,  # names stand above the points: a phone has no room beside them
    }
    dashes = {"even": [1, 0], "paper": [6, 4], "guess": [2, 3]}
    colours = {"even": palette.muted, "paper": palette.dense, "guess": palette.accent}
    drawn: list[Spec] = []
    for number, line in enumerate(lines):
        at = {"values": [{"x": line.x, "label": line.label}]}
        across = x | {"field": "x"}
        drawn += [
            {
                "data": at,
                "mark": {
                    "type": "rule",
                    "strokeDash": dashes[line.kind],
                    "strokeWidth": 1.5,
                    "color": colours[line.kind],
                },
                "encoding": {"x": across},
            },
            {
                "data": at,
                "mark": {
                    "type": "text",
                    "y": -8 - 15 * (number % 2),
                    "fontSize": 12,
                    "color": palette.text,
                },
                "encoding": {"x": across, "text": {"field": "label"}},
            },
        ]
    named: Spec = {"data": {"name": "factors"}}
    colour = {"color": palette.conv}
    drawn += [
        named
        | {
            "mark": {"type": "rule", "strokeWidth": 3} | colour,
            "encoding": {"x": x | {"field": "low"}, "x2": {"field": "high"}, "y": y},
        },
        named
        | {
            "transform": [{"filter": "!datum.bound"}],
            "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1}
            | colour,
            "encoding": {"x": x | {"field": "mean"}, "y": y},
        },
        named
        | {
            "transform": [{"filter": "datum.bound"}],
            "mark": {
                "type": "point",
                "shape": "triangle-right",
                "filled": False,
                "size": 130,
                "strokeWidth": 2,
            }
            | colour,
            "encoding": {"x": x | {"field": "mean"}, "y": y},
        },
        named | _name(x, y, "setting", domain[0], "left", palette.text),
        named | _name(x, y, "text", domain[1], "right", palette.text),
    ]
    words = {"labelColor": palette.text, "titleColor": palette.text}
    return {
        "height": ROW * max(len(rows), 1) + EDGE,
        "padding": {"top": ABOVE, "left": 8, "right": 12, "bottom": 4},
        "datasets": {"factors": values},
        "layer": drawn,
        "config": {"axis": words | {"labelFontSize": 12}, "view": {"stroke": None}},
    }


def _name(x: Spec, y: Spec, field: str, at: float, align: str, colour: str) -> Spec:
    """Words above each row, at one end of it."""
    return {
        "mark": {
            "type": "text",
            "align": align,
            "dy": -15,
            "fontSize": 12,
            "color": colour,
        },
        "encoding": {"x": x | {"datum": at}, "y": y, "text": {"field": field}},
    }

"""What Vega-Lite specifications have in common: fields, layers, colours by arm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from viz.palette import PALETTES, SERIES, Scheme

Spec = dict[str, Any]
Columns = Mapping[str, Sequence[Any]]

SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("cross", "triangle-down", "triangle-right", "triangle-left"),
)
DASHES = ([1, 0], [7, 4], [2, 3], [9, 3, 2, 3])


def columns(points: Sequence[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    """The named attributes of some points, as one list for each name."""
    return {name: [getattr(point, name) for point in points] for name in names}


def layer(
    data: str | Sequence[Spec], mark: str, encoding: Spec, **options: Any
) -> Spec:
    """One layer: a kind of mark with its options, over some data.

    Args:
        data: the name of a data set, or rows.
    """
    return {
        "data": {"name": data} if isinstance(data, str) else {"values": data},
        "mark": {"type": mark} | options,
        "encoding": encoding,
    }


def quantitative(field: str, title: str | None, **more: Any) -> Spec:
    """A field of numbers, with the title of its axis."""
    return {"field": field, "type": "quantitative", "title": title} | more


def nominal(field: str, **more: Any) -> Spec:
    """A field of names."""
    return {"field": field, "type": "nominal"} | more


def by_arm(arms: Sequence[str], scheme: Scheme, legend: bool = True) -> Spec:
    """Colour and shape by arm, in one legend above the chart."""
    domain, count = list(arms), len(arms)
    shown: Spec | None = {
        "orient": "top",
        "title": None,
        "columns": 2 if max(map(len, domain), default=0) > 12 else 4,
        "labelLimit": 260,
        "symbolSize": 90,
    }
    return {
        channel: nominal(
            "arm",
            scale={"domain": domain, "range": list(values[:count])},
            legend=shown if legend else None,
        )
        for channel, values in (("color", SERIES[scheme]), ("shape", SHAPES))
    }


def dashes_by_arm(arms: Sequence[str]) -> Spec:
    """Dashes by arm: lines that are told apart in grey, too.

    Conditions, not a scale: its dashes would go into the legend, round the shapes.
    """
    conditions = [
        {"test": f"datum.arm === {json.dumps(arm)}", "value": DASHES[i % len(DASHES)]}
        for i, arm in enumerate(arms)
    ]
    return {"strokeDash": {"condition": conditions, "value": DASHES[0]}}


def heading(text: str, scheme: Scheme) -> Spec:
    """A chart's title, over its left end."""
    return {
        "text": text,
        "anchor": "start",
        "frame": "group",
        "fontSize": 14,
        "fontWeight": 600,
        "color": PALETTES[scheme].text,
        "offset": 10,
    }


def localised(spec: Spec, decimal: str, thousands: str, percent: str) -> Spec:
    """A chart whose axes and tips write numbers as a language does.

    Args:
        percent: with the space before it, where there is one.
    """
    number = {
        "decimal": decimal,
        "thousands": thousands,
        "grouping": [3],
        "currency": ["", ""],
        "percent": percent,
    }
    own = {**spec.get("config", {}), "locale": {"number": number}}
    return {**spec, "config": own}


def config(scheme: Scheme, **legend: Any) -> Spec:
    """Words as dark as the page's: Streamlit's own are paler than 4.5 to 1."""
    text = PALETTES[scheme].text
    words = {"labelColor": text, "titleColor": text}
    return {
        "axis": words,
        "legend": {"labelFontSize": 13, **words, **legend},
        "view": {"stroke": None},
    }

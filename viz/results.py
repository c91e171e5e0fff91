"""What a class answered, as bars: Vega-Lite specifications around plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap
from typing import Any

from viz.palette import PALETTES, Palette, Scheme

Spec = dict[str, Any]

ROW = 26  # pixels of a bar and the room about it
LEGEND = 44  # pixels of the legend above the bars
EDGE = 12  # pixels above and below the bars: Streamlit counts them into the height
LINE = 15  # pixels of a line of a label
LETTERS, LINES = 24, 3  # of a label


def _config(palette: Palette) -> Spec:
    return {
        "view": {"stroke": None},
        "axis": {"labelFontSize": 13, "labelColor": palette.text, "grid": False},
        "legend": {"labelFontSize": 13, "labelColor": palette.text},
    }


def _names(field: str, order: Sequence[str]) -> Spec:
    return {
        "field": field,
        "type": "nominal",
        "sort": list(order),
        "title": None,
        "axis": {
            "labelExpr": "split(datum.label, '\\n')",
            "labelLimit": 0,
            "labelOverlap": False,
            "labelLineHeight": LINE,
            "ticks": False,
            "domain": False,
            "labelPadding": 8,
        },
    }


def wrapped(label: str) -> str:
    """A label in lines that leave room for the bars on a telephone."""
    lines = wrap(label, LETTERS, break_on_hyphens=False) or [""]
    if len(lines) > LINES:
        lines = [*lines[: LINES - 1], lines[LINES - 1][: LETTERS - 1] + "…"]
    return "\n".join(lines)


def shares(
    names: Sequence[str],
    counts: Mapping[str, Sequence[int]],
    scheme: Scheme,
) -> Spec:
    """A bar a question, parted into right, partly right and wrong.

    Args:
        names: (questions,) from top to bottom.
        counts: three words, best first, with (questions,) numbers of members each.
    """
    palette = PALETTES[scheme]
    words = list(counts)
    rows = [
        {"name": name, "grade": word, "count": counts[word][at], "order": place}
        for at, name in enumerate(names)
        for place, word in enumerate(words)
    ]
    most = max(
        (sum(counts[w][at] for w in words) for at in range(len(names))), default=1
    )
    x: Spec = {"field": "count", "type": "quantitative", "stack": "zero", "title": None}
    x |= {"scale": {"domain": [0, max(most, 1)]}, "axis": None}
    return {
        "height": ROW * max(len(names), 1) + LEGEND + EDGE,
        "data": {"name": "shares"},
        "datasets": {"shares": rows},
        "encoding": {
            "y": _names("name", names),
            "x": x,
            "order": {"field": "order"},
        },
        "layer": [
            {
                "mark": {"type": "bar", "height": ROW - 8},
                "encoding": {
                    "color": {
                        "field": "grade",
                        "type": "nominal",
                        "scale": {
                            "domain": words,
                            "range": [palette.pool, palette.dense, palette.accent],
                        },
                        "legend": {"orient": "top", "title": None},
                    },
                    "tooltip": [
                        {"field": "name", "title": " "},
                        {"field": "grade", "title": " "},
                        {"field": "count", "title": " "},
                    ],
                },
            },
            {
                "transform": [{"filter": "datum.count > 0"}],
                "mark": {
                    "type": "text",
                    "fontSize": 12,
                    "fontWeight": 700,
                    "color": palette.background,
                },
                "encoding": {
                    "x": x | {"bandPosition": 0.5},
                    "text": {"field": "count"},
                },
            },
        ],
        "config": _config(palette),
    }


def bars(
    labels: Sequence[str],
    counts: Sequence[int],
    right: Sequence[bool],
    scheme: Scheme,
) -> Spec:
    """How often each answer was given; a right one has a tick and a colour of its own.

    Args:
        labels: (answers,) from top to bottom, all different.
        counts: (answers,).
        right: (answers,).
    """
    palette = PALETTES[scheme]
    shown = [
        wrapped(f"✓ {name}" if good else name)
        for name, good in zip(labels, right, strict=True)
    ]
    # Labels that end alike once they are cut would be one bar.
    shown = [name + "\u200b" * shown[:at].count(name) for at, name in enumerate(shown)]
    tall = max((name.count("\n") for name in shown), default=0)
    rows = [
        {"name": name, "count": count, "right": good}
        for name, count, good in zip(shown, counts, right, strict=True)
    ]
    x = {
        "field": "count",
        "type": "quantitative",
        "title": None,
        "axis": None,
        "scale": {"domain": [0, 1.12 * max([*counts, 1])]},
    }
    return {
        "height": (ROW + LINE * tall) * max(len(labels), 1) + EDGE,
        "data": {"name": "bars"},
        "datasets": {"bars": rows},
        "encoding": {"y": _names("name", shown), "x": x},
        "layer": [
            {
                "mark": {"type": "bar", "height": ROW - 8},
                "encoding": {
                    "color": {
                        "field": "right",
                        "type": "nominal",
                        "scale": {
                            "domain": [True, False],
                            "range": [palette.pool, palette.conv],
                        },
                        "legend": None,
                    },
                    "tooltip": [
                        {"field": "name", "title": " "},
                        {"field": "count", "title": " "},
                    ],
                },
            },
            {
                "mark": {
                    "type": "text",
                    "align": "left",
                    "dx": 5,
                    "fontSize": 12,
                    "fontWeight": 600,
                    "color": palette.text,
                },
                "encoding": {"text": {"field": "count"}},
            },
        ],
        "config": _config(palette),
    }

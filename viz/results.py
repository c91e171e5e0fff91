"""What a class answered, as bars: Vega-Lite specifications around plain columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import wrap

from viz.palette import PALETTES, Palette, Scheme
from viz.vega import Spec, layer, nominal, quantitative

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
    axis = {"labelExpr": "split(datum.label, '\\n')", "labelLimit": 0}
    axis |= {"labelOverlap": False, "labelLineHeight": LINE, "labelPadding": 8}
    axis |= {"ticks": False, "domain": False}
    return nominal(field, sort=list(order), title=None, axis=axis)


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
    most = max(most, 1)
    x = quantitative(
        "count", None, stack="zero", scale={"domain": [0, most]}, axis=None
    )
    colours = [palette.pool, palette.dense, palette.accent]
    both = {"y": _names("name", names), "x": x, "order": {"field": "order"}}
    bar = {
        "color": nominal(
            "grade",
            scale={"domain": words, "range": colours},
            # Two a row: three would be wider than a telephone in some languages.
            legend={"orient": "top", "title": None, "columns": 2},
        ),
        "tooltip": [
            {"field": field, "title": " "} for field in ("name", "grade", "count")
        ],
    }
    text = {"x": x | {"bandPosition": 0.5}, "text": {"field": "count"}}
    font = {"fontSize": 12, "fontWeight": 700, "color": palette.background}
    return {
        "height": ROW * max(len(names), 1) + LEGEND + EDGE,
        "datasets": {"shares": rows},
        "encoding": both,
        "layer": [
            layer("shares", "bar", bar, height=ROW - 8),
            layer("shares", "text", text, **font)
            | {"transform": [{"filter": "datum.count > 0"}]},
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
    scale = {"domain": [0, 1.12 * max([*counts, 1])]}
    x = quantitative("count", None, axis=None, scale=scale)
    both = {"y": _names("name", shown), "x": x}
    colours = {"domain": [True, False], "range": [palette.pool, palette.conv]}
    bar = {
        "color": nominal("right", scale=colours, legend=None),
        "tooltip": [{"field": field, "title": " "} for field in ("name", "count")],
    }
    font = {"fontSize": 12, "fontWeight": 600, "color": palette.text}
    text = {"text": {"field": "count"}}
    return {
        "height": (ROW + LINE * tall) * max(len(labels), 1) + EDGE,
        "datasets": {"bars": rows},
        "encoding": both,
        "layer": [
            layer("bars", "bar", bar, height=ROW - 8),
            layer("bars", "text", text, align="left", dx=5, **font),
        ],
        "config": _config(palette),
    }


def gains(
    names: Sequence[str],
    values: Sequence[float],
    intervals: Sequence[tuple[float, float]],
    title: str,
    scheme: Scheme,
) -> Spec:
    """A dot a concept, with the line of its interval, about a line at 0.

    Args:
        names: (concepts,) from top to bottom, all different.
        values: (concepts,) percentage points, -100 to 100.
        intervals: (concepts,) the lowest and the highest of each.
        title: of the axis.
    """
    palette = PALETTES[scheme]
    shown = [wrapped(name) for name in names]
    tall = max((name.count("\n") for name in shown), default=0)
    rows = [
        {"name": name, "gain": round(value), "low": round(low), "high": round(high)}
        for name, value, (low, high) in zip(shown, values, intervals, strict=True)
    ]
    axis = {"values": [-100, -50, 0, 50, 100], "titleColor": palette.text}
    scale = {"domain": [-100, 100]}
    names_axis = _names("name", shown)
    low = quantitative("low", title, scale=scale, axis=axis)
    tips = [{"field": x, "title": x} for x in ("name", "gain", "low", "high")]
    return {
        "height": (ROW + LINE * tall) * max(len(names), 1) + EDGE,
        "datasets": {"gains": rows, "zero": [{"low": 0}]},
        "layer": [
            layer("zero", "rule", {"x": low}, color=palette.muted, strokeDash=[4, 4]),
            layer(
                "gains",
                "rule",
                {"y": names_axis, "x": low, "x2": {"field": "high"}},
                color=palette.conv,
                strokeWidth=2,
            ),
            layer(
                "gains",
                "point",
                {
                    "y": names_axis,
                    "x": quantitative("gain", title, scale=scale, axis=axis),
                    "tooltip": tips,
                },
                color=palette.conv,
                filled=True,
                size=90,
            ),
        ],
        "config": _config(palette),
    }

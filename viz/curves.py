"""Charts that the browser draws: Vega-Lite specifications around plain columns.

What changes while a network trains is in `datasets`; the rest of a specification stays
the same, so that the browser moves the points and need not build the chart anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Any, Literal

from viz.palette import PALETTES, SERIES, Scheme

Spec = dict[str, Any]
Columns = Mapping[str, Sequence[Any]]

SHAPES = (
    *("circle", "square", "triangle-up", "diamond"),
    *("cross", "triangle-down", "triangle-right", "triangle-left"),
)
DASHES = ([1, 0], [7, 4], [2, 3], [9, 3, 2, 3])


@dataclass(frozen=True)
class Point:
    """One point of a curve."""

    x: float
    y: float
    arm: str  # gives colour and shape
    line: str = ""  # gives the dashes: live, recorded, another run
    run: str = ""  # points of different runs are never joined


@dataclass(frozen=True)
class Band:
    """From where to where some curves lie at one place."""

    x: float
    low: float
    high: float
    arm: str


@dataclass(frozen=True)
class Frame:
    """How far the axes of a chart reach, whatever is drawn: across from 0."""

    far: float
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Mark:
    """A place on the chart with words."""

    x: float
    y: float
    label: str


def _columns(points: Sequence[Any], names: Sequence[str]) -> dict[str, list[Any]]:
    return {name: [getattr(point, name) for point in points] for name in names}


def _axis(field: str, title: str | None, **more: Any) -> Spec:
    return {"field": field, "type": "quantitative", "title": title} | more


def _title(text: str, scheme: Scheme) -> Spec:
    return {
        "text": text,
        "anchor": "start",
        "frame": "group",
        "fontSize": 14,
        "fontWeight": 600,
        "color": PALETTES[scheme].text,
        "offset": 10,
    }


def _colour(arms: Sequence[str], scheme: Scheme, legend: bool = True) -> Spec:
    """Colour and shape by arm, in one legend above the chart."""
    domain = list(arms)
    say: Spec | None = {
        "orient": "top",
        "title": None,
        "columns": 2 if max(map(len, domain), default=0) > 12 else 4,
        "labelLimit": 260,
        "symbolSize": 90,
    }
    say = say if legend else None
    return {
        "color": {
            "field": "arm",
            "type": "nominal",
            "scale": {"domain": domain, "range": list(SERIES[scheme][: len(domain)])},
            "legend": say,
        },
        "shape": {
            "field": "arm",
            "type": "nominal",
            "scale": {"domain": domain, "range": list(SHAPES[: len(domain)])},
            "legend": say,
        },
    }


def _dash(arms: Sequence[str]) -> Spec:
    """Dashes by arm: lines that are told apart in grey, too.

    Conditions, not a scale: its dashes would go into the legend, round the shapes.
    """
    conditions = [
        {"test": f"datum.arm === {json.dumps(arm)}", "value": DASHES[i % len(DASHES)]}
        for i, arm in enumerate(arms)
    ]
    return {"strokeDash": {"condition": conditions, "value": DASHES[0]}}


def _config(scheme: Scheme, **legend: Any) -> Spec:
    """Words as dark as the page's: Streamlit's own are paler than 4.5 to 1."""
    text = PALETTES[scheme].text
    words = {"labelColor": text, "titleColor": text}
    return {
        "axis": words,
        "legend": {"labelFontSize": 13, **words, **legend},
        "view": {"stroke": None},
    }


def _axes(x_title: str, zero: bool, frame: Frame | None) -> Spec:
    """Both axes of curves: as far as what is drawn, or as the frame says."""
    across: Spec = {"domainMin": 0, "nice": True}
    up: Spec = {"zero": zero, "nice": True}
    if frame is not None:
        across = {"domain": [0, frame.far], "nice": False}
        up = {"domain": [frame.low, frame.high], "nice": False, "zero": False}
    x_axis = {"grid": False, "tickMinStep": 1, "labelOverlap": True, "format": ",~f"}
    return {
        "x": _axis("x", x_title, scale=across, axis=x_axis),
        # Its title is above the chart, where there is room for words.
        "y": _axis("y", None, scale=up, axis={"format": "~%", "tickCount": 5}),
    }


def _dashed(kinds: Sequence[str], legend: bool) -> Spec:
    """Dashes by `Point.line`, and a legend of them."""
    dashes = [DASHES[i % len(DASHES)] for i in range(len(kinds))]
    say = {"orient": "top", "title": None, "labelLimit": 300, "columns": 1,
           "symbolType": "stroke", "symbolSize": 300}  # fmt: skip
    return {
        "strokeDash": {
            "field": "line",
            "type": "nominal",
            "scale": {"domain": list(kinds), "range": dashes},
            "legend": say if legend else None,
        }
    }


def lines(
    points: Sequence[Point],
    arms: Sequence[str],
    scheme: Scheme,
    *,
    x_title: str,
    y_title: str,
    height: int = 320,
    legend: bool = True,
    target: tuple[float, str] | None = None,
    baseline: tuple[float, str] | None = None,
    marks: Sequence[Mark] = (),
    kinds: Sequence[str] = (),
    zero: bool = True,
    thin: bool = False,
    bands: Sequence[Band] = (),
    frame: Frame | None = None,
) -> Spec:
    """Curves over passes, seconds or steps; y is a share and shown in per cent.

    Args:
        arms: labels in their order: it gives the colours.
        target: a dashed line across, and its label.
        baseline: another one, with its label at the right end.
        marks: what was guessed.
        kinds: values of `Point.line`, in order; more than one gives a legend of dashes.
        thin: many runs: finer lines, no points.
        bands: ranges, drawn as areas below the curves.
        frame: axes that stay as they are while points are added.
    """
    palette = PALETTES[scheme]
    colour = _colour(arms, scheme, legend)
    both = _axes(x_title, zero, frame)
    dashed = _dashed(kinds, legend) if len(kinds) > 1 else _dash(arms)
    named: Spec = {"data": {"name": "points"}}
    tip = [
        {"field": "arm", "title": " "},
        {"field": "x", "title": x_title, "format": ".2f"},
        {"field": "y", "title": y_title, "format": ".1%"},
    ]
    drawn: list[Spec] = [
        named
        | {
            "mark": {"type": "line", "strokeWidth": 1.2 if thin else 2.4, "clip": True},
            "encoding": both
            | {"color": colour["color"], "detail": {"field": "run"}}
            | dashed,
        }
    ]
    if not thin:
        drawn.append(
            named
            | {
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 60,
                    "opacity": 1,
                    "clip": frame is not None,
                },
                "encoding": both | colour | {"tooltip": tip},
            }
        )
    datasets: dict[str, Any] = {
        "points": _columns(points, ("x", "y", "arm", "line", "run"))
    }
    if bands:
        datasets["bands"] = _columns(bands, ("x", "low", "high", "arm"))
        drawn.insert(
            0,
            {
                "data": {"name": "bands"},
                "mark": {"type": "area", "opacity": 0.22, "clip": True},
                "encoding": {"x": both["x"], "color": colour["color"],
                             "y": both["y"] | {"field": "low"},
                             "y2": {"field": "high"}},
            },
        )  # fmt: skip
    for name, level, end in (("target", target, "left"), ("base", baseline, "right")):
        if level is not None:
            datasets[name] = {"y": [level[0]], "label": [level[1]]}
            drawn += _level(name, both["y"], palette.muted, end)
    datasets["marks"] = _columns(marks, ("x", "y", "label"))
    if marks:
        here = {"data": {"name": "marks"}}
        drawn.append(
            here
            | {
                "mark": {"type": "point", "shape": "diamond", "size": 190,
                         "strokeWidth": 2.4, "color": palette.accent, "opacity": 1},
                "encoding": {"x": both["x"], "y": both["y"]},
            }
        )  # fmt: skip
        drawn.append(
            here
            | {
                "mark": {"type": "text", "align": "right", "dx": 8, "dy": -18,
                         "color": palette.accent, "fontSize": 12, "fontWeight": 600},
                "encoding": {"x": both["x"], "y": both["y"],
                             "text": {"field": "label"}},
            }
        )  # fmt: skip
    return {
        "title": _title(y_title, scheme),
        "height": height,
        "layer": drawn,
        "datasets": datasets,
        # Points have shapes, lines have none: one legend for both.
        "resolve": {"legend": {"color": "shared"}},
        # An area's symbol would be as faint as the area.
        "config": _config(scheme, symbolOpacity=1),
    }


def _level(name: str, y: Spec, colour: str, end: str) -> list[Spec]:
    """A dashed line across the whole chart, with its words at one end."""
    here: Spec = {"data": {"name": name}}
    x: Spec = {"value": 0} if end == "left" else {"value": "width"}
    dashes = [6, 4] if end == "left" else [2, 3]
    return [
        here
        | {
            "mark": {"type": "rule", "strokeDash": dashes, "color": colour},
            "encoding": {"y": y},
        },
        here
        | {
            "mark": {"type": "text", "align": end, "baseline": "top",
                     "dx": 4 if end == "left" else -4, "dy": 4,
                     "color": colour, "fontSize": 12},
            "encoding": {"y": y, "x": x, "text": {"field": "label"}},
        },
    ]  # fmt: skip


@dataclass(frozen=True)
class Rate:
    """One rate of a sweep."""

    x: float  # the learning rate
    y: float | None  # what came of it; None: the target was not reached
    arm: str
    best: bool = False
    label: str = ""  # said when it is pointed at


def sweep(
    rates: Sequence[Rate],
    arms: Sequence[str],
    scheme: Scheme,
    *,
    x_title: str,
    y_title: str,
    missing: str,
    share: bool,
    every: Sequence[float] = (),
    most: float | None = None,
    height: int = 320,
) -> Spec:
    """What came of each learning rate, on a log axis: a line an arm, the best ringed.

    Args:
        missing: says of the open symbols along the top that they are not there.
        share: y is a share, shown in per cent; else it is a number of passes.
        every: all rates, rising, that the axis has from the start.
        most: how high it reaches from the start.
    """
    palette, colour = PALETTES[scheme], _colour(arms, scheme)
    there = [rate for rate in rates if rate.y is not None]
    away = [rate for rate in rates if rate.y is None]
    every = list(every) or sorted({rate.x for rate in rates}) or [0.01]
    x = _axis(
        "x",
        x_title,
        scale={"type": "log", "domain": [every[0] / 1.4, every[-1] * 1.4],
               "nice": False},
        axis={"values": every, "format": "~g", "grid": False, "labelOverlap": True},
    )  # fmt: skip
    top = most or max((rate.y or 0.0 for rate in there), default=1.0)
    # Room along the top for those that are not there, or may not be.
    room = 1.3 if away or most else 1.08
    scale: Spec = {"domain": [0, top * room or 1.0], "nice": False}
    y = _axis(
        "y",
        None,
        scale=scale,
        # No tick beside those that are not there: they have no number.
        axis={"values": _ticks(top)} | ({"format": "~%"} if share else {}),
    )
    tip = [{"field": "label", "title": " "}]
    drawn: list[Spec] = [
        {
            "data": {"name": "there"},
            "mark": {"type": "line", "strokeWidth": 2},
            "encoding": {"x": x, "y": y, "color": colour["color"]} | _dash(arms),
        },
        {
            "data": {"name": "there"},
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1},
            "encoding": {"x": x, "y": y, "tooltip": tip} | colour,
        },
    ]
    for name, where in (("best", y), ("best away", {"value": 14})):
        drawn.append(
            {
                "data": {"name": name},
                "mark": {"type": "point", "shape": "circle", "size": 330,
                         "strokeWidth": 2.4, "filled": False, "opacity": 1,
                         "color": palette.text},
                "encoding": {"x": x, "y": where},
            }
        )  # fmt: skip
    if away:
        drawn += [
            {
                "data": {"name": "away"},
                "mark": {"type": "point", "filled": False, "size": 70,
                         "strokeWidth": 2, "opacity": 1},
                "encoding": {"x": x, "y": {"value": 14}, "tooltip": tip} | colour,
            },
            {
                "data": {"name": "missing"},
                "mark": {"type": "text", "align": "left", "dx": 4, "dy": -14,
                         "color": palette.muted, "fontSize": 12},
                "encoding": {"x": {"value": 0}, "y": {"value": 14},
                             "text": {"field": "label"}},
            },
        ]  # fmt: skip
    names = ("x", "y", "arm", "label")
    return {
        "title": _title(y_title, scheme),
        "height": height,
        "layer": drawn,
        "datasets": {
            "there": _columns(there, names),
            "away": _columns(away, names),
            "best": _columns([rate for rate in there if rate.best], names),
            "best away": _columns([rate for rate in away if rate.best], names),
            "missing": {"label": [missing]},
        },
        "resolve": {"legend": {"color": "shared"}},
        "config": _config(scheme),
    }


def _ticks(top: float) -> list[float]:
    """About five round numbers from 0 up to `top`."""
    rough = max(top, 1e-6) / 5
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= rough)
    return [round(i * step, 10) for i in range(floor(top / step) + 1)]


def layers(
    columns: Columns,
    arms: Sequence[str],
    scheme: Scheme,
    *,
    title: str,
    scale: Literal["log", "share"],
    height: int = 330,
) -> Spec:
    """One number a layer and arm, layers from left (input) to right (output).

    Args:
        columns: layer, value, arm.
    """
    values = columns["value"]
    axis: Spec
    if scale == "log":
        low, high = floor(log10(min(values))), ceil(log10(max(values)))
        every = max(1, (high - low) // 5)
        powers = [10.0**k for k in range(low, high + 1, every)]
        span: Spec = {"type": "log", "domain": [10.0**low, 10.0 ** max(high, low + 1)]}
        axis = {"format": ".0e", "values": powers}
    else:
        span, axis = {"domain": [0, 1]}, {"format": "~%", "tickCount": 5}
    y = _axis("value", None, scale=span, axis=axis)
    encoding = {
        "x": {"field": "layer", "type": "ordinal", "sort": None, "title": None,
              "axis": {"labelAngle": 0, "labelOverlap": True}},
        "y": y,
    }  # fmt: skip
    colour = _colour(arms, scheme)
    tip = [
        {"field": "arm", "title": " "},
        {"field": "layer", "title": " "},
        {
            "field": "value",
            "title": title,
            "format": ".2%" if scale == "share" else ".2e",
        },
    ]
    return {
        "title": _title(title, scheme),
        "height": height,
        "data": {"name": "layers"},
        "datasets": {"layers": dict(columns)},
        "layer": [
            {"mark": {"type": "line", "strokeWidth": 2},
             "encoding": encoding | {"color": colour["color"]} | _dash(arms)},
            {"mark": {"type": "point", "filled": True, "size": 80, "opacity": 1},
             "encoding": encoding | colour | {"tooltip": tip}},
        ],
        "config": _config(scheme),
    }  # fmt: skip


def answers(
    columns: Columns,
    scheme: Scheme,
    *,
    masked: str,
    without: str,
    title: str,
    classes: int,
) -> Spec:
    """One picture's probabilities, class by class: under each mask, and under none.

    Args:
        columns: name (of the class), value, kind (`masked` or `without`).
    """
    palette = PALETTES[scheme]
    both = {
        "x": _axis(
            "value",
            title,
            scale={"domain": [0, 1]},
            axis={"format": "~%", "tickCount": 5},
        ),
        "y": {
            "field": "name",
            "type": "nominal",
            "sort": None,
            "title": None,
            "axis": {"labelLimit": 120},
        },
        "color": {
            "field": "kind",
            "type": "nominal",
            "scale": {
                "domain": [masked, without],
                "range": [SERIES[scheme][0], palette.accent],
            },
            "legend": {"orient": "top", "title": None, "columns": 1, "labelLimit": 320},
        },
    }

    def only(kind: str) -> list[Spec]:
        return [{"filter": {"field": "kind", "equal": kind}}]

    return {
        "height": 30 * classes + 130,
        "data": {"name": "answers"},
        "datasets": {"answers": dict(columns)},
        "encoding": both,
        "layer": [
            {
                "transform": only(masked),
                "mark": {"type": "point", "size": 50, "strokeWidth": 2},
            },
            {
                "transform": only(without),
                "mark": {"type": "tick", "thickness": 4, "size": 22},
            },
        ],
        "config": _config(scheme),
    }

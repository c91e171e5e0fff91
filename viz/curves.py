"""Charts that the browser draws: Vega-Lite specifications around plain columns.

What changes while a network trains is in `datasets`; the rest of a specification stays
the same, so that the browser moves the points and need not build the chart again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, log10
from typing import Literal

from viz.palette import PALETTES, SERIES, Scheme
from viz.vega import (
    DASHES,
    Columns,
    Spec,
    by_arm,
    columns,
    config,
    dashes_by_arm,
    heading,
    layer,
    nominal,
    quantitative,
)


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
class AxisLimits:
    """How far the axes of a chart reach, whatever is drawn: across from 0."""

    far: float
    low: float = 0.0
    high: float = 1.0


@dataclass(frozen=True)
class Curves:
    """Curves over epochs, seconds or steps, and what they are compared with."""

    points: Sequence[Point]  # y is a share, shown in per cent
    arms: Sequence[str]  # labels in their order: it gives the colours
    # Values of `Point.line`, in order; more than one gives a legend of dashes.
    kinds: Sequence[str] = ()
    bands: Sequence[Band] = ()  # drawn as areas below the curves
    target: tuple[float, str] | None = None  # a dashed line across, and its label
    baseline: tuple[float, str] | None = None  # another, with its label at the right


@dataclass(frozen=True)
class Look:
    """How curves are drawn."""

    x_title: str
    y_title: str
    height: int = 320  # pixels
    legend: bool = True
    thin: bool = False  # many runs: finer lines, no points
    frame: AxisLimits | None = None  # axes that stay as they are while points are added


def lines(shown: Curves, look: Look, scheme: Scheme) -> Spec:
    """The chart of some curves."""
    palette, arms, kinds = PALETTES[scheme], shown.arms, shown.kinds
    colour = by_arm(arms, scheme, look.legend)
    axes = _axes(look.x_title, look.frame)
    dashes = _dashes(kinds, look.legend) if len(kinds) > 1 else dashes_by_arm(arms)
    line = axes | {"color": colour["color"], "detail": {"field": "run"}} | dashes
    width = 1.2 if look.thin else 2.4
    drawn = [layer("points", "line", line, strokeWidth=width, clip=True)]
    names = ("x", "y", "arm", "line", "run")
    datasets: Spec = {"points": columns(shown.points, names)}
    if not look.thin:
        tip = [
            {"field": "arm", "title": " "},
            {"field": "x", "title": look.x_title, "format": ".2f"},
            {"field": "y", "title": look.y_title, "format": ".1%"},
        ]
        point = {"filled": True, "size": 60, "opacity": 1}
        point |= {"clip": look.frame is not None}
        drawn.append(
            layer("points", "point", axes | colour | {"tooltip": tip}, **point)
        )
    if shown.bands:
        datasets["bands"] = columns(shown.bands, ("x", "low", "high", "arm"))
        y = {"y": axes["y"] | {"field": "low"}, "y2": {"field": "high"}}
        area = {"x": axes["x"], "color": colour["color"]} | y
        drawn.insert(0, layer("bands", "area", area, opacity=0.22, clip=True))
    for name, level in (("target", shown.target), ("base", shown.baseline)):
        if level is not None:
            datasets[name] = {"y": [level[0]], "label": [level[1]]}
            drawn += _level(name, axes["y"], palette.muted)
    return {
        "title": heading(look.y_title, scheme),
        "height": look.height,
        "layer": drawn,
        "datasets": datasets,
        # Points have shapes, lines have none: one legend for both.
        "resolve": {"legend": {"color": "shared"}},
        # An area's symbol would be as faint as the area.
        "config": config(scheme, symbolOpacity=1),
    }


def _axes(x_title: str, frame: AxisLimits | None) -> Spec:
    """Both axes of curves: their range is the data's, or the frame's."""
    across: Spec = {"domainMin": 0, "nice": True}
    up: Spec = {"zero": True, "nice": True}
    if frame is not None:
        across = {"domain": [0, frame.far], "nice": False}
        up = {"domain": [frame.low, frame.high], "nice": False, "zero": False}
    x_axis = {"grid": False, "tickMinStep": 1, "labelOverlap": True, "format": ",~f"}
    return {
        "x": quantitative("x", x_title, scale=across, axis=x_axis),
        # Its title is above the chart, where there is room for words.
        "y": quantitative("y", None, scale=up, axis={"format": "~%", "tickCount": 5}),
    }


def _dashes(kinds: Sequence[str], legend: bool) -> Spec:
    """Dashes by `Point.line`, and a legend of them."""
    dashes = [DASHES[i % len(DASHES)] for i in range(len(kinds))]
    shown = {"orient": "top", "title": None, "labelLimit": 300, "columns": 1}
    shown |= {"symbolType": "stroke", "symbolSize": 300}
    scale = {"domain": list(kinds), "range": dashes}
    field = nominal("line", scale=scale, legend=shown if legend else None)
    return {"strokeDash": field}


def _level(name: str, y: Spec, colour: str) -> list[Spec]:
    """A dashed line across the whole chart, with its words at one end."""
    left = name == "target"
    words = {"y": y, "x": {"value": 0 if left else "width"}, "text": {"field": "label"}}
    at = {"align": "left" if left else "right", "dx": 4 if left else -4}
    at |= {"baseline": "top", "dy": 4, "fontSize": 12}
    dashes = [6, 4] if left else [2, 3]
    return [
        layer(name, "rule", {"y": y}, strokeDash=dashes, color=colour),
        layer(name, "text", words, color=colour, **at),
    ]


def layers(
    values: Columns,
    arms: Sequence[str],
    scheme: Scheme,
    *,
    title: str,
    scale: Literal["log", "share"],
    height: int = 330,
) -> Spec:
    """One number a layer and arm, layers from left (input) to right (output).

    Args:
        values: layer, value, arm.
    """
    axis: Spec
    if scale == "log":
        numbers = values["value"]
        low, high = floor(log10(min(numbers))), ceil(log10(max(numbers)))
        every = max(1, (high - low) // 5)
        powers = [10.0**k for k in range(low, high + 1, every)]
        span: Spec = {"type": "log", "domain": [10.0**low, 10.0 ** max(high, low + 1)]}
        axis = {"format": ".0e", "values": powers}
    else:
        span, axis = {"domain": [0, 1]}, {"format": "~%", "tickCount": 5}
    along = {"labelAngle": 0, "labelOverlap": True}
    x = {"field": "layer", "type": "ordinal", "sort": None, "title": None}
    both = {"x": x | {"axis": along}}
    both["y"] = quantitative("value", None, scale=span, axis=axis)
    colour = by_arm(arms, scheme)
    tip = [{"field": "arm", "title": " "}, {"field": "layer", "title": " "}]
    number = ".2%" if scale == "share" else ".2e"
    tip.append({"field": "value", "title": title, "format": number})
    line = both | {"color": colour["color"]} | dashes_by_arm(arms)
    point = both | colour | {"tooltip": tip}
    return {
        "title": heading(title, scheme),
        "height": height,
        "datasets": {"layers": dict(values)},
        "layer": [
            layer("layers", "line", line, strokeWidth=2),
            layer("layers", "point", point, filled=True, size=80, opacity=1),
        ],
        "config": config(scheme),
    }


def answers(
    values: Columns,
    scheme: Scheme,
    *,
    masked: str,
    without: str,
    title: str,
    classes: int,
) -> Spec:
    """One picture's probabilities, class by class: under each mask, and under none.

    Args:
        values: name (of the class), value, kind (`masked` or `without`).
    """
    axis = {"format": "~%", "tickCount": 5}
    colours = [SERIES[scheme][0], PALETTES[scheme].accent]
    both = {
        "x": quantitative("value", title, scale={"domain": [0, 1]}, axis=axis),
        "y": nominal("name", sort=None, title=None, axis={"labelLimit": 120}),
        "color": nominal(
            "kind",
            scale={"domain": [masked, without], "range": colours},
            legend={"orient": "top", "title": None, "columns": 1, "labelLimit": 320},
        ),
    }

    def only(kind: str) -> Spec:
        return {"transform": [{"filter": {"field": "kind", "equal": kind}}]}

    return {
        "height": 30 * classes + 130,
        "datasets": {"answers": dict(values)},
        "layer": [
            layer("answers", "point", both, size=50, strokeWidth=2) | only(masked),
            layer("answers", "tick", both, thickness=4, size=22) | only(without),
        ],
        "config": config(scheme),
    }

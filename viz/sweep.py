"""What came of each learning rate: a Vega-Lite specification."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from viz.palette import PALETTES, Scheme
from viz.vega import (
    Spec,
    by_arm,
    columns,
    config,
    dashes_by_arm,
    heading,
    layer,
    quantitative,
)


@dataclass(frozen=True)
class Rate:
    """One rate of a sweep."""

    x: float  # the learning rate
    y: float | None  # what came of it; None: the target was not reached
    arm: str
    best: bool = False
    label: str = ""  # said when it is pointed at


@dataclass(frozen=True)
class Titles:
    """The words on the chart."""

    x: str
    y: str
    missing: str  # says of the open symbols along the top that they are not there


def sweep(
    rates: Sequence[Rate],
    arms: Sequence[str],
    scheme: Scheme,
    titles: Titles,
    *,
    share: bool,
    every: Sequence[float] = (),
    most: float | None = None,
) -> Spec:
    """What came of each learning rate, on a log axis: a line an arm, the best ringed.

    Args:
        share: y is a share, shown in per cent; else it is a number of epochs.
        every: all rates, rising, that the axis has from the start.
        most: how high it reaches from the start.
    """
    palette, colour = PALETTES[scheme], by_arm(arms, scheme)
    there = [rate for rate in rates if rate.y is not None]
    away = [rate for rate in rates if rate.y is None]
    x = _across(titles.x, list(every) or sorted({rate.x for rate in rates}) or [0.01])
    top = most or max((rate.y or 0.0 for rate in there), default=1.0)
    # Room along the top for those that are not there, or may not be.
    y = _up(top, 1.3 if away or most else 1.08, share)
    along_top = {"value": 14}
    tip = {"tooltip": [{"field": "label", "title": " "}]}
    line = {"x": x, "y": y, "color": colour["color"]} | dashes_by_arm(arms)
    point = {"x": x, "y": y} | tip | colour
    drawn = [
        layer("there", "line", line, strokeWidth=2),
        layer("there", "point", point, filled=True, size=70, opacity=1),
    ]
    ring = {"shape": "circle", "size": 330, "strokeWidth": 2.4, "filled": False}
    ring |= {"opacity": 1, "color": palette.text}
    for name, where in (("best", y), ("best away", along_top)):
        drawn.append(layer(name, "point", {"x": x, "y": where}, **ring))
    if away:
        point = {"x": x, "y": along_top} | tip | colour
        words = {"x": {"value": 0}, "y": along_top, "text": {"field": "label"}}
        text = {"align": "left", "dx": 4, "dy": -14, "fontSize": 12}
        drawn += [
            layer("away", "point", point, filled=False, size=70, strokeWidth=2,
                  opacity=1),
            layer("missing", "text", words, color=palette.muted, **text),
        ]  # fmt: skip
    names = ("x", "y", "arm", "label")
    return {
        "title": heading(titles.y, scheme),
        "height": 320,
        "layer": drawn,
        "datasets": {
            "there": columns(there, names),
            "away": columns(away, names),
            "best": columns([rate for rate in there if rate.best], names),
            "best away": columns([rate for rate in away if rate.best], names),
            "missing": {"label": [titles.missing]},
        },
        "resolve": {"legend": {"color": "shared"}},
        "config": config(scheme),
    }


def _across(words: str, every: Sequence[float]) -> Spec:
    """The axis of rates, logarithmic, with a tick for each."""
    scale = {"type": "log", "domain": [every[0] / 1.4, every[-1] * 1.4], "nice": False}
    axis = {"values": every, "format": "~g", "grid": False, "labelOverlap": True}
    return quantitative("x", words, scale=scale, axis=axis)


def _up(top: float, room: float, share: bool) -> Spec:
    """The other axis, without a tick for missing values."""
    scale = {"domain": [0, top * room or 1.0], "nice": False}
    axis = {"values": _ticks(top)} | ({"format": "~%"} if share else {})
    return quantitative("y", None, scale=scale, axis=axis)


def _ticks(top: float) -> list[float]:
    """About five round numbers from 0 up to `top`."""
    rough = max(top, 1e-6) / 5
    unit = 10.0 ** floor(log10(rough))
    step = next(unit * k for k in (1, 2, 5, 10) if unit * k >= rough)
    return [round(i * step, 10) for i in range(floor(top / step) + 1)]

"""A network drawn to scale, as an SVG: from left to right, or downwards for a phone.

All drawings made with one `Scale` can be compared. The coloured square on a block is
the next layer's filter, on the same scale.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from model.network import shapes
from model.network.specs import Activation, Conv, Dense, Normalise, Pool, Spec
from viz.blocks import (
    BAR,
    DEPTH,
    LEGEND,
    LINE,
    NAME,
    SMALL,
    DrawnLayer,
    Scale,
    bar,
    block,
    cone,
    filter_window,
    measured,
    polygon,
    scale_bars,
    scale_for,
    size_words,
    tower_shift,
)
from viz.palette import Palette
from viz.svg import WIDTH, Direction, mix, paper, text

Labels = Mapping[str, str]
ROUND = ' rx="1.5"'  # the corners of a dense layer's bar


def _pairs(groups: int, before: int, here: int) -> list[tuple[int, int]]:
    """Which tower is read by which: its own where the convolution has groups."""
    if groups > 1:
        return [(i, i) for i in range(here)]
    return [(i, j) for i in range(before) for j in range(here)]


def _legend_span(items: list[DrawnLayer]) -> tuple[float, float]:
    """Where the legend starts and ends: over the second convolution and beyond."""
    start = next(item.x for item in items if item.name == "conv2")
    return start - 10, start + 240


def _place_across(items: list[DrawnLayer], legend: Labels | None) -> float:
    """Sets every x and floor; returns the lowest floor."""
    gap = 15.0
    x = left = 4.0
    below = above = left  # where the next label under and over the blocks may start
    for item in items:
        starts = {"pool": above, "conv": below}
        item.x = x = max(x, starts.get(item.kind, max(above, below)))
        ends = x + item.label_width + 10
        if item.kind == "pool":
            above = ends
        else:
            below = ends
        x += item.right + gap
    last = items[-1]
    spare = WIDTH["across"] - left - last.x - last.width
    for place, item in enumerate(items):
        item.x += max(0.0, spare) * place / (len(items) - 1)
    split = [item.height for item in items if item.towers > 1]
    storey = max(split, default=0) + 26
    for item in items:
        item.y = [-tower * storey for tower in range(item.towers)]
    floor = max(item.reach - item.y[-1] for item in items) + 6
    if legend:  # it hangs in the sky over the small maps
        start, end = _legend_span(items)
        under = (item for item in items if item.x < end and item.x + item.width > start)
        low = max((item.reach - item.y[-1] for item in under), default=0.0)
        floor = max(floor, low + LEGEND + 12)
    for item in items:
        item.y = [floor + y for y in item.y]
    return floor


def _links(items: list[DrawnLayer], palette: Palette) -> tuple[list[str], list[str]]:
    """Behind the blocks: full connections. In front: filters and where they answer."""
    behind, front = [], []
    for before, item in pairwise(items):
        if item.kind == "conv":
            for i, j in _pairs(item.groups, before.towers, item.towers):
                to = (item.x + tower_shift(item, j), item.y[j] - item.side / 2)
                front += cone(filter_window(before, i, item.kernel), to, palette)
        elif item.kind == "dense":
            for tower in range(before.towers):
                floor = before.y[tower]
                lift = 0.0 if before.length else before.side * DEPTH[1]
                start = before.x + before.right
                behind.append(
                    polygon(
                        [
                            (start, floor - lift),
                            (start, floor - before.height),
                            (item.x, item.y[0] - item.length),
                            (item.x, item.y[0]),
                        ],
                        mix(palette.line, palette.background, 0.45),
                        "none",
                        ' fill-opacity="0.6"',
                    )
                )
    return behind, front


def _across(
    items: list[DrawnLayer], palette: Palette, scale: Scale, legend: Labels | None
) -> tuple[list[str], float]:
    """The drawing from left to right, and its height."""
    floor = _place_across(items, legend)
    behind, front = _links(items, palette)
    parts = list(behind)
    for item in items:
        if item.kind == "dense":
            top = floor - item.length
            parts.append(bar(item.x, top, BAR, item.length, palette.dense, ROUND))
        for tower in reversed(range(item.towers if item.kind != "dense" else 0)):
            parts += block(item, tower, palette)
    parts += front
    under = floor + 22
    for item in items:
        y = under
        if item.kind == "pool":  # over the block, where there is room
            y = item.y[-1] - item.height - 8 - len(item.labels) * LINE
        parts.append(text(item.x, y, item.name, palette.text, NAME, 650))
        for number, words in enumerate(item.labels, 1):
            parts.append(text(item.x, y + number * LINE, words, palette.muted, SMALL))
        y += len(item.labels) * LINE
        for name in item.normalised:
            y += LINE
            parts.append(text(item.x, y, name, palette.normalise, SMALL, 650))
        top = item.y[-1] - item.reach
        bottom = floor + 4 if item.kind == "pool" else y + 4
        item.box = (item.x, top, item.width, bottom - top)
    if legend:
        start, _ = _legend_span(items)
        parts += scale_bars(scale, palette, "across", (start + 10, 20), legend)
    lines = max(
        len(item.labels) + len(item.normalised) for item in items if item.kind != "pool"
    )
    return parts, under + lines * LINE + 8


def _down(
    items: list[DrawnLayer], palette: Palette, scale: Scale, legend: Labels | None
) -> tuple[list[str], float]:
    """The drawing from top to bottom, labels on the right, and its height."""
    column = 170.0
    parts: list[str] = []
    y = 6.0
    for item in items:
        tall = BAR if item.length else item.height
        height = max(tall + 16, 50 + 14 * len(item.normalised))
        floor = y + (height + tall) / 2
        item.x, item.y = 4.0, [floor] * item.towers
        middle = y + height / 2 - 8 * len(item.normalised)
        if item.kind == "dense":
            top = floor - BAR
            parts.append(bar(item.x, top, item.length, BAR, palette.dense, ROUND))
        else:
            for tower in range(item.towers):
                parts += block(item, tower, palette)
        lead, *rest = item.labels or ("",)
        window = lead if rest else ""
        size = rest[0] if rest else lead
        parts.append(
            f'<text x="{column:g}" y="{middle - 4:.1f}" fill="{palette.text}" '
            f'font-size="{NAME:g}"><tspan font-weight="650">{escape(item.name)}</tspan>'
            f' <tspan fill="{palette.muted}">{escape(window)}</tspan></text>'
        )
        under = [", ".join([size, *rest[1:]])] if item.labels else []
        under += item.normalised
        for number, words in enumerate(under):
            at = middle + 15 + number * LINE
            named = words in item.normalised
            colour = palette.normalise if named else palette.muted
            parts.append(text(column, at, words, colour, SMALL, 650 if named else 400))
        item.box = (0, y, WIDTH["down"], height)
        y += height
    for before, item in pairwise(items):
        if item.kind == "conv":
            parts += [
                polygon(
                    filter_window(before, tower, item.kernel),
                    palette.accent,
                    palette.accent,
                )
                for tower in range(before.towers)
            ]
    if not legend:
        return parts, y + 6
    parts += scale_bars(scale, palette, "down", (4, y + 26), legend)
    return parts, y + 26 + LEGEND


def network_svg(
    spec: Spec,
    palette: Palette,
    labels: Labels,
    scale: Scale | None = None,
    direction: Direction = "across",
    legend: bool = True,
) -> str:
    """The network as a self-contained SVG, `WIDTH[direction]` units wide.

    Args:
        labels: what is written in it, as templates.
        scale: of several drawings that are compared; without it, the network's own.
        legend: whether the drawing says what a length stands for.
    """
    scale = scale or scale_for(spec)
    items = measured(spec, scale, direction, labels)
    draw = _across if direction == "across" else _down
    parts, height = draw(items, palette, scale, labels if legend else None)
    return paper(parts, WIDTH[direction], height, describe(spec, labels), palette)


@dataclass(frozen=True)
class LayerDrawing:
    """A drawing with the layers' names alone, and where each of them is.

    Nothing can be read off it but what the shapes show: for questions.
    """

    svg: str
    width: float
    height: float
    # Left, top, width and height of a layer and its name, in units of the drawing.
    places: dict[str, tuple[float, float, float, float]]


def without_numbers(
    spec: Spec, palette: Palette, title: str, direction: Direction = "across"
) -> LayerDrawing:
    """The network without numbers.

    Args:
        title: what the drawing is called.
    """
    scale = scale_for(spec)
    items = measured(spec, scale, direction, {"size": "", "groups": ""})
    for item in items:
        item.labels = ()
    draw = _across if direction == "across" else _down
    parts, height = draw(items, palette, scale, None)
    svg = paper(parts, WIDTH[direction], height, title, palette)
    places = {item.name: item.box for item in items}
    return LayerDrawing(svg, WIDTH[direction], height, places)


def describe(spec: Spec, labels: Labels) -> str:
    """The drawing in words, computed from the spec.

    Args:
        labels: "whole" and "name" of the network, and a template for each kind of
            layer, with its name and sizes.
    """
    side = size_words((spec.input_size, spec.input_size, spec.channels))
    parts = [labels["input"].format(size=side)]
    for step in shapes.steps(spec):
        layer, out = step.layer, size_words(step.info.output)
        match layer:
            case Conv():
                key = "conv_groups" if layer.groups > 1 else "conv"
            case Pool():
                key = f"pool_{layer.kind}"
            case Normalise():
                groups = "normalise_groups" if layer.groups > 1 else "normalise"
                key = "normalise_within" if layer.within else groups
            case Activation():
                key = f"activation_{layer.function}"
            case Dense():
                key = "dense"
            case _:
                continue
        parts.append(labels[key].format(layer=layer.name, out=out, **_sizes(layer)))
    return labels["whole"].format(name=labels["name"], parts="; ".join(parts))


def _sizes(layer: object) -> dict[str, int]:
    """What a layer's template may name."""
    match layer:
        case Conv(filters=filters, kernel=kernel, stride=stride, groups=groups):
            return {
                "filters": filters,
                "kernel": kernel,
                "stride": stride,
                "groups": groups,
            }
        case Pool(size=size, stride=stride):
            return {"kernel": size, "stride": stride}
        case Normalise(n=n, groups=groups):
            return {"n": n, "groups": groups}
    return {}

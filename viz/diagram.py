"""A network drawn to scale, as an SVG: from left to right, or downwards for a phone.

A map's height and depth go with its side, a block's width with its number of maps, a
bar's length with its units; all drawings made with one `Scale` can be compared. The
coloured square on a block is the next layer's filter, on the same scale.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from xml.sax.saxutils import escape

from model.network import shapes
from model.network.specs import Activation, Conv, Dense, Normalise, Pool, Spec
from viz.palette import Palette
from viz.svg import BOLD, LETTER, WIDTH, Direction, mix, paper, text

Point = tuple[float, float]

NAME, SMALL = 16.0, 14.0  # font sizes
LINE = 18.0

LARGEST: dict[Direction, float] = {"across": 262, "down": 140}  # of the largest map
THICKEST: dict[Direction, float] = {"across": 70, "down": 84}  # of the most maps
LONGEST: dict[Direction, float] = {"across": 230, "down": 144}  # of the longest bar
DEPTH: Point = (0.34, 0.2)  # how far a map recedes: right and up, per pixel of height
BAR = 13.0
LEGEND = 90.0  # height of its four lines
THIN = 2.0  # nothing is drawn thinner


@dataclass(frozen=True)
class Scale:
    """What is drawn how large: the largest of each on the paper."""

    side: int
    maps: int
    units: int


def scale_for(*specs: Spec) -> Scale:
    """The one scale on which all of these networks fit."""
    rows = [row for spec in specs for row in shapes.table(spec)]
    volumes = [row.output for row in rows if len(row.output) == 3]
    return Scale(
        side=max(shape[0] for shape in volumes),
        maps=max(shape[2] for shape in volumes),
        units=max(row.output[0] for row in rows if row.kind == "dense"),
    )


@dataclass
class _Item:
    """A layer on the paper: one block, two blocks (towers), or a bar."""

    name: str
    kind: str
    labels: tuple[str, ...]
    side: float = 0  # height of a map
    thick: float = 0  # width of one tower's block
    length: float = 0  # of a bar
    towers: int = 1
    groups: int = 1  # of the convolution that made it
    kernel: float = 0  # of the convolution that made it, on the maps before
    normalised: list[str] = field(default_factory=list)
    x: float = 0
    y: list[float] = field(default_factory=list)  # floor of each tower
    box: tuple[float, float, float, float] = (0, 0, 0, 0)  # left, top, width, height

    @property
    def right(self) -> float:
        """How far it reaches to the right of its x."""
        return BAR if self.length else self.thick + self.side * DEPTH[0]

    @property
    def height(self) -> float:
        """How far it reaches above its floor."""
        return self.length or self.side * (1 + DEPTH[1])


def size_words(shape: shapes.Shape) -> str:
    """54×54×96, or 4,096."""
    return "×".join(f"{n:,}" for n in shape)


def _window_words(layer: object) -> str:
    """11×11 /4: window and stride."""
    if isinstance(layer, Conv):
        step = f" /{layer.stride}" if layer.stride > 1 else ""
        return f"{layer.kernel}×{layer.kernel}{step}"
    if isinstance(layer, Pool):
        return f"{layer.size}×{layer.size} /{layer.stride}"
    return ""


def _items(spec: Spec, scale: Scale, direction: Direction) -> list[_Item]:
    """What is drawn, measured but not yet placed. Helpers are left out."""
    position = LARGEST[direction] / scale.side
    per_map = THICKEST[direction] / scale.maps
    per_unit = LONGEST[direction] / scale.units
    rows = shapes.table(spec)
    first = rows[0].output
    items = [
        _Item(
            "input",
            "input",
            (size_words(first),),
            first[0] * position,
            max(THIN, first[2] * per_map),
        )
    ]
    for step in shapes.steps(spec):
        layer, out = step.layer, step.row.output
        match layer:
            case Conv():
                groups = (f"{layer.groups} groups",) if layer.groups > 1 else ()
                items.append(
                    _Item(
                        layer.name,
                        "conv",
                        (_window_words(layer), size_words(out), *groups),
                        out[0] * position,
                        out[2] * per_map,
                        groups=layer.groups,
                        kernel=layer.kernel * position,
                    )
                )
            case Pool():
                items.append(
                    _Item(
                        layer.name,
                        "pool",
                        (_window_words(layer), size_words(out)),
                        out[0] * position,
                        out[2] * per_map,
                    )
                )
            case Normalise():
                items[-1].normalised.append(layer.name)
            case Activation():
                items[-1].labels += (layer.name,)
            case Dense():
                items.append(
                    _Item(
                        layer.name,
                        "dense",
                        (size_words(out),),
                        length=max(THIN, out[0] * per_unit),
                    )
                )
    _split(items)
    return items


def _split(items: list[_Item]) -> None:
    """Two towers wherever a grouped convolution writes or reads the maps."""
    reads = 1
    for item in reversed(items):
        if item.kind == "conv":
            item.towers = max(reads, item.groups)
            reads = item.groups
        elif item.kind == "pool":
            item.towers = reads
    writes = 1
    for item in items:
        if item.kind == "conv":
            writes = item.towers
        elif item.kind == "pool":
            item.towers = writes = max(item.towers, writes)
    for item in items:
        item.thick = max(THIN, item.thick / item.towers)


def _polygon(points: list[Point], fill: str, stroke: str, extra: str = "") -> str:
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polygon points="{at}" fill="{fill}" stroke="{stroke}" stroke-width="0.8" '
        f'stroke-linejoin="round"{extra}/>'
    )


def _face(item: _Item, tower: int, u: float, v: float) -> Point:
    """A point of the map face: u to the right and v upwards, 0 to 1."""
    x = item.x + tower_shift(item, tower) + item.thick
    return (
        x + u * item.side * DEPTH[0],
        item.y[tower] - u * item.side * DEPTH[1] - v * item.side,
    )


def tower_shift(item: _Item, tower: int) -> float:
    """Towers stand above each other, or side by side where the floor is the same."""
    same_floor = item.y[0] == item.y[-1]
    return tower * (item.right + 10) if same_floor else 0.0


def _block(item: _Item, tower: int, palette: Palette) -> list[str]:
    """Front, top and the map face of one block."""
    colour = palette.kind(item.kind)
    side, thick = item.side, item.thick
    x, floor = item.x + tower_shift(item, tower), item.y[tower]
    right, up = side * DEPTH[0], side * DEPTH[1]
    front = [
        (x, floor),
        (x, floor - side),
        (x + thick, floor - side),
        (x + thick, floor),
    ]
    top = [
        (x, floor - side),
        (x + right, floor - side - up),
        (x + thick + right, floor - side - up),
        (x + thick, floor - side),
    ]
    face = [_face(item, tower, u, v) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    edge = mix(colour, palette.text, 0.25)
    face_colour = palette.normalise if item.normalised else colour
    return [
        _polygon(front, mix(colour, palette.background, 0.12), edge),
        _polygon(top, mix(colour, palette.background, 0.58), edge),
        _polygon(face, mix(face_colour, palette.background, 0.38), edge),
    ]


def _kernel(item: _Item, tower: int, size: float) -> list[Point]:
    """A filter's window in the middle of a map face, on the map's scale."""
    half = size / item.side / 2
    around = ((-half, -half), (half, -half), (half, half), (-half, half))
    return [_face(item, tower, 0.5 + u, 0.5 + v) for u, v in around]


def _cone(window: list[Point], to: Point, palette: Palette) -> list[str]:
    """From a filter's window to the one place that its answer goes to."""
    line = f'stroke="{palette.accent}" stroke-width="0.8" stroke-opacity="0.75"'
    return [
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to[0]:.1f}" y2="{to[1]:.1f}" {line}/>'
        for x, y in (window[1], window[2])
    ] + [_polygon(window, palette.accent, palette.accent)]


def _pairs(groups: int, before: int, here: int) -> list[tuple[int, int]]:
    """Which tower is read by which: its own where the convolution has groups."""
    if groups > 1:
        return [(i, i) for i in range(here)]
    return [(i, j) for i in range(before) for j in range(here)]


def _widest(item: _Item) -> float:
    """Width of an item's labels."""
    small = max((len(words) * SMALL * LETTER for words in item.labels), default=0.0)
    return max(small, len(item.name) * NAME * BOLD)


def _reach(item: _Item) -> float:
    """How far an item and its label reach above its floor."""
    if item.kind != "pool":
        return item.height
    return item.height + 8 + len(item.labels) * LINE + NAME


def _legend_span(items: list[_Item]) -> tuple[float, float]:
    """Where the legend starts and ends: over the second convolution and beyond."""
    start = next(item.x for item in items if item.name == "conv2")
    return start - 10, start + 240


def _place_across(items: list[_Item], legend: bool) -> float:
    """Sets every x and floor; returns the lowest floor."""
    gap = 15.0
    x = left = 4.0
    below = above = left  # where the next label under and over the blocks may start
    for item in items:
        starts = {"pool": above, "conv": below}
        item.x = x = max(x, starts.get(item.kind, max(above, below)))
        ends = x + _widest(item) + 10
        if item.kind == "pool":
            above = ends
        else:
            below = ends
        x += item.right + gap
    last = items[-1]
    spare = WIDTH["across"] - left - last.x - max(last.right, _widest(last))
    for place, item in enumerate(items):
        item.x += max(0.0, spare) * place / (len(items) - 1)
    split = [item.height for item in items if item.towers > 1]
    storey = max(split, default=0) + 26
    for item in items:
        item.y = [-tower * storey for tower in range(item.towers)]
    floor = max(_reach(item) - item.y[-1] for item in items) + 6
    if legend:  # it hangs in the sky over the small maps
        start, end = _legend_span(items)
        under = (
            item
            for item in items
            if item.x < end and item.x + max(item.right, _widest(item)) > start
        )
        low = max((_reach(item) - item.y[-1] for item in under), default=0.0)
        floor = max(floor, low + LEGEND + 12)
    for item in items:
        item.y = [floor + y for y in item.y]
    return floor


def _links(items: list[_Item], palette: Palette) -> tuple[list[str], list[str]]:
    """Behind the blocks: full connections. In front: filters and where they answer."""
    behind, front = [], []
    for before, item in pairwise(items):
        if item.kind == "conv":
            for i, j in _pairs(item.groups, before.towers, item.towers):
                to = (
                    item.x + tower_shift(item, j),
                    item.y[j] - item.side / 2,
                )
                front += _cone(_kernel(before, i, item.kernel), to, palette)
        elif item.kind == "dense":
            for tower in range(before.towers):
                floor = before.y[tower]
                lift = 0.0 if before.length else before.side * DEPTH[1]
                start = before.x + before.right
                behind.append(
                    _polygon(
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
    items: list[_Item], palette: Palette, scale: Scale, legend: bool
) -> tuple[list[str], float]:
    """The drawing from left to right, and its height."""
    floor = _place_across(items, legend)
    behind, front = _links(items, palette)
    parts = list(behind)
    for item in items:
        if item.kind == "dense":
            parts.append(
                f'<rect x="{item.x:.1f}" y="{floor - item.length:.1f}" '
                f'width="{BAR:g}" height="{item.length:.1f}" rx="1.5" '
                f'fill="{palette.dense}"/>'
            )
        for tower in reversed(range(item.towers if item.kind != "dense" else 0)):
            parts += _block(item, tower, palette)
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
        top = item.y[-1] - _reach(item)
        bottom = floor + 4 if item.kind == "pool" else y + 4
        item.box = (item.x, top, max(item.right, _widest(item)), bottom - top)
    if legend:
        start, _ = _legend_span(items)
        parts += _scale_bars(scale, palette, "across", start + 10, 20)
    lines = max(
        len(item.labels) + len(item.normalised) for item in items if item.kind != "pool"
    )
    return parts, under + lines * LINE + 8


def _down(
    items: list[_Item], palette: Palette, scale: Scale, legend: bool
) -> tuple[list[str], float]:
    """The drawing from top to bottom, labels on the right, and its height."""
    column = 170.0
    parts: list[str] = []
    y = 6.0
    for item in items:
        tall = BAR if item.length else item.height
        row = max(tall + 16, 50 + 14 * len(item.normalised))
        floor = y + (row + tall) / 2
        item.x, item.y = 4.0, [floor] * item.towers
        middle = y + row / 2 - 8 * len(item.normalised)
        if item.kind == "dense":
            parts.append(
                f'<rect x="4" y="{floor - BAR:.1f}" width="{item.length:.1f}" '
                f'height="{BAR:g}" rx="1.5" fill="{palette.dense}"/>'
            )
        else:
            for tower in range(item.towers):
                parts += _block(item, tower, palette)
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
        item.box = (0, y, WIDTH["down"], row)
        y += row
    for before, item in pairwise(items):
        if item.kind == "conv":
            parts += [
                _polygon(
                    _kernel(before, tower, item.kernel), palette.accent, palette.accent
                )
                for tower in range(before.towers)
            ]
    if not legend:
        return parts, y + 6
    parts += _scale_bars(scale, palette, "down", 4, y + 26)
    return parts, y + 26 + LEGEND


def _round_share(largest: int) -> int:
    """A round number near a quarter of the largest."""
    aim = max(1.0, largest / 4)
    power = 10 ** (len(str(int(aim))) - 1)
    return int(max(n * power for n in (1, 2, 5) if n * power <= aim))


def _scale_bars(
    scale: Scale, palette: Palette, direction: Direction, x: float, y: float
) -> list[str]:
    """What a length stands for, as four lines from y downwards."""
    bars = []
    for largest, length, colour, what in (
        (scale.side, LARGEST[direction], palette.muted, "pixels high"),
        (scale.maps, THICKEST[direction], palette.conv, "maps wide"),
        (scale.units, LONGEST[direction], palette.dense, "units"),
    ):
        count = _round_share(largest)
        bars.append((count * length / largest, 4.0, colour, f"{count:,} {what}"))
    bars.append((8.0, 8.0, palette.accent, "filter of the next layer"))
    column = x + max(drawn for drawn, *_ in bars) + 10
    parts = []
    for number, (drawn, thick, colour, words) in enumerate(bars):
        at = y + number * (LINE + 2)
        parts.append(_bar(x, at - 4.5 - thick / 2, drawn, thick, colour))
        parts.append(text(column, at, words, palette.muted, SMALL))
    return parts


def _bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{colour}"/>'
    )


def network_svg(
    spec: Spec,
    palette: Palette,
    scale: Scale | None = None,
    direction: Direction = "across",
    legend: bool = True,
) -> str:
    """The network as a self-contained SVG, `WIDTH[direction]` units wide.

    Args:
        scale: of several drawings that are compared; without it, the network's own.
        legend: whether the drawing says what a length stands for.
    """
    scale = scale or scale_for(spec)
    items = _items(spec, scale, direction)
    draw = _across if direction == "across" else _down
    parts, height = draw(items, palette, scale, legend)
    return paper(parts, WIDTH[direction], height, describe(spec), palette)


@dataclass(frozen=True)
class Plain:
    """A drawing with the layers' names alone, and where each of them is.

    Nothing can be read off it but what the shapes show: for questions.
    """

    svg: str
    width: float
    height: float
    # Left, top, width and height of a layer and its name, in units of the drawing.
    places: dict[str, tuple[float, float, float, float]]


def plain(spec: Spec, palette: Palette, direction: Direction = "across") -> Plain:
    """The network without numbers."""
    scale = scale_for(spec)
    items = _items(spec, scale, direction)
    for item in items:
        item.labels = ()
    draw = _across if direction == "across" else _down
    parts, height = draw(items, palette, scale, False)
    names = ", ".join(item.name for item in items)
    title = f"{spec.title}, its layers in order: {names}."
    svg = paper(parts, WIDTH[direction], height, title, palette)
    places = {item.name: item.box for item in items}
    return Plain(svg, WIDTH[direction], height, places)


def describe(spec: Spec) -> str:
    """The drawing in words, computed from the spec."""
    said = [f"{size_words((spec.input_size, spec.input_size, spec.channels))} input"]
    for step in shapes.steps(spec):
        layer, out = step.layer, size_words(step.row.output)
        match layer:
            case Conv():
                groups = f" in {layer.groups} groups" if layer.groups > 1 else ""
                said.append(
                    f"{layer.name} with {layer.filters} filters of {layer.kernel}×"
                    f"{layer.kernel}, stride {layer.stride}{groups}, gives {out}"
                )
            case Pool():
                said.append(
                    f"{layer.name}, {layer.kind} of {layer.size}×{layer.size}, "
                    f"stride {layer.stride}, gives {out}"
                )
            case Normalise():
                reach = f"across {layer.n} maps"
                if layer.groups > 1:
                    reach += f" of each of the {layer.groups} groups"
                if layer.within:
                    reach = f"each map over {layer.n}×{layer.n} positions"
                said.append(f"{layer.name} normalises {reach}")
            case Activation():
                function = {"relu": "ReLU"}.get(layer.function, layer.function)
                said.append(f"{layer.name} applies {function}")
            case Dense():
                said.append(f"{layer.name} has {out} units")
    return f"{spec.title}, drawn to scale: " + "; ".join(said) + "."

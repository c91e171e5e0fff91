"""The layers of a network as blocks and bars: measured to scale, and their shapes.

A map's height and depth go with its side, a block's width with its number of maps, a
bar's length with its units. `viz.diagram` places and labels them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from model.network import shapes
from model.network.specs import Activation, Conv, Dense, Normalise, Pool, Spec
from viz.palette import Palette
from viz.svg import BOLD, LETTER, Direction, mix, text

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
    layers = [layer for spec in specs for layer in shapes.table(spec)]
    volumes = [layer.output for layer in layers if len(layer.output) == 3]
    return Scale(
        side=max(shape[0] for shape in volumes),
        maps=max(shape[2] for shape in volumes),
        units=max(layer.output[0] for layer in layers if layer.kind == "dense"),
    )


@dataclass
class DrawnLayer:
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

    @property
    def label_width(self) -> float:
        """Width of its labels."""
        small = max((len(words) * SMALL * LETTER for words in self.labels), default=0.0)
        return max(small, len(self.name) * NAME * BOLD)

    @property
    def width(self) -> float:
        """Of the item or of its labels, whichever is wider."""
        return max(self.right, self.label_width)

    @property
    def reach(self) -> float:
        """How far it and its label reach above its floor."""
        if self.kind != "pool":
            return self.height
        return self.height + 8 + len(self.labels) * LINE + NAME


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


def measured(
    spec: Spec, scale: Scale, direction: Direction, labels: Mapping[str, str]
) -> list[DrawnLayer]:
    """What is drawn, measured but not yet placed. Helpers are left out.

    Args:
        labels: "size" and "groups", as templates.
    """
    position = LARGEST[direction] / scale.side
    per_map = THICKEST[direction] / scale.maps
    per_unit = LONGEST[direction] / scale.units

    def volume(name: str, kind: str, out: shapes.Shape, *under: str) -> DrawnLayer:
        return DrawnLayer(name, kind, under, out[0] * position, out[2] * per_map)

    def size(out: shapes.Shape) -> str:
        return labels["size"].format(size=size_words(out))

    first = shapes.table(spec)[0].output
    items = [volume("input", "input", first, size(first))]
    for step in shapes.steps(spec):
        layer, out = step.layer, step.info.output
        name, under = layer.name, (_window_words(layer), size(out))
        match layer:
            case Conv(groups=groups, kernel=kernel):
                items.append(volume(name, "conv", out, *under))
                items[-1].groups, items[-1].kernel = groups, kernel * position
                if groups > 1:
                    items[-1].labels += (labels["groups"].format(groups=groups),)
            case Pool():
                items.append(volume(name, "pool", out, *under))
            case Normalise():
                items[-1].normalised.append(name)
            case Activation():
                items[-1].labels += (name,)
            case Dense():
                length = max(THIN, out[0] * per_unit)
                items.append(DrawnLayer(name, "dense", under[1:], length=length))
    _split(items)
    return items


def _split(items: list[DrawnLayer]) -> None:
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


def polygon(points: list[Point], fill: str, stroke: str, extra: str = "") -> str:
    """A filled area with a fine edge."""
    at = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return (
        f'<polygon points="{at}" fill="{fill}" stroke="{stroke}" stroke-width="0.8" '
        f'stroke-linejoin="round"{extra}/>'
    )


def _face(item: DrawnLayer, tower: int, u: float, v: float) -> Point:
    """A point of the map face: u to the right and v upwards, 0 to 1."""
    x = item.x + tower_shift(item, tower) + item.thick
    return (
        x + u * item.side * DEPTH[0],
        item.y[tower] - u * item.side * DEPTH[1] - v * item.side,
    )


def tower_shift(item: DrawnLayer, tower: int) -> float:
    """Towers stand above each other, or side by side where the floor is the same."""
    same_floor = item.y[0] == item.y[-1]
    return tower * (item.right + 10) if same_floor else 0.0


def block(item: DrawnLayer, tower: int, palette: Palette) -> list[str]:
    """Front, top and the map face of one block."""
    colour = palette.kind(item.kind)
    side, thick = item.side, item.thick
    x, floor = item.x + tower_shift(item, tower), item.y[tower]
    right, up = side * DEPTH[0], side * DEPTH[1]
    end, roof = x + thick, floor - side
    front = [(x, floor), (x, roof), (end, roof), (end, floor)]
    top = [(x, roof), (x + right, roof - up), (end + right, roof - up), (end, roof)]
    face = [_face(item, tower, u, v) for u, v in ((0, 0), (1, 0), (1, 1), (0, 1))]
    edge = mix(colour, palette.text, 0.25)
    face_colour = palette.normalise if item.normalised else colour
    return [
        polygon(front, mix(colour, palette.background, 0.12), edge),
        polygon(top, mix(colour, palette.background, 0.58), edge),
        polygon(face, mix(face_colour, palette.background, 0.38), edge),
    ]


def filter_window(item: DrawnLayer, tower: int, size: float) -> list[Point]:
    """A filter's window in the middle of a map face, on the map's scale."""
    half = size / item.side / 2
    around = ((-half, -half), (half, -half), (half, half), (-half, half))
    return [_face(item, tower, 0.5 + u, 0.5 + v) for u, v in around]


def cone(window: list[Point], to: Point, palette: Palette) -> list[str]:
    """From a filter's window to the one place that its answer goes to."""
    line = f'stroke="{palette.accent}" stroke-width="0.8" stroke-opacity="0.75"'
    return [
        f'<line x1="{x:.1f}" y1="{y:.1f}" x2="{to[0]:.1f}" y2="{to[1]:.1f}" {line}/>'
        for x, y in (window[1], window[2])
    ] + [polygon(window, palette.accent, palette.accent)]


def _round_share(largest: int) -> int:
    """A round number near a quarter of the largest."""
    aim = max(1.0, largest / 4)
    power = 10 ** (len(str(int(aim))) - 1)
    return int(max(n * power for n in (1, 2, 5) if n * power <= aim))


def scale_bars(
    scale: Scale,
    palette: Palette,
    direction: Direction,
    at: Point,
    labels: Mapping[str, str],
) -> list[str]:
    """What a length stands for, as four lines from a point downwards.

    Args:
        labels: "pixels_high", "maps_wide" and "units" of a count, and "filter".
    """
    x, y = at
    bars = []
    for largest, length, colour, what in (
        (scale.side, LARGEST[direction], palette.muted, "pixels_high"),
        (scale.maps, THICKEST[direction], palette.conv, "maps_wide"),
        (scale.units, LONGEST[direction], palette.dense, "units"),
    ):
        count = _round_share(largest)
        said = labels[what].format(count=count)
        bars.append((count * length / largest, 4.0, colour, said))
    bars.append((8.0, 8.0, palette.accent, labels["filter"]))
    column = x + max(drawn for drawn, *_ in bars) + 10
    parts = []
    for number, (drawn, thick, colour, words) in enumerate(bars):
        base = y + number * (LINE + 2)
        parts.append(bar(x, base - 4.5 - thick / 2, drawn, thick, colour))
        parts.append(text(column, base, words, palette.muted, SMALL))
    return parts


def bar(
    x: float, y: float, width: float, height: float, colour: str, extra: str = ""
) -> str:
    """A rectangle without an edge; (x, y) is its upper left corner."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" '
        f'fill="{colour}"{extra}/>'
    )

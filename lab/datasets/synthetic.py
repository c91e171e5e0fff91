"""Small pictures that the lab draws itself: ten kinds of things in front of clutter.

Nothing is recorded and nothing is fetched: every picture is computed from the seed, a
few thousand a second. A thing is a handful of outlines given as signed distances
(pixels from the edge, negative inside), which yield antialiased edges, a rounded
surface to light, and room for stripes and spots. Colours, pose, proportions, light,
background and what stands in front are drawn for each picture, and none of them
says which class it is: that is in the outline alone. `python -m bench.datasets`
measures why these pictures, and no easier ones.

The numbers of one seed are the same on every machine up to the last bit of a sine,
which rounds a rare pixel to the next grey level.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["CLASSES", "SIDE", "Difficulty", "draw"]

SIDE = 32  # pixels, both ways
_PATCHES = 2  # behind a thing
_TOGETHER = 64  # pictures drawn at once, so that their planes stay in the cache

Field = NDArray[
    np.floating[Any]
]  # 32 bits; (N, SIDE, SIDE), or (N, 1, 1) for a number a picture
Parts = list[tuple[Field, int]]  # signed distance in units of the thing, paint 0 to 2


@dataclass(frozen=True)
class Difficulty:
    """What makes an outline hard to recognise. All are shares, 0 to 1."""

    clutter: float = 1.0  # how much of the background's patches is kept
    occluded: float = 0.3  # how often something stands in front
    turned: float = 1.0  # of the largest turn
    texture: float = 1.0  # how strong stripes and spots are
    noise: float = 1.0


AS_SHIPPED = Difficulty()


# --- Signed distances -----------------------------------------------------------------


def _circle(x: Field, y: Field, radius: Field | float) -> Field:
    return np.hypot(x, y) - radius


def _ellipse(x: Field, y: Field, wide: Field | float, high: Field | float) -> Field:
    """Near the edge as good as exact, which is where it is looked at."""
    reach = np.hypot(x / wide, y / high)
    slope = np.hypot(x / wide**2, y / high**2) + 1e-6
    return np.asarray(reach * (reach - 1) / slope)


def _box(x: Field, y: Field, wide: Field | float, high: Field | float) -> Field:
    """Half its width and half its height."""
    over_x, over_y = np.abs(x) - wide, np.abs(y) - high
    outside = np.hypot(np.maximum(over_x, 0), np.maximum(over_y, 0))
    return np.asarray(outside + np.minimum(np.maximum(over_x, over_y), 0))


def _bar(
    x: Field,
    y: Field,
    start: tuple[Field | float, Field | float],
    end: tuple[Field | float, Field | float],
    thick: Field | float,
) -> Field:
    """A line with round ends, half as thick on either side."""
    along_x, along_y = end[0] - start[0], end[1] - start[1]
    away_x, away_y = x - start[0], y - start[1]
    length = along_x**2 + along_y**2 + 1e-6
    at = np.clip((away_x * along_x + away_y * along_y) / length, 0, 1)
    return np.asarray(np.hypot(away_x - at * along_x, away_y - at * along_y) - thick)


def _polygon(
    x: Field, y: Field, *corners: tuple[Field | float, Field | float]
) -> Field:
    """Exact for any simple polygon: the nearest side, and a count of crossings."""
    nearest = np.full(np.broadcast(x, y).shape, np.inf, np.float32)
    inside = np.zeros(nearest.shape, bool)
    for i in range(len(corners)):
        (from_x, from_y), (to_x, to_y) = corners[i - 1], corners[i]
        side_x, side_y = to_x - from_x, to_y - from_y
        away_x, away_y = x - from_x, y - from_y
        length = side_x**2 + side_y**2 + 1e-6
        at = np.clip((away_x * side_x + away_y * side_y) / length, 0, 1)
        gap = (away_x - at * side_x) ** 2 + (away_y - at * side_y) ** 2
        nearest = np.minimum(nearest, gap)
        crossed = (from_y > y) != (to_y > y)
        left = (side_x * away_y < side_y * away_x) == (side_y > 0)
        inside ^= crossed & left
    return np.asarray(
        np.where(inside, np.float32(-1), np.float32(1)) * np.sqrt(nearest)
    )


def _union(first: Field, *others: Field) -> Field:
    for other in others:
        first = np.minimum(first, other)
    return first


# --- The ten things, in a square from -1 to 1, y upwards ------------------------------

Draw = Callable[..., Field]  # (low, high) -> one random number a picture, (N, 1, 1)


def _ball(x: Field, y: Field, some: Draw) -> Parts:
    return [(_circle(x, y, some(0.75, 0.95)), 0)]


def _boat(x: Field, y: Field, some: Draw) -> Parts:
    bow, deck, keel = some(0.8, 1.0), some(-0.45, -0.25), some(-0.85, -0.7)
    hull = _polygon(x, y, (-bow, deck), (bow, deck), (bow * 0.6, keel), (-0.55, keel))
    mast, top = some(-0.15, 0.15), some(0.8, 1.0)
    foot = deck + 0.12
    main = _polygon(x, y, (mast, top), (mast, foot), (mast + some(0.5, 0.75), foot))
    jib = _polygon(
        x, y, (mast - 0.1, top - 0.2), (mast - 0.1, foot), (mast - 0.55, foot)
    )
    return [(_bar(x, y, (mast, top), (mast, deck), 0.05), 2), (_union(main, jib), 1),
            (hull, 0)]  # fmt: skip


def _bottle(x: Field, y: Field, some: Draw) -> Parts:
    wide, shoulder, neck = some(0.32, 0.45), some(0.0, 0.25), some(0.12, 0.17)
    body = _box(x, y - (shoulder - 1) / 2, wide - 0.1, (shoulder + 1) / 2 - 0.1) - 0.1
    slope = _polygon(
        x, y, (-wide + 0.03, shoulder - 0.08), (wide - 0.03, shoulder - 0.08),
        (neck, shoulder + 0.3), (-neck, shoulder + 0.3),
    )  # fmt: skip
    pipe = _box(x, y - 0.6, neck, 0.3)
    cap = _box(x, y - 0.9, neck + 0.04, 0.1)
    label = _box(x, y - (shoulder - 1) / 2, wide, some(0.15, 0.28))
    return [(_union(body, slope, pipe), 0), (cap, 1), (label, 1)]


def _cup(x: Field, y: Field, some: Draw) -> Parts:
    top, bottom, high = some(0.55, 0.7), some(0.38, 0.55), some(0.5, 0.7)
    x = x + 0.2
    sides = _polygon(x, y, (-top, high), (top, high), (bottom, -high), (-bottom, -high))
    handle = np.abs(_ellipse(x - 0.58, y + 0.02, 0.36, some(0.3, 0.42))) - 0.09
    mouth = _ellipse(x, y - high, top, some(0.12, 0.2))
    return [(handle, 0), (_union(sides, mouth) - 0.03, 0), (mouth + 0.05, 2)]


def _fish(x: Field, y: Field, some: Draw) -> Parts:
    long, high = some(0.6, 0.75), some(0.3, 0.48)
    x = x - 0.2
    fork = some(0.35, 0.55)
    tail = _polygon(
        x, y, (-long + 0.15, 0.0), (-1.15, fork), (-0.98, 0.0), (-1.15, -fork)
    )
    fin = _polygon(x, y, (-0.3, high * 0.7), (0.25, high * 0.7), (-0.25, high + 0.3))
    eye = _circle(x - long * 0.6, y - high * 0.25, 0.09)
    return [(_union(tail, fin), 1), (_ellipse(x, y, long, high), 0), (eye, 2)]


def _flower(x: Field, y: Field, some: Draw) -> Parts:
    petals = np.round(some(4.6, 8.4))
    step = 2 * np.pi / petals
    angle = np.arctan2(y, x)
    folded = angle - step * np.round(angle / step)
    away = np.hypot(x, y)
    along, across = away * np.cos(folded), away * np.sin(folded)
    petal = _ellipse(along - 0.58, across, 0.4, 1.35 / petals * some(0.75, 1.05))
    return [(petal, 0), (_circle(x, y, some(0.22, 0.34)), 1)]


def _house(x: Field, y: Field, some: Draw) -> Parts:
    wide, eaves, ridge = some(0.55, 0.75), some(-0.05, 0.2), some(0.7, 0.95)
    walls = _box(x, y - (eaves - 0.85) / 2, wide, (eaves + 0.85) / 2)
    over = wide + 0.18
    roof = _polygon(x, y, (-over, eaves), (over, eaves), (some(-0.2, 0.2), ridge))
    chimney = _box(x - wide * 0.55, y - 0.62, 0.1, 0.25)
    door = _box(x - some(-0.3, 0.0), y + 0.6, 0.14, 0.26)
    window = _box(x - some(0.25, 0.4), y + 0.35, 0.13, 0.13)
    return [(chimney, 1), (walls, 0), (roof, 1), (_union(door, window), 2)]


def _mushroom(x: Field, y: Field, some: Draw) -> Parts:
    wide, rim = some(0.75, 0.98), some(-0.1, 0.15)
    cap = np.maximum(_ellipse(x, y - rim, wide, some(0.6, 0.85)), rim - y)
    top, foot = some(0.16, 0.26), some(0.2, 0.4)
    stem = _polygon(x, y, (-top, rim + 0.1), (top, rim + 0.1), (foot, -0.92),
                    (-foot, -0.92))  # fmt: skip
    shift = some(-0.15, 0.15)
    spots = _union(
        _circle(x - shift, y - rim - 0.42, 0.13),
        _circle(x - shift - 0.42, y - rim - 0.2, 0.11),
        _circle(x - shift + 0.4, y - rim - 0.22, 0.12),
    )
    return [(stem, 1), (cap, 0), (spots, 1)]


def _star(x: Field, y: Field, some: Draw) -> Parts:
    far, near = some(0.88, 1.0), some(0.36, 0.5)
    corners = []
    for i in range(10):
        turn = np.pi / 2 + i * np.pi / 5
        radius = near if i % 2 else far
        corners.append((radius * np.cos(turn), radius * np.sin(turn)))
    return [(_polygon(x, y, *corners), 0)]


def _tree(x: Field, y: Field, some: Draw) -> Parts:
    trunk = _box(x, y + 0.65, some(0.09, 0.16), 0.35)
    size, lean = some(0.42, 0.52), some(-0.1, 0.1)
    crown = _union(
        _circle(x - 0.36, y - 0.02, size * 0.85),
        _circle(x + 0.36, y - 0.05, size * 0.9),
        _circle(x - lean, y - 0.42, size),
    )
    return [(trunk, 1), (crown, 0)]


_THINGS: dict[str, tuple[Callable[[Field, Field, Draw], Parts], float]] = {
    # with the largest turn, in degrees either way
    "ball": (_ball, 180),
    "boat": (_boat, 20),
    "bottle": (_bottle, 30),
    "cup": (_cup, 25),
    "fish": (_fish, 25),
    "flower": (_flower, 180),
    "house": (_house, 15),
    "mushroom": (_mushroom, 20),
    "star": (_star, 180),
    "tree": (_tree, 15),
}
CLASSES = tuple(_THINGS)


# --- From outlines to pictures --------------------------------------------------------


def draw(
    labels: NDArray[np.int32], *key: int, difficulty: Difficulty = AS_SHIPPED
) -> NDArray[np.uint8]:
    """One picture for each label: (N, SIDE, SIDE, 3) RGB.

    The same labels and key, a seed and what else tells sets apart, give the same
    pictures; about 1,500 a second on one core.

    Raises:
        ValueError: a label that stands for no class.
    """
    if labels.size and not (labels.min() >= 0 and labels.max() < len(CLASSES)):
        raise ValueError(
            f"Expected labels from 0 to {len(CLASSES) - 1}. "
            f"Received: {labels.min()} to {labels.max()}"
        )
    pictures = np.empty((len(labels), SIDE, SIDE, 3), np.uint8)
    for label in range(len(CLASSES)):
        which = np.flatnonzero(labels == label)
        random = np.random.default_rng([*key, label])
        for start in range(0, len(which), _TOGETHER):
            some = which[start : start + _TOGETHER]
            pictures[some] = _pictures(CLASSES[label], len(some), random, difficulty)
    return pictures


def _pictures(
    name: str, count: int, random: np.random.Generator, level: Difficulty
) -> NDArray[np.uint8]:
    """`count` pictures of one thing."""

    def some(low: float, high: float) -> Field:
        return random.uniform(low, high, (count, 1, 1)).astype(np.float32)

    light = some(0, 2 * np.pi)  # where from
    canvas = _background(count, random, level)
    for _ in range(_PATCHES):
        _put_patch(canvas, random, light, some(0, 1) < level.clutter, some(0.25, 0.9))
    parts, turn = _THINGS[name]
    half = some(10.5, 14.5)  # pixels: half the thing's size
    reach = SIDE / 2 + 0.5 - half  # at most so far from the middle
    x, y = _placed(
        some(-1, 1) * reach, some(-1, 1) * reach, some(-1, 1) * turn * level.turned
    )
    mirror = np.where(some(0, 1) < 0.5, -1, 1).astype(np.float32)
    x = x * mirror / half * some(0.9, 1.15)
    y = y / half * some(0.9, 1.15)
    paints = [_paint(count, random) for _ in range(3)]
    pattern = _pattern(x, y, some, random) * level.texture
    for distance, paint in parts(x, y, some):
        _lay(canvas, distance * half, paints[paint], light, pattern)
    in_front = some(0, 1) < level.occluded
    _put_patch(canvas, random, light, in_front, some(0.25, 0.6), rim=True)
    return _photographed(canvas, random, level)


_TICKS = (np.arange(SIDE) - (SIDE - 1) / 2).astype(np.float32)


def _placed(right: Field, up: Field, degrees: Field) -> tuple[Field, Field]:
    """Pixels in the system of something moved and turned."""
    x, y = _TICKS[None, None, :] - right, -_TICKS[None, :, None] - up
    turn = np.deg2rad(degrees)
    return x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)


def _paint(count: int, random: np.random.Generator, most_vivid: float = 0.95) -> Field:
    """A colour for each picture, (N, 3, 1, 1), 0 to 1; dull ones and vivid ones."""
    hue = random.uniform(0, 6, (count, 1)).astype(np.float32)
    vivid = random.uniform(0.1, most_vivid, (count, 1)).astype(np.float32)
    value = random.uniform(0.3, 1.0, (count, 1)).astype(np.float32)
    wheel = np.abs((hue + np.array([0, 4, 2], np.float32)) % 6 - 3) - 1
    colour = value * (1 - vivid + vivid * np.clip(wheel, 0, 1))
    return np.asarray(colour, np.float32)[:, :, None, None]


def _spread(cells: int) -> Field:
    """A matrix that spreads `cells` numbers smoothly over SIDE pixels."""
    at = (np.arange(SIDE) + 0.5) / SIDE * (cells - 1)
    low = np.minimum(at.astype(int), cells - 2)
    part = at - low
    part = part * part * (3 - 2 * part)
    matrix = np.zeros((SIDE, cells), np.float32)
    matrix[np.arange(SIDE), low] = 1 - part
    matrix[np.arange(SIDE), low + 1] = part
    return matrix


_SPREADS = {cells: _spread(cells) for cells in (3, 5, 9, 17)}


def _clouds(count: int, random: np.random.Generator, rough: Field) -> Field:
    """Smooth noise of four sizes, about -1 to 1; `rough` gives weight to the small."""
    total = np.zeros((count, SIDE, SIDE), np.float32)
    weight = np.ones_like(rough)
    for cells, spread in _SPREADS.items():
        grid = random.uniform(-1, 1, (count, cells, cells)).astype(np.float32)
        total += weight * (spread @ grid @ spread.T)
        weight = weight * rough
    return total


def _background(count: int, random: np.random.Generator, level: Difficulty) -> Field:
    """Two colours that flow into each other, as walls, meadows and skies do."""
    rough = random.uniform(0.2, 0.9, (count, 1, 1)).astype(np.float32) * level.clutter
    share = np.clip(0.5 + 0.6 * _clouds(count, random, rough), 0, 1)[:, None]
    first, second = _paint(count, random, 0.6), _paint(count, random, 0.6)
    mixed = first * share + (0.35 * first + 0.65 * second) * (1 - share)
    return np.asarray(mixed, np.float32)


def _put_patch(
    canvas: Field,
    random: np.random.Generator,
    light: Field,
    here: NDArray[np.bool_],
    size: Field,
    rim: bool = False,
) -> None:
    """Something without a name: a disc, a slab or a bar; at the rim where it hides."""
    count = len(canvas)

    def some(low: float, high: float) -> Field:
        return random.uniform(low, high, (count, 1, 1)).astype(np.float32)

    angle, far = some(0, 2 * np.pi), some(9, 15) if rim else some(2, 16)
    x, y = _placed(far * np.cos(angle), far * np.sin(angle), some(0, 180))
    half, flat = size * 11, some(0.25, 0.75)  # no disc is a ball
    disc = _ellipse(x, y, half, half * flat)
    slab = _box(x, y, half, half * flat * 0.8)
    distance = np.where(some(0, 1) < 0.5, disc, slab)
    distance = np.where(here, distance, np.float32(9e3))
    pattern = _pattern(x / half, y / half, some, random)
    _lay(canvas, distance, _paint(count, random), light, pattern)


def _pattern(x: Field, y: Field, some: Draw, random: np.random.Generator) -> Field:
    """Stripes, spots or nothing, as brightness to be added: -0.25 to 0.25."""
    turn, often = some(0, np.pi), some(5, 11)
    along = x * np.cos(turn) + y * np.sin(turn)
    across = y * np.cos(turn) - x * np.sin(turn)
    stripes = np.sin(along * often)
    spots = stripes * np.sin(across * often)
    kind = random.integers(0, 4, (len(x), 1, 1))  # plain half of the time
    wave = np.where(kind == 1, stripes, np.where(kind == 2, spots, 0))
    return np.asarray(some(0.1, 0.25) * np.clip(2 * wave, -1, 1), np.float32)


def _lay(
    canvas: Field, distance: Field, paint: Field, light: Field, pattern: Field
) -> None:
    """Lays one part on the canvas: a soft shadow, then a rounded, lit surface."""
    shade = 0.25 * np.clip(1 - distance / 3, 0, 1)  # darker close by
    canvas *= (1 - shade)[:, None]
    depth = np.clip(-distance / 5, 0, 1)  # the edge is round for 5 pixels
    height = 5 * np.sqrt(depth * (2 - depth))
    down, right = np.gradient(height, axis=(1, 2))
    slope = right * np.cos(light) - down * np.sin(light)
    bright = 1 - 0.45 * slope / np.sqrt(1 + right**2 + down**2) + pattern
    shine = np.maximum(bright - 1.25, 0)
    surface = paint * bright[:, None] + shine[:, None]
    cover = np.clip(0.5 - distance, 0, 1)[:, None]
    canvas += (surface - canvas) * cover


def _photographed(
    canvas: Field, random: np.random.Generator, level: Difficulty
) -> NDArray[np.uint8]:
    """What a small camera makes of it: exposure, colour cast, blur, grain."""
    count = len(canvas)
    blur = random.uniform(0, 0.22, (count, 1, 1, 1)).astype(np.float32)
    for axis in (2, 3):
        before = np.roll(canvas, 1, axis)
        after = np.roll(canvas, -1, axis)
        ends = [slice(None)] * 4
        for edge, side in ((0, before), (SIDE - 1, after)):
            ends[axis] = slice(edge, edge + 1)
            side[tuple(ends)] = canvas[tuple(ends)]
        canvas = canvas * (1 - 2 * blur) + (before + after) * blur
    cast = random.uniform(0.85, 1.15, (count, 3, 1, 1)).astype(np.float32)
    exposure = random.uniform(0.7, 1.2, (count, 1, 1, 1)).astype(np.float32)
    grain = random.standard_normal(canvas.shape, np.float32)
    shown = canvas * (cast * exposure) + np.float32(0.02 * level.noise) * grain
    return np.asarray((np.clip(shown, 0, 1) * 255).round(), np.uint8).transpose(
        0, 2, 3, 1
    )

"""What the filters of a first layer look for, measured.

A kernel here has Keras' layout (h, w, c, n): height, width, input channels, filters.
Colour is measured where c is 3 (red, green, blue); all else works for any c.

Conventions
    orientation  the direction in which stripes or an edge run, in degrees from 0 to
                 below 180, counter-clockwise from the horizontal as seen on a screen.
                 Horizontal stripes have 0, rising to the right 45, vertical 90.
    frequency    cycles per pixel of the filter, 0 to about 0.7 (0.5 along an axis).
    hue          degrees round the grey axis of RGB: 0 red, 60 yellow, 120 green,
                 180 cyan, 240 blue, 300 magenta.

What counts as clear is decided by `noise_threshold`: a share of only 0.5 % of random
filters is as strongly oriented, and 0.5 % as strongly coloured. No measure but the
norm changes when a filter is multiplied by a number.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from model.analysis.described import Texts, english

Kernels = NDArray[np.floating]  # (h, w, c, n)
Values = NDArray[np.float64]  # (n,)
By = Literal["index", "colour", "orientation", "frequency", "strength"]

DEAD = 0.1  # of the median norm: a filter below it is called dead
MOSTLY_GREY = 1 / 3  # colourfulness below which a filter is called so
FALSE_ALARM = 0.005  # share of random filters above each threshold
_TRIALS = 4000  # random filters that set the thresholds
_NOTHING = 1e-12  # share of a filter's energy that is rounding
_CHUNK = 100  # filters whose spectra are in memory at once

_HUES = {  # degrees: name
    0: "red",
    30: "orange",
    60: "yellow",
    120: "green",
    180: "cyan",
    210: "azure",
    240: "blue",
    300: "magenta",
}


@dataclass(frozen=True)
class Measures:
    """One number a filter in each array, all (n,)."""

    norm: Values  # root of the sum of squared weights
    dead: NDArray[np.bool_]  # norm below `DEAD` times the median norm, or zero
    colourfulness: Values  # 0..1: share of energy outside the grey axis; noise: 2/3
    colour_strength: Values  # 0..1: share of energy along one colour; noise: > 1/3
    hue: Values  # degrees of that colour, nan without any; its opposite is as true
    orientation: Values  # degrees, nan where no weight differs from the mean
    orientation_strength: Values  # 0..1: 0 all directions alike, 1 a single one
    frequency: Values  # cycles per pixel of the strongest wave, nan as orientation
    clear_orientation: NDArray[np.bool_]  # stronger than in noise, and not dead
    clear_colour: NDArray[np.bool_]  # stronger than in noise, and not dead


@dataclass(frozen=True)
class Threshold:
    """What `FALSE_ALARM` of random filters exceed."""

    orientation_strength: float
    colour_strength: float  # infinite where c is not 3: such filters have no colour


def measure(kernels: Kernels) -> Measures:
    """Measure every filter.

    Definitions, for one filter w of h x w positions and c channels:

    colourfulness
        1 - |grey|^2 / |w|^2 with grey the projection on r = g = b, position by
        position. 0: grey; 1: only differences between channels.
    colour_strength
        The colour part w - grey, seen as one point of the plane outside the grey
        axis for each position, has one direction with most energy; this is that
        energy, divided by |w|^2.
    hue
        The angle of that direction, pointing as the largest weights point. An
        opponent filter (red against cyan) could as well be called by its opposite.
    orientation, orientation_strength
        Of the strongest colour direction (grey included), cut to a disc, its mean
        removed. Its power spectrum P gives r = sum P exp(2 i angle) / sum P: |r| is
        the strength, the phase the direction across the stripes. Summed with P
        squared it gives the orientation, which leakage disturbs less.
    frequency
        Where P, padded with zeros, is largest; the top of a parabola through it.

    Args:
        kernels: (h, w, c, n), any scale, finite.

    Raises:
        ValueError: not four axes, an axis is empty, or a weight is not finite.
    """
    weights = _by_filter(kernels)  # (n, h, w, c)
    energy = (weights**2).sum(axis=(1, 2, 3))  # (n,)
    norm = np.sqrt(energy)
    dead = norm <= DEAD * np.median(norm)
    # From here on every filter has norm 1 (or 0): scale cannot matter.
    weights = weights / np.where(norm > 0, norm, 1)[:, None, None, None]
    colourfulness, colour_strength, hue = _colour(weights)
    plane = _strongest_plane(weights)  # (n, h, w)
    orientation, strength, frequency = _waves(plane)
    limit = noise_threshold(*np.shape(kernels)[:3])
    return Measures(
        norm=norm,
        dead=dead,
        colourfulness=colourfulness,
        colour_strength=colour_strength,
        hue=hue,
        orientation=orientation,
        orientation_strength=strength,
        frequency=frequency,
        clear_orientation=~dead & (strength > limit.orientation_strength),
        clear_colour=~dead & (colour_strength > limit.colour_strength),
    )


def clear(kernels: Kernels) -> NDArray[np.bool_]:
    """Which filters have a clear orientation or a clear colour: (n,).

    About 1 % of untrained filters do, whatever their scale.
    """
    found = measure(kernels)
    return found.clear_orientation | found.clear_colour


@cache
def noise_threshold(height: int, width: int, channels: int) -> Threshold:
    """The strengths that `FALSE_ALARM` of Gaussian random filters exceed.

    From `_TRIALS` filters of this shape with a fixed seed; remembered. Takes a
    fraction of a second for 11 x 11 x 3.
    """
    random = np.random.default_rng(2012)
    strengths: list[Values] = []
    colours: list[Values] = []
    for _ in range(_TRIALS // _CHUNK):
        weights = random.standard_normal((_CHUNK, height, width, channels))
        weights /= np.sqrt((weights**2).sum(axis=(1, 2, 3), keepdims=True))
        colours.append(_colour(weights)[1])
        strengths.append(_waves(_strongest_plane(weights))[1])
    colour, strength = (
        float(np.quantile(np.concatenate(x), 1 - FALSE_ALARM))
        for x in (colours, strengths)
    )
    return Threshold(strength, colour if channels == 3 else np.inf)


def order(
    kernels: Kernels, by: By, measures: Measures | None = None
) -> NDArray[np.intp]:
    """Filter numbers in the order to show: a permutation, (n,).

    index        as they are.
    colour       clear colours round the circle of hues, then the rest from most to
                 least colourful.
    orientation  clear orientations from 0 to 180 degrees, then the rest from most to
                 least oriented.
    frequency    from wide stripes to fine ones.
    strength     from the largest norm to the smallest.

    Dead filters come last in all but the first. Equal ones keep their order.

    Raises:
        ValueError: `by` is none of these.
    """
    if by not in get_args(By):
        raise ValueError(f"by must be one of {get_args(By)}. Received: {by!r}")
    count = np.shape(kernels)[3]
    if by == "index":
        return np.arange(count)
    found = measures or measure(kernels)
    match by:
        case "colour":
            rest = ~found.clear_colour
            key = np.where(rest, -found.colourfulness, found.hue)
        case "orientation":
            rest = ~found.clear_orientation
            key = np.where(rest, -found.orientation_strength, found.orientation)
        case "frequency":
            rest = np.isnan(found.frequency)
            key = found.frequency
        case _:
            rest = np.zeros(count, dtype=bool)
            key = -found.norm
    return np.lexsort((key, rest, found.dead))


def describe(
    kernels: Kernels,
    index: int,
    measures: Measures | None = None,
    texts: Texts | None = None,
) -> str:
    """One filter in a sentence, as a text alternative. `index` counts from 0.

    Args:
        measures: of `kernels`, to spare measuring them again.
        texts: assets/described.toml in another language than English.
    """
    found, texts = measures or measure(kernels), texts or english()
    words = texts["filters"]
    if found.dead[index]:
        return str(words["dead"].format(number=index))
    if found.clear_orientation[index]:
        degrees = round(float(found.orientation[index])) % 180
        frequency = float(found.frequency[index])
        # An edge has less than a whole wave.
        form = "edge" if frequency * min(np.shape(kernels)[:2]) < 1 else "stripes"
        direction = words[form].format(
            degrees=degrees, frequency=frequency, period=1 / frequency
        )
    else:
        direction = words["no_direction"]
    if found.clear_colour[index]:
        hue = float(found.hue[index])
        one, other = (texts["hues"][hue_name(x)] for x in (hue, hue + 180))
        colour = words["colours"].format(one=one, other=other)
    else:
        is_grey = found.colourfulness[index] < MOSTLY_GREY
        colour = words["grey" if is_grey else "no_colour"]
    return str(words["one"].format(number=index, facts=f"{direction}, {colour}"))


def describe_all(
    kernels: Kernels, measures: Measures | None = None, texts: Texts | None = None
) -> str:
    """All filters in a sentence, as the text alternative of the mosaic.

    Args:
        measures: of `kernels`, to spare measuring them again.
        texts: assets/described.toml in another language than English.
    """
    found, words = measures or measure(kernels), (texts or english())["filters"]
    height, width, channels, count = np.shape(kernels)
    facts = [words["directions"].format(count=int(found.clear_orientation.sum()))]
    if channels == 3:
        facts.append(words["coloured"].format(count=int(found.clear_colour.sum())))
    facts.append(words["dead_ones"].format(count=int(found.dead.sum())))
    return str(
        words["all_1" if count == 1 else "all"].format(
            count=count, height=height, width=width, facts=", ".join(facts)
        )
    )


def hue_name(degrees: float) -> str:
    """The nearest named hue: "red" for 0, 360 or 350."""

    def away(hue: int) -> float:
        return abs((degrees - hue + 180) % 360 - 180)

    return _HUES[min(_HUES, key=away)]


def _by_filter(kernels: Kernels) -> NDArray[np.float64]:
    """(h, w, c, n) -> (n, h, w, c)."""
    if np.ndim(kernels) != 4 or not np.size(kernels):
        raise ValueError(
            "kernels must be of shape (h, w, c, n), none of them 0. "
            f"Received: {np.shape(kernels)}"
        )
    if not np.isfinite(kernels).all():
        raise ValueError("kernels must be finite. Received: nan or infinity")
    return np.moveaxis(np.asarray(kernels, dtype=np.float64), 3, 0)


def _colour(weights: NDArray[np.float64]) -> tuple[Values, Values, Values]:
    """Colourfulness, its strength and hue of (n, h, w, c), norm 1: see `measure`."""
    count = len(weights)
    if weights.shape[3] != 3:
        return np.zeros(count), np.zeros(count), np.full(count, np.nan)
    r, g, b = np.moveaxis(weights, 3, 0).reshape(3, count, -1)  # (n, h*w) each
    # The plane outside the grey axis: an orthonormal pair, red along the first.
    first = (2 * r - g - b) / np.sqrt(6)
    second = (g - b) / np.sqrt(2)
    points = np.stack([first, second], axis=2)  # (n, h*w, 2)
    values, vectors = np.linalg.eigh(points.transpose(0, 2, 1) @ points)
    axis = vectors[:, :, 1]  # (n, 2), of the larger value
    shadow = (points @ axis[:, :, None])[:, :, 0]  # (n, h*w)
    side = np.where((shadow**3).sum(axis=1) < 0, -1, 1)  # where large weights are
    hue = np.rad2deg(np.arctan2(axis[:, 1] * side, axis[:, 0] * side)) % 360
    strength = values[:, 1].clip(0, 1)
    return (
        values.sum(axis=1).clip(0, 1),
        strength,
        np.where(strength > _NOTHING, hue, np.nan),
    )


def _strongest_plane(weights: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each filter seen along the channel mixture with most energy, its mean removed.

    (n, h, w, c) -> (n, h, w). For c = 1 the filter itself but its mean.
    """
    centred = weights - weights.mean(axis=(1, 2), keepdims=True)
    rows = centred.reshape(len(weights), -1, weights.shape[3])  # (n, h*w, c)
    _, vectors = np.linalg.eigh(rows.transpose(0, 2, 1) @ rows)
    plane = rows @ vectors[:, :, -1:]  # (n, h*w, 1)
    return np.asarray(plane.reshape(weights.shape[:3]))


def _waves(plane: NDArray[np.float64]) -> tuple[Values, Values, Values]:
    """Orientation, its strength, and frequency of (n, h, w): see `measure`."""
    parts = [_waves_of_few(plane[i : i + _CHUNK]) for i in range(0, len(plane), _CHUNK)]
    orientation, strength, frequency = (
        np.concatenate(x) for x in zip(*parts, strict=True)
    )
    return orientation, strength, frequency


def _waves_of_few(plane: NDArray[np.float64]) -> tuple[Values, Values, Values]:
    count, height, width = plane.shape
    side = max(64, 4 * height, 4 * width)  # padded with zeros to this, an even number
    disc = _disc(height, width)
    plane = disc * (
        plane - ((plane * disc).sum(axis=(1, 2)) / disc.sum())[:, None, None]
    )
    # The left half of a spectrum mirrors the right one: rfft2 leaves it out.
    power = np.abs(np.fft.rfft2(plane, (side, side))) ** 2  # (n, side, side // 2 + 1)
    flat_power = power.reshape(count, -1)
    sums = flat_power @ _moments(side)  # (n, 3)
    flat = sums[:, 0] <= _NOTHING * side**2  # Parseval: side^2 times sum of squares
    some = np.where(flat, 1, sums[:, 0])
    strength = np.hypot(sums[:, 1], sums[:, 2]) / some
    _, x, y = (flat_power**2 @ _moments(side)).T
    orientation = np.rad2deg(np.arctan2(y, x)) / 2 + 90  # along, not across: 0..180
    orientation[orientation >= 180] = 0

    top = flat_power.argmax(axis=1)
    row, column = np.divmod(top, power.shape[2])
    each = np.arange(count)

    def level(d_row: int, d_column: int) -> Values:
        at_column = column + d_column
        at_row = row + d_row
        mirrored = (at_column < 0) | (at_column > side // 2)
        at_row = np.where(mirrored, -at_row, at_row) % side
        at_column = np.where(mirrored, (-at_column) % side, at_column)
        return np.asarray(power[each, at_row, at_column])

    centre = level(0, 0)
    down = np.fft.fftfreq(side)[row] + _summit(level(-1, 0), centre, level(1, 0)) / side
    right = column / side + _summit(level(0, -1), centre, level(0, 1)) / side
    frequency = np.hypot(down, right)
    return (
        np.where(flat, np.nan, orientation),
        np.where(flat, 0.0, strength).clip(0, 1),
        np.where(flat, np.nan, frequency),
    )


def _disc(height: int, width: int) -> NDArray[np.float64]:
    """1 within the ellipse that touches the sides, fading to 0 over a pixel: (h, w).

    A square's corners would pull the direction of an edge aside.
    """
    rows = (np.arange(height) - (height - 1) / 2)[:, None] * 2 / height
    columns = (np.arange(width) - (width - 1) / 2)[None, :] * 2 / width
    outside = (np.hypot(rows, columns) - 1) * min(height, width) / 2  # pixels
    return np.asarray(np.clip(0.5 - outside, 0, 1))


@cache
def _moments(side: int) -> NDArray[np.float64]:
    """What sums a half spectrum: (side * (side // 2 + 1), 3).

    Columns: 1, cos(2 angle), sin(2 angle), angles counter-clockwise as seen; doubled
    where a value stands for its mirror image too.
    """
    down = np.fft.fftfreq(side)[:, None]  # cycles per pixel
    right = np.fft.rfftfreq(side)[None, :]
    once = (right == 0) | (right == 0.5)  # columns that hold both mirror images
    twice = 2 * np.arctan2(-down, right)
    weight = np.where(once, 1.0, 2.0)
    table = np.stack(
        [weight + 0 * twice, weight * np.cos(twice), weight * np.sin(twice)]
    )
    return table.reshape(3, -1).T.copy()


def _summit(before: Values, at: Values, after: Values) -> Values:
    """Where a parabola through three neighbours is highest, from the middle one."""
    bend = before - 2 * at + after
    straight = np.abs(bend) < 1e-300
    return np.where(straight, 0, (before - after) / (2 * np.where(straight, 1, bend)))

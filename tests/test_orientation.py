"""The hand-made feature: counted as a plain loop counts, and blind to colour."""

from __future__ import annotations

import math

import numpy as np
import pytest

from model.analysis.lesson_steps import orientation
from model.analysis.lesson_steps.orientation import BINS, grey, histograms
from model.pictures import samples
from viz.orientations import strokes


def by_loop(brightness: np.ndarray, cell: int) -> np.ndarray:
    """The same, pixel by pixel."""
    high, wide = brightness.shape
    found = np.zeros((high // cell, wide // cell, BINS))
    for row in range(high // cell * cell):
        for column in range(wide // cell * cell):
            left, right = max(column - 1, 0), min(column + 1, wide - 1)
            up, below = max(row - 1, 0), min(row + 1, high - 1)
            dx = brightness[row, right] - brightness[row, left]
            dy = brightness[below, column] - brightness[up, column]
            place = (math.atan2(dy, dx) % math.pi) / (math.pi / BINS) - 0.5
            lower = math.floor(place)
            strength = math.hypot(dx, dy)
            cell_of = found[row // cell, column // cell]
            cell_of[lower % BINS] += strength * (1 - (place - lower))
            cell_of[(lower + 1) % BINS] += strength * (place - lower)
    return found


@pytest.mark.parametrize("cell", [3, 8])
def test_it_counts_as_a_plain_loop_does(cell: int) -> None:
    brightness = np.random.default_rng(4).random((25, 19))
    np.testing.assert_allclose(histograms(brightness, cell), by_loop(brightness, cell))


@pytest.mark.parametrize(
    ("angle", "nearest"), [(0, {8, 0}), (42, {1, 2}), (77, {3, 4}), (158, {7, 8})]
)
def test_a_ramp_is_counted_in_the_two_nearest_directions(
    angle: float, nearest: set[int]
) -> None:
    rows, columns = np.mgrid[:32, :32].astype(float)
    radians = math.radians(angle)
    counted = histograms(columns * math.cos(radians) + rows * math.sin(radians), 8)
    inside = counted[1, 1]  # away from the edge, where brightness goes on as it is
    assert set(np.nonzero(inside > 1e-9)[0]) == nearest


def test_strengths_are_all_counted_once() -> None:
    brightness = np.random.default_rng(5).random((16, 16))
    strength, direction = orientation.changes(brightness)
    assert histograms(brightness, 8).sum() == pytest.approx(strength.sum())
    assert (direction >= 0).all() and (direction < np.pi).all()


def test_colours_of_one_brightness_cannot_be_told_apart() -> None:
    """What the step's question says: the same shape in red and in green."""
    (red, green) = (samples.EQUAL_COLOURS[name] for name in ("red", "green"))
    disc = np.hypot(*(np.mgrid[:64, :64] - 32)) < 20
    balls = [np.where(disc[..., None], colour, 255).astype(np.uint8)
             for colour in (red, green)]  # fmt: skip
    one, other = (histograms(grey(ball), 8) for ball in balls)
    assert one.max() > 1
    assert np.abs(one - other).max() < 0.01 * one.max()


def test_what_the_other_options_name_can_be_told_apart() -> None:
    """Turned upside down, or blurred, the numbers are others."""
    drawn = np.zeros((64, 64))
    drawn[:20, 10:50] = 1  # a shape that is not its own mirror image
    plain = histograms(drawn, 8)
    assert np.abs(histograms(drawn[::-1], 8) - plain).max() > 0.5 * plain.max()
    blurred = drawn.copy()
    for _ in range(4):
        around = np.pad(blurred, 1, mode="edge")
        blurred = (around[:-2, 1:-1] + around[2:, 1:-1] + around[1:-1, :-2]
                   + around[1:-1, 2:]) / 4  # fmt: skip
    assert np.abs(histograms(blurred, 8) - plain).max() > 0.1 * plain.max()


def test_a_stroke_runs_along_the_edge() -> None:
    across = np.zeros((1, 1, BINS))
    across[0, 0, 0] = 1  # brightness changes across: the edge is vertical
    drawn = strokes(across, 60)[:, :, 0]
    rows, columns = np.nonzero(drawn)
    assert drawn.max() == 255
    assert np.ptp(rows) > 3 * np.ptp(columns)
    assert not strokes(np.zeros((2, 2, BINS)), 20).any()

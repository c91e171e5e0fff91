"""A picture that moves: maps move with it, pooling forgives some of it."""

from __future__ import annotations

import numpy as np
import pytest

from classroom.content import lesson, numbers
from model import runtime, weights
from model.analysis.convolve import convolve
from model.analysis.lesson_steps import shift
from model.network import shapes
from model.network.specs import SIMPLIFIED
from model.pictures import samples
from ui.kit import cache
from ui.lesson.live import convolution

ROW = weights.get(weights.DEFAULT)
PHOTOGRAPHS = [n for n in samples.samples() if samples.sample(n).kind == "photograph"]


def test_a_window_has_its_content_farther_to_the_right() -> None:
    wide = shift.strip(cache.sample_picture("dog"), ROW.spec)
    size = ROW.spec.input_size
    assert wide.shape == (size + shift.ROOM, size + shift.ROOM, 3)
    still, moved = shift.window(wide, 0)[0], shift.window(wide, 16)[0]
    assert still.shape == (size, size, 3)
    assert (moved[:, 16:] == still[:, :-16]).all()
    assert (moved[:, 8:] != still[:, :-8]).any()
    for wrong in (-1, shift.ROOM + 1):
        with pytest.raises(ValueError, match="Expected a shift"):
            shift.window(wide, wrong)


def test_maps_move_by_one_position_for_each_stride() -> None:
    """What the step's question says, and what its wrong options say."""
    stride = next(SIMPLIFIED.convolutions()).stride
    rng = np.random.default_rng(3)
    wide = rng.normal(size=(64, 64 + 32, 3)).astype(np.float32)
    kernels = rng.normal(size=(11, 11, 3, 4)).astype(np.float32)

    def maps(pixels: int) -> np.ndarray:
        x = wide[:, 32 - pixels : 96 - pixels]
        return convolve(x, kernels, np.zeros(4, np.float32), stride)

    np.testing.assert_allclose(maps(stride)[:, 1:], maps(0)[:, :-1], atol=1e-4)
    assert np.abs(maps(stride) - maps(0)).max() > 1, "they do not stay"
    assert np.abs(maps(stride)[:, stride:] - maps(0)[:, :-stride]).max() > 1
    half = maps(stride // 2)
    assert np.abs(half[:, 1:] - maps(0)[:, :-1]).max() > 1, "between two positions"


def test_what_the_step_says_of_shifts_is_measured() -> None:
    found = {
        name: convolution.shifted(cache.sample_picture(name), 4) for name in PHOTOGRAPHS
    }
    farthest = [rows[-1] for rows in found.values()]
    kept = sum(rows[-1].name == rows[0].name for rows in found.values())
    assert (kept, len(found), shift.SHIFTS[-1]) == tuple(
        numbers.SHIPPED[name] for name in ("shift_kept", "shift_of", "shift_most")
    )
    for one in farthest:
        assert one.pooled > one.same_place + 0.05, "pool5 changes less than conv1"
        assert one.moved_along == pytest.approx(1, abs=1e-4)
    for rows in found.values():
        # "probabilities change a little each time"
        assert all(one.kept != rows[0].kept for one in rows[1:])
        by_two = rows[shift.SHIFTS.index(2)]
        assert by_two.moved_along is None and by_two.same_place < 0.99


def test_sharing_saves_what_is_said() -> None:
    known = numbers.numbers()
    image, (side, _, filters) = 224 * 224 * 3, shapes.table(SIMPLIFIED)[1].output
    assert known["dense_first"].text() == f"{image * side * side * filters / 1e9:.1f}"
    assert known["dense_first"].text() == "42.1"
    assert known["first_weights"].text() == f"{11 * 11 * 3 * 96:,}" == "34,848"
    step = lesson.load().step("convolution")
    assert "{dense_first} billion weights; conv1 has {first_weights}" in step.body


def test_the_network_is_the_one_that_is_shown() -> None:
    assert runtime.network(weights.DEFAULT).weights == convolution.WEIGHT_SET

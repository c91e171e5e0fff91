"""What the lesson's live things compute: slopes, masks, first filters, pace."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from model import card_page, runtime, training_speed, weights
from model.analysis.convolve import convolve
from model.analysis.lesson_steps import kernels, slopes
from model.network import dropout, shapes
from model.network.specs import SIMPLIFIED, Dense, Pool
from ui.kit import cache
from ui.lesson.live import network
from viz import overlay

# --- slopes -------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["relu", "tanh"])
def test_a_slope_is_the_derivative(kind: slopes.Activation) -> None:
    x = np.array([-2.5, -0.7, 0.3, 1.9])
    step = 1e-6
    by_hand = (slopes.value(kind, x + step) - slopes.value(kind, x - step)) / (2 * step)
    np.testing.assert_allclose(slopes.slope(kind, x), by_hand, atol=1e-8)


def test_through_many_layers_relu_keeps_all_or_nothing_and_tanh_shrinks() -> None:
    assert slopes.through("relu", 2.0, 20).tolist() == [1.0] * 21
    assert slopes.through("relu", -0.5, 3).tolist() == [1.0, 0.0, 0.0, 0.0]
    left = slopes.through("tanh", 2.0, 8)
    assert left[0] == 1
    assert left[-1] == pytest.approx((1 - np.tanh(2.0) ** 2) ** 8)
    assert slopes.through("tanh", 0.0, 8).tolist() == [1.0] * 9


# --- dropout ------------------------------------------------------------------------


def test_factors_sleep_with_the_rate_and_keep_the_mean() -> None:
    for rate in (0.0, 0.3, 0.5, 0.9):
        factors = dropout.factors(200_000, rate, step=3)
        assert (factors == 0).mean() == pytest.approx(rate, abs=0.01)
        assert factors.mean() == pytest.approx(1, abs=0.03)
    again = dropout.factors(4096, 0.5, 3, 6)
    assert (again == dropout.factors(4096, 0.5, 3, 6)).all()
    assert (again != dropout.factors(4096, 0.5, 4, 6)).any()
    assert (again != dropout.factors(4096, 0.5, 3, 7)).any()


def test_only_the_strongest_are_kept() -> None:
    units = np.array([0.0, 3.0, 1.0, 2.0], np.float32)
    assert dropout.strongest(units, 2).tolist() == [0, 3, 0, 2]
    assert dropout.strongest(units, 4).tolist() == units.tolist()


def test_a_head_by_hand() -> None:
    head = dropout.Head(
        (
            np.array([[1, -1], [2, 0]], np.float32),
            np.array([[1, 0], [0, 1]], np.float32),
        ),
        (np.array([0, 1], np.float32), np.zeros(2, np.float32)),
    )
    # (1, 1) -> (3, 0) -> softmax(3, 0)
    share = 1 / (1 + np.exp(-3.0))
    found = head.answers(np.ones((1, 2), np.float32))
    np.testing.assert_allclose(found, [[share, 1 - share]], rtol=1e-6)
    asleep = [np.array([[0, 1]], np.float32)]
    found = head.answers(np.ones((1, 2), np.float32), asleep)
    np.testing.assert_allclose(found, [[0.5, 0.5]])


def test_the_head_answers_as_the_network_does() -> None:
    picture = cache.sample_picture("dog")
    whole = cache.layer(weights.DEFAULT, picture, "fc8")
    kept = cache.strongest_only(weights.DEFAULT, picture)
    np.testing.assert_allclose(kept[-1], whole, atol=1e-4)
    found = cache.masked(weights.DEFAULT, picture, (0.0, 0.5))
    awake, half = found.answers
    np.testing.assert_allclose(awake, [whole] * cache.MASKS, atol=1e-4)
    assert (half != found.whole).any()
    np.testing.assert_allclose(half.sum(axis=1), 1, atol=1e-4)
    assert found.kept[0].all()
    assert (found.kept[1, 2] == (dropout.factors(4096, 0.5, 3, 6) > 0)).all()


# --- first filters ------------------------------------------------------------------


@pytest.mark.parametrize("size", kernels.SIZES)
def test_a_drawn_edge_answers_to_a_step_and_not_to_a_plain(size: int) -> None:
    edge = kernels.drawn_edge(size)
    assert edge.shape == (size, size, 3, 1)
    assert edge.sum() == pytest.approx(0, abs=1e-6)
    picture = np.zeros((24, 24, 3), np.float32)
    picture[:, 12:] = 1
    answers = convolve(picture, edge, np.zeros(1, np.float32), 1)[:, :, 0]
    assert answers.max() == pytest.approx(
        0.5
    )  # half of its weights see the bright side
    assert answers[:, 0].tolist() == pytest.approx([0] * len(answers))


def test_a_centre_is_cut_out_of_the_middle() -> None:
    kernel = np.arange(11 * 11, dtype=np.float32).reshape(11, 11, 1, 1)
    assert kernels.centre(kernel, 3)[:, :, 0, 0].tolist() == [
        [48, 49, 50],
        [59, 60, 61],
        [70, 71, 72],
    ]
    assert (kernels.centre(kernel, 11) == kernel).all()
    for size in (4, 13):
        with pytest.raises(ValueError, match="no middle"):
            kernels.centre(kernel, size)


def test_other_first_filters_follow_the_arithmetic() -> None:
    spec = kernels.with_first(SIMPLIFIED, 3)
    assert shapes.layer_info(spec, "conv1").output == (56, 56, 96)
    assert shapes.layer_info(spec, "conv1").parameters == 3 * 3 * 3 * 96 + 96
    assert kernels.with_first(SIMPLIFIED, 11) == SIMPLIFIED


@pytest.mark.parametrize(("count", "field"), [(1, 3), (2, 5), (3, 7), (5, 11)])
def test_a_stack_sees_as_far_as_a_large_filter(count: int, field: int) -> None:
    assert kernels.stacked(count, 8) == (field, count * 9 * 8 * 8)


# --- pace ---------------------------------------------------------------------------


def test_the_recorded_pace_is_the_journals() -> None:
    lines = [json.loads(x) for x in training_speed.JOURNAL.read_text().splitlines()]
    large = [x for x in lines if x["size"] == 224]
    found = training_speed.recorded(224)
    assert found.seconds == pytest.approx(sum(x["seconds"] for x in large))
    stages = card_page.fields(weights.DEFAULT)["recipe"]["stages"]
    assert found.pictures == sum(x["pictures"] for x in stages if x["size"] == 224)
    with pytest.raises(ValueError, match="no report at 64"):
        training_speed.recorded(64)


def test_days_and_estimates(tmp_path: Path) -> None:
    assert training_speed.training_days(1000, 90, 1.0) == pytest.approx(90_000 / 86_400)
    assert training_speed.estimated_pace(0.1) == pytest.approx(1 / 0.3)


def test_a_forward_pass_is_timed() -> None:
    seconds = runtime.network(weights.DEFAULT).seconds(3)
    assert 0.001 < seconds < 10


# --- the four switches --------------------------------------------------------------


def test_all_switched_on_is_the_lessons_network() -> None:
    assert network.switched(True, True, True, True) == SIMPLIFIED


def test_each_switch_takes_one_difference_back() -> None:
    few = network.switched(False, True, True, True)
    assert len(list(few.convolutions())) == 2
    assert shapes.totals(few).parameters > shapes.totals(SIMPLIFIED).parameters
    tanh = network.switched(True, False, True, True)
    assert {c.activation for c in tanh.convolutions()} == {"tanh"}
    assert [x.activation for x in tanh.layers if isinstance(x, Dense)][-1] == "softmax"
    average = network.switched(True, True, False, True)
    assert {x.kind for x in average.layers if isinstance(x, Pool)} == {"average"}
    plain = network.switched(True, True, True, False)
    assert [x.name for x in SIMPLIFIED.layers if x not in plain.layers] == [
        "drop6",
        "drop7",
    ]
    for same in (tanh, average, plain):
        assert shapes.totals(same) == shapes.totals(SIMPLIFIED)


# --- what is drawn ------------------------------------------------------------------


def test_a_frame_lies_round_the_box_and_not_on_it() -> None:
    picture = np.full((40, 40, 3), 7, np.uint8)
    framed = overlay.framed(picture, (10, 20, 13, 23), enlarge=2)
    assert framed.shape == (80, 80, 3)
    assert (framed[20:26, 40:46] == 7).all()
    assert (framed[16, 38:48] == 255).all()
    assert (framed[:14] == 7).all()

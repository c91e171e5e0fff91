"""A new last layer: against brute force, closed forms, and what draws may not do."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from model import weights
from model.analysis.features import teach
from model.network.shapes import table
from model.network.specs import Dense

CLOSE = 1e-9


def clouds(
    counts: tuple[int, ...], units: int = 40, seed: int = 1, apart: float = 1.0
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Activations round a centre of each class, and their classes."""
    generator = np.random.default_rng(seed)
    centres = generator.normal(size=(len(counts), units)) * apart
    labels = np.repeat(np.arange(len(counts)), counts)
    noise = generator.normal(size=(len(labels), units))
    return np.maximum(centres[labels] + noise, 0), labels


VALUES, LABELS = clouds((4, 7, 5))


def loss(
    weights_: NDArray[np.float64],
    values: NDArray[np.float64],
    labels: NDArray[np.int64],
    decay: float,
) -> float:
    """What is minimised, as the docstring writes it."""
    logits = teach.prepared(values) @ weights_
    logits -= logits.max(axis=1, keepdims=True)
    log_p = logits - np.log(np.exp(logits).sum(axis=1, keepdims=True))
    mean = -log_p[np.arange(len(labels)), labels].mean()
    return float(mean + decay / 2 * (weights_**2).sum())


@pytest.mark.parametrize("decay", [1e-1, 1e-3])
def test_no_step_from_the_trained_layer_lowers_the_loss(decay: float) -> None:
    """The minimum of a strictly convex function is where every direction goes up."""
    layer = teach.train(VALUES, LABELS, 3, decay, CLOSE)
    found = np.vstack([layer.weights, layer.bias])
    least = loss(found, VALUES, LABELS, decay)
    assert least < loss(np.zeros_like(found), VALUES, LABELS, decay)
    generator = np.random.default_rng(3)
    for size in (1e-1, 1e-2, 1e-3):
        for _ in range(20):
            step = generator.normal(size=found.shape) * size
            assert loss(found + step, VALUES, LABELS, decay) > least


def test_two_pictures_at_right_angles_have_a_closed_form() -> None:
    """Unit vectors e1, e2, and a bias that is 0 by symmetry: w = ±a, where

    decay · 2 a = (1 - p) with p = 1 / (1 + exp(-2 a)), by the gradient along e1.
    """
    decay = 0.05
    layer = teach.train(np.eye(2), np.array([0, 1]), 2, decay, CLOSE)
    a = layer.weights[0, 0]
    assert np.allclose(layer.weights, [[a, -a], [-a, a]], atol=1e-7)
    assert np.allclose(layer.bias, 0, atol=1e-7)
    assert 2 * decay * a == pytest.approx(1 - 1 / (1 + np.exp(-2 * a)), abs=1e-7)


def test_equal_classes_are_equally_probable() -> None:
    """The same picture under two names: nothing tells them apart."""
    layer = teach.train(np.ones((2, 5)), np.array([0, 1]), 2)
    assert layer.probabilities(np.ones((1, 5)))[0].tolist() == pytest.approx([0.5, 0.5])


def test_length_does_not_count_and_zeros_are_taken() -> None:
    layer = teach.train(VALUES, LABELS, 3)
    assert np.allclose(layer.logits(VALUES), layer.logits(VALUES * 7))
    found = layer.probabilities(np.zeros((1, VALUES.shape[1])))
    assert np.isfinite(found).all()
    assert found.sum() == pytest.approx(1)


@pytest.mark.parametrize("decay", [1e-2, 1e-3])
def test_leaving_out_is_training_without_each_picture(decay: float) -> None:
    """Brute force: as many trainings as pictures, one after another."""
    found = teach.leave_one_out(VALUES, LABELS, 3, decay, CLOSE)
    whole = teach.train(VALUES, LABELS, 3, decay, CLOSE).probabilities(VALUES)
    n = len(LABELS)
    for i in range(n):
        others = np.arange(n) != i
        layer = teach.train(VALUES[others], LABELS[others], 3, decay, CLOSE)
        now = layer.probabilities(VALUES)
        assert found.probabilities[i] == pytest.approx(now[i], abs=1e-5)
        moved = np.abs(now - whole)[others].sum(axis=1) / 2
        assert found.influence[i] == pytest.approx(moved.mean(), abs=1e-5)


def test_the_usual_accuracy_is_near_the_exact_one() -> None:
    """Where pages stop sooner, no probability is off by a percentage point."""
    exact = teach.leave_one_out(VALUES, LABELS, 3, close=CLOSE)
    usual = teach.leave_one_out(VALUES, LABELS, 3)
    assert np.abs(exact.probabilities - usual.probabilities).max() < 0.01


def test_confusions_count_every_picture_once() -> None:
    values, labels = clouds((6, 9), apart=0.3)
    found = teach.leave_one_out(values, labels, 2)
    assert found.confusion.sum(axis=1).tolist() == [6, 9]
    assert found.confusion.trace() == found.right < 15


def test_a_mislabelled_picture_counts_most() -> None:
    values, labels = clouds((8, 8), apart=2.0, seed=5)
    labels = labels.copy()
    labels[0] = 1
    found = teach.leave_one_out(values, labels, 2)
    assert found.influence.argmax() == 0
    assert found.predicted[0] == 0


def test_names_given_by_chance_are_not_learned() -> None:
    """Leave-one-out tells memorising from learning: the fit is right, it is not."""
    generator = np.random.default_rng(0)
    values, labels = generator.normal(size=(60, 200)), np.arange(60) % 2
    layer = teach.train(values, labels, 2)
    assert (layer.logits(values).argmax(axis=1) == labels).all()
    assert teach.leave_one_out(values, labels, 2).right < 45


@pytest.mark.parametrize(
    ("counts", "wanted"),
    [((1, 9), []), ((2, 9), [1]), ((4, 4), [1, 2, 3]), ((30, 10), [1, 2, 3, 5, 8, 9])],
)
def test_one_picture_of_each_class_is_left_to_test_on(
    counts: tuple[int, ...], wanted: list[int]
) -> None:
    assert teach.amounts(np.repeat(np.arange(2), counts)) == wanted


def test_the_curve_is_that_of_training_on_each_draw() -> None:
    """With two pictures of a class and one drawn there are few draws: each is tried."""
    values, labels = clouds((2, 2), apart=0.5, seed=4)
    (amount,) = teach.learning_curve(values, labels, 2)
    possible = set()
    for a in (0, 1):
        for b in (2, 3):
            layer = teach.train(values[[a, b]], labels[[a, b]], 2)
            tested = [1 - a, 5 - b]
            right = layer.logits(values[tested]).argmax(axis=1) == labels[tested]
            possible.add(float(right.mean()))
    assert set(amount.accuracies) == possible
    assert len(amount.accuracies) == teach.DRAWS


def test_draws_come_from_the_seed_and_more_pictures_help() -> None:
    values, labels = clouds((12, 20), apart=0.6, units=20)
    curve = list(teach.learning_curve(values, labels, 2))
    assert curve == list(teach.learning_curve(values, labels, 2))
    assert curve != list(teach.learning_curve(values, labels, 2, seed=3))
    assert curve[-1].mean > curve[0].mean
    assert all(one.band[0] <= one.mean <= one.band[1] for one in curve)


def test_enough_is_the_first_that_is_near_the_last() -> None:
    curve = [
        teach.Amount(k, (x,)) for k, x in ((1, 0.6), (2, 0.89), (3, 0.8), (5, 0.9))
    ]
    assert teach.enough(curve) == 2
    assert teach.enough(curve, within=0) == 5


@pytest.mark.parametrize(
    ("labels", "classes", "said"),
    [([0, 0], 1, "two classes"), ([0, 0], 2, "Missing: {1}")],
)
def test_too_little_is_refused(labels: list[int], classes: int, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        teach.train(np.eye(2), np.array(labels), classes)
    with pytest.raises(ValueError, match="two pictures"):
        teach.leave_one_out(np.eye(3), np.array([0, 0, 1]), 2)


def test_parameters_are_those_of_the_networks_own_last_layer() -> None:
    """By the arithmetic of `model.network`, for as many classes as it has."""
    spec = weights.get(weights.DEFAULT).spec
    *_, hidden, last = (x for x in spec.layers if isinstance(x, Dense))
    row = table(spec)[-1]
    assert row.name == last.name
    assert teach.parameters(hidden.units, last.units) == row.parameters

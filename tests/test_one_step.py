"""The arithmetic of a training step: as Keras does it, with every weight changed."""

from __future__ import annotations

from math import log

import keras
import numpy as np
import pytest

from model import paper
from model.analysis.lesson_steps.two_layers import SHOWN, TwoLayers
from tests import one_step
from tests.one_step import Rule
from ui.kit.components import one_step as component

RNG = np.random.default_rng(7)
HIDDEN = np.maximum(RNG.normal(size=12), 0)
KERNEL, BIAS = RNG.normal(size=(12, 5)), RNG.normal(size=5)
RULE = Rule(0.05, paper.MOMENTUM, paper.DECAY)


def test_a_network_that_knows_nothing_has_ln_of_its_classes() -> None:
    """The 2.30 and 6.91 of the lesson."""
    for classes, said in ((10, "2.30"), (1000, "6.91")):
        loss = one_step.cross_entropy(np.full(classes, 3.0), 4)
        assert loss == pytest.approx(log(classes))
        assert f"{loss:.2f}" == said
    sure_and_wrong = np.zeros(10)
    sure_and_wrong[3] = 8
    assert one_step.cross_entropy(sure_and_wrong, 4) > log(10)


def test_loss_and_probabilities_are_keras_own() -> None:
    logits = HIDDEN @ KERNEL + BIAS
    target = np.eye(5)[[2]]
    ours = one_step.cross_entropy(logits, 2)
    theirs = keras.losses.categorical_crossentropy(target, logits[None], True)
    assert ours == pytest.approx(float(theirs[0]), rel=1e-6)
    shares = np.asarray(keras.ops.softmax(logits))
    np.testing.assert_allclose(one_step.softmax(logits), shares, rtol=1e-6)


def test_the_gradient_is_how_the_loss_changes() -> None:
    logits, tiny = HIDDEN @ KERNEL + BIAS, 1e-6
    for number in range(5):
        moved = logits.copy()
        moved[number] += tiny
        change = one_step.cross_entropy(moved, 2) - one_step.cross_entropy(logits, 2)
        gradient = one_step.logit_gradient(logits, 2)[number]
        assert gradient == pytest.approx(change / tiny, abs=1e-5)


def test_steps_are_keras_sgd_with_the_papers_decay() -> None:
    """The paper's decay is the gradient of half of decay · w²; biases have none."""
    layer = keras.layers.Dense(
        5, kernel_regularizer=keras.regularizers.L2(RULE.decay / 2)
    )
    network = keras.Sequential([keras.Input((12,)), layer])
    layer.set_weights([KERNEL, BIAS])
    network.compile(
        keras.optimizers.SGD(RULE.rate, momentum=RULE.momentum),
        keras.losses.CategoricalCrossentropy(from_logits=True),
    )
    for _ in range(4):
        network.train_on_batch(HIDDEN[None], np.eye(5)[[2]])
    kernel, bias, _ = one_step.train(HIDDEN, KERNEL, BIAS, 2, RULE, 4)
    np.testing.assert_allclose(layer.get_weights()[0], kernel, atol=1e-5)
    np.testing.assert_allclose(layer.get_weights()[1], bias, atol=1e-5)


def test_what_the_browser_computes_is_every_weight_changed() -> None:
    square = float(HIDDEN @ HIDDEN)
    for steps in (1, 2, component.MOST):
        kernel, bias, losses = one_step.train(HIDDEN, KERNEL, BIAS, 3, RULE, steps)
        logits = one_step.in_logits(HIDDEN @ KERNEL, BIAS, square, 3, RULE, steps)
        assert len(logits) == len(losses) == steps + 1
        np.testing.assert_allclose(logits[-1], HIDDEN @ kernel + bias, rtol=1e-9)
        found = [one_step.cross_entropy(one, 3) for one in logits]
        np.testing.assert_allclose(found, losses, rtol=1e-9)
    assert losses[-1] < losses[0]


def test_two_linear_layers_are_one() -> None:
    x = np.linspace(-3, 3, 25)
    for layers in (
        SHOWN,
        TwoLayers((0.5, -2.0, 1.5), (1.0, 0.0, 3.0), (2.0, 1.0, -1.0), 4.0),
    ):
        weight, bias = layers.folded()
        np.testing.assert_allclose(layers.output(x, None), weight * x + bias)
        for kind in ("relu", "tanh", "sigmoid"):
            line = np.polyfit(x, layers.output(x, kind), 1)
            assert np.abs(layers.output(x, kind) - np.polyval(line, x)).max() > 0.1
    assert SHOWN.folded() == (-1.0, 3.0)
    assert SHOWN.output(np.array([1.5]), "relu") == [3.0]

"""One pass gives every layer, equal to Keras's own predict."""

import numpy as np
import pytest

from model import runtime, weights
from model.analysis.convolve import convolve, relu
from model.network.shapes import table
from model.pictures import load_picture, to_input
from model.pictures.samples import data


@pytest.fixture(scope="module")
def network():
    return runtime.network(weights.DEFAULT)


@pytest.fixture(scope="module")
def x(network) -> np.ndarray:
    return to_input(load_picture(data("cat")), network.weights.spec)


def test_every_layer_has_the_shape_of_the_arithmetic(network, x) -> None:
    answers = network.activations(x)
    for row in table(network.weights.spec):
        assert answers[row.name].shape == row.output, row.name


def test_equals_predict(network, x) -> None:
    theirs = network.keras.predict(x, verbose=0)[0]
    ours = network.activations(x)["fc8"]
    np.testing.assert_allclose(ours, theirs, atol=1e-4)
    assert ours.sum() == pytest.approx(1, abs=1e-4)


def test_conv1_equals_the_convolution_by_hand(network, x) -> None:
    kernel, bias = weights.first_layer(weights.DEFAULT)
    by_hand = relu(convolve(x[0], kernel, bias, 4))
    np.testing.assert_allclose(network.activations(x)["conv1"], by_hand, atol=1e-3)


def test_dropout_is_off(network, x) -> None:
    answers = network.activations(x)
    assert np.array_equal(answers["drop6"], answers["fc6"])
    assert np.array_equal(network.activations(x)["fc8"], answers["fc8"])


def test_shared_arrays_cannot_be_changed(network, x) -> None:
    answers = network.activations(x)
    with pytest.raises(ValueError, match="read-only"):
        answers["conv1"][0, 0, 0] = 1
    with pytest.raises(TypeError):
        answers["conv1"] = 0


def test_another_shape_is_refused(network) -> None:
    with pytest.raises(ValueError, match=r"\(1, 224, 224, 3\).*Received: \(1, 10"):
        network.activations(np.zeros((1, 10, 10, 3), np.float32))

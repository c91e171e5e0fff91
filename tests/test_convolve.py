"""The convolution by hand equals Keras."""

import numpy as np
import pytest

from model.analysis.convolve import by_hand, convolve, relu, windows
from model.network.specs import ORIGINAL, SIMPLIFIED, TORCHVISION


@pytest.mark.parametrize(
    ("size", "kernel", "stride", "channels"),
    [(224, 11, 4, 3), (27, 5, 1, 4), (13, 3, 2, 6), (11, 11, 4, 3)],
)
def test_equals_keras(size: int, kernel: int, stride: int, channels: int) -> None:
    import keras

    rng = np.random.default_rng(size)
    x = rng.normal(size=(size, size, channels)).astype(np.float32)
    kernels = rng.normal(size=(kernel, kernel, channels, 5)).astype(np.float32)
    bias = rng.normal(size=5).astype(np.float32)
    theirs = keras.ops.conv(x[None], kernels, strides=stride, padding="valid")
    theirs = np.asarray(theirs)[0] + bias
    ours = convolve(x, kernels, bias, stride)
    assert ours.shape == theirs.shape
    np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-3)


def test_one_position_is_the_sum_of_products() -> None:
    rng = np.random.default_rng(1)
    x = rng.normal(size=(30, 30, 3)).astype(np.float32)
    kernels = rng.normal(size=(11, 11, 3, 1)).astype(np.float32)
    answer = convolve(x, kernels, np.float32([0.5]), 4)[2, 3, 0]
    product = (x[8:19, 12:23] * kernels[..., 0]).sum() + 0.5
    assert answer == pytest.approx(product, rel=1e-4)


def test_the_first_layer_has_its_networks_stride_and_zeros() -> None:
    """torchvision's has two zeros on each side, and 55 positions; the lesson's 54."""
    rng = np.random.default_rng(2)
    for spec, side, pad in (
        (TORCHVISION, 55, 2),
        (SIMPLIFIED, 54, 0),
        (ORIGINAL, 55, 0),
    ):
        size = spec.input_size
        x = rng.normal(size=(size, size, 3)).astype(np.float32)
        kernels = rng.normal(size=(11, 11, 3, 2)).astype(np.float32)
        bias = np.float32([0, 1])
        ours = by_hand(spec, x, kernels, bias)
        assert ours.shape == (side, side, 2)
        corner = np.zeros((11, 11, 3), np.float32)
        corner[pad:, pad:] = x[: 11 - pad, : 11 - pad]
        expected = (corner[..., None] * kernels).sum((0, 1, 2)) + bias
        np.testing.assert_allclose(ours[0, 0], expected, rtol=1e-3, atol=1e-3)


def test_windows_is_a_view() -> None:
    x = np.zeros((20, 20, 3), np.float32)
    assert np.shares_memory(windows(x, 11, 4), x)


def test_relu_passes_on_agreement_only() -> None:
    assert relu(np.float32([-2, 0, 3])).tolist() == [0, 0, 3]

"""One filter over one picture, by hand: numpy only, every step visible.

`tests/test_convolve.py` holds it to Keras. The pages use it where a single map is
asked for, before and after ReLU, and before TensorFlow is loaded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from model.network.shapes import edges
from model.network.specs import Spec


def windows(x: NDArray[np.float32], kernel: int, stride: int) -> NDArray[np.float32]:
    """Every patch that a kernel sees, without padding.

    (H, W, C) -> (rows, columns, k, k, C), a view: nothing is copied.
    """
    patches = np.lib.stride_tricks.sliding_window_view(x, (kernel, kernel), (0, 1))
    patches = patches[::stride, ::stride]  # (rows, columns, C, k, k)
    return patches.transpose(0, 1, 3, 4, 2)


def convolve(
    x: NDArray[np.float32],
    kernels: NDArray[np.float32],
    bias: NDArray[np.float32],
    stride: int,
    padding: tuple[int, int] = (0, 0),
) -> NDArray[np.float32]:
    """What filters answer before their ReLU.

    Args:
        x: the input (H, W, C).
        kernels: (k, k, C, n), as Keras keeps them.
        bias: (n,).
        stride: pixels between neighbouring positions.
        padding: zeros before and after the input, in both directions.

    Returns:
        (rows, columns, n): at each position, the sum of kernel times patch, plus bias.
    """
    if any(padding):
        x = np.pad(x, [padding, padding, (0, 0)])
    size, _, channels, count = kernels.shape
    patches = windows(x, size, stride)  # (rows, columns, k, k, C)
    rows, columns = patches.shape[:2]
    flat = patches.reshape(rows * columns, size * size * channels)
    answers = flat @ kernels.reshape(size * size * channels, count) + bias
    return answers.reshape(rows, columns, count)


def by_hand(
    spec: Spec,
    x: NDArray[np.float32],
    kernels: NDArray[np.float32],
    bias: NDArray[np.float32],
) -> NDArray[np.float32]:
    """`convolve` with the stride and the zeros of a network's first layer."""
    conv1 = next(spec.convolutions())
    return convolve(x, kernels, bias, conv1.stride, edges(conv1, len(x)))


def relu(x: NDArray[np.float32]) -> NDArray[np.float32]:
    """max(0, x): a filter says how strongly it agrees, never how it disagrees."""
    return np.maximum(x, 0)

"""First filters of other sizes: an edge as one would draw it, and cut-out centres."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from model.network import shapes
from model.network.specs import Conv, Spec

SIZES = (3, 5, 7, 11)  # pixels a side


def drawn_edge(size: int, channels: int = 3) -> NDArray[np.float32]:
    """A vertical edge, dark left and bright right: (size, size, channels, 1).

    The middle column is 0, and the weights are divided by their number, so that the
    answers of different sizes compare.
    """
    row = np.sign(np.arange(size) - (size - 1) / 2)  # -1 … 0 … 1
    edge = np.broadcast_to(row[None, :, None, None], (size, size, channels, 1))
    return (edge / np.count_nonzero(edge)).astype(np.float32)


def centre(kernel: NDArray[np.float32], size: int) -> NDArray[np.float32]:
    """The middle of a kernel (k, k, channels, n): (size, size, channels, n).

    Raises:
        ValueError: size is larger than k, or the two have no common middle.
    """
    whole = kernel.shape[0]
    if size > whole or (whole - size) % 2:
        raise ValueError(f"{whole} pixels have no middle of {size}")
    edge = (whole - size) // 2
    return kernel[edge : edge + size, edge : edge + size]


def with_first(spec: Spec, size: int) -> Spec:
    """The network with first filters of another size.

    Later layers stay; their maps follow from the arithmetic.
    """
    first, *rest = spec.layers
    if not isinstance(first, Conv):
        raise ValueError(f"{spec.name} does not begin with a convolution")
    return replace(spec, layers=(replace(first, kernel=size), *rest))


def stacked(count: int, maps: int) -> tuple[int, int]:
    """Pixels that a stack of 3 x 3 layers sees, and its weights without biases."""
    layers = tuple(Conv(f"conv{i}", maps, 3, padding="same") for i in range(count))
    spec = Spec("stack", "a stack", 2014, "", 32, maps, layers)
    infos = shapes.table(spec)
    return infos[-1].field or 0, sum(info.parameters - maps for info in infos[1:])

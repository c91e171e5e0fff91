"""What every weights file comes down to: arrays by name, in Keras's layout.

Caffe and PyTorch write a kernel outputs first and channels before rows and columns:

                 published                                here, as Keras keeps it
    convolution  (outputs, inputs / groups, rows, columns)  (rows, columns, inputs
                                                             / groups, outputs)
    dense        (outputs, inputs)                          (inputs, outputs)

A dense layer that reads maps counts its inputs channel by channel there, and position
by position here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.shapes import Shape, steps
from model.network.specs import Conv, Dense, Flatten, Spec

Arrays = Mapping[str, NDArray[Any]]
Floats = NDArray[np.float32]
PARTS = ("kernel", "bias")


class WeightsBroken(ValueError):
    """A weights file is missing, damaged or does not fit; the message has a remedy."""


@dataclass(frozen=True)
class Published:
    """One layer's kernel as Caffe and PyTorch write it."""

    layer: Conv | Dense
    shape: Shape  # outputs first
    maps: Shape | None  # (H, W, C) that a dense layer reads, row by row as one vector

    @property
    def outputs(self) -> int:
        """The number of filters or units, and of biases."""
        return self.shape[0]

    @property
    def size(self) -> int:
        """The number of weights."""
        return prod(self.shape)

    def places(self) -> NDArray[np.intp] | None:
        """Of a dense layer's inputs as published, the row of each in Keras's kernel."""
        if self.maps is None:
            return None
        here = np.arange(prod(self.maps)).reshape(self.maps)  # (H, W, C)
        return here.transpose(2, 0, 1).ravel()  # in the order C, H, W

    def to_keras(self, kernel: Floats) -> Floats:
        """The kernel turned round; a copy, in order in memory."""
        if isinstance(self.layer, Conv):
            return np.ascontiguousarray(kernel.transpose(2, 3, 1, 0))
        if self.maps is None:
            return np.ascontiguousarray(kernel.T)
        height, width, channels = self.maps
        parts = kernel.reshape(self.outputs, channels, height, width)
        return parts.transpose(2, 3, 1, 0).reshape(-1, self.outputs)


def published(spec: Spec) -> tuple[Published, ...]:
    """The kernels of a network as Caffe and PyTorch write them, in order."""
    found: list[Published] = []
    maps: Shape | None = None
    for step in steps(spec):
        layer = step.layer
        if isinstance(layer, Flatten):
            maps = step.before
        elif isinstance(layer, Conv):
            inputs = step.before[2] // layer.groups
            shape = (layer.filters, inputs, layer.kernel, layer.kernel)
            found.append(Published(layer, shape, None))
        elif isinstance(layer, Dense):
            found.append(Published(layer, (layer.units, step.before[0]), maps))
            maps = None
    return tuple(found)

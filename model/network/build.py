"""specs -> keras.Model, with the layers named as in the spec.

Backend-neutral Keras 3. This module imports Keras: reach it through
`model.runtime`, which owns that import in the server.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import keras
import numpy as np
from keras import layers, ops

from model.network import shapes
from model.network.specs import (
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalise,
    Pool,
    Spec,
)

NORM = "_norm"  # what follows a layer's name in the name of its batch normalisation


@keras.saving.register_keras_serializable("alexnet")
class LocalResponseNormalisation(layers.Layer):
    """b_i = a_i / (k + alpha * sum of a_j^2 over the n maps round i) ^ beta.

    The paper's formula (3.3): alpha is not divided by n. In groups the sum ends at the
    group's first and last map; `within` a map it is over n x n positions.
    """

    def __init__(
        self,
        n: int = 5,
        k: float = 2.0,
        alpha: float = 1e-4,
        beta: float = 0.75,
        groups: int = 1,
        within: bool = False,
        **kwargs: Any,
    ) -> None:
        super().__init__(**kwargs)
        self.n, self.k, self.alpha, self.beta = n, k, alpha, beta
        self.groups, self.within = groups, within

    def call(self, inputs: Any) -> Any:
        squares = ops.square(inputs)  # (N, H, W, C)
        around = (_in_map if self.within else self._across)(squares, self.n)
        # A power, written so that it takes a third of the time on a CPU.
        return inputs * ops.exp(-self.beta * ops.log(self.k + self.alpha * around))

    def _across(self, squares: Any, n: int) -> Any:
        """The sum over n maps, zeros beyond the first and the last of a group."""
        _, height, width, maps = squares.shape
        channels, half = maps // self.groups, n // 2
        split = ops.reshape(squares, (-1, height, width, self.groups, channels))
        padded = ops.pad(split, [[0, 0]] * 4 + [[half, half]])
        around = sum(padded[..., i : i + channels] for i in range(n))
        return ops.reshape(around, (-1, height, width, maps))

    def get_config(self) -> dict[str, Any]:
        config = {"n": self.n, "k": self.k, "alpha": self.alpha, "beta": self.beta}
        where = {"groups": self.groups, "within": self.within}
        return super().get_config() | config | where


def _in_map(squares: Any, n: int) -> Any:
    """The sum over n x n positions of the same map, zeros beyond its edge."""
    edge = [n // 2, n // 2]
    padded = ops.pad(squares, [[0, 0], edge, edge, [0, 0]])
    return n * n * ops.average_pool(padded, n, strides=1, padding="valid")


def _normalised(
    layer: Conv | Dense,
    keras_layer: Callable[..., layers.Layer],
    options: dict[str, Any],
) -> list[layers.Layer]:
    """A layer, its pre-activations batch-normalised before ReLU; `fold` undoes it."""
    return [
        keras_layer(name=layer.name, use_bias=False, **options),
        layers.BatchNormalization(momentum=0.97, name=f"{layer.name}{NORM}"),
        layers.Activation(layer.activation, name=f"{layer.name}_{layer.activation}"),
    ]


def fold(trained: keras.Model, folded: keras.Model) -> None:
    """Moves the weights of a batch-normalised network into the same one without.

    gamma * (k x - mean) / sqrt(variance + epsilon) + beta is linear in x, so each
    normalisation is a factor on its layer's kernel and a bias: the answers stay the
    same, and the network is that of the spec.
    """
    norms = {layer.name for layer in trained.layers if layer.name.endswith(NORM)}
    for layer in folded.layers:
        if not layer.get_weights():
            continue
        arrays = [np.asarray(w) for w in trained.get_layer(layer.name).get_weights()]
        if layer.name + NORM in norms:
            norm = trained.get_layer(layer.name + NORM)
            gamma, beta, mean, variance = map(np.asarray, norm.get_weights())
            factor = gamma / np.sqrt(variance + norm.epsilon)  # (outputs,)
            arrays = [arrays[0] * factor, beta - mean * factor]
        layer.set_weights(arrays)


def _conv(layer: Conv, options: dict[str, Any], batch_norm: bool) -> list[layers.Layer]:
    before = []
    if layer.padding not in ("valid", "same", 0):
        pair = layer.padding if isinstance(layer.padding, tuple) else None
        zeros = (pair, pair) if pair else layer.padding  # of rows, of columns
        before = [layers.ZeroPadding2D(zeros, name=f"{layer.name}_pad")]
    conv = partial(
        layers.Conv2D,
        layer.filters,
        layer.kernel,
        strides=layer.stride,
        padding="same" if layer.padding == "same" else "valid",
        groups=layer.groups,
    )
    if batch_norm:
        return [*before, *_normalised(layer, conv, options)]
    return [*before, conv(activation=layer.activation, name=layer.name, **options)]


def _keras_layers(
    layer: Layer, options: dict[str, Any], batch_norm: bool
) -> list[layers.Layer]:
    """The Keras layers of one row; all but the last are helpers (zero padding)."""
    match layer:
        case Conv():
            return _conv(layer, options, batch_norm)
        case Activation(name, function):
            return [layers.Activation(function, name=name)]
        case Normalise(name, n, k, alpha, beta, groups, within):
            arguments = (n, k, alpha, beta, groups, within)
            return [LocalResponseNormalisation(*arguments, name=name)]
        case Pool(name, size, stride, kind, padding):
            pool = layers.MaxPooling2D if kind == "max" else layers.AveragePooling2D
            return [pool(size, strides=stride, padding=padding, name=name)]
        case Flatten(name):
            return [layers.Flatten(name=name)]
        case Dense(name, units, activation):
            if batch_norm and activation != "softmax":
                return _normalised(layer, partial(layers.Dense, units), options)
            # The probabilities stay in 32 bits whatever the layers compute in.
            dtype = {"dtype": "float32"} if activation == "softmax" else {}
            return [layers.Dense(units, activation, name=name, **dtype, **options)]
        case Dropout(name, rate):
            return [layers.Dropout(rate, name=name)]


def _start(layer: Layer) -> dict[str, Any]:
    """The initial weights that the spec says, as Keras arguments."""
    start = getattr(layer, "start", None)
    if start is None:
        return {}
    return {
        "kernel_initializer": keras.initializers.RandomNormal(stddev=start.deviation),
        "bias_initializer": keras.initializers.Constant(start.bias),
    }


def build(
    spec: Spec,
    options: Callable[[Layer], dict[str, Any]] = lambda layer: {},
    batch_norm: bool = False,
) -> keras.Model:
    """The network of a spec, with fresh random weights: the spec's, or Keras's.

    Input: (N, size, size, channels) float, as `model.pictures.to_input` makes it.
    Output: (N, classes) probabilities.

    Args:
        options: extra Keras arguments (initialisers, regularisers) for a
            convolution or dense layer, instead of the spec's.
        batch_norm: normalise pre-activations before each ReLU, as an aid to
            training that `fold` takes out again; no network of 2012 had it.
    """
    size = spec.input_size
    inputs = keras.Input((size, size, spec.channels), name="input")
    x = inputs
    for layer in spec.layers:
        for keras_layer in _keras_layers(
            layer, _start(layer) | options(layer), batch_norm
        ):
            x = keras_layer(x)
    return keras.Model(inputs, x, name=spec.name)


def describe(model: keras.Model, spec: Spec) -> list[tuple[str, shapes.Shape, int]]:
    """(name, output shape, parameters) of each spec layer, read off the built model."""
    return [
        (
            layer.name,
            tuple(model.get_layer(layer.name).output.shape[1:]),
            model.get_layer(layer.name).count_params(),
        )
        for layer in spec.layers
    ]

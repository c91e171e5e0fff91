"""An arm's network with its first weights."""

from __future__ import annotations

import zlib
from typing import Any

import keras
from keras import ops

from lab.experiments import Arm
from model.network.build import build
from model.network.specs import Conv, Dense, Layer, Spec

LOGITS = 0.1  # deviation of the logits at the start, with "unit-variance"


def _initialiser(arm: Arm, layer: Layer, first: str) -> keras.initializers.Initializer:
    """A layer's first weights. One seed a layer: adding one leaves the others alone."""
    seed = zlib.crc32(f"{arm.seed} {layer.name}".encode()) & 0x7FFFFFFF
    if arm.initialisation == "2012":
        deviation = 0.0001 if layer.name == first else 0.01
        return keras.initializers.RandomNormal(stddev=deviation, seed=seed)
    rectified = getattr(layer, "activation", "") in ("relu", "leaky_relu", "gelu")
    he_or_glorot = (
        keras.initializers.HeNormal if rectified else keras.initializers.GlorotNormal
    )
    return he_or_glorot(seed=seed)


def network(arm: Arm, spec: Spec) -> keras.Model:
    """The arm's network with its first weights; biases are zero."""
    first = next(spec.convolutions()).name

    def options(layer: Layer) -> dict[str, Any]:
        if not isinstance(layer, Conv | Dense):
            return {}
        return {"kernel_initializer": _initialiser(arm, layer, first)}

    return build(spec, options)


def scale_to_unit_variance(net: keras.Model, inputs: Any) -> None:
    """Scales each layer's kernel so that its pre-activations have deviation 1.

    Layer after layer, each on what the scaled ones before it make of the images; the
    logits get a deviation of LOGITS, so that the loss begins at that of chance
    (Mishkin and Matas 2016, arXiv 1511.06422, without their orthonormal start).

    Args:
        inputs: (N, size, size, 3) network inputs.
    """
    x = inputs
    weighted = [layer for layer in net.layers if hasattr(layer, "kernel")]
    for layer in net.layers[1:]:  # the first is the input
        if hasattr(layer, "kernel"):
            deviation = float(ops.std(pre_activations(layer, x)))
            wanted = LOGITS if layer is weighted[-1] else 1.0
            layer.kernel.assign(layer.kernel * (wanted / max(deviation, 1e-12)))
        x = layer(x, training=False)


def pre_activations(layer: Any, x: Any) -> Any:
    """What a convolution or dense layer puts out before its activation function."""
    if hasattr(layer, "convolution_op"):
        return layer.convolution_op(x, layer.kernel) + layer.bias
    return ops.matmul(x, layer.kernel) + layer.bias

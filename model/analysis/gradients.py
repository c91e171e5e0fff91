"""Where in an image a class or a unit comes from: Grad-CAM and guided gradients.

Grad-CAM (Selvaraju et al. 2017): the maps of the last convolution, each weighted by
the mean gradient of the class's logit over its positions, added up, below zero cut off.

Guided gradient (Springenberg et al. 2015, "Striving for Simplicity"): the gradient of
one unit's pre-activation with respect to the pixels, where each ReLU lets through only
gradients above zero at positions whose activation is above zero.

Both go through the network layer by layer, so that the two rules of ReLU are two lines
here. Reached through `model.runtime`, as all that needs TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model.gate import inference_slot
from model.network.specs import Conv, Dense, Dropout, Layer, Spec

Layers = Mapping[str, NDArray[np.float32]]


def _linear(network: Any, layer: Layer, x: Any) -> Any:
    """A layer before its activation function; pooling and the like as they are."""
    keras_layer = network.get_layer(layer.name)
    if not isinstance(layer, Conv | Dense):
        return keras_layer(x, training=False)
    before = f"{layer.name}_pad"
    if any(one.name == before for one in network.layers):
        x = network.get_layer(before)(x)
    kernel, bias = keras_layer.kernel, keras_layer.bias
    if isinstance(layer, Dense):
        return tf.matmul(x, kernel) + bias
    return keras_layer.convolution_op(x, kernel) + bias


def _back(network: Any, layer: Layer, x: Any, gradient: Any, *, guided: bool) -> Any:
    """The gradient before a layer, from the gradient after it.

    Args:
        x: the layer's input, with the batch axis.
    """
    with tf.GradientTape() as tape:
        tape.watch(x)
        before = _linear(network, layer, x)
    if getattr(layer, "activation", "linear") == "relu" and gradient is not None:
        gradient = tf.where(before > 0, gradient, 0)
        if guided:
            gradient = tf.maximum(gradient, 0)
    return tape.gradient(before, x, output_gradients=gradient)


def _inputs(spec: Spec, layers: Layers) -> dict[str, Any]:
    """What each layer receives, with the batch axis."""
    found, before = {}, layers["input"]
    for layer in spec.layers:
        found[layer.name] = tf.constant(before[None])
        before = layers[layer.name]
    return found


def grad_cam(
    network: Any, spec: Spec, layers: Layers, unit: int
) -> NDArray[np.float32]:
    """Where the last convolution speaks for a class.

    Args:
        network: the Keras network.
        layers: every layer's output for the image, as `activations` has them.
        unit: of the last layer, the class.

    Returns:
        (rows, columns) of the last convolution; 0 where it speaks against the class.

    Raises:
        model.gate.Busy: too many visitors at once.
    """
    *_, conv = spec.convolutions()
    names = [layer.name for layer in spec.layers]
    after = spec.layers[names.index(conv.name) + 1 :]
    last = after[-1]
    with inference_slot():
        inputs = _inputs(spec, layers)
        kernel = network.get_layer(last.name).kernel
        # Of the logit, not of the softmax: its gradient is the class's weights.
        gradient = tf.convert_to_tensor(kernel)[None, :, unit]
        for layer in reversed(after[:-1]):
            if not isinstance(layer, Dropout):
                gradient = _back(
                    network, layer, inputs[layer.name], gradient, guided=False
                )
    maps = layers[conv.name]
    weights = np.asarray(gradient)[0].mean(axis=(0, 1))  # (maps,)
    found: NDArray[np.float32] = np.maximum(maps @ weights, 0).astype(np.float32)
    return found


def guided_gradient(
    network: Any,
    spec: Spec,
    layers: Layers,
    layer: str,
    unit: int,
    place: tuple[int, int] | None = None,
    *,
    guided: bool = True,
) -> NDArray[np.float32]:
    """What in the image a unit's pre-activation rises with: (size, size, channels).

    Args:
        place: row and column of a map; without one, where it is largest.
        guided: False: the plain gradient.

    Raises:
        KeyError: there is no such layer.
        model.gate.Busy: too many visitors at once.
    """
    spec.layer(layer)
    names = [one.name for one in spec.layers]
    path = spec.layers[: names.index(layer) + 1]
    values = layers[layer]
    start = np.zeros((1, *values.shape), np.float32)
    if values.ndim == 3:
        row, column = place or np.unravel_index(
            int(values[:, :, unit].argmax()), values.shape[:2]
        )
        start[0, row, column, unit] = 1
    else:
        start[0, unit] = 1
    with inference_slot():
        inputs = _inputs(spec, layers)
        top = path[-1]
        x = inputs[top.name]
        with tf.GradientTape() as tape:  # of the pre-activation: no ReLU on top
            tape.watch(x)
            before = _linear(network, top, x)
        gradient = tape.gradient(before, x, output_gradients=tf.constant(start))
        for one in reversed(path[:-1]):
            if not isinstance(one, Dropout):
                gradient = _back(
                    network, one, inputs[one.name], gradient, guided=guided
                )
    found: NDArray[np.float32] = np.asarray(gradient)[0]
    return found

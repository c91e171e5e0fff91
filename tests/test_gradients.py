"""Grad-CAM and gradients against TensorFlow's own differentiation of the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from model.analysis import gradients
from model.network.specs import ORIGINAL, SIMPLIFIED, TORCHVISION, Dense, Spec
from tests import access
from tests.test_arithmetic import outputs
from tests.weights_files import narrow


@pytest.fixture(
    scope="module", params=access.some([ORIGINAL, SIMPLIFIED, TORCHVISION], 1)
)
def case(request: Any) -> tuple[Spec, Any, dict[str, np.ndarray]]:
    """A seeded network of an architecture, and its activations of an image."""
    import keras

    from model.network.build import build

    spec = narrow(request.param)
    keras.utils.set_random_seed(7)
    network = build(
        spec,
        lambda layer: (
            {"kernel_initializer": "he_normal"} if hasattr(layer, "start") else {}
        ),
    )
    rng = np.random.default_rng(7)
    side = spec.input_size
    x = rng.normal(size=(1, side, side, spec.channels)).astype(np.float32)
    return spec, network, outputs(network, spec, x)


def with_rule(network: Any, spec: Spec, x: Any, layer: str, guided: bool) -> Any:
    """A second way: the whole network again, ReLU as a function with that gradient."""
    import tensorflow as tf

    @tf.custom_gradient
    def relu(y: Any) -> Any:
        def back(g: Any) -> Any:
            return tf.where((y > 0) & ((g > 0) | (not guided)), g, 0)

        return tf.nn.relu(y), back

    for one in spec.layers:
        keras_layer = network.get_layer(one.name)
        pad = [y for y in network.layers if y.name == f"{one.name}_pad"]
        for padding in pad:
            x = padding(x)
        if hasattr(one, "start"):  # a convolution or a dense layer
            function = keras_layer.activation
            keras_layer.activation = lambda y: y
            x = keras_layer(x)
            keras_layer.activation = function
            if one.name == layer:
                return x
            x = relu(x) if one.activation == "relu" else x
        else:
            x = keras_layer(x, training=False)
    return x


@pytest.mark.parametrize("guided", [False, True])
@pytest.mark.parametrize("layer", ["conv1", "conv3", "conv5", "fc6", "fc8"])
def test_gradients_of_a_unit(case: Any, layer: str, guided: bool) -> None:
    import tensorflow as tf

    spec, network, layers = case
    x = tf.constant(layers["input"][None])
    unit = 3
    with tf.GradientTape() as tape:
        tape.watch(x)
        value = with_rule(network, spec, x, layer, guided)
        if len(value.shape) == 4:
            flat = tf.reshape(value[0, :, :, unit], [-1])
            value = flat[int(np.argmax(layers[layer][:, :, unit]))]
        else:
            value = value[0, unit]
    wanted = tape.gradient(value, x).numpy()[0]
    found = gradients.guided_gradient(network, spec, layers, layer, unit, guided=guided)
    assert np.abs(wanted).max() > 0
    assert found == pytest.approx(wanted, abs=float(1e-4 * np.abs(wanted).max()))


def test_grad_cam(case: Any) -> None:
    import keras
    import tensorflow as tf

    spec, network, layers = case
    last = spec.layers[-1]
    assert isinstance(last, Dense)
    *_, conv = spec.convolutions()
    function = network.get_layer(last.name).activation
    network.get_layer(last.name).activation = keras.activations.linear
    try:
        both = keras.Model(
            network.inputs, [network.get_layer(conv.name).output, network.output]
        )
        x = tf.constant(layers["input"][None])
        with tf.GradientTape() as tape:
            maps, logits = both([x])
            logit = logits[0, 2]
        gradient = tape.gradient(logit, maps).numpy()[0]
    finally:
        network.get_layer(last.name).activation = function
    weights = gradient.mean(axis=(0, 1))
    wanted = np.maximum((maps.numpy()[0] * weights).sum(axis=2), 0)
    found = gradients.grad_cam(network, spec, layers, 2)
    assert wanted.max() > 0
    assert found == pytest.approx(wanted, abs=float(1e-4 * wanted.max()))


def test_a_layer_that_is_not_there(case: Any) -> None:
    spec, network, layers = case
    with pytest.raises(KeyError, match="conv9"):
        gradients.guided_gradient(network, spec, layers, "conv9", 0)

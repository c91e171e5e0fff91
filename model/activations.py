"""One compiled forward pass, every layer. Reached through `model.runtime`."""

from __future__ import annotations

import statistics
import time
from collections.abc import Mapping
from functools import cached_property
from types import MappingProxyType
from typing import Any

import keras
import numpy as np
import tensorflow as tf
from numpy.typing import NDArray

from model import weights
from model.analysis.features.neighbours import hidden_layer
from model.batches import Batches
from model.gate import inference_slot
from model.network.specs import Dense

Activations = Mapping[str, NDArray[np.float32]]

AT_ONCE = 2  # pictures in a pass of `dense`


class Network:
    """A set's network, ready to look at pictures. Read-only and shared by threads."""

    def __init__(self, weight_set: weights.WeightSet) -> None:
        self.weights = weight_set
        self.keras: keras.Model = weights.load(weight_set.name)
        layers = {
            layer.name: self.keras.get_layer(layer.name).output
            for layer in weight_set.spec.layers
        }
        every_layer = keras.Model(self.keras.inputs, layers)
        side, channels = weight_set.spec.input_size, weight_set.spec.channels
        self.input_shape = (1, side, side, channels)
        signature = tf.TensorSpec(self.input_shape, tf.float32)
        # training=False: dropout is off, as it is when a network is used. Traced here
        # once: TensorFlow would warn of many traces when networks come and go.
        self.forward = tf.function(
            lambda x: every_layer(x, training=False), input_signature=[signature]
        ).get_concrete_function()

        several = tf.TensorSpec((None, *self.input_shape[1:]), tf.float32)
        self._answers = tf.function(
            lambda x: self.keras(x, training=False), input_signature=[several]
        )
        self.batches = Batches(lambda x: self._answers(x).numpy())
        self.hidden_batches = Batches(self._hidden)

    def warm_up(self) -> None:
        """Compiles: the first visitor does not pay for it."""
        self.forward(np.zeros(self.input_shape, np.float32))

    def seconds(self, passes: int = 5) -> float:
        """The middle one of some forward passes of one picture, alone at the gate.

        Raises:
            model.gate.Busy: too many visitors at once.
        """
        x = tf.zeros(self.input_shape, tf.float32)
        taken = []
        with inference_slot():
            for _ in range(passes):
                start = time.perf_counter()
                # Waits for the answer: a GPU would otherwise still be at it.
                last = list(self.forward(x).values())[-1]
                last.numpy()
                taken.append(time.perf_counter() - start)
        return statistics.median(taken)

    def activations(self, x: NDArray[np.float32]) -> Activations:
        """Every layer's output for one picture, by layer name, without the batch axis.

        Args:
            x: (1, size, size, channels) from `model.pictures.to_input`.

        Returns:
            Arrays (H, W, C) or (units,), read-only, and "input": x itself.

        Raises:
            ValueError: x has another shape.
            model.gate.Busy: too many visitors at once.
        """
        if x.shape != self.input_shape:
            raise ValueError(
                f"Expected an input of shape {self.input_shape}. Received: {x.shape}"
            )
        # Copied within the turn: TensorFlow's own arrays live no longer.
        with inference_slot():
            outputs = self.forward(x)
            arrays = {"input": x[0]} | {k: v.numpy()[0] for k, v in outputs.items()}
            del outputs
        for array in arrays.values():
            array.setflags(write=False)
        return MappingProxyType(arrays)

    def dense(self, x: NDArray[np.float32]) -> Activations:
        """The dense layers' outputs for several pictures, `AT_ONCE` in a pass.

        Between two passes other visitors have their turn at the gate.

        Args:
            x: (n, size, size, channels).

        Returns:
            Arrays (n, units) by layer name.

        Raises:
            ValueError: x has another shape.
            model.gate.Busy: too many visitors at once.
        """
        if x.shape[1:] != self.input_shape[1:]:
            raise ValueError(
                f"Expected inputs of shape {self.input_shape[1:]}. "
                f"Received: {x.shape[1:]}"
            )
        parts = []
        for first in range(0, len(x), AT_ONCE):
            with inference_slot():
                outputs = self._dense(x[first : first + AT_ONCE])
                # Copied, as above.
                parts.append({name: np.array(v) for name, v in outputs.items()})
        return {
            layer.name: np.concatenate([part[layer.name] for part in parts])
            for layer in self.weights.spec.layers
            if isinstance(layer, Dense)
        }

    def _hidden(self, x: NDArray[np.float32]) -> NDArray[np.float32]:
        """The last hidden layer's activations (n, units), within a turn at the gate.

        Raises:
            ValueError: no dense layer comes before the last.
        """
        layer = hidden_layer(self.weights.spec)
        if layer is None:
            raise ValueError(f"{self.weights.name} has no hidden dense layer")
        return np.array(self._dense(x)[layer.name])

    @cached_property
    def _dense(self) -> Any:
        """The compiled pass of `dense`. First asked for within a turn at the gate."""
        outputs = {
            layer.name: self.keras.get_layer(layer.name).output
            for layer in self.weights.spec.layers
            if isinstance(layer, Dense)
        }
        part = keras.Model(self.keras.inputs, outputs)
        signature = tf.TensorSpec((None, *self.input_shape[1:]), tf.float32)
        return tf.function(
            lambda x: part(x, training=False), input_signature=[signature]
        ).get_concrete_function()

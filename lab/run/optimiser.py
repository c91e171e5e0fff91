"""The optimiser of the paper's section 5."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from lab.experiments import Arm


class PaperSGD(keras.optimizers.SGD):
    """The paper's section 5, and the size of each layer's gradient as it goes by.

    v <- momentum * v - rate * (gradient + decay * w);  w <- w + v
    Weights decay, biases do not; biases may have a rate of their own.
    """

    def __init__(self, arm: Arm) -> None:
        super().__init__(arm.learning_rate, momentum=float(arm.momentum))
        self.decay, self.bias_rate = arm.weight_decay, arm.bias_rate

    def build(self, variables: list[Any]) -> None:
        if self.built:
            return
        super().build(variables)
        names = [variable.path.split("/")[-2] for variable in variables]
        self.layer_names = list(dict.fromkeys(names))
        self.layer_of = [self.layer_names.index(name) for name in names]
        self.norms = self.add_variable(
            (len(self.layer_names),), dtype="float32", name="norms"
        )

    def apply(self, grads: list[Any], trainable_variables: Any = None) -> None:
        variables = (
            self._trainable_variables
            if trainable_variables is None
            else list(trainable_variables)
        )
        if not self.built:
            self.build(variables)
        squares: list[Any] = [0.0] * len(self.layer_names)
        for gradient, layer in zip(grads, self.layer_of, strict=True):
            squares[layer] = squares[layer] + ops.sum(ops.square(gradient))
        self.norms.assign(ops.sqrt(ops.stack(squares)))
        if self.decay:
            grads = [
                gradient + self.decay * ops.convert_to_tensor(variable)
                if len(variable.shape) > 1
                else gradient
                for gradient, variable in zip(grads, variables, strict=True)
            ]
        if self.bias_rate != 1:
            grads = [
                gradient if len(variable.shape) > 1 else gradient * self.bias_rate
                for gradient, variable in zip(grads, variables, strict=True)
            ]
        super().apply(grads, trainable_variables)

"""An arm's network, images and optimiser on the device, ready for `fit`."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lab import checkpoints, networks
from lab.checkpoints import ArmProgress
from lab.datasets import Dataset
from lab.experiments import Arm
from lab.run.images import Images
from lab.run.initialise import network, scale_to_unit_variance
from lab.run.optimiser import PaperSGD
from lab.run.schedule import order

SCALED_ON = 256  # training images that the "unit-variance" start is measured on


class Learner:
    """An arm on the device.

    Attributes:
        arm: with a batch no larger than the set: that would show each image more than
            once a step, and leave too few steps for a curve.
        labels: (N,) of the images trained on.
        model: image numbers -> class probabilities, compiled.

    Raises:
        ValueError: the images are too small for the network.
    """

    def __init__(self, arm: Arm, data: Dataset, metrics: list[str]) -> None:
        self.images = data.train[: arm.pictures]
        self.labels = data.train_labels[: arm.pictures]
        self.arm = arm = replace(arm, batch=min(arm.batch, len(self.labels)))
        self.spec = networks.spec(arm, self.images.shape[1], len(data.classes))
        keras.utils.set_random_seed(arm.seed)
        self.network = network(arm, self.spec)
        self.inputs = Images(self.images, self.spec.input_size, arm)
        self.model = keras.Sequential(
            [keras.Input((), dtype="int32"), self.inputs, self.network]
        )
        self.optimiser = PaperSGD(arm)
        self.model.compile(
            self.optimiser, "sparse_categorical_crossentropy", metrics=metrics
        )
        self.optimiser.build(self.network.trainable_variables)

    def scaled(self, images: NDArray[np.uint8]) -> Any:
        """Images as the network receives them when it is not training."""
        size = self.spec.input_size
        return self.inputs.scaled(images[:, :size, :size])

    @property
    def first_kernel(self) -> NDArray[np.float32]:
        """The first layer's filters: (height, width, 3, n)."""
        first = self.network.get_layer(next(self.spec.convolutions()).name)
        kernel: NDArray[np.float32] = ops.convert_to_numpy(first.kernel)
        return kernel

    # --- what a step changes ----------------------------------------------------------

    @property
    def _variables(self) -> list[Any]:
        """Everything that a step changes: weights, momentum, random states."""
        return [
            *self.network.variables,
            *self.optimiser.variables,
            self.inputs.seed.state,
        ]

    def begin(self, state: bytes | None) -> ArmProgress:
        """Restores a saved state, or sets the arm's initial weights.

        Raises:
            lab.checkpoints.StateBroken: it is damaged, or another arm's.
        """
        if state is None:
            if self.arm.initialisation == "unit-variance":
                count = len(self.labels)
                some = order(self.arm.seed, count, min(SCALED_ON, count), 0, 1)
                scale_to_unit_variance(self.network, self.scaled(self.images[some]))
            return ArmProgress(0, 0.0)
        arrays, progress = checkpoints.unpack(state)
        variables = self._variables
        if [x.shape for x in arrays] != [tuple(v.shape) for v in variables]:
            raise checkpoints.StateBroken(
                "The saved state belongs to another network. Start the experiment "
                "again."
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)
        return progress

    def state(self, progress: ArmProgress) -> bytes:
        """What `begin` puts back."""
        arrays = [ops.convert_to_numpy(variable) for variable in self._variables]
        return checkpoints.pack(arrays, progress)

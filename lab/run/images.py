"""The images of an arm on the device: as network inputs, in order, and fixed ones."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from lab.datasets import Dataset
from lab.experiments import Arm
from lab.records import MEASURED_ON, Counted

SHIFT = 4  # pixels, at most, in each direction (augmentation)


class Images(keras.layers.Layer):
    """Numbers of images -> network inputs: (N,) int32 -> (N, size, size, 3) float32.

    With `augment`, while training, each image is shifted by up to SHIFT pixels,
    its border repeated, and mirrored half of the time.
    """

    def __init__(
        self, images: NDArray[np.uint8], size: int, arm: Arm, **kwargs: Any
    ) -> None:
        super().__init__(trainable=False, name="images", **kwargs)
        self.size, self.augment = size, arm.augment
        self.side = images.shape[1]
        some = images[:: max(1, len(images) // 5_000)].astype(np.float32)
        self.mean = some.mean((0, 1, 2))
        if arm.scaling == "mean-image":
            self.mean = images.mean(0, np.float32)[:size, :size]
        self.deviation = (
            some.std((0, 1, 2)) + 1e-3
            if arm.scaling == "standardised"
            else np.ones(3, np.float32)
        )
        self.pixels = self.add_weight(
            shape=(images.size // 3, 3),
            dtype="uint8",
            initializer="zeros",
            trainable=False,
            name="pixels",
        )
        self.pixels.assign(images.reshape(-1, 3))
        self.seed = keras.random.SeedGenerator(arm.seed)

    def scaled(self, pixels: Any) -> Any:
        return (ops.cast(pixels, "float32") - self.mean) / self.deviation

    def call(self, numbers: Any, training: bool = False) -> Any:
        if not (training and self.augment):
            shape = (-1, self.side, self.side, 3)
            whole = ops.take(ops.reshape(self.pixels, shape), numbers, axis=0)
            return self.scaled(whole[:, : self.size, : self.size])
        one = ops.expand_dims(numbers, 1)  # (N, 1)
        at = ops.zeros_like(one) + ops.arange(self.size, dtype="int32")
        down, right = (
            keras.random.randint(
                ops.shape(one), -SHIFT, SHIFT + 1, "int32", seed=self.seed
            )
            for _ in "yx"
        )
        mirrored = keras.random.uniform(ops.shape(one), seed=self.seed) < 0.5
        rows = ops.clip(at + down, 0, self.side - 1)
        columns = ops.where(mirrored, self.size - 1 - at, at)
        columns = ops.clip(columns + right, 0, self.side - 1)
        at = (one * self.side + rows)[:, :, None] * self.side + columns[:, None, :]
        return self.scaled(ops.take(self.pixels, at, axis=0))  # (N, size, size, 3)


@dataclass(frozen=True)
class Fixed:
    """Fixed images that are looked at together."""

    inputs: Any  # (N, size, size, 3)
    truth: NDArray[np.int32]  # (N,)
    learned: int  # how many of them, from the first on, are trained on; not the others


def fixed(data: Dataset, count: int, sample: int) -> list[Fixed]:
    """The fixed images: `sample` of the first `count` to train on, and of the others.

    In parts, for one look at all would take much memory. The first part does not depend
    on `sample`, so idle shares and histograms, which are its, do not either.
    """
    chosen, others = (
        np.random.default_rng(2012).permutation(number)[:sample]
        for number in (count, len(data.validation_labels))
    )
    parts = []
    for start in range(0, max(len(chosen), len(others)), MEASURED_ON):
        part = np.s_[start : start + MEASURED_ON]
        mine, new = chosen[part], others[part]
        parts.append(
            Fixed(
                np.concatenate([data.train[mine], data.validation[new]]),
                np.concatenate([data.train_labels[mine], data.validation_labels[new]]),
                len(mine),
            )
        )
    return parts


def counted(data: Dataset, labels: NDArray[np.int32], parts: list[Fixed]) -> Counted:
    """What is counted on the fixed images, and what naming one class would reach.

    Args:
        labels: (N,) of all images trained on.
    """
    learned = np.concatenate([part.truth[: part.learned] for part in parts])
    others = np.concatenate([part.truth[part.learned :] for part in parts])
    shares = np.bincount(labels, minlength=len(data.classes)) / len(labels)
    largest = int(np.argmax(shares))
    return Counted(
        training=len(learned),
        validation=len(others),
        classes=len(data.classes),
        largest=float(shares[largest]),
        training_error=float(np.mean(learned != largest)),
        validation_error=float(np.mean(others != largest)),
    )

"""Tiny ImageNet's images: read from its folder, kept on the device, cropped."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray
from PIL import Image

from model.network.specs import Pixels

SIDE = 64  # pixels of a Tiny ImageNet image


@dataclass(frozen=True)
class Pictures:
    """Labelled pictures: uint8 (N, 64, 64, 3) and class numbers (N,)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.int32]


def _read(paths: list[Path]) -> NDArray[np.uint8]:
    out = np.empty((len(paths), SIDE, SIDE, 3), np.uint8)
    for i, path in enumerate(paths):
        with Image.open(path) as picture:
            out[i] = np.asarray(picture.convert("RGB"))
    return out


def load_tiny_imagenet(folder: Path, split: str) -> Pictures:
    """One split ("train" or "val") of Tiny ImageNet's official folder layout.

    Classes are numbered in the order of their sorted WordNet ids.

    Raises:
        FileNotFoundError: the folder has another layout; the message says so.
    """
    if not (folder / "wnids.txt").is_file():
        raise FileNotFoundError(
            "Expected Tiny ImageNet's folder with wnids.txt, train/ and val/. "
            f"Received: {folder}. Unpack tiny-imagenet-200.zip and pass --data"
        )
    number = {
        w: i for i, w in enumerate(sorted((folder / "wnids.txt").read_text().split()))
    }
    if split == "train":
        paths = sorted(folder.glob("train/*/images/*.JPEG"))
        labels = [number[path.parent.parent.name] for path in paths]
    else:
        lines = (folder / "val" / "val_annotations.txt").read_text().splitlines()
        rows = [line.split("\t")[:2] for line in lines]
        paths = [folder / "val" / "images" / name for name, _ in rows]
        labels = [number[wnid] for _, wnid in rows]
    return Pictures(_read(paths), np.array(labels, np.int32))


def left_out_classes(classes: int, count: int, seed: int) -> NDArray[np.intp]:
    """So many of the class numbers 0 to classes - 1, sorted, chosen by the seed."""
    chosen = np.random.default_rng(seed).permutation(classes)[:count]
    return np.sort(chosen)


def without(pictures: Pictures, left_out: NDArray[np.intp]) -> Pictures:
    """The pictures of the other classes, which are numbered 0, 1, … in their order."""
    kept = ~np.isin(pictures.labels, left_out)
    labels = pictures.labels[kept]
    labels = labels - np.searchsorted(left_out, labels).astype(np.int32)
    return Pictures(pictures.images[kept], labels)


class Resident(keras.layers.Layer):
    """Picture numbers (N,) -> pictures (N, 64, 64, 3) uint8, kept on the device."""

    def __init__(self, images: NDArray[np.uint8]) -> None:
        super().__init__(dtype="uint8", trainable=False, name="pictures")
        self.images = self.add_weight(
            shape=images.shape,
            dtype="uint8",
            initializer=lambda shape, dtype=None: ops.convert_to_tensor(images),
            trainable=False,
            autocast=False,
        )

    def call(self, numbers: Any) -> Any:
        return ops.take(self.images, numbers, axis=0)

    def save_own_variables(self, store: Any) -> None:
        """Nothing: a checkpoint holds no pictures."""

    def load_own_variables(self, store: Any) -> None:
        """Nothing: the pictures are there already."""


class Crops(keras.layers.Layer):
    """uint8 pictures -> network inputs; random crops while training.

    (N, 64, 64, 3) uint8 -> (N, size, size, 3) float32. While training: a random
    crop of `least_area` to all of the picture, its sides 3:4 to 4:3, mirrored half
    of the time, magnified anywhere between blurred, smoothly (bilinear) and blockily
    (close to nearest), with random brightness, contrast and saturation. Otherwise: the
    whole picture, bilinear.

    A crop is two matrices: rows (N, size, 64) and columns (N, size, 64) of
    interpolation weights, so the whole batch is two products on any device.
    """

    def __init__(self, size: int, pixels: Pixels, least_area: float, seed: int):
        super().__init__(dtype="float32", trainable=False, name="crops")
        self.size, self.least_area = size, least_area
        self.mean = np.array(pixels.mean, np.float32)
        self.deviation = np.array(pixels.deviation, np.float32)
        self.seed = keras.random.SeedGenerator(seed)

    def _uniform(self, n: Any, low: float, high: float) -> Any:
        return keras.random.uniform((n, 1, 1), low, high, seed=self.seed)

    def interpolation_weights(
        self, start: Any, extent: Any, sharpness: Any, width: Any
    ) -> Any:
        """Interpolation weights of one side, from (N, 1, 1) each: (N, size, 64).

        A sharpness over 1 approaches the nearest pixel; a width over 1 blurs over so
        many pixels of the picture.
        """
        steps = (ops.arange(self.size, dtype="float32") + 0.5) / self.size
        at = (start + extent * steps[None, :, None]) * SIDE - 0.5  # (N, size, 1)
        at = ops.clip(at, 0.0, SIDE - 1.0)
        below = ops.floor(at)
        share = ops.clip((at - below - 0.5) * sharpness + 0.5, 0.0, 1.0)
        sources = ops.arange(SIDE, dtype="float32")  # (64,)
        weights = ops.relu(1.0 - ops.abs(below + share - sources) / width)
        return weights / ops.sum(weights, axis=-1, keepdims=True)

    def call(self, pictures: Any, training: bool = False) -> Any:
        x = (ops.cast(pictures, "float32") - self.mean) / self.deviation
        n = ops.shape(x)[0]
        one = ops.ones((n, 1, 1))
        if training:
            area = self._uniform(n, self.least_area, 1.0)
            aspect = ops.exp(self._uniform(n, np.log(3 / 4), np.log(4 / 3)))
            height = ops.minimum(ops.sqrt(area / aspect), 1.0)
            width = ops.minimum(ops.sqrt(area * aspect), 1.0)
            top = self._uniform(n, 0, 1) * (1 - height)
            left = self._uniform(n, 0, 1) * (1 - width)
            mirrored = self._uniform(n, 0, 1) < 0.5
            left = ops.where(mirrored, left + width, left)
            width = ops.where(mirrored, -width, width)
            sharpness = ops.exp(self._uniform(n, 0.0, np.log(4.0)))
            blur = ops.maximum(1.0, self._uniform(n, 0.5, 1.8))  # a third: none
        else:
            top, left, height, width = 0 * one, 0 * one, one, one
            sharpness, blur = one, one
        rows = self.interpolation_weights(top, height, sharpness, blur)
        columns = self.interpolation_weights(left, width, sharpness, blur)
        x = ops.einsum("nsh,nhwc->nswc", rows, x)  # (N, size, 64, 3)
        x = ops.einsum("ntw,nswc->nstc", columns, x)  # (N, size, size, 3)
        if training:
            grey = ops.mean(x, axis=-1, keepdims=True)
            level = ops.mean(grey, axis=(1, 2), keepdims=True)
            saturation = self._uniform(n, 0.7, 1.3)[..., None]
            contrast = self._uniform(n, 0.8, 1.2)[..., None]
            brightness = self._uniform(n, -0.3, 0.3)[..., None]
            x = grey + (x - grey) * saturation
            x = level + (x - level) * contrast + brightness
        return x

"""Small images that the lab might bring along: `bench.datasets` compares them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from lab.datasets import load as load_dataset
from lab.datasets import synthetic
from lab.datasets.dataset import Dataset, mixed
from model.pictures import samples

VALIDATION = 1_000
SIDE = 32
Pictures = NDArray[np.uint8]
Labels = NDArray[np.int32]


def drawn_things(count: int, seed: int) -> Dataset:
    """What was chosen: ten things with clutter, texture and something in front."""
    return load_dataset("shapes", seed, count)


def plain_things(count: int, seed: int) -> Dataset:
    """The same ten things upright, on a smooth ground, with nothing in the way."""
    easiest = synthetic.Difficulty(clutter=0, occluded=0, turned=0, texture=0, noise=0)
    random = np.random.default_rng([seed, count])
    labels = np.arange(count + VALIDATION, dtype=np.int32) % len(synthetic.CLASSES)
    labels = labels[mixed(labels, random)]
    pictures = synthetic.draw(labels, seed, 9, difficulty=easiest)
    return _divided("plain", synthetic.CLASSES, pictures, labels)


def patches(count: int, seed: int) -> Dataset:
    """Patches of the sample photographs: from which one is this?"""
    random = np.random.default_rng([seed, count])
    photographs = [x for x in samples.samples().values() if x.file is not None]
    pixels = [np.asarray(_opened(x.file)) for x in photographs]
    labels = np.arange(count + VALIDATION, dtype=np.int32) % len(pixels)
    labels = labels[mixed(labels, random)]
    cut = np.empty((len(labels), SIDE, SIDE, 3), np.uint8)
    for i, label in enumerate(labels):
        height, width = pixels[label].shape[:2]
        top, left = random.integers(0, (height - SIDE, width - SIDE))
        cut[i] = pixels[label][top : top + SIDE, left : left + SIDE]
    return _divided("patches", tuple(x.name for x in photographs), cut, labels)


def _opened(file: str | None) -> Image.Image:
    return Image.open(samples.FOLDER / str(file)).convert("RGB").reduce(2)


def _divided(
    name: str, classes: tuple[str, ...], pictures: Pictures, labels: Labels
) -> Dataset:
    return Dataset(
        name,
        name,
        classes,
        *(pictures[:-VALIDATION], labels[:-VALIDATION]),
        *(pictures[-VALIDATION:], labels[-VALIDATION:]),
    )


CANDIDATES: dict[str, Callable[[int, int], Dataset]] = {
    "shapes": drawn_things,
    "plain": plain_things,
    "patches": patches,
}

"""Pictures that come with the lab, computed from a seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Dataset:
    """Square RGB pictures, in two sets that share none."""

    name: str
    title: str
    classes: tuple[str, ...]
    train: NDArray[np.uint8]  # (N, H, W, 3)
    train_labels: NDArray[np.int32]  # (N,)
    validation: NDArray[np.uint8]  # (M, H, W, 3)
    validation_labels: NDArray[np.int32]  # (M,)


def load(name: str, seed: int = 0, limit: int | None = None) -> Dataset:
    """The data set of that name; at most `limit` pictures to train on.

    Raises:
        KeyError: no such data set; the message lists those there are.
    """
    if name != "shapes":
        raise KeyError(f"Expected a data set: shapes. Received: {name!r}")
    rng = np.random.default_rng([seed, 2012])
    pictures, labels = _stripes(rng, (limit or 5_000) + 1_000)
    return Dataset(
        name,
        "Striped pictures",
        ("level", "steep", "upright", "rising"),
        pictures[1_000:],
        labels[1_000:],
        pictures[:1_000],
        labels[:1_000],
    )


def _stripes(
    rng: np.random.Generator, count: int
) -> tuple[NDArray[np.uint8], NDArray[np.int32]]:
    """Noisy stripes in four directions, in random colours: (N, 32, 32, 3), (N,)."""
    labels = rng.integers(0, 4, count).astype(np.int32)
    angle = labels * np.pi / 4 + rng.normal(0, 0.15, count)
    y, x = np.mgrid[:32, :32]
    along = np.cos(angle)[:, None, None] * y + np.sin(angle)[:, None, None] * x
    phase = rng.uniform(0, 2 * np.pi, (count, 1, 1))
    wave = np.sin(along * rng.uniform(0.5, 1.5, (count, 1, 1)) + phase)
    colour = rng.uniform(20, 110, (count, 1, 1, 3))
    noise = rng.normal(0, 40, (count, 32, 32, 3))
    values = 128 + wave[..., None] * colour + noise
    return np.clip(values, 0, 255).astype(np.uint8), labels

"""What a data set is, how it is ordered and divided, and where it is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "DataMissing",
    "DataRefused",
    "Dataset",
    "Labels",
    "Pictures",
    "Report",
    "mixed",
    "nothing",
]

Pictures = NDArray[np.uint8]  # (N, side, side, 3) RGB
Labels = NDArray[np.int32]  # (N,)
Report = Callable[[float], None]  # how much is done, 0 to 1


class DataMissing(LookupError):
    """These pictures cannot be had here. One sentence, with what to do instead."""


class DataRefused(ValueError):
    """These files are refused; the message is one sentence for the visitor.

    Attributes:
        left_out: files that could not be used, and why, as far as they were looked at.
    """

    def __init__(self, sentence: str, left_out: Mapping[str, str] | None = None):
        super().__init__(sentence)
        self.left_out = dict(left_out or {})


@dataclass(frozen=True, eq=False)
class Dataset:
    """Pictures to learn from and others to check with. Read-only.

    Attributes:
        name: what `lab.datasets.load` takes.
        title: what a page says.
        classes: plain names, in the order of the labels.
        train, validation: (N, side, side, 3) 8-bit RGB, in an order in which every
            beginning has all classes in their shares.
        train_labels, validation_labels: (N,) indices into `classes`.
        notes: sentences on what these pictures went through; usually none.
    """

    name: str
    title: str
    classes: tuple[str, ...]
    train: Pictures
    train_labels: Labels
    validation: Pictures
    validation_labels: Labels
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for pictures, labels in (
            (self.train, self.train_labels),
            (self.validation, self.validation_labels),
        ):
            if (
                pictures.dtype != np.uint8
                or pictures.ndim != 4
                or pictures.shape[3] != 3
                or labels.dtype != np.int32
                or labels.shape != pictures.shape[:1]
            ):
                raise ValueError(
                    f"Expected (N, side, side, 3) uint8 with (N,) int32. Received: "
                    f"{pictures.shape} {pictures.dtype}, {labels.shape} {labels.dtype}"
                )
            pictures.flags.writeable = False
            labels.flags.writeable = False

    @property
    def side(self) -> int:
        """Height and width of every picture, in pixels."""
        return int(self.train.shape[1])

    def limited(self, limit: int | None, seed: int) -> Dataset:
        """The same with `limit` training pictures, which `seed` chooses.

        A smaller limit gives a part of what a larger one gives, with the classes in
        their shares; validation stays whole.
        """
        if limit is None or limit >= len(self.train):
            return self
        chosen = mixed(self.train_labels, np.random.default_rng(seed))[:limit]
        return replace(
            self, train=self.train[chosen], train_labels=self.train_labels[chosen]
        )


def mixed(labels: Labels, random: np.random.Generator) -> NDArray[np.intp]:
    """A random order in which every beginning has all classes in their shares.

    Where classes are equally large, each row of `classes` pictures has one of each.
    """
    position = np.empty(len(labels))
    for label in np.unique(labels):
        members = np.flatnonzero(labels == label)
        ranks = random.permutation(len(members)) + random.uniform(size=len(members))
        position[members] = ranks / len(members)
    return np.argsort(position, kind="stable")


def nothing(done: float) -> None:
    """Reports nothing."""

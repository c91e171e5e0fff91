"""The pictures that the lab trains on, by name: `load("shapes")` needs nothing at all.

    shapes     ten kinds of things, computed from the seed; always there
    cifar-10   the paper's (section 3.1, Figure 1): from a folder or by Keras
    own-…      a class's own, once `kept.keep` has taken them

Built for worker processes: no Streamlit, and Keras is imported only to fetch CIFAR-10.
What was loaded once in a process, or read once on a machine, is at hand at once. The
built-in pictures need numpy alone, in an exported script too; `cifar` and `kept` are
imported when they are asked for.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from lab.datasets import synthetic, synthetic_cache
from lab.datasets.dataset import (
    DataMissing,
    DataRefused,
    Dataset,
    Labels,
    Pictures,
    Report,
    mixed,
    nothing,
)

__all__ = [
    "BUILT_IN",
    "CIFAR",
    "DRAWN_TRAIN",
    "DRAWN_VALIDATION",
    "MOST_DRAWN",
    "PREPARED",
    "DataMissing",
    "DataRefused",
    "Dataset",
    "Report",
    "load",
    "prepare",
]

BUILT_IN = "shapes"
CIFAR = "cifar-10"
UPLOADED = "own-"  # begins the names that `kept.keep` gives
DRAWN_TRAIN = 4_000  # unless a limit says otherwise; it can be higher
DRAWN_VALIDATION = 1_000
MOST_DRAWN = 50_000  # as many as CIFAR-10 has

PREPARED = 10_000  # of seed 0, drawn ahead: as many as a preset trains on at most

_TOGETHER = 1_000  # pictures drawn and remembered at once
_REMEMBERED = 60  # of those: 3 MB each


def load(
    name: str, seed: int = 0, limit: int | None = None, *, report: Report = nothing
) -> Dataset:
    """The pictures of that name, with `limit` of them to train on.

    The same name, seed and limit give the same pictures in the same order. The seed
    draws the built-in pictures, chooses which of CIFAR-10 are taken when there is a
    limit, and divides the class's own. A smaller limit gives a part of a larger one.

    Args:
        report: called with 0 to 1 while something takes its time.

    Raises:
        DataMissing: not on this machine and not to be had.
        KeyError: no data set has this name; the message lists those that exist.
        ValueError: a limit below 1, or more drawn pictures than there are.
    """
    if limit is not None and limit < 1:
        raise ValueError(f"Expected a limit of 1 or more pictures. Received: {limit}")
    if name == BUILT_IN:
        return _drawn(seed, DRAWN_TRAIN if limit is None else limit, report)
    if name == CIFAR:
        from lab.datasets import cifar

        return cifar.load(report).limited(limit, seed)
    if name.startswith(UPLOADED):
        from lab.datasets import kept

        if kept.is_name(name):
            return kept.load(name, seed).limited(limit, seed)
    raise KeyError(
        f"no data set {name!r}; there are: {BUILT_IN}, {CIFAR} and what `kept.of` lists"
    )


def _drawn(seed: int, count: int, report: Report) -> Dataset:
    if count > MOST_DRAWN:
        raise ValueError(
            f"Expected {MOST_DRAWN:,} drawn pictures at most. Received: {count:,}"
        )
    parts, pieces = _parts(seed, count), []
    for done, part in enumerate(parts):
        report(done / len(parts))
        pieces.append(drawn_part(*part))
    report(1.0)
    pictures = np.concatenate([pictures for pictures, _ in pieces])
    labels = np.concatenate([labels for _, labels in pieces])
    checked = len(labels) - DRAWN_VALIDATION
    return Dataset(
        name=BUILT_IN,
        title="Ten drawn shapes",
        classes=synthetic.CLASSES,
        train=pictures[:count],
        train_labels=labels[:count],
        validation=pictures[checked:],
        validation_labels=labels[checked:],
    )


def prepare(share: int = 0, shares: int = 1) -> None:
    """Draws the built-in images that presets train on, and keeps them on this machine.

    Args:
        share, shares: only each `shares`-th part, from number `share` on; processes
            that take one share each draw everything together.
    """
    for part in _parts(0, PREPARED)[share::shares]:
        if synthetic_cache.read(part, _TOGETHER) is None:
            synthetic_cache.write(part, drawn_part(*part)[0])


def _parts(seed: int, count: int) -> list[tuple[int, int, int]]:
    """What `drawn_part` is called with for a whole set."""
    return [
        *((seed, 0, part) for part in range(-(-count // _TOGETHER))),
        *((seed, 1, part) for part in range(DRAWN_VALIDATION // _TOGETHER)),
    ]


@lru_cache(maxsize=_REMEMBERED)
def drawn_part(*key: int) -> tuple[Pictures, Labels]:
    """`_TOGETHER` pictures, as many of each class, in mixed order."""
    classes = len(synthetic.CLASSES)
    labels = np.repeat(np.arange(classes, dtype=np.int32), _TOGETHER // classes)
    labels = labels[mixed(labels, np.random.default_rng(key))]
    images = synthetic_cache.read(key, _TOGETHER)
    return synthetic.draw(labels, *key) if images is None else images, labels

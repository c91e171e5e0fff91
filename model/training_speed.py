"""How fast training went, as recorded, and what a longer one would take at that pace.

The journal of the shipped weights has a line for each report of its training
(`model.training` writes it): pictures shown so far, and the seconds since the last.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from paths import ROOT

JOURNAL = ROOT / "assets" / "weights" / "tiny-imagenet-journal.jsonl"
DAY = 24 * 60 * 60  # seconds
# Multiply-adds of a training step against those of its forward pass: backwards, each
# layer is gone through twice, for the gradient of its input and of its weights.
BACKWARDS = 2


@dataclass(frozen=True)
class Recorded:
    """Pictures a second in a recorded training, at one input size."""

    size: int
    pictures: int
    seconds: float

    @property
    def pace(self) -> float:
        """Pictures a second."""
        return self.pictures / self.seconds


@cache
def recorded(size: int, path: Path = JOURNAL) -> Recorded:
    """All reports of the journal at that input size, together.

    Raises:
        ValueError: the journal has no report at that size.
    """
    lines = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    pictures, seconds, before = 0, 0.0, 0
    for line in lines:
        if line["size"] == size:
            pictures += line["pictures"] - before
            seconds += line["seconds"]
        before = line["pictures"]
    if not pictures:
        raise ValueError(f"{path.name} has no report at {size} pixels")
    return Recorded(size, pictures, seconds)


def training_days(pictures: int, epochs: int, pace: float) -> float:
    """Days for some epochs of some images, at pictures a second."""
    return pictures * epochs / pace / DAY


def estimated_pace(forward_seconds: float) -> float:
    """Training pictures a second, if a step took as long as its multiply-adds say."""
    return 1 / (forward_seconds * (1 + BACKWARDS))

"""Which images each step of an arm sees, and when it is measured."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.experiments import Arm
from lab.records import MEASURED_ON

EVALUATE_EVERY = 6_400  # training images between two measurements, at most
POINTS = 24  # of a curve that its epochs end, at least, where it has so many steps
TRACE_EVERY = 640  # training images between two points of the running batch error


@dataclass(frozen=True)
class Measuring:
    """On what, and how often, error and accuracy are measured.

    An image looked at costs a third of one learned from, so that the default takes 2 %
    of the time.
    """

    sample: int = MEASURED_ON  # fixed images of either kind, always the same
    # Training images from one measurement to the next; None: see `steps_between`.
    every: int | None = None


LIVE = Measuring()


@dataclass(frozen=True)
class Schedule:
    """The steps of an arm."""

    arm: Arm
    count: int  # images trained on
    total: int  # steps, with those of an earlier attempt
    evaluate_steps: int  # from one measurement to the next
    trace_steps: int  # from one point of the running batch error to the next

    @staticmethod
    def of(arm: Arm, count: int, every: int | None) -> Schedule:
        """The schedule of an arm that trains on `count` images.

        Args:
            every: see `Measuring`.
        """
        total = math.ceil(arm.epochs * count / arm.batch)
        evaluate_steps = (
            steps_between(arm.batch, total)
            if every is None
            else max(1, round(every / arm.batch))
        )
        trace_steps = max(1, round(TRACE_EVERY / arm.batch))
        return Schedule(arm, count, total, evaluate_steps, trace_steps)

    def epoch(self, step: int) -> float:
        """Epochs after so many steps."""
        return step * self.arm.batch / self.count

    def whole_epochs(self, step: int) -> int:
        """Epochs that are complete after so many steps."""
        return step * self.arm.batch // self.count

    def order(self, start: int) -> NDArray[Any]:
        """The images of all steps from `start` on: (steps * batch,) int32."""
        steps = self.total - start
        return order(self.arm.seed, self.count, self.arm.batch, start, steps)


def order(seed: int, count: int, batch: int, start: int, steps: int) -> NDArray[Any]:
    """The images of `steps` batches from step `start` on: (steps * batch,) int32.

    One shuffle of all images after another, so every batch is full. What a step
    sees depends on the seed and its number alone.
    """
    first, last = start * batch, (start + steps) * batch
    epochs = range(first // count, -(-last // count))
    stream = [
        np.random.default_rng([seed, epoch]).permutation(count).astype(np.int32)
        for epoch in epochs
    ]
    offset = first - epochs.start * count
    return np.concatenate([*stream, np.empty(0, np.int32)])[
        offset : offset + last - first
    ]


def steps_between(batch: int, total: int) -> int:
    """Steps from one measurement to the next, of an arm with `total` steps.

    About EVALUATE_EVERY images, or a whole fraction of that where the curve would have
    fewer than POINTS points: a longer run is measured wherever a shorter one is.
    """
    whole = max(1, round(EVALUATE_EVERY / batch))
    most = max(1, total // POINTS)
    return max(n for n in range(1, whole + 1) if whole % n == 0 and n <= most)

"""What decides a training run, the data apart: stages, rates, seeds."""

from __future__ import annotations

from dataclasses import dataclass

REPORT = 25_600  # pictures shown between two reports


@dataclass(frozen=True)
class Stage:
    """Part of a run: so many pictures at one input size."""

    size: int  # input pixels
    pictures: int  # pictures to show, repetitions counted
    least_area: float  # smallest random crop, as a share of the picture
    rate: float  # learning rate at its start; it falls in a line to the next stage's,
    # or to nothing where the next begins at a higher one: it was the last once

    @property
    def reports(self) -> int:
        """How often this stage reports; at least once."""
        return max(1, round(self.pictures / REPORT))


@dataclass(frozen=True)
class Recipe:
    """Everything that decides the result, the data apart."""

    stages: tuple[Stage, ...]
    batch: int = 128
    warm_up: float = 0.03  # share of the first stage in which the rate rises
    dropout: float = 0.2
    decay: float = 0.00025  # L2; its gradient is the paper's 0.0005 * w
    first_deviation: float = 0.005  # of conv1's Gaussian
    seed: int = 2012

    def steps(self, images: int) -> int:
        """Batches of a report, where there are so many images to train on."""
        return max(1, min(REPORT, images) // self.batch)

    def rate(self, number: int, progress: float) -> float:
        """The learning rate at a point of a stage, progress from 0 to 1."""
        start = self.stages[number].rate
        after = self.stages[number + 1 : number + 2]
        end = after[0].rate if after and after[0].rate <= start else 0.0
        rising = min(1.0, progress / self.warm_up) if number == 0 else 1.0
        return rising * (start + (end - start) * min(1.0, progress))


CPU = Recipe(
    stages=(
        Stage(72, 409_600, 0.35, 0.06),
        Stage(104, 153_600, 0.3, 0.04),
        Stage(104, 384_000, 0.4, 0.04),
        Stage(144, 153_600, 0.35, 0.016),
        Stage(224, 76_800, 0.4, 0.006),
        Stage(176, 204_800, 0.4, 0.025),
        Stage(224, 179_200, 0.4, 0.012),
    )
)
GPU = Recipe(
    stages=(
        Stage(104, 3_200_000, 0.2, 0.06),
        Stage(144, 3_200_000, 0.2, 0.04),
        Stage(224, 3_200_000, 0.25, 0.02),
    ),
    batch=256,
    dropout=0.5,
)
RECIPES = {"cpu": CPU, "gpu": GPU}

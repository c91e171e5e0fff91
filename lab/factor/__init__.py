"""How many times faster ReLU learns, and on what that depends: the map of figure 1.

    python -m lab.factor --images 50000 --start unit-variance --depth 3

searches the learning rate of each activation function for one setting, then trains
further seeds at the best, and writes assets/recorded/factor/<setting>.json after every
run. What is in the file is not trained again: a search that was stopped goes on when
the same command is given, and more seeds may be asked for later.

A run ends at 25 % training error (twice in a row), after EPOCHS epochs, when it is no
better than chance after PATIENCE training steps, or when it is no better than the best
rate before it: it has taken longer, or is BEHIND it, twice in a row, when it has had
half as long.
"""

from __future__ import annotations

import json
import logging
import math
import os
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Literal

from lab.experiments import Activation, Arm, Initialisation, Network, Scaling
from lab.recordings import FOLDER as RECORDED
from lab.recordings import Curve, Recording
from lab.results import metrics

log = logging.getLogger(__name__)

FOLDER = RECORDED / "factor"
TARGET = 0.25  # training error, as in the paper's figure 1
EPOCHS = 60  # of a run, at most
PATIENCE = 782  # training steps: two epochs of all 50,000 images
CHANCE = 0.88  # training error; of ten classes, guessing has 0.9
BEHIND = 0.05  # of training error, above the best rate's at the same epoch
POINTS = 30  # of a curve that are kept, at most
MOST_RATES = 6  # of one activation function: four, and beyond an end that was best
SECONDS = 6 * 3600.0

End = Literal["target", "epochs", "chance", "slower", "not a number"]

# Where the search begins, most promising first, each twice or half another. From
# sweeps of one seed on 5,000 and 10,000 images (assets/recorded/sweep-*.json.gz).
# "authors": their CIFAR-10 networks, as they started them.
RATES: dict[tuple[str, str], tuple[float, ...]] = {
    ("authors", "relu"): (0.002, 0.001, 0.004),
    ("authors", "tanh"): (0.008, 0.004, 0.016),
    ("2012", "relu"): (0.002, 0.001, 0.004, 0.0005),
    ("2012", "tanh"): (0.016, 0.008, 0.032, 0.004),
    ("2012", "sigmoid"): (0.016, 0.064, 0.004, 0.256),
    ("today", "relu"): (0.0025, 0.005, 0.00125, 0.01),
    ("today", "tanh"): (0.04, 0.02, 0.08, 0.01),
    ("today", "sigmoid"): (0.08, 0.16, 0.04, 0.32),
    ("unit-variance", "relu"): (0.01, 0.02, 0.04, 0.005),
    ("unit-variance", "tanh"): (0.03, 0.015, 0.06, 0.0075),
    ("unit-variance", "sigmoid"): (0.08, 0.16, 0.04, 0.32),
}


@dataclass(frozen=True)
class Setting:
    """What is held fixed while activation functions are compared."""

    images: int
    start: Initialisation
    depth: int = 3  # convolutions
    network: Network = "four-layer"

    @property
    def name(self) -> str:
        """Its file's name, without the suffix."""
        return f"{self.network}-{self.images}-{self.start}-{self.depth}"

    @property
    def is_authors(self) -> bool:
        """Whether it is a configuration that the authors published."""
        return self.network in ("19pct", "18pct")

    def arm(self, activation: Activation, rate: float, seed: int) -> Arm:
        """One run. The inputs are scaled as those who used that start scaled them."""
        scaling: Scaling = "standardised"
        if self.is_authors:
            scaling = "mean-image"
        elif self.start == "2012":
            scaling = "centred"
        return Arm(
            activation,
            network=self.network,
            activation=activation,
            initialisation=self.start,
            scaling=scaling,
            depth=0 if self.is_authors else self.depth,
            learning_rate=rate,
            bias_rate=2.0 if self.is_authors else 1.0,
            dataset="cifar-10",
            pictures=self.images,
            seed=seed,
            epochs=EPOCHS,
            seconds=SECONDS,
            until=TARGET,
        )


@dataclass(frozen=True)
class Trial:
    """One run of the search: an activation function at one rate with one seed."""

    activation: Activation
    rate: float
    seed: int
    reached: float | None  # epochs to TARGET; None: it did not get there
    end: End
    epochs: float  # trained
    error: float  # training error at the end, 0 to 1
    first_loss: float  # before the first step
    curve: Curve = ()  # (epoch, training error)

    @property
    def key(self) -> tuple[str, float, int]:
        """What makes it another run."""
        return self.activation, self.rate, self.seed


@dataclass(frozen=True)
class Search:
    """A setting with the runs that were made of it."""

    setting: Setting
    trials: tuple[Trial, ...] = ()
    commands: tuple[str, ...] = ()  # that made them, in their order
    date: str = ""  # of the latest, as in 2026-11-29
    made_on: str = ""  # the machine
    versions: dict[str, str] = field(default_factory=dict)

    def of(self, activation: str) -> tuple[Trial, ...]:
        """The runs of one activation function."""
        return tuple(one for one in self.trials if one.activation == activation)

    def rates(self, activation: str) -> int:
        """How many learning rates were tried."""
        return len({one.rate for one in self.of(activation)})

    def leader(self, activation: str, seed: int = 0) -> Trial | None:
        """The run of that seed that got furthest: soonest at TARGET, or nearest to it.

        None: none has learned anything.
        """
        return min(
            (x for x in self.of(activation) if x.seed == seed and x.error < CHANCE),
            key=lambda one: (one.reached or math.inf, one.error),
            default=None,
        )

    def best_rate(self, activation: str, seed: int = 0) -> float | None:
        """The rate that was soonest at TARGET with that seed; None: none got there."""
        leader = self.leader(activation, seed)
        return None if leader is None or leader.reached is None else leader.rate

    def at_best(self, activation: str) -> tuple[float, ...]:
        """Epochs to TARGET at the best rate, a number per seed that got there."""
        rate = self.best_rate(activation)
        return tuple(
            one.reached
            for one in self.of(activation)
            if one.rate == rate and one.reached is not None
        )


@dataclass(frozen=True)
class SettingFactor:
    """How many times as many epochs as ReLU another activation function needs.

    `low` and `high` are what the seeds allow at the most: the fastest of one against
    the slowest of the other. Where the other never got to TARGET within EPOCHS, `mean`
    and `low` are bounds from below and `high` is infinite.
    """

    setting: Setting
    other: str
    mean: float
    low: float
    high: float
    seeds: tuple[int, int]  # runs at the best rate: of ReLU, of the other
    rates: tuple[int, int] = (0, 0)  # learning rates tried: of ReLU, of the other

    @property
    def is_bound(self) -> bool:
        """The other activation function never got there."""
        return math.isinf(self.high)

    @property
    def distinguishable(self) -> bool:
        """The ranges of the seeds do not overlap."""
        return self.low > 1 or self.high < 1


def factor(search: Search, other: str = "tanh") -> SettingFactor | None:
    """The factor of a setting; None while ReLU never got to TARGET there.

    Args:
        other: the activation function that ReLU is compared with.
    """
    relu, slow = search.at_best("relu"), search.at_best(other)
    if not relu or not search.of(other):
        return None
    relu_epochs = sum(relu) / len(relu)
    counts = len(relu), len(slow)
    rates = search.rates("relu"), search.rates(other)
    if not slow:
        bound = EPOCHS / relu_epochs, EPOCHS / max(relu)
        return SettingFactor(search.setting, other, *bound, math.inf, counts, rates)
    return SettingFactor(
        search.setting,
        other,
        sum(slow) / len(slow) / relu_epochs,
        min(slow) / max(relu),
        max(slow) / min(relu),
        counts,
        rates,
    )


def factors(searches: Sequence[Search]) -> list[SettingFactor]:
    """Tanh against ReLU in every setting in which ReLU got to the target."""
    return [one for search in searches if (one := factor(search)) is not None]


# --- as files -----------------------------------------------------------------------


class SearchBroken(ValueError):
    """A file is no search; the message names it and what was expected."""


def read(path: Path) -> Search:
    """A file that `write` made.

    Raises:
        SearchBroken: it holds something else.
    """
    try:
        data = json.loads(path.read_text("utf-8"))
        trials = [
            Trial(**(one | {"curve": tuple(map(tuple, one["curve"]))}))
            for one in data.pop("trials")
        ]
        setting = Setting(**data.pop("setting"))
        commands = tuple(data.pop("commands"))
        return Search(setting, tuple(trials), commands, **data)
    except (KeyError, TypeError, ValueError) as error:
        raise SearchBroken(
            f"Expected {path.name} to be a search as `python -m lab.factor` writes it. "
            f"Received one with this fault: {error}. Delete it and search again."
        ) from error


def read_all(folder: Path = FOLDER) -> list[Search]:
    """Every search in the folder, smaller sets first; a broken one is logged, left."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            found.append(read(path))
        except SearchBroken as trouble:
            log.warning("%s", trouble)
    starts = ("2012", "today", "unit-variance")
    return sorted(
        found,
        key=lambda one: (
            one.setting.network,
            starts.index(one.setting.start),
            one.setting.depth,
            one.setting.images,
        ),
    )


def write(search: Search, folder: Path = FOLDER) -> Path:
    """Writes the search as <setting>.json, whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{search.setting.name}.json"
    data = asdict(search)
    lines = [json.dumps(one) for one in data.pop("trials")]
    head = json.dumps(data, indent=1)[:-2]
    trials = ",\n  ".join(lines)
    partial = path.with_suffix(".partial")
    partial.write_text(f'{head},\n "trials": [\n  {trials}\n ]\n}}\n', "utf-8")
    os.replace(partial, path)
    return path


def of_recording(recording: Recording) -> list[Trial]:
    """What a recording of ReLU against others has in common with a search: its runs.

    Each has one rate; a curve of fewer points than a search's own.
    """
    trials = []
    for seed, events in zip(recording.seeds, recording.runs, strict=True):
        for place, arm in enumerate(recording.experiment.arms):
            curve = metrics.measured(events, place)
            points = [(one.epoch, one.training_error) for one in curve]
            reached = metrics.reached(points, TARGET)
            trials.append(
                Trial(
                    arm.activation,
                    arm.learning_rate,
                    seed,
                    None if reached is None else round(reached, 3),
                    "epochs" if reached is None else "target",
                    round(points[-1][0], 3),
                    points[-1][1],
                    round(curve[0].loss, 4),
                    thinned(points),
                )
            )
    return trials


def thinned(points: Sequence[tuple[float, float]]) -> Curve:
    """At most POINTS of a curve and the last, evenly taken."""
    step = max(1, math.ceil(len(points) / POINTS))
    kept = [*points[::step], *([points[-1]] if (len(points) - 1) % step else [])]
    return tuple((round(epoch, 3), round(error, 4)) for epoch, error in kept)

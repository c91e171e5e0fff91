"""What several seeds of an experiment have in common: ranges and factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Literal

from lab.experiments import Experiment
from lab.records import MEASURED_ON, ArmEvent
from lab.results import metrics
from lab.results import outcome as outcomes
from lab.results.outcome import Outcome

SIX = 6.0  # the paper's factor, section 3.1
ENOUGH = 3  # seeds for a factor with a range

Runs = Sequence[tuple[Experiment, Sequence[ArmEvent]]]  # alike but for the seed
Place = tuple[bool, float]  # of a seed: whether it did not arrive; result, or error
Verdict = Literal["unknown", "holds", "at_least", "smaller", "vanishes", "reverse"]


@dataclass(frozen=True)
class Spread:
    """One arm over several seeds."""

    label: str
    values: tuple[float, ...]  # of those seeds that have one
    # Of those in which it did not reach the target: the training error at their end.
    ends: tuple[float, ...] = ()

    @property
    def missing(self) -> int:
        """Seeds in which it did not reach the target."""
        return len(self.ends)

    @property
    def mean(self) -> float | None:
        return sum(self.values) / len(self.values) if self.values else None

    @property
    def range(self) -> tuple[Place, Place]:
        """From the first place to the last."""
        places = [(False, one) for one in self.values]
        places += [(True, one) for one in self.ends]
        return min(places), max(places)


def _values(runs: Runs) -> dict[str, list[float | None]]:
    """Arm -> its result in each run."""
    found: dict[str, list[float | None]] = {}
    for experiment, events in runs:
        values = outcomes.outcome(experiment, events).values
        for arm, number in zip(experiment.arms, values, strict=True):
            found.setdefault(arm.label, []).append(number)
    return found


def _end(events: Sequence[ArmEvent], arm: int) -> float:
    """The training error that an arm came down to."""
    reports = metrics.measured(events, arm)
    return reports[-1].training_error if reports else 1.0


def spreads(runs: Runs) -> list[Spread]:
    """The arms of runs that differ in their seed alone."""
    return [
        Spread(
            label,
            tuple(v for v in values if v is not None),
            tuple(
                _end(events, place)
                for (_, events), v in zip(runs, values, strict=True)
                if v is None
            ),
        )
        for place, (label, values) in enumerate(_values(runs).items())
    ]


def overlapping(spread: Sequence[Spread]) -> list[tuple[str, str]]:
    """The pairs of arms whose ranges overlap.

    An arm that did not arrive is beyond all that did, and the further beyond, the
    higher its error has stayed.
    """

    def after(one: Place, other: Place) -> bool:
        if one[0] != other[0]:
            return one[0]
        return one[1] - other[1] > 1e-9

    pairs = []
    for one, other in combinations(spread, 2):
        (low, high), (other_low, other_high) = one.range, other.range
        if not after(low, other_high) and not after(other_low, high):
            pairs.append((one.label, other.label))
    return pairs


# --- how much one is ahead of another -----------------------------------------------


@dataclass(frozen=True)
class ArmFactor:
    """One arm against another, seed by seed.

    Where arms are timed: how many times as many epochs `last` takes as `first`. Else:
    by what share `first` is better than `last`.
    """

    first: str
    last: str
    values: tuple[float, ...]  # of the seeds in which one of them arrived
    at_least: int = 0  # of them, in which `last` did not arrive: it takes longer
    at_most: int = 0  # in which `first` did not
    neither: int = 0  # seeds in which none arrived

    @property
    def mean(self) -> float:
        return sum(self.values) / len(self.values)


def factor(runs: Runs, first: str, last: str) -> ArmFactor:
    """How far `first` is ahead of `last` in runs that differ in their seed alone."""
    values: list[float] = []
    at_least = at_most = neither = 0
    for experiment, events in runs:
        places = [[a.label for a in experiment.arms].index(x) for x in (first, last)]
        found = outcomes.outcome(experiment, events).values
        one, other = (found[place] for place in places)
        if experiment.target is None:
            if one is not None and other is not None:
                better = one - other
                lower = experiment.measure != "validation_accuracy"  # is better
            values.append(-better if lower else better)
            continue
        ends = [metrics.measured(events, place)[-1:] for place in places]
        if (one is None and other is None) or not all(ends):
            neither += 1
            continue
        at_least += other is None
        at_most += one is None
        # Who did not arrive would have at its last epoch, at the soonest.
        early = ends[0][0].epoch if one is None else one
        late = ends[1][0].epoch if other is None else other
        values.append(late / early)
    return ArmFactor(first, last, tuple(values), at_least, at_most, neither)


def factors(runs: Runs) -> list[ArmFactor]:
    """Every arm against the one that is ahead on the whole."""
    experiment, values = runs[0][0], _values(runs)
    sign = -1 if experiment.measure == "validation_accuracy" else 1
    if experiment.target is not None:
        sign = 1

    def rank(label: str) -> tuple[int, float]:
        known = [v for v in values[label] if v is not None]
        mean = sign * sum(known) / len(known) if known else 0.0
        return values[label].count(None), mean

    ahead = min(values, key=rank)
    found = [factor(runs, ahead, label) for label in values if label != ahead]
    return [one for one in found if one.values]


def outcome(runs: Runs) -> Outcome | None:
    """What enough seeds have shown together: their means, and which arms are apart.

    None where the seeds are too few, or no arm arrived with any.
    """
    compared = factors(runs) if len(runs) >= ENOUGH else []
    if not compared:
        return None
    spread = spreads(runs)
    labels = [one.label for one in spread]
    ahead = labels.index(compared[0].first)
    worst = max(compared, key=lambda one: one.mean)
    level = set()
    for pair in overlapping(spread):
        if labels[ahead] in pair:
            level |= {labels.index(label) for label in pair} - {ahead}
    return Outcome(
        values=tuple(None if one.missing else one.mean for one in spread),
        ahead=ahead,
        last=labels.index(worst.last),
        by=worst.mean,
        at_least=worst.at_least > 0,
        pictures=pictures_of(runs),
        level=frozenset(level),
    )


def pictures_of(runs: Runs) -> int:
    """Images that the answer was counted on, with the seed that had the fewest."""
    return min(
        outcomes.pictures_of(experiment, events, MEASURED_ON)
        for experiment, events in runs
    )


def verdict(found: ArmFactor) -> Verdict:
    """What a factor says of the paper's "six times faster"."""
    if not found.values:
        return "unknown"
    low, high = min(found.values), max(found.values)
    if (found.at_least and low <= 1) or (found.at_most and high >= 1):
        return "unknown"  # a bound on the wrong side
    if high < 1:
        return "reverse"
    if low <= 1:
        return "vanishes"
    if high >= SIX:
        return "holds"
    return "at_least" if found.at_least else "smaller"

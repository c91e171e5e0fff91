"""What a class has gained between two takings of the inventory, with intervals.

Only students who handed in both are compared, each with themselves. Of one concept the
gain is the share that is right after minus that before, with Newcombe's interval for
paired proportions (method 10: Statistics in Medicine 17, 1998, 2635-2650). Of all
concepts together it is the mean of the students' own differences, with Student's
interval; beside it Hake's normalised gain (American Journal of Physics 66, 1998,
64-74): the part of the possible gain that the class has made.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from statistics import NormalDist, fmean, stdev

from classroom.inventory.items import RIGHT, Concept

CONFIDENCE = 0.95
_Z = NormalDist().inv_cdf(0.5 + CONFIDENCE / 2)

Choices = Mapping[
    str, str
]  # concept -> "right" or a misconception; not there: no answer


@dataclass(frozen=True)
class Interval:
    """Where a number lies with 95 % confidence."""

    low: float
    high: float

    def has(self, value: float) -> bool:
        """Whether it holds a value."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Taken:
    """What one student answered, before and after."""

    before: Choices
    after: Choices


@dataclass(frozen=True)
class ConceptGain:
    """One concept, over all who took both."""

    concept: str
    students: int
    before: int  # students who were right
    after: int
    learned: int  # right after alone
    lost: int  # right before alone
    interval: Interval  # of `gain`

    @property
    def gain(self) -> float:
        """Share right after minus share right before, -1 to 1."""
        return (self.after - self.before) / self.students


@dataclass(frozen=True)
class ClassGain:
    """All concepts together."""

    students: int
    before: float  # mean share of the concepts that were right, 0 to 1
    after: float
    interval: Interval | None  # of `gain`; None: one student has no spread
    concepts: tuple[ConceptGain, ...]

    @property
    def gain(self) -> float:
        """The mean of the students' differences, -1 to 1."""
        return self.after - self.before

    @property
    def normalised(self) -> float | None:
        """Hake's gain; None where nothing was left to gain."""
        return None if self.before >= 1 else self.gain / (1 - self.before)


@dataclass(frozen=True)
class Believed:
    """How many chose a misconception, before and after."""

    concept: str
    misconception: str
    before: int
    after: int


def wilson(count: int, of: int) -> Interval:
    """Wilson's interval of a share."""
    share, extra = count / of, _Z * _Z / of
    centre = (share + extra / 2) / (1 + extra)
    half = math.sqrt(extra * (share * (1 - share) + extra / 4)) / (1 + extra)
    return Interval(max(centre - half, 0.0), min(centre + half, 1.0))


def paired(both: int, learned: int, lost: int, neither: int) -> Interval:
    """Newcombe's interval of the share right after minus that before (method 10).

    Args:
        both: students who were right before and after.
        learned: right after alone.
        lost: right before alone.
        neither: right never.

    Raises:
        ValueError: there is no student.
    """
    if (of := both + learned + lost + neither) < 1:
        raise ValueError("Expected a student or more.")
    after, before = wilson(both + learned, of), wilson(both + lost, of)
    share_after, share_before = (both + learned) / of, (both + lost) / of
    gain, phi = share_after - share_before, _correlation(both, learned, lost, neither)
    down, up = share_after - after.low, after.high - share_after
    up_before, down_before = before.high - share_before, share_before - before.low
    low = down**2 - 2 * phi * down * up_before + up_before**2
    high = up**2 - 2 * phi * up * down_before + down_before**2
    return Interval(
        max(gain - math.sqrt(max(low, 0.0)), -1.0),
        min(gain + math.sqrt(max(high, 0.0)), 1.0),
    )


def _correlation(both: int, learned: int, lost: int, neither: int) -> float:
    """Of being right before and after, brought towards 0 as Newcombe does."""
    margins = (both + learned) * (lost + neither) * (both + lost) * (learned + neither)
    if not margins:
        return 0.0
    product = float(both * neither - learned * lost)
    if product > 0:
        product = max(product - (both + learned + lost + neither) / 2, 0)
    return product / math.sqrt(margins)


@cache
def student_t(freedom: int) -> float:
    """What Student's distribution exceeds on either side in 2.5 % of cases.

    By Simpson's rule for its distribution function, and bisection.

    Args:
        freedom: degrees of freedom, from 1.
    """
    scale = math.exp(
        math.lgamma((freedom + 1) / 2) - math.lgamma(freedom / 2)
    ) / math.sqrt(freedom * math.pi)

    def between(t: float) -> float:
        """The probability between 0 and t."""
        pieces = 2000
        total = 0.0
        for at in range(pieces + 1):
            weight = 1 if at in (0, pieces) else 4 if at % 2 else 2
            x = t * at / pieces
            total += weight * (1 + x * x / freedom) ** (-(freedom + 1) / 2)
        return scale * total * t / pieces / 3

    low, high = 1.0, 13.0
    while high - low > 1e-6:
        middle = (low + high) / 2
        if between(middle) < CONFIDENCE / 2:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _mean_interval(values: Sequence[float]) -> Interval | None:
    if len(values) < 2:
        return None
    half = student_t(len(values) - 1) * stdev(values) / math.sqrt(len(values))
    middle = fmean(values)
    return Interval(max(middle - half, -1.0), min(middle + half, 1.0))


def _right(choices: Choices, concept: str) -> bool:
    return choices.get(concept) == RIGHT


def of_class(taken: Sequence[Taken], concepts: Sequence[Concept]) -> ClassGain | None:
    """The gain of a class; None: no student has taken both forms."""
    if not taken:
        return None
    count = len(concepts)
    shares = [
        tuple(
            sum(_right(x, c.id) for c in concepts) / count for x in (t.before, t.after)
        )
        for t in taken
    ]
    before, after = fmean(x for x, _ in shares), fmean(y for _, y in shares)
    return ClassGain(
        len(taken),
        before,
        after,
        _mean_interval([y - x for x, y in shares]),
        tuple(_of_concept(taken, one.id) for one in concepts),
    )


def _of_concept(taken: Sequence[Taken], concept: str) -> ConceptGain:
    pairs = [(_right(t.before, concept), _right(t.after, concept)) for t in taken]
    both, learned = pairs.count((True, True)), pairs.count((False, True))
    lost, neither = pairs.count((True, False)), pairs.count((False, False))
    interval = paired(both, learned, lost, neither)
    students = len(taken)
    return ConceptGain(
        concept, students, both + lost, both + learned, learned, lost, interval
    )


def believed(taken: Sequence[Taken], concepts: Sequence[Concept]) -> list[Believed]:
    """Misconceptions that somebody chose, those chosen most often after first."""
    found = []
    for one in concepts:
        for name in one.misconceptions:
            before = sum(t.before.get(one.id) == name for t in taken)
            after = sum(t.after.get(one.id) == name for t in taken)
            if before or after:
                found.append(Believed(one.id, name, before, after))
    return sorted(found, key=lambda x: (-x.after, -x.before))

"""Whether the two forms of the concept inventory are parallel, and what a class shows.

    python -m bench.inventory

Simulated students alone (classroom/inventory/simulated.py): what they think is known.
The first table has how often each kind of student is right in either form, exactly;
the second, classes of them, each drawn by a seed: how far the forms differ, how wide
the 95 % intervals of the gain are, and how often the true gain is in them.
"""

from __future__ import annotations

import json
import random
import time
from dataclasses import replace
from statistics import fmean, median, stdev

from classroom.content import lesson
from classroom.inventory import gain, items, papers, simulated
from classroom.inventory.items import Concept
from classroom.inventory.simulated import Kind, Mind

SEEDS = 5_000  # classes whose forms are compared
STUDENTS = 24
GAINS = 1_000  # classes of each size whose intervals are looked at
SIZES = (6, 12, 24, 60)


def kinds(concepts: tuple[Concept, ...]) -> dict[str, list[tuple[Mind, Kind]]]:
    """Students of whom the score can be said in advance, by name."""
    every = frozenset(one.id for one in concepts)
    sure = Kind(slips=0.0)
    wrong = [
        Mind(believes={one.id: frozenset({name})})
        for one in concepts
        for name in one.misconceptions
    ]
    return {
        "knows all": [(Mind(every), sure)],
        "knows all, slips": [(Mind(every), Kind())],
        "has one misconception": [(mind, sure) for mind in wrong],
        "guesses": [(Mind(), sure)],
        "takes the longest": [(Mind(), replace(sure, guess=simulated.longest))],
        "takes the shortest": [(Mind(), replace(sure, guess=simulated.shortest))],
    }


def expectations(language: str) -> dict[str, dict[str, float]]:
    """Kind -> the mean share right in A and in B, and the largest difference."""
    concepts, found = items.concepts(language), {}
    for name, minds in kinds(concepts).items():
        scores = [
            [simulated.expected(concepts, form, *one) for form in items.FORMS]
            for one in minds
        ]
        found[name] = {
            "A": fmean(fmean(a.values()) for a, _ in scores),
            "B": fmean(fmean(b.values()) for _, b in scores),
            "students differ by": max(
                abs(fmean(a.values()) - fmean(b.values())) for a, b in scores
            ),
            "concepts differ by": max(
                abs(a[one.id] - b[one.id]) for a, b in scores for one in concepts
            ),
        }
    return found


def differences(kind: Kind, seeds: int) -> dict[str, float]:
    """Before the lesson, who took A against who took B, over classes."""
    concepts = items.concepts()
    ids = [one.id for one in concepts]
    by_class, right = [], {form: dict.fromkeys(ids, 0) for form in items.FORMS}
    for seed in range(seeds):
        shares: dict[str, list[float]] = {form: [] for form in items.FORMS}
        draw = random.Random(seed)
        for place in range(STUDENTS):
            form = papers.first_form(seed, place)
            mind = simulated.draw_mind(concepts, kind, draw)
            given = simulated.answer(concepts, form, mind, kind, draw)
            hits = [one for one in ids if given[one] == items.RIGHT]
            shares[form].append(len(hits) / len(ids))
            for one in hits:
                right[form][one] += 1
        by_class.append(fmean(shares["A"]) - fmean(shares["B"]))
    half = seeds * STUDENTS / 2
    return {
        "mean": fmean(by_class),
        "of one class": stdev(by_class),
        "of one concept": max(abs(right["A"][x] - right["B"][x]) / half for x in ids),
    }


def intervals(kind: Kind, students: int, classes: int) -> dict[str, float]:
    """How wide the intervals of a class are, and how often the true gain is in them."""
    concepts, true = items.concepts(), simulated.true_gain(kind)
    wide, wide_one, inside, inside_one = [], [], [], []
    for seed in range(classes):
        taken = [x for _, x in simulated.take(concepts, students, kind, seed)]
        found = gain.of_class(taken, concepts)
        assert found is not None and found.interval is not None
        wide.append(found.interval.high - found.interval.low)
        inside.append(found.interval.has(true))
        for one in found.concepts:
            wide_one.append(one.interval.high - one.interval.low)
            inside_one.append(one.interval.has(true))
    return {
        "width": median(wide),
        "covers": fmean(inside),
        "width of a concept": median(wide_one),
        "covers of a concept": fmean(inside_one),
    }


def _expected_table(language: str, found: dict[str, dict[str, float]]) -> None:
    print(f"\nShare right, exactly ({language}):")
    print(f"{'student':24} {'A':>7} {'B':>7} {'differ by':>10} {'one concept':>12}")
    for name, row in found.items():
        print(
            f"{name:24} {row['A']:7.3f} {row['B']:7.3f} "
            f"{row['students differ by']:10.3f} {row['concepts differ by']:12.3f}"
        )


def main() -> None:
    """Prints the tables, and one JSON line."""
    began, kind = time.perf_counter(), Kind()
    expected = {language: expectations(language) for language in lesson.languages()}
    for language, found in expected.items():
        _expected_table(language, found)
    apart = differences(kind, SEEDS)
    print(
        f"\n{SEEDS:,} classes of {STUDENTS}, half with A and half with B before the "
        f"lesson:\nA minus B {apart['mean']:+.4f} on average (one class: "
        f"{apart['of one class']:.3f}), at most {apart['of one concept']:.4f} for a "
        "concept over all classes"
    )
    print(f"\nGain, true {simulated.true_gain(kind):.3f}; {GAINS:,} classes of a size:")
    print(
        f"{'students':>8} {'width':>7} {'covers':>7} {'one concept':>12} {'covers':>7}"
    )
    sizes = {n: intervals(kind, n, GAINS) for n in SIZES}
    for students, row in sizes.items():
        print(
            f"{students:8} {row['width']:7.2f} {row['covers']:7.1%} "
            f"{row['width of a concept']:12.2f} {row['covers of a concept']:7.1%}"
        )
    print(
        json.dumps(
            {
                "bench": "inventory",
                "expected": expected,
                "forms": apart,
                "seeds": SEEDS,
                "true_gain": simulated.true_gain(kind),
                "intervals": sizes,
                "seconds": round(time.perf_counter() - began, 1),
            }
        )
    )


if __name__ == "__main__":
    main()

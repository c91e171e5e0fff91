"""Reading results off curves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from lab.experiments import RATE, Arm, Experiment, sweep_of
from lab.records import ArmEvent, Report

LAST = 3  # measurements at the end
Pair = tuple[float, float]  # epoch, error


def measured(events: Iterable[ArmEvent], arm: int) -> list[Report]:
    """The arm's reports with a new error and accuracy: the points of its curve."""
    return [
        event.report
        for event in events
        if event.arm == arm and event.report.step == event.report.evaluated_step
    ]


def ending(curve: Sequence[Report]) -> Sequence[Report]:
    """The last points of a curve, whose mean is its result; never more than LAST.

    What the untrained network could do is no part of the result of a short run.
    """
    trained = [report for report in curve if report.step > 0]
    return (trained or curve)[-LAST:]


def reached(points: Sequence[tuple[float, float]], target: float) -> float | None:
    """Where a falling curve first reaches the target, by straight lines between points.

    Args:
        points: (epoch, error), epochs rising.

    Returns:
        The epoch, or None: not reached yet.
    """
    before: tuple[float, float] | None = None
    for epoch, error in points:
        if error <= target:
            if before is None or before[1] == error:
                return epoch
            share = (before[1] - target) / (before[1] - error)
            return before[0] + share * (epoch - before[0])
        before = (epoch, error)
    return None


def epochs_to(reports: Iterable[Report], target: float) -> float | None:
    """Epochs to a training error, or None: not reached yet."""
    return reached([(r.epoch, r.training_error) for r in reports], target)


def ratio(slow: float | None, fast: float | None) -> float | None:
    """How many times as long; None while either has not arrived."""
    if slow is None or fast is None or fast <= 0:
        return None
    return slow / fast


# --- sweeps -------------------------------------------------------------------------


@dataclass(frozen=True)
class RateTrial:
    """One arm at one rate of a sweep."""

    arm: int  # its place in the sweep
    rate: float
    reached: float | None  # epochs to the target; None: not reached, or none asked
    # Its error at the end, 0 to 1; None before it is measured. Training error where
    # arms are timed; else of new pictures: who learns nothing has no gap.
    error: float | None


def tried(
    experiment: Experiment, events: Sequence[ArmEvent]
) -> dict[str, list[RateTrial]]:
    """What a sweep has found so far: arm -> its rates, rising."""
    training = experiment.target is not None or experiment.measure == "training_error"
    found: dict[str, list[RateTrial]] = {}
    for label, places in sweep_of(experiment).items():
        for place in places:
            curve = measured(events, place)
            end = [
                r.training_error if training else 1 - r.validation_accuracy
                for r in ending(curve)
            ]
            target = experiment.target
            found.setdefault(label, []).append(
                RateTrial(
                    place,
                    experiment.arms[place].learning_rate,
                    None if target is None else epochs_to(curve, target),
                    sum(end) / len(end) if end else None,
                )
            )
    return found


def only_over(
    found: Mapping[str, Sequence[RateTrial]], over: Sequence[bool]
) -> dict[str, list[RateTrial]]:
    """The same without results of arms that still train: they are not final.

    Args:
        over: for each arm of the sweep, whether it has ended.
    """
    return {
        label: [
            one if over[one.arm] else replace(one, reached=None, error=None)
            for one in rates
        ]
        for label, rates in found.items()
    }


def best(rates: Iterable[RateTrial]) -> RateTrial | None:
    """The rate that was soonest at the target; if none was, of the lowest error."""
    known = [each for each in rates if each.error is not None]
    there = [each for each in known if each.reached is not None]
    if there:
        return min(there, key=lambda each: each.reached or 0.0)
    return min(known, key=lambda each: each.error or 0.0, default=None)


def at_best(
    experiment: Experiment, events: Sequence[ArmEvent]
) -> tuple[Experiment, list[ArmEvent]] | None:
    """A sweep as the comparison of its arms, each at its best rate.

    Returns:
        None while an arm has no rate that was measured.
    """
    chosen = {label: best(rates) for label, rates in tried(experiment, events).items()}
    places: dict[int, int] = {}
    arms: list[Arm] = []
    for label, one in chosen.items():
        if one is None:
            return None
        places[one.arm] = len(arms)
        arms.append(replace(experiment.arms[one.arm], label=label))
    compared = replace(
        experiment,
        arms=tuple(arms),
        difference=tuple(f for f in experiment.difference if f != RATE),
        tuned=(*experiment.tuned, RATE),
    )
    return compared, [
        replace(event, arm=places[event.arm]) for event in events if event.arm in places
    ]


def thin(events: Sequence[ArmEvent], most: int) -> list[ArmEvent]:
    """At most `most` events an arm, evenly taken, the first and the last kept.

    Measured points go before others: they are the curve.
    """
    arms: dict[int, list[ArmEvent]] = {}
    for event in events:
        arms.setdefault(event.arm, []).append(event)
    kept: list[ArmEvent] = []
    for of_arm in arms.values():
        every = of_arm
        if len(of_arm) > most:
            ends = {of_arm[0].number, of_arm[-1].number}
            of_arm = [
                e
                for e in of_arm
                if e.report.step == e.report.evaluated_step or e.number in ends
            ]
        if len(of_arm) > most:
            last = len(of_arm) - 1
            of_arm = [of_arm[i] for i in _spaced(last, most)]
        kept += of_arm if len(of_arm) == len(every) else _with_batches(of_arm, every)
    return sorted(kept, key=lambda event: event.number)


def _with_batches(
    kept: Sequence[ArmEvent], every: Sequence[ArmEvent]
) -> Iterator[ArmEvent]:
    """Some events of an arm with the batch errors of those left out before them."""
    numbers, errors = {event.number for event in kept}, list[tuple[float, float]]()
    for event in every:
        errors += event.report.batch_errors
        if event.number in numbers:
            yield replace(
                event, report=replace(event.report, batch_errors=tuple(errors))
            )
            errors = []


def batch_errors(events: Iterable[ArmEvent], arm: int, most: int) -> list[Pair]:
    """The arm's running batch error, (epoch, error): at most so many points.

    Where there are more, each is the mean of equally many neighbours.
    """
    every = [x for e in events if e.arm == arm for x in e.report.batch_errors]
    return thin_pairs(every, most)


def thin_pairs(points: Sequence[Pair], most: int) -> list[Pair]:
    """At most `most` points: means of equally many neighbours, at the last of them."""
    group = max(1, -(-len(points) // most))
    parts = (points[i : i + group] for i in range(0, len(points), group))
    return [(part[-1][0], sum(y for _, y in part) / len(part)) for part in parts]


def _spaced(last: int, most: int) -> list[int]:
    """`most` whole numbers from 0 to `last`, both ends among them."""
    if most == 1:
        return [last]
    return [round(i * last / (most - 1)) for i in range(most)]

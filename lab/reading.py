"""Reading results off curves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from lab.records import Event, Report


def measured(events: Iterable[Event], arm: int) -> list[Report]:
    """The arm's reports with a new error and accuracy: the points of its curve."""
    return [
        event.report
        for event in events
        if event.arm == arm and event.report.step == event.report.evaluated_step
    ]


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


def thin(events: Sequence[Event], most: int) -> list[Event]:
    """At most `most` events an arm, evenly taken, the first and the last kept.

    Measured points go before others: they are the curve.
    """
    arms: dict[int, list[Event]] = {}
    for event in events:
        arms.setdefault(event.arm, []).append(event)
    kept: list[Event] = []
    for own in arms.values():
        if len(own) > most:
            ends = {own[0].number, own[-1].number}
            own = [
                e
                for e in own
                if e.report.step == e.report.evaluated_step or e.number in ends
            ]
        if len(own) > most:
            last = len(own) - 1
            own = [own[i] for i in _spaced(last, most)]
        kept += own
    return sorted(kept, key=lambda event: event.number)


def _spaced(last: int, most: int) -> list[int]:
    """`most` whole numbers from 0 to `last`, both ends among them."""
    if most == 1:
        return [last]
    return [round(i * last / (most - 1)) for i in range(most)]

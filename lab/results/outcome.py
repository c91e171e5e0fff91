"""What a run has shown, in numbers: who is ahead, by how much, and how sure that is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import log
from typing import Any, Literal

from lab.experiments import Experiment, Measure
from lab.records import MEASURED_ON, ArmEvent, Counted, LayerReport, Report
from lab.results import metrics

Across = Literal["epoch", "seconds", "step"]
Curve = Literal["training_error", "validation_error", "gap"]
TextbookVerdict = Literal["", "agrees", "same", "differs"]
GuessVerdict = Literal[
    "",
    "few",
    "right",
    "right_by",
    "right_at_least",
    "wrong",
    "wrong_none",
    "wrong_same",
]

FLAT = ("tanh", "sigmoid")  # curves with flat parts; the others have silent units
SAME = ""  # a guess: none is ahead
ABOUT = 1.1  # factors below are "about the same"
FEW = 20  # images: with fewer, one of them is more than 5 points
TEN = 10  # classes of the built-in images and of CIFAR-10
CONFIDENT = 1.2  # times the loss of guessing: it starts too sure
UNEVEN = 1.2  # times its fair share: from there on the largest class is spoken of
CURVE_OF: dict[Measure, Curve] = {
    "training_error": "training_error",
    "validation_accuracy": "validation_error",
    "gap": "gap",
}


def height(report: Report, curve: Curve) -> float:
    """A curve's value in a report: a share. All three in evaluation mode."""
    wrong = 1 - report.validation_accuracy
    match curve:
        case "training_error":
            return report.training_error
        case "validation_error":
            return wrong
        case "gap":
            return wrong - report.training_error


def rounded(place: float, across: Across) -> float:
    """A place on the axis across, no more exact than it is known."""
    return round(place, {"epoch": 2, "seconds": 1, "step": 0}[across])


def counted_on(report: Report, curve: Curve) -> int:
    """The images that a point of a curve was counted on."""
    found = report.counted
    if found is None:
        return MEASURED_ON
    match curve:
        case "training_error":
            return found.training
        case "validation_error":
            return found.validation
        case "gap":
            return min(found.training, found.validation)


# --- the result ---------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The answer to the experiment's question, so far."""

    # For each arm: epochs to the target, or its share at the end; None: not there yet.
    values: tuple[float | None, ...]
    ahead: int | None = None  # the arm that is first, or best
    last: int | None = None
    by: float | None = None  # how many times as long, or the difference of two shares
    at_least: bool = False  # the last has not arrived: it takes longer than that
    pictures: int = MEASURED_ON  # that every share was counted on, at least
    level: frozenset[int] = frozenset()  # arms not to be told from the one ahead

    @property
    def same(self) -> bool:
        """Whether the difference is too small to speak of."""
        return self.last is not None and self.last in self.level

    @property
    def few(self) -> bool:
        """Whether too few images were counted for any verdict."""
        return self.pictures < FEW


def counted(events: Iterable[ArmEvent]) -> Counted | None:
    """What a run's shares were counted on: the least of its arms. None: not known."""
    found = [event.report.counted for event in events if event.report.counted]
    if not found:
        return None
    return replace(
        found[-1],
        training=min(each.training for each in found),
        validation=min(each.validation for each in found),
    )


def pictures_of(experiment: Experiment, events: Iterable[ArmEvent], known: int) -> int:
    """The images that the experiment's answer was counted on; `known` if none says."""
    found = counted(events)
    if found is None:
        return known
    if experiment.target is not None or experiment.measure == "training_error":
        return found.training
    if experiment.measure == "validation_accuracy":
        return found.validation
    return min(found.training, found.validation)


def baseline(events: Iterable[ArmEvent], curve: Curve) -> float | None:
    """The error of naming the largest class always; None where classes are even."""
    found = counted(events)
    if found is None or curve == "gap" or found.largest * found.classes < UNEVEN:
        return None
    if curve == "training_error":
        return found.training_error
    return found.validation_error


def interval(share: float, pictures: int) -> tuple[float, float]:
    """Wilson's interval (95 of 100) of a share that was counted on so many images."""
    z, n = 1.96, pictures
    middle = (share + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * (share * (1 - share) / n + (z / (2 * n)) ** 2) ** 0.5
    return max(0.0, middle - half), min(1.0, middle + half)


def value(experiment: Experiment, reports: Sequence[Report]) -> float | None:
    """One arm's result."""
    if experiment.target is not None:
        return metrics.epochs_to(reports, experiment.target)
    if not reports:
        return None
    curve = CURVE_OF[experiment.measure]
    end = [height(report, curve) for report in metrics.ending(reports)]
    mean = sum(end) / len(end)
    return 1 - mean if experiment.measure == "validation_accuracy" else mean


def outcome(
    experiment: Experiment, events: Sequence[ArmEvent], pictures: int = MEASURED_ON
) -> Outcome:
    """Who is ahead and by how much, from the measured points alone.

    Args:
        pictures: images that shares were counted on, where the reports do not say.
    """
    count = pictures_of(experiment, events, pictures)
    found = replace(_outcome(experiment, events), pictures=count)
    return replace(found, level=_level(experiment, found))


def _outcome(experiment: Experiment, events: Sequence[ArmEvent]) -> Outcome:
    curves = [metrics.measured(events, i) for i in range(len(experiment.arms))]
    values = tuple(value(experiment, curve) for curve in curves)
    there = [i for i, v in enumerate(values) if v is not None]
    if experiment.target is None:
        if len(there) < len(values):
            return Outcome(values)
        lower = experiment.measure != "validation_accuracy"  # is better
        best, worst = (min, max) if lower else (max, min)
        ahead = best(there, key=lambda i: values[i] or 0)
        # Of equal ones the last: the arm that is ahead is not compared with itself.
        last = worst(reversed(there), key=lambda i: values[i] or 0)
        return Outcome(
            values, ahead, last, abs((values[ahead] or 0) - (values[last] or 0))
        )
    if not there:
        return Outcome(values)
    ahead = min(there, key=lambda i: values[i] or 0)
    missing = [i for i, v in enumerate(values) if v is None]
    if not missing:
        last = max(reversed(there), key=lambda i: values[i] or 0)
        return Outcome(values, ahead, last, metrics.ratio(values[last], values[ahead]))
    # How far each that has not arrived has come: the factor is more than that.
    come = {i: curves[i][-1].epoch if curves[i] else 0.0 for i in missing}
    last = max(missing, key=lambda i: come[i])
    by = metrics.ratio(come[last], values[ahead])
    return Outcome(values, ahead, last, max(by or 1.0, 1.0), at_least=True)


def chance(values: Iterable[float | None], pictures: int = MEASURED_ON) -> float:
    """A difference of two shares that chance alone makes in 1 of 20 cases.

    Both are counted on so many pictures: two deviations of a binomial share each.
    """
    known = [min(max(abs(v), 0.02), 0.98) for v in values if v is not None]
    share = sum(known) / len(known) if known else 0.5
    return float(2 * (2 * share * (1 - share) / pictures) ** 0.5)


def _level(experiment: Experiment, found: Outcome) -> frozenset[int]:
    """Arms whose difference from the best one is not significant."""
    if found.ahead is None:
        return frozenset()
    best = found.values[found.ahead]
    level = set()
    for index, one in enumerate(found.values):
        if index == found.ahead or one is None or best is None:
            continue
        if experiment.target is not None:
            by = metrics.ratio(one, best)
            near = by is not None and by < ABOUT
        else:
            near = abs(one - best) < chance(found.values, found.pictures)
        if near or found.few:
            level.add(index)
    return frozenset(level)


# --- the start ----------------------------------------------------------------------


def first_losses(
    experiment: Experiment, events: Sequence[ArmEvent]
) -> dict[str, tuple[float, float]]:
    """Arm -> its loss before the first step, and that of guessing: ln classes.

    Arms that have not begun are left out.
    """
    found = {}
    for index, arm in enumerate(experiment.arms):
        first = next((e.report for e in events if e.arm == index), None)
        if first is None or first.step:
            continue
        classes = first.counted.classes if first.counted else TEN
        found[arm.label] = first.loss, log(classes)
    return found


def overconfident(loss: float, chance: float) -> bool:
    """Whether a loss before the first step is above that of guessing."""
    return loss > CONFIDENT * chance


# --- the result against what was expected -------------------------------------------


def textbook_verdict(
    experiment: Experiment, found: Outcome, expected: int | None
) -> TextbookVerdict:
    """Whether a result is what the textbook says; empty where that is not known.

    Args:
        expected: the place of the arm that the textbook has ahead; None: it has none.
    """
    if found.ahead is None or found.few:
        return ""
    if expected is None or expected >= len(experiment.arms):
        return ""
    level = found.level if found.ahead == expected else {expected} & found.level
    if level:
        return "same"
    return "agrees" if found.ahead == expected else "differs"


def guessed_by(experiment: Experiment, guess: Mapping[str, Any]) -> float | None:
    """By how much a guess has its arm ahead: a factor, or a difference of shares."""
    if (by := guess.get("by")) is None:
        return None
    return float(by) if experiment.target is not None else float(by) / 100


def guess_verdict(
    experiment: Experiment, guess: Mapping[str, Any], found: Outcome
) -> GuessVerdict:
    """Whether a guess came true; empty without one, or while nothing is measured."""
    if "arm" not in guess or found.ahead is None or found.by is None:
        return ""
    if found.few:
        return "few"
    if guess["arm"] == SAME:
        return "right" if found.same else "wrong_same"
    if found.same:
        return "wrong_none"
    if experiment.arms[found.ahead].label != guess["arm"]:
        return "wrong"
    return "right_at_least" if found.at_least else "right_by"


def guess_place(
    experiment: Experiment,
    guess: Mapping[str, Any],
    events: Sequence[ArmEvent],
    across: Across,
) -> tuple[float, float] | None:
    """Where a guess would put the last arm, or the better one, on the main chart.

    Returns:
        (place on the axis across, share), or None where nothing can be said yet.
    """
    by = guessed_by(experiment, guess)
    if by is None or guess.get("arm") is None:
        return None
    found = outcome(experiment, events)
    if experiment.target is not None:
        if found.ahead is None:
            return None
        first = metrics.measured(events, found.ahead)
        curve = [(getattr(r, across), r.training_error) for r in first]
        arrived = metrics.reached(curve, experiment.target)
        if arrived is None:
            return None
        times = 1.0 if guess["arm"] == SAME else by
        return rounded(arrived * times, across), experiment.target
    labels = [arm.label for arm in experiment.arms]
    if None in found.values or guess["arm"] not in labels:
        return None
    chosen = labels.index(guess["arm"])
    others = [v or 0.0 for i, v in enumerate(found.values) if i != chosen]
    if experiment.measure == "validation_accuracy":
        y = 1 - (min(others) + by)
    else:
        y = max(others) - by
    far = max((getattr(event.report, across) for event in events), default=0.0)
    return rounded(far, across), round(y, 3)


def most_idle(events: Sequence[ArmEvent], arm: int) -> LayerReport | None:
    """The hidden layer that passes the least gradient on, in the last measurement."""
    latest = metrics.measured(events, arm)[-1:]
    layers = latest[0].layers[:-1] if latest else ()
    return max(layers, key=lambda layer: layer.idle, default=None)

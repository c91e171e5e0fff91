"""What a run has shown, in numbers and sentences, all computed from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from math import ceil, floor, log
from typing import Any, Literal

from lab import reading
from lab.datasets import DRAWN_TRAIN
from lab.experiments import Experiment, Measure
from lab.records import Counted, Event, Report
from ui.kit import words
from viz.curves import Frame, Mark, Point

Across = Literal["epoch", "seconds", "step"]
Whose = Literal["yours", "theirs"]  # a guess: the visitor's, or who started the run
Curve = Literal["training_error", "validation_error", "gap"]

MEASURED_ON = 200  # pictures, in a live run (`lab.run.SAMPLE`)
FLAT = ("tanh", "sigmoid")  # curves with flat parts; the others have silent units
SAME = ""  # a guess: none is ahead
REACH = 1.5  # times as far as the curves: no mark lies farther out
ABOUT = 1.1  # factors below are "about the same"
FEW = 20  # images: with fewer, one of them is more than 5 points
EXACT = 1_000  # images: with fewer, a tenth of a per cent says nothing
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


def points(
    experiment: Experiment,
    events: Sequence[Event],
    curve: Curve,
    across: Across = "epoch",
    line: str = "",
    run: str = "",
) -> list[Point]:
    """One curve of every arm."""
    return [
        Point(
            rounded(getattr(report, across), across),
            round(height(report, curve), 4),
            arm.label,
            line,
            f"{run}/{line}/{arm.label}",
        )
        for index, arm in enumerate(experiment.arms)
        for report in reading.measured(events, index)
    ]


def rounded(place: float, across: Across) -> float:
    """A place on the axis across, no more exact than it is known."""
    return round(place, {"epoch": 2, "seconds": 1, "step": 0}[across])


def percent(share: float, pictures: int = MEASURED_ON) -> str:
    """12%, or 12.3% where so many images were counted that it means something.

    The minus is a true one; nothing is not below zero.
    """
    said = f"{share:.{_decimals(pictures)}%}"
    return said.removeprefix("-") if not said.strip("-0.%") else said.replace("-", "−")


def _decimals(pictures: int) -> int:
    """Of a per cent: chance alone moves a share of 1,000 images by three points."""
    return 1 if pictures >= EXACT else 0


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


def share(report: Report, curve: Curve) -> str:
    """A point of a curve in words."""
    return percent(height(report, curve), counted_on(report, curve))


# --- the result ---------------------------------------------------------------------


@dataclass(frozen=True)
class Outcome:
    """The answer to the experiment's question, so far."""

    # For each arm: passes to the target, or its share at the end; None: not there yet.
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


def counted(events: Iterable[Event]) -> Counted | None:
    """What a run's shares were counted on: the least of its arms. None: not known."""
    found = [event.report.counted for event in events if event.report.counted]
    if not found:
        return None
    return replace(
        found[-1],
        training=min(each.training for each in found),
        validation=min(each.validation for each in found),
    )


def pictures_of(experiment: Experiment, events: Iterable[Event], known: int) -> int:
    """The images that the experiment's answer was counted on; `known` if none says."""
    found = counted(events)
    if found is None:
        return known
    if experiment.target is not None or experiment.measure == "training_error":
        return found.training
    if experiment.measure == "validation_accuracy":
        return found.validation
    return min(found.training, found.validation)


def baseline(events: Iterable[Event], curve: Curve) -> float | None:
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
        return reading.epochs_to(reports, experiment.target)
    if not reports:
        return None
    curve = CURVE_OF[experiment.measure]
    end = [height(report, curve) for report in reading.ending(reports)]
    mean = sum(end) / len(end)
    return 1 - mean if experiment.measure == "validation_accuracy" else mean


def outcome(
    experiment: Experiment, events: Sequence[Event], pictures: int = MEASURED_ON
) -> Outcome:
    """Who is ahead and by how much, from the measured points alone.

    Args:
        pictures: images that shares were counted on, where the reports do not say.
    """
    count = pictures_of(experiment, events, pictures)
    found = replace(_outcome(experiment, events), pictures=count)
    return replace(found, level=_level(experiment, found))


def _outcome(experiment: Experiment, events: Sequence[Event]) -> Outcome:
    curves = [reading.measured(events, i) for i in range(len(experiment.arms))]
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
        return Outcome(values, ahead, last, reading.ratio(values[last], values[ahead]))
    # How far each that has not arrived has come: the factor is more than that.
    come = {i: curves[i][-1].epoch if curves[i] else 0.0 for i in missing}
    last = max(missing, key=lambda i: come[i])
    by = reading.ratio(come[last], values[ahead])
    return Outcome(values, ahead, last, max(by or 1.0, 1.0), at_least=True)


def chance(values: Iterable[float | None], pictures: int = MEASURED_ON) -> float:
    """A difference of two shares that chance alone makes in 1 of 20 cases.

    Both are counted on so many pictures: two deviations of a binomial share each.
    """
    known = [min(max(abs(v), 0.02), 0.98) for v in values if v is not None]
    share = sum(known) / len(known) if known else 0.5
    return float(2 * (2 * share * (1 - share) / pictures) ** 0.5)


def _level(experiment: Experiment, found: Outcome) -> frozenset[int]:
    """Arms whose difference from the one ahead is too small to speak of."""
    if found.ahead is None:
        return frozenset()
    best = found.values[found.ahead]
    level = set()
    for index, one in enumerate(found.values):
        if index == found.ahead or one is None or best is None:
            continue
        if experiment.target is not None:
            by = reading.ratio(one, best)
            near = by is not None and by < ABOUT
        else:
            near = abs(one - best) < chance(found.values, found.pictures)
        if near or found.few:
            level.add(index)
    return frozenset(level)


# --- the start ----------------------------------------------------------------------


def first_losses(
    experiment: Experiment, events: Sequence[Event]
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


def start_sentences(experiment: Experiment, events: Sequence[Event]) -> list[str]:
    """What the loss before the first step says of the initial weights."""
    text, said = _text()["first_loss"], []
    losses = first_losses(experiment, events)
    for arm in experiment.arms:
        if arm.label not in losses:
            continue
        loss, chance_ = losses[arm.label]
        form = "high" if loss > CONFIDENT * chance_ else "chance"
        said.append(str(text[form].format(arm=arm.label, loss=loss, chance=chance_)))
        textbook = arm.initialisation == "today" and arm.pooling == "max"
        if form == "high" and textbook and arm.activation not in FLAT:
            said.append(str(text["he"]))
    return said


# --- sentences ----------------------------------------------------------------------


def _text() -> dict[str, Any]:
    return words.page("lab")


def kind(experiment: Experiment) -> str:
    """The key of the words for the experiment's question."""
    return "factor" if experiment.target is not None else experiment.measure


def amount(experiment: Experiment, by: float, pictures: int = MEASURED_ON) -> str:
    """3.2 times, or 12 points, in words."""
    text = _text()["amount"]
    if experiment.target is not None:
        return str(text["factor"].format(by=by))
    points = round(100 * by, _decimals(pictures))
    return str(text["point" if points == 1 else "points"].format(by=points))


def guess_sentence(
    experiment: Experiment, guess: Mapping[str, Any], whose: Whose = "yours"
) -> str:
    """What was said before; empty without a guess."""
    if "arm" not in guess:
        return ""
    text, who = _text()["guess"][kind(experiment)], _text()["guess"][whose]["name"]
    if guess["arm"] == SAME or guess.get("by") is None:
        return f"{who}: {text['said_same']}"
    amount_ = amount(experiment, _by(experiment, guess))
    return f"{who}: {text['said'].format(arm=guess['arm'], amount=amount_)}"


def _by(experiment: Experiment, guess: Mapping[str, Any]) -> float:
    by = float(guess["by"])
    return by if experiment.target is not None else by / 100


def result_sentences(
    experiment: Experiment, events: Sequence[Event], pictures: int = MEASURED_ON
) -> list[str]:
    """What was measured; how sure; and what it says about the textbook."""
    text = _text()["result"]
    found = outcome(experiment, events, pictures)
    labels = [arm.label for arm in experiment.arms]
    said = []
    for label, number in zip(labels, found.values, strict=True):
        if experiment.target is None:
            if number is not None:
                words_ = text["value"][experiment.measure]
                value_ = _with_interval(experiment, number, found.pictures)
                said.append(words_.format(arm=label, value=value_))
        elif number is None:
            said.append(text["not_reached"].format(arm=label, target=experiment.target))
        else:
            said.append(
                text["reached"].format(
                    arm=label, epochs=number, target=experiment.target
                )
            )
    if found.ahead is None or found.last is None or found.by is None:
        return said
    names = {"ahead": labels[found.ahead], "last": labels[found.last]}
    of = text[kind(experiment)]
    if found.few:
        return [
            *said,
            *_largest(experiment, events, found),
            few_sentence(found.pictures),
        ]
    which = "at_least" if found.at_least else "ahead"
    which = "same" if found.same else which
    by = amount(experiment, found.by, found.pictures)
    said.append(of[which].format(amount=by, **names))
    if experiment.target is None:
        count = min(
            len(reading.ending(reading.measured(events, place)))
            for place in range(len(labels))
        )
        if count > 1:
            said.append(text["mean"].format(count=count))
        said.append(
            text["chance"].format(
                points=_points(100 * chance(found.values, found.pictures)),
                pictures=found.pictures,
            )
        )
    return [*said, *_largest(experiment, events, found)]


def _points(number: float) -> str:
    """1 point, 9 points."""
    one, many = _text()["count"]["points"]
    return f"{number:.0f} {one if round(number) == 1 else many}"


def few_sentence(pictures: int) -> str:
    """That nothing can be told from so few images."""
    text = _text()["result"]
    return str(text["few_one" if pictures == 1 else "few"].format(pictures=pictures))


def _with_interval(experiment: Experiment, share: float, pictures: int) -> str:
    """A share, and where it may lie if it was counted on few images."""
    if experiment.measure == "gap" or pictures >= MEASURED_ON:
        return percent(share, pictures)
    low, high = interval(min(max(share, 0.0), 1.0), pictures)
    form = _text()["result"]["interval"]
    return str(form.format(value=percent(share, pictures), low=low, high=high))


def _largest(
    experiment: Experiment, events: Sequence[Event], found: Outcome
) -> list[str]:
    """What naming the largest class always would reach, where classes are uneven."""
    curve = CURVE_OF[experiment.measure]
    error = baseline(events, "training_error" if experiment.target else curve)
    if error is None:
        return []
    text = _text()["result"]["largest"]
    said = [str(text["say"].format(wrong=percent(error), right=percent(1 - error)))]
    if experiment.target is None and experiment.measure == "validation_accuracy":
        known = [value for value in found.values if value is not None]
        if known and max(known) <= 1 - error:
            said.append(str(text["no_better"]))
    return said


def textbook(experiment: Experiment) -> str:
    """What the textbook expects, and where the paper says so."""
    text = _text()
    paper = text["paper"].format(section=experiment.paper) if experiment.paper else ""
    return f"{text['preset'][experiment.name]['textbook']} {paper}".strip()


def textbook_sentence(
    experiment: Experiment, events: Sequence[Event], found: Outcome
) -> str:
    """Whether a result is what the textbook says; what was seen if it is not."""
    about = _text()["preset"].get(experiment.name, {})
    labels = [arm.label for arm in experiment.arms]
    if found.ahead is None or about.get("expects", len(labels)) >= len(labels):
        return ""
    if found.few:
        return ""
    expected, text = about["expects"], _text()["textbook"]
    names = {"expected": labels[expected], "ahead": labels[found.ahead]}
    level = found.level if found.ahead == expected else {expected} & found.level
    if found.ahead == expected and not level:
        return str(text["agrees"].format(**names))
    said = [text["same" if level else "differs"].format(**names), about["why_not"]]
    if experiment.target is not None:  # a question of speed
        said.append(idle_sentence(experiment, events))
    return " ".join(said).strip()


def idle_sentence(experiment: Experiment, events: Sequence[Event]) -> str:
    """How much of each network passes no gradient on, in its worst hidden layer."""
    said = []
    for index, arm in enumerate(experiment.arms):
        latest = reading.measured(events, index)[-1:]
        layers = latest[0].layers[:-1] if latest else ()
        if not layers:
            return ""
        worst = max(layers, key=lambda layer: layer.idle)
        which = "flat" if arm.activation in FLAT else "silent"
        form = which if worst.idle >= 0.01 else f"none_{which}"
        said.append(
            _text()["textbook"]["idle"][form].format(
                arm=arm.label, layer=worst.name, share=worst.idle
            )
        )
    return " ".join(said)


def compared_with_guess(
    experiment: Experiment,
    guess: Mapping[str, Any],
    found: Outcome,
    whose: Whose = "yours",
) -> str:
    """Whether the guess came true."""
    if "arm" not in guess or found.ahead is None or found.by is None:
        return ""
    text, arm = _text()["guess"][whose], guess["arm"]
    if found.few:
        return str(text["few"])
    if arm == SAME:
        return str(text["right" if found.same else "wrong_same"])
    if found.same:
        return str(text["wrong_none"])
    if experiment.arms[found.ahead].label != arm:
        return str(text["wrong"])
    which = "right_at_least" if found.at_least else "right_by"
    return str(
        text[which].format(
            guess=amount(experiment, _by(experiment, guess)),
            measured=amount(experiment, found.by, found.pictures),
        )
    )


# --- what is drawn of it ------------------------------------------------------------


def guess_marks(
    experiment: Experiment,
    guess: Mapping[str, Any],
    events: Sequence[Event],
    across: Across,
) -> list[Mark]:
    """Where the guess would put the last arm, or the better one, on the main chart."""
    if guess.get("by") is None or guess.get("arm") is None:
        return []
    found, label = outcome(experiment, events), str(_text()["guess"]["yours"]["mark"])
    by = _by(experiment, guess)
    far = max((getattr(event.report, across) for event in events), default=0.0)
    if experiment.target is not None:
        if found.ahead is None:
            return []
        first = reading.measured(events, found.ahead)
        curve = [(getattr(r, across), r.training_error) for r in first]
        arrived = reading.reached(curve, experiment.target)
        if arrived is None:
            return []
        times = 1.0 if guess["arm"] == SAME else by
        place = rounded(arrived * times, across)
        return _on_the_chart(Mark(place, experiment.target, label), far)
    labels = [arm.label for arm in experiment.arms]
    if None in found.values or guess["arm"] not in labels:
        return []
    chosen = labels.index(guess["arm"])
    others = [v or 0.0 for i, v in enumerate(found.values) if i != chosen]
    if experiment.measure == "validation_accuracy":
        height_ = 1 - (min(others) + by)
    else:
        height_ = max(others) - by
    return _on_the_chart(Mark(rounded(far, across), round(height_, 3), label), far)


def _on_the_chart(mark: Mark, far: float) -> list[Mark]:
    """A mark, if curves that end at `far` leave room for it."""
    return [mark] if mark.x <= REACH * far and 0 <= mark.y <= 1 else []


def frame(
    experiment: Experiment, points_: Sequence[Point], curve: Curve, across: Across
) -> Frame:
    """Axes that a run has from its start to its end: all that it may take."""
    far = 1.0
    for arm in experiment.arms:
        match across:
            case "epoch":
                far = max(far, float(arm.epochs))
            case "seconds":
                far = max(far, arm.seconds)
            case "step":
                count = arm.pictures or DRAWN_TRAIN
                far = max(far, float(ceil(arm.epochs * count / arm.batch)))
    far = max([far, *(point.x for point in points_)])
    low = min([0.0, *(point.y for point in points_)])
    # A gap may be a little below zero, by chance: then there is room for it.
    return Frame(far, min(floor(10 * low) / 10, -0.1 if curve == "gap" else 0.0))


def describe(experiment: Experiment, events: Sequence[Event], curve: Curve) -> str:
    """A chart's text alternative: where each arm began, and where it is."""
    text = _text()["curves"]
    said = [text[curve]]
    for index, arm in enumerate(experiment.arms):
        reports = reading.measured(events, index)
        if not reports:
            said.append(text["none"].format(arm=arm.label))
            continue
        said.append(
            text["from_to"].format(
                arm=arm.label,
                first=share(reports[0], curve),
                now=share(reports[-1], curve),
                epoch=reports[-1].epoch,
            )
        )
    return " ".join(said)


def table(experiment: Experiment, events: Sequence[Event]) -> dict[str, list[Any]]:
    """The measured points as columns."""
    head = _text()["table"]
    rows = [
        (arm.label, report)
        for index, arm in enumerate(experiment.arms)
        for report in reading.measured(events, index)
    ]
    return {
        head["arm"]: [label for label, _ in rows],
        head["epoch"]: [round(r.epoch, 2) for _, r in rows],
        head["seconds"]: [round(r.seconds, 1) for _, r in rows],
        head["training"]: [share(r, "training_error") for _, r in rows],
        head["validation"]: [share(r, "validation_error") for _, r in rows],
        head["gap"]: [share(r, "gap") for _, r in rows],
    }

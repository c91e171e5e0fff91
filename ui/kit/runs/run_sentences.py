"""What a run has shown, in sentences: page words round the numbers of `outcome`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from lab.experiments import Experiment
from lab.records import MEASURED_ON, ArmEvent, Report
from lab.results import metrics
from lab.results.outcome import (
    CURVE_OF,
    FLAT,
    SAME,
    Curve,
    Outcome,
    baseline,
    chance,
    counted_on,
    first_losses,
    guess_verdict,
    guessed_by,
    height,
    interval,
    most_idle,
    outcome,
    overconfident,
    textbook_verdict,
)
from ui.kit import words
from ui.kit.runs import run_names

Whose = Literal["yours", "theirs"]  # a guess: the visitor's, or who started the run
EXACT = 1_000  # images: with fewer, a tenth of a per cent says nothing


def percent(share: float, pictures: int = MEASURED_ON) -> str:
    """12%, or 12.3% where so many images were counted that it means something.

    The minus is a true one; nothing is not below zero.
    """
    text = f"{share:.{_decimals(pictures)}%}"
    is_nothing = not text.strip("-0.%")
    return words.figures(
        text.removeprefix("-") if is_nothing else text.replace("-", "−")
    )


def _decimals(pictures: int) -> int:
    """Of a per cent: chance alone moves a share of 1,000 images by three points."""
    return 1 if pictures >= EXACT else 0


def share(report: Report, curve: Curve) -> str:
    """A point of a curve in words."""
    return percent(height(report, curve), counted_on(report, curve))


def start_sentences(experiment: Experiment, events: Sequence[ArmEvent]) -> list[str]:
    """What the loss before the first step says of the initial weights."""
    text, lines = run_names.text().table("first_loss"), []
    losses = first_losses(experiment, events)
    for arm in experiment.arms:
        if arm.label not in losses:
            continue
        loss, chance_ = losses[arm.label]
        form = "high" if overconfident(loss, chance_) else "chance"
        lines.append(text[form].format(arm=arm.label, loss=loss, chance=chance_))
        textbook = arm.initialisation == "today" and arm.pooling == "max"
        if form == "high" and textbook and arm.activation not in FLAT:
            lines.append(str(text["he"]))
    return lines


def kind(experiment: Experiment) -> str:
    """The key of the words for the experiment's question."""
    return "factor" if experiment.target is not None else experiment.measure


def amount(experiment: Experiment, by: float, pictures: int = MEASURED_ON) -> str:
    """3.2 times, or 12 points, in words."""
    text = run_names.text().table("amount")
    if experiment.target is not None:
        return text["factor"].format(by=by)
    points = round(100 * by, _decimals(pictures))
    return text["point" if points == 1 else "points"].format(by=points)


def guess_sentence(
    experiment: Experiment, guess: Mapping[str, Any], whose: Whose = "yours"
) -> str:
    """What was said before; empty without a guess."""
    if "arm" not in guess:
        return ""
    text, who = (
        run_names.text().table("guess", kind(experiment)),
        run_names.text().table("guess", whose)["name"],
    )
    by = guessed_by(experiment, guess)
    if guess["arm"] == SAME or by is None:
        return f"{who}: {text['said_same']}"
    amount_ = amount(experiment, by)
    arm = run_names.in_words(guess["arm"])
    return f"{who}: {text['said'].format(arm=arm, amount=amount_)}"


def result_sentences(
    experiment: Experiment, events: Sequence[ArmEvent], pictures: int = MEASURED_ON
) -> list[str]:
    """What was measured; how sure; and what it says about the textbook."""
    text = run_names.text().table("result")
    found = outcome(experiment, events, pictures)
    labels = [arm.label for arm in experiment.arms]
    lines = []
    for label, number in zip(labels, found.values, strict=True):
        if experiment.target is None:
            if number is not None:
                words_ = text.table("value")[experiment.measure]
                value_ = _with_interval(experiment, number, found.pictures)
                lines.append(words_.format(arm=label, value=value_))
        elif number is None:
            lines.append(
                text["not_reached"].format(arm=label, target=experiment.target)
            )
        else:
            lines.append(
                text["reached"].format(
                    arm=label, epochs=number, target=experiment.target
                )
            )
    if found.ahead is None or found.last is None or found.by is None:
        return lines
    names = {"ahead": labels[found.ahead], "last": labels[found.last]}
    of = text.table(kind(experiment))
    if found.few:
        return [
            *lines,
            *_largest(experiment, events, found),
            few_sentence(found.pictures),
        ]
    which = "at_least" if found.at_least else "ahead"
    which = "same" if found.same else which
    by = amount(experiment, found.by, found.pictures)
    lines.append(of[which].format(amount=by, **names))
    if experiment.target is None:
        count = min(
            len(metrics.ending(metrics.measured(events, place)))
            for place in range(len(labels))
        )
        if count > 1:
            lines.append(text["mean"].format(count=count))
        points = 100 * chance(found.values, found.pictures)
        lines.append(
            text["chance"].format(
                points=run_names.counted("points", points),
                pictures=found.pictures,
            )
        )
    return [*lines, *_largest(experiment, events, found)]


def few_sentence(pictures: int) -> str:
    """That nothing can be told from so few images."""
    text = run_names.text().table("result")
    return text["few_one" if pictures == 1 else "few"].format(pictures=pictures)


def _with_interval(experiment: Experiment, share: float, pictures: int) -> str:
    """A share, and where it may lie if it was counted on few images."""
    if experiment.measure == "gap" or pictures >= MEASURED_ON:
        return percent(share, pictures)
    low, high = interval(min(max(share, 0.0), 1.0), pictures)
    form = run_names.text().table("result")["interval"]
    return str(form.format(value=percent(share, pictures), low=low, high=high))


def _largest(
    experiment: Experiment, events: Sequence[ArmEvent], found: Outcome
) -> list[str]:
    """What naming the largest class always would reach, where classes are uneven."""
    curve = CURVE_OF[experiment.measure]
    error = baseline(events, "training_error" if experiment.target else curve)
    if error is None:
        return []
    text = run_names.text().table("result", "largest")
    lines = [text["say"].format(wrong=percent(error), right=percent(1 - error))]
    if experiment.target is None and experiment.measure == "validation_accuracy":
        known = [value for value in found.values if value is not None]
        if known and max(known) <= 1 - error:
            lines.append(str(text["no_better"]))
    return lines


def textbook(experiment: Experiment) -> str:
    """What the textbook expects, and where the paper says so."""
    text = run_names.text()
    paper = text["paper"].format(section=experiment.paper) if experiment.paper else ""
    return f"{text.table('preset', experiment.name)['textbook']} {paper}".strip()


def textbook_sentence(
    experiment: Experiment, events: Sequence[ArmEvent], found: Outcome
) -> str:
    """Whether a result is what the textbook says; what was seen if it is not."""
    about = run_names.text().table("preset").as_dict().get(experiment.name, {})
    verdict = textbook_verdict(experiment, found, about.get("expects"))
    if not verdict or found.ahead is None:
        return ""
    expected, ahead = (
        experiment.arms[place].label for place in (about["expects"], found.ahead)
    )
    form = str(run_names.text().table("textbook")[verdict])
    sentence = form.format(expected=expected, ahead=ahead)
    if verdict == "agrees":
        return sentence
    lines = [sentence, about["why_not"]]
    if experiment.target is not None:  # a question of speed
        lines.append(idle_sentence(experiment, events))
    return " ".join(lines).strip()


def idle_sentence(experiment: Experiment, events: Sequence[ArmEvent]) -> str:
    """How much of each network passes no gradient on, in its worst hidden layer."""
    lines = []
    for index, arm in enumerate(experiment.arms):
        worst = most_idle(events, index)
        if worst is None:
            return ""
        which = "flat" if arm.activation in FLAT else "silent"
        form = which if worst.idle >= 0.01 else f"none_{which}"
        lines.append(
            run_names.text()
            .table("textbook", "idle")[form]
            .format(arm=arm.label, layer=worst.name, share=worst.idle)
        )
    return " ".join(lines)


def compared_with_guess(
    experiment: Experiment,
    guess: Mapping[str, Any],
    found: Outcome,
    whose: Whose = "yours",
) -> str:
    """Whether the guess came true."""
    verdict = guess_verdict(experiment, guess, found)
    if not verdict:
        return ""
    sentence = str(run_names.text().table("guess", whose)[verdict])
    by = guessed_by(experiment, guess)
    if verdict not in ("right_by", "right_at_least") or by is None or found.by is None:
        return sentence
    return sentence.format(
        guess=amount(experiment, by),
        measured=amount(experiment, found.by, found.pictures),
    )

"""The result of a run in large type, on a number line with the guess and the paper."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from lab.experiments import Experiment
from lab.results import outcome, spread
from lab.results.outcome import Outcome
from lab.results.verdict import LinePlaces, places
from ui.kit import widgets
from ui.kit.runs import run_names
from ui.kit.runs.run_charts import ShownRun
from viz.number_line import LineMark, MarkKind, NumberLine, number_line_svg


@dataclass(frozen=True)
class VerdictShown:
    """What is shown of it: words, and the line for a wide window and for a phone."""

    headline: str
    detail: str
    across: str  # addresses of SVG
    down: str
    alt: str


def outcome_of(shown: ShownRun) -> Outcome:
    """Of all seeds where there are several, else of the run."""
    found = spread.outcome(shown.seeds)
    if found is None:
        found = outcome.outcome(shown.experiment, shown.events, shown.pictures)
    return found


def verdict(
    experiment: Experiment,
    guess: Mapping[str, Any],
    found: Outcome,
    guesses: Sequence[Mapping[str, Any]] = (),
) -> VerdictShown | None:
    """None while nothing is measured.

    Args:
        guesses: of a whole class: dots on the line.
    """
    where = places(experiment, guess, found)
    if where is None:
        return None
    values: dict[MarkKind, float | None] = {
        "measured": where.measured,
        "you": where.guessed,
        "paper": where.paper,
    }
    marks = [
        LineMark(value, _label(kind, value, where), kind)
        for kind, value in values.items()
        if value is not None
    ]
    all_of = [places(experiment, one, found) for one in guesses]
    crowd = [x.guessed for x in all_of if x is not None and x.guessed is not None]
    where = where.reaching(crowd)
    ticks = [(x, _amount(x, where)) for x in where.ticks]
    text = run_names.text().table("verdict")
    two_sided = ticks[0][0] < (1 if where.timed else 0)
    form = text.table("ends")
    ends = (
        form["left"].format(arm=where.other) if two_sided else "",
        form["right"].format(arm=where.ahead) if two_sided else "",
    )
    alt = text["alt"].format(
        low=ticks[0][1], high=ticks[-1][1], marks=", ".join(x.label for x in marks)
    )
    if crowd:
        alt = f"{alt} {crowd_sentence(crowd, where.timed)}"
    line, palette = NumberLine(ticks, where.timed, ends), widgets.palette()

    def drawn(direction: Any) -> str:
        svg = number_line_svg(line, marks, alt, palette, direction, crowd)
        return "data:image/svg+xml;base64," + b64encode(svg.encode()).decode()

    return VerdictShown(
        headline(experiment, where, found),
        detail(experiment, where, found),
        drawn("across"),
        drawn("down"),
        alt,
    )


def crowd_sentence(values: Sequence[float], timed: bool) -> str:
    """Where the guesses of a class lie: how many, between what, and the middle one."""
    text, ordered = run_names.text().table("verdict"), sorted(values)
    low, middle, high = (
        amount_on_line(x, timed)
        for x in (ordered[0], ordered[len(ordered) // 2], ordered[-1])
    )
    return text["crowd"].format(count=len(values), low=low, middle=middle, high=high)


def amount_on_line(value: float, timed: bool) -> str:
    """A place on the line, with its side: 2×, ÷2, 10 points, −10 points."""
    text = run_names.text().table("verdict", "side")
    if timed:
        form = "factor" if value >= 1 else "part"
        return text[form].format(by=value if value >= 1 else 1 / value)
    return text["points"].format(by=value).replace("-", "−")


def headline(experiment: Experiment, where: LinePlaces, found: Outcome) -> str:
    """The result in a few words: “ReLU 1.5× faster”."""
    text = run_names.text().table("verdict", "headline")
    if found.same:
        return text["same"]
    return text[_form(experiment, where)].format(ahead=where.ahead, by=where.measured)


def detail(experiment: Experiment, where: LinePlaces, found: Outcome) -> str:
    """What exactly that number is."""
    text = run_names.text().table("verdict", "detail")
    return text[_form(experiment, where)].format(
        ahead=where.ahead,
        other=where.other,
        by=where.measured,
        target=experiment.target or 0,
    )


def _form(experiment: Experiment, where: LinePlaces) -> str:
    if where.at_least:
        return "at_least"
    return "factor" if where.timed else experiment.measure


def mark_label(kind: MarkKind, value: float, timed: bool) -> str:
    """What is written at a mark: you 2.5×."""
    text = run_names.text().table("verdict")
    by = max(value, 1 / value) if timed else abs(value)
    form = "factor" if timed else "point" if round(by) == 1 else "points"
    amount = text.table("exact")[form].format(by=by)
    return text.table("marks")[kind].format(amount=amount)


def _amount(value: float, where: LinePlaces) -> str:
    """2×, or 10 points: without the side on which it lies."""
    text = run_names.text().table("verdict", "amount")
    if where.timed:
        return text["factor"].format(by=value if value >= 1 else 1 / value)
    return text["points"].format(by=abs(value))


def _label(kind: MarkKind, value: float, where: LinePlaces) -> str:
    text = run_names.text().table("verdict", "marks")
    label = mark_label(kind, value, where.timed)
    is_bound = kind == "measured" and where.at_least
    return text["bound"].format(label=label) if is_bound else label

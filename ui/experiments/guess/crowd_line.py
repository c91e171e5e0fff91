"""The guesses of a class before the result: how many for each, and where they lie."""

from __future__ import annotations

from base64 import b64decode
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab.experiments import Experiment
from lab.results import crowd
from lab.results.outcome import SAME
from lab.results.verdict import FACTORS, STEP
from ui.kit import widgets
from ui.kit.runs import run_names
from ui.kit.runs.run_verdict import VerdictShown, crowd_sentence, mark_label
from viz.number_line import LineMark, NumberLine, number_line_svg

Guess = Mapping[str, Any]


def counted(experiment: Experiment, guesses: Sequence[Guess]) -> str:
    """How many have guessed that each arm is ahead, in a sentence."""
    text = run_names.text().table("crowd")
    if not guesses:
        return text["none"]
    found = crowd.counts(experiment, guesses)
    labels = {
        x: escape_markdown(run_names.in_words(x)) if x != SAME else text["same"]
        for x in found
    }
    listed = ", ".join(
        text["each"].format(arm=labels[x], count=count) for x, count in found.items()
    )
    return text["counts"].format(listed=listed)


def show(
    experiment: Experiment, guesses: Sequence[Guess], mine: Guess | None = None
) -> None:
    """The counts, and of two arms each guess as a dot on a line.

    Args:
        mine: the student's own, marked.
    """
    st.markdown(counted(experiment, guesses))
    if len(experiment.arms) != 2 or not guesses:
        return
    timed = experiment.target is not None
    values = crowd.sides(experiment, guesses)
    own = crowd.sides(experiment, [mine] if mine is not None else [])
    text = run_names.text().table("verdict")
    first, second = (run_names.in_words(arm.label) for arm in experiment.arms)
    ends = text.table("ends")
    ticks = _ticks([*values, *own], timed)
    form = text.table("amount")["factor" if timed else "points"]
    labels = [
        (x, form.format(by=1 / x if timed and x < 1 else abs(x) if not timed else x))
        for x in ticks
    ]
    line = NumberLine(
        labels,
        timed,
        (ends["left"].format(arm=second), ends["right"].format(arm=first)),
    )
    marks = [LineMark(x, mark_label("you", x, timed), "you") for x in own]
    alt = crowd_sentence(values, timed)
    across, down = (
        number_line_svg(line, marks, alt, widgets.palette(), way, values)
        for way in ("across", "down")
    )
    widgets.drawing(across, down, alt)


def _ticks(values: Sequence[float], timed: bool) -> list[float]:
    """Both sides of a line on which all guesses lie."""
    if timed:
        return [*(1 / x for x in reversed(FACTORS[1:])), *FACTORS]
    most = STEP * max(1, -int(-max(abs(x) for x in values) // STEP))
    every = max(STEP, most // 3 // STEP * STEP)
    right = list(range(0, most + every, every))
    return [float(x) for x in (*(-x for x in reversed(right[1:])), *right)]


def picture(shown: VerdictShown) -> None:
    """The line of a verdict, outside a replay."""
    across, down = (
        b64decode(x.partition("base64,")[2]).decode()
        for x in (shown.across, shown.down)
    )
    widgets.drawing(across, down, shown.alt)

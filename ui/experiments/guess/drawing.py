"""Draw the second curve: a guess without a number, a ghost while they train."""

from __future__ import annotations

from math import ceil, floor
from typing import Any

import streamlit as st

from lab.experiments import Experiment
from lab.recordings import Recording
from lab.results import drawn, metrics, outcome
from lab.results.outcome import CURVE_OF, height
from ui.experiments import replay, source
from ui.experiments.guess import guess
from ui.kit import state, widgets, words
from ui.kit.components.draw_curve import Task, draw_curve
from ui.kit.components.replay import Level
from ui.kit.runs import run_names
from ui.kit.state_key import StateKey
from viz.palette import SERIES

Heights = tuple[float, ...]


def _heights(preset: str) -> StateKey[Heights]:
    return state.setting(preset, "guess_heights", ())


def panel(experiment: Experiment, guessed: guess.Guess | None) -> guess.Guess | None:
    """The drawing, folded away until wanted; the guess, with the curve if it is that.

    Nothing where no recording has the first curve, and where there are not two arms.
    """
    found = replay.found(experiment)
    if not found or not drawn.is_of(experiment):
        return guessed
    recording = next(iter(found.values()))
    if [arm.label for arm in recording.experiment.arms] != [
        arm.label for arm in experiment.arms
    ]:
        return guessed
    first = given(recording)
    task = task_of(experiment, first)
    heights = _heights(experiment.name).get()
    if len(heights) != len(drawn.PARTS):
        heights = ()
    points = drawn.curve(task.start, heights, task.far) if heights else []
    means = drawn.guess(experiment, first, points) if points else None

    def take(new: list[float]) -> None:
        _heights(experiment.name).set(tuple(new))
        curve = drawn.curve(task.start, new, task.far) if new else []
        found_ = drawn.guess(experiment, first, curve) if curve else None
        if found_ is not None:
            guess.set_guess(experiment, found_.arm, found_.by)

    text = source.text().table("draw")
    with st.expander(text["title"], icon=":material/draw:"):
        draw_curve(
            task,
            heights or None,
            {
                "task": text["task"].format(first=task.first, second=task.second),
                "clear": text["clear"],
                "handle": text["handle"],
                "told": told(experiment, means) if means else "",
                "xLabel": source.text().table("across")["epoch"],
                "title": source.text().table("replay", "curve_names")[
                    CURVE_OF[experiment.measure]
                ],
            },
            take,
            key=f"draw {experiment.name}",
            colours=(SERIES[widgets.scheme()][0], SERIES[widgets.scheme()][1]),
            language=words.language(),
        )
        st.caption(run_names.recording_note(recording))
    if guessed is None or means is None:
        return guessed
    is_it = (guessed["arm"], guessed["by"]) == (means.arm, means.by)
    return guessed | {"drawn": [list(point) for point in points]} if is_it else guessed


def given(recording: Recording) -> list[tuple[float, float]]:
    """The first arm's curve of a recording."""
    curve = CURVE_OF[recording.experiment.measure]
    return [
        (round(report.epoch, 3), round(height(report, curve), 4))
        for report in metrics.measured(recording.events, 0)
    ]


def task_of(experiment: Experiment, first: list[tuple[float, float]]) -> Task:
    """What is drawn: axes that say nothing about the other curve."""
    one, other = (run_names.in_words(arm.label) for arm in experiment.arms)
    far, high, low = drawn.far(experiment, first), 1.0, 0.0
    if CURVE_OF[experiment.measure] == "gap":
        heights = [y for _, y in first]
        high = ceil(10 * (max(heights) + 0.2)) / 10
        low = floor(10 * min([0.0, *heights])) / 10
    levels: list[Level] = []
    if experiment.target is not None:
        label = source.text().table("curves")["target"]
        levels = [Level(experiment.target, label.format(target=experiment.target))]
    places = [round(part * far, 3) for part in drawn.PARTS]
    return Task(one, other, first, places, first[0][1], far, low, high, levels)


def told(experiment: Experiment, means: drawn.DrawnGuess) -> str:
    """What the drawn curve says, in a sentence."""
    text = source.text().table("draw")
    one, other = (run_names.in_words(arm.label) for arm in experiment.arms)
    numbers: dict[str, Any] = {
        "first": one,
        "second": other,
        "value": means.value or 0.0,
        "target": experiment.target or 0.0,
        "by": means.by or 0.0,
        "ahead": run_names.in_words(means.arm),
    }
    if experiment.target is None:
        form = "ends_same" if means.arm == outcome.SAME else "ends"
    elif means.value is None:
        form = "not_there"
    else:
        form = "there_same" if means.arm == outcome.SAME else "there"
    return text[form].format(**numbers)

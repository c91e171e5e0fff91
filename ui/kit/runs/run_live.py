"""A run as it is now: curves, batch errors, first-layer filters, the verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from math import ceil
from typing import Any

import streamlit as st

from lab.experiments import Experiment
from lab.records import ArmEvent
from lab.results import crowd as crowds
from lab.results import drawn, metrics, outcome
from lab.results.outcome import CURVE_OF, Across, counted_on
from ui.kit import widgets, words
from ui.kit.components import replay as component
from ui.kit.runs import run_charts, run_names, run_sentences
from ui.kit.runs.run_charts import ShownRun
from ui.kit.runs.run_verdict import outcome_of, verdict
from viz.palette import SERIES

TRACE = 240  # points of an arm's batch error that a browser is sent


def show(
    shown: ShownRun,
    across: Across,
    *,
    title: str,
    overlay: ShownRun | None = None,
    guesses: Sequence[Mapping[str, Any]] = (),
) -> None:
    """The main chart of a run, and the filters of its arms beside it.

    Args:
        title: what is drawn.
        overlay: a recording that is drawn with it.
        guesses: of a whole class, which are marked.
    """
    text, experiment = run_names.text().table("live"), shown.experiment
    curve = CURVE_OF[experiment.measure]
    lines = lines_of(shown, across)
    if overlay is not None:
        lines += _overlaid(overlay, across, shown.labels)
    points = run_charts.points(experiment, shown.events, curve, across)
    frame = run_charts.frame(experiment, points, curve, across)
    marks = (
        run_charts.guess_marks(experiment, shown.guess, shown.events, across)
        if shown.over
        else []
    )
    far = frame.far
    if shown.over:
        places = [x for line in lines for x, _ in line.points]
        far = max([*places, *(mark.x for mark in marks), 0.1])
    high = 1.0
    if shown.over and curve == "gap":
        high = (
            ceil(10 * max([0.1, *(y for line in lines for _, y in line.points)])) / 10
        )
    # A recording's own replay ends with it.
    is_end = shown.over and shown.kind == "run"
    found = None
    if is_end:
        found = verdict(experiment, shown.guess, outcome_of(shown), guesses)
    thin = any(line.trace for line in lines)
    component.live(
        component.Now(
            lines,
            far,
            marks,
            ghost=ghost(
                experiment,
                shown.guess,
                [line.points for line in lines if not line.faint],
            )
            if across == "epoch"
            else None,
            verdict=None if found is None else asdict(found),
            digits=digits(shown),
            crowd=crowd(experiment, guesses, shown.events, across),
        ),
        component.Curve(curve, title, 0, thin, frame.low, high),
        component.Look(
            SERIES[widgets.scheme()],
            run_names.text().table("across")[across],
            {curve: levels(shown, curve)},
        ),
        {
            **run_names.text().table("replay", "component"),
            **_words(across, shown.over),
        },
        words.language(),
        key="main chart",
        alt=run_charts.describe(experiment, shown.events, curve),
    )
    thick = run_names.text().table("replay")["thick"]
    st.caption(text["thin"] if thin else thick)


def ghost(
    experiment: Experiment,
    guess: Mapping[str, Any],
    curves: Sequence[Sequence[tuple[float, float]]],
) -> component.Ghost | None:
    """The visitor's guess as a curve beside the arms' own, where it can be one."""
    found = drawn.ghost(experiment, guess, curves)
    if found is None:
        return None
    points, grows = found
    rounded = [(round(x, 3), round(y, 4)) for x, y in points]
    return component.Ghost(rounded, run_names.text().table("live")["ghost"], grows)


def crowd(
    experiment: Experiment,
    guesses: Sequence[Mapping[str, Any]],
    events: Sequence[ArmEvent],
    across: Across = "epoch",
) -> list[component.CrowdMark]:
    """The guesses of a class where the chart has room for them."""
    return [
        component.CrowdMark(one.x, round(one.y, 4), one.begins)
        for one in crowds.chart_marks(experiment, guesses, events, across)
        if 0 <= one.y <= 1
    ]


def _words(across: Across, over: bool) -> dict[str, str]:
    text = run_names.text().table("live")
    unit = run_names.text().table("across")[across]
    value = text["value"].replace("{across}", unit)
    at = text["at_end" if over else "at"]
    return {"at": at, "value": value, "ended": value, "none": text["none"]}


def digits(shown: ShownRun) -> int:
    """Of a per cent: as few as the images that were counted allow."""
    curve = CURVE_OF[shown.experiment.measure]
    counts = [counted_on(event.report, curve) for event in shown.events]
    few = min([shown.pictures, *counts])
    return 1 if few >= run_sentences.EXACT else 0


def lines_of(shown: ShownRun, across: Across) -> list[component.Line]:
    """The arms: measured points, batch errors over epochs, the newest filters."""
    experiment = shown.experiment
    curve = CURVE_OF[experiment.measure]
    found = []
    for index, arm in enumerate(experiment.arms):
        reports = metrics.measured(shown.events, index)
        trace = (
            metrics.batch_errors(shown.events, index, TRACE)
            if across == "epoch" and curve != "gap"
            else []
        )
        newest = next(
            (
                event.report
                for event in reversed(shown.events)
                if event.arm == index and event.report.filters is not None
            ),
            None,
        )
        filters = None
        if newest is not None and newest.filters is not None:
            filters = component.filters_now(newest.epoch, newest.filters)
        found.append(
            component.Line(
                arm.label,
                [
                    (
                        outcome.rounded(getattr(report, across), across),
                        round(outcome.height(report, curve), 4),
                    )
                    for report in reports
                ],
                [(round(x, 3), round(y, 4)) for x, y in trace],
                index,
                filters,
            )
        )
    return found


def _overlaid(
    overlay: ShownRun, across: Across, labels: list[str]
) -> list[component.Line]:
    """A recording's arms: in the colour of the arm of the same name."""
    form = run_names.text().table("live")["overlaid"]
    found = []
    for line in lines_of(overlay, across):
        series = line.series
        if line.label in labels:
            series = labels.index(line.label)
        found.append(
            replace(
                line,
                label=form.format(arm=line.label),
                trace=[],
                series=series,
                filters=None,
                faint=True,
            )
        )
    return found


def levels(shown: ShownRun, curve: outcome.Curve) -> list[component.Level]:
    """Dashed lines across: the target, and what naming one class always would be."""
    text, experiment = run_names.text().table("curves"), shown.experiment
    found = []
    if experiment.target is not None and curve == "training_error":
        label = text["target"].format(target=experiment.target)
        found.append(component.Level(experiment.target, label))
    if (error := outcome.baseline(shown.events, curve)) is not None:
        found.append(component.Level(error, text["largest"].format(error=error)))
    return found

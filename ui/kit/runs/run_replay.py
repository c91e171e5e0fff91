"""A recorded run that replays in the browser: curves, batch errors, first filters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from math import ceil, floor
from typing import Any

import streamlit as st

from lab.experiments import Experiment, is_sweep
from lab.recordings import Recording
from lab.records import ArmEvent
from lab.results import metrics, outcome, spread
from lab.results.outcome import CURVE_OF, height
from lab.results.outcome import Curve as CurveName
from ui.kit import widgets, words
from ui.kit.components import replay as component
from ui.kit.runs import replay_routes, run_charts, run_names
from ui.kit.runs.run_live import crowd, ghost
from ui.kit.runs.run_verdict import verdict
from viz.palette import SERIES

COLUMN: dict[CurveName, int] = {"training_error": 0, "validation_error": 1, "gap": 2}


def compared(recording: Recording) -> tuple[Experiment, Sequence[ArmEvent]]:
    """What is replayed: the first seed; of a sweep, each arm at its best rate."""
    if is_sweep(recording.experiment):
        best = metrics.at_best(recording.experiment, recording.events)
        if best is not None:
            return best
    return recording.experiment, recording.events


def curves(experiment: Experiment, events: Sequence[ArmEvent]) -> list[component.Curve]:
    """The curves that can be chosen; the experiment's own first."""
    text = run_names.text().table("replay", "curve_names")
    own = CURVE_OF[experiment.measure]
    found = []
    for name in sorted(COLUMN, key=lambda name: name != own):
        values = [height(event.report, name) for event in events]
        low = min([0.0, *values])
        is_gap = name == "gap"
        found.append(
            component.Curve(
                name,
                text[name],
                COLUMN[name],
                thin=not is_gap,
                low=floor(10 * low) / 10,
                high=ceil(10 * max([0.1, *values])) / 10 if is_gap else 1.0,
            )
        )
    return found


def result(recording: Recording) -> outcome.Outcome:
    """Of all seeds where there are several, else of what is replayed."""
    runs = recording.by_seed if len(recording.seeds) > 1 else ()
    found = spread.outcome(runs)
    if found is None:
        experiment, events = compared(recording)
        found = outcome.outcome(experiment, events, recording.sample)
    return found


def show(
    name: str,
    recording: Recording,
    guess: Mapping[str, Any],
    *,
    starts: bool = False,
    guesses: Sequence[Mapping[str, Any]] = (),
) -> None:
    """The replay of a recording, and what its lines are.

    Args:
        name: of the recording's file.
        guess: the visitor's, about this recording.
        starts: it plays by itself, unless motion is unwanted.
        guesses: of a whole class, which are marked.
    """
    text = run_names.text().table("replay")
    experiment, events = compared(recording)
    experiment, guess = (
        run_names.translated(experiment),
        run_names.translated_guess(guess),
    )
    chosen = curves(experiment, events)
    levels: dict[str, list[component.Level]] = {}
    if experiment.target is not None:
        label = run_names.text().table("curves")["target"]
        levels["training_error"] = [
            component.Level(experiment.target, label.format(target=experiment.target))
        ]
    guesses = [run_names.translated_guess(one) for one in guesses]
    found = verdict(experiment, guess, result(recording), guesses)
    own = [
        [(x.epoch, height(x, CURVE_OF[experiment.measure])) for x in reports]
        for reports in (
            metrics.measured(events, index) for index in range(len(experiment.arms))
        )
    ]
    component.replay(
        replay_routes.replay_address(name),
        chosen,
        component.Look(
            SERIES[widgets.scheme()],
            run_names.text().table("across")["epoch"],
            levels,
            names=[arm.label for arm in experiment.arms],
            verdict=None if found is None else asdict(found),
            ghost=ghost(experiment, guess, own),
            crowd=crowd(experiment, guesses, events),
        ),
        text.table("component"),
        words.language(),
        key=f"replay {name}",
        alt=run_charts.describe(experiment, events, CURVE_OF[experiment.measure]),
        starts=int(starts),
    )
    thin = bool(recording.traces) and not is_sweep(recording.experiment)
    st.caption(" ".join([text["thick"], *([text["thin"]] if thin else [])]))

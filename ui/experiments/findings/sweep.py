"""Sweeps: every network at several learning rates, and what came of each rate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from lab.experiments import Experiment, ExperimentRefused, swept
from lab.results import metrics
from lab.results.metrics import RateTrial
from lab.status import OVER, ArmStatus
from ui.experiments import source
from ui.experiments.findings import seeds
from ui.experiments.settings import settings
from ui.kit import state, widgets, words
from ui.kit.runs import run_names, run_sentences
from ui.kit.runs.run_charts import ShownRun
from ui.kit.runs.series_sentences import best_rate_sentences, rate_result
from viz import sweep as chart
from viz.sweep import Rate, Titles

# --- before -------------------------------------------------------------------------


def button(page: str, experiment: Experiment | None, guess: Any) -> None:
    """Starts a sweep. It waits for the guess, too: it shows who is first."""
    text, sweep = source.text().table("sweep"), None
    if experiment is not None:
        try:
            sweep = swept(experiment, settings.sweep_rates(experiment))
        except ExperimentRefused:
            sweep = None  # said below the buttons

    def go() -> None:
        assert sweep is not None
        seeds.submit(page, sweep, dict(guess or {}), 1)

    st.button(
        text["start"],
        icon=":material/tune:",
        disabled=sweep is None or guess is None,
        help=text["help"],
        on_click=go,
    )


def costs(experiment: Experiment) -> str:
    """How much a sweep is, or why there can be none."""
    rates = settings.sweep_rates(experiment)
    try:
        sweep = swept(experiment, rates)
    except ExperimentRefused as refusal:
        return run_names.refused(refusal)
    return (
        source.text()
        .table("sweep")["costs"]
        .format(
            count=len(sweep.arms),
            rates=", ".join(f"{rate:g}" for rate in rates),
            seconds=run_names.counted("seconds", sweep.arms[0].seconds),
        )
    )


# --- afterwards ---------------------------------------------------------------------


def at_best(shown: ShownRun) -> ShownRun | None:
    """The sweep as the comparison of its arms, each at its best rate."""
    found = metrics.at_best(shown.experiment, shown.events)
    if found is None:
        return None
    experiment, events = found
    return shown.of(experiment, events)


def show(shown: ShownRun, arms: Sequence[ArmStatus] | None, over: bool) -> None:
    """The chart of rates, each network's best, the table; a button that takes them."""
    text, experiment = source.text().table("sweep"), shown.experiment
    if arms is not None and not over:
        done = sum(arm.state in OVER for arm in arms)
        st.markdown(text["progress"].format(done=done, count=len(arms)))
    found = metrics.tried(experiment, shown.events)
    if arms is not None and not over:
        found = metrics.only_over(found, [arm.state in OVER for arm in arms])
    if all(one.error is None for rates in found.values() for one in rates):
        st.caption(text["no_rates"])
        return
    lines = best_rate_sentences(experiment, found) if over else [text["best_waits"]]
    _chart(experiment, found, " ".join(lines), over)
    with st.container(border=True):
        if not over:
            st.markdown(lines[0])
        else:
            st.markdown(f"**{text['found']}** {' '.join(lines)}")
            st.button(
                text["use"],
                icon=":material/check:",
                type="primary",
                on_click=use,
                args=(experiment, found),
            )
    with st.expander(text["table"], icon=":material/table:"):
        st.table(table(experiment, found, arms), border="horizontal", hide_index=True)


def use(experiment: Experiment, found: dict[str, list[RateTrial]]) -> None:
    """Makes the page's settings those of the sweep, with each network's best rate."""
    page = source.page_of(experiment)
    best = {label: metrics.best(rates) for label, rates in found.items()}
    rates = {label: one.rate for label, one in best.items() if one is not None}
    settings.adopt(experiment, rates)
    state.PRESET_OF[page].set(experiment.name)
    source.show_nothing(page)


def _chart(
    experiment: Experiment,
    found: dict[str, list[RateTrial]],
    description: str,
    over: bool,
) -> None:
    """Rates across, what came of them up; in the end the best is ringed."""
    text, timed = source.text().table("sweep"), experiment.target is not None
    # All epochs, or every image wrong.
    highest = max(float(x.epochs) for x in experiment.arms) if timed else 1.0
    rates = []
    for label, tried in found.items():
        chosen = metrics.best(tried)
        rates += [
            Rate(
                one.rate,
                one.reached if timed else one.error,
                label,
                over and one is chosen,
                words.figures(f"{label}, {one.rate:g}: ")
                + rate_result(experiment, one),
            )
            for one in tried
            if one.error is not None
        ]
    widgets.chart(
        spec=chart.sweep(
            rates,
            list(found),
            widgets.scheme(),
            Titles(
                text["rate"],
                text["passes"].format(target=experiment.target or 0)
                if timed
                else text["error"],
                text["missing"],
            ),
            share=not timed,
            every=sorted({arm.learning_rate for arm in experiment.arms}),
            most=None if over else highest,
        ),
        key="sweep",
        alt=description,
    )


def table(
    experiment: Experiment,
    found: dict[str, list[RateTrial]],
    arms: Sequence[ArmStatus] | None,
) -> dict[str, list[str]]:
    """A row a network and rate."""
    text, states = source.text().table("sweep"), source.text().table("arm_states")
    head = text.table("columns")
    rows = [(label, one) for label, rates in found.items() for one in rates]
    over = arms is None or all(arm.state in OVER for arm in arms)
    chosen = [metrics.best(rates) for rates in found.values()] if over else []
    columns = {
        head["arm"]: [label for label, _ in rows],
        head["rate"]: [words.figures(f"{one.rate:g}") for _, one in rows],
        head["came"]: [rate_result(experiment, one) for _, one in rows],
        head["error"]: [
            "" if one.error is None else run_sentences.percent(one.error)
            for _, one in rows
        ],
        head["best"]: [text["is_best"] if one in chosen else "" for _, one in rows],
    }
    if arms is not None:
        columns[head["state"]] = [states[arms[one.arm].state] for _, one in rows]
    return columns

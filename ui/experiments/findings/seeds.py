"""One experiment with several seeds: one after the other, and what they share."""

from __future__ import annotations

import uuid
from typing import Any

import streamlit as st

from lab.experiments import Experiment, is_sweep
from lab.registry import NoSuchRun
from lab.results import outcome, spread
from lab.status import OVER, RunStatus, RunSummary
from ui.experiments import source
from ui.kit import cache, widgets
from ui.kit.runs import run_charts, run_names, run_sentences, series_sentences
from viz import curves
from viz.curves import Curves, Look


def submit(
    page: str, experiment: Experiment, guess: dict[str, Any], seeds: int
) -> None:
    """Starts an experiment, or the first of several that differ in the seed alone."""
    if seeds > 1:
        first = experiment.arms[0].seed
        series = {
            "id": uuid.uuid4().hex[:8],
            "seeds": list(range(first, first + seeds)),
        }
        guess = guess | {"series": series}
    source.submit(page, experiment, guess)


# --- several seeds ------------------------------------------------------------------


def _seed(experiment: Experiment) -> int:
    return experiment.arms[0].seed


def _of_series(series_id: str) -> list[RunSummary]:
    """The runs of a series, by seed, the same for every visitor."""
    found = [
        run
        for run in source.listed()
        if run.guess.get("series", {}).get("id") == series_id
    ]
    return sorted(found, key=lambda run: _seed(run.experiment))


def go_on(page: str, status: RunStatus) -> None:
    """When a run of the visitor's series ends, the next seed begins.

    Not after a stop or a killed worker: then the visitor decides.
    """
    series = status.guess.get("series")
    if series and status.state in ("finished", "failed"):
        next_seed(page, status)


def next_seed(page: str, status: RunStatus) -> None:
    """Starts the next seed of a series, or shows the one that is under way."""
    series: dict[str, Any] = status.guess["series"]
    if not source.mine(status):
        return
    runs = _of_series(series["id"])
    if going := [run for run in runs if run.state not in OVER]:
        source.show(page, going[0].run_id)
        return
    done = {_seed(run.experiment) for run in runs}
    left = [seed for seed in series["seeds"] if seed not in done]
    if left:
        experiment = status.experiment.vary(seed=left[0])
        source.submit(page, experiment, status.guess)


def series(page: str, status: RunStatus) -> None:
    """What the seeds of a series have in common, and whether the arms differ."""
    about = status.guess.get("series")
    if not about:
        return
    text = source.text().table("series")
    runs = _of_series(about["id"])
    over = [run for run in runs if run.state in ("finished", "stopped")]
    st.header(text["heading"], anchor=False)
    st.caption(text["done"].format(done=len(over), count=len(about["seeds"])))
    if status.over and len(runs) < len(about["seeds"]) and source.mine(status):
        st.button(
            text["go_on"],
            icon=":material/skip_next:",
            on_click=next_seed,
            args=(page, status),
        )
    found = []
    for run in over:
        try:
            events = source.engine().events(run.run_id)
        except NoSuchRun:
            continue
        found.append((run.experiment, events))
    ended = {_seed(run.experiment) for run in runs if run.state in OVER}
    _seeds(found, ended >= set(about["seeds"]))


def recorded(name: str) -> None:
    """The same of a recording, and how it was made."""
    recording = cache.recordings()[name]
    text = source.text()
    if len(recording.seeds) > 1 and not is_sweep(recording.experiment):
        st.subheader(text.table("series")["heading"], anchor=False)
        _seeds(recording.by_seed)
    text = text.table("recording")
    with st.expander(text["how"], icon=":material/terminal:"):
        st.markdown(
            text["about"].format(
                versions=", ".join(f"{k} {v}" for k, v in recording.versions.items()),
                seeds=", ".join(map(str, recording.seeds)),
                sample=recording.sample,
                threads=text["threads"].format(count=recording.threads)
                if recording.threads
                else text["all_threads"],
                time=run_names.in_words(recording.time),
            )
        )
        st.code(recording.command, wrap_lines=True)


def _seeds(runs: spread.Runs, done: bool = True) -> None:
    """Range and mean of each arm; once all are done, how far one is ahead of others."""
    text = source.text()
    if not runs:
        return
    runs = [(run_names.translated(one), events) for one, events in runs]
    experiment = runs[0][0]
    spreads = spread.spreads(runs)
    rows = [series_sentences.spread_words(experiment, one) for one in spreads]
    lines = [
        text.table("series")[
            "never_in_words" if one.mean is None else "in_words"
        ].format(arm=one.label, mean=mean, span=span)
        for one, (mean, span) in zip(spreads, rows, strict=True)
    ]
    if len(runs) > 1:
        curve = outcome.CURVE_OF[experiment.measure]
        bands, means = run_charts.bands(runs, curve)
        widgets.chart(
            spec=curves.lines(
                Curves(means, [one.label for one in spreads], bands=bands),
                Look(
                    text.table("across")["epoch"],
                    text.table("series")["band"].format(
                        curve=text.table("curves")[curve].rstrip("."), count=len(runs)
                    ),
                    thin=True,
                ),
                widgets.scheme(),
            ),
            key="series",
            alt=" ".join(lines),
        )
        head = text.table("table")
        widgets.folded_table(
            text.table("series")["table"],
            "series",
            lambda: {
                head["arm"]: [band.arm for band in bands],
                head["epoch"]: [run_names.cell(round(band.x, 2)) for band in bands],
                head["lowest"]: [run_sentences.percent(band.low) for band in bands],
                head["mean"]: [run_sentences.percent(point.y) for point in means],
                head["highest"]: [run_sentences.percent(band.high) for band in bands],
            },
        )
    head = text.table("series", "columns")
    st.table(
        {
            head["arm"]: [one.label for one in spreads],
            head["mean"]: [mean for mean, _ in rows],
            head["range"]: [span for _, span in rows],
        },
        border="horizontal",
        hide_index=True,
    )
    if len(runs) > 1:
        lines = [
            *series_sentences.factor_sentences(runs),
            series_sentences.apart_sentence(runs),
        ]
        st.markdown(" ".join(lines) if done else text.table("series")["waits"])

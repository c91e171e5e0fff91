"""Runs beyond the one on screen: the list, comparisons, seeds, recordings, exports."""

from __future__ import annotations

import time
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from lab import reading
from lab.engine import NoSuchRun, Refused
from lab.experiments import Experiment, is_sweep, sweep_of
from lab.records import OVER, RunStatus, RunSummary
from store.database import DatabaseAway
from ui import cache, lab_results, lab_source, state, widgets
from ui.lab_source import RECORDED
from viz import curves

COMPARABLE = 4  # runs on one chart: as many kinds of dashes can be told apart
SHOWN = 30  # rows of the list
NO_GUESS: dict[str, Any] = {}


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
    lab_source.submit(page, experiment, guess)


# --- several seeds ------------------------------------------------------------------


def _seed(experiment: Experiment) -> int:
    return experiment.arms[0].seed


def _of_series(series_id: str) -> list[RunSummary]:
    """The runs of a series, by seed; whoever looks sees all."""
    found = [
        run
        for run in lab_source.listed()
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
    if not lab_source.mine(status):
        return
    runs = _of_series(series["id"])
    if going := [run for run in runs if run.state not in OVER]:
        lab_source.show(page, going[0].run_id)
        return
    done = {_seed(run.experiment) for run in runs}
    left = [seed for seed in series["seeds"] if seed not in done]
    if left:
        experiment = status.experiment.vary(seed=left[0])
        lab_source.submit(page, experiment, status.guess)


def series(page: str, status: RunStatus) -> None:
    """What the seeds of a series have in common, and whether the arms differ."""
    about = status.guess.get("series")
    if not about:
        return
    text = lab_source.text()["series"]
    runs = _of_series(about["id"])
    over = [run for run in runs if run.state in ("finished", "stopped")]
    st.subheader(text["heading"], anchor=False)
    st.caption(text["done"].format(done=len(over), count=len(about["seeds"])))
    if status.over and len(runs) < len(about["seeds"]) and lab_source.mine(status):
        st.button(
            text["go_on"],
            icon=":material/skip_next:",
            on_click=next_seed,
            args=(page, status),
        )
    found = []
    for run in over:
        try:
            events = lab_source.engine().events(run.run_id)
        except NoSuchRun:
            continue
        found.append((run.experiment, events))
    _seeds(found)


def recorded_seeds(name: str) -> None:
    """The same of a recording that has several seeds."""
    recording = cache.recordings()[name]
    text = lab_source.text()
    if len(recording.seeds) > 1:
        st.subheader(text["series"]["heading"], anchor=False)
        _seeds(
            [
                (recording.experiment.vary(seed=seed), list(events))
                for seed, events in zip(recording.seeds, recording.runs, strict=True)
            ]
        )
    with st.expander(text["recording"]["how"], icon=":material/terminal:"):
        st.markdown(
            text["recording"]["about"].format(
                versions=", ".join(f"{k} {v}" for k, v in recording.versions.items()),
                seeds=", ".join(map(str, recording.seeds)),
            )
        )
        st.code(recording.command, wrap_lines=True)


def _seeds(runs: list[tuple[Experiment, Any]]) -> None:
    """Curves of all seeds, mean and range of each arm, and the verdict."""
    text = lab_source.text()
    if not runs:
        return
    experiment = runs[0][0]
    curve = lab_results.CURVE_OF[experiment.measure]
    points = [
        point
        for one, events in runs
        for point in lab_results.points(
            one, reading.thin(events, 60), curve, run=str(_seed(one))
        )
    ]
    spread = lab_results.spreads(runs)
    rows = [_spread_words(experiment, one) for one in spread]
    if len(runs) > 1:
        st.vega_lite_chart(
            spec=curves.lines(
                points,
                [one.label for one in spread],
                widgets.scheme(),
                x_title=text["across"]["epoch"],
                y_title=text["curves"][curve].rstrip("."),
                height=260,
                thin=True,
            ),
            key="series",
            alt=" ".join(
                f"{one.label}: {mean}."
                for one, (mean, _) in zip(spread, rows, strict=True)
            ),
        )
    head = text["series"]["columns"]
    st.table(
        {
            head["arm"]: [one.label for one in spread],
            head["mean"]: [mean for mean, _ in rows],
            head["range"]: [span for _, span in rows],
        },
        border="horizontal",
        hide_index=True,
    )
    if len(runs) > 1:
        apart = lab_results.distinguishable(spread)
        st.markdown(
            text["series"]["apart" if apart else "not_apart"].format(count=len(runs))
        )


def _spread_words(
    experiment: Experiment, spread: lab_results.Spread
) -> tuple[str, str]:
    """Mean and range of an arm in words."""
    text = lab_source.text()["series"]
    form = "passes" if experiment.target is not None else "share"
    missing = text["missing"].format(count=spread.missing) if spread.missing else ""
    if spread.mean is None:
        return text["never"], missing
    low, high = min(spread.values), max(spread.values)
    span = text[f"{form}_range"].format(low=low, high=high)
    return text[form].format(value=spread.mean), f"{span} {missing}".strip()


# --- recordings ---------------------------------------------------------------------


def recordings(page: str, preset: Experiment, guess: Mapping[str, Any] | None) -> None:
    """Recorded runs of the preset, to be seen at once; they wait for the guess, too."""
    found = lab_source.recordings_of(preset)
    if not found:
        return
    text = lab_source.text()["recording"]
    st.markdown(text["heading"])
    for name, recording in found.items():

        def replay(name: str = name) -> None:
            state.setting(name, "guess", NO_GUESS).set(dict(guess or {}))
            lab_source.show(page, RECORDED + name)

        st.button(
            text["see"].format(title=recording.title, date=recording.date),
            icon=":material/videocam:",
            key=f"see {name}",
            disabled=guess is None,
            on_click=replay,
        )


# --- one run's files ----------------------------------------------------------------


def take_away(run_id: str) -> None:
    """The run as a table and as a script."""
    text, engine = lab_source.text()["files"], lab_source.engine()
    with st.container(horizontal=True):
        st.download_button(
            text["csv"],
            lambda: engine.export_csv(run_id),
            f"run-{run_id}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            text["script"],
            lambda: engine.export_script(run_id),
            f"run-{run_id}.py",
            "text/x-python",
            icon=":material/code:",
            on_click="ignore",
        )


# --- the list -----------------------------------------------------------------------


def panel(page: str) -> None:
    """The runs of this page: open, compare, rename, delete."""
    text = lab_source.text()["list"]
    runs = [
        run for run in lab_source.listed() if lab_source.page_of(run.experiment) == page
    ][:SHOWN]
    st.subheader(text["heading"], anchor="runs")
    if not runs:
        st.caption(text["none"])
        return
    states, head = lab_source.text()["states"], text["columns"]
    titles = {run.run_id: _title(run) for run in runs}
    st.dataframe(
        {
            head["name"]: [_name(run) for run in runs],
            head["state"]: [states[run.state] for run in runs],
            head["arms"]: [_arms(run.experiment) for run in runs],
            head["seed"]: [_seed(run.experiment) for run in runs],
            head["when"]: [datetime.fromtimestamp(run.created, UTC) for run in runs],
        },
        hide_index=True,
        height=min(38 * (len(runs) + 1), 230),
        column_config={
            head["when"]: st.column_config.DatetimeColumn(format="distance", width=130)
        },
        alt=text["alt"].format(count=len(runs)),
    )
    key = state.CHOSEN_RUN
    if key.get() not in titles:
        key.set(next(iter(titles)))
    one = widgets.selection(key, text["choose"], titles)
    (chosen,) = (run for run in runs if run.run_id == one)
    with st.container(horizontal=True):
        st.button(
            text["open"],
            icon=":material/visibility:",
            on_click=lab_source.show,
            args=(page, one),
        )
        if lab_source.mine(chosen):
            _own(page, one)
    _compare(runs, titles)


def _name(run: RunSummary) -> str:
    """What the visitor called it, else the preset's title."""
    text = lab_source.text()
    if (preset := text["preset"].get(run.name)) is None:
        return run.name
    form = text["sweep"]["name"] if is_sweep(run.experiment) else "{title}"
    return str(form.format(title=preset["title"]))


def _arms(experiment: Experiment) -> str:
    """The networks of a run; of a sweep, each once."""
    if not is_sweep(experiment):
        return " · ".join(arm.label for arm in experiment.arms)
    groups = sweep_of(experiment)
    rates = len(next(iter(groups.values())))
    said = lab_source.text()["sweep"]["listed"]
    return str(said.format(arms=" · ".join(groups), count=rates))


def _title(run: RunSummary) -> str:
    """A run as a line of a list of choices."""
    states = lab_source.text()["states"]
    ago = max(0.0, time.time() - run.created) / 60
    when = lab_source.text()["list"]["ago"].format(minutes=ago)
    return f"{_name(run)} · {when} · {states[run.state]} · {run.run_id[:4]}"


def _own(page: str, run_id: str) -> None:
    """What only who started it may do."""
    text = lab_source.text()["list"]

    def rename() -> None:
        try:
            lab_source.engine().rename(run_id, state.NEW_NAME.get())
        except (Refused, NoSuchRun, DatabaseAway) as refusal:
            state.LAB_SAID.set(str(refusal))

    def delete() -> None:
        try:
            lab_source.engine().delete(run_id)
        except (Refused, NoSuchRun, DatabaseAway) as refusal:
            state.LAB_SAID.set(str(refusal))
        else:
            if state.RUN.get() == run_id:
                lab_source.show_nothing(page)

    with st.popover(text["rename"], icon=":material/edit:"):
        st.text_input(text["new_name"], max_chars=80, key=state.NEW_NAME.name)
        st.button(text["rename_now"], on_click=rename)
    with st.popover(text["delete"], icon=":material/delete:"):
        st.markdown(text["delete_say"])
        st.button(text["delete_now"], on_click=delete)


def _compare(runs: list[RunSummary], titles: Mapping[str, str]) -> None:
    """Two or more runs on one chart."""
    text, words_ = lab_source.text()["list"], lab_source.text()
    runs = [run for run in runs if not is_sweep(run.experiment)]  # too many curves
    titles = {run.run_id: titles[run.run_id] for run in runs}
    key = state.COMPARED
    key.set([run_id for run_id in key.get() or [] if run_id in titles])
    chosen: list[str] = st.multiselect(
        text["compare"],
        list(titles),
        format_func=titles.__getitem__,
        max_selections=COMPARABLE,
        **key.widget,
    )
    if len(chosen) < 2:
        st.caption(text["compare_say"])
        return
    by_id = {run.run_id: run for run in runs}
    across: Any = state.CURVE_X.get()
    curve = lab_results.CURVE_OF[by_id[chosen[0]].experiment.measure]
    points, labels, said = [], [], []
    for run_id in chosen:
        run, name = by_id[run_id], f"{_name(by_id[run_id])} · {run_id[:4]}"
        try:
            events = lab_source.engine().events(run_id, most=lab_source.MOST)
        except NoSuchRun:
            continue
        points += lab_results.points(
            run.experiment,
            events,
            curve,
            across,
            name,
            run_id,
        )
        labels += [arm.label for arm in run.experiment.arms]
        said.append(f"{name}. {lab_results.describe(run.experiment, events, curve)}")
    st.vega_lite_chart(
        spec=curves.lines(
            points,
            list(dict.fromkeys(labels)),
            widgets.scheme(),
            x_title=words_["across"][state.CURVE_X.get()],
            y_title=words_["curves"][curve].rstrip("."),
            kinds=list(dict.fromkeys(point.line for point in points)),
        ),
        key="compared",
        alt=" ".join(said),
    )
    with st.expander(text["in_words"]):
        for sentence in said:
            st.markdown(f"- {sentence}")

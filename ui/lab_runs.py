"""Runs beyond the one on screen: recordings, files, the list, comparisons."""

from __future__ import annotations

import time
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab.engine import NoSuchRun, Refused
from lab.experiments import Experiment, is_sweep, sweep_of
from lab.records import RunSummary
from store.database import DatabaseAway
from ui import lab_results, lab_source, state, widgets
from ui.lab_source import RECORDED
from viz import curves

COMPARABLE = 4  # runs on one chart: as many kinds of dashes can be told apart
SHOWN = 30  # rows of the list
NO_GUESS: dict[str, Any] = {}


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
            text["see"].format(title=lab_source.title(recording), date=recording.date),
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
    st.header(text["heading"], anchor="runs")
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
            head["seed"]: [run.experiment.arms[0].seed for run in runs],
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
            state.LAB_SAID.set(escape_markdown(str(refusal)))

    def delete() -> None:
        try:
            lab_source.engine().delete(run_id)
        except (Refused, NoSuchRun, DatabaseAway) as refusal:
            state.LAB_SAID.set(escape_markdown(str(refusal)))
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
    key.settle([run_id for run_id in key.get() or [] if run_id in titles])
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
    tables: list[tuple[str, dict[str, list[Any]]]] = []
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
        tables.append((name, lab_results.table(run.experiment, events)))
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
            st.markdown(f"- {escape_markdown(sentence)}")
    widgets.folded_table(text["as_table"], "compared", lambda: _stacked(tables))


def _stacked(tables: list[tuple[str, dict[str, list[Any]]]]) -> dict[str, list[Any]]:
    """Tables of equal columns below each other, with the name of each in front."""
    head = lab_source.text()["list"]["columns"]
    stacked: dict[str, list[Any]] = {head["name"]: []}
    for name, table in tables:
        for column, values in table.items():
            stacked.setdefault(column, []).extend(values)
        stacked[head["name"]] += [name] * len(next(iter(table.values())))
    return stacked

"""Runs beyond the one on screen: recordings, files, the list, comparisons."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab.experiments import Experiment, is_sweep
from lab.recordings import of_preset
from lab.registry import NoSuchRun
from lab.results import outcome
from lab.status import OVER, RunSummary
from ui.experiments import access, queue, source
from ui.experiments.guess.guess import of_run, tell, told
from ui.experiments.source import RECORDED
from ui.kit import cache, state, widgets
from ui.kit.runs import run_charts, run_names
from viz import curves
from viz.curves import Curves, Look

COMPARABLE = 4  # runs on one chart: as many kinds of dashes can be told apart
SHOWN = 30  # rows of the list
EVERY = 3.0  # seconds between two looks at it, while a run is not over


# --- recordings ---------------------------------------------------------------------


def recordings(page: str, preset: Experiment, guess: Mapping[str, Any] | None) -> None:
    """Recorded runs of the preset, to be seen at once; they wait for the guess, too."""
    found = of_preset(cache.recordings(), preset.name)
    if not found:
        return
    text = source.text().table("recording")
    st.markdown(text["heading"])
    for name, recording in found.items():

        def replay(name: str = name) -> None:
            of_run(RECORDED + name).set(dict(guess or {}))
            tell(preset.name)
            source.show(page, RECORDED + name)

        st.button(
            text["see"].format(
                title=run_names.recording_title(recording), date=recording.date
            ),
            icon=":material/videocam:",
            key=f"see {name}",
            disabled=guess is None and not told(preset.name),
            on_click=replay,
        )


# --- one run's files ----------------------------------------------------------------


def take_away(run_id: str) -> None:
    """The run as a table and as a script."""
    text, engine = source.text().table("files"), source.engine()
    with st.container(horizontal=True):
        for key, ending, export, kind, icon in (
            ("csv", "csv", engine.export_csv, "text/csv", "download"),
            ("script", "py", engine.export_script, "text/x-python", "code"),
        ):
            st.download_button(
                text[key],
                partial(export, run_id),
                f"run-{run_id}.{ending}",
                kind,
                icon=f":material/{icon}:",
                on_click="ignore",
            )


# --- the list -----------------------------------------------------------------------


def panel(page: str) -> None:
    """The runs of this page: open, compare, rename, delete."""
    text = source.text().table("list")
    runs = _listed(page)
    st.header(text["heading"], anchor="runs")
    if not runs:
        st.caption(text["none"])
        return
    titles = {run.run_id: run_names.label(run) for run in runs}
    live = any(run.state not in OVER for run in runs)
    st.fragment(_table, run_every=EVERY if live else None)(page)
    key = state.CHOSEN_RUN
    if key.get() not in titles:
        key.set(next(iter(titles)))
    one = widgets.selection(key, text["choose"], titles)
    (chosen,) = (run for run in runs if run.run_id == one)
    is_mine = source.mine(chosen)
    with st.container(horizontal=True):
        st.button(
            text["open"],
            icon=":material/visibility:",
            on_click=source.show,
            args=(page, one),
        )
        if chosen.state not in OVER and (is_mine or access.is_instructor()):
            st.button(
                source.text().table("verb")["stop"],
                icon=":material/stop:",
                key="stop_listed",
                on_click=queue.stop,
                args=(one,),
            )
        if is_mine:
            _change(page, one)
    _compare(runs, titles)


def _listed(page: str) -> list[RunSummary]:
    """The newest runs of the page."""
    found = source.listed()
    return [run for run in found if source.page_of(run.experiment) == page][:SHOWN]


def _table(page: str) -> None:
    """The list itself, brought up to date while one of them is not over."""
    text, runs = source.text().table("list"), _listed(page)
    states, head = source.text().table("states"), text.table("columns")
    st.dataframe(
        {
            head["name"]: [run_names.title(run) for run in runs],
            head["whose"]: [run_names.whose(run) for run in runs],
            head["state"]: [states[run.state] for run in runs],
            head["data"]: [run_names.data(run.experiment) for run in runs],
            head["arms"]: [run_names.arms(run.experiment) for run in runs],
            head["seed"]: [run.experiment.arms[0].seed for run in runs],
            head["when"]: [datetime.fromtimestamp(run.created, UTC) for run in runs],
        },
        hide_index=True,
        height=min(38 * (len(runs) + 1), 230),
        column_config={
            head["when"]: st.column_config.DatetimeColumn(
                format=text["when"], width=130
            )
        },
        alt=text["alt"].format(runs=run_names.counted("runs", len(runs))),
    )


def _change(page: str, run_id: str) -> None:
    """The actions that only the owner of a run has."""
    text = source.text().table("list")

    def rename() -> None:
        with source.refusals():
            source.engine().rename(run_id, state.NEW_NAME.get())

    def delete() -> None:
        with source.refusals():
            source.engine().delete(run_id)
            if state.RUN.get() == run_id:
                source.show_nothing(page)

    with st.popover(text["rename"], icon=":material/edit:"):
        st.text_input(text["new_name"], max_chars=80, key=state.NEW_NAME.name)
        st.button(text["rename_now"], on_click=rename)
    with st.popover(text["delete"], icon=":material/delete:"):
        st.markdown(text["delete_say"])
        st.button(text["delete_now"], on_click=delete)


def _compare(runs: list[RunSummary], titles: Mapping[str, str]) -> None:
    """Two or more runs on one chart."""
    text, words_ = source.text().table("list"), source.text()
    runs = [run for run in runs if not is_sweep(run.experiment)]  # too many curves
    titles = {run.run_id: titles[run.run_id] for run in runs}
    key = state.COMPARED
    key.keep_valid([run_id for run_id in key.get() or [] if run_id in titles])
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
    curve = outcome.CURVE_OF[by_id[chosen[0]].experiment.measure]
    points, labels, lines = [], [], []
    tables: list[tuple[str, dict[str, list[Any]]]] = []
    for run_id in chosen:
        run, name = by_id[run_id], run_names.label(by_id[run_id])
        experiment = run_names.translated(run.experiment)
        try:
            events = source.engine().events(run_id, most=source.MOST)
        except NoSuchRun:
            continue
        points += run_charts.points(
            experiment,
            events,
            curve,
            across,
            name,
            run_id,
        )
        labels += [arm.label for arm in experiment.arms]
        tables.append((name, run_charts.table(experiment, events)))
        lines.append(f"{name}. {run_charts.describe(experiment, events, curve)}")
    widgets.chart(
        spec=curves.lines(
            Curves(
                points,
                list(dict.fromkeys(labels)),
                list(dict.fromkeys(point.line for point in points)),
            ),
            Look(
                words_.table("across")[state.CURVE_X.get()],
                words_.table("curves")[curve].rstrip("."),
            ),
            widgets.scheme(),
        ),
        key="compared",
        alt=" ".join(lines),
    )
    with st.expander(text["in_words"]):
        for sentence in lines:
            st.markdown(f"- {escape_markdown(sentence)}")
    widgets.folded_table(
        text["as_table"], "compared", lambda: run_charts.stacked(tables)
    )

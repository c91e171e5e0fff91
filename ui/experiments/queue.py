"""The queue of runs: waits in words, the visitor's other run, the run to watch."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from lab.registry import NoSuchRun
from lab.status import OVER, RunStatus, RunSummary
from store.database import DatabaseAway
from ui import script
from ui.experiments import access, source
from ui.kit import state, words
from ui.kit.runs import run_names
from ui.session import permissions

EVERY = 3.0  # seconds between two looks at what instructors run


def before_start() -> None:
    """How long a run would wait that is started now; nothing where it would not."""
    text = run_names.text().table("wait")
    before, seconds = source.engine().line(access.is_instructor())
    if seconds is None:
        st.caption(text["line_paused"])
    elif seconds >= 5:
        form = "line" if before else "line_first"
        st.caption(
            text[form].format(
                runs=run_names.counted("experiments", before),
                time=run_names.about(seconds),
            )
        )


# --- the visitor's other run ----------------------------------------------------------


def busy(page: str) -> None:
    """The visitor's run that is not over, where another could not be started."""
    run_id = state.LAB_BUSY.get()
    if not run_id:
        return
    text = run_names.text().table("busy")
    try:
        status = source.engine().status(run_id)
    except (NoSuchRun, DatabaseAway):
        state.LAB_BUSY.set("")
        return
    if status.over or state.RUN.get() == run_id:
        state.LAB_BUSY.set("")
        return
    title = escape_markdown(run_names.title(status))
    with st.container(border=True):
        st.markdown(text["say"].format(title=title))
        with st.container(horizontal=True):
            _open(status, text["open"])
            st.button(
                text["stop"],
                icon=":material/stop:",
                key="stop_busy",
                on_click=stop,
                args=(run_id,),
            )


def stop(run_id: str) -> None:
    """Stops a run: the visitor's own, or, for an instructor, anybody's."""
    engine = source.engine()
    with source.refusals():
        status = engine.status(run_id)
        if source.mine(status):
            engine.command(run_id, "stop")
        elif access.is_instructor():
            reason = words.page("lab", words.ENGLISH)["stopped_by_instructor"]
            engine.command(run_id, "stop", reason)


def _open(run: RunStatus | RunSummary, label: str) -> None:
    """A link to a run, on whichever page shows it."""
    st.page_link(
        script(source.page_of(run.experiment)),
        label=label,
        icon=":material/visibility:",
        query_params={state.RUN.name: run.run_id},
    )


# --- who may not start ----------------------------------------------------------------


def watch_instead() -> None:
    """Why the visitor may not start, and which runs there are to watch."""
    text = run_names.text().table("watch")
    closed = "server" if not permissions.students_start() else "class"
    with st.container(border=True):
        st.markdown(f":material/groups: {text[closed]}")
        st.fragment(_shared, run_every=EVERY)()


def _shared() -> None:
    """The runs of instructors that are under way, looked for every few seconds."""
    text = run_names.text().table("watch")
    if access.may_start():  # the class's switch has been turned meanwhile
        state.rerun()
    found = [run for run in source.listed() if run.instructor and run.state not in OVER]
    if not found:
        st.caption(text["none"])
    for run in found:
        _open(run, text["open"].format(title=escape_markdown(run_names.title(run))))

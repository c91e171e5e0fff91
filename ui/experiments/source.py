"""Where the lab's pages get their runs from: the engine, its store, recordings.

`engine` is the one seam: a test puts another one there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from lab import engine as engines
from lab.engine import Engine
from lab.experiments import Experiment
from lab.registry import NoSuchRun, OneAtATime, RunRefused
from lab.status import RunStatus, RunSummary
from store.database import DatabaseAway
from ui import script
from ui.experiments import access
from ui.kit import cache, state, widgets
from ui.kit.runs import run_names
from ui.kit.runs.run_charts import ShownRun
from ui.session import visitor

MOST = 160  # points of a curve that the server sends
LISTED = 200  # runs, the newest, among which lists and series are looked for
SERIES = 5  # seeds
RECORDED = "recorded-"  # before a recording's name, in the address

text = run_names.text


def engine() -> Engine:
    """The engine of this server."""
    return engines.shared()


def mine(run: RunStatus | RunSummary) -> bool:
    """Whether this visitor started the run."""
    return run.owner == visitor.key()


def begin(experiment: Experiment) -> str | None:
    """Starts a run for a class, as its instructor; its id.

    None: it was refused, for the reason in `state.LAB_MESSAGE`.
    """
    if not access.is_instructor():
        state.LAB_MESSAGE.set(text()["may_not_start"])
        return None
    try:
        return engine().submit(experiment, visitor.key(), {}, instructor=True)
    except OneAtATime as refusal:
        state.LAB_BUSY.set(refusal.run_id)
        state.LAB_MESSAGE.set(text()["one_at_a_time"])
    except (RunRefused, DatabaseAway) as refusal:
        state.LAB_MESSAGE.set(escape_markdown(run_names.in_words(str(refusal))))
    return None


def submit(page: str, experiment: Experiment, guess: dict[str, Any]) -> bool:
    """Starts an experiment and shows it; or says why not.

    Raises:
        ExperimentRefused: it is not a fair one.
    """
    if not access.may_start():  # signed out since the button was drawn
        state.LAB_MESSAGE.set(text()["may_not_start"])
        return False
    longest = access.longest()
    if any(arm.seconds > longest for arm in experiment.arms):
        state.LAB_MESSAGE.set(text()["too_long"].format(seconds=longest))
        return False
    instructor = access.is_instructor()
    try:
        run_id = engine().submit(
            experiment, visitor.key(), guess, instructor=instructor
        )
    except OneAtATime as refusal:
        state.LAB_BUSY.set(refusal.run_id)
        return False
    except RunRefused as refusal:
        state.LAB_MESSAGE.set(escape_markdown(run_names.in_words(str(refusal))))
        return False
    widgets.picked()  # its curves are to be on screen
    show(page, run_id)
    return True


@contextmanager
def refusals() -> Iterator[None]:
    """What the engine refuses within is told on the page."""
    try:
        yield
    except OneAtATime as refusal:
        state.LAB_BUSY.set(refusal.run_id)
    except (RunRefused, NoSuchRun, DatabaseAway) as refusal:
        state.LAB_MESSAGE.set(escape_markdown(run_names.in_words(str(refusal))))


def show(page: str, run_id: str) -> None:
    """Makes a run, or nothing, what the page shows."""
    state.RUN.set(run_id)
    state.RUN_OF_PAGE.set((state.RUN_OF_PAGE.get() or {}) | {page: run_id})
    state.LAB_MESSAGE.set("")


def page_of(experiment: Experiment) -> str:
    """The page that shows such experiments."""
    return experiment.page.replace("-", "_")


def experiment_of(run_id: str) -> Experiment | None:
    """What a run in the address is about; None if there is no such run."""
    if run_id.startswith(RECORDED):
        recording = cache.recordings().get(run_id.removeprefix(RECORDED))
        return None if recording is None else recording.experiment
    try:
        return engine().status(run_id).experiment
    except NoSuchRun:
        return None


def current(page: str) -> str:
    """The run that the page shows: the address's, or the one it showed before.

    A run in the address that another page shows sends the visitor there.
    """
    run_id = state.RUN.get()
    remembered: dict[str, str] = state.RUN_OF_PAGE.get() or {}
    if run_id and run_id != remembered.get(page):
        experiment = experiment_of(run_id)
        if experiment is None:
            state.LAB_MESSAGE.set(text()["no_run"].format(run=run_id))
            show_nothing(page)
            return ""
        home = page_of(experiment)
        if home == page:
            show(page, run_id)
        elif remembered.get(home) == run_id:  # they came from there
            state.RUN.set(remembered.get(page, ""))
        else:
            st.switch_page(script(home), query_params={state.RUN.name: run_id})
    elif not run_id and remembered.get(page):
        state.RUN.set(remembered[page])
    return state.RUN.get()


def show_nothing(page: str) -> None:
    """Takes the run off the page; it goes on."""
    message = state.LAB_MESSAGE.get()
    show(page, "")
    state.LAB_MESSAGE.set(message)


def live(run_id: str) -> tuple[RunStatus, ShownRun]:
    """A run of the engine, now.

    Raises:
        NoSuchRun: it has been deleted.
    """
    status = engine().status(run_id)
    events = engine().events(run_id, most=MOST)
    is_mine = mine(status)
    guess = run_names.translated_guess(status.guess)
    return status, ShownRun(
        run_names.translated(status.experiment),
        tuple(events),
        "run",
        run_names.title(status),
        "",
        guess if is_mine else {},
        over=status.over,
        theirs={} if is_mine else guess,
    )


def recorded(name: str, guess: Mapping[str, Any] | None = None) -> ShownRun | None:
    """A recording's first seed, as a run that is over."""
    recording = cache.recordings().get(name)
    if recording is None:
        return None
    return ShownRun(
        run_names.translated(recording.experiment),
        recording.events,
        "recorded",
        run_names.recording_title(recording),
        run_names.recording_note(recording),
        run_names.translated_guess(guess or {}),
        recording.sample,
        seeds=tuple((run_names.translated(x), y) for x, y in recording.by_seed)
        if len(recording.seeds) > 1
        else (),
    )


def listed(owner: str | None = None) -> list[RunSummary]:
    """Runs, the newest first; none while the store cannot be read."""
    try:
        return engine().runs(owner, LISTED)
    except DatabaseAway as trouble:
        state.LAB_MESSAGE.set(run_names.in_words(str(trouble)))
        return []

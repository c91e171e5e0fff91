"""What the pages with experiments share: a run to show, or one to set up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lab.experiments import RATE, Experiment
from lab.presets import PRESETS
from store.database import DatabaseAway
from ui.experiments import access, queue, replay, run_parts, runs, source
from ui.experiments.findings import evidence, findings, seeds, sweep
from ui.experiments.guess import drawing, guess, with_class
from ui.experiments.settings import device, settings, upload
from ui.kit import state, widgets, words
from ui.kit.runs import run_names, run_sentences
from ui.session import presented

FEW = 4  # presets that fit side by side
SET_UP = ("question", "settings", "found")  # parts of the page, after the replay


def open_page(page: str) -> str | None:
    """The page's title, and its lead unless it shows a run; see `current`."""
    text = words.page(page)
    st.title(text.get("heading", text["title"]), anchor=False)
    lead = st.container()
    run_id = current(page)
    if not run_id and not presented.is_presented(page):
        lead.markdown(text["lead"])
    return run_id


def current(page: str) -> str | None:
    """The run that the page shows; "": none, one is set up. None: no database.

    Shows what has to be said once, and what else of the visitor's is running.
    """
    try:
        run_id = source.current(page)
    except DatabaseAway as trouble:
        st.error(run_names.in_words(str(trouble)), icon=":material/database_off:")
        return None
    if message := state.LAB_MESSAGE.get():
        st.warning(message, icon=":material/info:")
        state.LAB_MESSAGE.set("")
    queue.busy(page)
    return run_id


def set_up(page: str, names: Sequence[str]) -> DeltaGenerator:
    """Which experiment, with what settings, and what the visitor expects of it.

    Returns:
        the place below what was found in its runs.
    """
    text = source.text()
    titles = {name: text.table("preset", name)["title"] for name in names}
    key = state.PRESET_OF[page]
    pick = widgets.choice if len(names) <= FEW else widgets.selection
    with st.container(key="preset_pick"):
        name = pick(key, text["choose"], titles)
    about, preset = text.table("preset", name), PRESETS[name]
    st.header(about["question"], anchor=False)
    order = [*(["replay"] if replay.is_open(preset) else []), *SET_UP]
    part = run_parts.places(page, order)
    if "replay" in part:
        with part["replay"]:
            replay.panel(page, preset)
    with part["question"]:
        st.markdown(about["say"])
        class_place = st.container()
        guess_place = st.container()  # settings, which come below, change the guess

    def fit(data_set: str) -> None:
        settings.fit(preset, data_set)

    with part["settings"]:
        upload.take(fit)
        experiment = settings.choose(preset)
        upload.panel(fit)
    with guess_place:
        if guess.told(name):
            st.markdown(run_sentences.textbook(preset))
        guessed = guess.predict(experiment or preset)
        guessed = drawing.panel(experiment or preset, guessed)
        replay.offer(preset, guessed)
    with class_place:
        with_class.panel(preset, experiment)
    with part["settings"]:
        start(page, experiment, guessed, preset.tuned)
    with part["found"]:
        runs.recordings(page, preset, guessed)
        findings.panel(page)
    return part["found"]


def more(page: str, run_id: str | None) -> None:
    """Below a run or its settings: other runs, devices compared, why these images.

    Not on a projector.
    """
    if run_id is None or presented.is_presented(page):
        return
    st.divider()
    runs.panel(page)
    device.panel()
    evidence.panel()


def start(
    page: str,
    experiment: Experiment | None,
    guessed: dict[str, Any] | None,
    tuned: tuple[str, ...],
) -> None:
    """The start buttons; they wait for the guess."""
    text = source.text()
    if not access.may_start():
        queue.watch_instead()
        return
    waiting = experiment is None or guessed is None

    def go(count: int) -> None:
        assert experiment is not None
        seeds.submit(page, experiment, dict(guessed or {}), count)

    with st.container(horizontal=True):
        st.button(
            text["start"],
            type="primary",
            icon=":material/play_arrow:",
            disabled=waiting,
            on_click=go,
            args=(1,),
        )
        st.button(
            text["start_seeds"].format(count=source.SERIES),
            icon=":material/repeat:",
            disabled=waiting,
            help=text["seeds_help"],
            on_click=go,
            args=(source.SERIES,),
        )
        if RATE in tuned:
            sweep.button(page, experiment, guessed)
    queue.before_start()
    if experiment is not None:
        arm = experiment.arms[0]
        st.caption(
            text["costs"].format(
                arms=run_names.counted("networks", len(experiment.arms)),
                seconds=run_names.counted("seconds", arm.seconds),
                epochs=run_names.counted("passes", arm.epochs),
            )
        )
        if RATE in tuned:
            st.caption(sweep.costs(experiment))

"""The shell of every experiment: choose, predict, start; then watch."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from lab.experiments import RATE, Experiment
from store.database import DatabaseAway
from ui import (
    lab_access,
    lab_device,
    lab_evidence,
    lab_findings,
    lab_guess,
    lab_line,
    lab_names,
    lab_own,
    lab_results,
    lab_runs,
    lab_seeds,
    lab_settings,
    lab_source,
    lab_sweep,
    lab_watch,
    state,
    widgets,
)

FEW = 4  # presets that fit side by side


def shell(
    page: str, presets: Mapping[str, Experiment], more: Callable[[], None] | None = None
) -> None:
    """All that the page shows below its title.

    Args:
        more: draws what the page has besides, below the setting up of an experiment.
    """
    try:
        run_id = lab_source.current(page)
    except DatabaseAway as trouble:
        st.error(str(trouble), icon=":material/database_off:")
        return
    if said := state.LAB_SAID.get():
        st.warning(said, icon=":material/info:")
        state.LAB_SAID.set("")
    lab_line.busy(page)
    if run_id:
        lab_watch.show(page, run_id)
    else:
        set_up(page, presets)
        if more is not None:
            more()
    st.divider()
    lab_runs.panel(page)
    lab_device.panel()
    lab_evidence.panel()


def set_up(page: str, presets: Mapping[str, Experiment]) -> None:
    """Which experiment, with what settings, and what the visitor expects of it."""
    text = lab_source.text()
    titles = {name: text["preset"][name]["title"] for name in presets}
    key = state.PRESET_OF[page]
    pick = widgets.choice if len(presets) <= FEW else widgets.selection
    name = pick(key, text["choose"], titles)
    about, preset = text["preset"][name], presets[name]
    st.header(about["question"], anchor=False)
    st.markdown(about["say"])
    if lab_guess.told(name):
        st.markdown(lab_results.textbook(preset))

    def fit(data_set: str) -> None:
        lab_settings.fit(preset, data_set)

    lab_own.take(fit)
    experiment = lab_settings.choose(preset)
    lab_own.panel(fit)
    guess = lab_guess.predict(experiment or preset)
    start(page, experiment, guess, preset.tuned)
    lab_guess.skip(name)
    lab_runs.recordings(page, preset, guess)
    lab_findings.panel(page)


def start(
    page: str,
    experiment: Experiment | None,
    guess: dict[str, Any] | None,
    tuned: tuple[str, ...],
) -> None:
    """The start buttons; they wait for the guess."""
    text = lab_source.text()
    if not lab_access.may_start():
        lab_line.watch_instead()
        return
    waiting = experiment is None or guess is None

    def go(seeds: int) -> None:
        assert experiment is not None
        lab_seeds.submit(page, experiment, dict(guess or {}), seeds)

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
            text["start_seeds"].format(count=lab_source.SERIES),
            icon=":material/repeat:",
            disabled=waiting,
            help=text["seeds_help"],
            on_click=go,
            args=(lab_source.SERIES,),
        )
        if RATE in tuned:
            lab_sweep.button(page, experiment, guess)
    lab_line.before_start()
    if experiment is not None:
        arm = experiment.arms[0]
        st.caption(
            text["costs"].format(
                arms=lab_names.counted("networks", len(experiment.arms)),
                seconds=lab_names.counted("seconds", arm.seconds),
                epochs=lab_names.counted("passes", arm.epochs),
            )
        )
        if RATE in tuned:
            st.caption(lab_sweep.costs(experiment))

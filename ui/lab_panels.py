"""The shell of every experiment: choose, predict, start; then watch."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lab.experiments import RATE, Experiment
from store.database import DatabaseAway
from ui import (
    lab_access,
    lab_device,
    lab_evidence,
    lab_findings,
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


def shell(page: str, presets: Mapping[str, Experiment]) -> None:
    """All that the page shows below its title."""
    try:
        run_id = lab_source.current(page)
    except DatabaseAway as trouble:
        st.error(str(trouble), icon=":material/database_off:")
        return
    if said := state.LAB_SAID.get():
        st.warning(said, icon=":material/info:")
        state.LAB_SAID.set("")
    if run_id:
        lab_watch.show(page, run_id)
    else:
        set_up(page, presets)
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
    paper = text["paper"].format(section=preset.paper) if preset.paper else ""
    st.caption(f"{about['textbook']} {paper}".strip())

    def fit(data_set: str) -> None:
        lab_settings.fit(preset, data_set)

    lab_own.take(fit)
    experiment = lab_settings.choose(preset)
    lab_own.panel(fit)
    guess = predict(experiment or preset)
    start(page, experiment, guess, preset.tuned)
    lab_runs.recordings(page, preset, guess)
    lab_findings.panel(page, guess is not None)


def predict(experiment: Experiment) -> dict[str, Any] | None:
    """The visitor's guess; None until there is one."""
    text = lab_source.text()["guess"]
    of = text[lab_results.kind(experiment)]
    options = {arm.label: arm.label for arm in experiment.arms}
    options[text["same_key"]] = text["same"]
    with st.container(border=True):
        st.markdown(f"**{text['title']}** {text['say']}")
        if state.GUESS_ARM.get() not in ("", *options):
            state.GUESS_ARM.set("")
        question = of["which"].format(target=experiment.target or 0)
        arm = st.radio(
            question,
            list(options),
            index=None,
            format_func=options.__getitem__,
            horizontal=True,
            **state.GUESS_ARM.widget,
        )
        if arm is None:
            st.caption(text["needed"])
            return None
        if arm == text["same_key"]:
            return {"arm": lab_results.SAME, "by": None}
        low, high, step = (1.0, 20.0, 0.5) if experiment.target else (1.0, 60.0, 1.0)
        by = state.setting(
            lab_results.kind(experiment), "guess", 2.0 if experiment.target else 10.0
        )
        by.settle()
        factor = st.slider(
            of["by"].format(arm=arm),
            low,
            high,
            step=step,
            format="%.1f" if experiment.target else "%.0f",
            **by.widget,
        )
    return {"arm": arm, "by": factor}


def start(
    page: str,
    experiment: Experiment | None,
    guess: dict[str, Any] | None,
    tuned: tuple[str, ...],
) -> None:
    """The start buttons; they wait for the guess."""
    text = lab_source.text()
    if not lab_access.may_start():
        st.info(text["may_not_start"])
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
    if experiment is not None:
        arm = experiment.arms[0]
        st.caption(
            text["costs"].format(
                arms=len(experiment.arms), seconds=arm.seconds, epochs=arm.epochs
            )
        )
        if RATE in tuned:
            st.caption(lab_sweep.costs(experiment))

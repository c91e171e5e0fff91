"""The recording that is first on an experiment's page; it waits for the guess."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from lab.experiments import Experiment, is_sweep
from lab.recordings import Recording, of_preset
from ui.experiments import source
from ui.experiments.guess import guess
from ui.experiments.source import RECORDED
from ui.kit import cache, state, widgets
from ui.kit.runs import run_names, run_replay


def found(preset: Experiment) -> dict[str, Recording]:
    """The preset's recordings; those of its own network and data first, no sweeps."""
    every = of_preset(cache.recordings(), preset.name)
    kept = {x: one for x, one in every.items() if not is_sweep(one.experiment)}

    def is_other(name: str) -> bool:
        return kept[name].experiment.arms[0].network != preset.arms[0].network

    return {name: kept[name] for name in sorted(kept, key=is_other)}


def is_open(preset: Experiment) -> bool:
    """Whether there is a recording, and a guess was given or skipped."""
    return guess.told(preset.name) and bool(found(preset))


def panel(page: str, preset: Experiment) -> None:
    """The replay; only where it is open."""
    recordings = found(preset)
    titles = {x: run_names.recording_title(one) for x, one in recordings.items()}
    key = state.setting(preset.name, "recording", next(iter(titles)))
    name = next(iter(titles))
    if len(titles) > 1:
        text = source.text().table("replay")
        name = widgets.choice(key, text["which"], titles)
    _open(page, preset, name, recordings[name])


def offer(preset: Experiment, guessed: Mapping[str, Any] | None) -> None:
    """Before a guess is given or skipped: the buttons that show the recording.

    Args:
        guessed: the visitor's guess, if there is one.
    """
    if guess.told(preset.name):
        return
    text, recordings = source.text().table("replay"), found(preset)

    def watch() -> None:
        widgets.picked()
        for name in recordings:
            guess.of_run(RECORDED + name).set(dict(guessed or {}))
        state.REPLAYED.set(preset.name)
        guess.tell(preset.name)

    with st.container(horizontal=True, vertical_alignment="center"):
        if recordings:
            st.button(
                text["watch"],
                type="primary",
                icon=":material/play_circle:",
                disabled=guessed is None,
                key=f"watch {preset.name}",
                on_click=watch,
            )
        guess.skip(preset.name)
    if recordings:
        st.caption(text["waits"])


def _open(page: str, preset: Experiment, name: str, recording: Recording) -> None:
    text = source.text().table("replay")
    starts = state.REPLAYED.get() == preset.name
    with widgets.looked_at():
        guessed = guess.of_run(RECORDED + name).get()
        run_replay.show(name, recording, guessed, starts=starts)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            text["more"],
            icon=":material/query_stats:",
            key=f"more {name}",
            on_click=source.show,
            args=(page, RECORDED + name),
        )
    st.caption(run_names.recording_note(recording))

"""CPU against GPU: AlexNet's own training step, timed on each device there is."""

from __future__ import annotations

import streamlit as st

from lab import devices
from model import paper
from ui.experiments import source
from ui.kit import state, words
from ui.kit.runs import run_names

EVERY = 1.0  # seconds


def bench() -> devices.DeviceBench:
    """The measurement that all visitors share."""
    return devices.shared()


def panel() -> None:
    """The offer to measure, or what was measured."""
    text = source.text().table("device")
    with st.expander(text["title"], icon=":material/memory:"):
        st.markdown(text["say"].format(batch=devices.BATCH))
        shared = bench()
        if shared.state == "running":
            st.fragment(_wait, run_every=EVERY)()
            return
        if shared.state == "failed":
            st.error(run_names.in_words(shared.sentence))
        if shared.state == "done":
            table(shared.timings)
        st.button(
            text["again"] if shared.state == "done" else text["start"],
            icon=":material/timer:",
            on_click=shared.start,
        )


def _wait() -> None:
    if bench().state != "running":
        state.rerun()
    st.markdown(source.text().table("device")["running"])


def table(timings: tuple[devices.Timing, ...]) -> None:
    """One row a device, and a sentence."""
    text = source.text().table("device")
    head = text.table("columns")
    st.table(
        {
            head["device"]: [t.device for t in timings],
            head["speed"]: [
                words.figures(f"{t.pictures_per_second:,.1f}") for t in timings
            ],
            head["step"]: [
                words.figures(f"{t.seconds / t.steps:.2f} s") for t in timings
            ],
            head["days"]: [run_names.duration(t.imagenet_days) for t in timings],
        },
        border="horizontal",
        hide_index=True,
    )
    slow, fast = (f(timings, key=lambda t: t.pictures_per_second) for f in (min, max))
    if len(timings) > 1:
        st.markdown(
            text["faster"].format(
                fast=fast.device,
                slow=slow.device,
                factor=fast.pictures_per_second / slow.pictures_per_second,
            )
        )
    else:
        st.markdown(text["one"].format(days=run_names.duration(slow.imagenet_days)))
    st.caption(
        text["how"].format(
            batch=slow.batch,
            steps=slow.steps,
            epochs=paper.EPOCHS,
            pictures=paper.IMAGES,
        )
    )

"""More weights: what there is to be fetched, by one button, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import streamlit as st

from model import weights
from model.weights import WeightSet, downloads
from model.weights.downloads import Status
from model.weights.transport import megabytes
from ui.kit import state, words
from ui.session import permissions

TICK_S = 1.0  # between two looks at a download


def more_weights() -> None:
    """The sets that are not here yet, folded away; nothing if all are.

    Who may not fetch is offered nothing, and told who may.
    """
    absent = {
        weight_set.name: downloads.status(weight_set.name).state
        for weight_set in downloads.fetchable()
        if not weight_set.here
    }
    if not absent:
        return
    text = words.page("weights")
    if not permissions.may_fetch():
        st.caption(text["instructor_only"])
        return
    box = st.expander(
        text["more"], icon=":material/download:", key="more weights", on_change="rerun"
    )
    if not box.open:  # few open it, and all would wait for it
        return
    with box:
        st.markdown(text["more_say"])
        # Only while something comes is there something to look at again.
        if "coming" in absent.values():
            st.fragment(_look_again, run_every=TICK_S)(absent)
        else:
            _sets(absent)


def offer(name: str) -> None:
    """One line for who may fetch: a set that is not here, and a button to fetch it.

    "No, thanks" is remembered for all visitors; the set stays under `more_weights`.
    """
    if not downloads.is_offered(name) or not permissions.may_fetch():
        return
    state_now = downloads.status(name).state
    tick = TICK_S if state_now == "coming" else None
    with st.container(key="offer"):
        st.fragment(_offer, run_every=tick)(name, state_now)


def _offer(name: str, drawn: str) -> None:
    text, weight_set = words.page("weights").table("offer"), weights.get(name)
    status = downloads.status(name)
    if status.state != drawn or not permissions.may_fetch():
        state.rerun()
    if status.state == "coming":
        share = min(1.0, status.done / status.total)
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.progress(share, text=how_far(status))
            label = words.page("weights")["stop"]
            if st.button(label, key="offer_stop", icon=":material/stop:"):
                downloads.stop(name)
        return
    size = words.figures(megabytes(status.total))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        say = text["say"].format(classes=f"{weight_set.spec.classes:,}")
        st.markdown(f":small[{say}]", width="content")
        label = text["fetch"].format(size=size)
        if st.button(label, key="offer_fetch", icon=":material/download:"):
            downloads.start(name)
            state.rerun()
        if st.button(text["decline"], key="offer_decline", type="tertiary"):
            downloads.decline(name)
            state.rerun()
    if status.state == "failed":
        st.error(status.why, icon=":material/cloud_off:")


def _look_again(drawn: Mapping[str, str]) -> None:
    if not permissions.may_fetch():  # signed out since the page was drawn
        state.rerun()
    _sets(drawn)


def _sets(drawn: Mapping[str, str]) -> None:
    """Every absent set.

    Args:
        drawn: the state of each when the page was drawn; once one differs the page is
            redrawn, with the choices there are now.
    """
    for weight_set in downloads.fetchable():
        if weight_set.name not in drawn:
            continue
        status = downloads.status(weight_set.name)
        if status.state != drawn[weight_set.name]:
            state.rerun()
        with st.container(border=True):
            _set(weight_set, status)


def _set(weight_set: WeightSet, status: Status) -> None:
    text = words.page("weights")
    size = megabytes(status.total)
    st.markdown(text["set"].format(title=weight_set.title, about=weight_set.about))
    st.caption(
        text["terms"].format(
            source=weight_set.source, licence=weight_set.licence, size=size
        )
    )
    if status.state == "coming":
        share = min(1.0, status.done / status.total)
        st.progress(share, text=how_far(status))
        if st.button(
            text["stop"], key=f"stop_{weight_set.name}", icon=":material/stop:"
        ):
            downloads.stop(weight_set.name)
        return
    if status.state == "failed":
        st.error(status.why, icon=":material/cloud_off:")
    label = text["fetch"].format(size=size)
    if status.done:
        st.caption(text["begun"].format(done=megabytes(status.done), total=size))
        label = text["resume"]
    elif status.state == "failed":
        label = text["again"]
    if st.button(label, key=f"fetch_{weight_set.name}", icon=":material/download:"):
        downloads.start(weight_set.name)
        state.rerun()
    if weight_set.download is not None:
        st.caption(
            text["by_hand"].format(
                address=weight_set.download.url, name=weight_set.name
            )
        )


def how_far(status: Status) -> str:
    text = words.page("weights")
    left = ""
    if status.seconds_left is not None:
        unit = "seconds" if status.seconds_left < 90 else "minutes"
        count = ceil(status.seconds_left / (1 if unit == "seconds" else 60))
        left = text[f"{unit}_left"].format(count=count)
    return text["coming"].format(
        done=megabytes(status.done), total=megabytes(status.total), left=left
    )

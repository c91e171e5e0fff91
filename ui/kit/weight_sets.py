"""More weights: what there is to be fetched, by one button, and how far it is."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil

import streamlit as st

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
    with st.expander(text["more"], icon=":material/download:"):
        st.markdown(text["more_say"])
        # Only while something comes is there something to look at again.
        tick = TICK_S if "coming" in absent.values() else None
        st.fragment(_sets, run_every=tick)(absent)


def _sets(drawn: Mapping[str, str]) -> None:
    """Every absent set.

    Args:
        drawn: the state of each when the page was drawn; once one differs the page is
            redrawn, with the choices there are now.
    """
    if not permissions.may_fetch():  # signed out since the page was drawn
        state.rerun()
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

"""What the home page shows: a picture, what conv1 sees, and soon what it is."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from model import runtime, weights
from ui import cache, script, state, widgets, words
from ui.picture import Chosen

ROW = weights.get(weights.DEFAULT)


def picture(chosen: Chosen) -> None:
    """The picture as the network receives it, and what to look for."""
    text = words.page("home")
    st.image(
        cache.received_photo(chosen.picture, ROW.spec), width="stretch", alt=chosen.alt
    )
    st.caption(
        text["picture"].format(
            title=escape_markdown(chosen.title),
            size=ROW.spec.input_size,
            detail=ROW.spec.pixels.detail,
        )
    )
    if chosen.say:
        st.markdown(chosen.say)


def first_maps(chosen: Chosen) -> None:
    """conv1's maps, computed without TensorFlow: they are there at once."""
    text = words.page("home")
    drawn, png, alt = cache.first_maps(ROW.name, chosen.picture)

    def picked(unit: int) -> None:
        state.LAYER.set("conv1")
        state.UNIT.set(unit)
        state.UNIT_OF.set("conv1")
        widgets.picked()
        state.GO.set("feature_maps")

    widgets.mosaic(
        drawn,
        png,
        key="home_maps",
        selected=None,
        alt=alt,
        label=text["maps_label"],
        tip=text["maps_tip"],
        facts=[],
        on_pick=picked,
        hint=text["maps_hint"].format(count=len(drawn.order), label=ROW.label),
    )
    if state.GO.get():
        state.GO.set("")
        st.switch_page(
            script("feature_maps"),
            query_params={
                state.LAYER.name: state.LAYER.get(),
                state.UNIT.name: str(state.UNIT.get()),
                state.PICTURE.name: state.PICTURE.get(),
            },
        )


def prediction(chosen: Chosen) -> None:
    """What the network thinks it is, as soon as the network is loaded."""
    if runtime.settled():
        _prediction(chosen)
    else:
        _waiting()


def _prediction(chosen: Chosen) -> None:
    text = words.page("home")
    answer = cache.answer(ROW.name, cache.activations(ROW.name, chosen.picture))
    names = [weights.class_names(ROW.name)[number] for number in answer.classes]
    st.markdown(
        text["doubt" if answer.doubted else "prediction"].format(
            name=names[0],
            share=f"{answer.shares[0]:.1%}",
            second=names[1],
            third=names[2],
            classes=ROW.spec.classes,
        )
    )


@st.fragment(run_every=1)
def _waiting() -> None:
    text = words.page("home")
    if runtime.settled():
        state.rerun()
    st.markdown(text["loading"])

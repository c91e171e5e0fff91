"""What the home page shows: a picture, what conv1 sees, and soon what it is."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from model import runtime, weights
from ui import script
from ui.kit import cache, state, widgets, words
from ui.kit.components import mosaic
from ui.kit.picture import Chosen

WEIGHT_SET = weights.get(weights.DEFAULT)
WORTH_NAMING = 0.1  # probability of a class that is not the first


def picture(chosen: Chosen) -> None:
    """The picture as the network receives it, and what to look for."""
    text = words.page("home")
    st.image(
        cache.received_photo(chosen.picture, WEIGHT_SET.spec),
        width="stretch",
        alt=chosen.alt,
    )
    st.caption(
        text["picture"].format(
            title=escape_markdown(chosen.title),
            size=WEIGHT_SET.spec.input_size,
            detail=WEIGHT_SET.spec.pixels.detail,
        )
    )
    if chosen.description:
        st.markdown(chosen.description)


def first_maps(chosen: Chosen) -> None:
    """conv1's maps, computed without TensorFlow: they are there at once."""
    text = words.page("home")
    drawn, png, alt, shares = cache.first_maps(WEIGHT_SET.name, chosen.picture)

    def picked(unit: int) -> None:
        state.LAYER.set("conv1")
        state.UNIT.set(unit)
        widgets.picked()
        state.GO.set("feature_maps")

    mosaic.mosaic(
        png,
        mosaic.Tiles.of(drawn),
        mosaic.MosaicTexts(
            alt=alt,
            label=text["maps_label"],
            tip=text["maps_tip"],
            hint=text["maps_hint"].format(
                count=len(drawn.order), label=WEIGHT_SET.label
            ),
            values=[shares],
        ),
        key="home_maps",
        selected=None,
        on_pick=picked,
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
    if runtime.loading_is_over():
        _prediction(chosen)
    else:
        _waiting()


def _prediction(chosen: Chosen) -> None:
    text = words.page("home")
    answer = cache.prediction(
        WEIGHT_SET.name, cache.activations(WEIGHT_SET.name, chosen.picture)
    )
    names = [
        text["class"].format(
            name=weights.class_names(WEIGHT_SET.name)[number], share=f"{share:.1%}"
        )
        for number, share in zip(answer.classes, answer.probabilities, strict=True)
    ]
    next_ones = [
        one
        for one, share in zip(names[1:], answer.probabilities[1:], strict=True)
        if share >= WORTH_NAMING
    ]
    sentence = text["doubt" if answer.doubted else "prediction"].format(
        first=names[0], classes=WEIGHT_SET.spec.classes
    )
    if next_ones:
        sentence += " " + text["next"].format(classes=", ".join(next_ones))
    st.markdown(sentence)


@st.fragment(run_every=1)
def _waiting() -> None:
    text = words.page("home")
    if runtime.loading_is_over():
        state.rerun()
    st.markdown(text["loading"])

"""How one activation came about, step by step: the sum behind a number."""

from __future__ import annotations

import streamlit as st

from model import weights
from ui.kit import state, widgets, words
from ui.kit.components import arithmetic
from ui.kit.network import activation_routes
from ui.kit.picture import Chosen


def panel(weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int) -> None:
    """The arithmetic of a unit, once it is asked for: it takes about a megabyte.

    Args:
        layer: whose unit is opened first; "input" opens the first layer.
    """
    text = words.page("feature_maps").table("arithmetic")
    st.header(text["title"], anchor=False)
    st.markdown(text["lead"])
    if not state.ARITHMETIC.get():
        st.button(
            text["show"],
            icon=":material/calculate:",
            on_click=state.ARITHMETIC.set,
            args=(1,),
        )
        return
    spec = weight_set.spec
    names = list(words.page("filters").table("channels").values())
    if spec.pixels.order == "BGR":
        names.reverse()
    arithmetic.arithmetic(
        key="arithmetic",
        addresses=arithmetic.Addresses(
            activation_routes.activations_address(weight_set.name, chosen.picture),
            activation_routes.kernels_address(weight_set.name),
        ),
        layer=layer,
        unit=unit,
        position=_position(f"{layer}.{unit}"),
        alt=chosen.alt,
        channels=names if spec.channels == len(names) else [text["grey"]],
        texts=text.table("component"),
        language=words.language(),
    )
    st.caption(text["made_by"].format(label=widgets.label(weight_set)))


def _position(unit: str) -> str:
    """What the address names, until the page shows another unit than with it."""
    position = state.POSITION.get()
    named, _, beside = state.POSITION_OF.get().partition(" ")
    if named == position and beside not in ("", unit):
        state.POSITION.set("")
    state.POSITION_OF.set(f"{state.POSITION.get()} {unit}")
    return state.POSITION.get()

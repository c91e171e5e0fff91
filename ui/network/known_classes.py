"""Which things a network knows: its classes, to be searched where one is missed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.escape import escape_markdown
from model import weights
from model.weights import WeightSet
from ui.kit import state, words

LONGEST = 60  # letters of a name that is typed


def panel(
    weight_set: WeightSet, probabilities: NDArray[np.floating[Any]], *, is_open: bool
) -> None:
    """The classes, to be searched; how probable the one that is found is here.

    Args:
        probabilities: of the classes, for the picture shown, (classes,).
        is_open: whether it is unfolded at first.
    """
    text = words.page("weights").table("known")
    names = weights.class_names(weight_set.name)
    count = f"{len(names):,}"
    with st.expander(
        text["title"].format(count=count),
        expanded=is_open,
        icon=":material/manage_search:",
    ):
        st.markdown(text["say"].format(count=count))
        sought: str | None = st.selectbox(
            text["search"].format(count=count),
            sorted(names, key=str.lower),
            index=None,
            placeholder=text["placeholder"],
            accept_new_options=True,
            key=state.SOUGHT.name,
        )
        if sought:
            st.markdown(answer(sought, names, probabilities))


def answer(
    sought: str, names: tuple[str, ...], probabilities: NDArray[np.floating[Any]]
) -> str:
    """Whether a name is one of the classes; if so, how probable and at which rank."""
    text = words.page("weights").table("known")
    known = {name.lower(): number for number, name in enumerate(names)}
    number = known.get(sought.strip().lower())
    count = f"{len(names):,}"
    if number is None:
        name = escape_markdown(sought.strip()[:LONGEST])
        return text["is_not"].format(name=name, count=count)
    share = float(probabilities[number])
    rank = int((probabilities > share).sum()) + 1
    return text["is_known"].format(
        name=names[number], share=f"{share:.1%}", rank=f"{rank:,}", count=count
    )

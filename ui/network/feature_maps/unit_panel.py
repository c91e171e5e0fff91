"""One map or unit: large, in numbers, with what excites it most; pinned on a phone."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from model import weights
from model.analysis import map_statistics
from ui.kit import cache, state, widgets, words
from ui.kit.picture import Chosen
from ui.network.feature_maps import favourites, patches
from viz.mosaic import Scale, encode_indices, to_indices


def unit_number(weight_set: weights.WeightSet, name: str, values: Any) -> int:
    """The map or unit looked at: the one that is pinned, else the layer's first.

    The last layer opens with the class that the network thinks it is.
    """
    count = values.shape[-1]
    if state.UNIT.get() >= count:
        state.UNIT.set(state.UNIT.default)
    is_last = name == weight_set.spec.layers[-1].name
    opening = int(values.argmax()) if is_last else 0
    return state.UNIT.get() if state.UNIT.get() >= 0 else opening


def is_pinned() -> bool:
    """Whether the visitor, or the address, has chosen the unit that is shown."""
    return state.UNIT.get() >= 0


def panel(
    weight_set: weights.WeightSet, chosen: Chosen, name: str, number: int, scale: Scale
) -> None:
    """A unit, as bright as in the mosaic. On a phone it is a sheet, once pinned."""
    text = words.page("feature_maps")
    values = cache.layer(weight_set.name, chosen.picture, name)
    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="unit_number_row"
    ):
        label = text["unit"].format(last=f"{values.shape[-1] - 1:,}")
        state.UNIT_NUMBER.keep_valid(number)
        widgets.number(
            state.UNIT_NUMBER,
            label,
            values.shape[-1],
            lambda: state.UNIT.set(state.UNIT_NUMBER.get()),
        )
        if is_pinned():
            st.button(
                text["close"],
                icon=":material/close:",
                key="unpin",
                on_click=state.UNIT.set,
                args=(state.UNIT.default,),
            )
    if values.ndim == 1:
        _dense_unit(weight_set, name, number, values)
    else:
        _map(weight_set, chosen, name, number, scale)
    patches.panel(weight_set, name, number)


def _map(
    weight_set: weights.WeightSet, chosen: Chosen, name: str, number: int, scale: Scale
) -> None:
    text = words.page("feature_maps")
    values = cache.layer(weight_set.name, chosen.picture, name)
    one = values[:, :, number]
    facts = map_statistics.of_map(one)
    full = float(cache.layer_tops(weight_set.name, chosen.picture, name, scale)[number])
    indices = to_indices(one[:, :, None], "best", np.array([full]))[:, :, 0]
    with st.container(key="unit_images"):
        with st.container():
            st.image(
                encode_indices(
                    indices,
                    "diverging" if one.min() < 0 else "viridis",
                    enlarge=max(1, 448 // one.shape[0]),
                ),
                width="stretch",
                alt=map_statistics.describe_map(name, number, one, words.described()),
            )
            st.caption(text["alone"].format(height=one.shape[0], width=one.shape[1]))
        favourites.image(weight_set, name, number)
    st.markdown(_facts(weight_set, name, number, values, facts))
    favourites.explained(weight_set, name, number)
    st.download_button(
        text["map_csv"],
        lambda: map_statistics.map_csv(one),
        f"{name}-map-{number}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _facts(
    weight_set: weights.WeightSet,
    name: str,
    number: int,
    values: Any,
    facts: map_statistics.MapStatistics,
) -> str:
    """The map in numbers."""
    text = words.page("feature_maps")
    if facts.largest <= 0:
        silent = int((values.max(axis=(0, 1)) <= 0).sum())
        return text["facts_silent"].format(zero=silent, count=values.shape[-1])
    where = text["everywhere"]
    if facts.smallest < facts.largest:
        shape = (values.shape[0], values.shape[1])
        place = map_statistics.where(facts.row, facts.column, shape)
        where = words.described()["places"][place]
    line = text["facts"].format(
        largest=f"{facts.largest:.3g}",
        where=where,
        mean=f"{facts.mean:.3g}",
        firing=f"{facts.firing:.0%}",
    )
    known = cache.best_maps(weight_set.name)[name][number]
    if name != "input" and known > 0:
        line += " " + text["of_best"].format(share=f"{facts.largest / known:.0%}")
    return line


def _dense_unit(
    weight_set: weights.WeightSet, name: str, number: int, values: Any
) -> None:
    text = words.page("feature_maps")
    value, count = float(values[number]), f"{len(values):,}"
    rank = int((values > values[number]).sum()) + 1
    is_last = name == weight_set.spec.layers[-1].name
    if value == 0:  # many are, after ReLU: no rank tells them apart
        zero = f"{int((values == 0).sum()):,}"
        st.markdown(text["dense_silent"].format(zero=zero, count=count))
    else:
        description = text["class_facts" if is_last else "dense_facts"]
        shown = f"{value:.2%}" if is_last else f"{value:.3g}"
        st.markdown(description.format(value=shown, rank=rank, count=count))
    if is_last:
        st.markdown(
            text["class_of"].format(name=weights.class_names(weight_set.name)[number])
        )

"""Where in the image a class or a unit comes from, and whether that can be believed."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from model import weights
from model.analysis import saliency
from model.network.specs import Conv, Dense, Spec
from model.pictures import as_received
from ui.kit import cache, state, words
from ui.kit.picture import Chosen
from ui.network.feature_maps import finger
from viz import overlay
from viz.mosaic import encode_indices, encode_rgb, to_indices

RANDOM = "random"  # the weight set that has learned nothing


def page_words() -> words.PageWords:
    """The words of this part of the page."""
    return words.page("feature_maps").table("saliency")


def panel(weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int) -> None:
    """Grad-CAM of a class and the guided gradient of a unit, once they are asked for.

    Args:
        layer: "input" has neither.
    """
    spec = weight_set.spec
    if layer == "input" or not hasattr(spec.layer(layer), "start"):
        return  # a layer without weights has no units of its own
    text = page_words()
    st.header(text["title"], anchor=False)
    if not state.SALIENCY.get():
        st.button(
            text["show"],
            icon=":material/center_focus_strong:",
            on_click=state.SALIENCY.set,
            args=(1,),
        )
        return
    st.markdown(text["about"])
    left, right = st.columns(2, gap="large")
    with left:
        _grad_cam(weight_set, chosen, layer, unit)
    with right:
        _guided(weight_set, chosen, layer, unit)
    finger.panel(weight_set, chosen, layer, unit)


def _grad_cam(
    weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int
) -> None:
    text, spec = page_words(), weight_set.spec
    *_, conv = spec.convolutions()
    last = spec.layers[-1].name
    values = cache.layer(weight_set.name, chosen.picture, last)
    number = unit if layer == last else int(values.argmax())
    name = weights.class_names(weight_set.name)[number]
    found = cache.grad_cam(weight_set.name, chosen.picture, number)
    if not found.any():
        st.markdown(text["grad_cam_none"].format(name=name, layer=conv.name))
        return
    st.image(
        encode_rgb(overlay.over(as_received(chosen.picture, spec), found)),
        width="stretch",
        alt=text["grad_cam_alt"].format(name=name, layer=conv.name),
    )
    half = f"{saliency.half_of(found):.0%}"
    st.markdown(text["grad_cam"].format(name=name, layer=conv.name, half=half))
    if (random := _untrained(weight_set)) is not None:
        classes = random.spec.classes
        other = cache.grad_cam(random.name, chosen.picture, number % classes)
        st.caption(check(found, other))


def _guided(
    weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int
) -> None:
    text = page_words()
    found = cache.guided_gradient(weight_set.name, chosen.picture, layer, unit)
    if not found.any():
        st.markdown(text["guided_none"].format(unit=unit, layer=layer))
        return
    # A few pixels are far brighter than the rest: the brightest hundredth is white.
    top = np.array([float(np.quantile(found, 0.99)) or float(found.max())])
    shown = np.minimum(found, top)[:, :, None]
    st.image(
        encode_indices(to_indices(shown, "best", top)[:, :, 0], "viridis", 2),
        width="stretch",
        alt=text["guided_alt"].format(unit=unit, layer=layer),
    )
    half = f"{saliency.half_of(found):.0%}"
    form = (
        "guided" if isinstance(weight_set.spec.layer(layer), Conv) else "guided_dense"
    )
    st.markdown(text[form].format(unit=unit, layer=layer, half=half))
    random = _untrained(weight_set)
    if random is not None and unit < _units(random.spec, layer):
        other = cache.guided_gradient(random.name, chosen.picture, layer, unit)
        st.caption(check(found, other))


def _units(spec: Spec, layer: str) -> int:
    """Units of a layer with weights."""
    found: Any = spec.layer(layer)
    return int(found.units if isinstance(found, Dense) else found.filters)


def _untrained(weight_set: weights.WeightSet) -> weights.WeightSet | None:
    """Random weights of the same layers; None: there are none, or these are they."""
    random = weights.get(RANDOM)
    if weight_set.name == RANDOM:
        return None
    names = [[x.name for x in one.spec.layers] for one in (weight_set, random)]
    same = names[0] == names[1]
    return (
        random
        if same and random.spec.input_size == weight_set.spec.input_size
        else None
    )


def check(found: NDArray[Any], random: NDArray[Any]) -> str:
    """What the same method's map for random weights says of a map."""
    correlation = saliency.rank_correlation(found, random)
    form = "alike" if correlation > saliency.ALIKE else "differs"
    return page_words()[form].format(correlation=f"{correlation:.2f}".replace("-", "−"))

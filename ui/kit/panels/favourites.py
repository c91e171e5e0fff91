"""The image that excites a unit most, and how it compares with photographs."""

from __future__ import annotations

import streamlit as st

from model import weights
from model.analysis import favourite_images
from ui.kit import cache, words
from viz.mosaic import encode_rgb

SHOWN = 235  # pixels a side, at least


def panel(weight_set: weights.WeightSet, layer: str, unit: int) -> None:
    """A convolution unit's favourite; nothing where none was made."""
    made = favourite_images.of(weight_set.name).get(layer)
    if made is None:
        return
    text = words.page("feature_maps").table("favourite")
    image, activation = made.images[unit], float(made.activation[unit])
    best = float(cache.best_maps(weight_set.name)[layer][unit])
    st.subheader(text["title"], anchor=False)
    enlarge = -(-SHOWN // image.shape[0])
    st.image(
        encode_rgb(image.repeat(enlarge, axis=0).repeat(enlarge, axis=1)),
        alt=text["alt"].format(layer=layer, unit=unit),
    )
    st.caption(sentence(activation, best))


def sentence(activation: float, best: float) -> str:
    """How the image compares with the largest activation on the photographs.

    Args:
        activation: pre-activation of the unit on its image.
        best: 0 where no photograph excites it.
    """
    text = words.page("feature_maps").table("favourite")
    if activation <= 0:
        form = "fails"
    elif best <= 0:
        form = "alone"
    else:
        form = "more" if activation > best else "less"
    return text[form].format(
        value=f"{activation:.3g}",
        best=f"{best:.3g}",
        ratio=f"{activation / best:.1f}" if best > 0 else "–",
    )

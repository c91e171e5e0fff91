"""What excites a unit most: an image made for it, and photographs."""

from __future__ import annotations

import streamlit as st

from model import weights
from model.analysis import favourite_images, patches
from ui.kit import cache, words
from viz.mosaic import encode_rgb

SHOWN = 235  # pixels a side, at least


def image(weight_set: weights.WeightSet, layer: str, unit: int) -> None:
    """A convolution unit's favourite; nothing where none was made."""
    made = favourite_images.of(weight_set.name).get(layer)
    if made is None:
        return
    text = words.page("feature_maps").table("favourite")
    pixels = made.images[unit]
    enlarge = -(-SHOWN // pixels.shape[0])
    with st.container():
        st.image(
            encode_rgb(pixels.repeat(enlarge, axis=0).repeat(enlarge, axis=1)),
            width="stretch",
            alt=text["alt"].format(layer=layer, unit=unit),
        )
        st.caption(text["title"])


def explained(weight_set: weights.WeightSet, layer: str, unit: int) -> None:
    """How the favourite was made, and how it compares with photographs."""
    made = favourite_images.of(weight_set.name).get(layer)
    if made is None:
        return
    found = patches.shipped(weight_set.name)
    known = found.best(layer) if found else cache.best_maps(weight_set.name)[layer]
    st.caption(sentence(float(made.activation[unit]), float(known[unit])))


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


def compared(weight_set: weights.WeightSet) -> None:
    """Of how many units the favourite excites them more than any photograph."""
    found = patches.shipped(weight_set.name)
    made = favourite_images.of(weight_set.name)
    if found is None or not made:
        return
    text = words.page("feature_maps").table("favourite")
    rows = patches.compare({name: x.activation for name, x in made.items()}, found)
    lines = []
    for one in sorted(rows, key=lambda x: x.layer):
        share = f"{one.more / one.units:.0%}"
        line = text["layer"].format(
            layer=one.layer, more=one.more, units=one.units, share=share
        )
        if one.less:
            units = ", ".join(map(str, one.less))
            line = f"{line} {text['less_units'].format(units=units)}"
        lines.append(line)
    with st.expander(text["compared"].format(count=len(found.names))):
        st.markdown("\n\n".join(lines))

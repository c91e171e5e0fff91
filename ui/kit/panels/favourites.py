"""What excites a unit most: an image made for it, and photographs."""

from __future__ import annotations

import streamlit as st

from model import weights
from model.analysis import favourite_images, patches
from ui.kit import cache, words
from ui.kit.panels import patches as unit_patches
from viz.mosaic import encode_rgb

SHOWN = 235  # pixels a side, at least


def panel(weight_set: weights.WeightSet, layer: str, unit: int) -> None:
    """A convolution unit's favourite, and the photographs that excite it most."""
    if made := favourite_images.of(weight_set.name).get(layer):
        _favourite(weight_set, made, layer, unit)
    unit_patches.panel(weight_set, layer, unit)


def _favourite(
    weight_set: weights.WeightSet,
    made: favourite_images.Favourites,
    layer: str,
    unit: int,
) -> None:
    text = words.page("feature_maps").table("favourite")
    image, activation = made.images[unit], float(made.activation[unit])
    found = patches.shipped(weight_set.name)
    known = found.best(layer) if found else cache.best_maps(weight_set.name)[layer]
    best = float(known[unit])
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


def compared(weight_set: weights.WeightSet) -> None:
    """Of how many units the favourite excites them more than any photograph."""
    found = patches.shipped(weight_set.name)
    made = favourite_images.of(weight_set.name)
    if found is None or not made:
        return
    text = words.page("feature_maps").table("favourite")
    rows = patches.compare({name: x.activation for name, x in made.items()}, found)
    with st.expander(text["compared"].format(count=len(found.names))):
        for one in sorted(rows, key=lambda x: x.layer):
            lines = [
                text["layer"].format(
                    layer=one.layer,
                    more=one.more,
                    units=one.units,
                    share=f"{one.more / one.units:.0%}",
                )
            ]
            if one.less:
                units = ", ".join(map(str, one.less))
                lines.append(text["less_units"].format(units=units))
            st.markdown(" ".join(lines))

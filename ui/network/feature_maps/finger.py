"""Cover it with your finger: a grey square, and what the network predicts then."""

from __future__ import annotations

import streamlit as st

from model import weights
from model.analysis import occlusion
from model.pictures import as_received
from ui.kit import cache, words
from ui.kit.components import finger
from ui.kit.picture import Chosen
from ui.network.feature_maps import occlusion_routes
from viz.mosaic import encode_photo


def page_words() -> words.PageWords:
    """The words of this part of the page."""
    return words.page("feature_maps").table("finger")


def panel(weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int) -> None:
    """The picture and the square. What is watched is a class.

    Args:
        layer: of the last one, `unit` is the class; else it is the predicted one.
    """
    spec, text = weight_set.spec, page_words()
    last = spec.layers[-1].name
    shares = cache.layer(weight_set.name, chosen.picture, last)
    number = unit if layer == last else int(shares.argmax())
    names = weights.class_names(weight_set.name)
    st.subheader(text["title"], anchor=False)
    st.markdown(text["about"].format(name=names[number]))
    order = shares.argsort()[::-1][: occlusion_routes.TOP].tolist()
    mean = spec.pixels.mean
    red, green, blue = (round(x) for x in (mean if len(mean) == 3 else 3 * mean))
    finger.finger(
        encode_photo(as_received(chosen.picture, spec)),
        finger.Prediction(
            names[number],
            float(shares[number]),
            [(names[i], float(shares[i])) for i in order],
        ),
        finger.Square(
            spec.input_size,
            side=8 * round(spec.input_size / 32),
            least=occlusion.LEAST,
            grey=(red, green, blue),
            chunk=occlusion.CHUNK,
        ),
        key="finger",
        address=occlusion_routes.address(weight_set.name, chosen.picture, number),
        texts=text.table("component"),
        language=words.language(),
    )
    if found := check_sentence(weight_set.name):
        st.caption(found)


def check_sentence(set_name: str) -> str:
    """The three kinds of map in the order of the check against random weights.

    Empty where a set was not checked.
    """
    found = occlusion.check(set_name)
    if found is None:
        return ""
    text = page_words()
    kinds = sorted(found, key=lambda kind: found[kind]["mean"])
    entries = [
        text["kind"].format(
            kind=text.table("kinds")[kind],
            mean=f"{found[kind]['mean']:.2f}".replace("-", "−"),
        )
        for kind in kinds
    ]
    return text["check"].format(count=occlusion.PHOTOGRAPHS, kinds=", ".join(entries))

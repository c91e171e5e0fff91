"""Calculators of output sizes, pooling and local response normalisation."""

from __future__ import annotations

import streamlit as st

from model.network import shapes
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    SIMPLIFIED,
    TORCHVISION,
    Normalise,
    Pool,
    Spec,
)
from ui.kit import words
from ui.kit.components import calculators
from ui.kit.components.calculators import Window

PLAIN = Pool("plain", 2, 2)  # windows that do not overlap
ROW = (1, 4, 2, 7, 3, 0, 5, 6, 2)  # of pooling, at first
NEIGHBOURS = (20, 80, 60, 10, 40)  # activations, at first
MOST = 200


def text() -> words.PageWords:
    """The words of the calculators."""
    return words.page("architecture").table("calculators")


def _first(spec: Spec, label: str) -> Window:
    conv = next(spec.convolutions())
    padding = shapes.edges(conv, spec.input_size)[0]
    return Window(label, spec.input_size, conv.kernel, conv.stride, padding)


def presets() -> list[Window]:
    """Windows of the networks that the app knows."""
    names = text().table("presets")
    pool = next(x for x in SIMPLIFIED.layers if isinstance(x, Pool))
    side = shapes.layer_info(SIMPLIFIED, "conv1").output[0]
    return [
        _first(SIMPLIFIED, names["simplified"]),
        _first(ORIGINAL, names["original"]),
        _first(TORCHVISION, names["torchvision"]),
        Window(names["pool"], side, pool.size, pool.stride),
        Window(names["plain"], side, PLAIN.size, PLAIN.stride),
    ]


def _of(spec: Spec) -> Normalise:
    return next(x for x in spec.layers if isinstance(x, Normalise))


def panel() -> None:
    """All three; each answers in the browser."""
    found, language = text(), words.language()
    st.header(found["title"], anchor="calculators")
    st.markdown(found["lead"])
    size = found.table("output_size")
    st.subheader(size["title"], anchor=False)
    st.markdown(size["about"])
    calculators.output_size(
        presets(), size.table("component"), language, key="output_size"
    )
    pooling = found.table("pooling")
    overlapping = next(x for x in ORIGINAL.layers if isinstance(x, Pool))
    st.subheader(pooling["title"], anchor=False)
    st.markdown(pooling["about"].format(size=overlapping.size, step=overlapping.stride))
    label = pooling["window"]
    calculators.pooling(
        ROW,
        [
            Window(label.format(size=x.size, step=x.stride), len(ROW), x.size, x.stride)
            for x in (overlapping, PLAIN)
        ],
        pooling.table("component"),
        language,
        key="pooling_rows",
    )
    normalisation = found.table("normalisation")
    paper, code = _of(ORIGINAL), _of(AUTHORS)
    st.subheader(normalisation["title"], anchor=False)
    st.markdown(
        normalisation["about"].format(
            n=paper.n, k=f"{paper.k:g}", beta=paper.beta, alpha=f"{paper.alpha:.4f}"
        )
    )
    calculators.normalisation(
        NEIGHBOURS,
        MOST,
        {normalisation["paper"]: paper, normalisation["code"]: code},
        normalisation.table("component"),
        language,
        key="normalisation_sliders",
    )

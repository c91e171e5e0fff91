"""The network at work: its guess, its switches, the flow, its layers and code."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import streamlit as st

from classroom.content import numbers
from classroom.escape import escape_markdown
from model import weights
from model.analysis import keras_code as code
from model.analysis import map_statistics
from model.analysis.convolve import convolve, windows
from model.analysis.lesson_steps import slopes
from model.network import shapes
from model.network.specs import SIMPLIFIED, Conv, Dense, Dropout, Pool, Spec
from model.pictures import Picture, to_input
from ui.kit import cache, picture, state, widgets, words
from ui.kit.network import architecture, feature_maps
from ui.kit.picture import Chosen
from ui.lesson.live.parts import (
    ACTIVATIONS,
    WEIGHT_SET,
    LiveText,
    MapImage,
    first_name,
    kind_of,
    last_name,
    map_image,
)
from viz.mosaic import encode_indices


def guess(text: LiveText) -> None:
    """The visitor's picture and the five likeliest names."""
    chosen = picture.choose()
    answers = feature_maps.activations(WEIGHT_SET, chosen)
    left, right = st.columns(2, gap="medium")
    left.image(
        cache.received_photo(chosen.picture, WEIGHT_SET.spec),
        width="stretch",
        alt=chosen.alt,
    )
    with right:
        st.markdown(f"**{text('prediction')}**")
        answer = cache.prediction(WEIGHT_SET.name, answers)
        for number, share in zip(answer.classes, answer.probabilities, strict=True):
            name = weights.class_names(WEIGHT_SET.name)[number]
            st.progress(share, text=f"{name} · {text.number(share, '.1%')}")
    st.caption(widgets.accuracy(WEIGHT_SET))


def switched(convs: bool, rectified: bool, largest: bool, dropout: bool) -> Spec:
    """The lesson's network with some of the four differences taken back."""
    spec = SIMPLIFIED if convs else numbers.shallow(SIMPLIFIED)
    layers = []
    for layer in spec.layers:
        if isinstance(layer, Dropout) and not dropout:
            continue
        if isinstance(layer, Conv | Dense) and layer.activation == "relu":
            layer = replace(layer, activation="relu" if rectified else "tanh")
        if isinstance(layer, Pool):
            layer = replace(layer, kind="max" if largest else "average")
        layers.append(layer)
    return replace(spec, layers=tuple(layers))


def switches(text: LiveText) -> None:
    """Four switches; size, code and the first layer's answer change with them."""
    keys = (
        (state.SWITCH_CONVS, "convs"),
        (state.SWITCH_RELU, "relu"),
        (state.SWITCH_MAX, "max"),
        (state.SWITCH_DROPOUT, "dropout"),
    )
    with st.container(horizontal=True, gap="large"):
        for key, name in keys:
            key.keep_valid()
            st.toggle(text(name), **key.widget)
    spec = switched(*(key.get() for key, _ in keys))
    left, right = st.columns([3, 2], gap="large")
    with left:
        _sums(spec, text)
        on = "dropout_on" if state.SWITCH_DROPOUT.get() else "dropout_off"
        st.markdown(text(on))
        chosen = picture.choose()
    with right:
        _first_answer(spec, chosen, text)
    st.caption(text("weights", label=widgets.label(WEIGHT_SET)))
    if not text.presented:
        st.code(code.source(spec))


def _sums(spec: Spec, text: LiveText) -> None:
    ours, all_on = shapes.totals(spec), shapes.totals(SIMPLIFIED)
    for column, name in zip(st.columns(2), ("parameters", "macs"), strict=True):
        value, before = getattr(ours, name), getattr(all_on, name)
        more = value - before
        column.metric(
            text(name),
            text.number(value),
            text.number(more, "+,d").replace("-", "−") if more else None,
            delta_color="off",
            delta_arrow="off",
            help=text("against") if more else None,
        )


def _first_answer(spec: Spec, chosen: Chosen, text: LiveText) -> None:
    """One first-layer map after the chosen activation and pooling, by numpy."""
    trained, _ = cache.first_layer(WEIGHT_SET.name)
    number = state.FILTER.get() if state.FILTER.get() < trained.shape[3] else 0
    conv = next(spec.convolutions())
    pool = next(layer for layer in spec.layers if isinstance(layer, Pool))
    kind = kind_of(conv)
    pooling = text(f"kind_{pool.kind}")
    about = text("map_alt", activation=dict(ACTIVATIONS)[kind], pooling=pooling)
    small = _pooled(
        chosen.picture, number, conv.stride, kind, pool, about, words.language()
    )
    small.show()
    st.caption(
        text(
            "map",
            number=number,
            title=escape_markdown(chosen.title),
            activation=dict(ACTIVATIONS)[kind],
            pooling=pooling,
            side=small.side,
            smallest=text.number(small.smallest, ".2f"),
            largest=text.number(small.largest, ".2f"),
        )
    )


@cache.figure
def _pooled(
    picture: Picture,
    number: int,
    stride: int,
    kind: slopes.Activation,
    pool: Pool,
    about: str,
    language: str,
) -> MapImage:
    """A first-layer filter's sums on a picture, then an activation, then a pooling."""
    trained, bias = cache.first_layer(WEIGHT_SET.name)
    one = slice(number, number + 1)
    x = to_input(picture, WEIGHT_SET.spec)[0]
    sums = convolve(x, trained[..., one], bias[one], stride)  # (54, 54, 1)
    answers = slopes.value(kind, sums)
    patches = windows(answers.astype(np.float32), pool.size, pool.stride)
    shrink = patches.max if pool.kind == "max" else patches.mean
    small = shrink(axis=(2, 3))[:, :, 0]  # (26, 26)
    alt = map_statistics.describe_map(about, number, small, words.described(language))
    return map_image(small, alt)


def flow(text: LiveText) -> None:
    """The picture's way through the layers, one layer at a time."""
    chosen = picture.choose()
    feature_maps.activations(WEIGHT_SET, chosen)
    names = feature_maps.layer_names(WEIGHT_SET.spec)
    name = widgets.choice(state.FLOW, text("layer"), {n: n for n in names})
    values = cache.layer(WEIGHT_SET.name, chosen.picture, name)
    png = _flow_png(chosen.picture, name)
    alt = map_statistics.describe_layer(name, values, words.described())
    left, right = st.columns([1, 3], gap="medium")
    with left:
        st.image(
            cache.received_photo(chosen.picture, WEIGHT_SET.spec),
            width="stretch",
            alt=chosen.alt,
        )
        first, share = first_name(
            cache.layer(WEIGHT_SET.name, chosen.picture, last_name(WEIGHT_SET.spec))
        )
        st.markdown(
            text(
                "prediction",
                title=escape_markdown(chosen.title),
                name=first,
                share=text.number(share, ".1%"),
            )
        )
    with right:
        st.image(png, width="stretch", alt=alt)
        shape = " × ".join(text.number(n) for n in values.shape)
        st.caption(
            text("shape", shape=shape, count=text.number(int(values.size)), alt=alt)
        )
        st.markdown(feature_maps.layer_words(WEIGHT_SET, name)[1])
    st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


@cache.figure
def _flow_png(picture: Picture, layer: str) -> bytes:
    """A layer's maps."""
    drawn, _ = cache.layer_mosaic(WEIGHT_SET.name, picture, layer, "best", "index", 2.2)
    enlarge = max(1, 1000 // drawn.pixels.shape[1])
    return encode_indices(drawn.pixels, drawn.colours, enlarge)


def layers(text: LiveText) -> None:
    """The layer table, and "60 million" counted."""
    architecture.layer_table(SIMPLIFIED, None)
    if not text.presented:
        architecture.sixty_million()


def keras_code(text: LiveText) -> None:
    """The network as code, a layer with its line and its sums."""
    if text.presented:
        architecture.code_beside(SIMPLIFIED)
    else:
        architecture.code_of(SIMPLIFIED)

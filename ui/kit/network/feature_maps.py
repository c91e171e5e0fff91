"""Every layer of a network on one picture: names, activations, what is said of each."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from classroom.content.numbers import decimal
from model import measured, runtime, weights
from model.network import shapes
from model.network.specs import Conv, Dense, Normalise, Pool, Spec
from ui.kit import cache, words
from ui.kit.picture import Chosen

OVERVIEW = "overview"


def layer_names(spec: Spec) -> list[str]:
    """The layers that are stepped through, input to softmax."""
    shown = [
        x.name for x in spec.layers if isinstance(x, Conv | Normalise | Pool | Dense)
    ]
    return ["input", *shown]


def activations(weight_set: weights.WeightSet, chosen: Chosen) -> Any:
    """Every layer's answer to the picture; says so while the network still loads.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    text = words.page("feature_maps")
    ready = runtime.ready(weight_set.name)
    with st.spinner(text["computing" if ready else "loading"], show_time=not ready):
        return cache.activations(weight_set.name, chosen.picture)


def layer_words(weight_set: weights.WeightSet, name: str) -> tuple[str, str]:
    """Title and sentence of a layer, with this network's numbers."""
    text = words.layer(name)
    if name == OVERVIEW:
        return text["title"], text["say"].format(**_overview_numbers(weight_set.spec))
    spec = weight_set.spec
    form = "say"
    if name == "input" and set(spec.pixels.deviation) == {1.0}:
        form = "say_undivided"
    if name == spec.layers[-1].name and measured.evaluation(weight_set.name):
        form = "say_calibrated"
    say = text[form].format(**_layer_numbers(weight_set, name))
    return layer_title(spec, name), say


def layer_title(spec: Spec, name: str) -> str:
    """A layer's name, and the shape of its output."""
    shape = " × ".join(f"{n:,}" for n in shapes.layer_info(spec, name).output)
    return f"{words.layer(name)['title']} · {words.figures(shape)}"


def _overview_numbers(spec: Spec) -> dict[str, object]:
    """How the maps change from the first convolution to the last."""
    names = [conv.name for conv in spec.convolutions()]
    first, last = shapes.layer_info(spec, names[0]), shapes.layer_info(spec, names[-1])
    return {
        "convolutions": len(names),
        "first": first.name,
        "last": last.name,
        "first_side": first.output[0],
        "last_side": last.output[0],
        "first_field": first.field,
        "last_field": last.field,
    }


def _layer_numbers(weight_set: weights.WeightSet, name: str) -> dict[str, object]:
    """All that a layer's sentence may name."""
    spec = weight_set.spec
    rows = shapes.table(spec)
    at = next(i for i, r in enumerate(rows) if r.name == name)
    before = next((r for r in reversed(rows[:at]) if r.kind != "dropout"), rows[0])
    part = None if name == "input" else spec.layer(name)
    neighbours = part.n if isinstance(part, Normalise) else 0
    found = measured.evaluation(weight_set.name)
    channels = list(words.page("filters").table("channels").values())
    if spec.pixels.order == "BGR":
        channels.reverse()
    return {
        "size": spec.input_size,
        "side": rows[at].output[0],
        "side_before": before.output[0],
        "places": rows[at].output[0] ** 2,
        "field": rows[at].field,
        "units": f"{int(np.prod(rows[at].output)):,}",
        "inputs": f"{before.output[-1] // getattr(part, 'groups', 1):,}",
        "parameters": f"{rows[at].parameters:,}",
        "filters": getattr(part, "filters", None),
        "kernel": getattr(part, "kernel", 0),
        "stride": getattr(part, "stride", None),
        "k": getattr(part, "k", None),
        "alpha": decimal(getattr(part, "alpha", 0.0)),
        "beta": getattr(part, "beta", None),
        "neighbours": neighbours,
        "beside": neighbours // 2,
        "temperature": found.temperature if found else 1,
    } | {f"channel_{i}": channel for i, channel in enumerate(channels)}

"""How a layer learns: one image, real numbers; and what a nonlinearity is good for."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model import gate, measured, paper, runtime, weights
from model.analysis.lesson_steps.two_layers import SHOWN
from model.network import dropout
from model.pictures import Picture, samples
from ui.kit import cache, picture, state, widgets, words
from ui.kit.components import one_step, two_layers
from ui.kit.components.one_step import LastLayer
from ui.kit.network import feature_maps
from ui.lesson.live.parts import WEIGHT_SET, LiveText
from viz.palette import SERIES

SURE = 0.9  # a probability above which little is left to learn
CHOICES = 5  # likeliest classes that may be said to be right


def training_steps(text: LiveText) -> None:
    """fc8 learns from the picture alone: each number of its training steps."""
    chosen = picture.choose()
    feature_maps.activations(WEIGHT_SET, chosen)  # waits, and says so
    layer = _last_layer(chosen.picture)
    names = weights.class_names(WEIGHT_SET.name)
    targets, opens = _targets(layer, names)
    one_step.one_step(
        layer,
        {number: names[number] for number in targets},
        opens,
        one_step.Rule(paper.MOMENTUM, paper.DECAY),
        {name: str(value) for name, value in text.words.items()},
        SERIES[widgets.scheme()][0],
        words.language(),
        key="one_step",
    )
    if text.presented:
        return
    found = measured.evaluation(WEIGHT_SET.name)
    temperature = text.number(found.temperature if found else 1.0, "g")
    label = widgets.label(WEIGHT_SET)
    st.caption(text("made_by", label=label, temperature=temperature))


@cache.figure
def _last_layer(picture: Picture) -> LastLayer:
    """What the last layer computes with on a picture."""
    hidden = np.asarray(cache.activations(WEIGHT_SET.name, picture)["fc7"], np.float64)
    network = runtime.network(WEIGHT_SET.name)
    with gate.inference_slot():  # its weights are copied for the moment
        head = dropout.head_of(network.keras, ("fc8",))
    (kernel,), (bias,) = head.kernels, head.biases
    unit = int(hidden.argmax())
    return LastLayer(
        sums=(hidden @ kernel).tolist(),
        biases=bias.astype(np.float64).tolist(),
        square=float(hidden @ hidden),
        unit=unit,
        activation=float(hidden[unit]),
        weights=kernel[unit].astype(np.float64).tolist(),
    )


def _targets(layer: LastLayer, names: tuple[str, ...]) -> tuple[list[int], int]:
    """Classes that may be said to be right, and the one that is at first.

    That is the class which a sample is known to show, or else the likeliest. Where it
    is nearly certain, nothing would be left to learn: then the next one.
    """
    logits = np.array(layer.sums) + layer.biases
    powers = np.exp(logits - logits.max())
    probabilities = powers / powers.sum()
    found = [int(number) for number in np.argsort(-probabilities)[:CHOICES]]
    name = state.PICTURE.get()
    shows = samples.sample(name).shows if name in samples.samples() else ()
    known = [names.index(one) for one in shows if one in names]
    opens = known[0] if known else found[0]
    if probabilities[opens] > SURE:
        opens = next(number for number in found if number != opens)
    return [*found, *(number for number in known if number not in found)], opens


def nonlinearity(text: LiveText) -> None:
    """Two layers with something between them, or nothing."""
    two_layers.two_layers(
        SHOWN,
        {name: str(value) for name, value in text.words.items()},
        SERIES[widgets.scheme()][:2],
        words.language(),
        key="two_layers",
    )
    st.caption(text("honest"))

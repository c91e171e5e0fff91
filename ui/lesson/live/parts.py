"""Parts of the live figures: their texts, tables, images of maps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from classroom.content.lesson import Lesson
from classroom.content.numbers import Number
from model import weights
from model.analysis.lesson_steps import slopes
from model.network.specs import Conv, Spec
from ui.kit.words import PageWords
from viz.mosaic import encode_indices, to_indices

WEIGHT_SET = weights.get(weights.DEFAULT)
ACTIVATIONS: tuple[tuple[slopes.Activation, str], ...] = (
    ("relu", "ReLU"),
    ("tanh", "tanh"),
)


@dataclass(frozen=True)
class LiveText:
    """The texts of what is live in a step, in the lesson's language."""

    lesson: Lesson
    known: Mapping[str, Number]  # the numbers that the texts name
    words: PageWords
    presented: bool = False  # on a projector: only what fits a window
    shown: bool = False  # whether the step's answer is

    def number(self, value: float, form: str = ",d") -> str:
        """A number as the language writes it."""
        return Number(value, form).text(self.lesson.style)

    def filled(self, name: str) -> str:
        """A number that the texts name, as the language writes it."""
        return self.known[name].text(self.lesson.style)

    def __call__(self, name: str, /, **fields: object) -> str:
        """One of the texts, filled in."""
        return self.words[name].format(**fields)


def kind_of(layer: Conv) -> slopes.Activation:
    return "relu" if layer.activation == "relu" else "tanh"


def last_name(spec: Spec) -> str:
    return spec.layers[-1].name


def first_name(probabilities: Any) -> tuple[str, float]:
    """The predicted class, and its probability."""
    best = int(np.argmax(probabilities))
    return weights.class_names(WEIGHT_SET.name)[best], float(probabilities[best])


def table(head: list[str], rows: list[list[str]], alt: str) -> None:
    columns = zip(*rows, strict=True)
    st.table(
        dict(zip(head, (list(c) for c in columns), strict=True)),
        border="horizontal",
        hide_index=True,
        alt=alt,
    )


@dataclass(frozen=True)
class MapImage:
    """A figure, and its text alternative."""

    image: bytes
    alt: str
    side: int  # of the map that was drawn, in values
    smallest: float
    largest: float

    def show(self) -> None:
        """The figure, as wide as there is room."""
        st.image(self.image, width="stretch", alt=self.alt)


def map_image(values: Any, alt: str) -> MapImage:
    """One map in colours: zero dark, or in the middle where something is negative."""
    smallest, largest = float(values.min()), float(values.max())
    png = encode_indices(
        to_indices(values[:, :, None], "map")[:, :, 0],
        "diverging" if smallest < 0 else "viridis",
        enlarge=max(1, 448 // values.shape[0]),
    )
    return MapImage(png, alt, values.shape[0], smallest, largest)

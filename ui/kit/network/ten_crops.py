"""Ten crops of a picture, ten predictions, and their mean."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.escape import escape_markdown
from model import measured, paper, runtime, weights
from model.analysis import crops
from model.pictures import Picture
from ui.kit import cache, widgets, words
from ui.kit.network import feature_maps
from ui.kit.picture import Chosen
from viz.mosaic import encode_photo

CLASSES = 5  # in the table
_STEP = 2  # every second pixel of a crop: a thumbnail of 112
_STYLE = """<style>
ul.ten-crops { list-style: none; margin: 0 !important; padding: 0 !important;
  display: grid; gap: 0.75rem; grid-template-columns: repeat(2, minmax(0, 1fr));
  grid-template-rows: repeat(5, auto); grid-auto-flow: column; }
@media (min-width: 700px) {
  ul.ten-crops { grid-template: repeat(2, auto) / repeat(5, minmax(0, 1fr));
    grid-auto-flow: row; } }
.ten-crops li { margin: 0 !important; padding: 0 !important; font-size: 0.85rem;
  line-height: 1.35; }
.ten-crops img { display: block; width: 100%; max-width: 150px; border-radius: 4px; }
.ten-crops .bar { display: block; height: 6px; margin: 0.25rem 0;
  max-width: 150px; border-radius: 3px; background: #8884; }
.ten-crops .bar i { display: block; height: 100%; border-radius: 3px;
  background: #2E6DB4; }
.ten-crops .other { font-weight: 600; }
</style>"""


@dataclass(frozen=True)
class Vote:
    """Probabilities of the classes for each crop, in the order of `crops.TEN`."""

    each: NDArray[np.floating[Any]]  # (10, classes)

    @property
    def mean(self) -> NDArray[np.floating[Any]]:
        """The mean of the ten, which decides."""
        found: NDArray[np.floating[Any]] = self.each.mean(axis=0)
        return found

    @property
    def centre(self) -> NDArray[np.floating[Any]]:
        """Of the centre crop alone, not mirrored."""
        found: NDArray[np.floating[Any]] = self.each[crops.TEN.index(crops.CENTRE)]
        return found

    @property
    def classes(self) -> list[int]:
        """Those most probable by the mean, with the centre crop's first one."""
        found = np.argsort(-self.mean, kind="stable")[:CLASSES].tolist()
        first = int(self.centre.argmax())
        return found if first in found else [*found[:-1], first]


@cache.figure
def found_of(set_name: str, picture: Picture) -> Vote:
    """What a set predicts for the ten crops of a picture."""
    network = runtime.network(set_name)
    spec = network.weights.spec
    outputs = network.dense(crops.inputs(crops.prepared(picture), spec))
    return Vote(measured.probabilities(set_name, outputs[spec.layers[-1].name]))


@cache.figure
def _thumbnails(picture: Picture) -> list[str]:
    """Addresses of the ten crops, small."""
    pixels = crops.prepared(picture)
    small = (np.ascontiguousarray(x.of(pixels)[::_STEP, ::_STEP]) for x in crops.TEN)
    code = (b64encode(encode_photo(one)).decode() for one in small)
    return [f"data:image/jpeg;base64,{one}" for one in code]


def lead() -> str:
    """What the paper does with ten crops, and what it gained."""
    cnn = paper.TABLE_1[-1]
    return words.page("augmentation")["vote_lead"].format(
        top1=f"{cnn[1]:.1%}",
        top5=f"{cnn[2]:.1%}",
        one_top1=f"{paper.ONE_CROP[0]:.1%}",
        one_top5=f"{paper.ONE_CROP[1]:.1%}",
    )


def vote(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The crops with their predictions, the mean, and what it changes.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken: the shell says why.
    """
    text = words.page("augmentation")
    whole = feature_maps.activations(weight_set, chosen)
    with st.spinner(text["voting"]):
        found = found_of(weight_set.name, chosen.picture)
    last = weight_set.spec.layers[-1].name
    probabilities = measured.probabilities(weight_set.name, whole[last])
    st.markdown(verdict(found, weight_set.name, probabilities))
    st.html(_STYLE + _tiles(found, weight_set.name, chosen))
    names = weights.class_names(weight_set.name)
    rows = found.classes
    shares = {
        "centre": found.centre,
        "mean": found.mean,
        "least": found.each.min(axis=0),
        "most": found.each.max(axis=0),
    }
    head = text.table("columns")
    st.table(
        {head["class"]: [escape_markdown(names[i]) for i in rows]}
        | {
            head[name]: [words.figures(f"{values[i]:.1%}") for i in rows]
            for name, values in shares.items()
        },
        border="horizontal",
        hide_index=True,
    )
    st.caption(text["made_by"].format(label=widgets.label(weight_set)))


def verdict(found: Vote, set_name: str, whole: NDArray[np.floating[Any]]) -> str:
    """Whether the vote changes the predicted class, in words.

    Args:
        whole: probabilities for the whole picture, as other pages show it.
    """
    text, names = words.page("augmentation"), weights.class_names(set_name)
    first, alone, uncut = (int(x.argmax()) for x in (found.mean, found.centre, whole))
    several = len(set(found.each.argmax(axis=1).tolist()))
    said = [
        text["agree" if several == 1 else "differ"].format(count=several),
        text["same" if first == alone else "changed"].format(
            name=escape_markdown(names[first]),
            share=f"{found.mean[first]:.1%}",
            alone=escape_markdown(names[alone]),
            alone_share=f"{found.centre[alone]:.1%}",
        ),
        text["whole"].format(
            name=escape_markdown(names[uncut]), share=f"{whole[uncut]:.1%}"
        ),
    ]
    return " ".join(said)


def _tiles(found: Vote, set_name: str, chosen: Chosen) -> str:
    """The ten crops, each with its predicted class."""
    text, names = words.page("augmentation"), weights.class_names(set_name)
    first, parts = int(found.mean.argmax()), []
    pictures = _thumbnails(chosen.picture)
    for crop, values, picture in zip(crops.TEN, found.each, pictures, strict=True):
        number = int(values.argmax())
        share = words.figures(f"{values[number]:.1%}")
        place = text.table("places")[_place(crop)]
        if crop.mirrored:
            place = text["mirrored"].format(place=place)
        kind = "" if number == first else ' class="other"'
        parts.append(
            f'<li><img src="{picture}" alt="{escape(place)}">{escape(place)}'
            f'<span class="bar"><i style="width: {values[number]:.1%}"></i></span>'
            f"<span{kind}>{escape(names[number])}</span> {share}</li>"
        )
    return f'<ul class="ten-crops">{"".join(parts)}</ul>'


def _place(crop: crops.Crop) -> str:
    if (crop.top, crop.left) == (crops.CENTRE.top, crops.CENTRE.left):
        return "centre"
    return ("bottom" if crop.top else "top") + ("_right" if crop.left else "_left")

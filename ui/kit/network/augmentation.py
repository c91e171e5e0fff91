"""What the page on crops and colour shows."""

from __future__ import annotations

import streamlit as st

from classroom.content import code_2012
from model import paper
from model.analysis import colours, crops
from model.pictures import Picture
from ui.kit import cache, words
from ui.kit.components import augmentation
from ui.kit.picture import Chosen
from viz.mosaic import encode_photo

CROP_CODE = "convdata_jpeg.py:239"  # places in the authors' code
COLOUR_CODE = "convdata_jpeg.py:155-179"


@cache.figure
def _photo(picture: Picture) -> bytes:
    """What crops for training are taken from, as a JPEG."""
    return encode_photo(crops.prepared(picture))


def cut_and_recolour(chosen: Chosen) -> None:
    """The picture, a frame to drag, and the sliders of colour."""
    with st.container(key="crops_room"):  # room is kept for it: index.css
        augmentation.augmentation(
            key="augmentation",
            photo=_photo(chosen.picture),
            alt=chosen.alt,
            colours=colours.components(),
            noise=code_2012.NOISE,
            texts=words.page("augmentation").table("component"),
            language=words.language(),
        )


def _places(text: str) -> str:
    return ", ".join(x.markdown for x in code_2012.places(text))


def sources() -> None:
    """How many crops there are, what the colours are, and where that stands."""
    text, found = words.page("augmentation"), colours.components()
    st.markdown(
        text["factor"].format(
            factor=paper.FACTOR,
            crop=crops.CROP,
            side=crops.SIDE,
            positions=crops.POSITIONS,
            count=f"{crops.COUNT:,}",
            move=2 * code_2012.BORDER,
            place=_places(CROP_CODE),
            group=code_2012.CROP_GROUP,
        )
    )
    first, second, third = (f"{x:.0f}" for x in found.deviations)
    st.markdown(
        text["colour"].format(
            images=f"{found.images:,}",
            first=first,
            second=second,
            third=third,
            noise=code_2012.NOISE,
            places=_places(COLOUR_CODE),
            variance=f"{code_2012.NOISE * found.deviations[0] ** 2:,.0f}",
            divisor=code_2012.NOISE_DIVISOR,
        )
    )

"""How large a filter should be: four sizes on a picture, and stacks of small ones."""

from __future__ import annotations

import numpy as np
import streamlit as st

from model.analysis import map_statistics
from model.analysis.convolve import convolve, relu
from model.analysis.lesson_steps import kernels
from model.network import receptive, shapes
from model.network.specs import SIMPLIFIED
from model.pictures import Picture, as_received, to_input
from ui.kit import cache, picture, state, widgets, words
from ui.kit.components.stops import Figure, Parts, Stop, stops
from ui.kit.picture import Chosen
from ui.lesson.live.parts import WEIGHT_SET, LiveText, MapImage, map_image, table
from viz import overlay
from viz.mosaic import encode_photo


def first_filters(text: LiveText) -> None:
    """Filters of 3, 5, 7 and 11 pixels on the picture, and what each would cost."""
    chosen = picture.choose()
    trained, _ = cache.first_layer(WEIGHT_SET.name)
    last = trained.shape[3] - 1
    number = min(state.FILTER.get(), last)
    if not text.presented:
        with st.container(width=220):
            number = widgets.number(state.FILTER, text("filter", last=last), last + 1)
    wanted = state.KERNEL.get()
    opens = wanted if wanted in kernels.SIZES else state.KERNEL.default
    shown, images = size_stops(chosen, number, text)
    stops(
        text("size"),
        shown,
        kernels.SIZES.index(opens),
        Parts(images=images),
        words.language(),
        key="sizes",
    )
    if not text.presented:
        stride = next(SIMPLIFIED.convolutions()).stride
        st.markdown(text("table", stride=stride))
        _costs(text)
    st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


def size_stops(
    chosen: Chosen, number: int, text: LiveText
) -> tuple[list[Stop], list[bytes]]:
    """For each size the patch, and the answers of a drawn and of a trained filter.

    Returns:
        the stops, and the images that they name.
    """
    whole = cache.first_layer(WEIGHT_SET.name)[0].shape[0]
    language = words.language()
    shown: list[Stop] = []
    images: list[bytes] = []
    for size in kernels.SIZES:
        about = {"size": size, "number": number, "whole": whole}
        edge_alt, crop_alt = text("edge_alt", size=size), text("crop_alt", **about)
        framed, edge = _edge(chosen.picture, size, edge_alt, language)
        crop = _crop(chosen.picture, size, number, crop_alt, language)
        side = SIMPLIFIED.input_size
        alts = text("patch_alt", title=chosen.title, size=size), edge.alt, crop.alt
        captions = (
            text("patch", size=size, input=side),
            text("edge", size=size),
            text("crop_whole" if size == whole else "crop", **about),
        )
        figures = [
            Figure(len(images) + i, *both)
            for i, both in enumerate(zip(alts, captions, strict=True))
        ]
        shown.append(Stop(f"{size} × {size}", figures=figures))
        images += [framed, edge.image, crop.image]
    return shown, images


@cache.figure
def _edge(
    picture: Picture, size: int, about: str, language: str
) -> tuple[bytes, MapImage]:
    """A drawn edge's answers, and the picture with a frame where it answers most."""
    stride = next(SIMPLIFIED.convolutions()).stride
    x = to_input(picture, WEIGHT_SET.spec)[0]
    edge = convolve(x, kernels.drawn_edge(size), np.zeros(1, np.float32), stride)
    values = edge[:, :, 0]
    place = np.unravel_index(int(np.abs(values).argmax()), values.shape)
    row, column = map(int, place)
    box = receptive.patch(kernels.with_first(SIMPLIFIED, size), "conv1", row, column)
    framed = overlay.framed(as_received(picture, WEIGHT_SET.spec), box)
    alt = map_statistics.describe_map(about, 0, values, words.described(language))
    return encode_photo(framed), map_image(values, alt)


@cache.figure
def _crop(
    picture: Picture, size: int, number: int, about: str, language: str
) -> MapImage:
    """The answers of the middle of a trained filter."""
    trained, bias = cache.first_layer(WEIGHT_SET.name)
    one = slice(number, number + 1)
    stride = next(SIMPLIFIED.convolutions()).stride
    cut = kernels.centre(trained[..., one], size)
    x = to_input(picture, WEIGHT_SET.spec)[0]
    answers = relu(convolve(x, cut, bias[one], stride))[:, :, 0]
    alt = map_statistics.describe_map(about, number, answers, words.described(language))
    return map_image(answers, alt)


def _costs(text: LiveText) -> None:
    stride = next(SIMPLIFIED.convolutions()).stride
    rows = []
    for size in kernels.SIZES:
        spec = kernels.with_first(SIMPLIFIED, size)
        first, last = shapes.layer_info(spec, "conv1"), shapes.layer_info(spec, "pool5")
        rows.append(
            [
                f"{size} × {size}",
                str(last.field),
                str(first.output[0]),
                text.number(shapes.unread(spec.input_size, size, stride), ".0%"),
                text.number(first.parameters),
                text.number(first.macs),
            ]
        )
    names = ("size", "field_last", "side", "unread", "parameters", "macs")
    table([text(f"column_{name}") for name in names], rows, text("alt"))


MAPS = 256  # of the layers that are compared


def stack(text: LiveText) -> None:
    """Stacks of 3 × 3 against single larger filters."""
    st.markdown(text("maps", maps=MAPS))
    rows = []
    for count in (2, 3, 5):
        field, many = kernels.stacked(count, MAPS)
        one = field**2 * MAPS**2
        rows.append([text("one", side=field), str(field), text.number(one), "1"])
        label = text("many", count=count)
        rows.append([label, str(field), text.number(many), str(count)])
    names = ("layers", "field", "parameters", "relus")
    table([text(f"column_{name}") for name in names], rows, text("alt"))
    st.caption(text("computed"))

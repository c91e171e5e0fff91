"""What the filters page shows: the mosaic, one filter enlarged, what it answers."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from classroom.escape import escape_markdown
from model import weights
from model.analysis import filters, map_statistics
from model.analysis.convolve import by_hand, relu
from model.network import receptive
from model.pictures import Picture, to_input
from ui.kit import cache, state, widgets, words
from ui.kit.components.mosaic import MosaicTexts, Room, TileFields, Tiles
from ui.kit.components.mosaic import mosaic as show_tiles
from ui.kit.components.receptive_field import (
    Maps,
    PhotographTexts,
    receptive_field,
)
from ui.kit.picture import Chosen
from viz.filters import channel_pictures, filter_mosaic, filter_pixels
from viz.mosaic import (
    Mosaic,
    columns_for,
    encode,
    encode_indices,
    encode_rgb,
    side_by_side,
    to_indices,
)
from viz.mosaic import mosaic as draw_mosaic

CELL, GAP = 22, 2  # pixels of a filter in the mosaic, and between two
CHANNELS = ("red", "green", "blue")


def _mosaic(
    weight_set: weights.WeightSet,
    scaling: Any,
    order: filters.By,
    selected: int | None,
    key: str,
    fields: TileFields | None = None,
) -> None:
    """The mosaic of a set's filters.

    Args:
        fields: what they see of a photograph beside it, whose height it fills then.
    """
    text = words.page("filters")
    kernels, _ = cache.first_layer(weight_set.name)
    count = kernels.shape[3]
    places = filters.order(kernels, order)
    columns = columns_for(count, 1.5)
    pixels = filter_mosaic(
        kernels,
        scaling,
        order=places,
        columns=columns,
        cell=CELL,
        gap=GAP,
        gap_colour=widgets.palette().background,
    )
    facts = cache.filter_facts(weight_set.name, words.language())

    def open_filter(unit: int) -> None:
        state.WEIGHTS.set(weight_set.name)
        state.FILTER.set(unit)
        state.SHEET.set(int(unit == state.FILTER.default))
        widgets.picked()

    show_tiles(
        encode_rgb(pixels),
        Tiles([int(i) for i in places], columns, (CELL, CELL), GAP),
        MosaicTexts(
            alt=f"{widgets.set_title(weight_set)}. {facts.summary}",
            label=text["mosaic_label"].format(title=widgets.set_title(weight_set)),
            tip="{0}",
            hint=words.page("picture")["hint"],
            values=[facts.sentences],
        ),
        key=key,
        selected=selected,
        on_pick=open_filter,
        fields=fields,
        room=Room("maps") if fields else None,
    )


def view() -> tuple[Any, filters.By]:
    """Contrast and order of the filters, behind one button."""
    text = words.page("filters")
    with st.popover(text["view"], icon=":material/tune:"):
        scaling = widgets.choice(
            state.FILTER_SCALE, text["scale"], text.table("scales")
        )
        order = widgets.choice(state.FILTER_ORDER, text["order"], text.table("orders"))
    return scaling, order


@cache.figure
def _first_mosaic(set_name: str, picture: Picture) -> tuple[Mosaic, bytes]:
    """The maps of a picture, one for each filter, and their PNG."""
    best = cache.best_first_maps(set_name)
    drawn = draw_mosaic(cache.first_maps(set_name, picture), "best", best=best)
    return drawn, encode(drawn)


def photograph(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The picture as the network receives it, with what a filter gives on it."""
    spec, text = weight_set.spec, words.page("filters").table("photograph")
    drawn, png = _first_mosaic(weight_set.name, chosen.picture)
    receptive_field(
        cache.received_photo(chosen.picture, spec),
        PhotographTexts(chosen.alt, text["field"], "", text["nothing"]),
        key="photograph",
        maps=Maps(png, drawn.order, drawn.columns, drawn.tile, drawn.gap),
    )


def fields_of(weight_set: weights.WeightSet, chosen: Chosen) -> TileFields:
    """What each filter sees of the photograph where it fits best."""
    spec = weight_set.spec
    maps = cache.first_maps(weight_set.name, chosen.picture)
    found = receptive.fields(spec, next(spec.convolutions()).name)
    strongest = maps.reshape(-1, maps.shape[2]).argmax(axis=0)
    return TileFields(
        spec.input_size,
        found.first,
        found.step,
        found.size,
        strongest,
        maps.shape[1],
        over=False,
    )


def mosaic(
    weight_set: weights.WeightSet,
    chosen: Chosen,
    scaling: Any,
    order: filters.By,
    selected: int,
) -> None:
    """All first-layer filters of a set; one can be chosen."""
    fields = fields_of(weight_set, chosen)
    _mosaic(weight_set, scaling, order, selected, "filter_mosaic", fields)


def made_by(weight_set: weights.WeightSet) -> None:
    """Which weights the filters are."""
    st.caption(words.page("filters")["made_by"].format(label=widgets.label(weight_set)))


def clarity(weight_set: weights.WeightSet) -> None:
    """How many of the filters show something, in words."""
    st.markdown(cache.filter_facts(weight_set.name, words.language()).summary)


def chosen_number(weight_set: weights.WeightSet) -> int:
    """The filter looked at; one that the set lacks becomes the default."""
    number = state.FILTER.get()
    count = _count(weight_set)
    return number if 0 <= number < count else state.FILTER.default


def _count(weight_set: weights.WeightSet) -> int:
    return int(cache.first_layer(weight_set.name)[0].shape[3])


def pick(weight_set: weights.WeightSet) -> None:
    """The number of the filter looked at, by hand; and to close a phone's sheet."""
    text, count = words.page("filters"), _count(weight_set)

    def close() -> None:
        state.FILTER.set(state.FILTER.default)
        state.SHEET.set(0)

    with st.container(
        horizontal=True, vertical_alignment="bottom", gap="small", key="unit_number_row"
    ):
        widgets.number(state.FILTER, text["filter"].format(last=count - 1), count)
        if state.FILTER.get() != state.FILTER.default or state.SHEET.get():
            st.button(
                text["close"], icon=":material/close:", key="unpin", on_click=close
            )


def enlarged(weight_set: weights.WeightSet, number: int, scaling: Any) -> None:
    """One filter large, its three channels, its numbers."""
    text = words.page("filters")
    kernels, bias = cache.first_layer(weight_set.name)
    sentence = cache.filter_facts(weight_set.name, words.language()).sentences[number]
    pixels = filter_pixels(kernels, scaling)[number]
    with st.container(key="enlarged"):
        widgets.pixels(_large(pixels, 30), sentence, 330)
    st.markdown(sentence)
    kernel = kernels[:, :, :, number]
    names = text.table("channels")
    widgets.pixels(
        encode_rgb(side_by_side(channel_pictures(kernel), 12)),
        text["channels_alt"].format(number=number),
        330,
    )
    st.caption(text["channels_say"])
    with st.expander(text["numbers"]):
        channel = widgets.choice(state.FILTER_CHANNEL, text["channel"], names)
        values = kernel[:, :, CHANNELS.index(channel)]
        st.dataframe(
            np.vectorize(words.figures)(np.char.mod("%.3f", values)),
            hide_index=True,
            alt=text["numbers_alt"].format(
                channel=names[channel], number=number, kernel=len(kernel)
            ),
        )
        st.caption(text["bias"].format(bias=f"{float(bias[number]):.4f}"))


def responses(weight_set: weights.WeightSet, number: int, chosen: Chosen) -> None:
    """What one filter gives on the picture, before and after ReLU."""
    text = words.page("filters")
    kernels, bias = cache.first_layer(weight_set.name)
    one = slice(number, number + 1)
    x = to_input(chosen.picture, weight_set.spec)[0]
    before = by_hand(weight_set.spec, x, kernels[..., one], bias[one])[:, :, 0]
    after = relu(before)
    best = cache.best_first_maps(weight_set.name)[one]
    columns = st.columns(3, gap="medium")
    columns[0].image(
        cache.received_photo(chosen.picture, weight_set.spec),
        width="stretch",
        alt=chosen.alt,
    )
    columns[0].caption(text["input"].format(title=escape_markdown(chosen.title)))
    for column, values, name in (
        (columns[1], before, "before"),
        (columns[2], after, "after"),
    ):
        signed = name == "before"
        column.image(
            encode_indices(
                to_indices(values[:, :, None], "best", best, signed=signed)[:, :, 0],
                "diverging" if signed else "viridis",
                enlarge=6,
            ),
            width="stretch",
            alt=map_statistics.describe_map(
                text[f"{name}_alt"], number, values, words.described()
            ),
        )
        column.caption(
            text[name].format(
                smallest=f"{values.min():.2f}",
                largest=f"{values.max():.2f}",
                zero=f"{(values <= 0).mean():.0%}",
            )
        )
    st.caption(text["answers_made_by"].format(label=widgets.label(weight_set)))


def compared(
    weight_set: weights.WeightSet, scaling: Any, order: filters.By, selected: int
) -> None:
    """A set's filters beside random ones, with the same scaling and order."""
    text = words.page("filters")
    random = weights.get("random")
    trained = weights.get(weights.DEFAULT) if weight_set == random else weight_set
    classes = f"{trained.spec.classes:,}"
    found, noise = (
        cache.filter_facts(one.name, words.language()) for one in (trained, random)
    )
    st.markdown(
        text["against_random_say"].format(
            classes=classes,
            clear=found.clear,
            count=len(found.sentences),
            random_clear=noise.clear,
            random_count=len(noise.sentences),
        )
    )
    for column, one in zip(st.columns(2, gap="large"), (trained, random), strict=True):
        with column:
            st.markdown(f"**{widgets.set_title(one)}**")
            chosen = selected if one == weight_set else None
            _mosaic(one, scaling, order, chosen, f"compare_{one.name}")
            st.caption(cache.filter_facts(one.name, words.language()).summary)


def _large(pixels: np.ndarray[Any, np.dtype[np.uint8]], enlarge: int) -> bytes:
    return encode_rgb(pixels.repeat(enlarge, axis=0).repeat(enlarge, axis=1))

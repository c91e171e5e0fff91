"""Feature maps as one screen: layers, photograph, mosaic; the unit stands beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import streamlit as st

from classroom.escape import escape_markdown
from model import best, weights
from model.analysis import map_statistics
from model.network import receptive, shapes
from model.network.specs import ORIGINAL, Dense, Spec
from model.pictures.samples import photographs
from ui.kit import cache, state, widgets, words
from ui.kit.components import mosaic
from ui.kit.components.layer_strip import layer_strip
from ui.kit.components.receptive_field import PhotographTexts, receptive_field
from ui.kit.network import feature_maps
from ui.kit.network.feature_maps import OVERVIEW
from ui.kit.picture import Chosen
from viz.layer_blocks import LayerBlock, all_maps, layer_blocks
from viz.mosaic import TALL, Scale, encode_indices

IMAGENET = ORIGINAL.classes


def view() -> tuple[Scale, str]:
    """Scale and order of the maps, behind one button."""
    text = words.page("feature_maps")
    with st.popover(text["view"], icon=":material/tune:"):
        st.markdown(text["lead"])
        scale = state.SCALE.get()
        if not state.LAYER.get().startswith("fc"):
            scale = widgets.choice(state.SCALE, text["scale"], text.table("scales"))
        order = widgets.choice(state.ORDER, text["order"], text.table("orders"))
        brightness(state.LAYER.get(), scale)
    return scale, order


def brightness(name: str, scale: Scale) -> None:
    """What the brightest colour of a layer's mosaic stands for."""
    descriptions = words.page("feature_maps").table("scale_says")
    description = descriptions["unit" if name.startswith("fc") else scale]
    st.caption(description.format(count=len(photographs())))


def layer_picker(spec: Spec) -> str:
    """The network's layers in a row, drawn to scale, and steps to the next and back."""
    text = words.page("feature_maps")
    names = [OVERVIEW, *feature_maps.layer_names(spec)]
    if state.LAYER.get() not in names:
        state.LAYER.set(OVERVIEW)
    layer = state.LAYER.get()
    at, palette = names.index(layer), widgets.palette()

    def go(name: str) -> None:
        state.LAYER.set(name)
        state.UNIT.set(state.UNIT.default)

    def step(by: int) -> Callable[[], None]:
        return lambda: go(names[at + by])

    blocks = layer_blocks(spec, tuple(names[1:]), palette)
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="layers"
    ):
        st.button(
            text["back"],
            on_click=step(-1),
            disabled=at == 0,
            icon=":material/arrow_back:",
        )
        with st.container(key="layer_row"):
            layer_strip(
                [
                    LayerBlock(OVERVIEW, text["overview"], "", all_maps(palette)),
                    *blocks,
                ],
                key="layer_strip",
                selected=layer,
                label=text["layer"],
                on_pick=go,
            )
        st.button(
            text["next"],
            on_click=step(1),
            disabled=at == len(names) - 1,
            icon=":material/arrow_forward:",
            icon_position="right",
        )
    return layer


def photograph(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The picture as the network receives it, with what is pointed at."""
    text = words.page("feature_maps")
    alt = text["received_alt"].format(alt=chosen.alt, size=weight_set.spec.input_size)
    found = text.table("photograph")
    receptive_field(
        cache.received_photo(chosen.picture, weight_set.spec),
        PhotographTexts(alt, found["field"], found["whole"], found["nothing"]),
        key="photograph",
    )


def received(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """How the picture becomes what the network receives."""
    text = words.page("feature_maps")
    width, height = chosen.picture.size
    detail = weight_set.spec.pixels.detail
    st.caption(
        text["received_by" if detail else "received"].format(
            title=escape_markdown(chosen.title),
            width=width,
            height=height,
            size=weight_set.spec.input_size,
            detail=detail,
        )
    )
    for note in chosen.picture.notes:
        st.caption(words.translated("picture", note))


def prediction(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The predicted class on a button; behind it the five likeliest, and how far to
    trust them."""
    text = words.page("feature_maps")
    layers = cache.activations(weight_set.name, chosen.picture)
    answer = cache.prediction(weight_set.name, layers)
    names = weights.class_names(weight_set.name)
    first, share = (
        names[answer.classes[0]],
        words.figures(f"{answer.probabilities[0]:.1%}"),
    )
    form = "doubted" if answer.doubted else "predicted"
    label = text[form].format(name=first, share=share)
    icon = "question_mark" if answer.doubted else "label"
    with st.popover(label, icon=f":material/{icon}:", key="predicted"):
        st.header(text["prediction"], anchor=False)
        for number, part in zip(answer.classes, answer.probabilities, strict=True):
            st.progress(part, text=f"{names[number]} · {words.figures(f'{part:.1%}')}")
        if answer.doubted:
            st.info(widgets.doubt(weight_set), icon=":material/question_mark:")
        elif answer.farther is not None:
            dense = (x.name for x in weight_set.spec.layers if isinstance(x, Dense))
            *_, hidden, _ = dense
            st.markdown(
                text["typical"].format(
                    name=first, share=f"{answer.farther:.0%}", layer=hidden
                )
            )
        st.caption(widgets.accuracy(weight_set))


def layer_maps(
    weight_set: weights.WeightSet,
    chosen: Chosen,
    name: str,
    scale: Scale,
    order: str,
    selected: int | None,
) -> None:
    """All maps of one layer as a mosaic whose tiles can be pinned.

    Args:
        selected: none where several layers are shown, each with its title.
    """
    title = ""
    if selected is None:
        title = feature_maps.layer_title(weight_set.spec, name)
    values = cache.layer(weight_set.name, chosen.picture, name)
    drawn, png = cache.layer_mosaic(
        weight_set.name, chosen.picture, name, scale, order, TALL
    )

    def picked(unit: int) -> None:
        state.LAYER.set(name)
        state.UNIT.set(unit)
        widgets.picked()

    mosaic.mosaic(
        png,
        mosaic.Tiles.of(drawn),
        replace(_tile_texts(weight_set, name, values), title=title),
        key=f"maps_{name}",
        selected=selected,
        on_pick=picked,
        fields=tile_fields(weight_set.spec, name, values),
        room=mosaic.Room("maps", 1 if selected is not None else 2),
    )


def tile_fields(spec: Spec, name: str, values: np.ndarray) -> mosaic.TileFields:
    """What the positions of a layer's maps see of the photograph.

    Args:
        values: the layer's output, (H, W, maps) or (units,).
    """
    if values.ndim == 1:
        none = np.zeros(len(values), int)
        side = spec.input_size
        return mosaic.TileFields(side, 0, 0, side, none, 1, whole=True, over=False)
    found = receptive.fields(spec, name)
    strongest = values.reshape(-1, values.shape[2]).argmax(axis=0)
    return mosaic.TileFields(
        spec.input_size,
        found.first,
        found.step,
        found.size,
        strongest,
        values.shape[1],
        over=name != "input",  # its values are colours, not activations
    )


def _tile_texts(
    weight_set: weights.WeightSet, name: str, values: np.ndarray
) -> mosaic.MosaicTexts:
    """What is said of each tile of a layer.

    Args:
        values: the layer's output, (H, W, maps) or (units,).
    """
    text = words.page("feature_maps")
    first = next(weight_set.spec.convolutions()).name
    # Below the first mosaic alone, where there are several.
    hint = words.page("picture")["hint"] if name == first else ""
    facts: list[list[str] | mosaic.Numbers]
    if name == weight_set.spec.layers[-1].name:
        tip = text["tip_class"]
        facts = [list(weights.class_names(weight_set.name)), _percent(values, 2)]
    else:
        tip = text["tip_map" if values.ndim == 3 else "tip_unit"]
        peaks = map_statistics.peaks(values)
        facts = [
            mosaic.Numbers(peaks, {"maximumSignificantDigits": 3}),
            _percent(map_statistics.firing(values)),
        ]
        if values.ndim == 3 and name != "input":
            tip = text["tip_best"]
            known = cache.best_maps(weight_set.name)[name]
            facts.append(_percent(best.shares(peaks, known)))
    return mosaic.MosaicTexts(
        alt=map_statistics.describe_layer(name, values, words.described()),
        label=text["mosaic_label"].format(layer=name),
        tip=tip,
        hint=hint,
        values=facts,
        language=words.language(),
    )


def _percent(shares: np.ndarray, digits: int = 0) -> mosaic.Numbers:
    """(n,) shares of one, with that many decimals."""
    form = {"style": "percent", "minimumFractionDigits": digits}
    form["maximumFractionDigits"] = digits
    return mosaic.Numbers(shares.round(2 + digits), form)


def all_layers(
    weight_set: weights.WeightSet, chosen: Chosen, scale: Scale, order: str
) -> None:
    """The maps of all convolutions, side by side."""
    with st.container(key="all_maps"):
        for conv in weight_set.spec.convolutions():
            layer_maps(weight_set, chosen, conv.name, scale, order, None)


def downloads(weight_set: weights.WeightSet, chosen: Chosen, name: str) -> None:
    """The layer's mosaic as PNG and its statistics as CSV."""
    text = words.page("feature_maps")
    scale, order = state.SCALE.get(), state.ORDER.get()
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            text["mosaic_png"],
            lambda: _large_mosaic(weight_set, chosen, name, scale, order),
            f"{name}.png",
            "image/png",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            text["layer_csv"],
            lambda: map_statistics.layer_csv(
                cache.layer(weight_set.name, chosen.picture, name)
            ),
            f"{name}.csv",
            "text/csv",
            icon=":material/download:",
            on_click="ignore",
        )


def made_by(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """Which picture and which weights made everything on the page."""
    text = words.page("feature_maps")
    classes = weight_set.spec.classes
    outputs = text["outputs"].format(classes=f"{classes:,}")
    if classes != IMAGENET:
        outputs = text["other_outputs"].format(classes=classes, paper=f"{IMAGENET:,}")
    st.caption(
        text["made_by"].format(
            title=escape_markdown(chosen.title),
            label=widgets.label(weight_set),
            parameters=f"{shapes.totals(weight_set.spec).parameters:,}",
            outputs=outputs,
        )
    )


def _large_mosaic(
    weight_set: weights.WeightSet, chosen: Chosen, name: str, scale: Scale, order: str
) -> bytes:
    drawn, _ = cache.layer_mosaic(weight_set.name, chosen.picture, name, scale, order)
    return encode_indices(
        drawn.pixels, drawn.colours, max(1, 1600 // drawn.pixels.shape[1])
    )

"""Whom a unit is connected to, as pictures to click, and one walk down in words."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from model import weights
from model.analysis import connections
from model.analysis.connections import Connection, Connections
from model.network.specs import Conv, Dense, Spec
from model.pictures import Picture
from ui.kit import cache, state, widgets, words
from ui.kit.components import connections as rows
from ui.kit.picture import Chosen
from ui.network.feature_maps import unit_pictures


def page_words() -> words.PageWords:
    """The words of this part of the page."""
    return words.page("feature_maps").table("connections")


def has_connections(spec: Spec, layer: str) -> bool:
    """Whether a layer has weights, and so units of its own."""
    return layer != "input" and isinstance(spec.layer(layer), Conv | Dense)


def panel(weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int) -> None:
    """What feeds a unit and what it feeds; nothing for a layer without weights."""
    if not has_connections(weight_set.spec, layer):
        return
    text = page_words()
    st.subheader(text["title"], anchor=False)
    widgets.choice(state.CONNECTED, text["arrives"], text.table("arrive"))
    with st.spinner(text["measuring"], show_time=True):
        before, after = cache.connections(weight_set.name, layer, unit, _only(chosen))
    if before is None:
        st.markdown(text["pixels"].format(filter=_first_filter(weight_set, unit)))
    else:
        _side(weight_set, chosen, before, "fed_by", (layer, unit))
    if after is None:
        st.markdown(text["class"])
    else:
        _side(weight_set, chosen, after, "feeds", (layer, unit))
    st.caption(definition(weight_set, layer))


def _only(chosen: Chosen) -> Picture | None:
    """The picture that alone counts; None: the photographs do."""
    return chosen.picture if state.CONNECTED.get() == "here" else None


def _side(
    weight_set: weights.WeightSet,
    chosen: Chosen,
    found: Connections,
    side: str,
    place: tuple[str, int],
) -> None:
    """Both signs of the connections with one neighbour."""
    text = page_words().table(side)
    parts = [abs(x.part) for x in (*found.positive, *found.negative)]
    largest = max(parts, default=1.0)
    shown = []
    for sign, group in (("up", found.positive), ("down", found.negative)):
        tiles = [
            tile(
                weight_set, chosen, one, abs(one.part) / largest, text[f"{sign}_label"]
            )
            for one in group
        ]
        if tiles:
            title = text[sign].format(layer=found.layer)
            shown.append(rows.Row(title, sign, tiles))
    if not shown:
        st.markdown(text["none"].format(layer=found.layer))
        return
    key = f"{side}_{place[0]}_{place[1]}"
    rows.connections(shown, key=key, on_pick=picked)
    if side == "fed_by" and found.positive:
        st.caption(
            text["share"].format(
                shown=len(found.positive), share=f"{found.share:.0%}", count=found.count
            )
        )


def tile(
    weight_set: weights.WeightSet,
    chosen: Chosen,
    one: Connection,
    length: float,
    label: str,
) -> rows.Tile:
    """One unit as a picture.

    Args:
        length: of its bar, 0 to 1.
        label: a sentence with {name} and {part}.
    """
    name = unit_name(weight_set, one.layer, one.unit)
    value = signed(one.part)
    return rows.Tile(
        one.layer,
        one.unit,
        unit_pictures.thumbnail(weight_set, chosen, one.layer, one.unit),
        name,
        value,
        length,
        label.format(name=name, part=value),
    )


def unit_name(weight_set: weights.WeightSet, layer: str, unit: int) -> str:
    """What a unit is called: of the last layer, its class."""
    if layer == weight_set.spec.layers[-1].name:
        return weights.class_names(weight_set.name)[unit]
    return f"{layer} · {unit}"


def signed(part: float) -> str:
    """A part with its sign: +0.42, −0.031."""
    return words.figures(f"{part:+.2g}".replace("-", "−"))


def picked(layer: str, unit: int) -> None:
    """In a callback: a unit was clicked; the page goes there."""
    state.LAYER.set(layer)
    state.UNIT.set(unit)
    widgets.picked()


def definition(weight_set: weights.WeightSet, layer: str) -> str:
    """What the numbers are, for this layer."""
    text, spec = page_words(), weight_set.spec
    count = cache.arriving_photographs(weight_set.name)
    form = "about_here" if state.CONNECTED.get() == "here" else "about"
    parts = [text[form].format(count=count)]
    before, after = connections.neighbours(spec, layer)
    layers = [x for x in (layer if before else None, after) if x]
    if any(isinstance(spec.layer(x), Conv) for x in layers):
        parts.append(text["about_kernel"])
    if any(_flattened(spec, x) for x in layers):
        parts.append(text["about_maps"])
    between = {connections.input_of(spec, x) for x in layers}
    if between - set(connections.layers_with_weights(spec)):
        parts.append(text["about_between"])
    parts.append(text["about_pictures"])
    return " ".join(parts)


def _flattened(spec: Spec, layer: str) -> bool:
    """Whether a dense layer reads maps."""
    before, _ = connections.neighbours(spec, layer)
    is_dense = isinstance(spec.layer(layer), Dense)
    return bool(is_dense and before and isinstance(spec.layer(before), Conv))


def _first_filter(weight_set: weights.WeightSet, unit: int) -> str:
    """The sentence on a filter of the first layer."""
    return cache.filter_facts(weight_set.name, words.language()).sentences[unit]


def walk(weight_set: weights.WeightSet, chosen: Chosen, layer: str, unit: int) -> None:
    """From a class down to the pixels, along the strongest connections.

    The class is the unit that is shown, or the one that the network predicts.
    """
    spec = weight_set.spec
    last = spec.layers[-1].name
    if layer != last:
        unit = int(cache.layer(weight_set.name, chosen.picture, last).argmax())
    text = page_words().table("walk")
    name = unit_name(weight_set, last, unit)
    with st.spinner(page_words()["measuring"], show_time=True):
        steps = cache.walk(weight_set.name, last, unit, _only(chosen))
    st.header(text["title"].format(name=name), anchor=False)
    st.markdown(text["here" if state.CONNECTED.get() == "here" else "usual"])
    way = [Connection(last, unit, 0.0), *(x.positive[0] for x in steps)]
    tiles = [
        tile(weight_set, chosen, one, 0, text["label"])
        if at
        else rows.Tile(
            last,
            unit,
            unit_pictures.thumbnail(weight_set, chosen, last, unit),
            name,
            "",
            0,
            text["class_label"].format(name=name),
        )
        for at, one in enumerate(way)
    ]
    rows.connections(
        [rows.Row(text["row"], "way", tiles)], key=f"walk_{unit}", on_pick=picked
    )
    lines = sentences(weight_set, last, unit, steps)
    st.markdown("\n".join(f"{at}. {line}" for at, line in enumerate(lines, 1)))


def sentences(
    weight_set: weights.WeightSet, layer: str, unit: int, steps: list[Connections]
) -> list[str]:
    """One walk in words: a sentence a step, and one on the filter it ends at."""
    text = page_words().table("walk")
    found = []
    above = unit_name(weight_set, layer, unit)
    for step in steps:
        first = step.positive[0]
        below = unit_name(weight_set, first.layer, first.unit)
        found.append(
            text["step"].format(
                above=escape_markdown(above),
                below=below,
                part=signed(first.part),
                share=f"{step.first_share:.1%}",
                count=f"{step.count:,}",
            )
        )
        layer, unit, above = first.layer, first.unit, below
    if connections.neighbours(weight_set.spec, layer)[0] is None:
        filter_text = _first_filter(weight_set, unit)
        found.append(text["end"].format(name=above, filter=filter_text))
    else:
        found.append(text["stuck"].format(name=above))
    return found

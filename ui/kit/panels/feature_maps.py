"""What the pages show of one picture: how it arrives, what it is, each layer's maps."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import streamlit as st

from classroom.content.numbers import decimal
from classroom.escape import escape_markdown
from model import best, measured, runtime, weights
from model.analysis import map_statistics
from model.network import receptive, shapes
from model.network.specs import ORIGINAL, Conv, Dense, Normalise, Pool, Spec
from model.pictures import as_received
from model.pictures.samples import photographs
from ui.kit import cache, state, widgets, words
from ui.kit.components import mosaic
from ui.kit.picture import Chosen
from viz import overlay
from viz.mosaic import TALL, WIDE, Scale, encode_indices, encode_rgb, to_indices

OVERVIEW = "overview"
IMAGENET = ORIGINAL.classes


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


def received(weight_set: weights.WeightSet, chosen: Chosen) -> None:
    """The picture as the network receives it."""
    text = words.page("feature_maps")
    size = weight_set.spec.input_size
    width, height = chosen.picture.size
    st.image(
        cache.received_photo(chosen.picture, weight_set.spec),
        width=300,
        alt=text["received_alt"].format(alt=chosen.alt, size=size),
    )
    st.caption(
        text["received_by" if weight_set.spec.pixels.detail else "received"].format(
            title=escape_markdown(chosen.title),
            width=width,
            height=height,
            size=size,
            detail=weight_set.spec.pixels.detail,
        )
    )
    for note in chosen.picture.notes:
        st.caption(note)


def prediction(weight_set: weights.WeightSet, chosen: Chosen, layers: Any) -> None:
    """The five likeliest classes with bars, and how far to trust them."""
    text = words.page("feature_maps")
    st.header(text["prediction"], anchor=False)
    answer, names = (
        cache.prediction(weight_set.name, layers),
        weights.class_names(weight_set.name),
    )
    for number, share in zip(answer.classes, answer.probabilities, strict=True):
        st.progress(share, text=f"{names[number]} · {share:.1%}")
    first = names[answer.classes[0]]
    if answer.doubted:
        st.info(widgets.doubt(weight_set), icon=":material/question_mark:")
    elif answer.farther is not None:
        *_, hidden, _ = (x.name for x in weight_set.spec.layers if isinstance(x, Dense))
        st.markdown(
            text["typical"].format(
                name=first, share=f"{answer.farther:.0%}", layer=hidden
            )
        )
    st.caption(widgets.accuracy(weight_set))


def layer_words(weight_set: weights.WeightSet, name: str) -> tuple[str, str]:
    """Title and sentence of a layer, with this network's numbers."""
    text = words.layer(name)
    if name == OVERVIEW:
        return text["title"], text["say"].format(**_overview_numbers(weight_set.spec))
    spec = weight_set.spec
    shape = " × ".join(f"{n:,}" for n in shapes.layer_info(spec, name).output)
    form = "say"
    if name == "input" and set(spec.pixels.deviation) == {1.0}:
        form = "say_undivided"
    if name == spec.layers[-1].name and measured.evaluation(weight_set.name):
        form = "say_calibrated"
    title = f"{text['title']} · {words.figures(shape)}"
    return title, text[form].format(**_layer_numbers(weight_set, name))


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


def layer_picker(spec: Spec) -> str:
    """Steps through the layers: buttons for each, and to the next and the last."""
    text = words.page("feature_maps")
    names = [OVERVIEW, *layer_names(spec)]
    titles = {name: name for name in names} | {OVERVIEW: text["overview"]}

    def go(step: int) -> Callable[[], None]:
        def move() -> None:
            state.LAYER.set(names[at + step])
            state.UNIT.set(state.UNIT.default)

        return move

    layer = widgets.choice(state.LAYER, text["layer"], titles)
    at = names.index(layer)
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["back"],
            on_click=go(-1),
            disabled=at == 0,
            icon=":material/arrow_back:",
        )
        st.button(
            text["next"],
            on_click=go(1),
            disabled=at == len(names) - 1,
            icon=":material/arrow_forward:",
            icon_position="right",
        )
    return layer


def layer_maps(
    weight_set: weights.WeightSet,
    chosen: Chosen,
    name: str,
    scale: Scale,
    order: str,
    selected: int | None,
) -> None:
    """All maps of one layer as a mosaic whose tiles can be chosen."""
    text = words.page("feature_maps")
    values = cache.layer(weight_set.name, chosen.picture, name)
    drawn, png = cache.layer_mosaic(
        weight_set.name,
        chosen.picture,
        name,
        scale,
        order,
        WIDE if selected is None else TALL,
    )
    if name == weight_set.spec.layers[-1].name:
        tip, facts = (
            text["tip_class"],
            [
                list(weights.class_names(weight_set.name)),
                [f"{share:.2%}" for share in values.tolist()],
            ],
        )
    else:
        tip = text["tip_map" if values.ndim == 3 else "tip_unit"]
        peaks = map_statistics.peaks(values)
        facts = [
            [f"{v:.3g}" for v in peaks.tolist()],
            [f"{v:.0%}" for v in map_statistics.firing(values).tolist()],
        ]
        if values.ndim == 3 and name != "input":
            tip = text["tip_best"]
            known = cache.best_maps(weight_set.name)[name]
            facts.append([f"{v:.0%}" for v in best.shares(peaks, known).tolist()])

    def picked(unit: int) -> None:
        state.LAYER.set(name)
        state.UNIT.set(unit)
        state.UNIT_OF.set(name)
        widgets.picked()

    mosaic.mosaic(
        png,
        mosaic.Tiles.of(drawn),
        mosaic.MosaicTexts(
            alt=map_statistics.describe_layer(name, values),
            label=text["mosaic_label"].format(layer=name),
            tip=tip,
            hint=words.page("picture")["hint"],
            values=facts,
        ),
        key=f"maps_{name}",
        selected=selected,
        on_pick=picked,
    )


def brightness(name: str, scale: Scale) -> None:
    """What the brightest colour of a layer's mosaic stands for."""
    descriptions = words.page("feature_maps").table("scale_says")
    description = descriptions["unit" if name.startswith("fc") else scale]
    st.caption(description.format(count=len(photographs())))


def unit_number(weight_set: weights.WeightSet, name: str, values: Any) -> int:
    """The number of the map or unit looked at; a layer opens with its first one.

    The last layer opens with the class that the network thinks it is.
    """
    is_last = name == weight_set.spec.layers[-1].name
    # Chosen just now, not by an address: that one is still the layer's before.
    is_new = state.UNIT_OF.get() not in ("", name)
    if is_last and is_new and state.LAYER.addressed() != name:
        state.UNIT.set(state.UNIT.default)
    state.UNIT_OF.set(name)
    count = values.shape[-1]
    opening = int(values.argmax()) if is_last else 0
    label = words.page("feature_maps")["unit"].format(last=f"{count - 1:,}")
    return widgets.number(state.UNIT, label, count, opening)


def unit(
    weight_set: weights.WeightSet, chosen: Chosen, name: str, number: int, scale: Scale
) -> None:
    """One map enlarged, over the picture, with its statistics.

    It is as bright as in the mosaic.
    """
    text = words.page("feature_maps")
    values = cache.layer(weight_set.name, chosen.picture, name)
    if values.ndim == 1:
        _dense_unit(weight_set, name, number, values)
        return
    one = values[:, :, number]
    facts = map_statistics.of_map(one)
    full = float(cache.layer_tops(weight_set.name, chosen.picture, name, scale)[number])
    alt = map_statistics.describe_map(name, number, one)
    picture = as_received(chosen.picture, weight_set.spec)
    box = receptive.patch(weight_set.spec, name, facts.row, facts.column)
    if name != "input":  # its values are colours, not answers
        st.image(
            encode_rgb(overlay.over(picture, one, box, top=full)),
            width="stretch",
            alt=text["over_alt"].format(alt=alt, title=chosen.title),
        )
        top, left, bottom, right = box
        st.caption(text["over"].format(height=bottom - top, width=right - left))
    indices = to_indices(one[:, :, None], "best", np.array([full]))[:, :, 0]
    st.image(
        encode_indices(
            indices,
            "diverging" if one.min() < 0 else "viridis",
            enlarge=max(1, 448 // one.shape[0]),
        ),
        width="stretch",
        alt=alt,
    )
    st.caption(text["alone"].format(height=one.shape[0], width=one.shape[1]))
    shape = (one.shape[0], one.shape[1])
    silent = int((values.max(axis=(0, 1)) <= 0).sum())
    known = cache.best_maps(weight_set.name)[name][number]
    lines = [
        text["facts_silent"].format(zero=silent, count=values.shape[-1])
        if facts.largest <= 0
        else text["facts"].format(
            largest=f"{facts.largest:.3g}",
            where=map_statistics.where(facts.row, facts.column, shape)
            if facts.smallest < facts.largest
            else text["everywhere"],
            mean=f"{facts.mean:.3g}",
            firing=f"{facts.firing:.0%}",
        )
    ]
    if name != "input" and facts.largest > 0 and known > 0:
        lines.append(text["of_best"].format(share=f"{facts.largest / known:.0%}"))
    st.markdown(" ".join(lines))
    st.download_button(
        text["map_csv"],
        lambda: map_statistics.map_csv(one),
        f"{name}-map-{number}.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


def _dense_unit(
    weight_set: weights.WeightSet, name: str, number: int, values: Any
) -> None:
    text = words.page("feature_maps")
    value, count = float(values[number]), f"{len(values):,}"
    rank = int((values > values[number]).sum()) + 1
    is_last = name == weight_set.spec.layers[-1].name
    if value == 0:  # many are, after ReLU: no rank tells them apart
        zero = f"{int((values == 0).sum()):,}"
        st.markdown(text["dense_silent"].format(zero=zero, count=count))
    else:
        description = text["class_facts" if is_last else "dense_facts"]
        shown = f"{value:.2%}" if is_last else f"{value:.3g}"
        st.markdown(description.format(value=shown, rank=rank, count=count))
    if is_last:
        st.markdown(
            text["class_of"].format(name=weights.class_names(weight_set.name)[number])
        )


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
            label=weight_set.label,
            parameters=f"{shapes.totals(weight_set.spec).parameters:,}",
            outputs=outputs,
        )
    )


def _large_mosaic(
    weight_set: weights.WeightSet, chosen: Chosen, name: str, scale: Any, order: str
) -> bytes:
    drawn, _ = cache.layer_mosaic(weight_set.name, chosen.picture, name, scale, order)
    return encode_indices(
        drawn.pixels, drawn.colours, max(1, 1600 // drawn.pixels.shape[1])
    )

"""One convolution by hand, what sharing weights saves, and a picture that moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import streamlit as st

from model import measured, runtime
from model.analysis.lesson_steps import shift
from model.network import shapes
from model.network.specs import SIMPLIFIED
from model.pictures import Picture
from ui.kit import cache, picture, state, widgets, words
from ui.kit.components import arithmetic, calculators
from ui.kit.components.stops import Figure, Parts, Stop, Tables, stops
from ui.kit.network import activation_routes, feature_maps
from ui.kit.network import calculators as calculator_panel
from ui.kit.picture import Chosen
from ui.lesson.live.parts import WEIGHT_SET, LiveText, first_name, table
from viz.mosaic import encode_indices, encode_photo, to_indices

_VIEWS = ("hand", "moved", "weights", "size")
_OF_A_PICTURE = ("hand", "moved")


def by_hand(text: LiveText) -> None:
    """Four things to see of a convolution, one at a time."""
    view, chosen = _choose_in_a_row(text) if text.presented else _choose(text)
    match view:
        case "moved":
            _moved(chosen, text)
        case "weights":
            _weights(text)
        case "size":
            found = calculator_panel.text().table("output_size")
            st.markdown(found["about"])
            calculators.output_size(
                calculator_panel.presets(),
                found.table("component"),
                words.language(),
                key="output_size",
            )
        case _:
            _one_value(chosen, text)


def _choose(text: LiveText) -> tuple[str, Chosen]:
    """What to see and, where it is of a picture, which."""
    view = _view(text)
    return view, picture.choose() if view in _OF_A_PICTURE else picture.current()


def _choose_in_a_row(text: LiveText) -> tuple[str, Chosen]:
    """The same where height is scarce."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        view = _view(text, labelled=False)
        if view in _OF_A_PICTURE:
            picture.choose_in_a_row()
    picture.notices()
    return view, picture.current()


def _view(text: LiveText, *, labelled: bool = True) -> str:
    views = {name: text(f"view_{name}") for name in _VIEWS}
    return widgets.choice(state.CONVOLUTION, text("view"), views, labelled=labelled)


def _one_value(chosen: Chosen, text: LiveText) -> None:
    """Patch times filter, added up: pointed at on the picture."""
    feature_maps.activations(WEIGHT_SET, chosen)
    found = words.page("feature_maps").table("arithmetic")
    first = next(WEIGHT_SET.spec.convolutions()).name
    arithmetic.arithmetic(
        key="arithmetic",
        addresses=arithmetic.Addresses(
            activation_routes.activations_address(WEIGHT_SET.name, chosen.picture),
            activation_routes.kernels_address(WEIGHT_SET.name),
        ),
        layer=first,
        unit=state.FILTER.get(),
        position="",
        alt=chosen.alt,
        channels=list(words.page("filters").table("channels").values()),
        texts=found.table("component"),
        language=words.language(),
        in_a_row=text.presented,
    )
    if not text.presented:
        st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


# --- a picture that moves -------------------------------------------------------------


@dataclass(frozen=True)
class Shifted:
    """What a network makes of a picture, moved by some pixels."""

    photo: bytes
    first_map: bytes
    same_place: float  # conv1 against that of the picture where it was
    moved_along: float | None  # the same, moved back; None: by no whole position
    pooled: float  # pool5 against that of the picture where it was
    name: str
    probability: float
    kept: float  # the probability of what was predicted where it was


def _moved(chosen: Chosen, text: LiveText) -> None:
    feature_maps.activations(WEIGHT_SET, chosen)  # waits, and says so
    with st.spinner(words.page("feature_maps")["computing"]):
        found = shifted(chosen.picture, state.FILTER.get())
    images: list[bytes] = []
    shown: list[Stop] = []
    for pixels, one in zip(shift.SHIFTS, found, strict=True):
        captions = text("photo", pixels=pixels), text("map", number=state.FILTER.get())
        alts = text("photo_alt", title=chosen.title, pixels=pixels), text("map_alt")
        figures = [
            Figure(len(images) + place, alt, caption)
            for place, (alt, caption) in enumerate(zip(alts, captions, strict=True))
        ]
        images += [one.photo, one.first_map]
        shown.append(
            Stop(
                str(pixels),
                figures=figures,
                sentence=_sentence(pixels, one, found[0], text),
                table=0,
                marked=shift.SHIFTS.index(pixels),
            )
        )
    stops(
        text("shift"),
        shown,
        0,
        Parts(images=images, tables=_table(found, text)),
        words.language(),
        key="moved",
    )
    if not text.presented:
        st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


@cache.figure
def shifted(picture: Picture, number: int) -> list[Shifted]:
    """For each shift, with a map of the first layer."""
    spec = WEIGHT_SET.spec
    look = runtime.network(WEIGHT_SET.name).activations
    wide = shift.strip(picture, spec)
    conv = next(spec.convolutions())
    before, predicted = None, 0
    found: list[Shifted] = []
    for pixels in shift.SHIFTS:
        x = shift.window(wide, pixels)
        layers = look(x)
        before = layers if before is None else before
        probabilities = measured.probabilities(WEIGHT_SET.name, layers["fc8"])
        if not found:
            predicted = int(np.argmax(probabilities))
        name, probability = first_name(probabilities)
        maps = layers[conv.name]
        whole, rest = divmod(pixels, conv.stride)
        seen = to_indices(maps[:, :, [number % maps.shape[2]]], "map")[:, :, 0]
        found.append(
            Shifted(
                encode_photo(_pixels(x[0])),
                encode_indices(seen, "viridis", enlarge=8),
                shift.similarity(before[conv.name], maps),
                None if rest else shift.moved_along(before[conv.name], maps, whole),
                shift.similarity(before["pool5"], layers["pool5"]),
                name,
                probability,
                float(probabilities[predicted]),
            )
        )
    return found


def _pixels(x: np.ndarray) -> np.ndarray:
    """What the network receives, as pixels again: (size, size, 3), 0 to 255."""
    pixels = WEIGHT_SET.spec.pixels
    values = x * np.array(pixels.deviation) + np.array(pixels.mean)
    return np.asarray(np.round(values).clip(0, 255).astype(np.uint8))


def _sentence(pixels: int, one: Shifted, first: Shifted, text: LiveText) -> str:
    if not pixels:
        return text("still", name=one.name, share=text.number(one.probability, ".1%"))
    stride = next(WEIGHT_SET.spec.convolutions()).stride
    whole, rest = divmod(pixels, stride)
    form = "along_1" if whole == 1 else "along"
    moved = text("between") if rest else text(form, positions=whole)
    form = "same" if one.name == first.name else "changed"
    share = text.number(one.probability, ".1%")
    return f"{moved} {text(form, name=one.name, before=first.name, share=share)}"


def _table(found: list[Shifted], text: LiveText) -> Tables:
    rows = [
        [
            str(pixels),
            text.number(one.same_place, ".2f"),
            "–" if one.moved_along is None else text.number(one.moved_along, ".2f"),
            text.number(one.pooled, ".2f"),
            text.number(one.kept, ".1%"),
        ]
        for pixels, one in zip(shift.SHIFTS, found, strict=True)
    ]
    head = [
        text(f"column_{name}") for name in ("shift", "place", "along", "pooled", "kept")
    ]
    about = text("measured", name=found[0].name)
    return Tables(text("table"), head, [rows], [about], text("alt"))


# --- weights --------------------------------------------------------------------------


def _weights(text: LiveText) -> None:
    """Three ways to get from the image to maps of conv1's size."""
    first = shapes.steps(SIMPLIFIED)[0]
    conv = next(SIMPLIFIED.convolutions())
    inputs = int(np.prod(first.before))
    outputs = int(np.prod(first.info.output))
    counts = {
        "dense": inputs * outputs,
        "local": first.inputs * outputs,
        "shared": first.inputs * conv.filters,
    }
    st.markdown(
        text("weights", inputs=text.number(inputs), outputs=text.number(outputs))
    )
    rows = [
        [
            text(f"way_{name}"),
            text(
                f"sum_{name}",
                inputs=text.number(inputs),
                outputs=text.number(outputs),
                patch=first.inputs,
                filters=conv.filters,
            ),
            text.number(count),
        ]
        for name, count in counts.items()
    ]
    table(
        [text(f"column_{x}") for x in ("way", "sum", "weights")], rows, text("ways_alt")
    )
    st.caption(text("computed"))

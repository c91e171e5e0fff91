"""What the home page shows: a picture sharp and as the network sees it, and its way."""

from __future__ import annotations

import base64
from collections.abc import Mapping

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from classroom.escape import escape_markdown
from model import runtime, weights
from model.analysis import map_statistics
from model.measured import ImagePrediction
from model.network.shapes import layer_info
from model.pictures import Picture
from model.pictures.samples import photographs, right_first, sample
from ui import script
from ui.kit import cache, picture, state, weight_sets, words
from ui.kit.components.copy_link import copy_link
from ui.kit.components.divider import DividerTexts, divider, jpeg
from ui.kit.components.journey import JourneyStep, journey
from ui.kit.components.own_photo import own_photo
from ui.kit.components.thumbnails import Thumbnail, thumbnails
from ui.kit.picture import Chosen
from ui.network import known_classes
from viz.mosaic import encode, mosaic

WEIGHT_SET = weights.get(weights.DEFAULT)
SHARP = 448  # pixels a side of the picture shown: what is kept of one is no larger
SMALL = 112  # of a thumbnail
OFFERED = "original"  # the set that an instructor is offered
MAPS = 4  # of each layer, two by two
BARS = 3  # classes at the end of the way
DOORS = {"inside": "feature_maps", "experiments": "relu_vs_tanh", "quiz": "quiz"}
WORTH_NAMING = 0.1  # probability of a class that is not the first

Activations = Mapping[str, NDArray[np.float32]]


def choose() -> Chosen:
    """The picture chosen: a sample, or the visitor's own."""
    picture.note_lost()
    known = {*right_first(), *(("own",) if state.OWN_PICTURE.get() else ())}
    if state.PICTURE.get() not in known:
        state.PICTURE.set(state.PICTURE.default)
    picture.notices()
    return picture.current()


def offer() -> None:
    """To an instructor, the network of 2012 itself; not before ours is loaded."""
    if runtime.loading_is_over():
        weight_sets.offer(OFFERED)


def look(chosen: Chosen) -> None:
    """The picture, sharp and as the network receives it, under one divider."""
    text = words.page("home")
    spec = WEIGHT_SET.spec
    detail = spec.pixels.detail or spec.input_size
    divider(
        cache.cropped_photo(chosen.picture, SHARP),
        cache.received_photo(chosen.picture, spec),
        DividerTexts(
            alt=chosen.alt,
            label=text["divider"],
            left=text["you_see"],
            right=text["it_sees"].format(detail=detail),
            value=text["divider_at"],
        ),
        key="home_look",
    )
    with st.container(horizontal=True, gap="small", key="home_picture"):
        st.caption(
            text["picture"].format(
                title=escape_markdown(chosen.title), size=spec.input_size, detail=detail
            ),
            width="stretch",
        )
        with st.container(width="content"):
            copy_link()


def begin() -> None:
    """The two buttons: one's own photograph, and the lesson."""
    text = words.page("home")
    number = state.UPLOADS.get()
    with st.container(key="home_uploader"):  # index.css hides it: the button is for it
        key = picture.uploader(number)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        with st.container(width="content"):
            own_photo(
                text["own"], text["own_file"], key=f"own_photo_{number}", uploader=key
            )
        with st.container(key="start_lesson", width="content"):
            icon = words.page("lesson")["icon"]
            st.page_link(script("lesson"), label=text["start"], icon=icon)
    st.caption(text["privacy"])


def samples() -> None:
    """Photographs that it gets right, and those where it fails."""
    text = words.page("home")

    groups: dict[str, list[Thumbnail]] = {"own_one": [], "right": [], "wrong": []}
    if (mine := state.OWN_PICTURE.get()) is not None:
        small = cache.cropped_photo(mine, SMALL)
        groups["own_one"].append(Thumbnail("own", text["own_one"], small))
    for name in right_first():
        if name in photographs():
            group = groups["right" if sample(name).right else "wrong"]
            title = words.sample(name)["title"]
            group.append(Thumbnail(name, title, cache.small_sample(name, SMALL)))
    thumbnails(
        [(text[name], group) for name, group in groups.items() if group],
        key="home_samples",
        selected=state.PICTURE.get(),
        on_pick=state.PICTURE.set,
    )


# --- the prediction -------------------------------------------------------------------


def prediction(chosen: Chosen) -> ImagePrediction | None:
    """The predicted class in large type; None while the network is loaded."""
    text = words.page("home")
    with st.container(key="home_chip"):
        if not runtime.loading_is_over():
            st.markdown(text["loading"])
            return None
        answer = cache.prediction(
            WEIGHT_SET.name, cache.activations(WEIGHT_SET.name, chosen.picture)
        )
        first, share = _named(answer)[0]
        with st.container(key="chip_doubted" if answer.doubted else "chip"):
            st.markdown(text["chip"].format(name=first, share=f"{share:.1%}"))
    return answer


def _named(answer: ImagePrediction) -> list[tuple[str, float]]:
    """Classes with their probabilities, likeliest first."""
    known = weights.class_names(WEIGHT_SET.name)
    shares = zip(answer.classes, answer.probabilities, strict=True)
    return [(known[number], float(share)) for number, share in shares]


def verdict(answer: ImagePrediction | None) -> None:
    """What the large type means, what comes next, and whether it is right."""
    text = words.page("home")
    if answer is None:
        return
    (first, _), *others = _named(answer)
    sentences = [
        text["doubt" if answer.doubted else "prediction"].format(
            classes=WEIGHT_SET.spec.classes
        )
    ]
    next_ones = [
        text["class"].format(name=name, share=f"{probability:.1%}")
        for name, probability in others
        if probability >= WORTH_NAMING
    ]
    if next_ones:
        sentences.append(text["next"].format(classes=", ".join(next_ones)))
    sentences += _truth(first)
    st.markdown(" ".join(sentences))


def _truth(first: str) -> list[str]:
    """Whether a class is right, for a photograph of which that is known."""
    text, name = words.page("home"), state.PICTURE.get()
    if name not in photographs():
        return []
    shows = sample(name).shows
    if first in shows:
        return [text["is_right"]]
    which = "is_wrong" if shows else "is_unknown"
    return [text[which].format(name=shows[0] if shows else "")]


def known(chosen: Chosen, answer: ImagePrediction | None) -> None:
    """What the network knows at all; unfolded where its prediction is wrong."""
    if answer is None:
        return
    name = state.PICTURE.get()
    last = WEIGHT_SET.spec.layers[-1].name
    known_classes.panel(
        WEIGHT_SET,
        cache.layer(WEIGHT_SET.name, chosen.picture, last),
        is_open=name in photographs() and not sample(name).right,
    )


@st.fragment(run_every=1)
def wait() -> None:
    """Draws the page again once the network is loaded."""
    if runtime.loading_is_over():
        state.rerun()


# --- the way through the network ------------------------------------------------------


def _png(png: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(png).decode()


@cache.figure
def _strongest(set_name: str, layer: str, shown: Picture) -> bytes:
    """The four maps of a layer that come nearest to their best: a PNG."""
    if layer == next(weights.get(set_name).spec.convolutions()).name:
        maps, best = cache.first_maps(set_name, shown), cache.best_first_maps(set_name)
    else:
        maps = cache.activations(set_name, shown)[layer]
        best = cache.best_maps(set_name)[layer]
    shares = map_statistics.peaks(maps) / np.maximum(best, 1e-9)
    order = np.argsort(-shares, kind="stable")[:MAPS]
    return encode(mosaic(maps, "best", order, columns=2, best=best))


def _maps_of(layer: str, shown: Picture) -> str:
    return _png(_strongest(WEIGHT_SET.name, layer, shown))


def way(chosen: Chosen, answer: ImagePrediction | None) -> None:
    """The row from the picture to the classes; the first maps need no TensorFlow."""
    text = words.page("home")
    spec = WEIGHT_SET.spec
    received = jpeg(cache.received_photo(chosen.picture, spec))
    size = text["size"].format(side=spec.input_size, maps=3)
    steps = [JourneyStep("", text["input"], size, received, chosen.alt)]
    for place, layer in enumerate(spec.convolutions()):
        side, _, count = layer_info(spec, layer.name).output
        is_there = place == 0 or answer is not None
        steps.append(
            JourneyStep(
                layer.name,
                layer.name,
                text["size"].format(side=side, maps=count),
                _maps_of(layer.name, chosen.picture) if is_there else "",
                text["maps_alt"].format(layer=layer.name, count=MAPS),
                text["maps_tip"].format(layer=layer.name),
            )
        )
    classes = [] if answer is None else _named(answer)[:BARS]
    journey(
        steps,
        [(f"{name} {share:.1%}", share) for name, share in classes],
        key="home_way",
        label=text["way"],
        classes_title=text["classes"].format(count=spec.classes),
        on_pick=_open,
    )
    if answer is not None:
        st.caption(silent_maps(cache.activations(WEIGHT_SET.name, chosen.picture)))


def silent_maps(activations: Activations) -> str:
    """How much of each layer this picture leaves silent."""
    text = words.page("home")
    silent = []
    for layer in WEIGHT_SET.spec.convolutions():
        tops = map_statistics.peaks(activations[layer.name])
        off = int((tops <= 0).sum())
        silent.append(
            text["of_maps"].format(off=off, count=len(tops), layer=layer.name)
        )
    return text["silent"].format(count=MAPS, layers=", ".join(silent))


def _open(layer: str) -> None:
    state.LAYER.set(layer)
    state.UNIT.set(state.UNIT.default)
    state.GO.set("feature_maps")


def doors() -> None:
    """Three ways on."""
    text = words.page("home")
    menu = words.page("menu").table("menu")
    st.header(text["doors"], anchor=False)
    columns = st.columns(3, border=True)
    for column, (section, about) in zip(
        columns, text.table("door").items(), strict=True
    ):
        entry = menu.table(section)
        column.page_link(
            script(DOORS[section]), label=entry["title"], icon=entry["icon"]
        )
        column.markdown(about)

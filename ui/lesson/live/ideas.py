"""Why it learns: slopes through many layers, dropped units, the strongest alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import streamlit as st

from model.analysis import map_statistics
from model.pictures import Picture, as_received
from ui.kit import cache, picture, state, widgets, words
from ui.kit.components import slopes
from ui.kit.components.stops import Figure, Parts, Second, Stop, Tables, stops
from ui.kit.network import feature_maps
from ui.kit.picture import Chosen
from ui.lesson.live.parts import ACTIVATIONS, WEIGHT_SET, LiveText, first_name
from viz import overlay
from viz.mosaic import encode_indices, encode_photo, mosaic
from viz.palette import SERIES

_CHARTS = ("value", "slope", "product")


def multiplied(text: LiveText) -> None:
    """ReLU, tanh and sigmoid, their slopes, and these multiplied through n layers."""
    names = ("x", "layers", "layers_axis", "after")
    parts = [f"{x}_{y}" for x in _CHARTS for y in ("title", "alt")]
    slopes.slopes(
        {**dict(ACTIVATIONS), "sigmoid": text("sigmoid")},
        SERIES[widgets.scheme()][:3],
        {name: str(text.words[name]) for name in (*names, *parts)},
        words.language(),
        key="slopes",
    )
    st.caption(text("honest"))


def dropout(text: LiveText) -> None:
    """Which units a training step drops, and what ten masked networks predict."""
    chosen = picture.choose()
    feature_maps.activations(WEIGHT_SET, chosen)
    rates = {"own": "app_dropout", "paper": "dropout"}
    st.caption(text("trained", **{k: text.filled(name) for k, name in rates.items()}))
    image, kept = _masks(chosen.picture)
    nearest = min(cache.RATES, key=lambda rate: abs(rate - state.RATE.get()))
    stops(
        text("step"),
        mask_stops(chosen, kept, text),
        min(max(state.MASK.get(), 1), cache.MASKS) - 1,
        Parts(
            images=[image],
            tables=mask_tables(chosen, text),
            second=Second(
                text("rate"),
                [text.number(rate, ".1f") for rate in cache.RATES],
                cache.RATES.index(nearest),
            ),
        ),
        words.language(),
        key="dropped",
    )
    st.caption(text("computed", label=widgets.label(WEIGHT_SET)))


@cache.figure
def _masks(picture: Picture) -> tuple[bytes, list[list[bytes]]]:
    """fc6 as an image; for each rate and mask the pixels that are seen, as bits."""
    fc6 = cache.activations(WEIGHT_SET.name, picture)["fc6"]
    drawn = mosaic(fc6)
    found = cache.masked(WEIGHT_SET.name, picture, cache.RATES)
    seen = np.zeros((*found.kept.shape[:2], drawn.pixels.size), bool)
    seen[..., : len(fc6)] = found.kept
    bits = [[np.packbits(mask).tobytes() for mask in of_rate] for of_rate in seen]
    return encode_indices(drawn.pixels, drawn.colours), bits


def mask_stops(chosen: Chosen, kept: list[list[bytes]], text: LiveText) -> list[Stop]:
    """What each mask does at each rate: all rates of a mask, mask by mask."""
    fc6 = cache.activations(WEIGHT_SET.name, chosen.picture)["fc6"]
    found = cache.masked(WEIGHT_SET.name, chosen.picture, cache.RATES)
    shown = []
    for step in range(cache.MASKS):
        for number, rate in enumerate(cache.RATES):
            left = found.kept[number, step]
            counts = {
                "count": text.number(len(fc6)),
                "dropped": text.number(int((~left).sum())),
                "firing": text.number(int((fc6[left] > 0).sum())),
            }
            factor = text.number(1 / (1 - rate), ".3g")
            about = {"title": chosen.title, "step": step + 1, "factor": factor}
            figure = Figure(0, text("mask_alt", **counts), kept=kept[number][step])
            sentence = text("asleep", **about, **counts)
            row = step + 1  # below that of the whole network
            shown.append(Stop(str(step + 1), (), sentence, [figure], number, row))
    return shown


def mask_tables(chosen: Chosen, text: LiveText) -> Tables:
    """What is predicted under the ten masks, a table for each rate."""
    found = cache.masked(WEIGHT_SET.name, chosen.picture, cache.RATES)
    whole, share = first_name(found.whole)
    bodies, captions = [], []
    for answers, left in zip(found.answers, found.kept, strict=True):
        rows = [[text("none"), whole, text.number(share, ".1%"), "0"]]
        named = [first_name(answer) for answer in answers]
        for step, (name, probability) in enumerate(named):
            dropped = int((~left[step]).sum())
            numbers = text.number(probability, ".1%"), text.number(dropped)
            rows.append([str(step + 1), name, *numbers])
        bodies.append(rows)
        agree = sum(name == whole for name, _ in named)
        captions.append(text("agree", agree=agree, name=whole))
    head = [text(name) for name in ("mask", "name", "share", "asleep_column")]
    return Tables(text("answers"), head, bodies, captions, text("alt"))


def focus(text: LiveText) -> None:
    """The answer from the strongest units of fc6 alone, and where conv5 fires most."""
    chosen = picture.choose()
    answers = feature_maps.activations(WEIGHT_SET, chosen)
    found = cache.strongest_only(WEIGHT_SET.name, chosen.picture)
    left, right = st.columns([3, 2], gap="large")
    with left:
        _kept(found, answers["fc6"], text)
    with right:
        photo, best = _strongest(chosen.picture)
        conv5 = cache.layer(WEIGHT_SET.name, chosen.picture, "conv5")[:, :, best]
        alt = map_statistics.describe_map("conv5", best, conv5, words.described())
        alt = text("map_alt", title=chosen.title, alt=alt)
        st.image(photo, width="stretch", alt=alt)
        st.caption(text("map"))
    st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


@cache.figure
def _strongest(picture: Picture) -> tuple[bytes, int]:
    """Where conv5's strongest map fires, over the picture; which one that is."""
    conv5 = cache.activations(WEIGHT_SET.name, picture)["conv5"]
    best = int(map_statistics.peaks(conv5).argmax())
    one = conv5[:, :, best]
    full = float(cache.best_maps(WEIGHT_SET.name)["conv5"][best])
    over = overlay.over(as_received(picture, WEIGHT_SET.spec), one, top=full)
    return encode_photo(over), best


def _kept(found: Any, fc6: Any, text: LiveText) -> None:
    """The prediction for each number of units, and from how many on it stays."""
    firsts = [first_name(row) for row in found]
    whole, _ = firsts[-1]
    shown = []
    for keep, (name, share) in zip(cache.KEEPS, firsts, strict=True):
        same = "same" if name == whole else "changed"
        shown.append(
            Stop(
                text.number(keep),
                [name, text.number(share, ".1%")],
                text(same, count=text.number(len(fc6)), name=whole),
            )
        )
    wanted = state.KEEP.get()
    opens = wanted if wanted in cache.KEEPS else state.KEEP.default
    stops(
        text("keep"),
        shown,
        cache.KEEPS.index(opens),
        Parts(names=[text("name"), text("share")]),
        words.language(),
        key="kept",
    )
    fewest = cache.KEEPS[-1]
    for keep, (first, _) in zip(reversed(cache.KEEPS), reversed(firsts), strict=True):
        if first != whole:
            break
        fewest = keep
    st.markdown(
        text(
            "fewest",
            fewest=text.number(fewest),
            name=whole,
            firing=text.number(int((fc6 > 0).sum())),
        )
    )

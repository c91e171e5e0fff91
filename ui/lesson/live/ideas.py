"""Why it learns: slopes through many layers, dropped units, the strongest alone."""

from __future__ import annotations

from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from model.analysis import map_statistics
from model.network import dropout as masks
from model.pictures import Picture, as_received
from ui.kit import cache, picture, state, widgets, words
from ui.kit.components import slopes
from ui.kit.components.stops import Stop, stops
from ui.kit.panels import feature_maps
from ui.kit.picture import Chosen
from ui.lesson.live.parts import ACTIVATIONS, WEIGHT_SET, LiveText, first_name, table
from viz import overlay
from viz.mosaic import LEVELS, encode_indices, encode_photo, mosaic
from viz.palette import SERIES

_CHARTS = ("value", "slope", "product")


def multiplied(text: LiveText) -> None:
    """ReLU and tanh, their slopes, and the slopes multiplied through n layers."""
    names = ("x", "layers", "layers_axis", "after")
    parts = [f"{x}_{y}" for x in _CHARTS for y in ("title", "alt")]
    slopes.slopes(
        [name for _, name in ACTIVATIONS],
        SERIES[widgets.scheme()][:2],
        {name: str(text.words[name]) for name in (*names, *parts)},
        words.language(),
        key="slopes",
    )
    st.caption(text("honest"))


def dropout(text: LiveText) -> None:
    """Which units a training step drops, and what ten masked networks predict."""
    chosen = picture.choose()
    answers = feature_maps.activations(WEIGHT_SET, chosen)
    left, right = st.columns(2, gap="large")
    state.MASK.keep_valid(min(max(state.MASK.get(), 1), 50))
    state.RATE.keep_valid()
    step = left.slider(text("step"), 1, 50, **state.MASK.widget)
    rate = right.slider(
        text("rate"), 0.0, 0.9, step=0.1, format="localized", **state.RATE.widget
    )
    rates = {"own": "app_dropout", "paper": "dropout"}
    st.caption(text("trained", **{k: text.filled(name) for k, name in rates.items()}))
    with left:
        _mask(len(answers["fc6"]), step, rate, chosen, text)
    with right:
        _ten_answers(chosen, step, rate, text)
    st.caption(text("computed", label=widgets.label(WEIGHT_SET)))


@cache.figure
def _mask_png(picture: Picture, step: int, rate: float) -> tuple[bytes, int, int]:
    """fc6 with what a step drops left blank; how many that is, how many others fire."""
    fc6 = cache.activations(WEIGHT_SET.name, picture)["fc6"]
    factors = masks.factors(len(fc6), rate, step, 6)
    drawn = mosaic(fc6 * factors)
    pixels = drawn.pixels.copy()
    pixels.reshape(-1)[: len(fc6)][factors == 0] = LEVELS  # see-through
    dropped = int((factors == 0).sum())
    firing = int(((fc6 * factors) > 0).sum())
    return encode_indices(pixels, drawn.colours, 8), dropped, firing


def _mask(count: int, step: int, rate: float, chosen: Chosen, text: LiveText) -> None:
    png, dropped, firing = _mask_png(chosen.picture, step, round(rate, 1))
    st.image(
        png,
        width="stretch",
        alt=text("mask_alt", count=count, dropped=dropped, firing=firing),
    )
    st.markdown(
        text(
            "asleep",
            title=escape_markdown(chosen.title),
            step=step,
            dropped=text.number(dropped),
            count=text.number(count),
            firing=text.number(firing),
            factor=text.number(1 / (1 - rate), ".3g"),
        )
    )


def _ten_answers(chosen: Chosen, step: int, rate: float, text: LiveText) -> None:
    found = cache.masked(WEIGHT_SET.name, chosen.picture, round(rate, 1), step)
    whole, share = first_name(found.whole)
    rows = [[text("none"), whole, text.number(share, ".1%"), "0"]]
    agree = 0
    for i, (answer, dropped) in enumerate(
        zip(found.answers, found.dropped, strict=True), step
    ):
        name, share = first_name(answer)
        agree += name == whole
        rows.append([str(i), name, text.number(share, ".1%"), text.number(dropped)])
    st.markdown(f"**{text('answers')}**")
    head = [text(n) for n in ("mask", "name", "share", "asleep_column")]
    table(head, rows, text("alt"))
    st.markdown(text("agree", agree=agree, name=whole))


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
        [text("name"), text("share")],
        shown,
        cache.KEEPS.index(opens),
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

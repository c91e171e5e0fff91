"""What the data make of the network: how sure it is, and how often it is right."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from model import measured, weights
from model.measured import Evaluation
from ui.kit import cache, picture, widgets
from ui.kit.network import feature_maps
from ui.lesson.live.parts import WEIGHT_SET, LiveText, first_name, last_name, table
from viz.curves import AxisLimits, Curves, Look, Point, lines

HEIGHT = 330  # pixels of the chart, with its title and legend
ROWS = 4  # classes that are right most often, and least often


def trust(text: LiveText) -> None:
    """How sure it is of the visitor's picture, and what that was worth elsewhere."""
    chosen = picture.choose()
    feature_maps.activations(WEIGHT_SET, chosen)
    found = measured.evaluation(WEIGHT_SET.name)
    assert found is not None
    name, share = first_name(
        cache.layer(WEIGHT_SET.name, chosen.picture, last_name(WEIGHT_SET.spec))
    )
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.image(
            cache.received_photo(chosen.picture, WEIGHT_SET.spec),
            width=200,
            alt=chosen.alt,
        )
        title = escape_markdown(chosen.title)
        sure = text.number(share, ".1%")
        st.markdown(text("predicted", title=title, name=name, sure=sure))
        st.markdown(worth(found, share, text))
    with right:
        _chart(found, share, text)
    if text.presented:
        return
    st.markdown(f"**{text('classes')}**")
    _classes(found, text)
    st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))


def step_of(share: float) -> int:
    """In which step of `Evaluation.reliability` a probability falls."""
    return min(int(share * measured.CERTAINTIES), measured.CERTAINTIES - 1)


def worth(found: Evaluation, share: float, text: LiveText) -> str:
    """How often it was right where it was as sure, and what else made it as sure."""
    at = step_of(share)
    count, _, right = found.reliability[at]
    return text(
        "worth",
        low=text.number(at / measured.CERTAINTIES, ".0%"),
        high=text.number((at + 1) / measured.CERTAINTIES, ".0%"),
        count=text.number(count),
        right=text.number(right, ".0%"),
        others=text.number(found.strangers_in_steps[at]),
        strangers=text.number(sum(found.strangers_in_steps)),
    )


def _chart(found: Evaluation, share: float, text: LiveText) -> None:
    """Probability against what was right; the picture's as an upright line."""
    was, ideal, own = text("was"), text("ideal"), text("own")
    rows = [(sure, right) for count, sure, right in found.reliability if count]
    points = [Point(100 * x, y, was, "", was) for x, y in rows]
    points += [Point(x, x / 100, ideal, "", ideal) for x in (0, 100)]
    points += [Point(round(100 * share, 1), y, own, "", own) for y in (0, 1)]
    look = Look(text("axis"), text("title"), HEIGHT, frame=AxisLimits(100))
    off = max(abs(x - y) for x, y in rows)
    widgets.chart(
        lines(Curves(points, [was, ideal, own]), look, widgets.scheme()),
        key="reliability",
        alt=text("alt", off=text.number(100 * off, ".1f")),
    )


def _classes(found: Evaluation, text: LiveText) -> None:
    """The classes that are right most and least often, and what is mixed up most."""
    names = weights.class_names(WEIGHT_SET.name)
    order = sorted(range(len(names)), key=lambda i: -found.class_accuracy[i])
    best, worst = order[:ROWS], order[::-1][:ROWS]

    def said(number: int) -> str:
        share = text.number(found.class_accuracy[number], ".0%")
        return f"{names[number]} · {share}"

    mixed = [
        text("mixed", name=names[true], other=names[other], count=count)
        for true, other, count in found.confusions[:ROWS]
    ]
    rows = [
        [said(high), said(low), pair]
        for high, low, pair in zip(best, worst, mixed, strict=True)
    ]
    head = [text(f"column_{name}") for name in ("best", "worst", "mixed")]
    table(head, rows, text("alt_classes"))

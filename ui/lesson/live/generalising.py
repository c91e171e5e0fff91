"""On new images: four recorded runs, changed images."""

from __future__ import annotations

from math import ceil

import streamlit as st

from classroom.content import recorded
from lab.datasets import MOST_DRAWN
from ui.kit import cache, picture, widgets, words
from ui.kit.network import augmentation, ten_crops
from ui.kit.teach import teach
from ui.lesson.live.parts import WEIGHT_SET, LiveText
from viz.curves import AxisLimits, Curves, Look, Point, lines

HEIGHT = 270  # pixels of a chart, with its title and legend
PRESENTED = 200  # the same on a projector: two rows of them, which are zoomed to fit


def four_runs(text: LiveText) -> None:
    """Training and validation error of four recorded runs, and which they are."""
    letters = list(recorded.FOUR)
    for pair in (letters[:2], letters[2:]):
        for column, letter in zip(st.columns(2, gap="medium"), pair, strict=True):
            with column:
                _run(letter, text)
    measured_on = cache.recordings()[recorded.FOUR[letters[0]][0]].sample
    st.caption(text("honest", sample=text.number(measured_on)))


def _run(letter: str, text: LiveText) -> None:
    curve = recorded.of_four(letter)
    names = {"training": text("training"), "validation": text("validation")}
    points = [
        Point(one.epoch, round(getattr(one, kind) / 100, 4), name, "", name)
        for kind, name in names.items()
        for one in curve
    ]
    frame = AxisLimits(ceil(curve[-1].epoch))
    title, height = text("title"), HEIGHT
    if text.presented:
        title, height = f"{letter} · {title}", PRESENTED
    look = Look(text("axis", letter=letter), title, height, frame=frame)
    ends = {
        f"{kind}_{when}": text.number(getattr(one, kind) / 100, ".0%")
        for kind in names
        for when, one in (("first", curve[0]), ("last", curve[-1]))
    }
    if not text.presented:
        st.markdown(f"**{letter}**")
    widgets.chart(
        lines(Curves(points, list(names.values())), look, widgets.scheme()),
        key=f"four_{letter}",
        alt=text("alt", letter=letter, **ends),
    )
    if text.shown:
        st.caption(_described(letter, text))


def _described(letter: str, text: LiveText) -> str:
    """Which recording it is: told once the question is answered."""
    name, seed, arm = recorded.FOUR[letter]
    found = cache.recordings()[name]
    one = found.experiment.arms[arm]
    return text(
        "run",
        data=text.words.table("data")[one.dataset],
        images=text.number(one.pictures or MOST_DRAWN),
        epochs=text.number(recorded.of_four(letter)[-1].epoch, ".3g"),
        rate=text.number(one.learning_rate, "g"),
        seed=found.seeds[seed],
        name=name,
    )


def augmented(text: LiveText) -> None:
    """Crops and colours of the visitor's picture, and ten crops that vote."""
    chosen = picture.choose()
    augmentation.cut_and_recolour(chosen)
    if text.presented:
        return
    st.markdown(f"**{words.page('augmentation')['vote']}**")
    ten_crops.vote(WEIGHT_SET, chosen)


def taught(text: LiveText) -> None:
    """Two classes of the visitor's own, on the network as it is."""
    teach.begin()
    found = teach.panel(WEIGHT_SET)
    if found is not None and found.ready():
        st.markdown(teach.trained(WEIGHT_SET, found))

"""The networks after AlexNet: a slider through them, and all in a table."""

from __future__ import annotations

import streamlit as st

from classroom.content import later
from classroom.content.later import LaterNetwork
from ui.kit import words
from ui.kit.components.stops import Parts, Stop, Tables, stops
from ui.lesson.live.parts import LiveText


def networks(text: LiveText) -> None:
    """Errors, layers and parameters of each, what was new and what stayed."""
    every = later.networks()
    shown = [
        Stop(
            f"{one.title}, {one.year}",
            sentence=_told(one, text),
            table=0,
            marked=place,
        )
        for place, one in enumerate(every)
    ]
    head = [
        text(f"column_{name}") for name in ("name", "one", "mean", "layers", "millions")
    ]
    tables = Tables(
        text("table"),
        head,
        [[_row(one, text) for one in every]],
        [text("computed")],
        text("alt"),
    )
    stops(
        text("network"),
        shown,
        0,
        Parts(tables=tables),
        words.language(),
        key="after",
    )
    st.caption(text("sources"))


def _told(one: LaterNetwork, text: LiveText) -> str:
    """What was new in it, and what it has in common with AlexNet."""
    told = text("new_is", new=text.words.table("new")[one.name])
    kept = text.words.table("kept")
    return (
        f"{told} {text('kept_is', kept=kept[one.name])}" if one.name in kept else told
    )


def _row(one: LaterNetwork, text: LiveText) -> list[str]:
    return [
        one.title,
        _error(one.one, text),
        _error(one.averaged, text),
        text.number(one.layers),
        text.number(one.parameters / 1e6, ".1f"),
    ]


def _error(percent: float, text: LiveText) -> str:
    """With as many digits as its paper prints."""
    digits = len(f"{percent:g}".partition(".")[2])
    return text.number(percent / 100, f".{digits}%")

"""Before features were learned: one that was made by hand, beside learned filters."""

from __future__ import annotations

import streamlit as st

from classroom.content import numbers
from model.analysis.lesson_steps import orientation
from model.pictures import Picture, as_received
from ui.kit import cache, picture, widgets, words
from ui.kit.components.stops import Figure, Parts, Stop, stops
from ui.lesson.live.parts import WEIGHT_SET, LiveText, table
from viz.mosaic import encode, encode_photo, mosaic
from viz.orientations import strokes

SIDE = 672  # pixels of the drawing


def hand_made(text: LiveText) -> None:
    """Directions of edges by cells, beside the first filters; who won in 2010, 2011."""
    chosen = picture.choose()
    sizes, drawn = _counted(chosen.picture)
    learned, count = _learned(chosen.picture)
    photo = cache.received_photo(chosen.picture, WEIGHT_SET.spec)
    filters = Figure(
        1,
        text("learned_alt", title=chosen.title),
        text("learned", filters=count[0], numbers=text.number(count[1])),
    )
    shown = []
    for place, (cell, size) in enumerate(zip(orientation.CELLS, sizes, strict=True)):
        about = {"cell": cell, "numbers": text.number(size)}
        directions = orientation.BINS
        counted = Figure(
            2 + place,
            text("counted_alt", title=chosen.title, **about),
            text("counted", directions=directions, **about),
        )
        figures = [Figure(0, chosen.alt, text("photo")), counted, filters]
        shown.append(Stop(f"{cell} × {cell}", figures=figures))
    stops(
        text("cell"),
        shown,
        0,
        Parts(images=[photo, learned, *drawn]),
        words.language(),
        key="hand_made",
    )
    if text.presented:
        return
    st.caption(text("made_by", label=widgets.label(WEIGHT_SET)))
    _winners(text)


@cache.figure
def _counted(picture: Picture) -> tuple[list[int], list[bytes]]:
    """For each size of cells: how many numbers it gives, and these as a drawing."""
    grey = orientation.grey(as_received(picture, WEIGHT_SET.spec))
    found = [orientation.histograms(grey, cell) for cell in orientation.CELLS]
    drawn = [encode_photo(strokes(one, SIDE)) for one in found]
    return [one.size for one in found], drawn


@cache.figure
def _learned(picture: Picture) -> tuple[bytes, tuple[int, int]]:
    """The first layer's maps as an image; how many, and how many numbers."""
    maps = cache.first_maps(WEIGHT_SET.name, picture)
    best = cache.best_first_maps(WEIGHT_SET.name)
    drawn = encode(mosaic(maps, "best", None, 1.0, best=best))
    return drawn, (maps.shape[2], maps.size)


def _winners(text: LiveText) -> None:
    """The first two ImageNet challenges."""
    st.markdown(text("winners"))
    rows = [
        [year, text(f"by_{year}"), text(f"made_{year}"), text.filled(f"winner_{year}")]
        for year in numbers.WINNERS
    ]
    table(
        [text(f"column_{x}") for x in ("year", "entry", "made", "error")],
        rows,
        text("alt"),
    )

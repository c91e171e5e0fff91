"""How a weight set was trained: its filters at every report, its curves, its cost."""

from __future__ import annotations

import io
from functools import lru_cache
from typing import Any

import streamlit as st

from model import measured, weights
from model.analysis import filters
from paths import ROOT
from ui.kit import cache, state, widgets, words
from viz import charts
from viz.filters import filter_mosaic
from viz.mosaic import columns_for, encode_rgb
from viz.palette import PALETTES, Scheme


@lru_cache(maxsize=200)
def _curves(name: str, report: int, scheme: Scheme) -> bytes:
    """The journal's curves as a PNG, the report looked at marked."""
    text, history = words.page("training"), measured.history(name)
    assert history is not None
    figure = charts.learning(
        history.shown.tolist(),
        [
            (text["train"], history.train.tolist()),
            (text["validation"], history.validation.tolist()),
        ],
        history.size.tolist(),
        float(history.shown[report]),
        PALETTES[scheme],
        text.table("axes"),
    )
    out = io.BytesIO()
    figure.savefig(out, format="png", dpi=200)
    return out.getvalue()


def trained(weight_set: weights.WeightSet, scaling: Any, order: filters.By) -> None:
    """The section on a set's training; one sentence where nothing was kept of it."""
    text = words.page("training")
    st.header(text["heading"], anchor="training")
    history, found = (
        measured.history(weight_set.name),
        measured.evaluation(weight_set.name),
    )
    if history is None or found is None:
        st.markdown(text["none"].format(title=weight_set.title))
        return
    hours, minutes = divmod(round(history.seconds.sum() / 60), 60)
    st.markdown(
        text["say"].format(
            shown=f"{history.shown[-1]:,}",
            hours=hours,
            minutes=minutes,
            hardware=found.hardware,
        )
    )
    _replay(weight_set.name, scaling, order)
    st.markdown(
        text["result"].format(
            top1=f"{found.top1:.1%}",
            top5=f"{found.top5:.1%}",
            before=f"{found.top1_before_compression:.1%}",
            clear=found.clear_filters,
            count=cache.first_layer(weight_set.name)[0].shape[3],
            dead=found.all_dead_units,
        )
    )
    _mistakes(weight_set, found)
    with st.expander(text["card"], icon=":material/description:"):
        card = (ROOT / "assets" / "weights" / f"{weight_set.name}.md").read_text(
            "utf-8"
        )
        # Its headings lie below the section's.
        st.markdown(card.replace("\n## ", "\n#### ").removeprefix("# "))


@st.fragment
def _replay(name: str, scaling: Any, order: filters.By) -> None:
    """A slider through the reports: the filters then, and the place on the curve."""
    text, history = words.page("training"), measured.history(name)
    assert history is not None
    last = len(history.shown) - 1
    moments = {back: f"{history.shown[last - back]:,}" for back in range(last, -1, -1)}
    report = last - widgets.slider(state.REPORTS_BACK, text["slider"], moments)
    kernels = history.filters(report)
    found = filters.measure(kernels)
    clear = int((found.clear_orientation | found.clear_colour).sum())
    numbers = {
        "shown": f"{history.shown[report]:,}",
        "clear": clear,
        "count": kernels.shape[3],
        "size": history.size[report],
        "right": f"{history.validation[report]:.1%}",
    }
    sentence = text["start" if report == 0 else "then"].format(**numbers)
    left, right = st.columns(2, gap="large")
    pixels = filter_mosaic(
        kernels,
        scaling,
        order=filters.order(history.filters(last), order),
        columns=columns_for(kernels.shape[3], 1.5),
        cell=22,
        gap=2,
        gap_colour=widgets.palette().background,
    )
    left.image(encode_rgb(pixels), width="stretch", alt=sentence)
    right.image(
        _curves(name, report, widgets.scheme()),
        width="stretch",
        alt=text["curves_alt"].format(
            first=f"{history.validation[1]:.1%}",
            last=f"{history.validation[-1]:.1%}",
            shown=f"{history.shown[-1]:,}",
        ),
    )
    st.markdown(sentence)
    st.caption(text["curves_say"])


def _mistakes(weight_set: weights.WeightSet, found: measured.Evaluation) -> None:
    """The classes it knows best and worst, and what it takes for what."""
    text, names = words.page("training"), weights.class_names(weight_set.name)
    ranked = sorted(range(len(names)), key=lambda i: -found.class_accuracy[i])
    best, worst = ranked[:5], ranked[:-6:-1]

    def listed(numbers: list[int]) -> str:
        return ", ".join(f"{names[i]} ({found.class_accuracy[i]:.0%})" for i in numbers)

    with st.expander(text["mistakes"], icon=":material/rule:"):
        st.markdown(text["best"].format(names=listed(best)))
        st.markdown(text["worst"].format(names=listed(worst)))
        head = text.table("confusion")
        st.table(
            {
                head["true"]: [names[a] for a, _, _ in found.confusions],
                head["named"]: [names[b] for _, b, _ in found.confusions],
                head["count"]: [f"{c} / 50" for _, _, c in found.confusions],
            },
            border="horizontal",
            hide_index=True,
        )

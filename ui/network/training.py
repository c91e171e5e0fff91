"""How a weight set was trained: its filters at every report, its curves, its cost."""

from __future__ import annotations

from functools import lru_cache
from itertools import pairwise
from math import ceil
from typing import Any

import numpy as np
import streamlit as st

from model import measured, weights
from model.analysis import filters
from paths import ROOT
from ui.kit import cache, state, widgets, words
from ui.kit.components import replay as component
from ui.kit.runs import replay_routes
from viz.mosaic import columns_for
from viz.palette import SERIES


@lru_cache(maxsize=8)
def sentences(name: str, language: str = words.ENGLISH) -> list[str]:
    """What each report shows: images, clear filters, images classified correctly."""
    text, history = words.page("training", language), measured.history(name)
    assert history is not None
    found = []
    for report, shown in enumerate(history.shown):
        kernels = history.filters(report)
        measures = filters.measure(kernels)
        clear = int((measures.clear_orientation | measures.clear_colour).sum())
        template = text["start" if report == 0 else "then"]
        found.append(
            template.format(
                shown=f"{shown:,}",
                clear=clear,
                count=kernels.shape[3],
                size=history.size[report],
                right=f"{history.validation[report]:.1%}",
            )
        )
    return found


def bands(history: measured.History) -> list[tuple[float, float, str]]:
    """From where to where images had which size, in thousand images shown."""
    label = words.page("training").table("axes")["size"]
    found: list[tuple[float, float, str]] = []
    for before, report in pairwise(range(len(history.shown))):
        start, end = (float(history.shown[x]) / 1_000 for x in (before, report))
        size = label.format(size=history.size[report])
        if found and found[-1][2] == size:
            found[-1] = (found[-1][0], end, size)
        else:
            found.append((start, end, size))
    return found


def trained(weight_set: weights.WeightSet, scaling: Any, order: filters.By) -> None:
    """The section on a set's training; one sentence where nothing was kept of it."""
    text = words.page("training")
    st.header(text["heading"], anchor="training")
    history, found = (
        measured.history(weight_set.name),
        measured.evaluation(weight_set.name),
    )
    if history is None or found is None:
        st.markdown(text["none"].format(title=widgets.set_title(weight_set)))
        return
    hours, minutes = divmod(round(history.seconds.sum() / 60), 60)
    st.markdown(
        text["say"].format(
            shown=f"{history.shown[-1]:,}",
            hours=hours,
            minutes=minutes,
            hardware=text.find("hardware", weight_set.name) or found.hardware,
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
        with widgets.language(words.ENGLISH, "card"):
            st.markdown(card.replace("\n## ", "\n#### ").removeprefix("# "))


def _replay(name: str, scaling: Any, order: filters.By) -> None:
    """The training drawn again in the browser: filters, and the two accuracies."""
    text, history = words.page("training"), measured.history(name)
    assert history is not None
    last = len(history.shown) - 1
    back = state.REPORTS_BACK.get()
    part = history.shown[max(0, last - back)] / history.shown[last]
    kernels = history.filters(last)
    most = float(np.nanmax([history.train, history.validation]))
    component.replay(
        replay_routes.training_address(name),
        [
            component.Curve(
                "accuracy",
                text["accuracy"],
                value=0,
                thin=False,
                low=0.0,
                high=ceil(10 * most) / 10,
            )
        ],
        component.Look(
            SERIES[widgets.scheme()],
            text.table("axes")["x"],
            names=text.lines("lines"),
            columns=columns_for(kernels.shape[3], 1.3),
            order=filters.order(kernels, order).tolist(),
            one_scale=scaling == "all",
            bands=bands(history),
            sentences=sentences(name, words.language()),
        ),
        {
            **words.page("lab").table("replay", "component"),
            **text.table("component"),
        },
        words.language(),
        key="training",
        alt=text["curves_alt"].format(
            first=f"{history.validation[1]:.1%}",
            last=f"{history.validation[-1]:.1%}",
            shown=f"{history.shown[-1]:,}",
        ),
        opens_at=float(part),
    )
    st.caption(text["curves_say"])


def _mistakes(weight_set: weights.WeightSet, found: measured.Evaluation) -> None:
    """The classes it knows best and worst, and what it takes for what."""
    text, names = words.page("training"), weights.class_names(weight_set.name)
    ranked = sorted(range(len(names)), key=lambda i: -found.class_accuracy[i])
    best, worst = ranked[:5], ranked[:-6:-1]

    def listed(numbers: list[int]) -> str:
        return ", ".join(
            f"{names[i]} ({words.figures(f'{found.class_accuracy[i]:.0%}')})"
            for i in numbers
        )

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

"""First-layer filters while they form, measurement by measurement."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import streamlit as st

from lab.experiments import Arm
from lab.records import Report
from lab.results import metrics
from ui.experiments import source
from ui.kit import widgets, words
from ui.kit.components.stops import Figure, Parts, Stop, stops
from ui.kit.runs.run_charts import ShownRun
from viz.filters import filter_mosaic
from viz.mosaic import encode_rgb

CELL = 30  # pixels of a filter
MOST_ARMS = 4  # whose filters are shown


def panel(shown: ShownRun, live: bool) -> None:
    """First-layer filters of the arms; once the run is over, a slider replays them."""
    text = source.text().table("why")
    arms = shown.experiment.arms[:MOST_ARMS]
    kept = [
        [r for r in metrics.measured(shown.events, i) if r.filters is not None]
        for i in range(len(arms))
    ]
    most = max(map(len, kept))
    if most == 0:
        st.caption(text["filters_none"])
        return
    st.markdown(text["filters_say"])
    if not live and most > 1:
        found, images = filter_stops(arms, kept)
        parts = Parts(images=images)
        stops(
            text["replay"],
            found,
            most - 1,
            parts,
            words.language(),
            key=f"filters {shown.name}",
        )
        return
    for column, arm, reports in zip(st.columns(len(arms)), arms, kept, strict=True):
        with column:
            if not reports:
                st.markdown(f"**{arm.label}**")
                st.caption(text["filters_none"])
                continue
            png, alt, caption = _drawn_filters(arm, reports[-1])
            widgets.pixels(png, alt)
            st.caption(caption)


def filter_stops(
    arms: Sequence[Arm], kept: Sequence[Sequence[Report]]
) -> tuple[list[Stop], list[bytes]]:
    """All arms' filters at each measurement that has them; an arm's last one stays.

    Returns:
        the stops, and the images that they name.
    """
    text = source.text().table("why")
    longest = max(kept, key=len)
    figures: list[list[Figure]] = []
    images: list[bytes] = []
    for arm, reports in zip(arms, kept, strict=True):
        figures.append([])
        for report in reports:
            png, alt, caption = _drawn_filters(arm, report)
            figures[-1].append(Figure(len(images), alt, caption))
            images.append(png)
    return [
        Stop(
            text["pass"].format(epoch=report.epoch),
            figures=[of_arm[min(i, len(of_arm) - 1)] for of_arm in figures if of_arm],
        )
        for i, report in enumerate(longest)
    ], images


def _drawn_filters(arm: Arm, report: Report) -> tuple[bytes, str, str]:
    """An arm's first-layer filters as PNG, in words, and its caption."""
    text = source.text().table("why")
    assert report.filters is not None
    kernels = report.filters.astype(np.float32)
    gap = widgets.palette().background
    png = encode_rgb(filter_mosaic(kernels, cell=CELL, gap_colour=gap))
    numbers = {"epoch": report.epoch, "size": float(np.abs(kernels).mean())}
    alt = text["filters_alt"].format(count=kernels.shape[3], arm=arm.label, **numbers)
    caption = text["filters_caption"].format(**numbers)
    return png, alt, f"**{arm.label}**: {caption}"

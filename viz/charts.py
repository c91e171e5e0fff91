"""Charts: arrays in, `matplotlib.figure.Figure` out; never pyplot."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from matplotlib.figure import Figure

from viz.palette import Palette


def shares(
    names: Sequence[str],
    kinds: Sequence[str],
    columns: Sequence[tuple[str, Sequence[int]]],
    palette: Palette,
    figures: Callable[[str], str] = str,
) -> Figure:
    """Back to back: each layer's share of two quantities, in per cent.

    Args:
        names: (layers,) from top to bottom.
        kinds: (layers,) as `model.network.shapes` calls them; they give the colours.
        columns: two titles with (layers,) values each, left and right.
        figures: writes "12.3%" as the reader's language does.
    """
    figure = Figure(figsize=(4.6, 0.36 * len(names) + 0.7), layout="constrained")
    figure.set_facecolor(palette.background)
    axes = figure.subplots(1, 2, sharey=True)
    colours = [palette.kind(kind) for kind in kinds]
    places = np.arange(len(names))
    for axis, (title, values) in zip(axes, columns, strict=True):
        total = np.asarray(values, dtype=float)
        per_cent = 100 * total / total.sum()
        axis.set_facecolor(palette.background)
        axis.barh(places, per_cent, color=colours, height=0.66)
        axis.set_title(title, color=palette.text, fontsize=11.5, pad=8)
        axis.set_xlim(0, 1.5 * per_cent.max())
        axis.set_xticks([])
        axis.spines[:].set_visible(False)
        axis.tick_params(length=0)
        for place, value in zip(places, per_cent, strict=True):
            axis.annotate(
                figures(f"{value:.1f}%"),
                (value, place),
                xytext=(4 if axis is axes[1] else -4, 0),
                textcoords="offset points",
                ha="left" if axis is axes[1] else "right",
                va="center",
                color=palette.text,
                fontsize=10.5,
            )
    left, right = axes
    left.invert_xaxis()
    left.invert_yaxis()
    left.tick_params(labelleft=False)
    right.tick_params(labelleft=True, pad=6)
    right.set_yticks(places, names, color=palette.text, fontsize=11.5, ha="center")
    right.tick_params(axis="y", pad=24)
    return figure

"""Charts: arrays in, `matplotlib.figure.Figure` out; never pyplot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator
from numpy.typing import NDArray

from viz.palette import Palette

Values = NDArray[np.floating[Any]]


def shares(
    names: Sequence[str],
    kinds: Sequence[str],
    columns: Sequence[tuple[str, Sequence[int]]],
    palette: Palette,
) -> Figure:
    """Back to back: each layer's share of two quantities, in per cent.

    Args:
        names: (layers,) from top to bottom.
        kinds: (layers,) as `model.network.shapes` calls them; they give the colours.
        columns: two titles with (layers,) values each, left and right.
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
                f"{value:.1f}%",
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


def learning(
    shown: Sequence[float],
    curves: Sequence[tuple[str, Sequence[float]]],
    sizes: Sequence[int],
    at: float,
    palette: Palette,
    words: Mapping[str, str],
) -> Figure:
    """Accuracy against pictures shown; a band for each input size, a line at `at`.

    Args:
        shown: (reports,) pictures shown so far, rising.
        curves: name and (reports,) shares, 0 to 1, of each; nan leaves a gap.
        sizes: (reports,) input pixels at each report.
        words: "x", "y" and "size" (with {size}) of the axes and bands.
    """
    figure = Figure(figsize=(6.2, 3.5), layout="constrained")
    figure.set_facecolor(palette.background)
    axis = figure.subplots()
    axis.set_facecolor(palette.background)
    thousands = np.asarray(shown, dtype=float) / 1000
    edges = [i for i in range(1, len(sizes)) if sizes[i] != sizes[i - 1]]
    starts = [0.0, *(thousands[i - 1] for i in edges)]
    ends = [*starts[1:], thousands[-1]]
    for number, (start, end) in enumerate(zip(starts, ends, strict=True)):
        if number % 2:
            axis.axvspan(start, end, color=palette.text, alpha=0.06, linewidth=0)
        axis.annotate(
            words["size"].format(size=sizes[[0, *edges][number]]),
            ((start + end) / 2, 1.0),
            xycoords=("data", "axes fraction"),
            xytext=(0, 4 + 11 * (number % 2)),  # neighbours may be narrow
            textcoords="offset points",
            ha="center",
            fontsize=9,
            color=palette.text,
        )
    colours = (palette.kind("conv"), palette.kind("dense"))
    for (name, values), colour in zip(curves, colours, strict=False):
        per_cent = 100 * np.asarray(values, dtype=float)
        axis.plot(thousands, per_cent, color=colour, linewidth=2, label=name)
    axis.axvline(at / 1000, color=palette.text, linewidth=1.2, linestyle=":")
    axis.set_xlim(0, thousands[-1])
    axis.set_ylim(0, None)
    axis.set_xlabel(words["x"], color=palette.text, fontsize=10.5)
    axis.set_ylabel(words["y"], color=palette.text, fontsize=10.5)
    axis.tick_params(colors=palette.text, labelsize=10)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axis.spines[side].set_color(palette.text)
    legend = axis.legend(frameon=False, fontsize=10.5, loc="lower right")
    for text in legend.get_texts():
        text.set_color(palette.text)
    return figure


def curves(
    x: Values,
    lines: Sequence[tuple[str, Values]],
    title: str,
    palette: Palette,
    at: float | None = None,
    smallest: float | None = None,
) -> Figure:
    """Two curves over the same x, told apart by colour and by dashes.

    Args:
        x: (n,).
        lines: a name and values (n,) for each; a value may be missing (NaN).
        at: an x to be marked.
        smallest: the foot of a logarithmic scale with a dot for each value; values
            below are left out. None: an ordinary scale.
    """
    figure = Figure(figsize=(4.0, 3.0), layout="constrained")
    figure.set_facecolor(palette.background)
    axis = figure.subplots()
    axis.set_facecolor(palette.background)
    styles = [(palette.conv, "-", "o"), (palette.dense, "--", "s")]
    for (name, values), (colour, dash, dot) in zip(lines, styles, strict=True):
        shown = (
            values if smallest is None else np.where(values < smallest, np.nan, values)
        )
        axis.plot(
            x,
            shown,
            dash,
            color=colour,
            label=name,
            linewidth=2,
            marker=None if smallest is None else dot,
            markersize=4,
        )
    if at is not None:
        axis.axvline(at, color=palette.accent, linewidth=1, linestyle=":")
    if smallest is not None:
        axis.set_yscale("log")
        axis.set_ylim(smallest / 3, 4)
        axis.xaxis.set_major_locator(MaxNLocator(integer=True))
    axis.set_title(title, color=palette.text, fontsize=11.5)
    axis.tick_params(which="both", colors=palette.text, labelsize=9.5)
    axis.spines[["top", "right"]].set_visible(False)
    axis.spines[["left", "bottom"]].set_color(palette.line)
    axis.grid(color=palette.line, linewidth=0.5, alpha=0.6)
    axis.legend(frameon=False, labelcolor=palette.text, fontsize=10, loc="best")
    return figure

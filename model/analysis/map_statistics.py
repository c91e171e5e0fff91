"""Statistics of a layer's feature maps, as numbers and as a sentence."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis.described import Texts, english

Values = NDArray[np.floating[Any]]


@dataclass(frozen=True)
class MapStatistics:
    """Of one map (H, W): its values and where it is strongest."""

    largest: float
    smallest: float
    mean: float
    firing: float  # share of positions above 0, 0 to 1
    row: int  # of the largest value
    column: int


def of_map(values: Values) -> MapStatistics:
    """Statistics of one map (H, W)."""
    row, column = np.unravel_index(int(values.argmax()), values.shape)
    return MapStatistics(
        float(values.max()),
        float(values.min()),
        float(values.mean()),
        float((values > 0).mean()),
        int(row),
        int(column),
    )


def peaks(layer: Values) -> Values:
    """The largest value of each map (H, W, C) -> (C,); of units (C,), the values."""
    return layer.max(axis=(0, 1)) if layer.ndim == 3 else layer


def firing(layer: Values) -> Values:
    """Share of each map's positions above 0: (H, W, C) -> (C,), 0 to 1."""
    positive = layer > 0
    return positive.mean(axis=(0, 1)) if layer.ndim == 3 else positive.astype(float)


def where(row: int, column: int, shape: tuple[int, int]) -> str:
    """A position in words: "top left", "centre", "right", …"""
    vertical = ("top", "", "bottom")[min(2, 3 * row // shape[0])]
    horizontal = ("left", "", "right")[min(2, 3 * column // shape[1])]
    return " ".join(part for part in (vertical, horizontal) if part) or "centre"


def describe_map(
    name: str, unit: int, values: Values, texts: Texts | None = None
) -> str:
    """A text alternative of one map, computed from it.

    Args:
        texts: assets/described.toml in another language than English.
    """
    texts = texts or english()
    if not np.any(values):
        return str(texts["map_zero"].format(name=name, unit=unit))
    s = of_map(values)
    shape = (values.shape[0], values.shape[1])
    sentence = texts["map"].format(
        name=name,
        unit=unit,
        height=shape[0],
        width=shape[1],
        zero=1 - s.firing,
        largest=s.largest,
        where=texts["places"][where(s.row, s.column, shape)],
    )
    return str(sentence)


def describe_layer(name: str, layer: Values, texts: Texts | None = None) -> str:
    """A text alternative of a layer's mosaic, computed from it.

    Args:
        texts: assets/described.toml in another language than English.
    """
    top = peaks(layer)
    best = int(top.argmax())
    kind = "maps" if layer.ndim == 3 else "units"
    sentence = (texts or english())[kind].format(
        name=name,
        count=len(top),
        silent=int((top <= 0).sum()),
        best=best,
        value=float(top[best]),
    )
    return str(sentence)


def layer_csv(values: Values) -> str:
    """A layer as a table: a line for each map (H, W, C), or unit (C,)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    if values.ndim == 1:
        writer.writerow(["unit", "value"])
        writer.writerows((i, f"{v:.6g}") for i, v in enumerate(values.tolist()))
        return out.getvalue()
    writer.writerow(
        ["map", "largest", "smallest", "mean", "share_above_zero", "row", "column"]
    )
    for i in range(values.shape[2]):
        s = of_map(values[:, :, i])
        writer.writerow(
            [
                i,
                f"{s.largest:.6g}",
                f"{s.smallest:.6g}",
                f"{s.mean:.6g}",
                f"{s.firing:.4f}",
                s.row,
                s.column,
            ]
        )
    return out.getvalue()


def map_csv(values: Values) -> str:
    """One map (H, W) as a table: a line for each row of positions."""
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows(
        [f"{v:.6g}" for v in line] for line in values.tolist()
    )
    return out.getvalue()

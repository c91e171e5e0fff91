"""A recorded training that draws itself: curves, batch errors, first-layer filters."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.measured import pack_filters
from ui.kit.components import component

_replay = component("replay", ("player", "chart", "filters", "replay"))


@dataclass(frozen=True)
class Curve:
    """What is drawn of each arm."""

    key: str
    title: str
    value: int  # its column in the recording's points, the place not counted
    thin: bool  # whether the batch error is drawn with it
    low: float  # of the axis
    high: float


@dataclass(frozen=True)
class Level:
    """A dashed line across the chart."""

    y: float
    label: str


@dataclass(frozen=True)
class Ghost:
    """A guess, as a curve."""

    points: Sequence[tuple[float, float]]
    label: str
    grows: bool  # it comes while the arms train, else it is there from the start


@dataclass(frozen=True)
class CrowdMark:
    """One guess of a class, on the chart."""

    x: float
    y: float
    begins: float  # it is there once the curves are


@dataclass(frozen=True)
class Look:
    """How a replay is drawn."""

    colours: Sequence[str]  # CSS hexadecimal, one for each arm
    x_label: str
    levels: Mapping[str, Sequence[Level]] = field(default_factory=dict)  # by curve
    names: Sequence[str] | None = None  # of the lines; None: the recording's labels
    columns: int = 8  # filters side by side
    order: Sequence[int] | None = None  # of the filters; None: by number
    one_scale: bool = False  # full contrast: of all filters, else of each
    bands: Sequence[tuple[float, float, str]] = ()  # from, to, label: along the axis
    verdict: Mapping[str, str] | None = None  # shown at the end of the training
    ghost: Ghost | None = None  # of the first curve
    crowd: Sequence[CrowdMark] = ()  # of the first curve
    # One for each snapshot, instead of the values of the curves.
    sentences: Sequence[str] | None = None


def replay(
    address: str,
    curves: Sequence[Curve],
    look: Look,
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
    alt: str,
    starts: int = 0,
    opens_at: float = 0.0,
) -> None:
    """Shows it. All that moves is drawn in the browser, from one file.

    Args:
        address: of bytes that `lab.recordings.replay` packed.
        curves: the first is shown first.
        alt: what the whole chart shows.
        starts: it plays by itself when this has grown, unless motion is unwanted.
        opens_at: the part of the training that is shown first, 0 to 1.
    """
    _replay(
        key=key,
        data={
            "address": address,
            "curves": [asdict(one) for one in curves],
            "opens": curves[0].key,
            "opensAt": opens_at,
            "bands": [
                {"start": start, "end": end, "label": label}
                for start, end, label in look.bands
            ],
            "colours": list(look.colours),
            "levels": {k: [asdict(x) for x in v] for k, v in look.levels.items()},
            "xLabel": look.x_label,
            "verdict": look.verdict,
            "ghosts": {curves[0].key: asdict(look.ghost)} if look.ghost else {},
            "crowd": {curves[0].key: [asdict(x) for x in look.crowd]},
            "names": look.names and list(look.names),
            "columns": look.columns,
            "order": None if look.order is None else [int(x) for x in look.order],
            "all": look.one_scale,
            "sentences": look.sentences and list(look.sentences),
            "starts": starts,
            "alt": alt,
            "words": dict(texts),
            "language": language,
        },
    )


@dataclass(frozen=True)
class Line:
    """An arm as it is now."""

    label: str
    points: Sequence[tuple[float, float]]  # (place, value)
    trace: Sequence[tuple[float, float]]  # (place, batch error)
    series: int  # which colour it has
    filters: Mapping[str, Any] | None = None  # as `filters_now` makes them
    faint: bool = False  # drawn for comparison


def filters_now(epoch: float, kernel: NDArray[np.floating[Any]]) -> dict[str, Any]:
    """A first layer's filters (height, width, 3, n) for `Line`, in 8 bits a weight."""
    codes, _ = pack_filters([kernel])
    return {
        "epochs": [round(epoch, 2)],
        "shape": list(kernel.shape),
        "codes": b64encode(codes.tobytes()).decode(),
    }


@dataclass(frozen=True)
class Mark:
    """A place on the chart with words."""

    x: float
    y: float
    label: str


@dataclass(frozen=True)
class Now:
    """A run as it is now: its lines, on axes that stay as they are."""

    lines: Sequence[Line]
    far: float  # of the axis across
    marks: Sequence[Mark] = ()  # what was guessed
    ghost: Ghost | None = None
    verdict: Mapping[str, str] | None = None
    digits: int = 0  # of a per cent
    crowd: Sequence[CrowdMark] = ()


def live(
    now: Now,
    curve: Curve,
    look: Look,
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
    alt: str,
) -> None:
    """Shows a run, as far as it has come; the same component as `replay`."""
    _replay(
        key=key,
        data={
            "arms": [asdict(line) for line in now.lines],
            "far": now.far,
            "marks": [asdict(mark) for mark in now.marks],
            "ghosts": {curve.key: asdict(now.ghost)} if now.ghost else {},
            "crowd": {curve.key: [asdict(x) for x in now.crowd]},
            "verdict": now.verdict,
            "digits": now.digits,
            "curves": [asdict(curve)],
            "opens": curve.key,
            "colours": list(look.colours),
            "levels": {k: [asdict(x) for x in v] for k, v in look.levels.items()},
            "xLabel": look.x_label,
            "columns": look.columns,
            "alt": alt,
            "words": dict(texts),
            "language": language,
        },
    )

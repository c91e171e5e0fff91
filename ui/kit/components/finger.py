"""A grey square that is dragged over a picture, and what is predicted meanwhile."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.kit.components import component

_finger = component("finger")


@dataclass(frozen=True)
class Prediction:
    """What the network predicts of the picture that is not covered."""

    name: str  # of the class that is watched
    probability: float
    top: Sequence[tuple[str, float]]  # the most probable classes


@dataclass(frozen=True)
class Square:
    """What is dragged, in pixels of the network's input."""

    size: int  # of the input
    side: int  # at first
    least: int
    grey: tuple[int, int, int]  # RGB, what it is filled with
    chunk: int  # squares that may be asked about at once


def finger(
    photo: bytes,
    before: Prediction,
    square: Square,
    *,
    key: str,
    address: str,
    texts: Mapping[str, str],
    language: str,
) -> None:
    """Shows it.

    Args:
        photo: what the network receives, a JPEG of `square.size` pixels a side.
        address: of `ui.network.feature_maps.occlusion_routes`.
        texts: the component's sentences, with {fields} that it fills in.
    """
    _finger(
        key=key,
        data={
            "photo": f"data:image/jpeg;base64,{b64encode(photo).decode()}",
            "before": {**vars(before), "top": [list(x) for x in before.top]},
            "square": vars(square),
            "address": address,
            "words": dict(texts),
            "language": language,
        },
    )

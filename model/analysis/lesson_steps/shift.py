"""A picture that moves: what a network makes of the same content, shifted.

numpy only. The network's windows are cut out of a larger picture, so that what comes in
at an edge is content of the picture, and not a border.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.specs import Spec
from model.pictures import Picture, to_input

ROOM = 32  # pixels that a picture can move to the right
SHIFTS = (0, 2, 4, 16, ROOM)  # pixels

Values = NDArray[np.floating[Any]]


def strip(picture: Picture, spec: Spec) -> NDArray[np.float32]:
    """What a network would receive of a picture that is larger by `ROOM` pixels.

    Returns:
        (size + ROOM, size + ROOM, channels), normalised as the network wants it.
    """
    larger = replace(spec, input_size=spec.input_size + ROOM)
    found: NDArray[np.float32] = to_input(picture, larger)[0]
    return found


def window(wide: NDArray[np.float32], shift: int) -> NDArray[np.float32]:
    """The network's input, its content `shift` pixels farther to the right.

    Args:
        wide: from `strip`.
        shift: 0 to `ROOM`.

    Returns:
        (1, size, size, channels).

    Raises:
        ValueError: shift is out of its range.
    """
    if not 0 <= shift <= ROOM:
        raise ValueError(f"Expected a shift from 0 to {ROOM}. Received: {shift}")
    size, top, left = len(wide) - ROOM, ROOM // 2, ROOM - shift
    return np.ascontiguousarray(wide[None, top : top + size, left : left + size])


def similarity(a: Values, b: Values) -> float:
    """The cosine of two arrays of one shape: 1 where one is a multiple of the other."""
    x, y = (np.asarray(one, np.float64).ravel() for one in (a, b))
    lengths = float(np.linalg.norm(x) * np.linalg.norm(y))
    return float(x @ y) / lengths if lengths else 1.0


def moved_along(before: Values, after: Values, positions: int) -> float:
    """The similarity of maps (H, W, C) where the later ones are moved back.

    Args:
        positions: by how many the content has moved to the right.
    """
    if not positions:
        return similarity(before, after)
    return similarity(before[:, :-positions], after[:, positions:])

"""Zooms what is presented, so that it fills its box and nothing is cut off."""

from __future__ import annotations

from collections.abc import Sequence

from ui.kit.components import component

_fit = component("fit")

LEAST, MOST = 0.5, 2.0  # zoom


def fit(boxes: Sequence[str], *, key: str, to_the_end: bool = False) -> None:
    """Keeps boxes of the page filled, while they change and the window does.

    Args:
        boxes: keys of containers of a fixed height; each holds one whose key ends in
            `_fit`, which is zoomed. One that is not on the page is left out.
        to_the_end: the boxes, of no height of their own, end where the window does.
    """
    data = {"boxes": list(boxes), "least": LEAST, "most": MOST, "toTheEnd": to_the_end}
    _fit(key=key, data=data)

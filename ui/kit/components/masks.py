"""Dropout masks one after another, and what the network predicts under each."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ui.kit.components import component

_masks = component("masks", ("../replay/player", "masks"))


@dataclass(frozen=True)
class Mask:
    """One mask: its drawing, what it does in words, what is predicted under it."""

    png: bytes
    sentence: str
    probabilities: Sequence[float]  # (classes,)


def masks(
    shown: Sequence[Mask],
    without: Sequence[float],
    names: Sequence[str],
    colours: tuple[str, str],
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
) -> None:
    """Shows them; playing and scrubbing is done in the browser.

    Args:
        without: (classes,), the probabilities with all units.
        names: (classes,).
        colours: CSS hexadecimal, of the bars and of the marks for `without`.
    """
    series, accent = colours
    _masks(
        key=key,
        data={
            "masks": [
                {
                    "image": "data:image/png;base64," + b64encode(x.png).decode(),
                    "sentence": x.sentence,
                    "probabilities": [round(float(p), 4) for p in x.probabilities],
                }
                for x in shown
            ],
            "without": [round(float(p), 4) for p in without],
            "names": list(names),
            "colours": {"series": series, "accent": accent},
            "words": dict(texts),
            "language": language,
        },
    )

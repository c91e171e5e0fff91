"""Crops, mirror images and colour noise of a picture, changed in the browser."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping

from model.analysis import crops
from model.analysis.colours import Components
from ui.kit.components import component

_augmentation = component("augmentation")


def augmentation(
    *,
    key: str,
    photo: bytes,
    alt: str,
    colours: Components,
    noise: float,
    texts: Mapping[str, str],
    language: str,
) -> None:
    """A frame to be dragged, a mirror, and three sliders of colour.

    Args:
        photo: a JPEG of what `model.analysis.crops.prepared` gives.
        alt: what it shows.
        noise: the standard deviation of what multiplies each component.
        texts: the component's sentences, with {fields} that it fills in.
    """
    _augmentation(
        key=key,
        data={
            "photo": "data:image/jpeg;base64," + b64encode(photo).decode(),
            "side": crops.SIDE,
            "crop": crops.CROP,
            "alt": alt,
            "vectors": [list(x) for x in colours.vectors],
            "deviations": list(colours.deviations),
            "noise": noise,
            "words": dict(texts),
            "language": language,
        },
    )

"""Two layers with a nonlinearity between them or none, which answer while dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict

from model.analysis.lesson_steps.two_layers import TwoLayers
from ui.kit.components import component

_two_layers = component(
    "two_layers", ("../replay/chart", "../slopes/numbers", "two_layers")
)

RANGE = (-3.0, 3.0, 0.25)  # of the input, and its step
OPENS = 1.5
HEIGHT = (-4.0, 12.0)  # of the chart


def two_layers(
    layers: TwoLayers,
    texts: Mapping[str, str],
    colours: Sequence[str],
    language: str,
    *,
    key: str,
) -> None:
    """Shows the output against the input, and the sums at one input.

    Args:
        texts: the component's sentences, with {fields} that it fills in.
        colours: of the two layers' curve, and of the one layer's.
    """
    weight, bias = layers.folded()
    _two_layers(
        key=key,
        data={
            **asdict(layers),
            "folded": [weight, bias],
            "x": OPENS,
            "range": list(RANGE),
            "height": list(HEIGHT),
            "words": dict(texts),
            "colours": list(colours),
            "language": language,
        },
    )

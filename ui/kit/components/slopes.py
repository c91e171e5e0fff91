"""Activation functions and their slopes through many layers, while dragged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from model.analysis.lesson_steps.slopes import Activation
from ui.kit.components import component

_slopes = component("slopes", ("../replay/chart", "numbers", "slopes"))

RANGE = (-3.0, 3.0, 0.25)  # of the pre-activation, and its step
MOST = 20  # layers
SMALLEST = 1e-12  # what is left of a gradient; less is at the chart's foot
OPENS = (2.0, 8)  # pre-activation and layers at first


def slopes(
    names: Mapping[Activation, str],
    colours: Sequence[str],
    texts: Mapping[str, str],
    language: str,
    *,
    key: str,
) -> None:
    """Shows three charts and a line for each function.

    Args:
        names: of the functions, in the order in which they are drawn.
        texts: x, layers, layers_axis, after, and value, slope, product with _title
            and _alt.
    """
    x, layers = OPENS
    _slopes(
        key=key,
        data={
            "kinds": list(names),
            "names": list(names.values()),
            "colours": list(colours),
            "x": x,
            "layers": layers,
            "range": list(RANGE),
            "most": MOST,
            "smallest": SMALLEST,
            "words": dict(texts),
            "language": language,
        },
    )

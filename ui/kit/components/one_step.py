"""The training steps of a network's last layer on one image, number by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

from ui.kit.components import component

_one_step = component(
    "one_step", ("../replay/chart", "../slopes/numbers", "learn", "one_step")
)

RATES = (0.0001, 0.0003, 0.001, 0.003, 0.01)  # learning rates to choose from
OPENS = 1  # the rate at first, by its number
MOST = 20  # training steps


@dataclass(frozen=True)
class LastLayer:
    """What a last layer computes with on one image, for each of its classes."""

    sums: list[float]  # weights times activations, without the bias
    biases: list[float]
    square: float  # the sum of the squares of all activations before it
    unit: int  # the most active unit before it
    activation: float  # of that unit
    weights: list[float]  # from that unit to each class


@dataclass(frozen=True)
class Rule:
    """How weights are changed, besides the learning rate."""

    momentum: float
    decay: float


def one_step(
    layer: LastLayer,
    targets: Mapping[int, str],
    opens: int,
    rule: Rule,
    texts: Mapping[str, str],
    colour: str,
    language: str,
    *,
    key: str,
) -> None:
    """Shows them; everything is computed in the browser.

    Args:
        targets: classes that may be said to be right, and their names.
        opens: the one that is at first.
        texts: the component's sentences, with {fields} that it fills in.
    """
    _one_step(
        key=key,
        data={
            **asdict(layer),
            **asdict(rule),
            "targets": [[number, name] for number, name in targets.items()],
            "target": opens,
            "rates": list(RATES),
            "rate": OPENS,
            "most": MOST,
            "words": dict(texts),
            "colour": colour,
            "language": language,
        },
    )

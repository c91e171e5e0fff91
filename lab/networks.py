"""An arm's network as a `model.network.specs.Spec`: small AlexNets for small pictures.

All but one look at 31 of an image's 32 pixels: 31, 15, 7 and 3 are odd, and there
windows of 3 and of 2 pixels in steps of 2 leave maps of the same size (3.4 can be
tried without changing the rest of the network). "19pct" and "18pct" are built as their
authors built them: on all 32 pixels, with maps of 16, 8 and 4 pixels after the pools.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count
from typing import Literal

from lab.experiments import Arm
from model.network.shapes import output_size
from model.network.specs import (
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalise,
    Pool,
    Spec,
)


@dataclass(frozen=True)
class NetworkPlan:
    """The widths of a network; how many convolutions it has may be changed."""

    title: str
    source: str
    stem: tuple[tuple[int, int], ...]  # (filters, kernel), a pool after each
    deep: int  # filters of every further 3 × 3 convolution; one pool after the last
    convolutions: int
    dense: tuple[int, ...]  # units of the hidden dense layers
    # The kind of each pool, which then rounds its positions up; none: as the arm says.
    pools: tuple[Literal["max", "average"], ...] = ()
    within: int = 0  # pools whose maps are then normalised, each in itself


PLANS: dict[str, NetworkPlan] = {
    "four-layer": NetworkPlan(
        "Three convolutions and a dense layer",
        "cuda-convnet's CIFAR-10 network, four layers like the paper's figure 1",
        stem=((32, 5), (32, 5), (64, 5)),
        deep=64,
        convolutions=3,
        dense=(),
    ),
    "dense": NetworkPlan(
        "Two convolutions and three dense layers",
        "wide dense layers, where the paper's dropout is",
        stem=((32, 5), (64, 5)),
        deep=64,
        convolutions=2,
        dense=(512, 512),
    ),
    "alexnet": NetworkPlan(
        "AlexNet's shape, an eighth as wide",
        "the paper's figure 2, made small",
        stem=((24, 5), (64, 5)),
        deep=96,
        convolutions=5,
        dense=(256, 256),
    ),
    "19pct": NetworkPlan(
        "cuda-convnet's 19pct network",
        "the authors' example-layers/layers-19pct.cfg, lines 11 to 85",
        stem=((32, 5), (32, 5), (64, 5)),
        deep=64,
        convolutions=3,
        dense=(),
        pools=("max", "average", "average"),
    ),
    "18pct": NetworkPlan(
        "cuda-convnet's 18pct network",
        "the authors' example-layers/layers-18pct.cfg, lines 11 to 101",
        stem=((32, 5), (32, 5), (64, 5)),
        deep=64,
        convolutions=3,
        dense=(),
        pools=("max", "average", "average"),
        within=2,
    ),
}

# Its file says scale 5e-5, which is divided by 3 x 3 before it is used; k is 1.
_WITHIN = Normalise("within", n=3, k=1.0, alpha=5e-5 / 9, beta=0.75, within=True)


def input_size(side: int) -> int:
    """The largest odd number of pixels in a picture of that side."""
    return side - (side + 1) % 2


def spec(arm: Arm, side: int, classes: int) -> Spec:
    """The arm's network for square pictures of that side (pixels).

    Raises:
        ValueError: the pictures are too small for its pools.
    """
    plan = PLANS[arm.network]
    convolutions = arm.depth or plan.convolutions
    layers: list[Layer] = []
    everywhere = arm.dropout > 0 and arm.dropout_at in ("convolutions", "both")

    def pool(number: int) -> None:
        size = 3 if arm.overlapping else 2
        if plan.pools:
            kind = plan.pools[min(number, len(plan.pools)) - 1]
            layers.append(Pool(f"pool{number}", size, 2, kind, "same"))
        else:
            layers.append(Pool(f"pool{number}", size, 2, arm.pooling))
        if number <= plan.within:
            layers.append(replace(_WITHIN, name=f"within{number}"))
        if everywhere:
            layers.append(Dropout(f"drop{number}", arm.dropout))

    for number in range(1, convolutions + 1):
        in_stem = number <= len(plan.stem)
        filters, kernel = plan.stem[number - 1] if in_stem else (plan.deep, 3)
        if number == 1:
            kernel = arm.first_filter
        layers.append(
            Conv(f"conv{number}", filters, kernel, 1, "same", activation=arm.activation)
        )
        if arm.normalise and number <= 2:
            layers.append(Normalise(f"norm{number}"))
        if in_stem or number == convolutions:
            pool(number)
    size = side if plan.pools else input_size(side)
    if sum(isinstance(layer, Pool) for layer in layers) > _halvings(size):
        raise ValueError(
            f"{arm.label}: images of {side} pixels are too small for {plan.title}. "
            "Expected 32 or more."
        )
    drops = arm.dropout > 0 and arm.dropout_at in ("dense", "both")
    layers.append(Flatten())
    numbers = count(convolutions + 1)
    for units in plan.dense:
        number = next(numbers)
        layers.append(Dense(f"fc{number}", units, arm.activation))
        if drops:
            layers.append(Dropout(f"drop_fc{number}", arm.dropout))
    if drops and not plan.dense:
        layers.append(Dropout("drop_flatten", arm.dropout))
    layers.append(Dense(f"fc{next(numbers)}", classes, "softmax"))
    return Spec(
        name=f"lab-{arm.network}",
        title=plan.title,
        year=2012,
        source=plan.source,
        input_size=size,
        channels=3,
        layers=tuple(layers),
    )


def _halvings(size: int) -> int:
    """How often a pool of 3 in steps of 2 fits."""
    times = 0
    while size >= 3:
        size, times = output_size(size, 3, 2, "valid"), times + 1
    return times

"""Receptive fields, and values to be read off the visitor's own picture."""

from __future__ import annotations

import math
from random import Random

from classroom.questions.answers.templates import (
    ALEXNETS,
    Instance,
    Reading,
    Truth,
    called,
    listing,
    small,
    template,
)
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, TORCHVISION, Conv, Pool


@template
def layer_of_field(rng: Random) -> Instance:
    """Which layer's outputs see a patch of this size."""
    spec = rng.choice(ALEXNETS)
    rows = [r for r in shapes.table(spec) if r.kind in ("conv", "pool")]
    at = rng.randrange(1, len(rows))
    asked, before = rows[at], rows[at - 1]
    after = tuple(r.name for r in rows[at + 1 : at + 2])
    mistakes: dict[str, Truth] = {"one_early": (before.name,)}
    if after:
        mistakes["one_late"] = after
    return Instance(
        (asked.name,),
        {"network": called(spec), "field": asked.field or 0, "layer": asked.name,
         "before": before.name, "before_field": before.field or 0},
        mistakes,
        network=spec.name,
    )  # fmt: skip


@template
def receptive_field(rng: Random) -> Instance:
    """Side of the patch that one output of a layer sees."""
    spec = rng.choice((ORIGINAL, TORCHVISION))
    windows = [x for x in spec.layers if isinstance(x, Conv | Pool)]
    at = rng.randrange(1, len(windows))
    name = windows[at].name
    kernels = [x.kernel for x in windows[: at + 1]]
    row = shapes.layer_info(spec, name)
    before = shapes.layer_info(spec, windows[at - 1].name)
    return Instance(
        row.field or 0,
        {"network": called(spec), "layer": name, "before": before.name,
         "before_field": before.field or 0, "jump": before.stride or 0,
         "kernel": kernels[-1]},
        {
            "own_window": kernels[-1],
            "no_strides": 1 + sum(k - 1 for k in kernels),
            "no_minus_one": (before.field or 0) + kernels[-1] * (before.stride or 0),
            "before": before.field or 0,
            "own_jump": (before.field or 0) + (kernels[-1] - 1) * (row.stride or 0),
            "product": math.prod(kernels),
        },
    )  # fmt: skip


@template
def drawn_field(rng: Random) -> Instance:
    """Receptive field of the second convolution of a drawn network."""
    spec = small(rng)
    windows = [spec.layer(name) for name in ("conv1", "pool1", "conv2")]
    kernels = [getattr(x, "kernel", 0) for x in windows]
    row, before = shapes.layer_info(spec, "conv2"), shapes.layer_info(spec, "pool1")
    return Instance(
        row.field or 0,
        {"listing": listing(spec), "before_field": before.field or 0,
         "jump": before.stride or 0, "kernel": kernels[-1]},
        {
            "own_window": kernels[-1],
            "no_strides": 1 + sum(k - 1 for k in kernels),
            "no_minus_one": (before.field or 0) + kernels[-1] * (before.stride or 0),
            "before": before.field or 0,
        },
    )  # fmt: skip


@template
def jump(rng: Random) -> Instance:
    """Pixels of the picture between neighbouring outputs of a layer."""
    spec = rng.choice(ALEXNETS)
    windows = [x for x in spec.layers if isinstance(x, Conv | Pool)]
    at = rng.randrange(1, len(windows))
    strides = [x.stride for x in windows[: at + 1]]
    row = shapes.layer_info(spec, windows[at].name)
    return Instance(
        row.stride or 0,
        {"network": called(spec), "layer": row.name,
         "strides": " · ".join(map(str, strides)), "field": row.field or 0},
        {
            "own_stride": strides[-1],
            "sum": sum(strides),
            "field": row.field or 0,
            "one_less": math.prod(strides[:-1]),
        },
    )  # fmt: skip


@template
def filter_numbers(rng: Random) -> Instance:
    """Multiply-adds for one output of conv1, if its window had another size."""
    conv = next(SIMPLIFIED.convolutions())
    kernel = rng.choice((3, 5, 7, 11))
    inputs = kernel**2 * SIMPLIFIED.channels
    return Instance(
        inputs,
        {"kernel": kernel, "channels": SIMPLIFIED.channels, "filters": conv.filters},
        {
            "one_channel": kernel**2,
            "one_side": kernel * SIMPLIFIED.channels,
            "all_filters": inputs * conv.filters,
            "with_bias": inputs + 1,
        },
    )


def _read(what: str, layer: str, unit: int = 0) -> Instance:
    return Instance(
        None, {"layer": layer, "unit": unit}, reading=Reading(what, layer, unit)
    )


@template
def own_largest(rng: Random) -> Instance:
    """The largest value of one map of the visitor's picture."""
    name = rng.choice(("conv1", "pool1", "conv2", "conv5"))
    layer = SIMPLIFIED.layer(name)
    assert isinstance(layer, Conv | Pool)
    return _read(
        "largest", name, rng.randrange(1, shapes.layer_info(SIMPLIFIED, name).output[2])
    )


@template
def own_firing(rng: Random) -> Instance:
    """The share of positions at which one map is above zero."""
    name = rng.choice([x.name for x in SIMPLIFIED.convolutions()])
    return _read(
        "firing", name, rng.randrange(1, shapes.layer_info(SIMPLIFIED, name).output[2])
    )


@template
def own_strongest(rng: Random) -> Instance:
    """The number of the map with the largest value of a layer."""
    return _read("strongest", rng.choice([x.name for x in SIMPLIFIED.convolutions()]))


@template
def own_probability(_: Random) -> Instance:
    """The probability of the likeliest class."""
    return _read("probability", SIMPLIFIED.layers[-1].name)


@template
def own_rank(rng: Random) -> Instance:
    """The rank of one unit of a dense layer."""
    name = rng.choice(("fc6", "fc7"))
    return _read(
        "rank", name, rng.randrange(1, shapes.layer_info(SIMPLIFIED, name).output[0])
    )

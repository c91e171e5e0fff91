"""Dropout, a step of the training, a gradient on its way back."""

from __future__ import annotations

import math
from random import Random

from classroom import paper
from classroom.answers.drawn import Drawn, template
from model import shapes
from model.specs import ORIGINAL, SIMPLIFIED, Dropout


@template
def before_dropout(rng: Random) -> Drawn:
    """A layer whose outputs dropout silences."""
    spec = rng.choice((ORIGINAL, SIMPLIFIED))
    at = [i for i, x in enumerate(spec.layers) if isinstance(x, Dropout)]
    silenced = tuple(spec.layers[i - 1].name for i in at)
    convs = tuple(x.name for x in spec.convolutions())
    return Drawn(
        silenced,
        {"network": spec.title, "layers": " and ".join(silenced)},
        {"convolution": convs, "output": (spec.layers[-1].name,)},
        network=spec.name,
    )


@template
def dropout_scale(rng: Random) -> Drawn:
    """What Keras makes of a number that dropout keeps, in training."""
    rate, value = rng.choice((0.2, 0.4, 0.6, 0.75)), rng.randrange(2, 9)
    return Drawn(
        value / (1 - rate),
        {"rate": rate, "value": value, "kept": 1 - rate},
        {
            "unscaled": value,
            "at_test": value * (1 - rate),
            "by_rate": value / rate,
            "times_rate": value * rate,
        },
    )


@template
def paper_dropout(rng: Random) -> Drawn:
    """What the paper does with an output at test time: multiply by the share kept."""
    rate = next(x for x in ORIGINAL.layers if isinstance(x, Dropout)).rate
    value = rng.randrange(3, 20) + rng.choice((0.2, 0.4, 0.6, 0.8))
    return Drawn(
        value * (1 - rate),
        {"rate": rate, "value": value},
        {"keras": value, "doubled": value / (1 - rate), "silenced": 0},
    )


@template
def units_left(rng: Random) -> Drawn:
    """How many units of fc6 work on average while dropout is on."""
    (units,) = shapes.row(SIMPLIFIED, "fc6").output
    rate = rng.choice((0.25, 0.75, 0.125))
    return Drawn(
        units * (1 - rate),
        {"units": units, "rate": rate},
        {"silenced": units * rate, "none": units, "half": units / 2},
    )


@template
def sgd_step(rng: Random) -> Drawn:
    """A weight after one step of the paper's rule (section 5)."""
    weight, gradient = rng.choice((0.5, 1.0, 2.0)), rng.choice((-3, -2, 2, 4))
    speed = rng.choice((-0.02, 0.01, 0.03))
    decay = paper.DECAY * paper.RATE * weight
    pull = paper.RATE * gradient
    new = paper.MOMENTUM * speed - decay - pull
    return Drawn(
        weight + new,
        {"weight": weight, "gradient": gradient, "speed": speed, "rate": paper.RATE,
         "momentum": paper.MOMENTUM, "decay": paper.DECAY, "new": new},
        {
            "no_momentum": weight - decay - pull,
            "full_momentum": weight + speed - decay - pull,
            "no_decay": weight + paper.MOMENTUM * speed - pull,
            "uphill": weight + paper.MOMENTUM * speed - decay + pull,
            "speed": new,
            "decay_without_rate": weight
            + paper.MOMENTUM * speed - paper.DECAY * weight - pull,
        },
    )  # fmt: skip


@template
def through_tanh(rng: Random) -> Drawn:
    """What a gradient is multiplied by on its way through layers of tanh."""
    at, layers = rng.choice((0.5, 1.0, 1.5, 2.0)), rng.choice((4, 5, 6, 7))
    slope = 1 - math.tanh(at) ** 2
    return Drawn(
        slope**layers,
        {"at": at, "layers": layers, "slope": slope},
        {
            "one_layer": slope,
            "sum": slope * layers,
            "values": math.tanh(at) ** layers,
            "relu": 1,
        },
    )


@template
def gains(_: Random) -> Drawn:
    """Techniques and what each took off the top-1 error."""
    points = {name: f"{gain} points" for name, gain in paper.GAINS.items()}
    return Drawn(
        points,
        options={name: name for name in points},
        targets={label: label for label in points.values()},
    )

"""Dropout, a step of the training, a gradient on its way back."""

from __future__ import annotations

import math
from random import Random

from classroom.questions.answers.templates import Instance, Phrase, called, template
from model import paper
from model.network.specs import ORIGINAL, SIMPLIFIED, Dropout


@template
def before_dropout(rng: Random) -> Instance:
    """A layer whose outputs are dropped."""
    spec = rng.choice((ORIGINAL, SIMPLIFIED))
    at = [i for i, x in enumerate(spec.layers) if isinstance(x, Dropout)]
    dropped = tuple(spec.layers[i - 1].name for i in at)
    convs = tuple(x.name for x in spec.convolutions())
    return Instance(
        dropped,
        {
            "network": called(spec),
            "layers": Phrase("and", dict(zip("ab", dropped, strict=True))),
        },
        {"convolution": convs, "output": (spec.layers[-1].name,)},
        network=spec.name,
    )


@template
def dropout_scale(rng: Random) -> Instance:
    """What Keras makes of a number that dropout keeps, in training."""
    rate, value = rng.choice((0.2, 0.4, 0.6, 0.75)), rng.randrange(2, 9)
    return Instance(
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
def paper_dropout(rng: Random) -> Instance:
    """What the paper does with an output at test time: multiply by the share kept."""
    rate = next(x for x in ORIGINAL.layers if isinstance(x, Dropout)).rate
    value = rng.randrange(3, 20) + rng.choice((0.2, 0.4, 0.6, 0.8))
    return Instance(
        value * (1 - rate),
        {"rate": rate, "value": value},
        {"keras": value, "doubled": value / (1 - rate), "silenced": 0},
    )


@template
def both_kept(rng: Random) -> Instance:
    """In how many per cent of the training steps two given units are both kept."""
    rate = rng.choice((0.2, 0.25, 0.4, 0.5))
    kept = 1 - rate
    return Instance(
        100 * kept**2,
        {"rate": rate, "kept": kept, "fraction": kept**2},
        {
            "one": 100 * kept,
            "both_dropped": 100 * rate**2,
            "either": 100 * (1 - rate**2),
            "subtracted": 100 * (1 - 2 * rate),
            "fraction": kept**2,
        },
    )


@template
def sgd_step(rng: Random) -> Instance:
    """A weight after one step of the paper's rule (section 5)."""
    weight, gradient = rng.choice((0.5, 1.0, 2.0)), rng.choice((-3, -2, 2, 4))
    velocity = rng.choice((-0.02, 0.01, 0.03))
    decay = paper.DECAY * paper.RATE * weight
    pull = paper.RATE * gradient
    new = paper.MOMENTUM * velocity - decay - pull
    return Instance(
        weight + new,
        {"weight": weight, "gradient": gradient, "velocity": velocity,
         "rate": paper.RATE, "momentum": paper.MOMENTUM, "decay": paper.DECAY,
         "new": new},
        {
            "no_momentum": weight - decay - pull,
            "full_momentum": weight + velocity - decay - pull,
            "no_decay": weight + paper.MOMENTUM * velocity - pull,
            "uphill": weight + paper.MOMENTUM * velocity - decay + pull,
            "velocity": new,
            "decay_without_rate": weight
            + paper.MOMENTUM * velocity - paper.DECAY * weight - pull,
        },
    )  # fmt: skip


@template
def through_tanh(rng: Random) -> Instance:
    """What a gradient is multiplied by on its way through layers of tanh."""
    at, layers = rng.choice((0.5, 1.0, 1.5, 2.0)), rng.choice((4, 5, 6, 7))
    slope = 1 - math.tanh(at) ** 2
    return Instance(
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
def gains(_: Random) -> Instance:
    """Techniques and what each took off the top-1 error."""
    points = {name: f"{gain} points" for name, gain in paper.GAINS.items()}
    return Instance(
        points,
        options={name: Phrase(name) for name in points},
        targets={
            points[k]: Phrase("points", {"gain": x}) for k, x in paper.GAINS.items()
        },
    )

"""How training goes: softmax and loss, batches, momentum, decay, the learning rate."""

from __future__ import annotations

import math
from itertools import pairwise
from random import Random

from classroom.content import runs_2012
from classroom.content.numbers import decimal
from classroom.questions.answers.templates import Instance, NumberText, template
from model import paper

RUN = "145"  # the run that the paper's network comes from


@template
def softmax_one(rng: Random) -> Instance:
    """The probability of the first of three logits."""
    logits = rng.choice(
        ((2, 1, 0), (3, 1, 0), (1, 3, 0), (2, 2, 0), (4, 2, 1), (1, 2, 4), (3, 3, 1))
    )
    powers = [math.exp(z) for z in logits]
    first, second, third = logits
    return Instance(
        round(powers[0] / sum(powers), 4),
        {
            "first": first, "second": second, "third": third,
            **{f"power_{i}": x for i, x in enumerate(powers, 1)},
        },
        {
            "share": first / sum(logits),
            "sigmoid": 1 / (1 + math.exp(-first)),
            "other": powers[1] / sum(powers),
            "power": powers[0],
        },
    )  # fmt: skip


@template
def loss_at_start(rng: Random) -> Instance:
    """The cross-entropy of a network that gives all classes the same probability."""
    classes = rng.choice((2, 10, 100, 200, 1000))
    return Instance(
        math.log(classes),
        {"classes": classes},
        {
            "log10": math.log10(classes),
            "log2": math.log2(classes),
            "probability": 1 / classes,
            "error": 1 - 1 / classes,
        },
    )


@template
def batch_noise(rng: Random) -> Instance:
    """By what factor the noise of a gradient falls when its batch grows."""
    root, batch = rng.choice((2, 3, 4, 5)), rng.choice((16, 32, 64, 128))
    grown = root**2
    return Instance(
        root,
        {"batch": batch, "larger": batch * grown, "grown": grown},
        {"grown": grown, "half": grown / 2, "squared": grown**2},
    )


@template
def momentum_limit(rng: Random) -> Instance:
    """How many times as large a step gets when the gradient stays as it is."""
    momentum = rng.choice((0.5, 0.6, 0.75, 0.8, 0.9, 0.95, 0.98))
    return Instance(
        round(1 / (1 - momentum), 9),
        {"momentum": momentum, "rest": round(1 - momentum, 9)},
        {
            "plus_one": 1 + momentum,
            "inverse": 1 / momentum,
            "itself": momentum,
            "two_steps": 1 + momentum + momentum**2,
        },
    )


@template
def decay_alone(rng: Random) -> Instance:
    """A weight whose gradient is zero, after some training steps with weight decay."""
    weight, steps = rng.choice((1, 2, 4, 5)), rng.choice((10, 20, 30))
    rate, decay = 0.1, rng.choice((0.2, 0.4, 0.5))
    kept = round(1 - rate * decay, 9)
    return Instance(
        weight * kept**steps,
        {"weight": weight, "steps": steps, "rate": rate, "decay": decay, "kept": kept},
        {
            "one_step": weight * kept,
            "without_rate": weight * (1 - decay) ** steps,
            "unchanged": weight,
            "straight": weight - steps * rate * decay * weight,
            "grows": weight * (1 + rate * decay) ** steps,
        },
    )


def rates_of_145() -> list[tuple[int, float]]:
    """The epochs of run 145's learning rates, to its end, which comes last."""
    found: list[tuple[int, float]] = []
    for change in runs_2012.notebook().history:
        if change.ends == RUN:
            return [*found, (change.epoch, 0.0)]
        if change.rate is not None:
            found.append((change.epoch, change.rate))
    raise ValueError(f"the notebook does not say when run {RUN} ended")


@template
def rate_of_145(rng: Random) -> Instance:
    """The learning rate of the authors' run 145 at some epoch."""
    found = rates_of_145()
    spans = [(a, b, rate) for (a, rate), (b, _) in pairwise(found)]
    at = rng.randrange(1, len(spans))
    begins, ends, rate = spans[at]
    return Instance(
        rate,
        {
            "run": RUN,
            "rate": NumberText(decimal(paper.RATE)),
            "one": spans[1][0], "two": spans[2][0], "three": spans[3][0],
            "epoch": rng.randrange(begins + 1, ends),
            "divisor": 10**at,
            "result": NumberText(decimal(rate)),
        },
        {
            "one_less": rate * 10,
            "one_more": rate / 10,
            "divided_by_number": paper.RATE / (10 * at) if at > 1 else rate,
        },
    )  # fmt: skip

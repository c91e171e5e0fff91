"""Gradients on their way back: through ReLU, max pooling, and layers without either."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from random import Random

from classroom.questions.answers.templates import (
    Instance,
    NumberText,
    Phrase,
    Truth,
    Value,
    among,
    template,
    vector,
)


@template
def relu_backward(rng: Random) -> Instance:
    """What ReLU passes back: the gradients of the units that are above zero."""
    # Two units above zero, two below; under either a gradient of each sign.
    units = [
        (rng.choice((0.3, 0.8, 1.2, 2.5)), rng.choice((0.5, 1.5, 3.0))),
        (rng.choice((0.4, 0.6, 1.7)), -rng.choice((0.2, 1.0, 2.0))),
        (-rng.choice((0.3, 0.7, 1.1)), rng.choice((0.4, 2.0, 2.5))),
        (-rng.choice((0.2, 0.9, 1.4)), -rng.choice((0.1, 0.6, 4.0))),
    ]
    rng.shuffle(units)
    return among(
        rng,
        vector([g if x > 0 else 0 for x, g in units]),
        {
            "all": vector([g for _, g in units]),
            "by_sign": vector([max(0, g) for _, g in units]),
            "values": vector([max(0, x) for x, _ in units]),
            "inverted": vector([0 if x > 0 else g for x, g in units]),
        },
        {
            "before": NumberText(vector([x for x, _ in units])),
            "gradients": NumberText(vector([g for _, g in units])),
        },
    )


@template
def pool_backward(rng: Random) -> Instance:
    """Which of four numbers the gradient of their maximum goes to."""
    window = rng.sample(range(1, 10), 4)
    gradient = rng.choice((-8, -4, 4, 8, 12))
    if gradient == max(window):
        gradient = -gradient
    at = window.index(max(window))

    def only(number: int) -> str:
        return vector([number if i == at else 0 for i in range(4)])

    return among(
        rng,
        only(gradient),
        {
            "shared": vector([gradient // 4] * 4),
            "all": vector([gradient] * 4),
            "forward": only(max(window)),
        },
        {
            "window": NumberText(vector(window)),
            "gradient": NumberText(vector([gradient])[1:-1]),
            "largest": max(window),
        },
    )


@template
def pool_overlap(rng: Random) -> Instance:
    """The gradient of the middle one of five numbers, which two windows read."""
    first, second = rng.sample(range(2, 12), 2)
    middle = rng.randrange(6, 9)
    row = [rng.randrange(1, middle) for _ in range(5)]
    row[2] = middle
    wins_both = rng.random() < 0.5
    values: dict[str, Value] = {"first": first, "second": second, "middle": middle}
    if wins_both:
        truth = first + second
        mistakes: dict[str, Truth] = {"one_window": first, "one_window_too": second}
        summed = Phrase("pool_wins_both", {**values, "truth": truth})
    else:
        row[rng.choice((0, 1))] = middle + 1  # the first window has a larger one
        truth = second
        mistakes = {"both": first + second, "other": first}
        summed = Phrase("pool_wins_one", {**values, "truth": truth})
    return Instance(
        truth,
        {**values, "row": NumberText("   ".join(map(str, row))), "reason": summed},
        {**mistakes, "shared": truth / 3, "forward": middle},
    )


SLOPES: Mapping[str, Callable[[float], float]] = {
    "relu": lambda _: 1.0,
    "tanh": lambda x: 1 - math.tanh(x) ** 2,
    "sigmoid": lambda x: math.exp(-x) / (1 + math.exp(-x)) ** 2,
}


@template
def gradient_sizes(rng: Random) -> Instance:
    """Which activation function left how much of a gradient."""
    at, layers = rng.choice((0.5, 1.0, 1.5)), rng.choice((4, 5, 6))
    names = rng.sample(list(SLOPES), 3)
    letters = dict(zip("ABC", names, strict=True))
    left = {k: SLOPES[name](at) ** layers for k, name in letters.items()}
    # What is answered is a letter and a function: "f_" keeps the two sides apart.
    truth = {letter: f"f_{name}" for letter, name in letters.items()}
    of = {name: letter for letter, name in letters.items()}
    return Instance(
        truth,
        {
            "at": at,
            "layers": layers,
            **{f"left_{k}": NumberText(f"{x:.6f}") for k, x in left.items()},
            **{f"is_{name}": letter for name, letter in of.items()},
            "slope_tanh": SLOPES["tanh"](at),
            "slope_sigmoid": SLOPES["sigmoid"](at),
        },
        {
            "swapped": {of["tanh"]: "f_sigmoid", of["sigmoid"]: "f_tanh"},
            "relu_shrinks": {of["sigmoid"]: "f_relu"},
        },
        options={letter: letter for letter in "ABC"},
        targets={f"f_{name}": Phrase(f"function_{name}") for name in SLOPES},
    )


@template
def two_linear(rng: Random) -> Instance:
    """The bias of the one layer that two layers without an activation make."""
    a, b, c, d = rng.sample(range(2, 10), 4)
    return Instance(
        b * c + d,
        {"a": a, "c": c, "b": b, "d": d, "weight": a * b},
        {"sum": c + d, "no_second": b * c, "all": b * (c + d), "weight": a * b},
    )

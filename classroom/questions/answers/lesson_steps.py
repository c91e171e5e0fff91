"""What steps of the lesson ask, where the truth is computed."""

from __future__ import annotations

from random import Random

from classroom.content import recorded
from classroom.questions.answers.templates import Instance, Phrase, template
from model import paper
from model.network import shapes
from model.network.specs import SIMPLIFIED


@template
def lesson_largest(_: Random) -> Instance:
    """The layer of the lesson's network with the most parameters."""
    rows = shapes.table(SIMPLIFIED)
    largest = max(rows, key=lambda row: row.parameters).name
    work = max(rows, key=lambda row: row.macs).name
    dense = [layer.name for layer in SIMPLIFIED.layers if layer.name.startswith("fc")]
    others = tuple(name for name in dense if name != largest)
    return Instance(
        (largest,),
        mistakes={"work": (work,), "dense": others},
        network=SIMPLIFIED.name,
    )


@template
def lesson_input(_: Random) -> Instance:
    """The smallest input from which the first layer gets the paper's maps."""
    first = next(SIMPLIFIED.convolutions())
    side = paper.MAPS
    size = (side - 1) * first.stride + first.kernel
    return Instance(
        size,
        mistakes={
            "printed": paper.INPUT,
            "larger": size + 1,
            "no_kernel": side * first.stride,
            "no_last": side * first.stride + first.kernel,
        },
    )


@template
def lesson_curves(_: Random) -> Instance:
    """What each of four recorded runs shows."""
    letters = tuple(recorded.FOUR)
    found = {one: recorded.diagnosis(recorded.of_four(one)) for one in letters}
    of = {name: letter for letter, name in found.items()}
    return Instance(
        {letter: f"d_{name}" for letter, name in found.items()},
        mistakes={
            "memorised": {of["overfits"]: "d_good"},
            "early": {of["still_falls"]: "d_good"},
            "nothing": {of["learns_nothing"]: "d_overfits"},
            "gap": {of["good"]: "d_overfits"},
        },
        options={letter: letter for letter in letters},
        targets={f"d_{name}": Phrase(f"diagnosis_{name}") for name in found.values()},
    )


@template
def lesson_taught(_: Random) -> Instance:
    """The parameters of a new last layer for two classes, on the last hidden layer."""
    units = shapes.layer_info(SIMPLIFIED, "fc7").output[0]
    return Instance(
        2 * (units + 1),
        mistakes={
            "no_bias": 2 * units,
            "one_class": units + 1,
            "old": SIMPLIFIED.classes * (units + 1),
        },
    )

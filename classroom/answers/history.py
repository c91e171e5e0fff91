"""Where AlexNet comes from: errors of 2012, LeNet-5 beside it."""

from __future__ import annotations

from random import Random

from classroom import paper
from classroom.answers.drawn import Drawn, template
from model import shapes
from model.specs import LENET5, ORIGINAL, Dropout, Pool, Spec


@template
def margin(_: Random) -> Drawn:
    """Points between the first and the second place of ILSVRC 2012."""
    first, second = paper.SEVEN.error, paper.SECOND.error
    return Drawn(
        round(second - first, 1),
        {"first": first, "second": second},
        {
            "relative": round(100 * (second - first) / second, 1),
            "one_network": round(second - paper.ONE.error, 1),
        },
    )


@template
def growth(_: Random) -> Drawn:
    """How many times LeNet-5's parameters AlexNet has."""
    ours, theirs = (shapes.totals(s).parameters for s in (ORIGINAL, LENET5))
    neurons = [shapes.totals(s).neurons for s in (ORIGINAL, LENET5)]
    return Drawn(
        ours / theirs,
        {"alexnet": ours, "lenet": theirs},
        {"difference": ours - theirs, "neurons": neurons[0] / neurons[1]},
    )


@template
def replaced(_: Random) -> Drawn:
    """What in AlexNet stands where LeNet-5 has something else."""

    def traits(spec: Spec) -> dict[str, str]:
        conv = next(spec.convolutions())
        pool = next(x for x in spec.layers if isinstance(x, Pool))
        dropout = [x for x in spec.layers if isinstance(x, Dropout)]
        activation = {"relu": "ReLU"}.get(conv.activation, conv.activation)
        return {
            "activation": activation,
            "pooling": f"{pool.kind} pooling of {pool.size} × {pool.size}",
            "convolutions": f"{len(list(spec.convolutions()))} convolutions",
            "outputs": f"{spec.classes:,} outputs",
            "dropout": f"{len(dropout)} × dropout" if dropout else "no dropout",
        }

    before, after = traits(LENET5), traits(ORIGINAL)
    assert not before.keys() ^ after.keys()
    return Drawn(
        after, options=before, targets={label: label for label in after.values()}
    )

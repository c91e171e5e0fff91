"""Where AlexNet comes from: errors of 2012, LeNet-5 beside it."""

from __future__ import annotations

from random import Random

from classroom.questions.answers.templates import Instance, template
from model import paper
from model.network import shapes
from model.network.specs import LENET5, ORIGINAL, Spec


@template
def margin(_: Random) -> Instance:
    """Points between the first and the second place of ILSVRC 2012."""
    first, second = paper.SEVEN.error, paper.SECOND.error
    return Instance(
        round(second - first, 1),
        {"first": first, "second": second},
        {
            "relative": round(100 * (second - first) / second, 1),
            "one_network": round(second - paper.ONE.error, 1),
        },
    )


def _first_dense(spec: Spec) -> tuple[int, int, int]:
    """Side and number of the maps that the first dense layer reads, and its units."""
    side = maps = 0
    for row in shapes.table(spec):
        if row.kind in ("conv", "pool"):
            side, _, maps = row.output
        if row.kind == "dense":
            return side, maps, row.output[0]
    raise ValueError(f"{spec.name} has no dense layer")


@template
def growth(_: Random) -> Instance:
    """How many times as many weights AlexNet's first dense layer has as LeNet-5's."""
    old_side, old_maps, old_units = _first_dense(LENET5)
    side, maps, units = _first_dense(ORIGINAL)
    old, new = old_side**2 * old_maps, side**2 * maps
    theirs, ours = (shapes.totals(x).parameters for x in (LENET5, ORIGINAL))
    return Instance(
        new * units / (old * old_units),
        {"old_side": old_side, "old_maps": old_maps, "old_units": old_units,
         "side": side, "maps": maps, "units": units, "old": old * old_units,
         "new": new * units, "in_all": ours / theirs},
        {
            "in_all": ours / theirs,
            "one_side": side * maps * units / (old_side * old_maps * old_units),
            "units_only": units / old_units,
            "inputs_only": new / old,
        },
    )  # fmt: skip

"""The paper against itself."""

from __future__ import annotations

from random import Random

from classroom.questions.answers.templates import (
    Instance,
    NumberText,
    Phrase,
    side_of,
    size_of,
    template,
)
from model import paper
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, Pool


@template
def quarter_step(_: Random) -> Instance:
    """(224 - 11) / 4 + 1 is no whole number."""
    spec = ORIGINAL.at(paper.INPUT)
    conv = next(spec.convolutions())
    step = shapes.step_of(spec, conv.name)
    return Instance(
        step.exact,
        {"size": paper.INPUT, "kernel": conv.kernel, "stride": conv.stride,
         "out": step.info.output[0], "printed": paper.MAPS,
         "needs": ORIGINAL.input_size,
         "over": shapes.span(paper.MAPS, conv.kernel, conv.stride) - paper.INPUT},
        {
            "printed": paper.MAPS,
            "rounded": step.info.output[0],
            "no_one": step.exact - 1,
        },
    )  # fmt: skip


@template
def conv1_neurons(_: Random) -> Instance:
    """Neurons of conv1 by arithmetic, against the paper's list."""
    row = shapes.layer_info(ORIGINAL, "conv1")
    printed = paper.NEURON_LIST[0]
    return Instance(
        row.neurons,
        {"side": row.output[0], "maps": row.output[2], "printed": printed,
         "slip": printed // (row.output[0] * row.output[2])},
        {
            "printed": printed,
            "gpu_half": row.neurons // 2,
            "one_map": row.output[0] ** 2,
            "lesson": shapes.layer_info(SIMPLIFIED, "conv1").neurons,
        },
    )  # fmt: skip


@template
def neuron_sum(_: Random) -> Instance:
    """Neurons by the shapes of figure 2, against the abstract and the paper's list."""
    rows = [r for r in shapes.table(ORIGINAL) if r.kind in ("conv", "dense")]
    total = sum(r.neurons for r in rows)
    convs = sum(r.neurons for r in rows if r.kind == "conv")
    return Instance(
        total,
        {"shapes": NumberText(", ".join(size_of(r.output) for r in rows)),
         "printed": paper.NEURONS, "listed": sum(paper.NEURON_LIST),
         "over": 100 * (total / paper.NEURONS - 1), "convs": convs,
         "first": paper.NEURON_LIST[0], "counted": rows[0].neurons},
        {
            "printed": paper.NEURONS,
            "list": sum(paper.NEURON_LIST),
            "with_input": total + paper.INPUT**2 * ORIGINAL.channels,
        },
    )  # fmt: skip


@template
def over_one_per_cent(_: Random) -> Instance:
    """Convolutions with more than 1 % of the parameters."""
    all_of_them = shapes.totals(ORIGINAL).parameters
    rows = [r for r in shapes.table(ORIGINAL) if r.kind == "conv"]
    shares = {r.name: 100 * r.parameters / all_of_them for r in rows}
    over = tuple(name for name, share in shares.items() if share > paper.ONE_PER_CENT)
    under = tuple(name for name in shares if name not in over)
    listed = NumberText(
        ", ".join(f"{k} {share:.2f}\u00a0%" for k, share in shares.items())
    )
    return Instance(
        over,
        {"shares": listed, "limit": paper.ONE_PER_CENT},
        {"under": under},
        options={name: name for name in shares},
    )


@template
def factor(_: Random) -> Instance:
    """Crops and mirrors of 224 in 256 pixels, which the paper counts as 2048."""
    room = paper.IMAGE_SIZE - paper.CROP
    return Instance(
        2 * (room + 1) ** 2,
        {
            "size": paper.IMAGE_SIZE,
            "crop": paper.CROP,
            "room": room,
            "places": room + 1,
        },
        {"printed": paper.FACTOR, "no_mirror": (room + 1) ** 2, "half": room**2},
    )


@template
def table_2(_: Random) -> Instance:
    """The entries of table 2 and their top-5 errors."""
    options = {str(i): Phrase(entry.name) for i, entry in enumerate(paper.ENTRIES)}
    errors = {
        str(i): f"{x.error} % ({x.measured})" for i, x in enumerate(paper.ENTRIES)
    }
    labels = {
        errors[str(i)]: Phrase(
            "error_of", {"error": x.error, "set": Phrase(x.measured)}
        )
        for i, x in enumerate(paper.ENTRIES)
    }
    one = next(str(i) for i, x in enumerate(paper.ENTRIES) if x is paper.ONE)
    seven = next(str(i) for i, x in enumerate(paper.ENTRIES) if x is paper.SEVEN)
    return Instance(
        errors,
        {"one": paper.ONE.error, "seven": paper.SEVEN.error},
        {"headline": {one: errors[seven]}},
        options=options,
        targets=labels,
    )


@template
def networks_averaged(_: Random) -> Instance:
    """How many networks stand behind the entry of 15.3 %."""
    return Instance(
        paper.SEVEN.networks,
        {"error": paper.SEVEN.error, "one": paper.ONE.error,
         "five": paper.FIVE.error},
        {"one": paper.ONE.networks, "five": paper.FIVE.networks, "gpus": 2},
    )  # fmt: skip


@template
def sixty_million(_: Random) -> Instance:
    """The 2012 network's parameters to the million."""
    exact = shapes.totals(ORIGINAL).parameters
    return Instance(
        round(exact / 1e6),
        {"exact": exact, "printed": paper.PARAMETERS},
        {
            "printed": paper.PARAMETERS // 10**6,
            "ungrouped": round(
                shapes.totals(shapes.without_groups(ORIGINAL)).parameters / 1e6
            ),
            "lesson": round(shapes.totals(SIMPLIFIED).parameters / 1e6),
        },
    )


@template
def equal_pooling(rng: Random) -> Instance:
    """Pooling without overlap (2 / 2) of the lesson's conv1 or conv2 maps."""
    name, pool = rng.choice((("conv1", "pool1"), ("conv2", "pool2")))
    size, after = side_of(SIMPLIFIED, name), SIMPLIFIED.layer(pool)
    assert isinstance(after, Pool)
    truth = shapes.output_size(size, after.stride, after.stride, "valid")
    return Instance(
        truth,
        {"size": size, "stride": after.stride, "layer": name,
         "overlapping": side_of(SIMPLIFIED, pool), "window": after.size,
         "paper_size": side_of(ORIGINAL, name), "paper": side_of(ORIGINAL, pool)},
        {"equal": side_of(SIMPLIFIED, pool), "unpooled": size},
    )  # fmt: skip


@template
def overhang(_: Random) -> Instance:
    """How far conv1's last window reaches past the image in the authors' code.

    It has 55 positions along 224 pixels, since it rounds up (layer.py, line 1004).
    """
    conv = next(ORIGINAL.convolutions())
    needs = shapes.span(paper.MAPS, conv.kernel, conv.stride)
    begins, over = needs - conv.kernel, needs - paper.INPUT
    return Instance(
        over,
        {"size": paper.INPUT, "kernel": conv.kernel, "stride": conv.stride,
         "maps": paper.MAPS, "begins": begins, "needs": needs, "ends": needs - 1,
         "last": paper.INPUT - 1},
        {
            "needs": needs,
            "begins": begins,
            "off_by_one": over - 1,
            "per_side": over / 2,
        },
    )  # fmt: skip

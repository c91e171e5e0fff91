"""Layers and shapes: how many, in which order, which one, which line of code."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random

from classroom.questions.answers.templates import (
    ALEXNETS,
    Instance,
    NumberText,
    Phrase,
    Truth,
    Value,
    called,
    line,
    listing,
    place_in,
    side_of,
    size_of,
    small,
    template,
)
from model.network import shapes
from model.network.specs import (
    ORIGINAL,
    SIMPLIFIED,
    Conv,
    Dense,
    Dropout,
    Layer,
    Pool,
    Spec,
)


def _count(spec: Spec, *kinds: type) -> int:
    return sum(isinstance(layer, kinds) for layer in spec.layers)


@template
def convolutions(_: Random) -> Instance:
    """How many convolutions; the dense layers and the poolings are not."""
    return Instance(
        _count(SIMPLIFIED, Conv),
        {"dense": _count(SIMPLIFIED, Dense)},
        {
            "all_weights": _count(SIMPLIFIED, Conv, Dense),
            "dense": _count(SIMPLIFIED, Dense),
        },
    )


@template
def weighted_layers(_: Random) -> Instance:
    """How many layers with weights: convolutions and dense."""
    return Instance(
        _count(ORIGINAL, Conv, Dense),
        {"conv": _count(ORIGINAL, Conv), "dense": _count(ORIGINAL, Dense)},
        {
            "conv_only": _count(ORIGINAL, Conv),
            "with_pools": _count(ORIGINAL, Conv, Dense, Pool),
            "everything": len(ORIGINAL.layers),
        },
    )


@template
def layer_order(rng: Random) -> Instance:
    """Six layers of the lesson's network, from the input to the output."""
    shown = [x for x in SIMPLIFIED.layers if not isinstance(x, Dropout)]
    picked = sorted(rng.sample(range(1, len(shown) - 1), 4))
    layers = [shown[i] for i in (0, *picked, len(shown) - 1)]

    # Their names would give the order away: a description stands for each. Layers
    # of one shape are indistinguishable when they are put in order.
    def known_by(layer: Layer) -> str:
        row = shapes.layer_info(SIMPLIFIED, layer.name)
        return f"{row.kind} {size_of(row.output)}"

    def label(layer: Layer) -> Phrase:
        row = shapes.layer_info(SIMPLIFIED, layer.name)
        return Phrase(f"gives_{row.kind}", {"shape": size_of(row.output)})

    labels = {known_by(x): label(x) for x in layers}
    mistakes: dict[str, Truth] = {}
    for a, b in pairwise(layers):
        wrong_way = (known_by(b), known_by(a))
        if isinstance(a, Conv) and isinstance(b, Pool):
            mistakes.setdefault("pool_first", wrong_way)
        if isinstance(b, Dense) and not isinstance(a, Dense):
            mistakes.setdefault("dense_early", wrong_way)
    return Instance(tuple(labels), mistakes=mistakes, options=labels)


@template
def block_order(_: Random) -> Instance:
    """The first block in the paper, which normalises before it pools.

    The authors' code normalises what the convolution gives and has ReLU last
    (layers/layers-145.cfg).
    """
    layers = ORIGINAL.layers[:3]
    conv, norm, pool = (layer.name for layer in layers)
    assert isinstance(layers[0], Conv)
    labels: dict[str, str | Phrase] = {
        conv: Phrase("convolution_of", {"filters": layers[0].filters}),
        "relu": "ReLU",
        norm: Phrase("normalise"),
        pool: Phrase("pool"),
    }
    return Instance(
        tuple(labels),
        mistakes={
            "authors": (conv, norm, pool, "relu"),
            "caffenet": (pool, norm),
            "relu_late": (norm, "relu"),
        },
        options=labels,
    )


@template
def shape_of_layer(rng: Random) -> Instance:
    """Which layer of a network gives this shape."""
    spec = rng.choice(ALEXNETS)
    rows = {
        r.name: r for r in shapes.table(spec) if r.kind in ("conv", "pool", "dense")
    }
    unique = [
        r
        for r in rows.values()
        if [x.output for x in rows.values()].count(r.output) < 2
    ]
    asked = rng.choice(unique)
    names = list(rows)
    at = names.index(asked.name)
    after = rows[names[at + 1]] if at + 1 < len(names) else None
    same = tuple(
        r.name
        for r in rows.values()
        if r is not asked and r.output[:1] == asked.output[:1]
    )
    mistakes: dict[str, Truth] = {"same_side": same} if same else {}
    if after is not None and len(after.output) == len(asked.output):
        mistakes["reads_it"] = (after.name,)
    if at > 0:
        mistakes["early"] = (names[at - 1],)
    # A normalisation leaves the shape as it is: it gives this one, too.
    alike = tuple(r.name for r in shapes.table(spec) if r.output == asked.output)
    return Instance(
        alike,
        {"network": called(spec), "shape": size_of(asked.output),
         "reason": _reason(spec, asked.name)},
        mistakes,
        network=spec.name,
    )  # fmt: skip


def _reason(spec: Spec, name: str) -> Phrase:
    """Why a layer gives the shape that it gives."""
    step = shapes.step_of(spec, name)
    layer, out = step.layer, step.info.output
    if isinstance(layer, Dense):
        return Phrase("reason_dense", {"layer": name, "units": out[0]})
    assert isinstance(layer, Conv | Pool)
    zeros = layer.padding if isinstance(layer, Conv) else 0
    known: dict[str, Value] = {
        "layer": name, "before": step.before[0], "out": out[0], "maps": out[2],
        "window": layer.kernel,
        "stride": layer.stride,
    }  # fmt: skip
    if isinstance(layer, Pool):
        return Phrase("reason_pool", known)
    if zeros == "same" or (layer.stride == 1 and out[0] == step.before[0]):
        return Phrase("reason_same", known)
    down = "number_down" if step.exact != out[0] else "number_whole"
    known["result"] = Phrase(down, {"exact": step.exact, "out": out[0]})
    known["both"] = 2 * zeros if isinstance(zeros, int) else 0
    return Phrase("reason_conv", known)


def _largest(spec: Spec, column: str) -> str:
    return max(shapes.table(spec), key=lambda r: int(getattr(r, column))).name


@template
def most_parameters(rng: Random) -> Instance:
    """The layer with the most parameters."""
    spec = rng.choice(ALEXNETS)
    name = _largest(spec, "parameters")
    row, total = shapes.layer_info(spec, name), shapes.totals(spec)
    return Instance(
        (name,),
        {"network": called(spec), "parameters": row.parameters, "layer": name,
         "share": 100 * row.parameters / total.parameters},
        {
            "most_work": (_largest(spec, "macs"),),
            "most_neurons": (_largest(spec, "neurons"),),
            "last": (spec.layers[-1].name,),
        },
        network=spec.name,
    )  # fmt: skip


@template
def most_work(rng: Random) -> Instance:
    """The layer with the most multiply-adds."""
    spec = rng.choice(ALEXNETS)
    name = _largest(spec, "macs")
    row, total = shapes.layer_info(spec, name), shapes.totals(spec)
    return Instance(
        (name,),
        {"network": called(spec), "macs": row.macs, "layer": name,
         "share": 100 * row.macs / total.macs},
        {
            "most_parameters": (_largest(spec, "parameters"),),
            "most_neurons": (_largest(spec, "neurons"),),
        },
        network=spec.name,
    )  # fmt: skip


@template
def sees_both(_: Random) -> Instance:
    """The convolution after the first that reads the maps of both GPUs."""
    late = list(ORIGINAL.convolutions())[1:]
    both = next(layer for layer in late if layer.groups == 1)
    split = tuple(layer.name for layer in late if layer.groups > 1)
    first = next(ORIGINAL.convolutions()).name
    return Instance(
        (both.name,),
        {"layer": both.name, "split": ", ".join(split)},
        {"first": (first,), "split": split},
        network=ORIGINAL.name,
    )


def _matched(
    rng: Random, spec: Spec, column: Callable[[shapes.LayerInfo], NumberText]
) -> Instance:
    """Four layers and the result of the arithmetic for each."""
    by_value: dict[str, shapes.LayerInfo] = {}
    for row in shapes.table(spec):
        if row.kind in ("conv", "pool", "dense") and column(row) != "0":
            by_value.setdefault(column(row), row)
    rows = rng.sample(list(by_value.values()), 4)
    rows.sort(key=place_in(spec))
    return Instance(
        {row.name: column(row) for row in rows},
        {"network": called(spec)},
        options={row.name: row.name for row in rows},
        targets={column(row): column(row) for row in rows},
    )


@template
def match_shapes(rng: Random) -> Instance:
    """Layers and their output shapes."""
    return _matched(rng, rng.choice(ALEXNETS), lambda row: size_of(row.output))


@template
def match_parameters(rng: Random) -> Instance:
    """Layers and their parameters."""
    return _matched(
        rng, rng.choice(ALEXNETS), lambda row: NumberText(f"{row.parameters:,}")
    )


@template
def match_code(rng: Random) -> Instance:
    """Layers of the lesson's network and the lines that make them."""
    lines: dict[str, str] = {}
    for layer in SIMPLIFIED.layers:
        lines.setdefault(f"`{line(layer)}`", layer.name)
    picked = rng.sample(list(lines), 5)
    rows = {name: code for code, name in lines.items() if code in picked}

    def job(name: str) -> Phrase:
        row = shapes.layer_info(SIMPLIFIED, name)
        return Phrase(f"job_{row.kind}", {"layer": name, "shape": size_of(row.output)})

    return Instance(
        {name: code for name, code in rows.items()},
        options={name: job(name) for name in rows},
        targets={code: code.strip("`") for code in rows.values()},
    )


@template
def with_parameters(rng: Random) -> Instance:
    """Which of these layers have parameters."""
    rows = [r for r in shapes.table(ORIGINAL) if r.kind != "input"]
    have = rng.sample([r for r in rows if r.parameters], 3)
    none = rng.sample([r for r in rows if not r.parameters], 3)
    shown = sorted([*have, *none], key=place_in(ORIGINAL))
    by_kind = {
        kind: tuple(r.name for r in none if r.kind == kind)
        for kind in ("pool", "normalise", "dropout", "flatten")
    }
    return Instance(
        tuple(r.name for r in shown if r.parameters),
        mistakes={kind: names for kind, names in by_kind.items() if names},
        options={
            r.name: Phrase("layer_is", {"layer": r.name, "kind": Phrase(r.kind)})
            for r in shown
        },
    )


@template
def flattened(rng: Random) -> Instance:
    """How many numbers the first dense layer reads, for a drawn input size."""
    spec = SIMPLIFIED.at(rng.choice((160, 192, 224, 227, 256, 288)))
    (units,) = shapes.layer_info(spec, "flatten").output
    side, _, maps = shapes.layer_info(spec, "pool5").output
    unpooled = side_of(spec, "conv5")
    (paper_units,) = shapes.layer_info(ORIGINAL, "flatten").output
    return Instance(
        units,
        {"size": spec.input_size, "side": side, "maps": maps},
        {
            "no_maps": side * side,
            "no_pool": unpooled * unpooled * maps,
            "one_side": side * maps,
            "paper": paper_units,
        },
    )


@template
def drawn_flatten(rng: Random) -> Instance:
    """How long the row is that a drawn network's dense layer reads."""
    spec = small(rng)
    (units,) = shapes.layer_info(spec, "flatten").output
    side, _, maps = shapes.layer_info(spec, "pool2").output
    sides = [side_of(spec, name) for name in ("conv1", "pool1", "conv2", "pool2")]
    unpooled = side_of(spec, "conv2")
    return Instance(
        units,
        {"listing": listing(spec), "sides": " → ".join(map(str, sides)), "side": side,
         "maps": maps},
        {
            "no_maps": side * side,
            "no_pool": unpooled * unpooled * maps,
            "one_side": side * maps,
        },
    )  # fmt: skip

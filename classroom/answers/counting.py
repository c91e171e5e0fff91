"""Sides, parameters, multiply-adds, bytes; pooling and normalisation by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from random import Random

from classroom import paper
from classroom.answers.drawn import (
    ALEXNETS,
    Drawn,
    Truth,
    listing,
    side_of,
    small,
    step_of,
    template,
    weights_of,
    with_layer,
)
from model import shapes
from model.specs import (
    LENET5,
    ORIGINAL,
    SIMPLIFIED,
    TORCHVISION,
    Conv,
    Dense,
    Normalise,
    Padding,
    Pool,
)


@template
def side(rng: Random) -> Drawn:
    """Positions of a window along one side, everything drawn."""
    size = rng.randrange(40, 257)
    kernel, stride = rng.choice((3, 5, 7, 9, 11)), rng.choice((2, 3, 4))
    zeros = rng.choice((0, 1, 2))
    truth = shapes.output_size(size, kernel, stride, zeros)
    exact = (size + 2 * zeros - kernel) / stride + 1
    return Drawn(
        truth,
        {"size": size, "kernel": kernel, "stride": stride, "zeros": zeros,
         "both": 2 * zeros, "exact": exact},
        {
            "no_one": truth - 1,
            "rounded_up": math.ceil(exact),
            "no_padding": shapes.output_size(size, kernel, stride, 0),
            "no_stride": shapes.output_size(size, kernel, 1, zeros),
            "no_kernel": size // stride,
        },
    )  # fmt: skip


@template
def conv1_side(rng: Random) -> Drawn:
    """conv1's positions for the sizes and paddings that AlexNets have."""
    conv = next(SIMPLIFIED.convolutions())
    known: tuple[tuple[int, Padding, str], ...] = (
        (SIMPLIFIED.input_size, "valid", "no padding"),
        (ORIGINAL.input_size, "valid", "no padding"),
        (TORCHVISION.input_size, 2, "2 zeros on each side"),
        (SIMPLIFIED.input_size, "same", "padding “same”"),
    )
    size, padding, say = rng.choice(known)
    spec = with_layer(SIMPLIFIED.at(size), replace(conv, padding=padding))
    truth = side_of(spec, conv.name)
    step = step_of(spec, conv.name)
    plain = shapes.output_size(size, conv.kernel, conv.stride, "valid")
    return Drawn(
        truth,
        {"size": size, "padding": say, "kernel": conv.kernel, "stride": conv.stride,
         "exact": step.exact},
        {
            "paper": paper.MAPS,
            "no_padding": plain,
            "no_one": truth - 1,
            "no_kernel": size // conv.stride,
        },
    )  # fmt: skip


@template
def conv_parameters(rng: Random) -> Drawn:
    """Weights and biases of a convolution without groups."""
    spec = rng.choice((SIMPLIFIED, TORCHVISION))
    layer = rng.choice(list(spec.convolutions()))
    step = step_of(spec, layer.name)
    weights, maps = weights_of(step), step.before[2]
    return Drawn(
        step.row.parameters,
        {"network": spec.title, "layer": layer.name, "kernel": layer.kernel,
         "filters": layer.filters, "maps": maps, "weights": weights},
        {
            "no_bias": weights,
            "one_bias": weights + 1,
            "one_map": layer.kernel**2 * layer.filters + layer.filters,
            "one_map_no_bias": layer.kernel**2 * layer.filters,
            "kernel_once": layer.kernel * maps * layer.filters + layer.filters,
        },
    )  # fmt: skip


@template
def grouped_parameters(rng: Random) -> Drawn:
    """Parameters of a convolution that is split over two GPUs."""
    layer = rng.choice([x for x in ORIGINAL.convolutions() if x.groups > 1])
    step = step_of(ORIGINAL, layer.name)
    weights = weights_of(step)
    ungrouped = shapes.row(shapes.without_groups(ORIGINAL), layer.name).parameters
    return Drawn(
        step.row.parameters,
        {"layer": layer.name, "kernel": layer.kernel, "filters": layer.filters,
         "maps": step.before[2], "seen": step.before[2] // layer.groups,
         "groups": layer.groups},
        {
            "ungrouped": ungrouped,
            "gpu_half": step.row.parameters // layer.groups,
            "no_bias": weights,
            "halved_twice": weights // layer.groups + layer.filters,
        },
    )  # fmt: skip


@template
def dense_parameters(rng: Random) -> Drawn:
    """Parameters of a dense layer."""
    spec = rng.choice((*ALEXNETS, LENET5))
    step = rng.choice([x for x in shapes.steps(spec) if isinstance(x.layer, Dense)])
    (inputs,), (units,) = step.before, step.row.output
    return Drawn(
        step.row.parameters,
        {"network": spec.title, "layer": step.layer.name, "inputs": inputs,
         "units": units},
        {
            "no_bias": inputs * units,
            "bias_of_inputs": inputs * units + inputs,
            "sum": inputs + units,
        },
    )  # fmt: skip


@template
def drawn_parameters(rng: Random) -> Drawn:
    """Parameters of the second convolution of a drawn network."""
    spec = small(rng)
    step = step_of(spec, "conv2")
    layer = step.layer
    assert isinstance(layer, Conv)
    weights = weights_of(step)
    return Drawn(
        step.row.parameters,
        {"listing": listing(spec), "kernel": layer.kernel, "filters": layer.filters,
         "maps": step.before[2]},
        {
            "no_bias": weights,
            "picture_channels": layer.kernel**2 * spec.channels * layer.filters
            + layer.filters,
            "one_map": layer.kernel**2 * layer.filters + layer.filters,
        },
    )  # fmt: skip


@template
def conv_macs(rng: Random) -> Drawn:
    """Multiply-adds of a convolution."""
    spec = rng.choice(ALEXNETS)
    layer = rng.choice(list(spec.convolutions()))
    step = step_of(spec, layer.name)
    weights, out = weights_of(step), step.row.output[0]
    ungrouped = shapes.row(shapes.without_groups(spec), layer.name).macs
    return Drawn(
        step.row.macs,
        {"network": spec.title, "layer": layer.name, "out": out, "weights": weights,
         "groups": f" in {layer.groups} groups" if layer.groups > 1 else "",
         "kernel": layer.kernel, "filters": layer.filters, "maps": step.before[2]},
        {
            "one_position": weights,
            "ungrouped": ungrouped,
            "input_positions": weights * step.before[0] ** 2,
            "one_side": weights * out,
        },
    )  # fmt: skip


@template
def memory(rng: Random) -> Drawn:
    """Megabytes of the parameters as 32-bit floats."""
    spec = rng.choice((*ALEXNETS, shapes.without_groups(ORIGINAL)))
    total = shapes.totals(spec)
    grouped = max((x.groups for x in spec.convolutions()), default=1) > 1
    one_tower = spec.input_size == ORIGINAL.input_size and not grouped
    return Drawn(
        total.megabytes,
        {"network": f"{spec.title}, in one tower" if one_tower else spec.title,
         "parameters": total.parameters},
        {
            "mebi": total.parameters * 4 / 2**20,
            "one_byte": total.parameters / 1e6,
            "half": total.megabytes / 2,
            "double": total.megabytes * 2,
            "bits": total.parameters * 32 / 1e6,
        },
    )  # fmt: skip


@template
def dense_share(rng: Random) -> Drawn:
    """Share of the parameters in the dense layers, per cent."""
    spec = rng.choice(ALEXNETS)
    total = shapes.totals(spec)
    return Drawn(
        100 * total.dense_parameter_share,
        {"network": spec.title, "dense": total.dense_parameters,
         "all": total.parameters, "work": 100 * total.conv_mac_share},
        {
            "work": 100 * (1 - total.conv_mac_share),
            "convolutions": 100 * (1 - total.dense_parameter_share),
            "fraction": total.dense_parameter_share,
        },
    )  # fmt: skip


@template
def all_parameters(rng: Random) -> Drawn:
    """All parameters of a network; a rounded answer will do."""
    spec = rng.choice(ALEXNETS)
    total = shapes.totals(spec)
    mistakes: dict[str, Truth] = {
        "dense_only": total.dense_parameters,
        "neurons": total.neurons,
    }
    if spec is ORIGINAL:
        mistakes["ungrouped"] = shapes.totals(shapes.without_groups(spec)).parameters
        mistakes["gpu_half"] = total.parameters // 2
    else:
        mistakes["original"] = shapes.totals(ORIGINAL).parameters
    return Drawn(
        total.parameters, {"network": spec.title, "convs": total.conv_parameters,
                           "dense": total.dense_parameters}, mistakes,
    )  # fmt: skip


@template
def pool_side(rng: Random) -> Drawn:
    """Side of a map after pooling, overlapping or not."""
    size, window = rng.randrange(10, 60), rng.choice((2, 3))
    stride = 2
    truth = shapes.output_size(size, window, stride, "valid")
    return Drawn(
        truth,
        {"size": size, "window": window, "stride": stride,
         "exact": (size - window) / stride + 1},
        {
            "no_one": truth - 1,
            "rounded_up": math.ceil((size - window) / stride) + 1,
            "by_window": shapes.output_size(size, window, window, "valid"),
            "no_stride": shapes.output_size(size, window, 1, "valid"),
        },
    )  # fmt: skip


def windows(
    numbers: Sequence[Sequence[int]], size: int, stride: int
) -> list[list[list[int]]]:
    """The numbers in each window, row by row."""
    count = shapes.output_size(len(numbers), size, stride, "valid")
    return [
        [
            [
                numbers[r * stride + i][c * stride + j]
                for i in range(size)
                for j in range(size)
            ]
            for c in range(count)
        ]
        for r in range(count)
    ]


def grid(numbers: Sequence[Sequence[int]]) -> str:
    """Numbers in columns, in a Markdown code block."""
    rows = ("  ".join(f"{n:2d}" for n in row) for row in numbers)
    return "```text\n" + "\n".join(rows) + "\n```"


@template
def pooled_value(rng: Random) -> Drawn:
    """One number of a max pooling of 5 × 5 numbers, AlexNet's 3 / 2."""
    pool = next(x for x in ORIGINAL.layers if isinstance(x, Pool))
    numbers = [[rng.randrange(0, 30) for _ in range(5)] for _ in range(5)]
    row, column = rng.randrange(2), rng.randrange(2)
    window = windows(numbers, pool.size, pool.stride)[row][column]
    plain = windows(numbers, pool.stride, pool.stride)[row][column]
    stepped = windows(numbers, pool.size, 1)[row][column]
    return Drawn(
        max(window),
        {"grid": grid(numbers), "size": pool.size, "stride": pool.stride,
         "place": f"{('top', 'bottom')[row]} {('left', 'right')[column]}",
         "window": ", ".join(map(str, window))},
        {
            "average": round(sum(window) / len(window), 2),
            "no_overlap": max(plain),
            "stride_1": max(stepped),
            "smallest": min(window),
            "all_numbers": max(max(line) for line in numbers),
        },
    )  # fmt: skip


@template
def neuron(rng: Random) -> Drawn:
    """One neuron by hand: weighted sum, bias, ReLU."""
    inputs = [rng.randrange(1, 6) for _ in range(3)]
    weights = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(3)]
    bias = rng.choice((-2, -1, 1, 2))
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    return Drawn(
        max(0, total + bias),
        {"inputs": ", ".join(map(str, inputs)),
         "weights": ", ".join(map(str, weights)), "bias": bias,
         "sum": total, "before": total + bias},
        {
            "no_relu": total + bias,
            "no_bias": max(0, total),
            "no_bias_no_relu": total,
            "absolute": abs(total + bias),
            "unweighted": max(0, sum(inputs) + bias),
        },
    )  # fmt: skip


@template
def normalised(rng: Random) -> Drawn:
    """Local response normalisation of the middle of five numbers."""
    norm = next(x for x in ORIGINAL.layers if isinstance(x, Normalise))
    numbers = [rng.randrange(1, 10) * 10 for _ in range(norm.n)]
    middle = numbers[norm.n // 2]
    squares = sum(n * n for n in numbers)

    def value(k: float, alpha: float, total: float) -> float:
        return float(middle / (k + alpha * total) ** norm.beta)

    return Drawn(
        value(norm.k, norm.alpha, squares),
        {"numbers": ", ".join(map(str, numbers)), "k": norm.k, "n": norm.n,
         "alpha": f"{norm.alpha:.4f}", "beta": norm.beta, "squares": squares,
         "middle": middle},
        {
            "caffe": value(1, norm.alpha / norm.n, squares),
            "divided": value(norm.k, norm.alpha / norm.n, squares),
            "k_one": value(1, norm.alpha, squares),
            "no_squares": value(norm.k, norm.alpha, sum(numbers)),
            "no_power": middle / (norm.k + norm.alpha * squares),
            "own_only": value(norm.k, norm.alpha, middle * middle),
        },
    )  # fmt: skip


@template
def iterations(rng: Random) -> Drawn:
    """Steps of the training: passes over the pictures, a batch a step."""
    pictures = rng.choice((paper.PICTURES, 100_000, 50_000))
    batch, passes = rng.choice((64, paper.BATCH, 256)), rng.choice((30, paper.PASSES))
    return Drawn(
        pictures * passes / batch,
        {"pictures": pictures, "batch": batch, "passes": passes},
        {
            "one_pass": pictures / batch,
            "no_batch": pictures * passes,
            "batches": pictures * passes * batch,
        },
    )


@template
def crops(rng: Random) -> Drawn:
    """Different crops and their mirror pictures."""
    crop = rng.choice((paper.CROP, 200, 192))
    size = paper.PICTURE if crop == paper.CROP else rng.choice((208, 216))
    room = size - crop
    return Drawn(
        2 * (room + 1) ** 2,
        {"size": size, "crop": crop, "places": room + 1, "room": room},
        {
            "off_by_one": 2 * room**2,
            "no_mirror": (room + 1) ** 2,
            "one_direction": 2 * (room + 1),
            "both": room**2,
        },
    )


@template
def ten_crops(rng: Random) -> Drawn:
    """Where the crops of the ten-crop test begin: corners and the middle."""
    room = paper.PICTURE - paper.CROP
    right = [(0, 0), (0, room), (room, 0), (room, room), (room // 2, room // 2)]
    wrong = [(0, room // 2), (room // 2, 0), (paper.CROP, paper.CROP), (room, 8)]
    shown = [*rng.sample(right, 3), *rng.sample(wrong, 2)]
    rng.shuffle(shown)
    ids = {at: f"{at[0]},{at[1]}" for at in shown}
    outside = tuple(ids[a] for a in shown if max(a) > room)
    edges = tuple(ids[a] for a in shown if a in wrong and max(a) <= room)
    return Drawn(
        tuple(ids[at] for at in shown if at in right),
        {"size": paper.PICTURE, "crop": paper.CROP, "room": room, "half": room // 2},
        {k: v for k, v in {"outside": outside, "edge": edges}.items() if v},
        options={ids[at]: f"row {at[0]}, column {at[1]}" for at in shown},
    )

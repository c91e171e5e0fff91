"""Sides, parameters, multiply-adds, bytes; pooling and normalisation by hand."""

from __future__ import annotations

import math
from dataclasses import replace
from random import Random

from classroom.questions.answers.templates import (
    ALEXNETS,
    Instance,
    NumberText,
    Phrase,
    Truth,
    Value,
    called,
    grid,
    listing,
    side_of,
    small,
    template,
    weights_of,
    windows,
    with_layer,
    worked_out,
)
from model import paper
from model.network import shapes
from model.network.specs import (
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
def side(rng: Random) -> Instance:
    """Positions of a window along one side, everything drawn."""
    size = rng.randrange(40, 257)
    kernel, stride = rng.choice((3, 5, 7, 9, 11)), rng.choice((2, 3, 4))
    zeros = rng.choice((0, 1, 2))
    truth = shapes.output_size(size, kernel, stride, zeros)
    exact = shapes.exact_size(size, kernel, stride, zeros)
    return Instance(
        truth,
        {"size": size, "kernel": kernel, "stride": stride, "zeros": zeros,
         "both": 2 * zeros, "result": worked_out(exact, truth),
         "padding": Phrase(f"padded_{zeros}")},
        {
            "no_one": truth - 1,
            "rounded_up": math.ceil(exact),
            "no_padding": shapes.output_size(size, kernel, stride, 0),
            "no_stride": shapes.output_size(size, kernel, 1, zeros),
            "no_kernel": size // stride,
        },
    )  # fmt: skip


@template
def conv1_side(rng: Random) -> Instance:
    """conv1's positions for the sizes and paddings that AlexNets have, as Keras counts.

    The authors' code rounds up (layer.py, line 1004), so it has 55 from 224 pixels.
    """
    conv = next(SIMPLIFIED.convolutions())
    known: tuple[tuple[int, Padding, str], ...] = (
        (SIMPLIFIED.input_size, "valid", "no_padding"),
        (ORIGINAL.input_size, "valid", "no_padding"),
        (TORCHVISION.input_size, 2, "two_zeros"),
        (SIMPLIFIED.input_size, "same", "padding_same"),
    )
    size, padding, phrase = rng.choice(known)
    spec = with_layer(SIMPLIFIED.at(size), replace(conv, padding=padding))
    truth = side_of(spec, conv.name)
    is_same, zeros = padding == "same", padding if isinstance(padding, int) else 0
    exact = shapes.exact_size(size, conv.kernel, conv.stride, zeros)
    up = math.ceil(exact)
    printed = "padded" if is_same else "authors" if up == paper.MAPS else "rounded_up"
    mistakes: dict[str, Truth] = {
        printed: paper.MAPS if is_same else up,
        "no_padding": shapes.output_size(size, conv.kernel, conv.stride, "valid"),
        "no_one": truth - 1,
        "no_kernel": size // conv.stride,
        "plus_one" if is_same else "no_kernel_one": size // conv.stride + 1,
    }
    values: dict[str, Value] = {"size": size, "stride": conv.stride, "both": 2 * zeros,
              "kernel": conv.kernel, "result": worked_out(exact, truth),
              "truth": truth}  # fmt: skip
    return Instance(
        truth,
        {"size": size, "padding": Phrase(phrase), "kernel": conv.kernel,
         "stride": conv.stride, "printed": paper.MAPS,
         "sum": Phrase("sum_same" if is_same else "sum_valid", values)},
        mistakes,
    )  # fmt: skip


@template
def conv_parameters(rng: Random) -> Instance:
    """Weights and biases of a convolution without groups."""
    spec = rng.choice((SIMPLIFIED, TORCHVISION))
    layer = rng.choice(list(spec.convolutions()))
    step = shapes.step_of(spec, layer.name)
    weights, maps = weights_of(step), step.before[2]
    return Instance(
        step.info.parameters,
        {"network": called(spec), "layer": layer.name, "kernel": layer.kernel,
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
def grouped_parameters(rng: Random) -> Instance:
    """Parameters of a convolution that is split over two GPUs."""
    layer = rng.choice([x for x in ORIGINAL.convolutions() if x.groups > 1])
    step = shapes.step_of(ORIGINAL, layer.name)
    weights = weights_of(step)
    ungrouped = shapes.layer_info(
        shapes.without_groups(ORIGINAL), layer.name
    ).parameters
    return Instance(
        step.info.parameters,
        {"layer": layer.name, "kernel": layer.kernel, "filters": layer.filters,
         "maps": step.before[2], "seen": step.before[2] // layer.groups,
         "groups": layer.groups},
        {
            "ungrouped": ungrouped,
            "gpu_half": step.info.parameters // layer.groups,
            "no_bias": weights,
            "halved_twice": weights // layer.groups + layer.filters,
        },
    )  # fmt: skip


@template
def dense_parameters(rng: Random) -> Instance:
    """Parameters of a dense layer."""
    spec = rng.choice((*ALEXNETS, LENET5))
    step = rng.choice([x for x in shapes.steps(spec) if isinstance(x.layer, Dense)])
    (inputs,), (units,) = step.before, step.info.output
    return Instance(
        step.info.parameters,
        {"network": called(spec), "layer": step.layer.name, "inputs": inputs,
         "units": units},
        {
            "no_bias": inputs * units,
            "bias_of_inputs": inputs * units + inputs,
            "sum": inputs + units,
        },
    )  # fmt: skip


@template
def drawn_parameters(rng: Random) -> Instance:
    """Parameters of the second convolution of a drawn network."""
    spec = small(rng)
    step = shapes.step_of(spec, "conv2")
    layer = step.layer
    assert isinstance(layer, Conv)
    weights = weights_of(step)
    return Instance(
        step.info.parameters,
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
def conv_macs(rng: Random) -> Instance:
    """Multiply-adds of a convolution."""
    spec = rng.choice(ALEXNETS)
    layer = rng.choice(list(spec.convolutions()))
    step = shapes.step_of(spec, layer.name)
    weights, out = weights_of(step), step.info.output[0]
    ungrouped = shapes.layer_info(shapes.without_groups(spec), layer.name).macs
    return Instance(
        step.info.macs,
        {"network": called(spec), "layer": layer.name, "out": out, "weights": weights,
         "groups": Phrase("in_groups", {"groups": layer.groups}) if layer.groups > 1
         else "",
         "kernel": layer.kernel, "filters": layer.filters, "maps": step.before[2]},
        {
            "one_position": weights,
            "ungrouped": ungrouped,
            "input_positions": weights * step.before[0] ** 2,
            "one_side": weights * out,
        },
    )  # fmt: skip


@template
def memory(rng: Random) -> Instance:
    """Megabytes of the parameters as 32-bit floats."""
    spec = rng.choice((*ALEXNETS, shapes.without_groups(ORIGINAL)))
    total = shapes.totals(spec)
    grouped = max((x.groups for x in spec.convolutions()), default=1) > 1
    one_tower = spec.input_size == ORIGINAL.input_size and not grouped
    return Instance(
        total.megabytes,
        {"network": Phrase("one_tower", {"network": called(spec)}) if one_tower
         else called(spec),
         "parameters": total.parameters, "bytes": 4 * total.parameters},
        {
            "mebi": total.parameters * 4 / 2**20,
            "one_byte": total.parameters / 1e6,
            "half": total.megabytes / 2,
            "double": total.megabytes * 2,
            "bits": total.parameters * 32 / 1e6,
        },
    )  # fmt: skip


@template
def dense_share(rng: Random) -> Instance:
    """Share of the parameters in the dense layers, per cent."""
    spec = rng.choice(ALEXNETS)
    total = shapes.totals(spec)
    return Instance(
        100 * total.dense_parameter_share,
        {"network": called(spec), "dense": total.dense_parameters,
         "all": total.parameters, "work": 100 * total.conv_mac_share},
        {
            "work": 100 * (1 - total.conv_mac_share),
            "convolutions": 100 * (1 - total.dense_parameter_share),
            "fraction": total.dense_parameter_share,
        },
    )  # fmt: skip


@template
def all_parameters(rng: Random) -> Instance:
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
    return Instance(
        total.parameters, {"network": called(spec), "convs": total.conv_parameters,
                           "dense": total.dense_parameters}, mistakes,
    )  # fmt: skip


@template
def pool_side(rng: Random) -> Instance:
    """Side of a map after pooling, overlapping or not."""
    size, window = rng.randrange(10, 60), rng.choice((2, 3))
    stride = 2
    truth = shapes.output_size(size, window, stride, "valid")
    exact = shapes.exact_size(size, window, stride, "valid")
    return Instance(
        truth,
        {"size": size, "window": window, "stride": stride,
         "result": worked_out(exact, truth)},
        {
            "no_one": truth - 1,
            "rounded_up": math.ceil(exact),
            "by_window": shapes.output_size(size, window, window, "valid"),
            "no_stride": shapes.output_size(size, window, 1, "valid"),
        },
    )  # fmt: skip


@template
def pooled_value(rng: Random) -> Instance:
    """One number of a max pooling of 5 × 5 numbers, AlexNet's 3 / 2."""
    pool = next(x for x in ORIGINAL.layers if isinstance(x, Pool))
    numbers = [[rng.randrange(0, 30) for _ in range(5)] for _ in range(5)]
    row, column = rng.randrange(2), rng.randrange(2)
    window = windows(numbers, pool.size, pool.stride)[row][column]
    apart = windows(numbers, pool.stride, pool.stride)[row][column]
    stepped = windows(numbers, pool.size, 1)[row][column]
    return Instance(
        max(window),
        {"grid": grid(numbers), "size": pool.size, "stride": pool.stride,
         "place": Phrase(
             f"{('top', 'bottom')[row]}_{('left', 'right')[column]}"
         ),
         "window": ", ".join(map(str, window))},
        {
            "average": round(sum(window) / len(window), 2),
            "no_overlap": max(apart),
            "stride_1": max(stepped),
            "smallest": min(window),
            "all_numbers": max(max(line) for line in numbers),
        },
    )  # fmt: skip


@template
def neuron(rng: Random) -> Instance:
    """One neuron by hand: weighted sum, bias, ReLU."""
    inputs = [rng.randrange(1, 6) for _ in range(3)]
    weights = [rng.choice((-3, -2, -1, 1, 2, 3)) for _ in range(3)]
    bias = rng.choice((-2, -1, 1, 2))
    total = sum(x * w for x, w in zip(inputs, weights, strict=True))
    if total + bias <= 0 and rng.random() < 0.5:  # else half of the answers were 0
        weights, bias = [-w for w in weights], -bias
        total = -total
    return Instance(
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
def normalised(rng: Random) -> Instance:
    """Local response normalisation of the middle of five numbers."""
    norm = next(x for x in ORIGINAL.layers if isinstance(x, Normalise))
    numbers = [rng.randrange(1, 10) * 10 for _ in range(norm.n)]
    middle = numbers[norm.n // 2]
    squares = sum(n * n for n in numbers)

    def value(k: float, alpha: float, total: float) -> float:
        return float(middle / (k + alpha * total) ** norm.beta)

    return Instance(
        value(norm.k, norm.alpha, squares),
        {"numbers": ", ".join(map(str, numbers)), "k": norm.k, "n": norm.n,
         "alpha": NumberText(f"{norm.alpha:.4f}"), "beta": norm.beta,
         "squares": squares, "middle": middle, "divided": value(
             norm.k, norm.alpha / norm.n, squares
         ), "code_alpha": NumberText(f"{norm.alpha / norm.n:.5f}")},
        {
            "authors": value(norm.k, norm.alpha / norm.n, squares),
            "caffe": value(1, norm.alpha / norm.n, squares),
            "k_one": value(1, norm.alpha, squares),
            "no_power": middle / (norm.k + norm.alpha * squares),
            "own_only": value(norm.k, norm.alpha, middle * middle),
            "squared_again": value(norm.k, norm.alpha, squares * squares),
        },
    )  # fmt: skip


@template
def iterations(rng: Random) -> Instance:
    """Training steps: whole batches in an epoch, times the epochs."""
    pictures = rng.choice((paper.IMAGES, 100_000, 50_000))
    batch, passes = rng.choice((64, paper.BATCH, 256)), rng.choice((30, paper.EPOCHS))
    steps, left = divmod(pictures, batch)
    numbers = {"steps": steps, "exact": pictures / batch}
    return Instance(
        steps * passes,
        {"images": pictures, "batch": batch, "epochs": passes, "steps": steps,
         "result": Phrase("steps_down" if left else "steps_whole", numbers)},
        {
            "one_epoch": steps,
            "incomplete": (steps + 1) * passes if left else steps * passes,
            "once": pictures * passes // batch,
            "no_batch": pictures * passes,
            "multiplied": pictures * passes * batch,
        },
    )  # fmt: skip


@template
def crops(rng: Random) -> Instance:
    """Different crops and their mirror pictures."""
    crop = rng.choice((paper.CROP, 200, 192))
    size = paper.IMAGE_SIZE if crop == paper.CROP else rng.choice((208, 216))
    room = size - crop
    return Instance(
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
def crop_average(rng: Random) -> Instance:
    """Three crops' probabilities: their mean chooses, not a vote, nor the surest."""
    mean, vote, sure = rng.sample("ABC", 3)

    def crop(best: str, second: str, third: str, low: int, high: int) -> dict[str, int]:
        first = rng.randrange(low, high)
        return {best: first, second: first - 4, third: 104 - 2 * first}

    crops = [crop(vote, mean, sure, 42, 48) for _ in range(2)]
    crops.append(crop(sure, mean, vote, 48, 52))
    rng.shuffle(crops)
    lines = ["crop  " + "".join(f"{name:>6}" for name in "ABC")]
    lines += [
        f"{at:>4}  " + "".join(f"{one[name]:>4}\u00a0%" for name in "ABC")
        for at, one in enumerate(crops, 1)
    ]
    sums = {name: sum(one[name] for one in crops) for name in "ABC"}
    return Instance(
        (mean,),
        {"table": Phrase("crops", {"table": "\n".join(lines[1:]),
                                   "head": lines[0][6:]}),
         "mean": mean, "vote": vote, "sure": sure,
         **{f"sum_{name}": sums[name] for name in "ABC"},
         **{f"mean_{name}": sums[name] / len(crops) for name in "ABC"}},
        {"vote": (vote,), "sure": (sure,)},
        options={name: name for name in "ABC"},
    )  # fmt: skip

"""Every number that the lesson's words name: computed here, or cited.

The words say `{paper_parameters}`, never the digits, so a number cannot go stale or be
mistyped in one of the languages. What is measured (accuracy, pace) the page hands in.

What the paper prints is cited from `model.paper`, what the authors' code and notebook
say from `code_2012` and `runs_2012`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from math import log, prod, tanh

from classroom.content import code_2012, later, runs_2012
from classroom.content.toml_file import TomlFile
from model import paper
from model.network import shapes
from model.network.specs import (
    AUTHORS,
    LENET5,
    ORIGINAL,
    SIMPLIFIED,
    Conv,
    Dense,
    Dropout,
    Normalise,
    Spec,
)
from paths import ASSETS

# What was measured of the shipped network on the sample photographs.
SHIPPED: Mapping[str, int] = TomlFile(
    ASSETS / "lesson/shipped.toml", ASSETS / "lesson"
).toml()


# Top-5 errors of the winners, as Russakovsky et al. 2015 list them; the first is in the
# paper's table 1, too.
WINNERS: Mapping[str, float] = {"2010": paper.TABLE_1[0][2], "2011": 0.258}


def shallow(spec: Spec) -> Spec:
    """The network without what comes after its second convolution and its pooling.

    Fewer convolutions, as LeNet has them; the dense layers stay.
    """
    late = {conv.name for conv in list(spec.convolutions())[2:]} | {"pool5"}
    return replace(
        spec, layers=tuple(layer for layer in spec.layers if layer.name not in late)
    )


def depth(spec: Spec) -> int:
    """Layers with weights."""
    return sum(isinstance(layer, Conv | Dense) for layer in spec.layers)


_RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


def decimal(value: float, most: int = 8) -> str:
    """A number without an exponent and without zeros at its end: 0.00002 or 2.

    Args:
        most: digits after the point.
    """
    return f"{value:.{most}f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Style:
    """How a language writes numbers."""

    thousands: str = ","
    decimal: str = "."
    percent: str = "%"  # with the space before it, where there is one

    def figures(self, text: str) -> str:
        """Numbers as Python and English write them, as the language does."""
        if (self.thousands, self.decimal, self.percent) == (",", ".", "%"):
            return text
        marks = {",": self.thousands, ".": self.decimal}
        text = re.sub(r"(?<=\d)[.,](?=\d)", lambda found: marks[found[0]], text)
        return re.sub(r"(?<=\d)%", self.percent, text)


ENGLISH = Style()


@dataclass(frozen=True)
class Number:
    """A value, and how it is written: a format of Python's."""

    value: float
    form: str = ",d"

    def text(self, style: Style = ENGLISH) -> str:
        """As a language writes it; 6.2e-10 as 6.2 × 10⁻¹⁰."""
        written = style.figures(format(self.value, self.form))
        digits, e, power = written.partition("e")
        return digits + (f" × 10{str(int(power)).translate(_RAISED)}" if e else "")


def _of(name: str, spec: Spec) -> dict[str, Number]:
    """The numbers of a network, under its name."""
    total = shapes.totals(spec)
    convs = list(spec.convolutions())
    found = {
        "parameters": Number(total.parameters),
        "macs": Number(total.macs),
        "neurons": Number(total.neurons),
        "megabytes": Number(total.megabytes, ",.1f"),
        "dense_share": Number(total.dense_parameter_share, ".1%"),
        "mac_share": Number(total.conv_mac_share, ".1%"),
        "size": Number(spec.input_size),
        "reads": Number(shapes.dense_inputs(spec)),
        "convs": Number(len(convs)),
        "depth": Number(depth(spec)),
        "side": Number(shapes.layer_info(spec, convs[0].name).output[0]),
    }
    return {f"{name}_{key}": number for key, number in found.items()}


def _layers() -> dict[str, Number]:
    """The numbers of single layers of AlexNet."""
    first, second, *_ = SIMPLIFIED.convolutions()
    whole = shapes.totals(ORIGINAL).parameters
    shares = {
        row.name: row.parameters / whole
        for row in shapes.table(ORIGINAL)
        if row.kind == "conv"
    }
    step = shapes.steps(SIMPLIFIED)[0]
    channels = SIMPLIFIED.channels
    return {
        "filters": Number(first.filters),
        "kernel": Number(first.kernel),
        "stride": Number(first.stride),
        "first_parameters": Number(step.info.parameters),
        "first_numbers": Number(first.kernel**2 * channels),
        "first_macs": Number(step.info.macs),
        "first_weights": Number(first.kernel**2 * channels * first.filters),
        "dense_first": Number(prod(step.before) * prod(step.info.output) / 1e9, ".1f"),
        "first_stack": Number(_stack_weights(first)),
        "channels": Number(channels),
        "conv3_numbers": Number(shapes.step_of(SIMPLIFIED, "conv3").inputs),
        "conv2_zeros": Number(
            shapes.zeros(second, shapes.step_of(SIMPLIFIED, "conv2").before[0]) // 2
        ),
        "conv2_side": Number(shapes.step_of(SIMPLIFIED, "conv2").info.output[0]),
        "most_maps": Number(max(c.filters for c in SIMPLIFIED.convolutions())),
        "exact_side": Number(step.exact, ".2f"),
        "unread": Number(shapes.unread(SIMPLIFIED.input_size, 3, first.stride), ".0%"),
        "conv1_neurons": Number(shapes.layer_info(ORIGINAL, "conv1").neurons),
        "conv3_share": Number(shares["conv3"], ".2%"),
        "conv4_share": Number(shares["conv4"], ".2%"),
        "pool5_field": Number(shapes.layer_info(SIMPLIFIED, "pool5").field or 0),
        "pool5_places": Number(prod(shapes.layer_info(SIMPLIFIED, "pool5").output[:2])),
        "dense_units": Number(shapes.layer_info(SIMPLIFIED, "fc6").output[0]),
        "dense_layers": Number(
            sum(isinstance(layer, Dense) for layer in SIMPLIFIED.layers)
        ),
        "fc6_parameters": Number(shapes.layer_info(SIMPLIFIED, "fc6").parameters),
        "classes": Number(SIMPLIFIED.classes),
        **_shares(),
    }


def _stack_weights(first: Conv) -> int:
    """Of 3 x 3 layers that see as far as a first layer, with as many maps each."""
    layers = (first.kernel - 1) // 2
    return 9 * first.filters * (SIMPLIFIED.channels + (layers - 1) * first.filters)


def _shares() -> dict[str, Number]:
    """How much of the lesson's network single layers hold or do."""
    total = shapes.totals(SIMPLIFIED)
    late = {conv.name for conv in list(SIMPLIFIED.convolutions())[2:]}
    rows = {row.name: row for row in shapes.table(SIMPLIFIED)}
    less = shapes.dense_inputs(ORIGINAL) - shapes.dense_inputs(SIMPLIFIED)
    held = sum(rows[name].parameters for name in late)
    return {
        "fc6_share": Number(rows["fc6"].parameters / total.parameters, ".1%"),
        "fc6_less": Number(less * rows["fc6"].output[0] / 1e6, ".1f"),
        "conv2_mac_share": Number(rows["conv2"].macs / total.macs, ".1%"),
        "late_share": Number(held / total.parameters, ".1%"),
    }


def _derived() -> dict[str, Number]:
    """What follows from comparing networks, and from the paper's own numbers."""
    lenet, alexnet = shapes.totals(LENET5), shapes.totals(ORIGINAL)
    tower = shapes.without_groups(ORIGINAL)
    crops = (paper.IMAGE_SIZE - paper.CROP + 1) ** 2 * 2
    slope = 1 - tanh(2.0) ** 2
    return {
        "groups_save": Number(shapes.totals(tower).parameters - alexnet.parameters),
        "size_ratio": Number(round(alexnet.parameters / lenet.parameters)),
        "mac_ratio": Number(round(alexnet.macs / lenet.macs)),
        "cut_parameters": Number(shapes.totals(shallow(SIMPLIFIED)).parameters),
        "cut_reads": Number(shapes.dense_inputs(shallow(SIMPLIFIED))),
        "figure_2_sum": Number(sum(paper.NEURON_LIST)),
        "figure_2_conv1": Number(paper.NEURON_LIST[0]),
        "crops": Number(crops),
        "iterations": Number(paper.IMAGES * paper.EPOCHS // paper.BATCH),
        "tanh_slope": Number(slope, ".3f"),
        "tanh_slope_8": Number(slope**8, ".0e"),
        "chance_loss": Number(log(SIMPLIFIED.classes), ".2f"),
        "chance_loss_10": Number(log(10), ".2f"),
        "sure_share": Number(1 - log(10) / 10, ".0%"),  # a mistake: 2.30 of 10 wrong
    }


def _cited() -> dict[str, Number]:
    return {
        "said_millions": Number(paper.PARAMETERS // 10**6),
        "said_neurons": Number(paper.NEURONS),
        "said_size": Number(paper.INPUT),
        "said_conv_share": Number(paper.ONE_PER_CENT / 100, ".0%"),
        "said_factor": Number(paper.FACTOR, "d"),
        "images": Number(paper.IMAGES / 1e6, ".1f"),
        "epochs": Number(paper.EPOCHS),
        "batch": Number(paper.BATCH),
        "momentum": Number(paper.MOMENTUM, "g"),
        "decay": Number(paper.DECAY, "g"),
        "rate": Number(paper.RATE, "g"),
        "six": Number(paper.FEWER_EPOCHS),
        "top5": Number(paper.SEVEN.error / 100, ".1%"),
        "second_top5": Number(paper.SECOND.error / 100, ".1%"),
        "one_top5": Number(paper.ONE.error / 100, ".1%"),
        **_printed(),
        "depth_loss": Number(paper.DEPTH_LOSS),
        **{f"winner_{year}": Number(x, ".1%") for year, x in WINNERS.items()},
        "crop": Number(paper.CROP),
        "picture": Number(paper.IMAGE_SIZE),
        "dropout": Number(_rate(), ".0%"),
        "dropout_factor": Number(1 / (1 - _rate()), "g"),
    }


def _printed() -> dict[str, Number]:
    """The errors of single networks that the paper prints."""
    _, _, (_, top1_2010, top5_2010) = paper.TABLE_1
    _, (_, top1, *_), _, (_, star_top1, star_top5, _), _ = paper.TABLE_2
    assert top1 is not None and star_top1 is not None and star_top5 is not None
    return {
        "one_top1": Number(top1, ".1%"),
        "one_2010_top1": Number(top1_2010, ".1%"),
        "one_2010_top5": Number(top5_2010, ".1%"),
        "star_top1": Number(star_top1, ".1%"),
        "star_top5": Number(star_top5, ".1%"),
    }


def _normalised(norm: Normalise) -> float:
    """What becomes of 30 in the middle of 10, 20, 30, 40, 50."""
    values = (10, 20, 30, 40, 50)
    around = norm.k + norm.alpha * sum(value**2 for value in values)
    return float(values[2] / around**norm.beta)


def _code() -> dict[str, Number]:
    """The numbers in the authors' code of 2012, and what follows from them."""
    total = shapes.totals(AUTHORS)
    norms = [layer for layer in AUTHORS.layers if isinstance(layer, Normalise)]
    printed, built = ORIGINAL.layer("norm1"), norms[0]
    assert isinstance(printed, Normalise)
    first, second, third, *_ = AUTHORS.convolutions()
    assert isinstance(first.padding, tuple) and second.start and third.start
    return {
        "code_parameters": Number(total.parameters),
        "code_neurons": Number(total.neurons),
        "code_reads": Number(shapes.dense_inputs(AUTHORS)),
        "code_size": Number(AUTHORS.input_size),
        "code_side": Number(shapes.layer_info(AUTHORS, first.name).output[0]),
        "overhang": Number(first.padding[1]),
        "code_smallest": Number(code_2012.SIZES[0]),
        "code_largest": Number(code_2012.SIZES[1]),
        "half_filters": Number(first.filters // code_2012.GPUS),
        "earlier_filters": Number(code_2012.EARLIER_FILTERS),
        "norm_k": Number(printed.k, "g"),
        "norm_n": Number(printed.n),
        "norm_alpha": Number(printed.alpha, ".4f"),
        "norm_beta": Number(printed.beta, "g"),
        "code_alpha": Number(built.alpha, ".5f"),
        "lrn_paper": Number(_normalised(printed), ".2f"),
        "lrn_code": Number(_normalised(built), ".2f"),
        "inside": Number(next(norm.n for norm in norms if norm.within)),
        "norm_layers": Number(len(norms)),
        "deviation": Number(second.start.deviation, "g"),
        "middle_deviation": Number(third.start.deviation, "g"),
        "bias_factor": Number(code_2012.BIAS_RATE / paper.RATE, "g"),
        "noise": Number(code_2012.NOISE, "g"),
        "noise_divisor": Number(code_2012.NOISE_DIVISOR, "g"),
        "crop_move": Number(2 * code_2012.BORDER),
        "crop_group": Number(code_2012.CROP_GROUP),
    }


def _errors(name: str, errors: runs_2012.Errors | None) -> dict[str, Number]:
    """A noted result as two numbers."""
    assert errors is not None
    return {
        f"{name}_top1": Number(errors.top1 / 100, ".2%"),
        f"{name}_top5": Number(errors.top5 / 100, ".2%"),
    }


def _runs() -> dict[str, Number]:
    """The authors' notes on the runs that the paper prints."""
    notebook = runs_2012.notebook()
    run, of_2010 = notebook.runs["145"], notebook.runs["145-2010"]
    first, second, third = run.drops
    noted = {one.name: one.noted for one in notebook.printed}
    printed = {one.name: one.printed for one in notebook.printed}
    points: dict[str, Number] = {}
    for name in ("gpus", "normalisation", "overlap"):
        points |= {
            f"said_{name}_1": Number(printed[name].top1, ".1f"),
            f"said_{name}_5": Number(printed[name].top5, ".1f"),
            f"{name}_1": Number(noted[name].top1, ".2f"),
            f"{name}_5": Number(noted[name].top5, ".2f"),
        }
    return {
        "first_drop": Number(first),
        "second_drop": Number(second),
        "third_drop": Number(third),
        "slowed": Number(run.slowed or 0),
        "frozen": Number(run.frozen or 0),
        "killed": Number(run.end or 0),
        "killed_2010": Number(of_2010.end or 0),
        **_errors("run_145", run.errors),
        **_errors("run_2010", of_2010.errors),
        **_errors("run_star", notebook.runs["146-2012-2011"].errors),
        **_errors("run_167", notebook.runs["167"].errors),
        **points,
    }


def _rate() -> float:
    """The probability with which a unit is dropped, in the paper."""
    layer = SIMPLIFIED.layer("drop6")
    assert isinstance(layer, Dropout)
    return layer.rate


def numbers(measured: Mapping[str, Number] | None = None) -> dict[str, Number]:
    """All numbers by the names that the words use.

    Args:
        measured: more of them, from the page: accuracy, pace, the shipped weights.
    """
    return {
        **_of("lenet", LENET5),
        **_of("paper", ORIGINAL),
        **_of("lesson", SIMPLIFIED),
        **_layers(),
        **_derived(),
        **_cited(),
        **_code(),
        **_runs(),
        **{name: Number(*value) for name, value in later.values().items()},
        **(measured or {}),
    }


# The names of the numbers that a page measures and hands in.
MEASURED = (
    "steps",
    "parts",
    "app_parameters",
    "app_classes",
    "app_top1_error",
    "app_top5_error",
    "app_dropout",
    "app_days",
    "app_pace",
    "hardware_years",
    "recorded_seeds",
    "recorded_all",
    "recorded_all_seeds",
    "tanh_slower_all",
    "relu_epochs_all",
    "tanh_epochs_all",
    "recorded_few",
    "tanh_slower_2012",
    "relu_slower_today",
    "he_loss_least",
    "he_loss_most",
    "guess_loss",
    *SHIPPED,
)

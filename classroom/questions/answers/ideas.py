"""Weights that are shared, moved images, and code with a mistake in it."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from random import Random

from classroom.questions.answers.templates import (
    ALEXNETS,
    Instance,
    NumberText,
    Phrase,
    called,
    size_of,
    template,
    weights_of,
)
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, Conv


@template
def shared_weights(rng: Random) -> Instance:
    """How many times as many weights conv1 would have as a dense layer."""
    spec = rng.choice(ALEXNETS)
    step = next(s for s in shapes.steps(spec) if isinstance(s.layer, Conv))
    inputs, outputs, conv = prod(step.before), prod(step.info.output), weights_of(step)
    return Instance(
        inputs * outputs / conv,
        {"network": called(spec), "before": size_of(step.before),
         "after": size_of(step.info.output), "inputs": inputs, "outputs": outputs,
         "weights": conv, "dense": inputs * outputs},
        {
            "positions": prod(step.info.output[:2]),
            "inputs_only": inputs / conv,
            "outputs_only": outputs / conv,
            "dense_itself": inputs * outputs,
        },
    )  # fmt: skip


@template
def same_padding(rng: Random) -> Instance:
    """Zeros per side so that a convolution at a stride of 1 keeps the size."""
    kernel, size = rng.choice((3, 5, 7, 9, 11)), rng.choice((14, 20, 27, 32, 64))
    return Instance(
        (kernel - 1) // 2,
        {"kernel": kernel, "size": size, "shrunk": size - kernel + 1},
        {"both": kernel - 1, "rounded_up": (kernel + 1) // 2, "none": 0,
         "kernel": kernel},
    )  # fmt: skip


@template
def small_kernels(rng: Random) -> Instance:
    """How many per cent of a large kernel's weights a stack of 3 × 3 saves."""
    large = rng.choice((5, 7, 11))
    layers, channels = (large - 1) // 2, rng.choice((32, 64, 96))
    percent = 100 * layers * 9 / large**2
    return Instance(
        round(100 - percent, 1),
        {"large": large, "layers": layers, "channels": channels,
         "few": layers * 9, "many": large**2},
        {"left": percent, "one_layer": 100 - 100 * 9 / large**2,
         "side": 100 - 100 * 3 / large, "fraction": 1 - percent / 100},
    )  # fmt: skip


@template
def transfer_parameters(rng: Random) -> Instance:
    """What is trained when only a new last layer is: its parameters."""
    classes = rng.choice((2, 3, 5, 10, 17, 20))
    units = shapes.layer_info(SIMPLIFIED, "fc7").output[0]
    total = shapes.totals(SIMPLIFIED).parameters
    old = shapes.layer_info(SIMPLIFIED, "fc8").parameters
    return Instance(
        units * classes + classes,
        {"units": units, "classes": classes},
        {
            "no_bias": units * classes,
            "old_layer": old,
            "bias_of_inputs": units * classes + units,
            "everything": total - old + units * classes + classes,
        },
    )


MOVED = ("conv1", "pool1", "conv2", "pool2", "conv5", "pool5")


@template
def moved_image(rng: Random) -> Instance:
    """Which layers' maps only move when the image does."""
    pixels = rng.choice((4, 8, 12, 16, 24, 40))
    jumps = {name: shapes.layer_info(ORIGINAL, name).stride or 0 for name in MOVED}
    whole = tuple(name for name in MOVED if pixels % jumps[name] == 0)
    return Instance(
        whole,
        {
            "network": called(ORIGINAL),
            "pixels": pixels,
            **{f"jump_{name}": jump for name, jump in jumps.items()},
        },
        {"between": tuple(name for name in MOVED if name not in whole)},
        options={name: name for name in MOVED},
    )


CODE = """\
model = Sequential([
  Input((64, 64, 3)),
  Conv2D(8, 5{activation}),
  MaxPooling2D(2),
  Conv2D(8, 3{activation}),
  MaxPooling2D(2),
{flatten}  Dense(128, activation="relu"),
  Dense({units}, activation="softmax"),
])
model.compile(
  "sgd",
  SparseCategoricalCrossentropy(
    {logits}),
)"""
SOUND = {
    "activation": ', activation="relu"', "flatten": "  Flatten(),\n", "units": "10",
    "logits": "from_logits=False",
}  # fmt: skip
BUGS = {
    "flatten": "", "activation": "", "units": "1", "logits": "from_logits=True",
}  # fmt: skip


def listing_with(bug: str) -> str:
    """The listing with one mistake of `BUGS` in it."""
    return CODE.format(**(SOUND | {bug: BUGS[bug]}))


@template
def keras_bug(rng: Random) -> Instance:
    """Which mistake a network's code has."""
    bug = rng.choice(list(BUGS))
    shown = rng.sample(list(BUGS), len(BUGS))
    return Instance(
        (bug,),
        {
            "listing": NumberText(f"```python\n{listing_with(bug)}\n```"),
            "reason": Phrase(f"bug_is_{bug}"),
        },
        {f"not_{name}": (name,) for name in shown if name != bug},
        options={name: Phrase(f"bug_{name}") for name in shown},
    )


@template
def wrong_size(rng: Random) -> Instance:
    """What is wrong with an image if fc6 is given another number of numbers."""
    size = rng.choice((160, 176, 192, 256, 288, 320))
    wanted = shapes.dense_inputs(SIMPLIFIED)
    given = shapes.dense_inputs(replace(SIMPLIFIED, input_size=size))
    too_large = given > wanted
    truth, reverse = ("larger", "smaller") if too_large else ("smaller", "larger")
    maps = shapes.layer_info(replace(SIMPLIFIED, input_size=size), "pool5").output
    shown = rng.sample(("larger", "smaller", "grey", "batch"), 4)
    return Instance(
        (truth,),
        {
            "network": called(SIMPLIFIED),
            "size": SIMPLIFIED.input_size,
            "wanted": wanted,
            "given": given,
            "maps": size_of(maps),
            "expected": size_of(shapes.layer_info(SIMPLIFIED, "pool5").output),
        },
        {"reverse": (reverse,), "grey": ("grey",), "batch": ("batch",)},
        options={name: Phrase(f"image_{name}") for name in shown},
    )

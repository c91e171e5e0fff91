"""Templates of questions, what one gives for a seed, and their shared arithmetic."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from model.network import shapes
from model.network.specs import (
    ORIGINAL,
    SIMPLIFIED,
    TORCHVISION,
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalise,
    Pool,
    Spec,
)


class NumberText(str):
    """Numbers in a text, as English writes them: 60,965,224 or 54 × 54 × 96."""


@dataclass(frozen=True)
class Phrase:
    """A phrase of assets/quiz/index.toml [words], put into the reader's language."""

    word: str
    values: Mapping[str, Value] = field(default_factory=dict)  # for {…} in it


Value = int | float | str | Phrase
# A number; ids in order, or in any order; what belongs to what. By the question's kind.
Truth = int | float | tuple[str, ...] | Mapping[str, str]


@dataclass(frozen=True)
class Reading:
    """What is to be read off the visitor's own picture."""

    what: str  # "largest", "firing", "strongest", "probability", "rank"
    layer: str
    unit: int = 0


@dataclass(frozen=True)
class Instance:
    """A template filled in by a seed: its numbers, its answer, its known mistakes."""

    truth: Truth | None = None  # None: the page hands it in
    values: Mapping[str, Value] = field(default_factory=dict)  # for {…} in the words
    mistakes: Mapping[str, Truth] = field(default_factory=dict)
    options: Mapping[str, str | Phrase] = field(default_factory=dict)  # id -> label
    targets: Mapping[str, str | Phrase] = field(default_factory=dict)  # what those fit
    network: str = ""  # whose diagram is shown
    reading: Reading | None = None


Template = Callable[[Random], Instance]


TEMPLATES: dict[str, Template] = {}


def template(function: Template) -> Template:
    """Puts a function into the table, under its own name."""
    TEMPLATES[function.__name__] = function
    return function


def vector(numbers: Sequence[float]) -> str:
    """Numbers in brackets: (0.5; 0; −1)."""
    return f"({'; '.join(f'{x:g}' for x in numbers)})".replace("-", "−")


def among(
    rng: Random, truth: str, wrong: Mapping[str, str], values: Mapping[str, Value]
) -> Instance:
    """The right answer among those of known mistakes, in the order of a draw.

    Args:
        truth: as it is written in English, which is also what it is stored as.
        wrong: mistake -> what it gives.
    """
    shown = list(dict.fromkeys((truth, *wrong.values())))
    rng.shuffle(shown)
    return Instance(
        (truth,),
        values,
        {name: (text,) for name, text in wrong.items()},
        options={text: NumberText(text) for text in shown},
    )


ALEXNETS = (SIMPLIFIED, ORIGINAL, TORCHVISION)


def called(spec: Spec) -> Phrase:
    """What the questions call a network."""
    return Phrase(f"network_{spec.name}")


def worked_out(exact: float, truth: int) -> Phrase:
    """The result of a division; "rounded down" only where it was."""
    if exact == truth:
        return Phrase("whole", {"truth": truth})
    return Phrase("rounded_down", {"truth": truth, "exact": exact})


def side_of(spec: Spec, layer: str) -> int:
    return shapes.layer_info(spec, layer).output[0]


def size_of(shape: shapes.Shape) -> NumberText:
    return NumberText(" × ".join(f"{n:,}" for n in shape))


def weights_of(step: shapes.LayerStep) -> int:
    """Parameters of a convolution or a dense layer without the biases."""
    assert isinstance(step.layer, Conv | Dense)
    biases = step.layer.filters if isinstance(step.layer, Conv) else step.layer.units
    return step.info.parameters - biases


def with_layer(spec: Spec, layer: Layer) -> Spec:
    """The network with one layer, found by its name, replaced."""
    layers = tuple(layer if x.name == layer.name else x for x in spec.layers)
    return replace(spec, layers=layers)


def small(rng: Random) -> Spec:
    """A small network: two convolutions, two poolings, a dense layer."""
    kernel = rng.choice((5, 7, 9, 11))
    return Spec(
        name="drawn",
        title="a network of the question's own",
        year=2012,
        source="drawn by a seed",
        input_size=rng.choice((96, 112, 128, 160, 192, 224)),
        channels=rng.choice((1, 3)),
        layers=(
            Conv("conv1", rng.choice((16, 24, 32, 48)), kernel, rng.choice((2, 3, 4))),
            Pool("pool1", rng.choice((2, 3)), 2),
            Conv("conv2", rng.choice((32, 64, 96)), rng.choice((3, 5)), 1, "same"),
            Pool("pool2", rng.choice((2, 3)), 2),
            Flatten(),
            Dense("fc3", rng.choice((100, 128, 256)), "softmax"),
        ),
    )


def listing(spec: Spec) -> str:
    """A network as Keras lines, in a Markdown code block."""
    lines = [f"Input(({spec.input_size}, {spec.input_size}, {spec.channels})),"]
    lines += [f"{line(layer, False)},  # {layer.name}" for layer in spec.layers]
    return "```python\n" + "\n".join(lines) + "\n```"


def line(layer: Layer, activation: bool = True) -> str:
    """One layer as Keras code; what is the default is left out."""
    after = f', activation="{getattr(layer, "activation", "")}"' if activation else ""
    match layer:
        case Conv():
            parts = [f"{layer.filters}, {layer.kernel}"]
            parts += [f"strides={layer.stride}"] if layer.stride > 1 else []
            parts += ['padding="same"'] if layer.padding == "same" else []
            return f"Conv2D({', '.join(parts)}{after})"
        case Pool():
            kind = "Max" if layer.kind == "max" else "Average"
            return f"{kind}Pooling2D({layer.size}, strides={layer.stride})"
        case Dense():
            return f"Dense({layer.units}{after})"
        case Dropout():
            return f"Dropout({layer.rate})"
        case Flatten():
            return "Flatten()"
        case Activation(_, function):
            return f'Activation("{function}")'
        case Normalise():
            return f"LocalResponseNormalization(n={layer.n})"


def place_in(spec: Spec) -> Callable[[shapes.LayerInfo], int]:
    names = [row.name for row in shapes.table(spec)]
    return lambda row: names.index(row.name)


def windows(
    numbers: Sequence[Sequence[int]], size: int, stride: int
) -> list[list[list[int]]]:
    """The numbers in each window, row by row."""
    reads = shapes.windows(len(numbers), size, stride)
    return [
        [[numbers[row][column] for row in rows for column in columns]
         for columns in reads]
        for rows in reads
    ]  # fmt: skip


def grid(numbers: Sequence[Sequence[int]]) -> str:
    """Numbers in columns, in a Markdown code block."""
    rows = ("  ".join(f"{n:2d}" for n in row) for row in numbers)
    return "```text\n" + "\n".join(rows) + "\n```"

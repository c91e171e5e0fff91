"""A spec as the Keras code that one would type: runs as shown, nothing compiled.

`tests/test_code.py` executes it and holds it to `model.network`.
"""

from __future__ import annotations

from dataclasses import dataclass

from model import shapes
from model.specs import Conv, Dense, Dropout, Flatten, Layer, Normalise, Pool, Spec

NORMALISATION = """\
class LocalResponseNormalisation(Layer):
    def call(self, inputs):
        squares = keras.ops.square(inputs)
        squares = keras.ops.pad(squares, [(0, 0)] * 3 + [({half}, {half})])
        maps = inputs.shape[-1]
        around = sum(squares[..., i : i + maps] for i in range({n}))
        return inputs / ({k} + {alpha} * around) ** {beta}
"""


@dataclass(frozen=True)
class Line:
    """One line of code and the layer that it makes, if it makes one."""

    text: str
    layer: str | None = None


def _conv(layer: Conv, size: int) -> list[str]:
    """A convolution; a padding that Keras has no word for is a layer of its own."""
    options, before = "", []
    if layer.stride > 1:
        options += f", strides={layer.stride}"
    if layer.padding == "same" or _is_same(layer, size):
        options += ', padding="same"'
    elif layer.padding not in ("valid", 0):
        before = [f"ZeroPadding2D({layer.padding})"]
    if layer.groups > 1:
        options += f", groups={layer.groups}"
    side = layer.kernel
    return [
        *before,
        f"Conv2D({layer.filters}, ({side}, {side}){options}, "
        f'activation="{layer.activation}")',
    ]


def _is_same(layer: Conv, size: int) -> bool:
    """Whether these zeros are what Keras calls "same"."""
    return (
        isinstance(layer.padding, int)
        and layer.stride == 1
        and shapes.zeros(layer, size) == layer.kernel - 1
    )


def _calls(layer: Layer, size: int) -> list[str]:
    """The Keras layers of one layer of the spec."""
    match layer:
        case Conv():
            return _conv(layer, size)
        case Normalise():
            return ["LocalResponseNormalisation()"]
        case Pool():
            name = "MaxPooling2D" if layer.kind == "max" else "AveragePooling2D"
            side = layer.size
            padding = "" if layer.padding == "valid" else f', padding="{layer.padding}"'
            return [f"{name}(({side}, {side}), strides={layer.stride}{padding})"]
        case Flatten():
            return ["Flatten()"]
        case Dense():
            return [f'Dense({layer.units}, activation="{layer.activation}")']
        case Dropout():
            return [f"Dropout({layer.rate})"]


def keras_code(spec: Spec) -> list[Line]:
    """The lesson's code for a network: a `Sequential`, one layer a line.

    Each line says behind # which layer it makes and the shape that comes out of it.
    """
    size = spec.input_size
    body: list[Line] = []
    used: set[str] = set()
    for step in shapes.steps(spec):
        calls = _calls(step.layer, step.before[0])
        used |= {call[: call.index("(")] for call in calls}
        name, shape = step.layer.name, "×".join(str(n) for n in step.row.output)
        body += [Line(f"    {call},", name) for call in calls[:-1]]
        body.append(Line(f"    {calls[-1]},  # {name} {shape}", name))
    lines = [Line("import keras")]
    norms = [layer for layer in spec.layers if isinstance(layer, Normalise)]
    if norms:
        used = used - {"LocalResponseNormalisation"} | {"Layer"}
        definition = [Line(text) for text in normalisation(norms[0]).splitlines()]
        lines += [_import(used), Line(""), Line(""), *definition, Line(""), Line("")]
    else:
        lines += [_import(used), Line("")]
    return [
        *lines,
        Line("model = keras.Sequential(["),
        Line(f"    keras.Input(({size}, {size}, {spec.channels})),"),
        *body,
        Line("])"),
    ]


def _import(names: set[str]) -> Line:
    return Line(f"from keras.layers import {', '.join(sorted(names))}")


def normalisation(layer: Normalise) -> str:
    """The layer that Keras lacks, with this layer's numbers.

    All normalisations of a network are taken to have the same numbers.
    """
    return NORMALISATION.format(
        half=layer.n // 2, n=layer.n, k=layer.k, alpha=layer.alpha, beta=layer.beta
    )


def lines_of(spec: Spec, name: str) -> list[str]:
    """The lines that make one layer, without their indentation."""
    own = [line.text.strip() for line in keras_code(spec) if line.layer == name]
    layer = spec.layer(name)
    if isinstance(layer, Normalise):
        return [*normalisation(layer).splitlines(), "", "", *own]
    return own


def source(spec: Spec) -> str:
    """The code as one text."""
    return "\n".join(line.text for line in keras_code(spec)) + "\n"

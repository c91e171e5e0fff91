"""A spec as the Keras code that one would type: runs as shown, nothing compiled.

`tests/test_code.py` executes it and holds it to `model.network.build.build`.
"""

from __future__ import annotations

from dataclasses import dataclass

from model.network import shapes
from model.network.specs import (
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Layer,
    Normalise,
    Pool,
    Spec,
    Start,
)

# The layers that Keras lacks, by the fields of a `Normalise`. {own} are the maps whose
# squares are summed: a part of them where the layer works in groups.
DIVIDE = """\
        squares = keras.ops.square({own})
        squares = keras.ops.pad(squares, [(0, 0)] * 3 + [({half}, {half})])
        maps = {own}.shape[-1]
        around = sum(squares[..., i : i + maps] for i in range({n}))
        return {own} / ({k} + {alpha} * around) ** {beta}
"""
ACROSS = (
    """\
class LocalResponseNormalisation(Layer):
    def call(self, inputs):
"""
    + DIVIDE
)
IN_GROUPS = (
    """\
class LocalResponseNormalisation(Layer):
    def call(self, inputs):
        parts = keras.ops.split(inputs, {groups}, axis=-1)
        return keras.ops.concatenate([self.divide(part) for part in parts], axis=-1)

    def divide(self, part):
"""
    + DIVIDE
)
WITHIN = """\
class NormalisationInEachMap(Layer):
    def call(self, inputs):
        squares = keras.ops.square(inputs)
        edge = ({half}, {half})
        squares = keras.ops.pad(squares, [(0, 0), edge, edge, (0, 0)])
        around = {n} * {n} * keras.ops.average_pool(squares, {n}, 1)
        return inputs / ({k} + {alpha} * around) ** {beta}
"""
CLASSES = {False: "LocalResponseNormalisation", True: "NormalisationInEachMap"}
WIDEST = 88  # letters in a line
CONSTANTS = {1.0: "ones"}  # what Keras calls a bias that is not 0


@dataclass(frozen=True)
class CodeLine:
    """One line of code and the layer that it makes, if it makes one."""

    text: str
    layer: str | None = None


def _conv(layer: Conv, size: int) -> list[str]:
    """A convolution; a padding that Keras has no word for is a layer of its own."""
    options, before = "", list[str]()
    if layer.stride > 1:
        options += f", strides={layer.stride}"
    if layer.padding == "same" or _is_same(layer, size):
        options += ', padding="same"'
    elif layer.padding not in ("valid", 0):
        pair = layer.padding
        zeros = f"({pair}, {pair})" if isinstance(pair, tuple) else f"{pair}"
        before = [f"ZeroPadding2D({zeros})"]
    if layer.groups > 1:
        options += f", groups={layer.groups}"
    if layer.activation != "linear":
        options += f', activation="{layer.activation}"'
    own = f"{layer.filters}, ({layer.kernel}, {layer.kernel}){options}"
    return [*before, *_started(f"Conv2D({own})", layer.start)]


def _started(call: str, start: Start | None) -> list[str]:
    """The call with its initial weights; in three lines where the spec says them."""
    if start is None:
        return [call]
    name, _, own = call[:-1].partition("(")
    bias = f'bias_initializer="{CONSTANTS[start.bias]}"' if start.bias else ""
    weights = f"kernel_initializer=RandomNormal(stddev={start.deviation})"
    return [
        f"{name}(",
        f"    {own},",
        f"    {', '.join(filter(None, (weights, bias)))},",
        ")",
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
            return [f"{CLASSES[layer.within]}()"]
        case Activation(_, function):
            return [f'Activation("{function}")']
        case Pool():
            name = "MaxPooling2D" if layer.kind == "max" else "AveragePooling2D"
            side = layer.size
            padding = "" if layer.padding == "valid" else f', padding="{layer.padding}"'
            return [f"{name}(({side}, {side}), strides={layer.stride}{padding})"]
        case Flatten():
            return ["Flatten()"]
        case Dense():
            call = f'Dense({layer.units}, activation="{layer.activation}")'
            return _started(call, layer.start)
        case Dropout():
            return [f"Dropout({layer.rate})"]


def keras_code(spec: Spec) -> list[CodeLine]:
    """The lesson's code for a network: a `Sequential`, one layer a line.

    Each line says behind # which layer it makes and the shape that comes out of it.
    """
    size = spec.input_size
    body: list[CodeLine] = []
    used: set[str] = set()
    for step in shapes.steps(spec):
        calls = _calls(step.layer, step.before[0])
        used |= {call[: call.index("(")] for call in calls if call[0].isupper()}
        name, shape = step.layer.name, "×".join(str(n) for n in step.info.output)
        body += [CodeLine(f"    {call}{_comma(call)}", name) for call in calls[:-1]]
        body.append(CodeLine(f"    {calls[-1]},  # {name} {shape}", name))
    lines = [CodeLine("import keras")]
    if any(getattr(layer, "start", None) for layer in spec.layers):
        lines.append(CodeLine("from keras.initializers import RandomNormal"))
    norms = [layer for layer in spec.layers if isinstance(layer, Normalise)]
    if norms:
        used = used - set(CLASSES.values()) | {"Layer"}
        lines += [*_import(used), CodeLine(""), CodeLine("")]
        for definition in dict.fromkeys(map(normalisation, norms)):
            lines += [
                *map(CodeLine, definition.splitlines()),
                CodeLine(""),
                CodeLine(""),
            ]
    else:
        lines += [*_import(used), CodeLine("")]
    return [
        *lines,
        CodeLine("model = keras.Sequential(["),
        CodeLine(f"    keras.Input(({size}, {size}, {spec.channels})),"),
        *body,
        CodeLine("])"),
    ]


def _comma(text: str) -> str:
    """What follows a line that is not a layer's last."""
    return "," if text.endswith(")") else ""


def _import(names: set[str]) -> list[CodeLine]:
    listed = ", ".join(sorted(names))
    line = f"from keras.layers import {listed}"
    if len(line) <= WIDEST:
        return [CodeLine(line)]
    return [*map(CodeLine, ("from keras.layers import (", f"    {listed},", ")"))]


def normalisation(layer: Normalise) -> str:
    """The layer that Keras lacks, with this layer's numbers.

    All normalisations of a network that are of one class are taken to have the same.
    """
    template = WITHIN if layer.within else ACROSS if layer.groups == 1 else IN_GROUPS
    return template.format(
        own="inputs" if layer.groups == 1 else "part",
        half=layer.n // 2,
        n=layer.n,
        k=layer.k,
        alpha=f"{layer.alpha:.8f}".rstrip("0"),  # 0.00002, not 2e-05
        beta=layer.beta,
        groups=layer.groups,
    )


def lines_of(spec: Spec, name: str) -> list[str]:
    """The lines that make one layer, as far left as they go."""
    own = [line.text[4:] for line in keras_code(spec) if line.layer == name]
    layer = spec.layer(name)
    if isinstance(layer, Normalise):
        return [*normalisation(layer).splitlines(), "", "", *own]
    return own


def source(spec: Spec) -> str:
    """The code as one text."""
    return "\n".join(line.text for line in keras_code(spec)) + "\n"

"""The arithmetic of a network: sizes, parameters, work and receptive fields.

Plain integers from `specs`, no framework. `tests/test_shapes.py` holds the results to
published totals and to the built Keras model, layer by layer.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import prod

from model.network.specs import (
    Conv,
    Dense,
    Flatten,
    Layer,
    Normalise,
    Padding,
    Pool,
    Spec,
)

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerInfo:
    """The computed figures of one layer."""

    name: str
    kind: str  # "input", or the name of the layer's class in small letters
    output: Shape  # (height, width, channels) or (units,)
    parameters: int  # weights and biases
    macs: int  # multiply-adds for one picture; additions of biases are not counted
    neurons: int  # values with weights of their own: outputs of conv and dense
    field: int | None  # receptive field in input pixels; None once flattened
    stride: int | None  # input pixels between neighbouring outputs


def output_size(size: int, kernel: int, stride: int, padding: Padding) -> int:
    """Positions of a window along one side.

    Args:
        size: input pixels along that side.
        padding: "valid" (none), "same" (Keras's rule), zeros on each side, or zeros
            before and after.

    Raises:
        ValueError: the window does not fit even once.
    """
    if padding == "same":
        return -(-size // stride)
    before, after = pads(size, kernel, stride, padding)
    room = size + before + after - kernel
    if room < 0:
        raise ValueError(
            f"A window of {kernel} needs at least {kernel} pixels. "
            f"Received: {size} with {before} zeros before and {after} after"
        )
    return room // stride + 1


def exact_size(size: int, kernel: int, stride: int, padding: Padding) -> float:
    """Positions of a window before rounding: (size + zeros - kernel) / stride + 1."""
    return (size + sum(pads(size, kernel, stride, padding)) - kernel) / stride + 1


def span(positions: int, kernel: int, stride: int) -> int:
    """Pixels from the start of a window's first position to the end of its last."""
    return (positions - 1) * stride + kernel


def windows(size: int, kernel: int, stride: int) -> list[range]:
    """The pixels of a side that each position of a window reads, without padding."""
    count = output_size(size, kernel, stride, "valid")
    return [range(at * stride, at * stride + kernel) for at in range(count)]


def unread(size: int, kernel: int, stride: int) -> float:
    """Share of an image's pixels that no position of a filter reads, 0 to 1.

    Args:
        size: input pixels along each side, without padding.
    """
    positions = output_size(size, kernel, stride, "valid")
    read = span(positions, kernel, min(kernel, stride))
    return 1 - (read / size) ** 2


def pads(size: int, kernel: int, stride: int, padding: Padding) -> tuple[int, int]:
    """Zeros that a padding puts before and after `size` pixels.

    Keras's "same" puts the odd one after.
    """
    if padding == "same":
        both = max(0, span(-(-size // stride), kernel, stride) - size)
        return both // 2, both - both // 2
    if padding == "valid":
        return 0, 0
    return padding if isinstance(padding, tuple) else (padding, padding)


def _window(layer: Layer) -> tuple[int, int, Padding] | None:
    """Kernel, stride and padding of a sliding layer, else None."""
    if isinstance(layer, Conv | Pool):
        return layer.kernel, layer.stride, layer.padding
    return None


def table(spec: Spec) -> tuple[LayerInfo, ...]:
    """One entry for the input and one for each layer, in order.

    The receptive field grows by (kernel - 1) * jump at each window, where jump is
    the product of the strides before it.
    """
    shape: Shape = (spec.input_size, spec.input_size, spec.channels)
    field: int | None = 1
    jump: int | None = 1
    infos = [LayerInfo("input", "input", shape, 0, 0, 0, field, jump)]
    for layer in spec.layers:
        parameters = macs = 0
        kind = type(layer).__name__.lower()
        window = _window(layer)
        if window is not None:
            kernel, stride, padding = window
            channels = layer.filters if isinstance(layer, Conv) else shape[2]
            height, width = (
                output_size(side, kernel, stride, padding) for side in shape[:2]
            )
            if isinstance(layer, Conv):
                weights = kernel * kernel * shape[2] // layer.groups * layer.filters
                parameters = weights + layer.filters
                macs = weights * height * width
            shape = (height, width, channels)
            assert field is not None and jump is not None
            field += (kernel - 1) * jump
            jump *= stride
        elif isinstance(layer, Flatten):
            shape = (prod(shape),)
            field = jump = None
        elif isinstance(layer, Dense):
            macs = shape[0] * layer.units
            parameters = macs + layer.units
            shape = (layer.units,)
        neurons = prod(shape) if isinstance(layer, Conv | Dense) else 0
        infos.append(
            LayerInfo(layer.name, kind, shape, parameters, macs, neurons, field, jump)
        )
    return tuple(infos)


def layer_info(spec: Spec, name: str) -> LayerInfo:
    """The entry of one layer, or of "input".

    Raises:
        KeyError: no such layer.
    """
    for candidate in table(spec):
        if candidate.name == name:
            return candidate
    raise KeyError(f"{spec.name} has no layer {name!r}")


@dataclass(frozen=True)
class Totals:
    """Sums over a network."""

    parameters: int
    macs: int
    neurons: int
    conv_parameters: int
    dense_parameters: int
    conv_macs: int
    dense_macs: int

    @property
    def dense_parameter_share(self) -> float:
        """Share of the parameters that the dense layers hold, 0 to 1."""
        return self.dense_parameters / self.parameters

    @property
    def conv_mac_share(self) -> float:
        """Share of the multiply-adds that the convolutions do, 0 to 1."""
        return self.conv_macs / self.macs

    @property
    def megabytes(self) -> float:
        """Size of the parameters as 32-bit floats, in megabytes (10^6 bytes)."""
        return self.parameters * 4 / 1e6


def totals(spec: Spec) -> Totals:
    """The sums of `table(spec)`."""
    infos = table(spec)

    def total(column: str, kind: str | None = None) -> int:
        return sum(getattr(r, column) for r in infos if kind in (None, r.kind))

    return Totals(
        parameters=total("parameters"),
        macs=total("macs"),
        neurons=total("neurons"),
        conv_parameters=total("parameters", "conv"),
        dense_parameters=total("parameters", "dense"),
        conv_macs=total("macs", "conv"),
        dense_macs=total("macs", "dense"),
    )


def without_groups(spec: Spec) -> Spec:
    """The same network in one tower: every filter sees all maps before it."""
    layers = (
        replace(layer, groups=1) if isinstance(layer, Conv) else layer
        for layer in spec.layers
    )
    return replace(spec, layers=tuple(layers))


def edges(layer: Layer, size: int) -> tuple[int, int]:
    """Zeros that a layer puts before and after `size` pixels."""
    window = _window(layer)
    return (0, 0) if window is None else pads(size, *window)


def zeros(layer: Layer, size: int) -> int:
    """Zeros that padding adds to one side of `size` pixels, both ends together."""
    return sum(edges(layer, size))


@dataclass(frozen=True)
class LayerStep:
    """One layer with what goes in and what comes out: the numbers of its sums."""

    layer: Layer
    before: Shape
    info: LayerInfo

    @property
    def exact(self) -> float:
        """Positions a side before rounding down.

        Raises:
            ValueError: the layer has no window.
        """
        window = _window(self.layer)
        if window is None:
            raise ValueError(
                f"A window slides in conv and pool. Received: {self.layer}"
            )
        return exact_size(self.before[0], *window)

    @property
    def inputs(self) -> int:
        """Numbers that one output is computed from: a filter's, or all before."""
        if isinstance(self.layer, Conv):
            per_filter = self.before[2] // self.layer.groups
            return self.layer.kernel**2 * per_filter
        if isinstance(self.layer, Pool):
            return self.layer.size**2
        return prod(self.before)


def steps(spec: Spec) -> tuple[LayerStep, ...]:
    """Every layer with its input and output, in order."""
    infos = table(spec)
    return tuple(
        LayerStep(layer, before.output, after)
        for layer, before, after in zip(spec.layers, infos, infos[1:], strict=False)
    )


def step_of(spec: Spec, name: str) -> LayerStep:
    """The layer of that name with its input and output."""
    return next(step for step in steps(spec) if step.layer.name == name)


Value = int | float | str | Shape | None


@dataclass(frozen=True)
class Difference:
    """One thing that a layer has otherwise in another network."""

    layer: str  # a layer's name, or "input"
    what: str  # "only" (no such layer over there), "filters", "kernel", ...
    ours: Value  # None: no such layer here
    theirs: Value


def dense_inputs(spec: Spec) -> int:
    """How many numbers the first dense layer reads."""
    return next(step.inputs for step in steps(spec) if isinstance(step.layer, Dense))


def _traits(spec: Spec) -> dict[str, dict[str, Value]]:
    """What can differ, by layer: the input, each layer, and where dropout stands."""
    infos = table(spec)
    traits: dict[str, dict[str, Value]] = {"input": {"output": infos[0].output}}
    before = infos[0]
    for step in steps(spec):
        layer, found = step.layer, dict[str, Value]()
        match layer:
            case Conv():
                found["filters"], found["kernel"] = layer.filters, layer.kernel
                found["stride"], found["groups"] = layer.stride, layer.groups
                before_and_after = edges(layer, step.before[0])
                found["padding"] = sum(before_and_after)
                if before_and_after[0] != before_and_after[1]:
                    found["padding"] = before_and_after
                found["activation"] = layer.activation
            case Normalise():
                found["n"], found["k"], found["alpha"] = layer.n, layer.k, layer.alpha
                found["beta"], found["groups"] = layer.beta, layer.groups
            case Pool():
                found["window"], found["stride"] = layer.size, layer.stride
                found["pooling"] = layer.kind
            case Dense():
                found["inputs"], found["activation"] = step.inputs, layer.activation
        if isinstance(layer, Conv | Dense) and layer.start is not None:
            found["deviation"], found["bias"] = layer.start.deviation, layer.start.bias
        if step.info.kind == "dropout":
            found["after"] = before.name
        else:
            found["output"] = step.info.output
            found["parameters"] = step.info.parameters
        traits[layer.name] = found
        before = step.info
    return traits


def differences(ours: Spec, theirs: Spec) -> tuple[Difference, ...]:
    """What differs between two networks, layer by layer, matched by name.

    Paddings are compared by the zeros that they add: "same" and 2 zeros on each side
    are one and the same round a 5 x 5 filter. Initial weights are compared where both
    networks say theirs.
    """
    a, b = _traits(ours), _traits(theirs)
    found: list[Difference] = []
    for name in _merged(list(a), list(b)):
        if name not in a:
            found.append(Difference(name, "only", None, b[name].get("output", "")))
        elif name not in b:
            found.append(Difference(name, "only", a[name].get("output", ""), None))
        else:
            found += [
                Difference(name, what, value, b[name][what])
                for what, value in a[name].items()
                if what in b[name] and value != b[name][what]
            ]
    return tuple(found)


def _merged(ours: list[str], theirs: list[str]) -> list[str]:
    """Our names in our order, with theirs alone put in before their next neighbour."""
    names: list[str] = []
    left = list(theirs)
    for name in ours:
        if name in theirs:
            while left and left[0] not in ours:
                names.append(left.pop(0))
            if name in left:
                left.remove(name)
        names.append(name)
    return names + [name for name in left if name not in ours]

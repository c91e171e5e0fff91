"""Whom a unit is connected to: what the layers before and after it give and take.

A connection from unit c of one layer with weights to unit u of the next is measured by
what c adds, on average, to the pre-activation of u: weight times what usually arrives.
What arrives is the mean over the lab's photographs of the next layer's input, after all
activation functions, normalisation and pooling between the two: these have no weights
and keep the number of a map, so the connection passes through them.

- Into a convolution: at each position (i, j) of the kernel the weight is multiplied by
  the mean of what lies under it, over all positions of the kernel on the map, padding
  included; the products of all (i, j) are added up.
- From maps into a dense layer: the products of all positions of the map are added up.
- Between dense layers: one weight times one mean.

So the parts of all units before u add up to the mean pre-activation of u on the
photographs, less its bias. A positive part raises it, a negative part lowers it.

    python -m model.analysis.connections

measures what arrives and writes assets/weights/<set>-arrives.npz: of each convolution
(kernel, kernel, channels) and of each dense layer (inputs,). numpy only; the kernels
come from the caller.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import runtime, weights
from model.network import shapes
from model.network.specs import Conv, Dense, Dropout, Flatten, Spec
from model.pictures import photographs, to_input
from paths import ASSETS

log = logging.getLogger(__name__)

SHOWN = 4  # connections of each sign

Values = NDArray[np.floating[Any]]
Layers = Mapping[str, NDArray[np.floating[Any]]]
Kernels = Callable[[str], Any]  # a layer's kernel, by its name


@dataclass(frozen=True)
class Connection:
    """With one unit of a neighbouring layer."""

    layer: str
    unit: int
    part: float  # of the mean pre-activation of the later of the two units


@dataclass(frozen=True)
class Connections:
    """Of one unit with the layer before, or the one after."""

    layer: str  # the neighbour
    positive: tuple[Connection, ...]  # strongest first, SHOWN at most
    negative: tuple[Connection, ...]
    added: float  # the sum of all parts above 0
    count: int  # units of the neighbour whose part is above 0

    @property
    def share(self) -> float:
        """What `positive` holds of all that is added, 0 to 1."""
        return sum(x.part for x in self.positive) / self.added if self.added else 0.0

    @property
    def first_share(self) -> float:
        """The same of the strongest one alone."""
        return self.positive[0].part / self.added if self.positive else 0.0


def layers_with_weights(spec: Spec) -> list[str]:
    """Convolutions and dense layers, in order."""
    return [x.name for x in spec.layers if isinstance(x, Conv | Dense)]


def neighbours(spec: Spec, layer: str) -> tuple[str | None, str | None]:
    """The layers with weights before and after one; None at the ends.

    Raises:
        ValueError: the layer has no weights.
    """
    names = layers_with_weights(spec)
    at = names.index(layer)
    after = names[at + 1] if at + 1 < len(names) else None
    return (names[at - 1] if at else None), after


def input_of(spec: Spec, layer: str) -> str:
    """The name of the output that a layer receives, "input" for the image."""
    before = "input"
    for one in spec.layers:
        if one.name == layer:
            return before
        if not isinstance(one, Dropout | Flatten):
            before = one.name
    raise KeyError(layer)


def under_kernel(layer: Conv, maps: Values) -> Values:
    """The mean of what lies under each position of a kernel: (k, k, channels).

    Args:
        maps: what arrives, (rows, columns, channels).
    """
    (before, after), (rows, _, _) = shapes.edges(layer, maps.shape[0]), maps.shape
    padded = np.pad(maps, ((before, after), (before, after), (0, 0)))
    steps = (rows + before + after - layer.kernel) // layer.stride + 1
    reach = steps * layer.stride
    found = np.empty((layer.kernel, layer.kernel, maps.shape[2]), np.float64)
    for i in range(layer.kernel):
        for j in range(layer.kernel):
            part = padded[i : i + reach : layer.stride, j : j + reach : layer.stride]
            found[i, j] = part[:steps, :steps].mean(axis=(0, 1))
    return found


def arriving(spec: Spec, outputs: Iterable[Layers]) -> dict[str, NDArray[np.float32]]:
    """What usually arrives at each layer with weights.

    Args:
        outputs: every layer's output, for one photograph after another.

    Returns:
        Of a convolution (kernel, kernel, channels), of a dense layer (inputs,).
    """
    sums: dict[str, Values] = {}
    count = 0
    for layers in outputs:
        count += 1
        for name in layers_with_weights(spec):
            values = np.asarray(layers[input_of(spec, name)], np.float64)
            sums[name] = sums[name] + values if name in sums else values
    found = {}
    for name, total in sums.items():
        layer, mean = spec.layer(name), total / count
        one = under_kernel(layer, mean) if isinstance(layer, Conv) else mean.ravel()
        found[name] = one.astype(np.float32)
    return found


def parts_into(
    spec: Spec, layer: str, unit: int, kernel: Any, arrives: Values
) -> Values:
    """What each unit of the layer before adds to one unit's mean pre-activation.

    Args:
        kernel: of `layer`, (k, k, channels of a group, units) or (inputs, units).
        arrives: at `layer`, as `arriving` has it.

    Returns:
        (units of the layer before,); before the first layer, the image's channels.
    """
    one = spec.layer(layer)
    weight = np.asarray(kernel[..., unit], np.float64)
    if isinstance(one, Conv):
        depth = weight.shape[2]
        group = unit // (one.filters // one.groups)
        found = np.zeros(arrives.shape[2])
        mine = slice(group * depth, (group + 1) * depth)
        found[mine] = (weight * arrives[:, :, mine]).sum(axis=(0, 1))
        return found
    return _by_channel(spec, layer, weight * arrives)


def parts_out_of(
    spec: Spec, layer: str, unit: int, after: str, kernel: Any, arrives: Values
) -> Values:
    """What one unit adds to the mean pre-activation of each unit of the layer after.

    Args:
        after: the next layer with weights; `kernel` and `arrives` are of that one.
    """
    one = spec.layer(after)
    if isinstance(one, Conv):
        depth, each = kernel.shape[2], one.filters // one.groups
        group = unit // depth
        found = np.zeros(one.filters)
        mine = slice(group * each, (group + 1) * each)
        weight = np.asarray(kernel[:, :, unit % depth, mine], np.float64)
        found[mine] = np.einsum("ijv,ij->v", weight, arrives[:, :, unit])
        return found
    channels = _channels(spec, after)
    weight = np.asarray(kernel[unit::channels], np.float64)
    product: Values = arrives[unit::channels] @ weight
    return product


def _channels(spec: Spec, dense: str) -> int:
    """Units of the layer before a dense one: maps, or the numbers themselves."""
    source = input_of(spec, dense)
    return int(shapes.layer_info(spec, source).output[-1])


def _by_channel(spec: Spec, dense: str, products: Values) -> Values:
    """Products of each input of a dense layer, added up over the positions of a map."""
    found: Values = products.reshape(-1, _channels(spec, dense)).sum(axis=0)
    return found


def strongest(layer: str, parts: Values) -> Connections:
    """The largest parts of each sign."""
    order = np.argsort(-parts, kind="stable").tolist()
    up = [i for i in order if parts[i] > 0]
    down = [i for i in reversed(order) if parts[i] < 0]

    def made(units: Sequence[int]) -> tuple[Connection, ...]:
        return tuple(Connection(layer, i, float(parts[i])) for i in units[:SHOWN])

    return Connections(layer, made(up), made(down), float(parts[up].sum()), len(up))


def fed_by(
    spec: Spec, layer: str, unit: int, kernels: Kernels, arrives: Layers
) -> Connections | None:
    """The strongest connections with the layer before; None of the first layer."""
    before, _ = neighbours(spec, layer)
    if before is None:
        return None
    parts = parts_into(spec, layer, unit, kernels(layer), arrives[layer])
    return strongest(before, parts)


def feeds(
    spec: Spec, layer: str, unit: int, kernels: Kernels, arrives: Layers
) -> Connections | None:
    """The strongest connections with the layer after; None of the last layer."""
    _, after = neighbours(spec, layer)
    if after is None:
        return None
    parts = parts_out_of(spec, layer, unit, after, kernels(after), arrives[after])
    return strongest(after, parts)


def walk(
    spec: Spec, layer: str, unit: int, kernels: Kernels, arrives: Layers
) -> list[Connections]:
    """The way down along the strongest positive connection of each unit.

    Returns:
        The connections with the layer before `layer`, then those of the strongest unit
        there, down to the first layer. It ends early where nothing raises a unit.
    """
    found: list[Connections] = []
    while (below := fed_by(spec, layer, unit, kernels, arrives)) and below.positive:
        found.append(below)
        layer, unit = below.positive[0].layer, below.positive[0].unit
    return found


def path(set_name: str) -> Path:
    """Where a set's file is, or would be."""
    return ASSETS / "weights" / f"{set_name}-arrives.npz"


@cache
def shipped(set_name: str) -> Layers | None:
    """What usually arrives at each layer of a set; None where it was not measured."""
    file = path(set_name)
    if not file.is_file():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        return {name: arrays[name] for name in arrays.files}


def on_photographs(set_name: str, names: Sequence[str] = ()) -> Layers:
    """What usually arrives, measured on photographs.

    Args:
        names: of `model.pictures.photographs`; all, if none is named.

    Raises:
        model.gate.Busy, model.weights.WeightsBroken
    """
    spec, look = weights.get(set_name).spec, runtime.network(set_name).activations
    chosen = names or tuple(photographs.photographs())
    images = (photographs.image(name) for name in chosen)
    return arriving(spec, (look(to_input(image, spec)) for image in images))


def main() -> None:
    """Measures a set and writes its file."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.connections")
    parser.add_argument("--weights", default=weights.DEFAULT)
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    found = on_photographs(given.weights)
    np.savez_compressed(path(given.weights), **found)  # type: ignore[arg-type]
    log.info("%s", path(given.weights))


if __name__ == "__main__":
    main()

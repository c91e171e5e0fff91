"""What a browser needs to compute any number of a network itself, packed as bytes.

`pack` holds every layer's output for one image, `kernel_slice` the weights of one unit.
With both a browser repeats the sum behind one activation: patch times kernel, summed
per input channel, plus bias. `ui/kit/components/arithmetic` does so;
tests/test_arithmetic.py holds its sums to the network's own activations.

numpy only.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network import shapes
from model.network.specs import (
    Activation,
    Conv,
    Dense,
    Dropout,
    Flatten,
    Normalise,
    Pool,
    Spec,
)

EXACT = 10_000  # numbers of a layer that are sent as 32-bit floats; above, 16 bits each
LEVELS = 2**16 - 1  # steps between the smallest and the largest number of a layer


def stages(spec: Spec) -> list[dict[str, Any]]:
    """Each layer that computes something, in order, as plain data.

    Every stage has a name, a kind, the shape of its output and, but for the input, the
    name of the stage before it. Dropout does nothing at test time and flattening moves
    no number, so both are left out.
    """
    rows = {row.name: row for row in shapes.table(spec)}
    found: list[dict[str, Any]] = [
        {"name": "input", "kind": "input", "shape": list(rows["input"].output)}
    ]
    for layer in spec.layers:
        if isinstance(layer, Dropout | Flatten):
            continue
        before = found[-1]
        stage: dict[str, Any] = {
            "name": layer.name,
            "kind": rows[layer.name].kind,
            "shape": list(rows[layer.name].output),
            "input": before["name"],
        }
        match layer:
            case Conv() | Pool():
                stage["kernel"], stage["stride"] = layer.kernel, layer.stride
                stage["before"] = shapes.edges(layer, before["shape"][0])[0]
                if isinstance(layer, Pool):
                    stage["pool"] = layer.kind
                else:
                    stage["groups"] = layer.groups
                    stage["activation"] = layer.activation
            case Dense():
                stage["activation"] = layer.activation
            case Activation():
                stage["activation"] = layer.function
            case Normalise():
                for name in ("n", "k", "alpha", "beta", "groups", "within"):
                    stage[name] = getattr(layer, name)
        found.append(stage)
    return found


def pack(
    spec: Spec,
    activations: Mapping[str, NDArray[np.float32]],
    classes: Sequence[str] = (),
    temperature: float = 1.0,
) -> bytes:
    """Every layer's output for one image.

    4 bytes, little-endian: the length of a JSON header; the header, padded with spaces
    to a multiple of 4; then the numbers of each stage, row by row, channel last. A
    stage of at most EXACT numbers has 32-bit floats. A larger one has 16-bit integers
    q, each standing for low + q * step: off by half a step at most, 8e-6 of what lies
    between the layer's smallest and largest number.

    Args:
        activations: by layer, as `model.activations.Network.activations` has them.
        classes: what the last layer's units are called.
        temperature: that the probabilities shown are taken at.
    """
    layers, parts, at = stages(spec), [], 0
    for stage in layers:
        values = np.ascontiguousarray(activations[stage["name"]], np.float32)
        if values.size <= EXACT:
            data = values.tobytes()
        else:
            low, high = float(values.min()), float(values.max())
            step = (high - low) / LEVELS or 1.0
            data = np.round((values - low) / step).astype("<u2").tobytes()
            stage |= {"low": low, "step": step}
        data += b"\0" * (-len(data) % 4)
        stage["at"] = at
        parts.append(data)
        at += len(data)
    pixels = spec.pixels
    header = {
        "stages": layers,
        "classes": list(classes),
        "temperature": temperature,
        "pixels": {
            "mean": pixels.mean,
            "deviation": pixels.deviation,
            "order": pixels.order,
        },
    }
    packed = json.dumps(header, separators=(",", ":")).encode()
    packed += b" " * (-len(packed) % 4)
    return b"".join([struct.pack("<I", len(packed)), packed, *parts])


def kernel_slice(kernel: Any, bias: Any, unit: int) -> bytes:
    """The weights of one unit and then its bias, as 32-bit floats.

    Args:
        kernel: (k, k, channels of its group, units) or (inputs, units).
        bias: (units,).

    Raises:
        IndexError: there is no such unit.
    """
    if not 0 <= unit < kernel.shape[-1]:
        raise IndexError(f"Expected a unit below {kernel.shape[-1]}. Received: {unit}")
    weights = np.asarray(kernel[..., unit], "<f4").ravel()
    return np.append(weights, np.asarray(bias[unit], "<f4")).tobytes()

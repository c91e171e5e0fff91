"""Reports as JSON: arrays behind it for the store, within it for a recording."""

from __future__ import annotations

import base64
import json
import math
import zlib
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lab.records import Counted, LayerReport, MaskReport, Report

Array = NDArray[Any]
_ARRAYS = ("filters", "masks")


def _numbers(
    report: Report, rounded: Callable[[Any], Any] = lambda x: x
) -> dict[str, Any]:
    """All of a report but its arrays, in the order of its fields."""
    data = {k: rounded(v) for k, v in vars(report).items() if k not in _ARRAYS}
    data["layers"] = [
        {name: rounded(value) for name, value in asdict(layer).items()}
        for layer in report.layers
    ]
    data["counted"] = None if report.counted is None else asdict(report.counted)
    data["batch_errors"] = [[rounded(x) for x in pair] for pair in report.batch_errors]
    return data


def _report(
    data: Mapping[str, Any], filters: Array | None, masks: Mapping[str, Array] | None
) -> Report:
    """The reverse of `_numbers`, with the arrays."""
    layers = tuple(
        LayerReport(**layer | {"histogram": tuple(layer["histogram"])})
        for layer in data["layers"]
    )
    counted = data.get("counted")
    return Report(
        **{
            **data,
            "layers": layers,
            "counted": None if counted is None else Counted(**counted),
            "batch_errors": tuple((x, y) for x, y in data.get("batch_errors", ())),
            "filters": filters,
            "masks": MaskReport(**masks) if masks else None,
        }
    )


# --- as bytes, for the store --------------------------------------------------------


def pack(report: Report) -> bytes:
    """A report as compressed bytes: a line of JSON, then the arrays it names."""
    data = _numbers(report)
    arrays: dict[str, Array] = {}
    if report.filters is not None:
        arrays["filters"] = report.filters
    if report.masks is not None:
        arrays |= vars(report.masks)
    data["arrays"] = {
        name: [array.dtype.str, array.shape] for name, array in arrays.items()
    }
    body = b"".join(np.ascontiguousarray(x).tobytes() for x in arrays.values())
    return zlib.compress(json.dumps(data).encode() + b"\n" + body, level=1)


def unpack(packed: bytes) -> Report:
    """The reverse of `pack`."""
    head, _, body = zlib.decompress(packed).partition(b"\n")
    data = json.loads(head)
    arrays, start = {}, 0
    for name, (dtype, shape) in data.pop("arrays").items():
        count = math.prod(shape)
        array = np.frombuffer(body, dtype, count, start).reshape(shape)
        arrays[name], start = array, start + array.nbytes
    return _report(data, arrays.pop("filters", None), arrays)


# --- as JSON, for a recording -------------------------------------------------------


def short(value: Any) -> Any:
    """Five digits are more than a chart shows."""
    return float(f"{value:.5g}") if isinstance(value, float) else value


def to_json(report: Report) -> dict[str, Any]:
    """A report as plain data: numbers to five digits, arrays in base64."""
    data = _numbers(report, short)
    filters, masks = report.filters, report.masks
    data["filters"] = None if filters is None else pack_array(filters)
    data["masks"] = (
        None if masks is None else {n: pack_array(a) for n, a in vars(masks).items()}
    )
    # Last, as ever: the same recording gives the same bytes.
    data["counted"] = data.pop("counted")
    if not data["batch_errors"]:  # a recording has them for itself: in its traces
        del data["batch_errors"]
    return data


def from_json(data: Mapping[str, Any]) -> Report:
    """The reverse of `to_json`."""
    filters, masks = data["filters"], data["masks"]
    return _report(
        data,
        None if filters is None else unpack_array(filters),
        None if masks is None else {n: unpack_array(a) for n, a in masks.items()},
    )


def pack_array(array: Array) -> dict[str, Any]:
    packed = np.packbits(array) if array.dtype == np.bool_ else array
    return {
        "dtype": array.dtype.str,
        "shape": array.shape,
        "base64": base64.b64encode(np.ascontiguousarray(packed).tobytes()).decode(),
    }


def unpack_array(data: Mapping[str, Any]) -> Array:
    dtype, shape = np.dtype(data["dtype"]), tuple(data["shape"])
    body = base64.b64decode(data["base64"])
    if dtype == np.bool_:
        bits = np.unpackbits(np.frombuffer(body, np.uint8), count=int(np.prod(shape)))
        return bits.astype(bool).reshape(shape)
    return np.frombuffer(body, dtype).reshape(shape)

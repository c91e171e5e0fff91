"""Makes both kinds of published weights files from seeded arrays, at any size.

Arrays here are in the files' own layout: outputs first, channels before rows.
"""

from __future__ import annotations

import hashlib
import io
import pickle
import struct
import zipfile
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from model.network.arrays import Floats, published
from model.network.shapes import totals
from model.network.specs import Conv, Dense, Spec
from model.weights import Download, WeightSet
from model.weights.deep_compression import code_bits
from model.weights.fetch import Checksum
from model.weights.torch_file import MAGIC, VERSION, module_names

State = dict[str, Floats]  # "conv1.weight", "conv1.bias", ...


def state_of(spec: Spec, seed: int = 0) -> State:
    """Arrays for a network, scaled so that its values stay near 1."""
    rng = np.random.default_rng(seed)
    state = {}
    for part in published(spec):
        scale = np.float32(np.sqrt(2 * part.outputs / part.size))
        weight = rng.standard_normal(part.shape, np.float32) * scale
        state[f"{part.layer.name}.weight"] = weight
        bias = rng.standard_normal(part.outputs, np.float32) / 10
        state[f"{part.layer.name}.bias"] = bias
    return state


# --- Deep Compression -----------------------------------------------------------------


def sparse_state_of(spec: Spec, density: float = 0.1, seed: int = 0) -> State:
    """Arrays such as that file can hold exactly: few values, and zeros between."""
    rng = np.random.default_rng(seed)
    state = {}
    for part in published(spec):
        book = rng.standard_normal(2 ** code_bits(part)).astype(np.float32)
        book *= np.sqrt(2 * part.outputs / part.size / density)
        book[0] = 0
        kept = np.flatnonzero(rng.random(part.size, np.float32) < density)
        weight = np.zeros(part.size, np.float32)
        weight[kept] = book[rng.integers(1, len(book), len(kept))]
        state[f"{part.layer.name}.weight"] = weight.reshape(part.shape)
        bias = rng.standard_normal(part.outputs, np.float32) / 10
        state[f"{part.layer.name}.bias"] = bias
    return state


def entries(at: np.ndarray, codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes and gaps of weights at increasing places, zeros stored where need be."""
    steps = np.diff(at, prepend=-1)  # gap + 1
    fillers = (steps - 1) // 16
    last = np.cumsum(fillers + 1) - 1  # where each weight comes to stand
    all_codes = np.zeros(last[-1] + 1 if len(at) else 0, np.uint8)
    all_gaps = np.full(len(all_codes), 15, np.uint8)
    all_codes[last] = codes
    all_gaps[last] = (steps - 1) % 16
    return all_codes, all_gaps


def pairs(numbers: np.ndarray) -> bytes:
    """Numbers of 4 bits, two a byte, low half first."""
    even = np.append(numbers, np.zeros(len(numbers) % 2, np.uint8)).astype(np.uint8)
    return (even[0::2] | (even[1::2] << 4)).tobytes()


def deep_compression(spec: Spec, state: State) -> bytes:
    """The file of Deep Compression's release."""
    counts, body = [], []
    for part in published(spec):
        weight = state[f"{part.layer.name}.weight"].ravel()
        bits = code_bits(part)
        at = np.flatnonzero(weight)
        values, codes = np.unique(weight[at], return_inverse=True)
        assert len(values) < 2**bits, "more values than the codebook has"
        book = np.zeros(2**bits, "<f4")
        book[1 : len(values) + 1] = values
        codes, gaps = entries(at, codes + 1)
        counts.append(len(codes))
        body += [
            book.tobytes(),
            state[f"{part.layer.name}.bias"].astype("<f4").tobytes(),
            codes.tobytes() if isinstance(part.layer, Conv) else pairs(codes),
            pairs(gaps),
        ]
    return struct.pack(f"<{len(counts)}I", *counts) + b"".join(body)


# --- PyTorch --------------------------------------------------------------------------


class _Global:
    """A name to be imported where the pickle is read."""

    def __init__(self, module: str, name: str) -> None:
        self.module, self.name = module, name


class _Call:
    """A call to be made where the pickle is read."""

    def __init__(self, function: _Global, *arguments: Any) -> None:
        self.function, self.arguments = function, arguments


class _Storage:
    def __init__(self, key: str, count: int, kind: str) -> None:
        self.key, self.count, self.kind = key, count, kind


class _Pickler(pickle._Pickler):  # the one in Python: it can write names of others
    """Writes what PyTorch's pickler writes, without PyTorch."""

    def __init__(self, file: io.BytesIO, legacy: bool) -> None:
        super().__init__(file, 2)
        self._rest = (None,) if legacy else ()

    def persistent_id(self, obj: Any) -> Any:
        if isinstance(obj, _Storage):
            kind = _Global("torch", obj.kind)
            return ("storage", kind, obj.key, "cpu", obj.count, *self._rest)
        return None

    def save(self, obj: Any, save_persistent_id: bool = True) -> None:
        if isinstance(obj, _Global):
            self.write(f"c{obj.module}\n{obj.name}\n".encode())
        elif isinstance(obj, _Call):
            self.save(obj.function)
            self.save(obj.arguments)
            self.write(b"R")
        else:
            super().save(obj, save_persistent_id)


def pickled(obj: Any, legacy: bool = False) -> bytes:
    """As PyTorch pickles it."""
    file = io.BytesIO()
    _Pickler(file, legacy).dump(obj)
    return file.getvalue()


def call(module: str, name: str, *arguments: Any) -> Any:
    """A call that a pickle can hold."""
    return _Call(_Global(module, name), *arguments)


def tensor(key: str, size: tuple[int, ...], **other: Any) -> Any:
    """A tensor as a pickle holds it; `other` replaces what is right."""
    count = int(np.prod(size))
    stride = tuple(int(np.prod(size[i + 1 :])) for i in range(len(size)))
    right = {"offset": 0, "shape": size, "stride": stride, "count": count}
    now = right | {"kind": "FloatStorage"} | other
    return call(
        *("torch._utils", "_rebuild_tensor_v2"),
        _Storage(key, now["count"], now["kind"]),
        *(now["offset"], now["shape"], now["stride"], False, OrderedDict()),
    )


def torch_state(spec: Spec, state: State) -> tuple[Any, dict[str, bytes]]:
    """The state dict that PyTorch would pickle, and the numbers of its storages."""
    names = module_names(spec)
    listed: OrderedDict[str, Any] = OrderedDict()
    storages = {}
    for number, (name, values) in enumerate(state.items()):
        layer, what = name.split(".")
        listed[f"{names[layer]}.{what}"] = tensor(str(number), values.shape)
        storages[str(number)] = values.astype("<f4").tobytes()
    return listed, storages


def torch_zip(listed: Any, storages: Mapping[str, bytes], **options: Any) -> bytes:
    """PyTorch's file, as it is written since 2020."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", **options) as archive:
        archive.writestr("archive/data.pkl", pickled(listed))
        for key, numbers in storages.items():
            archive.writestr(f"archive/data/{key}", numbers)
        archive.writestr("archive/version", b"3\n")
    return file.getvalue()


def torch_legacy(listed: Any, storages: Mapping[str, bytes]) -> bytes:
    """PyTorch's file, as it was written before."""
    system = {"protocol_version": VERSION, "little_endian": True, "type_sizes": {}}
    parts = [MAGIC, VERSION, system]
    body = [pickled(part, legacy=True) for part in (*parts, listed, [*storages])]
    for numbers in storages.values():
        body += [struct.pack("<q", len(numbers) // 4), numbers]
    return b"".join(body)


# --- sets to be offered ---------------------------------------------------------------


def narrow(spec: Spec) -> Spec:
    """The same layers with an eighth of the filters and few units: quick to make."""
    *layers, last = spec.layers
    fewer = [
        replace(layer, filters=layer.filters // 8)
        if isinstance(layer, Conv)
        else replace(layer, units=64)
        if isinstance(layer, Dense)
        else layer
        for layer in layers
    ]
    return replace(spec, layers=(*fewer, last))


def content_of(weight_set: WeightSet) -> tuple[bytes, State]:
    """A file such as the set's, for its network, and what it holds."""
    if weight_set.format == "deep-compression":
        large = totals(weight_set.spec).parameters > 10**7
        state = sparse_state_of(weight_set.spec, 0.05 if large else 0.9)
        return deep_compression(weight_set.spec, state), state
    state = state_of(weight_set.spec)
    return torch_zip(*torch_state(weight_set.spec, state)), state


def offer(weight_set: WeightSet, content: bytes, url: str) -> WeightSet:
    """The set with this file at this address."""
    assert weight_set.download is not None
    kind = weight_set.download.checksum.kind
    head = b"blob %d\0" % len(content)
    digest = (
        hashlib.sha256(content).hexdigest()
        if kind == "sha256"
        else hashlib.sha1(head + content).hexdigest()
    )
    size = len(content)
    return replace(
        weight_set, download=Download(url, Checksum(kind, digest), size, size)
    )

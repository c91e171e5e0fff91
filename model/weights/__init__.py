"""Weight sets: those there are (`registry`), and loading one into its network.

A file is decoded layer by layer at each loading: the project's own by `codec`, those of
others by `deep_compression` and `torch_file`. `python -m model.weights --help` fetches,
lists and removes.

Importing this module imports numpy alone: the first-layer filters can be shown before
TensorFlow is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.network.arrays import PARTS, Arrays, WeightsBroken
from model.network.specs import Conv, Dense, Spec
from model.weights.codec import save, unpack
from model.weights.deep_compression import DeepCompression
from model.weights.fetch import Checksum
from model.weights.registry import (
    DEFAULT,
    REGISTRY,
    Download,
    WeightSet,
    available,
    class_ids,
    class_names,
    get,
)
from model.weights.torch_file import TorchFile

__all__ = [
    "DEFAULT",
    "REGISTRY",
    "Download",
    "WeightSet",
    "WeightsBroken",
    "available",
    "class_ids",
    "class_names",
    "digest",
    "first_layer",
    "get",
    "load",
    "save",
]


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    return Checksum("sha256", "").of(path)


@cache
def _is_genuine(checksum: Checksum, path: Path, size: int, changed: int) -> bool:
    """Whether a file is the one expected; reckoned once, until it changes."""
    return checksum.fits(path)


@contextmanager
def _open(weights: WeightSet) -> Iterator[Arrays | None]:
    """The arrays of a set's file, read as they are asked for; None if it has no file.

    Raises:
        WeightsBroken: the file is missing, damaged or altered.
    """
    path, download = weights.path, weights.download
    if path is None:
        yield None
        return
    if not path.is_file():
        do = (
            "Clone the project again, or restore the file with git."
            if download is None
            else "Fetch it with "
            f"`.venv/bin/python -m model.weights fetch {weights.name}`."
        )
        raise WeightsBroken(
            f"The weights '{weights.title}' need the file {weights.file}, which is "
            f"missing. {do}"
        )
    now = path.stat()
    if weights.checksum is not None and not _is_genuine(
        weights.checksum, path, now.st_size, now.st_mtime_ns
    ):
        raise WeightsBroken(
            f"The file {weights.file} is not the one that was "
            f"{'measured' if download is None else 'published'}. {weights.remedy}"
        )
    match weights.format:
        case "deep-compression":
            yield DeepCompression(path, weights.spec)
        case "torch":
            with closing(TorchFile(path, weights.spec)) as tensors:
                yield tensors
        case "npz":
            try:
                arrays = np.load(path, allow_pickle=False)
            except (ValueError, OSError) as error:
                raise WeightsBroken(
                    f"The file {weights.file} holds no arrays. {weights.remedy}"
                ) from error
            with arrays:
                yield arrays


def _random(spec: Spec, layer: Conv | Dense, inputs: int) -> NDArray[np.float32]:
    """He-initialised weights, the same at every start: (fan-in, outputs)."""
    outputs = layer.filters if isinstance(layer, Conv) else layer.units
    seed = [2012, *layer.name.encode()]
    generator = np.random.default_rng(seed)
    values = generator.standard_normal((inputs, outputs), dtype=np.float32)
    return values * np.float32(np.sqrt(2 / inputs))


def layer_kernel(
    name: str, layer: Conv | Dense, inputs: int, arrays: Arrays | None
) -> NDArray[np.float32]:
    """Kernel of one layer, in Keras's layout."""
    outputs = layer.filters if isinstance(layer, Conv) else layer.units
    if arrays is None:
        kernel = _random(get(name).spec, layer, inputs)
    elif f"{layer.name}.codes" in arrays:
        parts = (arrays[f"{layer.name}.{part}"] for part in ("codes", "book", "scale"))
        kernel = unpack(*parts)
    else:
        kernel = arrays[f"{layer.name}.kernel"].astype(np.float32, copy=False)
    if isinstance(layer, Conv):
        kernel = kernel.reshape(layer.kernel, layer.kernel, -1, outputs)
    return kernel


def layer_bias(layer: Conv | Dense, arrays: Arrays | None) -> NDArray[np.float32]:
    """Bias of one layer."""
    if arrays is None:
        outputs = layer.filters if isinstance(layer, Conv) else layer.units
        return np.zeros(outputs, np.float32)
    return arrays[f"{layer.name}.bias"]


@cache
def first_layer(name: str) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """conv1's kernel (11, 11, 3, filters) and bias (filters,), without TensorFlow.

    Raises:
        WeightsBroken: the file is missing or damaged.
    """
    weights = get(name)
    conv1 = next(weights.spec.convolutions())
    inputs = conv1.kernel**2 * weights.spec.channels
    with _open(weights) as arrays:
        kernel = layer_kernel(name, conv1, inputs, arrays)
        bias = layer_bias(conv1, arrays)
    for array in (kernel, bias):
        array.setflags(write=False)
    return kernel, bias


def load(name: str) -> Any:
    """The Keras network of a set, weights in place.

    Imports Keras: in the server, only `model.runtime` calls this.

    Raises:
        KeyError: no such set.
        WeightsBroken: the file is missing, damaged or does not fit the network.
    """
    from model.network.build import build

    weights = get(name)

    def initialiser(
        layer: Conv | Dense, part: str, arrays: Arrays | None
    ) -> Callable[..., Any]:
        def values(shape: tuple[int, ...], dtype: Any = None) -> NDArray[np.float32]:
            try:
                if part == "kernel":
                    inputs = int(np.prod(shape[:-1]))
                    found = layer_kernel(name, layer, inputs, arrays)
                else:
                    found = layer_bias(layer, arrays)
                if found.shape == tuple(shape):
                    return found
                trouble: Exception | None = None
            except WeightsBroken:
                raise
            except (KeyError, ValueError) as error:
                trouble = error
            raise WeightsBroken(
                f"The weights '{weights.title}' do not fit {layer.name}, whose {part} "
                f"is {' × '.join(map(str, shape))}. {weights.remedy}"
            ) from trouble

        return values

    # Each weight is born with its value. Set afterwards, it would be there twice:
    # 200 MB more for as long as the server runs.
    with _open(weights) as arrays:
        return build(
            weights.spec,
            lambda layer: (
                {f"{p}_initializer": initialiser(layer, p, arrays) for p in PARTS}
                if isinstance(layer, Conv | Dense)
                else {}
            ),
        )

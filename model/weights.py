"""The registry of weight sets: what each is, where it came from, how good it is.

A set is a row of `REGISTRY` and, unless it is drawn at random, an .npz file of plain
arrays in assets/weights (numpy's format, opened with `allow_pickle=False`). Layout of
the file, for each layer with weights:

    <layer>.bias      float32 (outputs,)
    <layer>.kernel    float16, in Keras's layout                    (convolutions)
    <layer>.codes     uint8 (inputs * outputs / 2,): two 4-bit codes a byte, low
                      half first, of the (inputs, outputs) kernel row by row  (dense)
    <layer>.book      float32 (16,): what each code stands for, before scaling
    <layer>.scale     float32 (outputs,): multiplies each output's column

Importing this module imports numpy alone: the first-layer filters can be shown before
TensorFlow is there.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.specs import SIMPLIFIED, Conv, Dense, Spec

ASSETS = Path(__file__).resolve().parent.parent / "assets"
FOLDER = ASSETS / "weights"
Arrays = Mapping[str, NDArray[Any]]
PARTS = ("kernel", "bias")


class WeightsBroken(ValueError):
    """A weights file is missing, damaged or does not fit; says what to do."""


@dataclass(frozen=True)
class WeightSet:
    """One set of weights for one network."""

    name: str
    title: str
    spec: Spec
    trained_on: str  # for the label on every picture
    source: str
    licence: str
    file: str | None  # below assets/weights; None: drawn at random
    sha256: str | None
    classes_file: str | None  # below assets/weights: index,wnid,name
    top1: float | None  # measured, 0 to 1; None: untrained, it can only guess
    top5: float | None
    measured_on: str | None

    @property
    def label(self) -> str:
        """What stands beside every picture that these weights made."""
        return f"{self.spec.title}, {self.trained_on}"


REGISTRY: dict[str, WeightSet] = {
    weights.name: weights
    for weights in (
        WeightSet(
            name="tiny-imagenet",
            title="Trained on Tiny ImageNet",
            spec=SIMPLIFIED.with_classes(200),
            trained_on="trained on Tiny ImageNet's 200 classes",
            source="this project's own `python -m model.training`",
            licence="research and teaching (pictures from ImageNet)",
            file="tiny-imagenet.npz",
            sha256="fe90d9b8749b9e419272b2b056498fd1af15a8b0e5c4bd5e1e5ca50897fddfa6",
            classes_file="tiny-imagenet-classes.csv",
            top1=0.2769,
            top5=0.5384,
            measured_on="the 10,000 validation pictures, one view each",
        ),
        WeightSet(
            name="random",
            title="Random, untrained",
            spec=SIMPLIFIED.with_classes(200),
            trained_on="random weights, untrained",
            source="drawn anew with a fixed seed",
            licence="Apache-2.0",
            file=None,
            sha256=None,
            classes_file="tiny-imagenet-classes.csv",
            top1=None,
            top5=None,
            measured_on=None,
        ),
    )
}
DEFAULT = "tiny-imagenet"


def get(name: str) -> WeightSet:
    """The row of that name.

    Raises:
        KeyError: no such set; the message lists those there are.
    """
    if name not in REGISTRY:
        raise KeyError(f"Weight sets: {', '.join(REGISTRY)}. Received: {name!r}")
    return REGISTRY[name]


@cache
def class_names(name: str) -> tuple[str, ...]:
    """What each output stands for, in the order of the outputs."""
    weights = get(name)
    assert weights.classes_file is not None
    with (FOLDER / weights.classes_file).open(encoding="utf-8", newline="") as file:
        return tuple(row["name"] for row in csv.DictReader(file))


def digest(path: Path) -> str:
    """SHA-256 of a file, hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _open(weights: WeightSet) -> Iterator[Arrays | None]:
    """The arrays of a set's file, read as they are asked for; None if it has no file.

    Raises:
        WeightsBroken: the file is missing, damaged or altered.
    """
    if weights.file is None:
        yield None
        return
    path = FOLDER / weights.file
    if not path.is_file():
        raise WeightsBroken(
            f"The weights '{weights.title}' need the file {weights.file}, which is "
            "missing. Clone the project again, or restore the file with git."
        )
    if weights.sha256 is not None and digest(path) != weights.sha256:
        raise WeightsBroken(
            f"The file {weights.file} is not the one that was measured. "
            "Restore it with git."
        )
    try:
        arrays = np.load(path, allow_pickle=False)
    except (ValueError, OSError) as error:
        raise WeightsBroken(
            f"The file {weights.file} holds no arrays. Restore it with git."
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


def pack(kernel: NDArray[np.float32]) -> dict[str, NDArray[Any]]:
    """A dense kernel (inputs, outputs) as 4-bit codes, book and scale.

    Lloyd's algorithm finds the 16 levels that lose least, on weights divided by each
    output's deviation.
    """
    scale = kernel.std(axis=0) + 1e-12  # (outputs,)
    unit = (kernel / scale).astype(np.float32)
    sample = np.sort(np.random.default_rng(0).choice(unit.ravel(), 1_000_000))
    book = np.quantile(sample, (np.arange(16) + 0.5) / 16)
    for _ in range(60):
        cuts = np.searchsorted(sample, (book[1:] + book[:-1]) / 2)
        parts = np.split(sample, cuts)
        book = np.array(
            [p.mean() if len(p) else b for p, b in zip(parts, book, strict=True)]
        )
    codes = np.searchsorted((book[1:] + book[:-1]) / 2, unit.ravel()).astype(np.uint8)
    return {
        "codes": codes[0::2] | (codes[1::2] << 4),
        "book": book.astype(np.float32),
        "scale": scale.astype(np.float32),
    }


def unpack(
    codes: NDArray[np.uint8], book: NDArray[np.float32], scale: NDArray[np.float32]
) -> NDArray[np.float32]:
    """`pack` undone, as far as 4 bits go: (inputs, outputs) float32."""
    # One look-up for each byte gives both of its weights: (256, 2).
    pairs = np.stack([np.tile(book, 16), np.repeat(book, 16)], axis=1)
    kernel = pairs[codes].reshape(-1, len(scale))
    kernel *= scale
    return kernel


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
        kernel = arrays[f"{layer.name}.kernel"].astype(np.float32)
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
    """conv1's kernel (11, 11, 3, 96) and bias (96,), without TensorFlow.

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
    from model.network import build

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
            except (KeyError, ValueError) as error:
                trouble = error
            raise WeightsBroken(
                f"The weights '{weights.title}' do not fit {layer.name}, whose {part} "
                f"is {' × '.join(map(str, shape))}. Restore the file with git."
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


def save(network: Any, path: Path) -> None:
    """Writes a trained network in the file format above."""
    arrays: dict[str, NDArray[Any]] = {}
    for layer in network.layers:
        if not layer.get_weights():
            continue
        kernel, bias = (np.asarray(w, np.float32) for w in layer.get_weights())
        arrays[f"{layer.name}.bias"] = bias
        if kernel.ndim == 4:
            arrays[f"{layer.name}.kernel"] = kernel.astype(np.float16)
        else:
            arrays |= {f"{layer.name}.{k}": v for k, v in pack(kernel).items()}
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez(path, **arrays)  # type: ignore[arg-type]

"""The registry of weight sets: what each is, where it came from, how good it is.

A set is a row of `REGISTRY` and, unless it is drawn at random, a file. The project's
own is an .npz file of plain arrays in assets/weights (numpy's format, opened with
`allow_pickle=False`). Layout of the file, for each layer with weights:

    <layer>.bias      float32 (outputs,)
    <layer>.kernel    float16, in Keras's layout                    (convolutions)
    <layer>.codes     uint8 (inputs * outputs / 2,): two 4-bit codes a byte, low
                      half first, of the (inputs, outputs) kernel row by row  (dense)
    <layer>.book      float32 (16,): what each code stands for, before scaling
    <layer>.scale     float32 (outputs,): multiplies each output's column

ImageNet's two sets are others' files, fetched when somebody asks for them and kept as
they were published: `deep_compression` and `torch_file` decode them layer by layer at
each loading. `python -m model.weights --help` fetches, lists and removes.

Importing this module imports numpy alone: the first-layer filters can be shown before
TensorFlow is there.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from model import measured
from model.network.arrays import PARTS, Arrays
from model.network.arrays import WeightsBroken as WeightsBroken
from model.network.specs import (
    CAFFE,
    ORIGINAL,
    SIMPLIFIED,
    STANDARDISED,
    TORCHVISION,
    Conv,
    Dense,
    Normalise,
    Spec,
)
from model.weights.deep_compression import DeepCompression
from model.weights.fetch import Checksum
from model.weights.torch_file import TorchFile
from paths import ASSETS, weights_folder

FOLDER = ASSETS / "weights"
NAMES = "imagenet-classes.csv"

# The lesson's network for Tiny ImageNet's 200 classes, whose pictures have 64 pixels.
TINY = replace(SIMPLIFIED.with_classes(200), pixels=replace(STANDARDISED, detail=64))

# The paper's network as Caffe trained it (bvlc_alexnet). Caffe adds 1, not 2, and
# divides alpha by n: its 1e-4 is 2e-5 here. `deep_compression` turns the first
# layer's channels round, so that the network reads red, green, blue.
AS_IN_CAFFE = replace(
    ORIGINAL,
    pixels=replace(CAFFE, order="RGB"),
    layers=tuple(
        replace(layer, k=1.0, alpha=1e-4 / layer.n)
        if isinstance(layer, Normalise)
        else layer
        for layer in ORIGINAL.layers
    ),
)


@dataclass(frozen=True)
class Download:
    """Where a set's file is fetched from, and what it must be."""

    url: str
    checksum: Checksum
    size: int  # bytes, to be told before; the server says it exactly
    most: int  # bytes; a longer file is refused


@dataclass(frozen=True)
class WeightSet:
    """One set of weights for one network."""

    name: str
    title: str
    spec: Spec
    trained_on: str  # for the label on every picture
    source: str
    licence: str
    file: str | None  # in assets/weights or, fetched, the cache; None: at random
    sha256: str | None  # of a file in assets/weights
    classes_file: str | None  # below assets/weights: index,wnid,name
    top1: float | None  # measured, 0 to 1; None: untrained, it can only guess
    top5: float | None
    measured_on: str | None
    about: str = ""  # a sentence for who wonders whether to fetch it
    format: Literal["npz", "deep-compression", "torch"] = "npz"
    download: Download | None = None  # None: it is part of the project

    @property
    def path(self) -> Path | None:
        """Where its file is, or would be; None if it has none."""
        if self.file is None:
            return None
        return (FOLDER if self.download is None else weights_folder()) / self.file

    @property
    def here(self) -> bool:
        """Whether it can be used without fetching anything."""
        return self.path is None or self.path.is_file()

    @property
    def checksum(self) -> Checksum | None:
        """What its file must be; None: it is taken as it is."""
        if self.download is not None:
            return self.download.checksum
        return None if self.sha256 is None else Checksum("sha256", self.sha256)

    @property
    def remedy(self) -> str:
        """What to do when its file is broken."""
        if self.download is None:
            return "Restore the file with git."
        return (
            f"Remove it with `.venv/bin/python -m model.weights remove {self.name}` "
            "and fetch it again."
        )

    @property
    def label(self) -> str:
        """What stands beside every picture that these weights made."""
        return f"{self.spec.title}, {self.trained_on}"


_OWN = measured.figures("tiny-imagenet")
assert _OWN is not None  # they lie in the repository

REGISTRY: dict[str, WeightSet] = {
    weights.name: weights
    for weights in (
        WeightSet(
            name="tiny-imagenet",
            title="Trained on Tiny ImageNet",
            spec=TINY,
            trained_on="trained on Tiny ImageNet's 200 classes",
            source="this project's own `python -m model.training`",
            licence="research and teaching (images from ImageNet)",
            file="tiny-imagenet.npz",
            sha256="9d905407b290c57d4e9bf403f27bf3de116d95551aed949cac9bea7ef159aaf3",
            classes_file="tiny-imagenet-classes.csv",
            top1=_OWN.top1,
            top5=_OWN.top5,
            measured_on="the 10,000 validation images, one view each",
        ),
        WeightSet(
            name="random",
            title="Random, untrained",
            spec=TINY,
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
        WeightSet(
            name="original",
            title="The 2012 network, ImageNet",
            spec=AS_IN_CAFFE,
            trained_on="trained on ImageNet's 1,000 classes",
            source="Deep Compression's AlexNet (Han, Mao, Dally, ICLR 2016): Caffe's "
            "bvlc_alexnet, pruned to a ninth of its weights",
            licence="BSD 2-Clause (images from ImageNet: research and teaching)",
            file="AlexNet_compressed.net",
            sha256=None,
            classes_file=NAMES,
            top1=0.571,
            top5=0.803,
            measured_on="ImageNet's 50,000 validation images, as its authors report",
            about="The network of the paper, 96 filters first, in two towers and with "
            "normalisation (by Caffe's numbers: k = 1 and α = 0.00002, where the paper "
            "has 2 and 0.0001).",
            format="deep-compression",
            download=Download(
                "https://github.com/songhan/Deep-Compression-AlexNet/raw/master/"
                "AlexNet_compressed.net",
                Checksum("git-blob", "ea0d14e98edfbcbfba995003c94d7259fa23b6cc"),
                size=8_900_000,
                most=12_000_000,
            ),
        ),
        WeightSet(
            name="torchvision",
            title="torchvision's, ImageNet",
            spec=TORCHVISION,
            trained_on="trained on ImageNet's 1,000 classes",
            source="torchvision's `alexnet`, IMAGENET1K_V1",
            licence="BSD 3-Clause (images from ImageNet: research and teaching)",
            file="alexnet-owt-7be5be79.pth",
            sha256=None,
            classes_file=NAMES,
            top1=0.56522,
            top5=0.79066,
            measured_on="ImageNet's 50,000 validation images, as its authors report",
            about="The narrower network that torchvision calls AlexNet: 64 filters "
            "first, one tower, no normalisation.",
            format="torch",
            download=Download(
                "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                Checksum(
                    "sha256",
                    "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
                ),
                size=244_408_911,
                most=244_408_911,
            ),
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


def available() -> list[WeightSet]:
    """The sets that can be chosen now, in the registry's order."""
    return [row for row in REGISTRY.values() if row.here]


@cache
def _classes(name: str) -> tuple[dict[str, str], ...]:
    weights = get(name)
    assert weights.classes_file is not None
    with (FOLDER / weights.classes_file).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def class_names(name: str) -> tuple[str, ...]:
    """What each output stands for, in the order of the outputs."""
    return tuple(row["name"] for row in _classes(name))


def class_ids(name: str) -> tuple[str, ...]:
    """The WordNet id of each output."""
    return tuple(row["wnid"] for row in _classes(name))


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

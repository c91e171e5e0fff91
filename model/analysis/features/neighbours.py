"""Pictures that resemble each other: by the last hidden layer, and by pixels.

Figure 4 (right) of the paper: of all training images, the six whose activations in the
last hidden layer, 4096 numbers, have the smallest Euclidean distance to a picture's.

An index keeps 256 numbers of them, at half precision: the coordinates along the first
255 principal components (without a mean taken off) of the activations on the lab's
photographs, in steps of 1/127 of the largest, and the length of what is left. What is
left of two pictures is taken to be at right angles: the squared distance is that of the
coordinates, plus the squares of both lengths. A test has what this keeps of the order
of distances; random directions keep less (docs/measured.md).

Pixels: the middle square of a picture, resized to 32 × 32; the distance is the root of
the mean squared difference, 0 to 255.

numpy and Pillow only; `model.analysis.similar` makes the indexes.
"""

from __future__ import annotations

import io
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model.network.specs import Dense, Spec
from model.pictures import photographs
from model.weights.registry import WeightSet
from paths import ASSETS, cache_folder

COMPONENTS = 255
NUMBERS = COMPONENTS + 1  # kept of a picture's activations
SIDE = 32  # pixels
SHOWN = 6  # neighbours, as in figure 4
PHOTOGRAPHS = "photographs"  # the index that comes with the lab
STEPS = 127  # of the largest number of the components

Coordinates = NDArray[np.float16]  # (n, NUMBERS)
Pixels = NDArray[np.uint8]  # (n, SIDE, SIDE, 3)


class NotIndexed(LookupError):
    """There is no index of these pictures for these weights."""


def hidden_layer(spec: Spec) -> Dense | None:
    """The last hidden layer, like fc7; None: the network has none."""
    found = [layer for layer in spec.layers if isinstance(layer, Dense)]
    return found[-2] if len(found) > 1 else None


def shrunk(image: Image.Image) -> NDArray[np.uint8]:
    """The middle square of a picture in RGB, (SIDE, SIDE, 3)."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    square = image.crop((left, top, left + side, top + side)).convert("RGB")
    return np.asarray(square.resize((SIDE, SIDE), Image.Resampling.BICUBIC))


@dataclass(frozen=True, eq=False)
class Projection:
    """From a layer's activations to the numbers that are kept."""

    steps: NDArray[np.int8]  # (units, components)
    scale: float

    @classmethod
    def of(cls, hidden: NDArray[np.float32]) -> Projection:
        """The principal components of activations (n, units), the largest first."""
        activations = hidden.astype(np.float64)
        # Of n activations there are n components: those of an n × n matrix.
        values, columns = np.linalg.eigh(activations @ activations.T)
        there = int((values > values[-1] * 1e-10).sum())
        columns = columns[:, ::-1][:, : min(COMPONENTS, there)]
        basis = activations.T @ columns
        basis /= np.linalg.norm(basis, axis=0)
        scale = float(np.abs(basis).max()) / STEPS
        return cls(np.round(basis / scale).astype(np.int8), scale)

    @cached_property
    def _basis(self) -> NDArray[np.float32]:
        return self.steps.astype(np.float32) * np.float32(self.scale)

    @property
    def checksum(self) -> int:
        """What tells it from another one."""
        return zlib.crc32(np.ascontiguousarray(self.steps).tobytes())

    def __call__(self, hidden: NDArray[np.float32]) -> Coordinates:
        """Activations (n, units) -> what is kept of them (n, NUMBERS)."""
        found = np.zeros((len(hidden), NUMBERS), np.float16)
        along = (hidden @ self._basis).astype(np.float16)
        found[:, : along.shape[1]] = along
        left = (hidden**2).sum(axis=1) - (along.astype(np.float32) ** 2).sum(axis=1)
        found[:, -1] = np.sqrt(np.maximum(left, 0))
        return found


def hidden_distances(one: Coordinates, others: Coordinates) -> NDArray[np.float32]:
    """Distances of activations, by what is kept of them: (NUMBERS,), (n, NUMBERS)."""
    a, b = one.astype(np.float32), others.astype(np.float32)
    squares = ((b[:, :-1] - a[:-1]) ** 2).sum(axis=1) + b[:, -1] ** 2 + a[-1] ** 2
    found: NDArray[np.float32] = np.sqrt(squares)
    return found


def lengths(rows: Coordinates) -> NDArray[np.float32]:
    """How long the vectors of activations are: (n, NUMBERS) -> (n,)."""
    found: NDArray[np.float32] = np.linalg.norm(rows.astype(np.float32), axis=1)
    return found


def pixel_distances(one: NDArray[np.uint8], others: Pixels) -> NDArray[np.float32]:
    """Root mean squared differences, 0 to 255: (SIDE, SIDE, 3) from (n, …) -> (n,)."""
    found = np.empty(len(others), np.float32)
    a = one.astype(np.float32).ravel()
    for first in range(0, len(others), 500):  # little memory
        part = others[first : first + 500].reshape(-1, a.size).astype(np.float32)
        part -= a
        found[first : first + 500] = np.einsum("ij,ij->i", part, part)
    return np.sqrt(found / a.size)


@dataclass(frozen=True, eq=False)
class Index:
    """Pictures of one source, and what one set of weights makes of them.

    Attributes:
        source: `PHOTOGRAPHS`, or a data set's name.
        titles: what each picture shows: a photograph's name, else its class.
        hidden: what is kept of the last hidden layer's activations.
        predicted: numbers of the predicted classes, (n,).
        pixels: each picture, small.
        jpegs: each picture as a file; none of the photographs, which lie in assets/.
    """

    source: str
    titles: tuple[str, ...]
    hidden: Coordinates
    predicted: NDArray[np.int16]
    pixels: Pixels
    jpegs: tuple[bytes, ...] = ()

    def __len__(self) -> int:
        return len(self.titles)


@dataclass(frozen=True)
class Neighbour:
    """One of the nearest pictures."""

    index: Index
    number: int  # in its index
    distance: float

    @property
    def title(self) -> str:
        """As in its index."""
        return self.index.titles[self.number]

    @property
    def predicted(self) -> int:
        """The number of its predicted class."""
        return int(self.index.predicted[self.number])

    @property
    def place(self) -> tuple[str, int]:
        """What tells it from others."""
        return self.index.source, self.number


def nearest(
    distances: Sequence[NDArray[np.float32]],
    indexes: Sequence[Index],
    but: str = "",
    count: int = SHOWN,
) -> list[Neighbour]:
    """The nearest pictures of all indexes, the nearest first.

    Args:
        distances: of each index, (n,).
        but: a photograph that is left out: the picture itself.
    """
    found = []
    for row, index in zip(distances, indexes, strict=True):
        for number in np.argsort(row, kind="stable")[: count + 1].tolist():
            if index.source == PHOTOGRAPHS and index.titles[number] == but:
                continue
            found.append(Neighbour(index, number, float(row[number])))
    return sorted(found, key=lambda one: one.distance)[:count]


# --- files ----------------------------------------------------------------------------


def _version(weight_set: WeightSet) -> str:
    checksum = weight_set.checksum
    return checksum.hexadecimal[:12] if checksum else "drawn"


def file_of(weight_set: WeightSet, source: str) -> Path:
    """Where the index of a source would be, made on the command line."""
    name = f"{source}-{weight_set.name}-{_version(weight_set)}.npz"
    return cache_folder() / "similar" / name


def shipped(weight_set: WeightSet) -> Path:
    """Where the index of the photographs that comes with the lab would be."""
    return ASSETS / "weights" / f"{weight_set.name}-similar.npz"


def _write(out: Path, arrays: Mapping[str, Any]) -> None:
    """Complete or not at all."""
    out.parent.mkdir(parents=True, exist_ok=True)
    partial = out.with_suffix(f".partial{id(arrays)}.npz")
    np.savez_compressed(partial, **arrays)
    partial.replace(out)


def write_photographs(
    out: Path, weight_set: WeightSet, projection: Projection, index: Index
) -> None:
    """The index of the photographs, and the projection of this set's activations."""
    _write(
        out,
        {
            "version": _version(weight_set),
            "steps": projection.steps,
            "scale": projection.scale,
            "names": np.array(index.titles),
            "hidden": index.hidden,
            "predicted": index.predicted,
        },
    )


def read_photographs(weight_set: WeightSet) -> tuple[Projection, Index]:
    """The photographs' index, and the projection that all indexes of the set share.

    Raises:
        NotIndexed: it was not made yet, or of other photographs or weights.
    """
    names = tuple(photographs.photographs())
    for file in (shipped(weight_set), file_of(weight_set, PHOTOGRAPHS)):
        if not file.is_file():
            continue
        with np.load(file, allow_pickle=False) as found:
            same = tuple(found["names"].tolist()) == names
            if same and str(found["version"]) == _version(weight_set):
                projection = Projection(found["steps"], float(found["scale"]))
                hidden, predicted = found["hidden"], found["predicted"]
                return projection, photographs_index(hidden, predicted)
    raise NotIndexed(f"{weight_set.name} has no index of the photographs")


def photographs_index(hidden: Coordinates, predicted: NDArray[np.int16]) -> Index:
    """The photographs' index: their pixels are read from their files."""
    names = tuple(photographs.photographs())
    pixels = np.stack([shrunk(photographs.image(name)) for name in names])
    return Index(PHOTOGRAPHS, names, hidden, predicted, pixels)


def write(out: Path, projection: Projection, index: Index) -> None:
    """An index of a folder's pictures."""
    _write(
        out,
        {
            "projection": projection.checksum,
            "titles": np.array(index.titles),
            "hidden": index.hidden,
            "predicted": index.predicted,
            "pixels": index.pixels,
            "jpegs": np.frombuffer(b"".join(index.jpegs), np.uint8),
            "ends": np.cumsum([len(x) for x in index.jpegs]),
        },
    )


def read(weight_set: WeightSet, source: str, projection: Projection) -> Index:
    """What `write` wrote of a source for a set.

    Raises:
        NotIndexed: it was not made, or with another projection.
    """
    file = file_of(weight_set, source)
    if file.is_file():
        with np.load(file, allow_pickle=False) as found:
            if int(found["projection"]) == projection.checksum:
                data, ends = found["jpegs"].tobytes(), found["ends"].tolist()
                return Index(
                    source,
                    tuple(found["titles"].tolist()),
                    found["hidden"],
                    found["predicted"],
                    found["pixels"],
                    tuple(data[a:b] for a, b in zip([0, *ends], ends, strict=False)),
                )
    raise NotIndexed(f"{source} is not indexed for {weight_set.name}")


def jpeg(image: Image.Image) -> bytes:
    """A small picture as a file."""
    out = io.BytesIO()
    image.convert("RGB").save(out, "JPEG", quality=90)
    return out.getvalue()

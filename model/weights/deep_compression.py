"""The file of Deep Compression's AlexNet: pruned, 256 or 16 values a layer, 8.9 MB.

Han, Mao, Dally: "Deep Compression: Compressing Deep Neural Networks with Pruning,
Trained Quantization and Huffman Coding", ICLR 2016 (the file is without the Huffman
coding). All numbers are little-endian:

    counts    uint32 for each layer with weights, in order: its stored entries
    then for each of these layers
    codebook  float32: 256 entries for a convolution, 16 for a dense layer
    biases    float32 (outputs,)
    codes     an entry of the codebook for each stored weight: 8 bits, or 4, two a byte
    gaps      4 bits for each stored weight, two a byte

Of two in a byte the low half comes first. A stored weight stands gap + 1 places after
the one before it; where the zeros between are more than 15, some of them are stored,
as entry 0 of the codebook. Weights that are not stored have the value of entry 0.

Caffe's networks read blue before green before red. Here the first layer's channels are
turned round once, and the network reads red, green, blue like the others: its answers
are the same, and its filters can be shown in their colours.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from model.network.arrays import PARTS, Floats, Published, WeightsBroken, published
from model.network.specs import Conv, Spec

GAP_BITS = 4


def code_bits(part: Published) -> int:
    """Bits of one code, and so the length of the codebook."""
    return 8 if isinstance(part.layer, Conv) else 4


def halves(data: NDArray[np.uint8], count: int) -> NDArray[np.uint8]:
    """`count` numbers of 4 bits, two a byte, low half first."""
    return np.stack([data & 15, data >> 4], axis=1).ravel()[:count]


@dataclass(frozen=True)
class _Stored:
    """Where one layer lies in the file."""

    part: Published
    count: int
    start: int  # bytes

    @property
    def lengths(self) -> tuple[int, int, int, int]:
        """Bytes of codebook, biases, codes and gaps."""
        bits = code_bits(self.part)
        return (
            4 * 2**bits,
            4 * self.part.outputs,
            -(-self.count * bits // 8),
            -(-self.count * GAP_BITS // 8),
        )

    @property
    def end(self) -> int:
        return self.start + sum(self.lengths)


class DeepCompression(Mapping[str, Floats]):
    """The arrays of such a file: "<layer>.kernel" and "<layer>.bias".

    Each is decoded when it is asked for, so that no two kernels are in memory at once.
    """

    def __init__(self, path: Path, spec: Spec) -> None:
        """
        Raises:
            WeightsBroken: the file is too short or too long for the network, or counts
                more weights than a layer has.
        """
        parts = published(spec)
        self._name = path.name
        self._stored: dict[str, _Stored] = {}
        # One byte more than the largest file with these layers: a huge one is not read.
        most = 4 * len(parts) + sum(_Stored(p, p.size, 0).end for p in parts)
        with path.open("rb") as file:
            self._data = file.read(most + 1)
        if len(self._data) < 4 * len(parts):
            raise self._broken(f"It ends after {len(self._data):,} bytes")
        counts = np.frombuffer(self._data, "<u4", len(parts)).tolist()
        start = 4 * len(parts)
        for part, count in zip(parts, counts, strict=True):
            if count > part.size:
                raise self._broken(
                    f"It counts {count:,} weights in {part.layer.name}, "
                    f"which has {part.size:,}"
                )
            stored = _Stored(part, count, start)
            self._stored[part.layer.name] = stored
            start = stored.end
        if (came := len(self._data)) != start:
            size = "more" if came > most else f"{came:,}"
            raise self._broken(f"By its counts it has {start:,} bytes, not {size}")

    def _broken(self, what: str) -> WeightsBroken:
        return WeightsBroken(
            f"The file {self._name} is not a Deep Compression file of this network. "
            f"{what}. Fetch it again."
        )

    def __iter__(self) -> Iterator[str]:
        return (f"{name}.{what}" for name in self._stored for what in PARTS)

    def __len__(self) -> int:
        return 2 * len(self._stored)

    def __contains__(self, key: object) -> bool:
        return key in set(self)  # without decoding it

    def __getitem__(self, key: str) -> Floats:
        """
        Raises:
            KeyError: no such array.
            WeightsBroken: weights beyond the layer's end, or not finite.
        """
        name, _, what = key.rpartition(".")
        if key not in self:
            raise KeyError(key)
        stored = self._stored[name]
        book, bias, codes, gaps = self._sections(stored)
        for numbers in (book, bias):
            if not np.isfinite(numbers).all():
                raise self._broken(f"{name} has values that are not finite")
        if what == "bias":
            return bias.astype(np.float32)
        return self._kernel(stored, book.astype(np.float32), codes, gaps)

    def _sections(
        self, stored: _Stored
    ) -> tuple[Floats, Floats, NDArray[np.uint8], NDArray[np.uint8]]:
        ends = np.cumsum([stored.start, *stored.lengths]).tolist()
        book, bias, codes, gaps = (
            self._data[start:end] for start, end in pairwise(ends)
        )
        return (
            np.frombuffer(book, "<f4"),
            np.frombuffer(bias, "<f4"),
            np.frombuffer(codes, np.uint8),
            np.frombuffer(gaps, np.uint8),
        )

    def _kernel(
        self,
        stored: _Stored,
        book: Floats,
        codes: NDArray[np.uint8],
        gaps: NDArray[np.uint8],
    ) -> Floats:
        part, count = stored.part, stored.count
        if code_bits(part) == 4:
            codes = halves(codes, count)
        at = np.cumsum(halves(gaps, count).astype(np.int64) + 1) - 1  # (count,)
        if count and at[-1] >= part.size:
            raise self._broken(
                f"{part.layer.name} has {part.size:,} weights, and one is placed "
                f"at {at[-1] + 1:,}"
            )
        if isinstance(part.layer, Conv):
            kernel = np.full(part.size, book[0], np.float32)
            kernel[at] = book[codes]
            kernel = part.to_keras(kernel.reshape(part.shape))
            first = next(iter(self._stored.values())).part is part
            # Blue, green, red -> red, green, blue.
            return np.ascontiguousarray(kernel[:, :, ::-1]) if first else kernel
        # Straight to its place in Keras's layout: these are the large ones.
        outputs, inputs = part.shape
        output, row = np.divmod(at, inputs)
        places = part.places()
        if places is not None:
            row = places[row]
        kernel = np.full(part.size, book[0], np.float32)
        kernel[row * outputs + output] = book[codes]
        return kernel.reshape(inputs, outputs)

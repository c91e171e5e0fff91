"""Which pixels of the input one unit of a layer can see."""

from __future__ import annotations

from dataclasses import dataclass

from model.network.shapes import edges, table
from model.network.specs import Conv, Pool, Spec


@dataclass(frozen=True)
class Fields:
    """The receptive fields of a layer's positions, in input pixels; all of one size."""

    first: int  # where that of row or column 0 begins; negative: in the padding
    step: int  # between neighbours
    size: int  # pixels a side, the padding counted


def fields(spec: Spec, layer: str) -> Fields:
    """The receptive fields of a layer with maps.

    Walks back from a position to the input: a window of `kernel` at `stride`, with
    the zeros of the padding before it.

    Raises:
        KeyError: the network has no such layer with maps.
    """
    rows = table(spec)
    names = [r.name for r in rows]
    if layer not in names or rows[names.index(layer)].field is None:
        raise KeyError(f"{spec.name} has no maps in {layer!r}")
    first, step, size = 0, 1, 1
    for index in range(names.index(layer), 0, -1):
        part = spec.layers[index - 1]
        if not isinstance(part, Conv | Pool):
            continue
        before, _ = edges(part, rows[index - 1].output[0])
        first = first * part.stride - before
        step *= part.stride
        size = (size - 1) * part.stride + part.kernel
    return Fields(first, step, size)


def patch(spec: Spec, layer: str, row: int, column: int) -> tuple[int, int, int, int]:
    """The receptive field of one position of a layer's maps.

    Returns:
        (top, left, bottom, right) in input pixels, half open, clipped to the input.

    Raises:
        KeyError: the network has no such layer with maps.
    """
    found = fields(spec, layer)

    def clipped(position: int) -> tuple[int, int]:
        low = found.first + position * found.step
        return max(low, 0), min(low + found.size, spec.input_size)

    (top, bottom), (left, right) = clipped(row), clipped(column)
    return top, left, bottom, right

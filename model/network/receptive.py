"""Which pixels of the input one unit of a layer can see."""

from __future__ import annotations

from model.network.shapes import edges, table
from model.network.specs import Conv, Pool, Spec


def patch(spec: Spec, layer: str, row: int, column: int) -> tuple[int, int, int, int]:
    """The receptive field of one position of a layer's maps.

    Walks back from the position to the input: a window of `kernel` at `stride`, with
    the zeros of the padding before it.

    Returns:
        (top, left, bottom, right) in input pixels, half open, clipped to the input.

    Raises:
        KeyError: the network has no such layer with maps.
    """
    rows = table(spec)
    names = [r.name for r in rows]
    if layer not in names or rows[names.index(layer)].field is None:
        raise KeyError(f"{spec.name} has no maps in {layer!r}")
    at = names.index(layer)

    def back(position: int) -> tuple[int, int]:
        low, high = position, position  # inclusive
        for index in range(at, 0, -1):
            part = spec.layers[index - 1]
            if not isinstance(part, Conv | Pool):
                continue
            before, _ = edges(part, rows[index - 1].output[0])
            low = low * part.stride - before
            high = high * part.stride - before + part.kernel - 1
        return max(low, 0), min(high + 1, spec.input_size)

    (top, bottom), (left, right) = back(row), back(column)
    return top, left, bottom, right

"""The project's own file of weights: written after training, read layer by layer.

An .npz file of plain arrays (numpy's format, opened with `allow_pickle=False`), with
for each layer that has weights:

    <layer>.bias      float32 (outputs,)
    <layer>.kernel    float16, in Keras's layout                    (convolutions)
    <layer>.codes     uint8 (inputs * outputs / 2,): two 4-bit codes a byte, low
                      half first, of the (inputs, outputs) kernel row by row  (dense)
    <layer>.book      float32 (16,): what each code stands for, before scaling
    <layer>.scale     float32 (outputs,): multiplies each output's column
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray


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

"""Caffe's AlexNet in plain numpy, in Caffe's own layout: what the decoder is held to.

Pictures are (channels, rows, columns), blue first; everything is as in Caffe's layers
Convolution, LRN, Pooling and InnerProduct, and nothing is shared with `model`.
"""

from __future__ import annotations

from math import ceil

import numpy as np

from model.network.arrays import Floats


def convolution(
    x: Floats, weight: Floats, bias: Floats, stride: int, pad: int, groups: int
) -> Floats:
    """(C, H, W) with weights (out, C / groups, k, k), and ReLU."""
    size = weight.shape[-1]
    x = np.pad(x, [(0, 0), (pad, pad), (pad, pad)])
    parts = []
    for ours, maps in zip(np.split(weight, groups), np.split(x, groups), strict=True):
        views = np.lib.stride_tricks.sliding_window_view(maps, (size, size), (1, 2))
        views = views[:, ::stride, ::stride]  # (C / groups, rows, columns, k, k)
        parts.append(np.tensordot(ours, views, ([1, 2, 3], [0, 3, 4])))
    return np.maximum(np.concatenate(parts) + bias[:, None, None], 0)


def lrn(x: Floats, n: int = 5, alpha: float = 1e-4, beta: float = 0.75) -> Floats:
    """x / (1 + alpha / n * sum of squares of n neighbouring maps) ^ beta."""
    out = np.empty_like(x)
    for i in range(len(x)):
        near = x[max(0, i - n // 2) : i + n // 2 + 1]
        out[i] = x[i] / (1 + alpha / n * (near**2).sum(axis=0)) ** beta
    return out


def pooling(x: Floats, size: int = 3, stride: int = 2) -> Floats:
    """The largest of each window; a last window may hang over the edge (ceil mode)."""
    side = ceil((x.shape[1] - size) / stride) + 1
    out = np.empty((len(x), side, side), np.float32)
    for row in range(side):
        for column in range(side):
            top, left = row * stride, column * stride
            out[:, row, column] = x[:, top : top + size, left : left + size].max((1, 2))
    return out


def forward(x: Floats, state: dict[str, Floats]) -> dict[str, Floats]:
    """bvlc_alexnet, layer by layer, for one picture (3, 227, 227) with blue first."""
    out: dict[str, Floats] = {}

    def conv(name: str, x: Floats, stride: int, pad: int, groups: int) -> None:
        parts = state[f"{name}.weight"], state[f"{name}.bias"]
        out[name] = convolution(x, *parts, stride, pad, groups)

    conv("conv1", x, 4, 0, 1)
    out["norm1"] = lrn(out["conv1"])
    out["pool1"] = pooling(out["norm1"])
    conv("conv2", out["pool1"], 1, 2, 2)
    out["norm2"] = lrn(out["conv2"])
    out["pool2"] = pooling(out["norm2"])
    conv("conv3", out["pool2"], 1, 1, 1)
    conv("conv4", out["conv3"], 1, 1, 2)
    conv("conv5", out["conv4"], 1, 1, 2)
    out["pool5"] = pooling(out["conv5"])
    values = out["pool5"].ravel()  # channel, row, column
    for name in ("fc6", "fc7", "fc8"):
        values = state[f"{name}.weight"] @ values + state[f"{name}.bias"]
        if name != "fc8":
            values = np.maximum(values, 0)
        out[name] = values
    powers = np.exp(values - values.max())
    out["fc8"] = powers / powers.sum()
    return out

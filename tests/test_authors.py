"""The authors' network, held to the numbers of layers-145.cfg, layer by layer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from model import weights
from model.analysis import keras_code
from model.network import shapes
from model.network.build import build
from model.network.receptive import patch
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    Activation,
    Conv,
    Dense,
    Dropout,
    Normalise,
    Pool,
    Spec,
    Start,
)
from tests.test_normalisation import across, some, within


def small() -> Spec:
    """The same convolutions on 64 pixels, with 8 units in each dense layer."""
    layers = tuple(
        replace(layer, units=8) if isinstance(layer, Dense) else layer
        for layer in AUTHORS.layers
    )
    return replace(AUTHORS, layers=layers, input_size=64)


def test_order_of_its_layers() -> None:
    """Layer 1 is normalised and pooled before its ReLU, layer 5 pooled before it."""
    assert [layer.name for layer in AUTHORS.layers] == [
        *("conv1", "norm1", "pool1", "relu1"),
        *("conv2", "norm2", "norm2b", "pool2"),
        *("conv3", "conv4", "conv5", "pool5", "relu5"),
        *("flatten", "fc6", "drop6", "fc7", "drop7", "fc8"),
    ]
    functions = {conv.name: conv.activation for conv in AUTHORS.convolutions()}
    assert functions == {
        "conv1": "linear",
        "conv2": "relu",
        "conv3": "relu",
        "conv4": "relu",
        "conv5": "linear",
    }
    relus = [layer for layer in AUTHORS.layers if isinstance(layer, Activation)]
    assert {relu.function for relu in relus} == {"relu"}


@pytest.mark.parametrize(
    ("layer", "side", "maps", "parameters"),
    [
        ("conv1", 55, 96, 34_944),
        ("pool1", 27, 96, 0),
        ("conv2", 27, 256, 307_456),
        ("pool2", 13, 256, 0),
        ("conv3", 13, 384, 885_120),
        ("conv4", 13, 384, 663_936),
        ("conv5", 13, 256, 442_624),
        ("pool5", 6, 256, 0),
    ],
)
def test_maps_of_each_layer(layer: str, side: int, maps: int, parameters: int) -> None:
    row = shapes.layer_info(AUTHORS, layer)
    assert (row.output, row.parameters) == ((side, side, maps), parameters)


def test_its_counts() -> None:
    total = shapes.totals(AUTHORS)
    assert total.parameters == 60_965_224
    assert total.neurons == 659_272
    assert shapes.layer_info(AUTHORS, "conv1").neurons == 290_400
    fc6 = next(s for s in shapes.steps(AUTHORS) if s.layer.name == "fc6")
    assert fc6.inputs == 9_216
    assert AUTHORS.input_size == 224
    assert [conv.groups for conv in AUTHORS.convolutions()] == [1, 2, 1, 2, 2]
    windows = [
        (x.size, x.stride, x.kind) for x in AUTHORS.layers if isinstance(x, Pool)
    ]
    assert windows == [(3, 2, "max")] * 3
    rates = {x.name: x.rate for x in AUTHORS.layers if isinstance(x, Dropout)}
    assert rates == {"drop6": 0.5, "drop7": 0.5}


def test_its_last_window_hangs_over_by_three() -> None:
    """1 + ceil((224 - 11) / 4) = 55, with zeros to the right and below."""
    step = shapes.steps(AUTHORS)[0]
    assert shapes.edges(step.layer, 224) == (0, 3)
    assert step.exact == 55 == 1 + -(-(224 - 11) // 4)
    assert patch(AUTHORS, "conv1", 0, 0) == (0, 0, 11, 11)
    assert patch(AUTHORS, "conv1", 54, 54) == (216, 216, 224, 224)
    assert 216 + 11 - 224 == 3
    over = [
        (row, column)
        for row in range(55)
        for column in range(55)
        if max(row, column) * 4 + 11 > 224
    ]
    assert len(over) == 109 == 55**2 - 54**2
    assert {max(place) for place in over} == {54}


def test_its_normalisations() -> None:
    """Settings 0.0001 over 5 and 0.001 over 25; k is 2 across maps and 1 within."""
    norms = [x for x in AUTHORS.layers if isinstance(x, Normalise)]
    assert [norm.alpha for norm in norms] == pytest.approx([2e-5, 2e-5, 4e-5])
    assert [norm.k for norm in norms] == [2, 2, 1]
    assert {norm.beta for norm in norms} == {0.75} and {norm.n for norm in norms} == {5}
    assert [norm.groups for norm in norms] == [2, 2, 1]
    assert [norm.within for norm in norms] == [False, False, True]


STARTS = {
    "conv1": Start(0.01),
    "conv2": Start(0.01, 1),
    "conv3": Start(0.03),
    "conv4": Start(0.03, 1),
    "conv5": Start(0.03, 1),
    "fc6": Start(0.01, 1),
    "fc7": Start(0.01, 1),
    "fc8": Start(0.01),
}


def test_its_initial_weights_as_said_and_as_built() -> None:
    said = {x.name: x.start for x in AUTHORS.layers if isinstance(x, Conv | Dense)}
    assert said == STARTS
    net = build(small())
    for name, start in STARTS.items():
        kernel, bias = net.get_layer(name).get_weights()
        assert set(bias.tolist()) == {start.bias}
        spread = 5 * start.deviation / np.sqrt(2 * kernel.size)
        assert kernel.std() == pytest.approx(start.deviation, abs=spread)


def test_the_papers_initial_weights_differ_in_three_layers() -> None:
    """Section 5: 0.01 in every layer, biases of 1 in the same layers."""
    for name, start in STARTS.items():
        paper = ORIGINAL.layer(name)
        assert isinstance(paper, Conv | Dense)
        assert paper.start == Start(0.01, start.bias)


def test_what_differs_from_the_papers_network() -> None:
    found = {(d.layer, d.what) for d in shapes.differences(AUTHORS, ORIGINAL)}
    assert found == {
        ("input", "output"),
        *(("conv1", "padding"), ("conv1", "activation")),
        *(("norm1", "alpha"), ("norm1", "groups"), ("relu1", "only")),
        *(("norm2", "alpha"), ("norm2", "groups"), ("norm2b", "only")),
        *(("conv3", "deviation"), ("conv4", "deviation")),
        *(("conv5", "activation"), ("conv5", "deviation"), ("relu5", "only")),
    }


def test_first_layers_as_built_against_plain_numpy() -> None:
    """From an image to pool2, each layer on what the loops make of the one before."""
    spec = small()
    net = build(spec)
    for conv in spec.convolutions():  # large enough for the squares to count
        layer = net.get_layer(conv.name)
        layer.kernel.assign(layer.kernel * 20)

    def layer(name: str, a: np.ndarray) -> np.ndarray:
        return np.asarray(net.get_layer(name)(a.astype(np.float32)))

    image = np.clip(some(1, 64, 64, 3), -128, 127)
    padded = np.pad(image, [(0, 0), (0, 3), (0, 3), (0, 0)])
    kernel, bias = (np.asarray(w) for w in net.get_layer("conv1").get_weights())
    side = 1 + -(-(64 - 11) // 4)
    conv1 = np.empty((1, side, side, 96))
    for y, x in np.ndindex(side, side):
        window = padded[0, 4 * y : 4 * y + 11, 4 * x : 4 * x + 11]
        conv1[0, y, x] = np.tensordot(window, kernel, 3) + bias
    norm1 = across(conv1, 5, 2, 2e-5, 0.75, 2)
    relu1 = np.maximum(pooled(norm1), 0)
    rows = layer("conv1_pad", image)
    for name in ("conv1", "norm1", "pool1", "relu1"):
        rows = layer(name, rows)
    assert conv1.min() < -100 and conv1.max() > 100
    np.testing.assert_allclose(rows, relu1, rtol=1e-3, atol=1e-3)
    # ReLU first, as in the paper, is another network: negative squares count here.
    paper = pooled(across(np.maximum(conv1, 0), 5, 2, 2e-5, 0.75, 2))
    assert np.abs(paper - relu1).max() > 1

    conv2 = layer("conv2", layer("conv2_pad", relu1))
    norm2 = across(conv2, 5, 2, 2e-5, 0.75, 2)
    norm2b = within(norm2, 5, 1, 4e-5, 0.75)
    rows = layer("pool2", layer("norm2b", layer("norm2", conv2)))
    np.testing.assert_allclose(rows, pooled(norm2b), rtol=1e-3, atol=1e-3)
    assert conv2.min() == 0 and np.abs(norm2b - norm2).max() > 1


def pooled(a: np.ndarray) -> np.ndarray:
    """The maximum of 3 x 3 windows at a stride of 2: (1, H, W, C)."""
    side = (a.shape[1] - 3) // 2 + 1
    b = np.empty((1, side, side, a.shape[3]))
    for y, x in np.ndindex(side, side):
        b[0, y, x] = a[0, 2 * y : 2 * y + 3, 2 * x : 2 * x + 3].max((0, 1))
    return b


def test_its_code_says_the_overhang_and_the_initial_weights() -> None:
    padding, *conv1 = keras_code.lines_of(AUTHORS, "conv1")
    assert padding == "ZeroPadding2D(((0, 3), (0, 3))),"
    assert conv1 == [
        "Conv2D(",
        "    96, (11, 11), strides=4,",
        "    kernel_initializer=RandomNormal(stddev=0.01),",
        "),  # conv1 55×55×96",
    ]
    assert keras_code.lines_of(AUTHORS, "relu5") == [
        'Activation("relu"),  # relu5 6×6×256'
    ]
    conv4 = "\n".join(keras_code.lines_of(AUTHORS, "conv4"))
    assert 'RandomNormal(stddev=0.03), bias_initializer="ones"' in conv4
    norm1, norm2b = (
        "\n".join(keras_code.lines_of(AUTHORS, n)) for n in ("norm1", "norm2b")
    )
    assert "return part / (2.0 + 0.00002 * around) ** 0.75" in norm1
    assert "return inputs / (1.0 + 0.00004 * around) ** 0.75" in norm2b


def test_no_weights_are_offered_because_none_were_trained_so() -> None:
    """The page says: Caffe's ReLU comes first, k is 1, no normalisation in each map."""
    for row in weights.REGISTRY.values():
        assert {d.layer for d in shapes.differences(row.spec, AUTHORS)} & {"norm1"}
    caffe = weights.get("original").spec
    found = {
        (d.layer, d.what): (d.ours, d.theirs)
        for d in shapes.differences(caffe, AUTHORS)
    }
    assert found[("conv1", "activation")] == ("relu", "linear")
    assert found[("norm1", "k")] == (1, 2)
    assert found[("norm2b", "only")][0] is None
    torch = shapes.differences(weights.get("torchvision").spec, AUTHORS)
    assert {("norm1", "only"), ("conv1", "filters")} <= {
        (d.layer, d.what) for d in torch
    }

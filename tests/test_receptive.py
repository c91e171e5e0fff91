"""The patch that a position sees: by arithmetic, and by changing pixels."""

import numpy as np
import pytest

from model.network.receptive import patch
from model.network.shapes import table
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    SIMPLIFIED,
    TORCHVISION,
    Conv,
    Pool,
    Spec,
)


def test_conv1_without_padding() -> None:
    assert patch(SIMPLIFIED, "conv1", 0, 0) == (0, 0, 11, 11)
    assert patch(SIMPLIFIED, "conv1", 2, 53) == (8, 212, 19, 223)


def test_padding_reaches_outside_and_is_clipped() -> None:
    assert patch(TORCHVISION, "conv1", 0, 0) == (0, 0, 9, 9)


def test_zeros_after_the_last_pixel_move_nothing() -> None:
    assert patch(AUTHORS, "conv1", 3, 3) == patch(ORIGINAL, "conv1", 3, 3)
    assert patch(AUTHORS, "conv1", 54, 53) == (216, 212, 224, 223)
    assert patch(AUTHORS, "relu1", 26, 26) == (208, 208, 224, 224)


def test_the_input_sees_itself() -> None:
    assert patch(SIMPLIFIED, "input", 5, 7) == (5, 7, 6, 8)


@pytest.mark.parametrize(
    "spec", [SIMPLIFIED, ORIGINAL, AUTHORS, TORCHVISION], ids=lambda s: s.name
)
@pytest.mark.parametrize("name", ["conv2", "pool2", "conv5"])
def test_in_the_middle_it_is_the_receptive_field(spec: Spec, name: str) -> None:
    rows = {row.name: row for row in table(spec)}
    middle = rows[name].output[0] // 2
    top, left, bottom, right = patch(spec, name, middle, middle)
    assert bottom - top == right - left == rows[name].field


def test_pixels_outside_do_not_matter_and_those_inside_do() -> None:
    """On a small network with the same windows, by running it."""
    from model.network.build import build

    spec = Spec(
        "small", "small", 2012, "", 47, 1,
        (Conv("a", 3, 5, 2, padding="same"), Pool("b"), Conv("c", 2, 3, padding=1)),
    )  # fmt: skip
    network = build(spec)
    for weights in network.trainable_variables:  # all positive: no unit is off
        weights.assign(np.abs(np.asarray(weights)))
    rng = np.random.default_rng(0)
    x = rng.uniform(size=(1, 47, 47, 1)).astype(np.float32)
    before = np.asarray(network(x))[0]
    row, column = 5, 1
    top, left, bottom, right = patch(spec, "c", row, column)
    outside = rng.uniform(size=x.shape).astype(np.float32)
    outside[:, top:bottom, left:right] = x[:, top:bottom, left:right]
    np.testing.assert_allclose(
        np.asarray(network(outside))[0, row, column], before[row, column], atol=1e-5
    )
    inside = x.copy()
    inside[:, top:bottom, left:right] += 5
    assert not np.allclose(
        np.asarray(network(inside))[0, row, column], before[row, column]
    )


def test_dense_layers_have_no_patch() -> None:
    with pytest.raises(KeyError, match="no maps"):
        patch(SIMPLIFIED, "fc6", 0, 0)
    with pytest.raises(KeyError, match="conv9"):
        patch(SIMPLIFIED, "conv9", 0, 0)

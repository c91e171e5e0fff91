"""Both response normalisations against plain loops, and where the lab puts them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from lab import networks
from lab.experiments import Arm
from model.network import shapes
from model.network.build import LocalResponseNormalisation, build
from model.network.specs import Normalise, Pool, Spec


def across(
    a: NDArray[Any], n: int, k: float, alpha: float, beta: float, groups: int
) -> NDArray[Any]:
    """The paper's formula, number by number: (N, H, W, C)."""
    b, own = np.empty_like(a), a.shape[3] // groups
    for place in np.ndindex(a.shape):
        *where, i = place
        first = i // own * own
        low, high = max(first, i - n // 2), min(first + own - 1, i + n // 2)
        squares = sum(a[(*where, j)] ** 2 for j in range(low, high + 1))
        b[place] = a[place] / (k + alpha * squares) ** beta
    return b


def within(
    a: NDArray[Any], n: int, k: float, alpha: float, beta: float
) -> NDArray[Any]:
    """cuda-convnet's rnorm, number by number: (N, H, W, C)."""
    _, height, width, _ = a.shape
    b, half = np.empty_like(a), n // 2
    for image, y, x, i in np.ndindex(a.shape):
        squares = 0.0
        for v in range(max(0, y - half), min(height, y + half + 1)):
            for u in range(max(0, x - half), min(width, x + half + 1)):
                squares += a[image, v, u, i] ** 2
        b[image, y, x, i] = a[image, y, x, i] / (k + alpha * squares) ** beta
    return b


def some(*shape: int) -> NDArray[Any]:
    """Pre-activations of the size that 0 to 255 gives, negative ones too."""
    return np.random.default_rng(2012).normal(0, 200, shape)


def ours(a: NDArray[Any], **numbers: Any) -> NDArray[Any]:
    layer = LocalResponseNormalisation(**numbers)
    copy = LocalResponseNormalisation.from_config(layer.get_config())
    return np.asarray(copy(a.astype(np.float32)))


@pytest.mark.parametrize("groups", [1, 2, 3])
@pytest.mark.parametrize("n", [3, 5, 9])
def test_across_the_maps_of_each_group(n: int, groups: int) -> None:
    a = some(2, 3, 4, 12)
    wanted = across(a, n, 2, 2e-5, 0.75, groups)
    found = ours(a, n=n, k=2, alpha=2e-5, groups=groups)
    np.testing.assert_allclose(found, wanted, rtol=2e-5)
    assert np.abs(wanted - a / 2**0.75).max() > 5, "the squares count"


@pytest.mark.parametrize("n", [3, 5])
def test_within_a_map(n: int) -> None:
    a = some(2, 7, 6, 3)
    wanted = within(a, n, 1, 1e-3 / n**2, 0.75)
    found = ours(a, n=n, k=1, alpha=1e-3 / n**2, within=True)
    np.testing.assert_allclose(found, wanted, rtol=2e-5)
    assert np.abs(wanted - a).max() > 20, "the squares count"


def test_the_authors_numbers_across_maps() -> None:
    """Their files' 0.0001 is divided by 5 before it is used."""
    a = np.array([10, 20, 30, 40, 50], np.float32).reshape(1, 1, 1, 5)
    found = ours(a, n=5, k=2, alpha=1e-4 / 5, beta=0.75).ravel()
    assert found == pytest.approx(
        [5.884357, 11.631335, 17.135998, 22.864254, 28.661937], rel=1e-6
    )


# --- cuda-convnet's 18pct -------------------------------------------------------------


def authors_18pct(**changes: Any) -> Spec:
    return networks.spec(Arm("x", network="18pct", **changes), 32, 10)


def test_18pct_is_19pct_with_two_normalisations_within_maps() -> None:
    """layers-18pct.cfg: 3 x 3, scale 5e-5 (over 9), pow 0.75, after pool1 and pool2."""
    spec = authors_18pct()
    names = [layer.name for layer in spec.layers]
    assert names == [
        *("conv1", "pool1", "within1", "conv2", "pool2", "within2"),
        *("conv3", "pool3", "flatten", "fc4"),
    ]
    plain = networks.spec(Arm("x", network="19pct"), 32, 10)
    rest = tuple(x for x in spec.layers if not isinstance(x, Normalise))
    assert rest == plain.layers
    assert shapes.totals(spec).parameters == 89_578
    for name in ("within1", "within2"):
        assert spec.layer(name) == Normalise(name, 3, 1.0, 5e-5 / 9, 0.75, within=True)


def test_18pct_as_built_normalises_what_its_pools_give() -> None:
    spec = authors_18pct(initialisation="2012")
    net = build(spec)
    assert net.count_params() == 89_578
    for pool in [x for x in spec.layers if isinstance(x, Pool)][:2]:
        layer = net.get_layer(pool.name.replace("pool", "within"))
        assert layer.input is net.get_layer(pool.name).output
        a = np.abs(some(1, *layer.input.shape[1:]))
        np.testing.assert_allclose(
            np.asarray(layer(a.astype(np.float32))),
            within(a, 3, 1, 5e-5 / 9, 0.75),
            rtol=2e-5,
        )


def test_a_normalisation_across_maps_can_be_asked_for_besides() -> None:
    spec = authors_18pct(normalise=True)
    norms = [x for x in spec.layers if isinstance(x, Normalise)]
    assert [(x.name, x.within) for x in norms] == [
        *(("norm1", False), ("within1", True)),
        *(("norm2", False), ("within2", True)),
    ]

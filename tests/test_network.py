"""Building with batch normalisation, and folding it into the weights."""

from dataclasses import replace

import numpy as np
import pytest

from model.network import specs
from model.network.build import NORM, build, fold
from model.network.specs import Dense, Spec


def narrow(spec: Spec, size: int) -> Spec:
    """The same network with thin dense layers: quick, and the same code."""
    layers = tuple(
        replace(layer, units=16) if isinstance(layer, Dense) else layer
        for layer in spec.layers
    )
    return replace(spec, layers=layers, input_size=size)


@pytest.mark.parametrize("spec", [specs.SIMPLIFIED, specs.ORIGINAL])
def test_folding_changes_no_answer_and_leaves_the_plain_network(spec: Spec) -> None:
    small = narrow(spec, 104)
    trained, folded = build(small, batch_norm=True), build(small)
    random = np.random.default_rng(0)
    for layer in trained.layers:  # outputs differ only with weights of some size
        if hasattr(layer, "kernel"):
            shape = layer.kernel.shape
            deviation = (2 / np.prod(shape[:-1])) ** 0.5
            layer.kernel.assign(random.normal(0, deviation, shape))
    norms = [layer for layer in trained.layers if layer.name.endswith(NORM)]
    assert len(norms) == 7  # all layers with weights but the last
    for norm in norms:
        shape = norm.get_weights()[0].shape
        norm.set_weights([random.uniform(0.5, 1.5, shape) for _ in range(4)])
    x = random.normal(size=(3, 104, 104, 3)).astype(np.float32)
    before = np.asarray(trained(x, training=False))
    fold(trained, folded)
    np.testing.assert_allclose(np.asarray(folded(x)), before, rtol=2e-4, atol=1e-5)
    assert before.std() > 1e-3  # it says something
    assert [layer.name for layer in folded.layers] == [
        layer.name for layer in build(small).layers
    ]

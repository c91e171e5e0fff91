"""The code that is shown runs, and makes the network that it stands for."""

from __future__ import annotations

import ast
import gc
from typing import Any

import numpy as np
import pytest

from model.analysis import keras_code
from model.network import shapes
from model.network.specs import (
    AUTHORS,
    ORIGINAL,
    SIMPLIFIED,
    SPECS,
    TORCHVISION,
    Normalise,
    Spec,
)
from tests import access

HELPERS = ("InputLayer", "ZeroPadding2D")
SAME = ("filters", "strides", "groups", "activation", "rate", "pool_size", "units")


def _run(source: str) -> Any:
    names: dict[str, Any] = {"__name__": "shown"}
    exec(compile(source, "shown", "exec"), names)
    return names["model"]


def _values(layer: Any, part: str) -> list[float]:
    """Mean and deviation of what an initialiser makes, one seed for all."""
    initialiser = getattr(layer, part)
    if hasattr(initialiser, "seed"):
        config = initialiser.get_config() | {"seed": 0}
        initialiser = type(initialiser).from_config(config)
    made = np.asarray(initialiser((1_000,), "float32"))
    return [float(made.mean()), float(made.std())]


@pytest.mark.parametrize("name", access.some(list(SPECS), 1))
def test_code_runs_and_is_the_network(name: str) -> None:
    from model.network import build

    spec = SPECS[name]
    shown, built = _run(keras_code.source(spec)), build.build(spec)
    assert not getattr(shown, "compiled", False)
    assert shown.count_params() == built.count_params()
    # model.network pads by hand where the code says "same": leave the padding out.
    ours, theirs = (
        [x for x in model.layers if type(x).__name__ not in HELPERS]
        for model in (shown, built)
    )
    facts = build.describe(built, spec)
    assert [(tuple(x.output.shape[1:]), x.count_params()) for x in ours] == [
        (shape, parameters) for _, shape, parameters in facts
    ]
    for a, b in zip(ours, theirs, strict=True):
        if isinstance(b, build.LocalResponseNormalisation):
            continue  # its numbers are not in the shown one's config but in its code
        assert {k: a.get_config().get(k) for k in SAME} == {
            k: b.get_config().get(k) for k in SAME
        }
        if getattr(spec.layer(b.name), "start", None):
            for part in ("kernel_initializer", "bias_initializer"):
                assert _values(a, part) == pytest.approx(_values(b, part), abs=1e-6)
    shown.set_weights(built.get_weights())
    size = spec.input_size
    x = np.random.default_rng(0).normal(size=(1, size, size, spec.channels))
    np.testing.assert_allclose(
        shown(x.astype("float32")), built(x.astype("float32")), rtol=1e-4, atol=1e-7
    )
    del shown, built
    gc.collect()


@pytest.mark.parametrize(
    ("spec", "layer"),
    [(ORIGINAL, "norm1"), (AUTHORS, "norm1"), (AUTHORS, "norm2b")],
    ids=lambda x: x if isinstance(x, str) else x.name,
)
def test_shown_normalisation_is_ours(spec: Spec, layer: str) -> None:
    from model.network.build import LocalResponseNormalisation

    norm = spec.layer(layer)
    assert isinstance(norm, Normalise)
    names: dict[str, Any] = {}
    definition = keras_code.normalisation(norm)
    exec("import keras\nfrom keras.layers import Layer\n" + definition, names)
    x = np.random.default_rng(0).normal(0, 300, (2, 7, 7, 96)).astype(np.float32)
    shown = np.asarray(names[keras_code.CLASSES[norm.within]]()(x))
    numbers = {k: v for k, v in vars(norm).items() if k != "name"}
    ours = np.asarray(LocalResponseNormalisation(**numbers)(x))
    np.testing.assert_allclose(shown, ours, rtol=1e-4)
    assert np.abs(ours - x).max() > 30, "the squares count"


@pytest.mark.parametrize("name", SPECS)
def test_every_layer_has_a_line_with_its_shape(name: str) -> None:
    spec = SPECS[name]
    for row in shapes.table(spec)[1:]:
        last = keras_code.lines_of(spec, row.name)[-1]
        shape = "×".join(str(n) for n in row.output)
        assert last.endswith(f"# {row.name} {shape}")
    made = [line.layer for line in keras_code.keras_code(spec) if line.layer]
    assert list(dict.fromkeys(made)) == [layer.name for layer in spec.layers]


@pytest.mark.parametrize("name", SPECS)
def test_code_reads_well(name: str) -> None:
    source = keras_code.source(SPECS[name])
    ast.parse(source)
    assert source.endswith("])\n")
    assert max(map(len, source.splitlines())) <= 88


def test_the_lesson_s_lines() -> None:
    calls = [
        line.text.split(",  #")[0].strip() for line in keras_code.keras_code(SIMPLIFIED)
    ]
    assert calls[4:] == [
        "keras.Input((224, 224, 3)),",
        'Conv2D(96, (11, 11), strides=4, activation="relu")',
        "MaxPooling2D((3, 3), strides=2)",
        'Conv2D(256, (5, 5), padding="same", activation="relu")',
        "MaxPooling2D((3, 3), strides=2)",
        'Conv2D(384, (3, 3), padding="same", activation="relu")',
        'Conv2D(384, (3, 3), padding="same", activation="relu")',
        'Conv2D(256, (3, 3), padding="same", activation="relu")',
        "MaxPooling2D((3, 3), strides=2)",
        "Flatten()",
        'Dense(4096, activation="relu")',
        "Dropout(0.5)",
        'Dense(4096, activation="relu")',
        "Dropout(0.5)",
        'Dense(1000, activation="softmax")',
        "])",
    ]


def test_helpers_belong_to_their_layer() -> None:
    padding, conv = keras_code.lines_of(TORCHVISION, "conv1")
    assert padding == "ZeroPadding2D(2),"
    assert conv.startswith("Conv2D(64, (11, 11), strides=4")
    assert "def call" in "\n".join(keras_code.lines_of(ORIGINAL, "norm2"))

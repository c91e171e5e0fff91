"""Sums as the browser computes them, against the network's own activations."""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from model.analysis import arithmetic
from model.network import receptive, shapes
from model.network.specs import SPECS, Conv, Dense, Spec
from paths import ROOT
from tests import browser

NUMBERS = ROOT / "ui" / "kit" / "components" / "arithmetic" / "numbers.js"

# The whole computation of one number, as the component does it. `given.slice` is null
# for a layer without weights.
COMPUTE = """(given) => {
    const bytes = Uint8Array.from(atob(given.packed), x => x.charCodeAt(0));
    const net = unpack(bytes.buffer);
    return given.asked.map(({layer, unit, row, column, slice}) => {
        const stage = net.stages.get(layer);
        const own = activation(stage, unit, row, column);
        const weights = slice && new Float32Array(
            Uint8Array.from(atob(slice), x => x.charCodeAt(0)).buffer);
        const found = {
            conv: () => convolution(net, stage, unit, weights, row, column),
            dense: () => dense(net, stage, weights),
            pool: () => pooling(net, stage, unit, row, column),
            normalise: () => normalisation(net, stage, unit, row, column),
            activation: () => {
                const before = net.stages.get(stage.input);
                const x = activation(before, unit, row, column);
                return {value: activate[stage.activation](x)};
            },
        }[stage.kind]();
        const field = stage.shape.length === 3
            ? receptiveField(net, stage, row, column) : null;
        return {value: found.value, sum: found.sum ?? null, own, field};
    });
}"""


def small(spec: Spec) -> Spec:
    """The same layers with narrow dense ones: their sums are the same arithmetic."""
    from dataclasses import replace

    layers = tuple(
        replace(x, units=min(x.units, 40)) if isinstance(x, Dense) else x
        for x in spec.layers
    )
    return replace(spec, layers=layers)


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    chromium = browser.find_chromium()
    if chromium is None and not browser.REQUIRED:
        pytest.skip(browser.NO_CHROMIUM)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        window = driver.chromium.launch(
            executable_path=chromium, args=browser.ARGUMENTS
        )
        page = window.new_page()
        page.add_script_tag(content=NUMBERS.read_text("utf-8"))
        yield page
        window.close()


def outputs(model: Any, spec: Spec, x: np.ndarray) -> dict[str, np.ndarray]:
    import keras

    layers = {one.name: model.get_layer(one.name).output for one in spec.layers}
    every = keras.Model(model.inputs, layers)
    found = every([x], training=False)
    return {"input": x[0]} | {k: np.asarray(v)[0] for k, v in found.items()}


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("seed", [0, 1])
def test_sums_are_the_networks_activations(page: Any, name: str, seed: int) -> None:
    """To 1e-4 of the layer's largest value, at any position of every layer."""
    from base64 import b64encode

    import keras

    from model.network.build import build

    spec = small(SPECS[name])
    keras.utils.set_random_seed(seed)
    model = build(
        spec,
        lambda layer: (
            {"kernel_initializer": "he_normal", "bias_initializer": "normal"}
            if isinstance(layer, Conv | Dense)
            else {}
        ),
    )
    rng = np.random.default_rng(seed)
    side = spec.input_size
    x = rng.normal(size=(1, side, side, spec.channels)).astype(np.float32)
    found = outputs(model, spec, x)
    asked, largest = [], []
    for stage in arithmetic.stages(spec)[1:]:
        shape = stage["shape"]
        height, width, units = shape if len(shape) == 3 else (1, 1, shape[0])
        places = [(0, 0), (height - 1, width - 1), (0, width - 1)]
        places += [(int(rng.integers(height)), int(rng.integers(width)))] * 5
        for row, column in places:
            unit = int(rng.integers(units))
            slice_ = None
            if stage["kind"] in ("conv", "dense"):
                kernel, bias = map(
                    np.asarray, model.get_layer(stage["name"]).get_weights()
                )
                data = arithmetic.kernel_slice(kernel, bias, unit)
                slice_ = b64encode(data).decode()
            asked.append(
                {"layer": stage["name"], "unit": unit, "row": row, "column": column}
                | {"slice": slice_}
            )
            largest.append(float(np.abs(found[stage["name"]]).max()))
    packed = arithmetic.pack(spec, found)
    given = {"packed": b64encode(packed).decode(), "asked": asked}
    answers = page.evaluate(COMPUTE, given)
    for one, top, answer in zip(asked, largest, answers, strict=True):
        layer, unit = one["layer"], one["unit"]
        own = found[layer]
        expected = float(
            own[one["row"], one["column"], unit] if own.ndim == 3 else own[unit]
        )
        assert answer["own"] == pytest.approx(expected, abs=2e-5 * top), one
        if getattr(spec.layer(layer), "activation", "") != "softmax":
            assert answer["value"] == pytest.approx(expected, abs=1e-4 * top), one
        if own.ndim == 3:
            field = receptive.patch(spec, layer, one["row"], one["column"])
            assert tuple(answer["field"]) == field, one


def test_logits_and_probabilities_at_a_temperature(page: Any) -> None:
    rng = np.random.default_rng(3)
    logits = rng.normal(size=200) * 4
    raw = np.exp(logits) / np.exp(logits).sum()
    found = page.evaluate(
        "([p, unit, logit, t]) => softmax(p, unit, logit, t)",
        [raw.tolist(), 17, float(logits[17]), 1.2],
    )
    assert found["logits"] == pytest.approx(logits.tolist(), abs=1e-6)
    from model.analysis.calibration import at_temperature

    assert found["probabilities"] == pytest.approx(
        at_temperature(raw, 1.2).tolist(), abs=1e-9
    )


def test_an_input_of_the_first_dense_layer_has_a_place(page: Any) -> None:
    array = np.arange(6 * 5 * 7).reshape(6, 5, 7)
    stage = {"shape": list(array.shape)}
    for at in (0, 6, 7, 34, 35, 209):
        channel, row, column = page.evaluate(
            "([stage, at]) => flattened(stage, at)", [stage, at]
        )
        assert array[row, column, channel] == array.reshape(-1)[at]


@pytest.mark.parametrize("name", SPECS)
def test_stages_are_the_layers_that_compute(name: str) -> None:
    spec = SPECS[name]
    found = arithmetic.stages(spec)
    rows = {row.name: row for row in shapes.table(spec)}
    kinds = {rows[x.name].kind for x in spec.layers} - {"dropout", "flatten"}
    assert {one["kind"] for one in found[1:]} == kinds
    assert [one.get("input") for one in found] == [
        None,
        *(one["name"] for one in found[:-1]),
    ]
    for one in found:
        assert tuple(one["shape"]) == rows[one["name"]].output


def test_a_pack_says_what_its_numbers_are() -> None:
    spec = SPECS["lenet5"]
    rng = np.random.default_rng(0)
    values = {
        row.name: rng.normal(size=row.output).astype(np.float32)
        for row in shapes.table(spec)
    }
    packed = arithmetic.pack(spec, values, ["nought", "one"], 1.3)
    (length,) = struct.unpack_from("<I", packed)
    head = json.loads(packed[4 : 4 + length])
    assert head["classes"] == ["nought", "one"]
    assert head["temperature"] == 1.3
    assert (4 + length) % 4 == 0
    first = head["stages"][0]
    assert first["at"] == 0
    assert "step" not in first  # 1,024 numbers: exact
    sent = np.frombuffer(packed, "<f4", 1024, 4 + length)
    assert np.array_equal(sent, values["input"].ravel())


def test_a_layer_without_a_spread_is_packed() -> None:
    spec = SPECS["torchvision"]
    values = {row.name: np.zeros(row.output, np.float32) for row in shapes.table(spec)}
    packed = arithmetic.pack(spec, values)
    assert not any(packed[-1000:])


def test_a_unit_that_is_not_there() -> None:
    with pytest.raises(IndexError, match="below 4"):
        arithmetic.kernel_slice(np.zeros((3, 3, 2, 4)), np.zeros(4), 4)

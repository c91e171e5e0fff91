"""One picture, one probability: the same printed number wherever it is shown."""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.questions.answers import Reading
from model import measured, runtime, weights
from tests.components import components
from tests.test_pages import said, visit
from ui.kit import cache
from ui.kit.components import mosaic
from ui.kit.components.mosaic import MosaicTexts
from ui.kit.network import feature_maps
from ui.quiz import map_reading

NAME = weights.DEFAULT
SAMPLES = ("coffee", "dog", "cat")  # from sure to doubted


@pytest.fixture(scope="module", autouse=True)
def network() -> None:
    runtime.network(NAME)


@pytest.fixture
def tips(monkeypatch: pytest.MonkeyPatch) -> list[MosaicTexts]:
    """What each mosaic that is drawn was given."""
    given: list[MosaicTexts] = []
    monkeypatch.setattr(
        mosaic, "mosaic", lambda _, __, texts, **___: given.append(texts)
    )
    return given


def raw(sample: str) -> Any:
    """The softmax as it leaves the network."""
    return cache.activations(NAME, cache.sample_picture(sample))["fc8"]


def expected(sample: str) -> tuple[str, float]:
    """The predicted class and its calibrated probability, by the formula."""
    logits = (
        np.log(raw(sample).astype(np.float64)) / measured.evaluation(NAME).temperature
    )
    shares = np.exp(logits) / np.exp(logits).sum()
    best = int(shares.argmax())
    return weights.class_names(NAME)[best], float(shares[best])


def bars(app: AppTest) -> list[str]:
    texts = [bar.proto.text for bar in app.get("progress")]
    return [text for text in texts if re.search(r" · [\d.]+%$", text)]


def test_the_samples_can_tell_calibrated_from_raw() -> None:
    """Else the tests below would pass with either."""
    for sample in SAMPLES:
        assert f"{raw(sample).max():.1%}" != f"{expected(sample)[1]:.1%}", sample


@pytest.mark.parametrize("sample", SAMPLES)
def test_home_feature_maps_and_the_lesson_agree(sample: str) -> None:
    name, share = expected(sample)
    home = said(visit("home", picture=sample))
    assert f"**{name}** {share:.1%}" in home
    bar = f"{name} · {share:.1%}"
    assert bars(visit("feature_maps", picture=sample))[0] == bar
    assert bars(visit("lesson", step="start", picture=sample))[0] == bar
    flow = said(visit("lesson", step="flow", picture=sample))
    assert f"**{name}** ({share:.1%})" in flow
    (masks,) = components(visit("lesson", step="dropout", picture=sample), "stops")
    for rows in masks["tables"]["bodies"]:
        assert rows[0][1:3] == [name, f"{share:.1%}"]
    (kept,) = components(
        visit("lesson", step="analogy", picture=sample, reveal="1"), "stops"
    )
    assert kept["stops"][kept["opens"]]["rows"] == [name, f"{share:.1%}"]


def test_home_names_no_class_that_is_hardly_probable() -> None:
    """A sure prediction is not followed by classes that are noise."""
    assert "Then:" not in said(visit("home", picture="dog"))
    cat = cache.prediction(
        NAME, cache.activations(NAME, cache.sample_picture("cat"))
    )  # two at 10% or more
    assert cat.probabilities[1] >= 0.1 > cat.probabilities[2]
    second = weights.class_names(NAME)[cat.classes[1]]
    home = said(visit("home", picture="cat"))
    assert f"Then: {second} (probability {cat.probabilities[1]:.1%})." in home


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_last_layers_unit_and_its_tooltip_agree(
    sample: str, tips: list[MosaicTexts]
) -> None:
    name, share = expected(sample)
    app = visit("feature_maps", picture=sample, layer="fc8")
    assert f"Probability **{share:.2%}**, rank 1 of 200" in said(app)
    names, values = tips[-1].values
    assert isinstance(values, mosaic.Numbers)
    assert f"{values.of[names.index(name)]:.2%}" == f"{share:.2%}"
    assert values.form["maximumFractionDigits"] == 2
    assert f"the largest value is {share:.3g}, in unit" in tips[-1].alt
    table = cache.layer(NAME, cache.sample_picture(sample), "fc8")
    assert f"{table.max():.3g}" == f"{share:.3g}"  # what its CSV holds
    flow = said(visit("lesson", step="flow", flow="fc8", picture=sample))
    assert f"the largest value is {share:.3g}, in unit" in flow


@pytest.mark.parametrize("sample", SAMPLES)
def test_the_quiz_takes_the_number_that_the_pages_print(sample: str) -> None:
    layers = cache.activations(NAME, cache.sample_picture(sample))
    reading = Reading("probability", "fc8", 0)
    found = map_reading.measure(reading, layers, cache.prediction(NAME, layers))
    assert found.value == pytest.approx(100 * expected(sample)[1], rel=1e-4)


def test_what_is_said_of_the_last_layer_is_what_is_done() -> None:
    row = weights.get(NAME)
    _, say = feature_maps.layer_words(row, "fc8")
    assert f"each logit is divided by {measured.evaluation(NAME).temperature}" in say
    assert "calibrated" not in feature_maps.layer_words(weights.get("random"), "fc8")[1]
    outputs = np.array([[0.2, 0.8], [0.5, 0.5]])
    assert (measured.probabilities("random", outputs) == outputs).all()

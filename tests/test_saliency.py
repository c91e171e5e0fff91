"""Rank correlation, concentration, and the sentences that are built on them."""

from __future__ import annotations

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from model import weights
from model.analysis import saliency
from paths import ROOT
from ui.kit import cache, words
from ui.network.feature_maps import saliency as panel


def test_rank_correlation() -> None:
    rng = np.random.default_rng(0)
    one = rng.normal(size=(12, 12))
    assert saliency.rank_correlation(one, np.exp(one)) == pytest.approx(1)
    assert saliency.rank_correlation(one, -one) == pytest.approx(-1)
    assert abs(saliency.rank_correlation(one, rng.normal(size=(12, 12)))) < 0.3
    assert saliency.rank_correlation(one, np.zeros((12, 12))) == 0
    # With ties: the known value of [1, 2, 2, 3] against [1, 2, 3, 4].
    found = saliency.rank_correlation(np.array([1, 2, 2, 3]), np.array([1, 2, 3, 4]))
    assert found == pytest.approx(0.9486833)


def test_half_of_a_map() -> None:
    point = np.zeros((10, 10))
    assert saliency.half_of(point) == 0
    point[3, 4] = 1
    assert saliency.half_of(point) == 0.01
    assert saliency.half_of(np.ones((10, 10))) == 0.5


def test_strength_is_the_largest_size_of_a_pixel() -> None:
    gradient = np.array([[[0.1, -0.5, 0.2]]])
    assert saliency.strength(gradient)[0, 0] == 0.5


def test_a_map_that_random_weights_give_too_is_said_to_be_one() -> None:
    text = words.page("feature_maps").table("saliency")
    one = np.random.default_rng(1).random((20, 20))
    other = np.random.default_rng(2).random((20, 20))
    assert panel.check(one, one) == text["alike"].format(correlation="1.00")
    found = f"{saliency.rank_correlation(one, other):.2f}".replace("-", "−")
    assert panel.check(one, other) == text["differs"].format(correlation=found)


def visit(**query: str) -> str:
    """What /feature-maps says, where the maps of saliency are shown."""
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=120)
    query = {"saliency": "1", **query}
    app.query_params.update(query)
    app.run()
    app.query_params.update(query)
    app.switch_page("../pages/feature_maps.py").run()
    assert not app.exception, [x.message for x in app.exception]
    return "\n".join(x.value for x in (*app.main.markdown, *app.main.caption))


@pytest.mark.parametrize("sample", ["dog", "coffee", "rocket"])
def test_the_page_says_what_the_maps_are(sample: str) -> None:
    text = words.page("feature_maps").table("saliency")
    said = visit(picture=sample, layer="conv5", unit="12")
    picture = cache.sample_picture(sample)
    shares = cache.layer(weights.DEFAULT, picture, "fc8")
    first = int(shares.argmax())
    cam = cache.grad_cam(weights.DEFAULT, picture, first)
    name = weights.class_names(weights.DEFAULT)[first]
    half = f"{saliency.half_of(cam):.0%}"
    assert text["grad_cam"].format(name=name, layer="conv5", half=half) in said
    classes = weights.get(panel.RANDOM).spec.classes
    other = cache.grad_cam(panel.RANDOM, picture, first % classes)
    assert panel.check(cam, other) in said
    guided = cache.guided_gradient(weights.DEFAULT, picture, "conv5", 12)
    half = f"{saliency.half_of(guided):.0%}"
    assert text["guided"].format(unit=12, layer="conv5", half=half) in said


def test_of_random_weights_nothing_is_checked_against_themselves() -> None:
    text = words.page("feature_maps").table("saliency")
    said = visit(weights="random", layer="conv2", unit="3")
    assert text["about"] in said
    for form in ("alike", "differs"):
        assert text[form].split("{")[0] not in said


def test_a_layer_without_weights_has_no_such_maps() -> None:
    text = words.page("feature_maps").table("saliency")
    assert text["about"] not in visit(layer="pool1", unit="3")
    assert text["about"] in visit(layer="fc8")

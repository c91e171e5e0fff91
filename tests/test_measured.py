"""What is known of a weight set: read back, and what the pages conclude from it."""

import json
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest

from model import card_page, measured, weights
from model.analysis import filters
from paths import ROOT

NAME = "tiny-imagenet"
SHIPPED = measured.evaluation(NAME)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder of measurements."""
    monkeypatch.setattr(measured, "FOLDER", tmp_path)
    for read in (
        measured.evaluation,
        measured.history,
        measured.typical,
        measured.best,
    ):
        read.cache_clear()
        monkeypatch.setattr(measured, read.__name__, read)
    yield tmp_path
    for read in (
        measured.evaluation,
        measured.history,
        measured.typical,
        measured.best,
    ):
        read.cache_clear()


def test_a_set_without_measurements_is_answered_as_it_speaks(folder: Path) -> None:
    assert measured.evaluation("x") is measured.history("x") is measured.typical("x")
    said = np.array([0.1, 0.7, 0.2])
    answer = measured.predict("x", said, np.ones(8), count=2)
    assert answer.classes == (1, 2)
    assert answer.probabilities == pytest.approx((0.7, 0.2))
    assert not answer.doubted and answer.farther is None


def test_an_answer_is_cooled_and_doubted(folder: Path) -> None:
    table = asdict(replace(SHIPPED, temperature=2.0, threshold=0.6))
    (folder / "x.json").write_text(json.dumps(table))
    answer = measured.predict("x", np.array([0.1, 0.8, 0.1]), np.ones(8))
    cooled = np.sqrt([0.1, 0.8, 0.1]) / np.sqrt([0.1, 0.8, 0.1]).sum()
    assert answer.probabilities[0] == pytest.approx(cooled[1])
    assert answer.doubted
    assert not measured.predict("x", np.array([0.0, 1.0, 0.0]), np.ones(8)).doubted


def test_typical_is_the_share_that_lies_farther(folder: Path) -> None:
    quantiles = np.linspace(0, 1, measured.STEPS + 1)  # distances spread evenly
    np.savez(
        folder / "x-typical.npz",
        mean=np.array([[255, 0], [0, 255]], np.uint8),
        scale=np.ones(2, np.float32),
        spread=np.stack([quantiles, quantiles]).astype(np.float32),
    )
    space = measured.typical("x")
    assert space.farther(0, np.array([3.0, 0.0])) == pytest.approx(1)
    assert space.farther(1, np.array([3.0, 0.0])) == pytest.approx(0)
    assert space.farther(0, np.array([1.0, 1.0])) == pytest.approx(np.sqrt(0.5))
    assert space.farther(0, np.zeros(2)) == pytest.approx(0)


def test_the_best_of_each_map_is_that_of_the_photographs_and_weights(folder) -> None:
    """What is shipped of it, and what would be computed now."""
    from model import best, runtime

    assert measured.best("x") is None
    with np.load(ROOT / "assets" / "weights" / f"{NAME}-best.npz") as shipped:
        look = runtime.network(NAME).activations
        found = best.on_photographs(weights.get(NAME).spec, look)
        assert set(shipped.files) == set(found)
        assert {"input", "conv1", "conv5", "pool5"} <= set(found)
        for layer, values in found.items():
            np.testing.assert_allclose(shipped[layer], values, rtol=0.01, atol=0.01)


def test_shares_of_the_best_are_zero_where_none_is_known() -> None:
    from model import best

    found = best.shares(np.array([1.0, 2.0, 3.0]), np.array([2.0, 1.0, 0.0]))
    assert found.tolist() == [0.5, 2.0, 0.0]


def test_filters_survive_eight_bits() -> None:
    random = np.random.default_rng(0)
    kernels = [
        random.normal(0, 0.01, (11, 11, 3, 5)),
        random.normal(size=(11, 11, 3, 5)),
    ]
    codes, scale = measured.pack_filters(kernels)
    nothing = np.zeros(2)
    kept = measured.History(nothing, nothing, nothing, nothing, nothing, codes, scale)
    for report, kernel in enumerate(kernels):
        largest = np.abs(kernel).max(axis=(0, 1, 2))
        error = np.abs(kept.filters(report) - kernel).max(axis=(0, 1, 2))
        assert (error <= largest / 127 * 0.51).all()


def test_the_history_ends_with_the_filters_that_are_shipped() -> None:
    history = measured.history(NAME)
    kernel, _ = weights.first_layer(NAME)
    last = history.filters(len(history.shown) - 1)
    assert np.abs(last - kernel).max() <= np.abs(kernel).max() / 100
    assert filters.clear(history.filters(0)).mean() <= 0.05  # it began with noise
    assert (np.diff(history.shown) > 0).all() and history.shown[0] == 0
    assert history.size[-1] == weights.get(NAME).spec.input_size


def test_the_figures_are_those_of_the_shipped_filters() -> None:
    found = filters.measure(weights.first_layer(NAME)[0])
    assert SHIPPED.clear_orientation == found.clear_orientation.sum()
    assert SHIPPED.clear_colour == found.clear_colour.sum()
    assert SHIPPED.dead_filters == found.dead.sum()
    assert len(SHIPPED.class_accuracy) == weights.get(NAME).spec.classes
    assert np.mean(SHIPPED.class_accuracy) == pytest.approx(SHIPPED.top1, abs=1e-4)
    assert SHIPPED.ece_after <= SHIPPED.ece_before


def test_the_card_says_what_was_measured() -> None:
    written = (measured.FOLDER / f"{NAME}.md").read_text("utf-8")
    assert written == card_page.page(NAME)


def test_the_card_names_the_recipe_that_made_it() -> None:
    from model.training.recipe import CPU, GPU

    recipe = card_page.fields(NAME)["recipe"]
    assert recipe == json.loads(json.dumps(asdict(CPU)))
    millions = sum(stage.pictures for stage in GPU.stages) / 1e6
    assert f"shows it {millions:g} million images" in card_page.page(NAME)


def test_the_docs_say_what_was_measured() -> None:
    dead = SHIPPED.all_dead_units or "no"  # the table's words
    said = (
        f"top-1 {100 * SHIPPED.top1:.1f} %, top-5 {100 * SHIPPED.top5:.1f} %, "
        f"calibration error {100 * SHIPPED.ece_after:.1f} %; "
        f"{SHIPPED.clear_filters} of 96 first-layer filters clear, {dead} dead units"
    )
    assert said in (ROOT / "docs" / "measured.md").read_text("utf-8")

"""Measuring a set for its card: from pictures and a training folder to the files."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from model import card, measured, weights
from model.network.specs import SIMPLIFIED, STANDARDISED
from model.training import recipe as recipes
from model.training import train
from model.training.recipe import CPU, Stage
from model.training.tiny_imagenet import Pictures
from model.weights import registry

SMALL = replace(
    SIMPLIFIED.with_classes(2),
    input_size=72,
    pixels=replace(STANDARDISED, detail=64),
    layers=tuple(
        replace(layer, units=32) if layer.name in ("fc6", "fc7") else layer
        for layer in SIMPLIFIED.with_classes(2).layers
    ),
)


@pytest.fixture
def trained(tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A small set, trained for a moment and registered; returns its training folder."""
    run = tmp_path / "run"
    monkeypatch.setattr(recipes, "REPORT", 64)
    monkeypatch.setattr(train, "SIMPLIFIED", SMALL)
    sets = (train.load_tiny_imagenet(tiny_folder, s) for s in ("train", "val"))
    recipe = replace(CPU, stages=(Stage(72, 512, 0.5, 0.02),), batch=16)
    model = train.train(recipe, *sets, run)
    weights.save(model, tmp_path / "tiny-imagenet.npz")
    for kept in ("tiny-imagenet.card.md", "tiny-imagenet-classes.csv"):
        shutil.copy(registry.FOLDER / kept, tmp_path)
    row = replace(weights.get("tiny-imagenet"), spec=SMALL, sha256=None)
    monkeypatch.setitem(weights.REGISTRY, row.name, row)
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    monkeypatch.setattr(measured, "FOLDER", tmp_path)
    caches = (
        weights.first_layer,
        measured.evaluation,
        measured.history,
        measured.typical,
    )
    caches += (measured.best,)
    for read in caches:
        read.cache_clear()
    yield run
    for read in caches:
        read.cache_clear()


@pytest.mark.long("test_metrics and test_published")
def test_the_command_measures_everything_that_the_pages_read(
    trained: Path, tiny_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    others = tmp_path / "others" / "grey"
    others.mkdir(parents=True)
    for i in range(4):
        Image.new("RGB", (40, 30), (90 + i, 90, 90)).save(others / f"{i}.png")
    arguments = ["--data", str(tiny_folder), "--run", str(trained)]
    arguments += ["--strangers", str(others.parent), "--strangers-are", "grey cards"]
    card.main([*arguments, "--hardware", "a test"])
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    found = measured.evaluation("tiny-imagenet")
    assert found.top1 == printed["top1"] > 0.9  # red and blue are told apart
    assert found.top5 == 1
    assert found.top1_before_compression > 0.9
    assert np.mean(found.class_accuracy) == pytest.approx(found.top1)
    assert found.strangers == "grey cards" and 0 <= found.strangers_doubted <= 1
    assert len(found.reliability) == measured.CERTAINTIES
    assert 0 < sum(count for count, *_ in found.reliability) < 20
    assert sum(found.strangers_in_steps) == 4
    assert found.agreement == 1  # given no finer pictures, it cannot disagree
    assert 0 <= found.agreement_without <= 1
    assert set(found.dead_units) == {*(f"conv{i}" for i in range(1, 6)), "fc6", "fc7"}

    page = (tmp_path / "tiny-imagenet.md").read_text()
    assert f"top-1 {found.top1:.2%}" in page
    assert "| a test; 0 h 0" in page
    assert "| 72 | 512 | 0.5 | 0.02 | " in page

    history = measured.history("tiny-imagenet")
    assert history.shown.tolist() == [64 * n for n in range(9)]
    kernel, _ = weights.first_layer("tiny-imagenet")
    assert np.abs(history.filters(8) - kernel).max() < np.abs(kernel).max() / 100

    space = measured.typical("tiny-imagenet")
    assert space.mean.shape == (2, 32)
    assert (np.diff(space.spread, axis=1) >= 0).all()

    # Measured again without the training's folder: what only that knows is kept.
    card.main(["--data", str(tiny_folder)])
    again = measured.evaluation("tiny-imagenet")
    assert again.top1_before_compression == found.top1_before_compression
    assert again.hardware == "a test" and again.strangers == "grey cards"


def test_the_pictures_get_the_numbers_of_the_set_that_is_measured(
    tmp_path: Path,
) -> None:
    ids = weights.class_ids("tiny-imagenet")
    (tmp_path / "wnids.txt").write_text("\n".join(reversed(ids)))
    pictures = Pictures(
        np.zeros((3, 64, 64, 3), np.uint8), np.array([0, 30, 199], np.int32)
    )
    same = card.for_set("tiny-imagenet", pictures, tmp_path)
    assert same.labels.tolist() == [0, 30, 199]
    among = card.for_set("original", pictures, tmp_path).labels
    names = weights.class_names("original")
    assert names[among[1]] == "tabby" == weights.class_names("tiny-imagenet")[30]
    assert weights.class_ids("original")[among[2]] == ids[199]

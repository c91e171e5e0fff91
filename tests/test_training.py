"""The recipe: crops, growth, and a run that learns, stops and goes on."""

import json
from dataclasses import replace
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image

from model.network.build import build
from model.network.specs import SIMPLIFIED, STANDARDISED
from model.training import recipe as recipes
from model.training import train as training
from model.training.recipe import CPU, Stage
from model.training.tiny_imagenet import Crops, Pictures, left_out_classes, without
from model.training.train import grow, spread
from tests.weights_files import narrow

NARROW = narrow(SIMPLIFIED)


def blob(n: int) -> np.ndarray:
    """Pictures with a bright left and a dark right half."""
    pictures = np.zeros((n, 64, 64, 3), np.uint8)
    pictures[:, :, :32] = 255
    return pictures


def test_without_training_the_whole_picture_is_enlarged() -> None:
    crops = Crops(128, STANDARDISED, 0.25, 0)
    out = np.asarray(crops(blob(2)))
    assert out.shape == (2, 128, 128, 3)
    pixels = out * np.array(STANDARDISED.deviation) + np.array(STANDARDISED.mean)
    theirs = np.asarray(
        Image.fromarray(blob(1)[0]).resize((128, 128), Image.Resampling.BILINEAR)
    )
    np.testing.assert_allclose(pixels[0], theirs, atol=1.5)


def test_training_crops_mirror_half_and_stay_within_the_picture() -> None:
    crops = Crops(32, STANDARDISED, 0.9, 0)
    out = np.asarray(crops(blob(200), training=True))
    left = out[:, :, :8].mean(axis=(1, 2, 3)) > out[:, :, -8:].mean(axis=(1, 2, 3))
    assert 0.35 < left.mean() < 0.65
    assert np.isfinite(out).all()
    assert len(np.unique(out.mean(axis=(1, 2, 3)).round(4))) > 150  # all differ


def test_interpolation_weights_sum_to_one() -> None:
    crops = Crops(40, STANDARDISED, 0.25, 0)
    one = np.ones((1, 1, 1), np.float32)
    reach = []
    for sharpness, width in ((1.0, 1.0), (4.0, 1.0), (1.0, 1.8)):
        parts = (0.1 * one, 0.7 * one, sharpness * one, width * one)
        weights = np.asarray(crops.interpolation_weights(*parts))
        np.testing.assert_allclose(weights.sum(axis=2), 1, atol=1e-5)
        reach.append((weights > 0).sum(axis=2).mean())
    assert reach[1] < reach[0] < reach[2]  # blocky, smooth, blurred


@pytest.mark.parametrize(("before", "after"), [(2, 5), (6, 4)])
def test_spread_keeps_the_answer_to_constant_maps(before: int, after: int) -> None:
    shape = (before**2 * 3, 7)
    kernel = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    maps = np.random.default_rng(1).normal(size=3)
    answer = np.tile(maps, before**2) @ kernel
    moved = np.tile(maps, after**2) @ spread(kernel, before, after)
    np.testing.assert_allclose(answer, moved, rtol=1e-3)


def test_growing_moves_every_weight() -> None:
    spec = replace(
        SIMPLIFIED.with_classes(5),
        layers=tuple(
            replace(layer, units=8) if layer.name in ("fc6", "fc7") else layer
            for layer in SIMPLIFIED.with_classes(5).layers
        ),
    )
    small, large = build(spec.at(104)), build(spec.at(144))
    grow(small, large)
    for layer in small.layers:
        if layer.get_weights() and layer.name != "fc6":
            assert np.array_equal(
                layer.get_weights()[0], large.get_layer(layer.name).get_weights()[0]
            )
    assert large.get_layer("fc6").kernel.shape[0] == 3 * 3 * 256


def test_rate_warms_up_and_falls_from_stage_to_stage_to_nothing() -> None:
    stages = (Stage(72, 1, 0.3, 0.06), Stage(104, 1, 0.3, 0.02))
    recipe = replace(CPU, stages=stages, warm_up=0.1)
    assert recipe.rate(0, 0) == 0
    assert recipe.rate(0, 0.05) < recipe.rate(0, 0.1)
    assert recipe.rate(0, 1) == pytest.approx(recipe.rate(1, 0)) == 0.02
    assert recipe.rate(1, 1) == 0
    rates = [recipe.rate(0, p) for p in np.linspace(0.1, 1, 20)]
    rates += [recipe.rate(1, p) for p in np.linspace(0, 1, 20)]
    assert rates == sorted(rates, reverse=True)


def test_a_stage_that_was_the_last_still_falls_to_nothing() -> None:
    stages = (Stage(72, 1, 0.3, 0.006), Stage(72, 1, 0.3, 0.02))
    recipe = replace(CPU, stages=stages)
    assert recipe.rate(0, 1) == 0
    assert recipe.rate(1, 0) == 0.02


def test_conv1_starts_small_and_decay_is_the_papers() -> None:
    spec = SIMPLIFIED.with_classes(3).at(104)
    network = training.network(spec, replace(CPU, first_deviation=0.005))
    assert np.std(network.get_layer("conv1").kernel) == pytest.approx(0.005, rel=0.05)
    regulariser = network.get_layer("conv3").kernel_regularizer
    w = 3.0
    step = 1e-3
    slope = (
        float(regulariser(keras.ops.array([w + step])))
        - float(regulariser(keras.ops.array([w - step])))
    ) / (2 * step)
    assert slope == pytest.approx(0.0005 * w, rel=1e-2)
    assert network.get_layer("drop6").rate == CPU.dropout


def test_pictures_stay_on_the_device_and_out_of_checkpoints(tmp_path: Path) -> None:
    images = np.random.default_rng(0).integers(0, 255, (9, 64, 64, 3), np.uint8)
    model = keras.Sequential(
        [keras.Input((), dtype="int32"), training.Resident(images)]
    )
    chosen = np.array([7, 0, 7], np.int32)
    assert np.array_equal(np.asarray(model(chosen)), images[chosen])
    model.save_weights(tmp_path / "x.weights.h5")
    assert (tmp_path / "x.weights.h5").stat().st_size < images.nbytes
    model.load_weights(tmp_path / "x.weights.h5")
    assert np.array_equal(np.asarray(model(chosen)), images[chosen])


def test_classes_are_numbered_by_sorted_id(tiny_folder: Path) -> None:
    pictures = training.load_tiny_imagenet(tiny_folder, "train")
    assert pictures.images.shape == (64, 64, 64, 3)
    blue = pictures.images[..., 2].mean(axis=(1, 2)) > 120
    assert np.array_equal(blue, pictures.labels == 0)  # n01 comes first
    assert len(training.load_tiny_imagenet(tiny_folder, "val").labels) == 16


def test_left_out_classes_are_gone_and_the_others_numbered_in_order() -> None:
    labels = np.array([4, 0, 1, 3, 2, 4], np.int32)
    pictures = Pictures(np.zeros((6, 64, 64, 3), np.uint8), labels)
    pictures.images[:, 0, 0, 0] = labels
    kept = without(pictures, np.array([1, 3]))
    assert kept.labels.tolist() == [2, 0, 1, 2]
    assert kept.images[:, 0, 0, 0].tolist() == [4, 0, 2, 4]
    assert kept.labels.dtype == np.int32
    chosen = left_out_classes(200, 40, 2012)
    assert len(set(chosen.tolist())) == 40 and chosen.tolist() == sorted(chosen)
    assert chosen.tolist() == left_out_classes(200, 40, 2012).tolist()
    assert chosen.tolist() != left_out_classes(200, 40, 2013).tolist()


def test_another_folder_is_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="Expected Tiny ImageNet's folder"):
        training.load_tiny_imagenet(tmp_path, "train")


def test_every_picture_is_shown_once_a_lap_in_an_order_of_its_own() -> None:
    pictures = Pictures(blob(64), np.arange(64, dtype=np.int32))
    recipe = replace(CPU, batch=16)
    order = training.PictureOrder(pictures, recipe, done=0, steps=2)
    laps = []
    for report in range(4):
        order.begin(report)
        laps.append(np.concatenate([order[i][1] for i in range(len(order))]))
    first, second = np.concatenate(laps[:2]), np.concatenate(laps[2:])
    assert sorted(first) == sorted(second) == list(range(64))
    assert not np.array_equal(first, second)
    later = training.PictureOrder(pictures, recipe, done=6, steps=2)
    assert np.array_equal(np.concatenate([later[i][1] for i in range(2)]), laps[3])


def test_an_interrupted_run_goes_on_with_the_next_pictures(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "REPORT", 32)
    monkeypatch.setattr(training, "SIMPLIFIED", NARROW)
    recipe = replace(CPU, stages=(Stage(104, 64, 0.5, 0.02),), batch=8)
    train, val = (training.load_tiny_imagenet(tiny_folder, s) for s in ("train", "val"))
    shown: list[int] = []
    numbers = training.PictureOrder.numbers

    def record(self: training.PictureOrder, index: int) -> np.ndarray:
        chosen = numbers(self, index)
        shown.extend(chosen.tolist())
        return chosen

    class Cut(RuntimeError):
        pass

    def cut(self: object, epoch: int, logs: object = None) -> None:
        raise Cut

    monkeypatch.setattr(training.PictureOrder, "numbers", record)
    with monkeypatch.context() as patch, pytest.raises(Cut):
        patch.setattr(training.Journal, "on_epoch_end", cut)
        training.train(recipe, train, val, tmp_path)
    first = set(shown)
    shown.clear()
    training.train(recipe, train, val, tmp_path)
    assert len(first) == 32
    assert set(range(64)) - first <= set(shown)  # the others come next
    assert len(set(shown) & first) <= 16  # Keras reads two batches for their shape


def test_a_run_learns_and_keeps_its_filters(
    tiny_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recipes, "REPORT", 64)
    monkeypatch.setattr(training, "SIMPLIFIED", NARROW)
    recipe = replace(
        CPU,
        stages=(Stage(72, 64 * 12, 0.5, 0.02), Stage(144, 64, 0.5, 0.01)),
        batch=16,
        first_deviation=0.02,
        dropout=0.0,
        decay=0.0,
    )
    train, val = (training.load_tiny_imagenet(tiny_folder, s) for s in ("train", "val"))
    out = tmp_path / "out"
    model = training.train(recipe, train, val, out)
    result = training.accuracy(model, val, NARROW.pixels)
    assert result["top1"] > 0.9
    lines = (out / "journal.jsonl").read_text().splitlines()
    journal = [json.loads(line) for line in lines]
    assert [line["size"] for line in journal] == [72] * 12 + [144]
    assert [line["pictures"] for line in journal] == [64 * n for n in range(1, 14)]
    start = np.load(out / "filters-00000000.npy")
    assert start.std() == pytest.approx(recipe.first_deviation, rel=0.05)
    kept = np.load(out / "filters-00000832.npy")
    assert np.array_equal(
        kept, np.asarray(model.get_layer("conv1").kernel).astype(np.float16)
    )
    # Run again: both stages are there, nothing is trained anew.
    again = training.train(recipe, train, val, out)
    assert len((out / "journal.jsonl").read_text().splitlines()) == 13
    for one, two in zip(model.get_weights(), again.get_weights(), strict=True):
        np.testing.assert_array_equal(one, two)
    # A stage more, of a size that there was: only that is trained.
    longer = replace(recipe, stages=(*recipe.stages, Stage(144, 64, 0.5, 0.01)))
    training.train(longer, train, val, out)
    lines = (out / "journal.jsonl").read_text().splitlines()
    assert len(lines) == 14 and json.loads(lines[-1])["pictures"] == 64 * 14

"""The weight sets: complete, unaltered, without pickle, as small as promised."""

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from model import weights
from model.analysis import filters
from model.network.shapes import totals
from model.weights import REGISTRY, WeightsBroken, codec, registry
from model.weights.registry import FOLDER

SHIPPED = [row for row in REGISTRY.values() if row.file and not row.download]


@pytest.mark.parametrize("row", REGISTRY.values(), ids=lambda row: row.name)
def test_every_set_says_what_it_is(row: weights.WeightSet) -> None:
    for field in ("title", "trained_on", "source", "licence"):
        assert getattr(row, field), field
    assert len(set(weights.class_names(row.name))) == row.spec.classes
    if row.file:
        assert 10 / row.spec.classes < row.top1 < row.top5 <= 1
        assert row.measured_on


def test_the_shipped_network_has_the_parameters_that_the_pages_name() -> None:
    assert totals(REGISTRY["tiny-imagenet"].spec).parameters == 47_566_408


@pytest.mark.parametrize("row", SHIPPED, ids=lambda row: row.name)
class TestShipped:
    def test_is_the_file_that_was_measured(self, row: weights.WeightSet) -> None:
        assert weights.digest(FOLDER / row.file) == row.sha256

    def test_fits_in_the_repository(self, row: weights.WeightSet) -> None:
        assert (FOLDER / row.file).stat().st_size <= 32 * 2**20

    def test_holds_plain_arrays_only(self, row: weights.WeightSet) -> None:
        with zipfile.ZipFile(FOLDER / row.file) as archive:
            assert {Path(name).suffix for name in archive.namelist()} == {".npy"}
        with np.load(FOLDER / row.file, allow_pickle=False) as arrays:
            for name in arrays.files:
                assert np.isfinite(arrays[name]).all(), name

    def test_shows_edges_and_colours_not_noise(self, row: weights.WeightSet) -> None:
        kernel, _ = weights.first_layer(row.name)
        random, _ = weights.first_layer("random")
        assert filters.clear(kernel).mean() > 0.8
        assert filters.clear(random).mean() <= 0.05


def test_random_is_the_same_at_every_start() -> None:
    one, _ = weights.first_layer("random")
    weights.first_layer.cache_clear()
    two, _ = weights.first_layer("random")
    assert np.array_equal(one, two)


def test_four_bits_lose_little() -> None:
    rng = np.random.default_rng(0)
    kernel = rng.normal(size=(256, 64)).astype(np.float32) * rng.random(64).astype("f4")
    packed = codec.pack(kernel)
    assert packed["codes"].nbytes == kernel.size // 2
    back = codec.unpack(packed["codes"], packed["book"], packed["scale"])
    error = np.linalg.norm(back - kernel) / np.linalg.norm(kernel)
    assert error < 0.11  # a Gaussian's best 16 levels: about 0.098


def test_save_and_load_give_the_same_network(tmp_path: Path, monkeypatch) -> None:
    import keras

    from model.network.build import build
    from model.network.specs import Conv, Dense, Flatten, Pool, Spec

    keras.utils.set_random_seed(0)  # of 150, 11 move an answer by more than 0.06
    spec = Spec(
        "small", "small", 2012, "", 31, 3,
        (Conv("conv1", 8, 11, 4), Pool("pool1"), Flatten(),
         Dense("fc8", 10, "softmax")),
    )  # fmt: skip
    trained = build(spec)
    weights.save(trained, tmp_path / "small.npz")
    row = replace(
        REGISTRY["tiny-imagenet"],
        name="small",
        spec=spec,
        file="small.npz",
        sha256=None,
    )
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    monkeypatch.setitem(REGISTRY, "small", row)
    loaded = weights.load("small")
    first, again = (n.get_layer("conv1").get_weights()[0] for n in (trained, loaded))
    np.testing.assert_allclose(first, again, rtol=1e-3, atol=1e-4)
    x = np.random.default_rng(0).normal(size=(4, 31, 31, 3)).astype(np.float32)
    np.testing.assert_allclose(trained(x), loaded(x), atol=0.06)


def test_missing_damaged_and_unfitting_files_are_sentences(
    tmp_path: Path, monkeypatch
) -> None:
    row = REGISTRY["tiny-imagenet"]
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    weights.first_layer.cache_clear()
    with pytest.raises(WeightsBroken, match=r"missing\. Clone the project again"):
        weights.first_layer(row.name)
    (tmp_path / row.file).write_bytes(b"not the weights")
    with pytest.raises(WeightsBroken, match="not the one that was measured"):
        weights.first_layer(row.name)
    np.savez(
        tmp_path / row.file,
        **{"conv1.kernel": np.zeros((3, 3)), "conv1.bias": np.zeros(96)},
    )
    monkeypatch.setitem(REGISTRY, row.name, replace(row, sha256=None))
    with pytest.raises(WeightsBroken, match="do not fit conv1"):
        weights.load(row.name)
    weights.first_layer.cache_clear()


def test_unknown_set_lists_the_known() -> None:
    with pytest.raises(KeyError, match="tiny-imagenet, random"):
        weights.get("vgg")

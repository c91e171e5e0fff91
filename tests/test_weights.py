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

SHIPPED = [
    weight_set
    for weight_set in REGISTRY.values()
    if weight_set.file and not weight_set.download
]


@pytest.mark.parametrize(
    "weight_set", REGISTRY.values(), ids=lambda weight_set: weight_set.name
)
def test_every_set_says_what_it_is(weight_set: weights.WeightSet) -> None:
    for field in ("title", "trained_on", "source", "licence"):
        assert getattr(weight_set, field), field
    assert len(set(weights.class_names(weight_set.name))) == weight_set.spec.classes
    if weight_set.file:
        assert 10 / weight_set.spec.classes < weight_set.top1 < weight_set.top5 <= 1
        assert weight_set.measured_on


def test_the_shipped_network_has_the_parameters_that_the_pages_name() -> None:
    assert totals(REGISTRY["tiny-imagenet"].spec).parameters == 47_566_408


@pytest.mark.parametrize("weight_set", SHIPPED, ids=lambda weight_set: weight_set.name)
class TestShipped:
    def test_is_the_file_that_was_measured(self, weight_set: weights.WeightSet) -> None:
        assert weights.digest(FOLDER / weight_set.file) == weight_set.sha256

    def test_fits_in_the_repository(self, weight_set: weights.WeightSet) -> None:
        assert (FOLDER / weight_set.file).stat().st_size <= 32 * 2**20

    def test_holds_plain_arrays_only(self, weight_set: weights.WeightSet) -> None:
        with zipfile.ZipFile(FOLDER / weight_set.file) as archive:
            assert {Path(name).suffix for name in archive.namelist()} == {".npy"}
        with np.load(FOLDER / weight_set.file, allow_pickle=False) as arrays:
            for name in arrays.files:
                assert np.isfinite(arrays[name]).all(), name

    def test_shows_edges_and_colours_not_noise(
        self, weight_set: weights.WeightSet
    ) -> None:
        kernel, _ = weights.first_layer(weight_set.name)
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
    weight_set = replace(
        REGISTRY["tiny-imagenet"],
        name="small",
        spec=spec,
        file="small.npz",
        sha256=None,
    )
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    monkeypatch.setitem(REGISTRY, "small", weight_set)
    loaded = weights.load("small")
    first, again = (n.get_layer("conv1").get_weights()[0] for n in (trained, loaded))
    np.testing.assert_allclose(first, again, rtol=1e-3, atol=1e-4)
    x = np.random.default_rng(0).normal(size=(4, 31, 31, 3)).astype(np.float32)
    np.testing.assert_allclose(trained(x), loaded(x), atol=0.06)


def test_missing_damaged_and_unfitting_files_are_sentences(
    tmp_path: Path, monkeypatch
) -> None:
    weight_set = REGISTRY["tiny-imagenet"]
    monkeypatch.setattr(registry, "FOLDER", tmp_path)
    weights.first_layer.cache_clear()
    with pytest.raises(WeightsBroken, match=r"missing\. Clone the project again"):
        weights.first_layer(weight_set.name)
    (tmp_path / weight_set.file).write_bytes(b"not the weights")
    with pytest.raises(WeightsBroken, match="not the one that was measured"):
        weights.first_layer(weight_set.name)
    np.savez(
        tmp_path / weight_set.file,
        **{"conv1.kernel": np.zeros((3, 3)), "conv1.bias": np.zeros(96)},
    )
    monkeypatch.setitem(REGISTRY, weight_set.name, replace(weight_set, sha256=None))
    with pytest.raises(WeightsBroken, match="do not fit conv1"):
        weights.load(weight_set.name)
    weights.first_layer.cache_clear()


def test_unknown_set_lists_the_known() -> None:
    with pytest.raises(KeyError, match="tiny-imagenet, random"):
        weights.get("vgg")

"""What visitors share: one computation for one picture, and a bounded number kept."""

import threading
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

from model import measured, runtime, weights
from model.pictures import Picture
from tests.waiting import stays, until
from ui.kit import cache


def picture(shade: int) -> Picture:
    image = Image.new("RGB", (30, 20), (shade, shade, shade))
    return Picture(image=image, notes=(), size=(30, 20), key=f"shade-{shade}")


@pytest.fixture
def slow() -> threading.Event:
    """Set: a forward pass takes no time. A test may have it wait."""
    passes_are_over = threading.Event()
    passes_are_over.set()
    return passes_are_over


@pytest.fixture
def passes(monkeypatch: pytest.MonkeyPatch, slow: threading.Event):
    """Counts forward passes, which answer nothing."""
    counted: list[float] = []

    def activations(x: np.ndarray) -> dict[str, np.ndarray]:
        counted.append(float(x.mean()))
        assert slow.wait(60)
        return {"conv1": np.zeros((4, 4, 3), np.float32)}

    network = SimpleNamespace(
        weights=weights.get(weights.DEFAULT), activations=activations
    )
    monkeypatch.setattr(runtime, "network", lambda name: network)
    cache.activations.clear()
    yield counted
    cache.activations.clear()
    cache.layer_mosaic.clear()


def test_many_visitors_with_one_picture_wait_for_one_pass(passes, slow) -> None:
    slow.clear()
    threads = [
        threading.Thread(target=cache.activations, args=(weights.DEFAULT, picture(100)))
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    until(lambda: passes, "the pass to begin")
    stays(lambda: len(passes) == 1, "one pass for all", 0.2)
    slow.set()
    for thread in threads:
        thread.join()
    assert len(passes) == 1


def test_another_picture_and_another_set_are_passes_of_their_own(passes) -> None:
    cache.activations(weights.DEFAULT, picture(1))
    cache.activations(weights.DEFAULT, picture(2))
    cache.activations("random", picture(1))
    cache.activations(weights.DEFAULT, picture(1))
    assert len(passes) == 3


def test_old_pictures_are_forgotten(passes) -> None:
    for shade in range(cache.PICTURES + 1):
        cache.activations(weights.DEFAULT, picture(shade))
    cache.activations(weights.DEFAULT, picture(0))
    assert len(passes) == cache.PICTURES + 2


def test_mosaics_of_a_picture_share_its_pass(passes) -> None:
    for scale in ("map", "layer"):
        drawn, png = cache.layer_mosaic(
            weights.DEFAULT, picture(9), "conv1", scale, "index"
        )
        assert png.startswith(b"\x89PNG")
        assert drawn.tile == (4, 4)
    assert len(passes) == 1


def test_brightness_is_shared_by_mosaic_and_single_map(
    passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {"conv1": np.array([2, 4, 8], np.float32)}
    monkeypatch.setattr(measured, "best", lambda name: known)
    cache.best_maps.clear()
    tops = cache.layer_tops(weights.DEFAULT, picture(9), "conv1", "best")
    assert tops.tolist() == [2, 4, 8]  # nothing is above 0 here
    assert cache.layer_tops(weights.DEFAULT, picture(9), "conv1", "map").max() == 1
    cache.best_maps.clear()


def test_strongest_first() -> None:
    layer = np.zeros((2, 2, 3))
    layer[0, 0] = 1, 3, 2
    assert cache.unit_order(layer, "strength").tolist() == [1, 2, 0]
    assert cache.unit_order(layer, "index") is None

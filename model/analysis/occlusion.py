"""What a prediction depends on: a part of the image is covered, and it is asked again.

Occlusion (Zeiler and Fergus 2014, "Visualizing and Understanding Convolutional
Networks"): a grey square is put over the image at many places; where the probability of
a class falls, the network used what is there. Grey is the mean colour of the training
images, 0 once the mean is subtracted.

    python -m model.analysis.occlusion

compares the three kinds of saliency map with what each gives for random weights, on
PHOTOGRAPHS photographs, and writes assets/weights/<set>-saliency.json.
"""

from __future__ import annotations

import argparse
import json
import logging
import statistics
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model import runtime, weights
from model.analysis import saliency
from model.pictures import photographs, to_input
from paths import ASSETS

log = logging.getLogger(__name__)

LEAST = 16  # pixels of a square's side
SIDE = 56  # of the square at first: a quarter of 224
CHUNK = 8  # squares that are asked about at once
PHOTOGRAPHS = 40  # of the check against random weights
KINDS = ("occlusion", "grad_cam", "guided")

Images = NDArray[np.float32]
Place = tuple[int, int]  # row and column of a square's upper left corner


def cover(x: Images, places: Sequence[Place], side: int) -> Images:
    """Copies of an image, each with one square covered: (places, size, size, channels).

    Args:
        x: (1, size, size, channels) as the network receives it.
        side: pixels; a square may hang over the image's edge.
    """
    covered = np.repeat(x, len(places), axis=0)
    for one, (row, column) in zip(covered, places, strict=True):
        top, left = max(0, row), max(0, column)
        one[top : max(0, row + side), left : max(0, column + side)] = 0
    return covered


def places(size: int, side: int) -> list[Place]:
    """Where squares stand to cover an image everywhere: every half side, edges too."""
    if side == size:
        return [(0, 0)]
    steps = max(1, round((size - side) / (side / 2)))
    along = [round(i * (size - side) / steps) for i in range(steps + 1)]
    return [(row, column) for row in along for column in along]


def heat(
    size: int, side: int, at: Iterable[Place], lost: Iterable[float]
) -> NDArray[np.float64]:
    """The mean loss of the squares that cover each pixel, (size, size); 0 where none.

    Args:
        lost: what the class's probability lost under each square.
    """
    total, count = np.zeros((size, size)), np.zeros((size, size))
    for (row, column), value in zip(at, lost, strict=True):
        here = np.s_[max(0, row) : row + side, max(0, column) : column + side]
        total[here] += value
        count[here] += 1
    found: NDArray[np.float64] = total / np.maximum(count, 1)
    return found


def occlusion_map(
    x: Images, unit: int, side: int, answer: Callable[[Images], NDArray[Any]]
) -> NDArray[np.float64]:
    """The heat of covering an image everywhere, for one class.

    Args:
        answer: from images to the probabilities of the classes, (n, classes).
    """
    size = x.shape[1]
    every = places(size, side)
    before = float(answer(x)[0, unit])
    found: list[float] = []
    for first in range(0, len(every), CHUNK):
        part = every[first : first + CHUNK]
        found += (before - answer(cover(x, part, side))[:, unit]).tolist()
    return heat(size, side, every, found)


def path(set_name: str) -> Path:
    """Where a set's file of the check is, or would be."""
    return ASSETS / "weights" / f"{set_name}-saliency.json"


@cache
def check(set_name: str) -> dict[str, dict[str, float]] | None:
    """By kind: mean, least and most rank correlation with random weights' maps."""
    file = path(set_name)
    if not file.is_file():
        return None
    found: dict[str, dict[str, float]] = json.loads(file.read_text("utf-8"))["kinds"]
    return found


def correlations(set_name: str, random: str, name: str) -> dict[str, float]:
    """Of one photograph: each kind's rank correlation with its map for random weights.

    All three are of the class that the set predicts; the guided gradient is that of the
    class's logit.
    """
    from model.analysis import gradients  # TensorFlow

    spec = weights.get(set_name).spec
    last = spec.layers[-1].name
    x = to_input(photographs.image(name), spec)
    unit = -1
    maps: dict[str, dict[str, saliency.Values]] = {}
    for one in (set_name, random):
        network = runtime.network(one)
        layers, its = network.activations(x), network.weights.spec
        unit = int(layers[last].argmax()) if unit < 0 else unit
        here = unit % its.classes
        keras = network.keras
        guided = gradients.guided_gradient(keras, its, layers, last, here)
        maps[one] = {
            "occlusion": occlusion_map(x, here, SIDE, network.batches.ask),
            "grad_cam": gradients.grad_cam(keras, its, layers, here),
            "guided": saliency.strength(guided),
        }
    return {
        kind: saliency.rank_correlation(maps[set_name][kind], maps[random][kind])
        for kind in KINDS
    }


def main() -> None:
    """Makes the check and writes its file."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.occlusion")
    parser.add_argument("--weights", default=weights.DEFAULT)
    parser.add_argument("--random", default="random")
    given = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    names = list(photographs.photographs())[:PHOTOGRAPHS]
    every = [correlations(given.weights, given.random, name) for name in names]
    kinds = {}
    for kind in KINDS:
        found = [one[kind] for one in every]
        kinds[kind] = {
            "mean": round(statistics.fmean(found), 3),
            "least": round(min(found), 3),
            "most": round(max(found), 3),
        }
        log.info("%s: %s", kind, kinds[kind])
    written = {"photographs": len(names), "kinds": kinds}
    path(given.weights).write_text(json.dumps(written, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()

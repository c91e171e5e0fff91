"""How soon similar images are found, how well their order is kept, and ten crops.

python -m bench.neighbours

search      the six nearest by activations and by pixels, among the photographs and
            10,000 images more, all in memory; the forward pass is not counted
pass        one forward pass of one picture, and one of the two crops that are
            looked at together
kept        of six neighbours among the photographs' mirror images, cropped, how
            many an index finds, and how many as many random directions would
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import ImageOps

from model import activations, runtime, weights
from model.analysis import crops
from model.analysis.features import neighbours
from model.analysis.features.neighbours import Index
from model.pictures import load_picture, photographs, samples, to_input

MORE = 10_000
TIMES = 15
CROPPED = 2 / 3  # of the shorter side


def milliseconds(work: Callable[[], Any]) -> tuple[float, float]:
    """The middle and the longest of some times."""
    work()
    taken = []
    for _ in range(TIMES):
        start = time.perf_counter()
        work()
        taken.append(1000 * (time.perf_counter() - start))
    return statistics.median(taken), max(taken)


def large(found: Index) -> Index:
    """As many images as a folder has, at random."""
    random = np.random.default_rng(1)
    side = neighbours.SIDE
    return Index(
        "more",
        tuple(map(str, range(MORE))),
        random.normal(size=(MORE, neighbours.NUMBERS)).astype(np.float16),
        np.zeros(MORE, np.int16),
        random.integers(0, 256, (MORE, side, side, 3), dtype=np.uint8),
    )


def searching() -> tuple[float, float]:
    """Milliseconds from a picture's activations to its neighbours."""
    projection, found = neighbours.read_photographs(weights.get(weights.DEFAULT))
    indexes = [found, large(found)]
    picture = load_picture(samples.data("dog"))
    network = runtime.network()
    hidden = network.activations(to_input(picture, network.weights.spec))["fc7"]

    def search() -> None:
        one = projection(hidden[np.newaxis])[0]
        small = neighbours.shrunk(picture.image)
        by_layer = [neighbours.hidden_distances(one, x.hidden) for x in indexes]
        by_pixels = [neighbours.pixel_distances(small, x.pixels) for x in indexes]
        for rows in (by_layer, by_pixels):
            neighbours.nearest(rows, indexes, "dog")

    return milliseconds(search)


def right_of_six() -> tuple[float, float]:
    """Of six neighbours, how many are kept: by an index, and by random directions."""
    network, inputs = runtime.network(), []
    for name in photographs.photographs():
        image = ImageOps.mirror(photographs.image(name))
        side = round(min(image.size) * CROPPED)
        inputs.append(to_input(image.crop((0, 0, side, side)), network.weights.spec))
    hidden = network.dense(np.concatenate(inputs))["fc7"]
    projection, _ = neighbours.read_photographs(network.weights)
    rows = projection(hidden)
    shape = (hidden.shape[1], neighbours.NUMBERS)
    basis, _ = np.linalg.qr(np.random.default_rng(2012).normal(size=shape))
    random = hidden @ basis
    kept, fewer = [], []
    for number in range(len(hidden)):
        others = np.arange(len(hidden)) != number

        def six(distances: Any, others: Any = others) -> set[int]:
            return {*np.argsort(distances[others])[:6].tolist()}

        exact = six(np.linalg.norm(hidden - hidden[number], axis=1))
        kept.append(len(exact & six(neighbours.hidden_distances(rows[number], rows))))
        fewer.append(len(exact & six(np.linalg.norm(random - random[number], axis=1))))
    return statistics.mean(kept), statistics.mean(fewer)


def main() -> None:
    """Measures, and prints a table and a line of JSON."""
    search = searching()
    network = runtime.network()
    pixels = crops.prepared(load_picture(samples.data("dog")))
    ten = crops.inputs(pixels, network.weights.spec)
    one = milliseconds(lambda: network.dense(ten[:1]))
    together = milliseconds(lambda: network.dense(ten[: activations.AT_ONCE]))
    kept, random = right_of_six()
    found = {
        "search_ms": round(search[0], 1),
        "search_longest_ms": round(search[1], 1),
        "pass_ms": round(one[0], 1),
        "pass_of_two_ms": round(together[0], 1),
        "pass_of_two_longest_ms": round(together[1], 1),
        "kept_of_six": round(kept, 2),
        "random_of_six": round(random, 2),
    }
    for name, value in found.items():
        print(f"{name:26}{value:8}")
    print(json.dumps(found))


if __name__ == "__main__":
    main()

"""Makes the indexes that `model.analysis.features.neighbours` searches.

    python -m model.analysis.similar
    python -m model.analysis.similar --data cifar-10 --folder FOLDER
    python -m model.analysis.similar --data tiny-imagenet --folder FOLDER

The first makes the index of the photographs that come with the lab, for a set of
weights. The others take up to 10,000 training images of a folder, in an order that a
seed gives, and write the index to the cache folder, where the page finds it. What is
there already is not computed again: a command that was stopped goes on when it is given
again.
"""

from __future__ import annotations

import argparse
import logging
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from model import runtime, weights
from model.analysis.features import neighbours
from model.analysis.features.neighbours import Index, NotIndexed, Projection
from model.pictures import photographs, to_input
from model.weights.registry import WeightSet

log = logging.getLogger(__name__)

SEED = 2012
MOST = 10_000  # images of a folder
TOGETHER = 4  # images looked at between two reports
SAVED = 1_000  # images after which the file is written
PATTERNS = {"cifar-10": "train/*/*.*", "tiny-imagenet": "train/*/images/*.JPEG"}


def look(
    network: Any, images: Sequence[Image.Image]
) -> tuple[NDArray[np.float32], NDArray[np.int16]]:
    """The last hidden layer's activations (n, units), and predicted classes (n,).

    Raises:
        model.gate.Busy: too many visitors at once.
    """
    spec = network.weights.spec
    layer = neighbours.hidden_layer(spec)
    assert layer is not None
    found = network.dense(np.concatenate([to_input(x, spec) for x in images]))
    last = found[spec.layers[-1].name]
    return found[layer.name], last.argmax(axis=1).astype(np.int16)


def titled(paths: Sequence[Path], data: str) -> Iterator[tuple[Path, str]]:
    """Each path with its class's name."""
    names = dict(
        zip(
            weights.class_ids(weights.DEFAULT),
            weights.class_names(weights.DEFAULT),
            strict=True,
        )
    )
    for path in paths:
        folder = path.parts[-2] if data == "cifar-10" else path.parts[-3]
        yield path, names.get(folder, folder)


def chosen(folder: Path, data: str, count: int) -> list[Path]:
    """Training images of a folder, drawn by the seed; fewer are a part of more.

    Raises:
        FileNotFoundError: there are none.
    """
    paths = sorted(folder.glob(PATTERNS[data]))
    if not paths:
        raise FileNotFoundError(f"Expected {PATTERNS[data]} below {folder}: no images")
    random.Random(SEED).shuffle(paths)
    return paths[:count]


def make_photographs(weight_set: WeightSet, out: Path) -> None:
    """The photographs' index of a set, and its projection."""
    network, hidden, predicted = runtime.network(weight_set.name), [], []
    names = tuple(photographs.photographs())
    for first in range(0, len(names), TOGETHER):
        part = [photographs.image(x) for x in names[first : first + TOGETHER]]
        activations, classes = look(network, part)
        hidden.append(activations)
        predicted.append(classes)
        log.info("%d of %d", first + len(part), len(names))
    activations = np.concatenate(hidden)
    projection = Projection.of(activations)
    index = neighbours.photographs_index(
        projection(activations), np.concatenate(predicted)
    )
    neighbours.write_photographs(out, weight_set, projection, index)


def _joined(index: Index | None, part: Index) -> Index:
    if index is None:
        return part
    return Index(
        index.source,
        index.titles + part.titles,
        np.concatenate([index.hidden, part.hidden]),
        np.concatenate([index.predicted, part.predicted]),
        np.concatenate([index.pixels, part.pixels]),
        index.jpegs + part.jpegs,
    )


def make(weight_set: WeightSet, data: str, folder: Path, count: int = MOST) -> Index:
    """The index of a folder's images, in the cache folder.

    Raises:
        FileNotFoundError: the folder has no such images.
        NotIndexed: the photographs come first; they give the projection.
    """
    projection, _ = neighbours.read_photographs(weight_set)
    rows = list(titled(chosen(folder, data, count), data))
    out, network = (
        neighbours.file_of(weight_set, data),
        runtime.network(weight_set.name),
    )
    index: Index | None = None
    try:
        index = neighbours.read(weight_set, data, projection)
    except NotIndexed:
        log.info("a new index: %s", out)
    began, before = time.monotonic(), len(index or ())
    for first in range(before, len(rows), SAVED):
        part = rows[first : first + SAVED]
        images = [Image.open(path).convert("RGB") for path, _ in part]
        looked = []
        for at in range(0, len(images), TOGETHER):
            looked.append(look(network, images[at : at + TOGETHER]))
            if at % 100 == 0:
                done = first + at - before
                rate = done / (time.monotonic() - began)
                log.info("%d of %d, %.0f a second", first + at, len(rows), rate)
        found = Index(
            data,
            tuple(title for _, title in part),
            projection(np.concatenate([hidden for hidden, _ in looked])),
            np.concatenate([classes for _, classes in looked]),
            np.stack([neighbours.shrunk(image) for image in images]),
            tuple(neighbours.jpeg(image) for image in images),
        )
        index = _joined(index, found)
        neighbours.write(out, projection, index)
    assert index is not None
    log.info("%d images in %s", len(index), out)
    return index


def main() -> None:
    """Makes one index, or goes on with it."""
    parser = argparse.ArgumentParser(prog="python -m model.analysis.similar")
    parser.add_argument("--weights", default=weights.DEFAULT)
    parser.add_argument("--data", choices=sorted(PATTERNS), help="else the photographs")
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--images", type=int, default=MOST)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    weight_set = weights.get(arguments.weights)
    if arguments.data is None:
        is_own = weight_set.name == weights.DEFAULT
        source = neighbours.PHOTOGRAPHS
        out = neighbours.file_of(weight_set, source)
        make_photographs(weight_set, neighbours.shipped(weight_set) if is_own else out)
        return
    if arguments.folder is None:
        parser.error("--data needs --folder")
    try:
        make(weight_set, arguments.data, arguments.folder, arguments.images)
    except (FileNotFoundError, NotIndexed) as error:
        parser.error(str(error))


if __name__ == "__main__":
    main()

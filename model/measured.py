"""The measured figures of a weight set, read from the files beside its weights.

`python -m model.card` writes them. For a set NAME in assets/weights:

    NAME.json           figures: accuracy, calibration, filters, confusions, cost
    NAME-history.npz    conv1 at every report of the training, and the journal's curves
    NAME-typical.npz    each class's place among the 4,096 numbers of fc7
    NAME-journal.jsonl  the training's report lines, as it wrote them
    NAME.md             the model card: NAME.card.md with these figures in its fields

A set that was not measured here has none of them, and the functions say None. numpy
only: the pages read these before TensorFlow is there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from model.analysis import calibration
from paths import ASSETS

FOLDER = ASSETS / "weights"
CERTAINTIES = 10  # equal steps of the first name's probability, from 0 to 1
STEPS = 20  # between the nearest and the farthest picture of a class


@dataclass(frozen=True)
class Evaluation:
    """Of one set; shares are 0 to 1."""

    top1: float  # on the 10,000 validation pictures, as shipped
    top5: float
    top1_before_compression: float
    temperature: float  # fitted on one half of the validation pictures
    ece_before: float  # expected calibration error on the other half
    ece_after: float
    threshold: float  # calibrated share of the first name below which it doubts
    right_kept: float  # of rightly named pictures on the other half: not doubted
    wrong_doubted: float  # of wrongly named ones: doubted
    strangers_doubted: float  # of pictures of other things: doubted
    strangers: str  # which those were
    # By step of the first name's probability, on the other half: pictures, their mean
    # probability, the share that was right. Then how many of the strangers fell there.
    reliability: tuple[tuple[int, float, float], ...]
    strangers_in_steps: tuple[int, ...]
    agreement: float  # of sharp pictures: same name when shrunk to 64 pixels before
    agreement_without: float  # the same if the network were given the sharp ones
    agreement_pictures: int
    clear_filters: int
    clear_orientation: int
    clear_colour: int
    dead_filters: int
    dead_units: dict[str, int]  # per layer: never above 0 on 2,000 of them
    class_accuracy: tuple[float, ...]  # top-1 of each class
    confusions: tuple[tuple[int, int, int], ...]  # (true, named, of 50), worst first
    hardware: str  # that it was trained on, in words
    recipe: dict[str, Any]  # of its training: see `model.training.train.train`

    @property
    def all_dead_units(self) -> int:
        """Of all layers."""
        return sum(self.dead_units.values())


@cache
def evaluation(name: str) -> Evaluation | None:
    """What was measured of a set; None if nothing was."""
    path = FOLDER / f"{name}.json"
    if not path.is_file():
        return None
    table = json.loads(path.read_text("utf-8"))
    table["class_accuracy"] = tuple(table["class_accuracy"])
    for rows in ("confusions", "reliability"):
        table[rows] = tuple(tuple(row) for row in table.get(rows, ()))
    table["strangers_in_steps"] = tuple(table.get("strangers_in_steps", ()))
    return Evaluation(**{field.name: table[field.name] for field in fields(Evaluation)})


@cache
def trained_in(name: str) -> int:
    """The year in which a set was trained, as its card says.

    Raises:
        ValueError: the card has no line "| date | November 2026 |".
    """
    card = (FOLDER / f"{name}.md").read_text("utf-8")
    found = re.search(r"^\| date \| \w+ (\d{4}) \|$", card, re.MULTILINE)
    if found is None:
        raise ValueError(f"{name}.md has no line | date | Month 20xx |")
    return int(found[1])


@dataclass(frozen=True)
class History:
    """A training run, report by report; arrays are (reports,) unless they say so.

    The first report is the network before it has seen anything.
    """

    shown: NDArray[np.int64]  # pictures shown so far, repetitions counted
    size: NDArray[np.int64]  # input pixels
    seconds: NDArray[np.float64]  # since the report before
    train: NDArray[np.float64]  # top-1 while learning: crops, dropout; nan at first
    validation: NDArray[np.float64]  # top-1 on 2,000 whole pictures; nan at first
    codes: NDArray[np.int8]  # (reports, h, w, 3, n): conv1, 127 is a filter's largest
    scale: NDArray[np.float32]  # (reports, n): what 127 stands for

    def filters(self, report: int) -> NDArray[np.float32]:
        """conv1 at one report: (h, w, 3, n)."""
        kernel = self.codes[report] * (self.scale[report] / 127)
        return np.asarray(kernel, np.float32)


@cache
def history(name: str) -> History | None:
    """How a set was trained; None if that was not kept."""
    path = FOLDER / f"{name}-history.npz"
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return History(**{field.name: arrays[field.name] for field in fields(History)})


def pack_filters(
    kernels: list[NDArray[np.floating[Any]]],
) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    """`History.codes` and `scale` of kernels (h, w, 3, n), in 8 bits a weight."""
    every = np.stack(kernels).astype(np.float32)  # (reports, h, w, 3, n)
    scale = np.abs(every).max(axis=(1, 2, 3)) + 1e-12  # (reports, n)
    codes = np.round(every / scale[:, None, None, None] * 127)
    return codes.astype(np.int8), scale


@dataclass(frozen=True)
class Typical:
    """Where each class lies among the numbers of the last hidden layer."""

    mean: NDArray[np.uint8]  # (classes, units): of pictures it learned from
    scale: NDArray[np.float32]  # (classes,): what 255 stands for
    spread: NDArray[np.float32]  # (classes, STEPS + 1): quantiles of their distances

    def distance(self, number: int, values: NDArray[np.floating[Any]]) -> float:
        """From a class's mean: 1 - cosine, 0 (same direction) to 1."""
        mean = self.mean[number].astype(np.float32)  # the scale cancels out
        lengths = float(np.linalg.norm(mean) * np.linalg.norm(values))
        return 1 - float(mean @ values) / lengths if lengths else 1.0

    def farther(self, number: int, values: NDArray[np.floating[Any]]) -> float:
        """Share of the class's own pictures that lie farther from its mean, 0 to 1."""
        nearer = np.interp(
            self.distance(number, values),
            self.spread[number],
            np.linspace(0, 1, STEPS + 1),
        )
        return 1 - float(nearer)


@cache
def typical(name: str) -> Typical | None:
    """What is typical of a set's classes; None if that was not measured."""
    path = FOLDER / f"{name}-typical.npz"
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return Typical(**{field.name: arrays[field.name] for field in fields(Typical)})


@cache
def best(name: str) -> Mapping[str, NDArray[np.float32]] | None:
    """By layer: each map's largest value on the lab's photographs, (maps,); or None."""
    path = FOLDER / f"{name}-best.npz"
    if not path.is_file():
        return None
    with np.load(path, allow_pickle=False) as arrays:
        return {layer: arrays[layer] for layer in arrays.files}


@dataclass(frozen=True)
class ImagePrediction:
    """What a network predicts for one picture."""

    classes: tuple[int, ...]  # likeliest first
    probabilities: tuple[float, ...]  # calibrated where the set was
    doubted: bool  # probably none of its classes
    farther: float | None  # see `Typical.farther`, of the first class


def probabilities(
    name: str, outputs: NDArray[np.floating[Any]]
) -> NDArray[np.floating[Any]]:
    """The probabilities of a set's classes: the one source of all that are shown.

    Args:
        outputs: of its softmax, (…, classes).

    Returns:
        The same at the set's temperature; unchanged where none was measured.
    """
    found = evaluation(name)
    return calibration.at_temperature(outputs, found.temperature) if found else outputs


def predict(
    name: str,
    outputs: NDArray[np.floating[Any]],
    hidden: NDArray[np.floating[Any]],
    count: int = 5,
) -> ImagePrediction:
    """What it predicts, from the last layer's outputs (classes,) and fc7's (units,)."""
    found, space = evaluation(name), typical(name)
    calibrated = probabilities(name, outputs)
    best = np.argsort(calibrated)[::-1][:count]
    first = float(calibrated[best[0]])
    return ImagePrediction(
        tuple(int(i) for i in best),
        tuple(float(calibrated[i]) for i in best),
        bool(found and first < found.threshold),
        space.farther(int(best[0]), hidden) if space else None,
    )

"""The registry of weight sets: what each is, where it came from, how good it is.

A set is an entry of `REGISTRY` and, unless it is drawn at random, a file. The project's
own lies in assets/weights (see `model.weights.codec`). ImageNet's two sets are others'
files, fetched when somebody asks for them and kept as they were published.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Literal

from model import measured
from model.network.specs import (
    CAFFE,
    ORIGINAL,
    SIMPLIFIED,
    STANDARDISED,
    TORCHVISION,
    Normalise,
    Spec,
)
from model.weights.fetch import Checksum
from paths import ASSETS, weights_folder

FOLDER = ASSETS / "weights"
NAMES = "imagenet-classes.csv"

# The lesson's network for Tiny ImageNet's 200 classes, whose pictures have 64 pixels.
TINY = replace(SIMPLIFIED.with_classes(200), pixels=replace(STANDARDISED, detail=64))

# The paper's network as Caffe trained it (bvlc_alexnet). Caffe adds 1, not 2, and
# divides alpha by n: its 1e-4 is 2e-5 here. `deep_compression` turns the first
# layer's channels round, so that the network reads red, green, blue.
AS_IN_CAFFE = replace(
    ORIGINAL,
    pixels=replace(CAFFE, order="RGB"),
    layers=tuple(
        replace(layer, k=1.0, alpha=1e-4 / layer.n)
        if isinstance(layer, Normalise)
        else layer
        for layer in ORIGINAL.layers
    ),
)


@dataclass(frozen=True)
class Download:
    """Where a set's file is fetched from, and what it must be."""

    url: str
    checksum: Checksum
    size: int  # bytes, to be told before; the server says it exactly
    most: int  # bytes; a longer file is refused


@dataclass(frozen=True)
class WeightSet:
    """One set of weights for one network."""

    name: str
    title: str
    spec: Spec
    trained_on: str  # for the label on every picture
    source: str
    licence: str
    file: str | None  # in assets/weights or, fetched, the cache; None: at random
    sha256: str | None  # of a file in assets/weights
    classes_file: str | None  # below assets/weights: index,wnid,name
    top1: float | None  # measured, 0 to 1; None: untrained, it can only guess
    top5: float | None
    measured_on: str | None
    about: str = ""  # a sentence for who wonders whether to fetch it
    format: Literal["npz", "deep-compression", "torch"] = "npz"
    download: Download | None = None  # None: it is part of the project

    @property
    def path(self) -> Path | None:
        """Where its file is, or would be; None if it has none."""
        if self.file is None:
            return None
        return (FOLDER if self.download is None else weights_folder()) / self.file

    @property
    def here(self) -> bool:
        """Whether it can be used without fetching anything."""
        return self.path is None or self.path.is_file()

    @property
    def checksum(self) -> Checksum | None:
        """What its file must be; None: it is taken as it is."""
        if self.download is not None:
            return self.download.checksum
        return None if self.sha256 is None else Checksum("sha256", self.sha256)

    @property
    def remedy(self) -> str:
        """What to do when its file is broken."""
        if self.download is None:
            return "Restore the file with git."
        return (
            f"Remove it with `.venv/bin/python -m model.weights remove {self.name}` "
            "and fetch it again."
        )

    @property
    def label(self) -> str:
        """What stands beside every picture that these weights made."""
        return f"{self.spec.title}, {self.trained_on}"


_OWN = measured.evaluation("tiny-imagenet")
assert _OWN is not None  # they lie in the repository

REGISTRY: dict[str, WeightSet] = {
    weights.name: weights
    for weights in (
        WeightSet(
            name="tiny-imagenet",
            title="Trained on Tiny ImageNet",
            spec=TINY,
            trained_on="trained on Tiny ImageNet's 200 classes",
            source="this project's own `python -m model.training`",
            licence="research and teaching (images from ImageNet)",
            file="tiny-imagenet.npz",
            sha256="9d905407b290c57d4e9bf403f27bf3de116d95551aed949cac9bea7ef159aaf3",
            classes_file="tiny-imagenet-classes.csv",
            top1=_OWN.top1,
            top5=_OWN.top5,
            measured_on="the 10,000 validation images, one view each",
        ),
        WeightSet(
            name="random",
            title="Random, untrained",
            spec=TINY,
            trained_on="random weights, untrained",
            source="random numbers with a fixed seed",
            licence="Apache-2.0",
            file=None,
            sha256=None,
            classes_file="tiny-imagenet-classes.csv",
            top1=None,
            top5=None,
            measured_on=None,
        ),
        WeightSet(
            name="original",
            title="The 2012 network, ImageNet",
            spec=AS_IN_CAFFE,
            trained_on="trained on ImageNet's 1,000 classes",
            source="Deep Compression's AlexNet (Han, Mao, Dally, ICLR 2016): Caffe's "
            "bvlc_alexnet, pruned to a ninth of its weights",
            licence="BSD 2-Clause (images from ImageNet: research and teaching)",
            file="AlexNet_compressed.net",
            sha256=None,
            classes_file=NAMES,
            top1=0.571,
            top5=0.803,
            measured_on="ImageNet's 50,000 validation images, as its authors report",
            about="The network of the paper, 96 filters first, in two towers and with "
            "normalisation (by Caffe's numbers: k = 1 and α = 0.00002, where the paper "
            "has 2 and 0.0001).",
            format="deep-compression",
            download=Download(
                "https://github.com/songhan/Deep-Compression-AlexNet/raw/master/"
                "AlexNet_compressed.net",
                Checksum("git-blob", "ea0d14e98edfbcbfba995003c94d7259fa23b6cc"),
                size=8_900_000,
                most=12_000_000,
            ),
        ),
        WeightSet(
            name="torchvision",
            title="torchvision's, ImageNet",
            spec=TORCHVISION,
            trained_on="trained on ImageNet's 1,000 classes",
            source="torchvision's `alexnet`, IMAGENET1K_V1",
            licence="BSD 3-Clause (images from ImageNet: research and teaching)",
            file="alexnet-owt-7be5be79.pth",
            sha256=None,
            classes_file=NAMES,
            top1=0.56522,
            top5=0.79066,
            measured_on="ImageNet's 50,000 validation images, as its authors report",
            about="The narrower network that torchvision calls AlexNet: 64 filters "
            "first, one tower, no normalisation.",
            format="torch",
            download=Download(
                "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
                Checksum(
                    "sha256",
                    "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02",
                ),
                size=244_408_911,
                most=244_408_911,
            ),
        ),
    )
}
DEFAULT = "tiny-imagenet"


def get(name: str) -> WeightSet:
    """The weight set of that name.

    Raises:
        KeyError: no such set; the message lists those there are.
    """
    if name not in REGISTRY:
        raise KeyError(f"Weight sets: {', '.join(REGISTRY)}. Received: {name!r}")
    return REGISTRY[name]


def available() -> list[WeightSet]:
    """The sets that can be chosen now, in the registry's order."""
    return [one for one in REGISTRY.values() if one.here]


@cache
def _classes(name: str) -> tuple[dict[str, str], ...]:
    weights = get(name)
    assert weights.classes_file is not None
    with (FOLDER / weights.classes_file).open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def class_names(name: str) -> tuple[str, ...]:
    """What each output stands for, in the order of the outputs."""
    return tuple(row["name"] for row in _classes(name))


def class_ids(name: str) -> tuple[str, ...]:
    """The WordNet id of each output."""
    return tuple(row["wnid"] for row in _classes(name))

"""Numbers of the lesson's third part: recorded runs, data, networks after AlexNet.

Parameters are counted from the tables of the papers, errors are those that they print.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from classroom.content import recorded
from model import paper
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED
from paths import ASSETS

CLASSES = 1000
VALIDATION = 10_000  # images of Tiny ImageNet
TAUGHT = 500  # training images of each of its classes
MEASURED = ASSETS / "weights/tiny-imagenet.json"  # see `model.measured`

Kernel = tuple[int, int, int]  # side, maps in, maps out


def with_biases(kernels: Sequence[Kernel]) -> int:
    """The parameters of convolutions; a dense layer is one of side 1."""
    return sum(side**2 * old * new + new for side, old, new in kernels)


# Figure 3 of Zeiler and Fergus, 2013. fc6 reads 6 x 6 positions.
ZF: tuple[Kernel, ...] = (
    *((7, 3, 96), (5, 96, 256), (3, 256, 384), (3, 384, 384), (3, 384, 256)),
    *((6, 256, 4096), (1, 4096, 4096), (1, 4096, CLASSES)),
)
# Table 1 of Simonyan and Zisserman, 2014: configuration D. fc6 reads 7 x 7 positions.
VGG: tuple[Kernel, ...] = (
    *((3, 3, 64), (3, 64, 64), (3, 64, 128), (3, 128, 128)),
    *((3, 128, 256), (3, 256, 256), (3, 256, 256)),
    *((3, 256, 512), (3, 512, 512), (3, 512, 512)),
    *((3, 512, 512), (3, 512, 512), (3, 512, 512)),
    *((7, 512, 4096), (1, 4096, 4096), (1, 4096, CLASSES)),
)
# Table 1 of Szegedy et al., 2014: of each inception module the maps of 1 x 1, of
# 3 x 3 and of 5 x 5 with what is before them, and those behind the pooling.
INCEPTIONS = (
    *((64, 96, 128, 16, 32, 32), (128, 128, 192, 32, 96, 64)),
    *((192, 96, 208, 16, 48, 64), (160, 112, 224, 24, 64, 64)),
    *((128, 128, 256, 24, 64, 64), (112, 144, 288, 32, 64, 64)),
    *((256, 160, 320, 32, 128, 128), (256, 160, 320, 32, 128, 128)),
    (384, 192, 384, 48, 128, 128),
)


def googlenet() -> int:
    """GoogLeNet's parameters, without the side branches that only training has."""
    kernels: list[Kernel] = [(7, 3, 64), (1, 64, 64), (3, 64, 192)]
    maps = 192
    for one, before_3, three, before_5, five, pooled in INCEPTIONS:
        kernels += [(1, maps, one), (1, maps, before_3), (3, before_3, three)]
        kernels += [(1, maps, before_5), (5, before_5, five), (1, maps, pooled)]
        maps = one + three + five + pooled
    return with_biases([*kernels, (1, maps, CLASSES)])


def resnet(blocks: Sequence[int] = (3, 8, 36, 3)) -> int:
    """A ResNet's parameters, by table 1 of He et al., 2015; 152 layers by default.

    Its convolutions have no biases; each is followed by batch normalisation, with two
    trainable numbers for each map.
    """

    def conv(side: int, old: int, new: int) -> int:
        return side**2 * old * new + 2 * new

    total, maps = conv(7, 3, 64), 64
    for width, count in zip((64, 128, 256, 512), blocks, strict=True):
        for number in range(count):
            total += conv(1, maps, width) + conv(3, width, width)
            total += conv(1, width, 4 * width)
            if number == 0:  # the way round a block whose maps grow in number
                total += conv(1, maps, 4 * width)
            maps = 4 * width
    return total + maps * CLASSES + CLASSES


@dataclass(frozen=True)
class LaterNetwork:
    """A network, and the top-5 errors on ImageNet that its paper prints."""

    name: str
    title: str
    year: int
    one: float  # per cent, one network, validation images
    averaged: float  # several networks averaged, test images
    layers: int  # with weights, one behind the other
    parameters: int
    source: str  # one of the lesson's references


def networks() -> tuple[LaterNetwork, ...]:
    """AlexNet and what came after it, by year."""
    whole = shapes.totals(ORIGINAL).parameters
    one, seven = paper.ONE.error, paper.SEVEN.error
    return (
        LaterNetwork(
            "alexnet", "AlexNet", 2012, one, seven, 8, whole, "krizhevsky2012"
        ),
        LaterNetwork("zf", "ZFNet", 2013, 16.5, 14.8, 8, with_biases(ZF), "zeiler2013"),
        LaterNetwork(
            "vgg", "VGG-16", 2014, 7.2, 6.8, 16, with_biases(VGG), "simonyan2014"
        ),
        LaterNetwork(
            "googlenet", "GoogLeNet", 2014, 7.89, 6.67, 22, googlenet(), "szegedy2014"
        ),
        LaterNetwork("resnet", "ResNet-152", 2015, 4.49, 3.57, 152, resnet(), "he2015"),
    )


Value = tuple[float, str]  # and how it is written: see `content.numbers.Number`


def values() -> Mapping[str, Value]:
    """The numbers that the words name."""
    crops = {"one_crop_top1": (paper.ONE_CROP[0], ".1%")}
    return {**_four(), **crops, **_data(), **_networks()}


def _four() -> dict[str, Value]:
    """Of the four recorded runs, the errors at the end."""
    by = {recorded.diagnosis(recorded.of_four(x)): x for x in recorded.FOUR}
    end = {name: recorded.of_four(letter)[-1] for name, letter in by.items()}
    name, seed, _ = recorded.FOUR[by["learns_nothing"]]
    lower = recorded.runs(name)[seed][1]
    return {
        "guess_error": (0.9, ".0%"),  # ten classes
        "fit_training": (end["good"].training / 100, ".0%"),
        "fit_validation": (end["good"].validation / 100, ".0%"),
        "early_training": (end["still_falls"].training / 100, ".0%"),
        "early_validation": (end["still_falls"].validation / 100, ".0%"),
        "learned_training": (end["overfits"].training / 100, ".0%"),
        "learned_validation": (end["overfits"].validation / 100, ".0%"),
        "lower_validation": (lower[-1].validation / 100, ".0%"),
        "rate_times": (RATES[0] / RATES[1], "g"),
    }


RATES = (0.04, 0.0025)  # of the run that learns nothing, and of one that learns


def _data() -> dict[str, Value]:
    """Where ImageNet's images are from, and what was measured of the app's network."""
    found = json.loads(MEASURED.read_text("utf-8"))
    *_, (_, _, sure) = found["reliability"]
    others, classes = found["strangers_in_steps"], len(found["class_accuracy"])
    units = shapes.layer_info(SIMPLIFIED, "fc7").output[0]
    whole = shapes.totals(SIMPLIFIED.with_classes(classes)).parameters
    return {
        "from_states": (0.45, ".0%"),  # Zou and Schiebinger, 2018
        "from_two": (0.03, ".0%"),
        "sure_example": (0.94, ".0%"),
        "sure_from": (1 - 1 / len(others), ".0%"),
        "sure_right": (sure, ".0%"),
        "sure_strangers": (others[-1], ",d"),
        "half_strangers": (sum(others[len(others) // 2 :]), ",d"),
        "strangers": (sum(others), ",d"),
        "strangers_doubt": (found["strangers_doubted"], ".0%"),
        "right_doubted": (1 - found["right_kept"], ".0%"),
        "best_class": (max(found["class_accuracy"]), ".0%"),
        "worst_class": (min(found["class_accuracy"]), ".0%"),
        "class_images": (VALIDATION // classes, ",d"),
        "taught_images": (TAUGHT * classes, ",d"),
        "taught_parameters": (2 * (units + 1), ",d"),
        "kept_parameters": (whole - classes * (units + 1), ",d"),
    }


def _networks() -> dict[str, Value]:
    by_name = {one.name: one for one in networks()}
    first, small = by_name["alexnet"], by_name["googlenet"]
    return {
        "resnet_top5": (by_name["resnet"].averaged / 100, ".1%"),
        "resnet_layers": (by_name["resnet"].layers, ",d"),
        "vgg_millions": (by_name["vgg"].parameters / 1e6, ".0f"),
        "googlenet_layers": (small.layers, ",d"),
        "googlenet_millions": (small.parameters / 1e6, ".0f"),
        "googlenet_share": (small.parameters / first.parameters, ".0%"),
    }

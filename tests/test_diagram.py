"""The drawing: to scale, in both schemes and directions, described in words."""

from __future__ import annotations

import re
from io import BytesIO
from itertools import combinations
from typing import get_args
from xml.etree import ElementTree

import numpy as np
import pytest

from model.network import shapes
from model.network.specs import AUTHORS, LENET5, ORIGINAL, SIMPLIFIED, SPECS
from ui.network.architecture import labels
from viz import blocks, charts, diagram, svg
from viz.palette import PALETTES, Scheme

SVG = "{http://www.w3.org/2000/svg}"
WAYS = get_args(svg.Direction)
SCHEMES = get_args(Scheme)


def _drawn(name: str, way: svg.Direction, scheme: Scheme = "light") -> str:
    return diagram.network_svg(
        SPECS[name], PALETTES[scheme], labels(SPECS[name]), direction=way
    )


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SPECS)
def test_drawing_is_sound_and_complete(
    name: str, way: svg.Direction, scheme: Scheme
) -> None:
    root = ElementTree.fromstring(_drawn(name, way, scheme))
    words = " ".join("".join(text.itertext()) for text in root.iter(f"{SVG}text"))
    for row in shapes.table(SPECS[name]):
        if row.kind in ("conv", "pool", "dense", "normalise"):
            assert row.name in words
        if row.kind in ("conv", "pool", "dense"):
            assert blocks.size_words(row.output) in words
    assert root.findtext(f"{SVG}title") == diagram.describe(
        SPECS[name], labels(SPECS[name])
    )


@pytest.mark.parametrize("spoken", ["en", "de"])
@pytest.mark.parametrize("legend", [True, False])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beside", SPECS)
@pytest.mark.parametrize("name", SPECS)
def test_nothing_leaves_the_paper(
    name: str, beside: str, way: svg.Direction, legend: bool, spoken: str
) -> None:
    scale = blocks.scale_for(SPECS[name], SPECS[beside])
    root = ElementTree.fromstring(
        diagram.network_svg(
            SPECS[name],
            PALETTES["light"],
            labels(SPECS[name], spoken),
            scale,
            way,
            legend,
        )
    )
    _, _, width, height = map(float, root.attrib["viewBox"].split())
    assert width == svg.WIDTH[way]
    for shape in root.iter(f"{SVG}polygon"):
        for point in shape.attrib["points"].split():
            x, y = map(float, point.split(","))
            assert 0 <= x <= width and 0 <= y <= height
    for text in root.iter(f"{SVG}text"):
        letters = len("".join(text.itertext())) * svg.LETTER
        end = float(text.attrib["x"]) + letters * float(text.attrib["font-size"])
        assert end <= width + 10  # measured for a wide font
        assert 10 <= float(text.attrib["y"]) <= height


@pytest.mark.parametrize("spoken", ["en", "de"])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("beside", SPECS)
@pytest.mark.parametrize("name", SPECS)
def test_labels_do_not_collide(
    name: str, beside: str, way: svg.Direction, spoken: str
) -> None:
    scale = blocks.scale_for(SPECS[name], SPECS[beside])
    root = ElementTree.fromstring(
        diagram.network_svg(
            SPECS[name], PALETTES["light"], labels(SPECS[name], spoken), scale, way
        )
    )
    boxes = []
    for text in root.iter(f"{SVG}text"):
        words, size = "".join(text.itertext()), float(text.attrib["font-size"])
        left, base = float(text.attrib["x"]), float(text.attrib["y"])
        right = left + len(words) * size * svg.LETTER
        boxes.append((left, base - 0.72 * size, right, base, words))
    for a, b in combinations(boxes, 2):
        apart = a[2] <= b[0] or b[2] <= a[0] or a[3] <= b[1] or b[3] <= a[1]
        assert apart, f"{a[4]} over {b[4]}"


def _bars(svg: str, colour: str) -> list[float]:
    root = ElementTree.fromstring(svg)
    return [
        float(rect.attrib["height"])
        for rect in root.iter(f"{SVG}rect")
        if rect.attrib["fill"] == colour and "rx" in rect.attrib
    ]


def test_bars_are_to_scale() -> None:
    palette = PALETTES["light"]
    fc6, fc7, fc8 = _bars(
        diagram.network_svg(SIMPLIFIED, palette, labels(SIMPLIFIED)), palette.dense
    )
    assert fc6 == fc7
    assert fc6 / fc8 == pytest.approx(4096 / 1000, rel=0.01)


def test_one_scale_for_two_networks() -> None:
    palette = PALETTES["light"]
    scale = blocks.scale_for(SIMPLIFIED, LENET5)
    assert scale == blocks.Scale(side=224, maps=384, units=4096)
    large = _bars(
        diagram.network_svg(SIMPLIFIED, palette, labels(SIMPLIFIED), scale),
        palette.dense,
    )
    small = _bars(
        diagram.network_svg(LENET5, palette, labels(LENET5), scale), palette.dense
    )
    assert large[0] / small[0] == pytest.approx(4096 / 120, rel=0.02)


def test_groups_make_two_towers() -> None:
    def blocks(name: str) -> int:
        root = ElementTree.fromstring(_drawn(name, "down"))
        return len(list(root.iter(f"{SVG}polygon")))

    # Three faces a block and one filter a read map: all but the input are doubled.
    assert blocks("simplified") == 9 * 3 + 5
    assert blocks("original") == (1 + 2 * 8) * 3 + 1 + 2 * 4


def test_description_has_the_numbers() -> None:
    said = diagram.describe(ORIGINAL, labels(ORIGINAL))
    assert "conv1 with 96 filters of 11×11, stride 4, gives 55×55×96" in said
    assert "256 filters of 5×5, stride 1 in 2 groups, gives 27×27×256" in said
    assert "norm1 normalises across 5 maps" in said
    assert "pool5, max of 3×3, stride 2, gives 6×6×256" in said
    assert said.endswith("fc8 has 1,000 units.")
    said = diagram.describe(AUTHORS, labels(AUTHORS))
    assert "norm1 normalises across 5 maps of each of the 2 groups; pool1" in said
    assert "27×27×96; relu1 applies ReLU; conv2" in said
    assert "norm2b normalises each map over 5×5 positions; pool2" in said


def test_the_german_description_has_the_same_numbers() -> None:
    said = diagram.describe(ORIGINAL, labels(ORIGINAL, "de"))
    assert "256 Filtern von 5×5, Schrittweite 1, in 2 Gruppen, ergibt 27×27×256" in said
    assert said.endswith("fc8 hat 1.000 Einheiten.")
    for spec in SPECS.values():
        numbers = [
            re.findall(r"\d+", re.sub(r"(?<=\d)[.,](?=\d)", "", text))
            for text in (
                diagram.describe(spec, labels(spec)),
                diagram.describe(spec, labels(spec, "de")),
            )
        ]
        assert numbers[0] == numbers[1]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_shares_are_drawn(scheme: Scheme) -> None:
    rows = [row for row in shapes.table(SIMPLIFIED) if row.parameters]
    columns = [
        ("Parameters", [row.parameters for row in rows]),
        ("Multiply-adds", [row.macs for row in rows]),
    ]
    figure = charts.shares(
        [row.name for row in rows],
        [row.kind for row in rows],
        columns,
        PALETTES[scheme],
    )
    figure.savefig(BytesIO(), format="png", dpi=50)
    for axis, (title, values) in zip(figure.axes, columns, strict=True):
        assert axis.get_title() == title
        widths = [bar.get_width() for bar in axis.patches]
        assert widths == pytest.approx((100 * np.array(values) / sum(values)).tolist())
        assert sum(widths) == pytest.approx(100)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SPECS)
def test_the_plain_drawing_says_names_and_no_numbers(
    name: str, way: svg.Direction
) -> None:
    drawn = diagram.without_numbers(SPECS[name], PALETTES["light"], "The network", way)
    root = ElementTree.fromstring(drawn.svg)
    words = ["".join(text.itertext()).strip() for text in root.iter(f"{SVG}text")]
    names = {row.name for row in shapes.table(SPECS[name])}
    assert {word for word in words if word} <= names
    assert set(drawn.places) <= set(words)
    assert root.findtext(f"{SVG}title") == "The network"
    for row in shapes.table(SPECS[name]):
        if row.kind in ("input", "conv", "pool", "dense"):
            assert row.name in drawn.places


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", SPECS)
def test_a_layers_place_is_round_it_and_round_no_other(
    name: str, way: svg.Direction
) -> None:
    drawn = diagram.without_numbers(SPECS[name], PALETTES["light"], "The network", way)
    for left, top, width, height in drawn.places.values():
        assert 0 <= left < left + width <= drawn.width + 10  # a wide font's letters
        assert -1 <= top < top + height <= drawn.height
        assert width > 10 and height > 10
    middles = {
        layer: (left + width / 2, top + height / 2)
        for layer, (left, top, width, height) in drawn.places.items()
    }
    for layer, (x, y) in middles.items():
        inside = [
            other
            for other, (left, top, width, height) in drawn.places.items()
            if left <= x <= left + width and top <= y <= top + height
        ]
        assert inside == [layer]

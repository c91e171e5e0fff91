"""Every row of "the lesson says, the paper says, this network says", against model/.

What a row must show is worked out here a second time, from specs and shapes, and not
from `classroom.numbers`; what is cited is typed from the paper.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from classroom import lesson, numbers
from lab import recordings
from lab.records import Event
from model import pace, shapes, weights
from model.specs import LENET5, ORIGINAL, SIMPLIFIED
from ui import lesson_panels
from ui.lesson_panels import Opened

ENGLISH = lesson.load()
ROW = weights.get(weights.DEFAULT)


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    known = numbers.numbers(lesson_panels.measured(ENGLISH))
    opened = Opened(ENGLISH, ENGLISH.steps[0], 0, known)
    return lesson_panels.claim_rows(opened)


PAPER, LESSON = shapes.totals(ORIGINAL), shapes.totals(SIMPLIFIED)
TOWER = shapes.totals(shapes.without_groups(ORIGINAL))
PACE = pace.recorded(224).pace


def share(layer: str) -> str:
    return f"{shapes.row(ORIGINAL, layer).parameters / PAPER.parameters:.2%}"


def neurons(*shape: int) -> str:
    count = 1
    for side in shape:
        count *= side
    return f"{count:,}"


# row: what stands in the paper's cell, in the app's cell, and in the reason.
EXPECTED: dict[str, tuple[list[str], list[str], list[str]]] = {
    "parameters": (
        ["60 million"],
        [
            f"{PAPER.parameters:,} (AlexNet",
            f"{LESSON.parameters:,} (the lesson's code)",
            f"{shapes.totals(ROW.spec).parameters:,} (this app's weights)",
        ],
        [f"{TOWER.parameters - PAPER.parameters:,}", f"{ROW.spec.classes} outputs"],
    ),
    "neurons": (
        ["650,000"],
        [f"{PAPER.neurons:,} (AlexNet", f"{LESSON.neurons:,} (the lesson's"],
        ["622,312", neurons(55, 48, 96), f"which is {neurons(55, 55, 96)}"],
    ),
    "input": (
        ["224 × 224"],
        [f"{ORIGINAL.input_size} × {ORIGINAL.input_size}"],
        [f"(224 − 11) / 4 + 1 = {shapes.steps(SIMPLIFIED)[0].exact}"],
    ),
    "maps": (
        ["55 × 55"],
        [
            "{0} × {0} (the lesson's".format(shapes.row(SIMPLIFIED, "conv1").output[0]),
            "{0} × {0} with 227".format(shapes.row(ORIGINAL, "conv1").output[0]),
        ],
        ["54.25"],
    ),
    "reads": (
        [f"{shapes.row(ORIGINAL, 'flatten').output[0]:,}"],
        [f"{shapes.row(SIMPLIFIED, 'flatten').output[0]:,}"],
        [
            "{0} × {0} instead of {1} × {1}".format(
                *(shapes.row(s, "pool5").output[0] for s in (SIMPLIFIED, ORIGINAL))
            )
        ],
    ),
    "layers": (
        ["five convolutions", "three dense layers"],
        [f"{len(list(ORIGINAL.convolutions()))} convolutions", "3 dense layers"],
        ["agree"],
    ),
    "filters": (
        ["96 of 11 × 11 × 3, steps of 4"],
        [f"{shapes.row(ORIGINAL, 'conv1').parameters:,}"],
        ["torchvision's network of the same name has 64"],
    ),
    "dense": (
        ["–"],
        [
            f"{PAPER.dense_parameter_share:.1%} (AlexNet",
            f"{LESSON.dense_parameter_share:.1%} (the lesson's",
        ],
        ["96% is right"],
    ),
    "conv_share": (
        ["no more than 1%"],
        [f"conv3 {share('conv3')}", f"conv4 {share('conv4')}"],
        ["two of the five"],
    ),
    "error": (
        ["15.3% (seven networks", "18.2% (one network"],
        [f"{1 - (ROW.top5 or 0):.1%} (this app's weights; {ROW.spec.classes} classes"],
        ["average of seven networks"],
    ),
    "second": (["26.2%"], ["cited"], ["Fisher vectors"]),
    "six": (
        ["6 times fewer passes to 25% training error"],
        ["CIFAR-10 with 3 seeds"],
        ["0.071", "6 × 10⁻¹⁰"],
    ),
    "dropout": (["50% of the first two dense layers"], ["50%", "times 2"], ["mean"]),
    "crops": (
        ["2048"],
        [f"{(256 - 224 + 1) ** 2 * 2:,}"],
        ["256 − 224 + 1 = 33", "33 · 33 · 2"],
    ),
    "training": (
        ["90 epochs", "1.2 million"],
        [
            f"{1_200_000 * 90 // 128:,} steps",
            f"{1_200_000 * 90 / PACE / 86400:.0f} days",
            f"{PACE:.0f} pictures a second",
        ],
        ["estimate"],
    ),
    "file": (
        ["–"],
        [f"{PAPER.parameters * 4 / 1e6:.1f} MB", f"{LESSON.parameters * 4 / 1e6:.1f}"],
        ["Four bytes"],
    ),
    "lenet": (
        ["–"],
        [
            f"{shapes.totals(LENET5).parameters:,}",
            f"{PAPER.parameters / shapes.totals(LENET5).parameters:.0f} times",
        ],
        ["in part"],
    ),
}


def test_every_row_is_held_to_something() -> None:
    assert set(EXPECTED) == set(ENGLISH.tables["claims"])


@pytest.mark.parametrize("name", EXPECTED)
def test_a_row_says_what_the_model_says(
    name: str, rows: dict[str, dict[str, str]]
) -> None:
    for cell, wanted in zip(("paper", "app", "why"), EXPECTED[name], strict=True):
        for text in wanted:
            assert text in rows[name][cell], rows[name][cell]


def test_the_slopes_of_tanh_are_the_derivative(rows: dict[str, dict[str, str]]) -> None:
    step = 1e-6
    slope = (np.tanh(2 + step) - np.tanh(2 - step)) / (2 * step)
    assert f"{slope:.3f}, " in rows["six"]["why"]
    power = numbers.Number(slope**8, ".1g").text()
    assert f"{power}." in rows["six"]["why"]


def passes(events: tuple[Event, ...], arm: int) -> float:
    """Until 25 % training error, on the line between two measurements."""
    seen = [e.report for e in events if e.arm == arm]
    error, epoch = (
        np.array([getattr(r, name) for r in seen])
        for name in ("training_error", "epoch")
    )
    after = int(np.argmax(error <= 0.25))
    before = after - 1
    part = (error[before] - 0.25) / (error[before] - error[after])
    return float(epoch[before] + part * (epoch[after] - epoch[before]))


@pytest.mark.parametrize(
    ("name", "first", "last", "said"),
    [
        ("relu-2012-cifar", 0, 1, "tanh takes {:.1f} times"),
        ("relu-today-cifar", 1, 0, "ReLU takes {:.1f} times"),
    ],
)
def test_the_factor_is_that_of_the_recorded_runs(
    name: str, first: int, last: int, said: str, rows: dict[str, dict[str, str]]
) -> None:
    recording = recordings.read(recordings.FOLDER / f"{name}{recordings.SUFFIX}")
    assert [arm.label for arm in recording.experiment.arms] == ["ReLU", "tanh"]
    assert recording.experiment.arms[0].dataset == "cifar-10"
    factors = [passes(run, last) / passes(run, first) for run in recording.runs]
    assert said.format(np.mean(factors)) in rows["six"]["app"]


def test_the_famous_numbers_are_all_there(rows: dict[str, dict[str, str]]) -> None:
    """What a lesson on AlexNet is sure to claim."""
    said = " ".join(f"{row['lesson']} {row['paper']}" for row in rows.values())
    for claim in (
        "60 million",
        "650,000",
        "224",
        "55",
        "96%",
        "15.3%",
        "6 times",
        "96 of",
    ):
        assert claim in said, claim


def test_sources_are_links(rows: dict[str, dict[str, str]]) -> None:
    for row in rows.values():
        assert re.search(r"\(\[[^\]]+\]\(https://[^)]+\)\)$", row["paper"])


def test_cited_numbers_are_the_papers() -> None:
    assert sum(numbers.FIGURE_2) == 622_312
    assert numbers.TABLE_1[-1][1:] == (0.375, 0.170)
    assert [row[3] for row in numbers.TABLE_2] == [0.262, None, 0.164, None, 0.153]
    assert numbers.TABLE_2[1][1:3] == (0.407, 0.182)
    assert numbers.TABLE_2[-1][3] == numbers.TOP5
    assert numbers.TABLE_2[0][3] == numbers.SECOND_TOP5
    assert numbers.TABLE_2[1][2] == numbers.ONE_NETWORK_TOP5

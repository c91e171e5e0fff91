"""Every row of "the lesson, the paper, the authors' code, this app says".

What a row must show is worked out here a second time, from specs and shapes, and not
from `classroom.content.numbers`; what is cited is typed from the paper and from the
authors' code.
"""

from __future__ import annotations

import re

import numpy as np
import pytest

from classroom.content import code_2012, lesson, numbers
from lab import recordings
from lab.records import ArmEvent
from model import paper, training_speed, weights
from model.analysis import keras_code
from model.network import shapes
from model.network.specs import AUTHORS, LENET5, ORIGINAL, SIMPLIFIED, Conv, Spec
from paths import ROOT
from ui.lesson.claims import claim_rows
from ui.lesson.lesson_view import LessonView
from ui.lesson.measured_numbers import measured_numbers

ENGLISH = lesson.load()
ROW = weights.get(weights.DEFAULT)


@pytest.fixture(scope="module")
def rows() -> dict[str, dict[str, str]]:
    known = numbers.numbers(measured_numbers(ENGLISH))
    opened = LessonView(ENGLISH, ENGLISH.steps[0], 0, known)
    return claim_rows(opened)


PAPER, LESSON = shapes.totals(ORIGINAL), shapes.totals(SIMPLIFIED)
TOWER = shapes.totals(shapes.without_groups(ORIGINAL))
PACE = training_speed.recorded(224).pace
CARD = (ROOT / "assets" / "weights" / f"{ROW.name}.md").read_text("utf-8")
YEARS = int(CARD.split("| date |")[1].split("|")[0].split()[-1]) - 2012


def share(layer: str) -> str:
    return f"{shapes.layer_info(ORIGINAL, layer).parameters / PAPER.parameters:.2%}"


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
        [
            f"{ORIGINAL.input_size} × {ORIGINAL.input_size} (AlexNet, 2012)",
            f"{AUTHORS.input_size} × {AUTHORS.input_size} as the code has it",
        ],
        [f"(224 − 11) / 4 + 1 = {shapes.steps(SIMPLIFIED)[0].exact}"],
    ),
    "maps": (
        ["55 × 55"],
        [
            "{0} × {0} (the lesson's".format(
                shapes.layer_info(SIMPLIFIED, "conv1").output[0]
            ),
            "{0} × {0} with 227".format(shapes.layer_info(ORIGINAL, "conv1").output[0]),
        ],
        ["54.25"],
    ),
    "reads": (
        [f"{shapes.layer_info(ORIGINAL, 'flatten').output[0]:,}"],
        [f"{shapes.layer_info(SIMPLIFIED, 'flatten').output[0]:,}"],
        [
            "{0} × {0} instead of {1} × {1}".format(
                *(
                    shapes.layer_info(s, "pool5").output[0]
                    for s in (SIMPLIFIED, ORIGINAL)
                )
            )
        ],
    ),
    "layers": (
        ["five convolutions", "three dense layers"],
        [f"{len(list(ORIGINAL.convolutions()))} convolutions", "3 dense layers"],
        ["agree"],
    ),
    "filters": (
        ["96 of 11 × 11 × 3, stride 4"],
        [f"{shapes.layer_info(ORIGINAL, 'conv1').parameters:,}"],
        ["torchvision's network of the same name has 64"],
    ),
    "dense": (
        ["–"],
        [
            f"{PAPER.dense_parameter_share:.1%} (AlexNet",
            f"{LESSON.dense_parameter_share:.1%} (the lesson's",
        ],
        ["each for its network"],
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
        ["6 times fewer epochs to 25% training error"],
        ["the authors' 19pct network, 2 seeds", "on 10,000 images", "(3 seeds)"],
        ["0.071", "6 × 10⁻¹⁰"],
    ),
    "dropout": (
        ["50% of the first two dense layers", "halved at test time"],
        ["50%", "kept units times 2 in training, no change at test time"],
        ["mean"],
    ),
    "order": (
        ["convolution, ReLU, normalisation, pooling"],
        [
            f"as the paper says ({ORIGINAL.title})",
            f"as the code says ({AUTHORS.title})",
            "no normalisation (the lesson's code)",
        ],
        ["second layer the code follows the paper"],
    ),
    "constants": (
        ["k = 2, n = 5, α = 0.0001, β = 0.75"],
        ["becomes 14.87 with the paper's constants, 17.14 with the code's"],
        ["Caffe divides α by n"],
    ),
    "inside": (
        ["not mentioned"],
        [f"built as in the code ({AUTHORS.title})"],
        ["all 3 layers", "40.49% and 18.12%"],
    ),
    "one_network": (
        ["40.7% and 18.2% (2012)", "37.5% and 17.0% (2010)", "39.0% and 16.6% (2012,"],
        ["cited"],
        ["our inference"],
    ),
    "gains": (
        ["GPUs 1.7 and 1.2", "normalisation 1.4 and 1.2", "pooling 0.4 and 0.3"],
        ["cited"],
        ["Two data sets", "our inference"],
    ),
    "introduced": (
        ["recently introduced"],
        ["July 2012](https://arxiv.org/abs/1207.0580)"],
        ["false"],
    ),
    "colour": (
        ["deviation 0.1"],
        ["0.1, to try", "not in its training"],
        ["not in the paper"],
    ),
    "initial": (
        ["deviation 0.01, in each layer"],
        [f"in the code ({AUTHORS.title})"],
        ["1 in conv2, conv4, conv5"],
    ),
    "rates": (["divided by 10 three times, by hand"], ["–"], ["our inference"]),
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
            f"{PACE:.0f} images per second",
        ],
        ["estimate", f"{YEARS} years of hardware"],
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


# row: what stands in the cell of the authors' code, typed from its files.
CODE_SAYS: dict[str, list[str]] = {
    "parameters": ["60,965,224"],
    "neurons": ["659,272"],
    "input": ["224 × 224", "hangs 3 pixels over the right and lower edge"],
    "maps": ["55 × 55, rounded up"],
    "reads": ["9,216"],
    "layers": ["a sixth convolution"],
    "filters": ["48 per GPU", "had 64 in all"],
    "order": ["normalisation of the raw pre-activations, pooling, ReLU"],
    "constants": ["α is divided by n before use: 0.00002;"],
    "inside": ["inside each map, over 5 × 5 positions"],
    "dense": ["96.2%"],
    "conv_share": ["conv3 1.45%, conv4 1.09%"],
    "error": ["18.21% (run 145, one network)"],
    "one_network": [
        "run 145: 40.66% and 18.21%",
        "run 145-2010: 37.47% and 17.00%",
        "run 146-2012-2011: 38.99% and 16.62%",
    ],
    "second": ["–"],
    "gains": [
        "1.70 and 1.23 (2010, test)",
        "1.37 and 1.15 (2012, validation)",
        "0.39 and 0.30 (2012, validation)",
    ],
    "six": ["no configuration uses tanh"],
    "dropout": ["the same"],
    "introduced": ["June 2012"],
    "crops": ["up to 32 pixels each way, so 2,178", "32 images in a row share"],
    "colour": ["0.1, then all pixels divided by 1.1", "off at epoch 67"],
    "initial": ["0.01; 0.03 in conv3, conv4 and conv5"],
    "rates": [
        "divided by 10 at epochs 25, 51 and 79, by hand",
        "2 times the rate for biases",
        "conv1 slowed at epoch 67 and frozen at 72",
    ],
    "training": ["91 epochs (run 145), 93 (run 145-2010), each ended by hand"],
    "file": ["no trained weights"],
    "lenet": ["–"],
}


def test_every_row_is_held_to_something() -> None:
    assert set(EXPECTED) == set(CODE_SAYS) == set(ENGLISH.tables["claims"])


@pytest.mark.parametrize("name", CODE_SAYS)
def test_a_row_says_what_the_authors_code_says(
    name: str, rows: dict[str, dict[str, str]]
) -> None:
    for text in CODE_SAYS[name]:
        assert text in rows[name]["authors"], rows[name]["authors"]


MUSEUM = (
    r"\[[^\]\[]+:\d+(?:–\d+)?\]"
    r"\(https://github\.com/computerhistory/AlexNet-Source-Code"
    r"/blob/2f8b81f[0-9a-f]{33}/[\w./-]+#L\d+(?:-L\d+)?\)"
)


@pytest.mark.parametrize("name", CODE_SAYS)
def test_every_cell_of_the_authors_code_links_to_file_and_line(
    name: str, rows: dict[str, dict[str, str]]
) -> None:
    cell = rows[name]["authors"]
    if cell == "–":
        assert name in ("second", "lenet"), "other entries and LeNet are not in it"
    else:
        assert re.search(rf" \({MUSEUM}(?:, {MUSEUM})*\)$", cell), cell


def test_no_number_of_the_authors_code_is_typed_into_a_cell() -> None:
    """Names of runs, layers, years and "divided by 10" are words; the rest is held in
    assets/runs-2012.toml, or code_2012.py or numbers.py of classroom/content."""
    names = r"run 1[\d-]+|\(20\d\d, |June 2012|conv\d|figure 1|divided by 10"
    for name, row in ENGLISH.tables["claims"].items():
        rest = re.sub(rf"{names}|\{{\w+\}}", "", row["authors"])
        assert not re.search(r"\d", rest), f"{name}: {rest}"


# Said in the written lesson, without a number; and read off the lesson's code.
WRITTEN = {"layers", "six", "dropout", "introduced", "training", "lenet", "order"}
IN_THE_CODE = {
    "input": "(224, 224, 3)",
    "filters": "Conv2D(96, (11, 11), strides=4",
}


def test_the_lessons_column_says_what_a_step_says() -> None:
    steps = " ".join(
        " ".join((step.title, step.body, step.question, step.answer))
        for step in ENGLISH.steps
    )
    for name, row in ENGLISH.tables["claims"].items():
        said = re.findall(r"\{\w+\}", row["lesson"])
        if row["lesson"] != "–" and not said:
            assert name in WRITTEN, f"{name}: {row['lesson']}"
        for number in said:
            is_there = number in steps or name in IN_THE_CODE
            assert is_there, f"{name}: no step says {number}"


@pytest.mark.parametrize("name", IN_THE_CODE)
def test_the_lessons_column_says_what_the_lessons_code_says(
    name: str, rows: dict[str, dict[str, str]]
) -> None:
    line = IN_THE_CODE[name]
    assert line in keras_code.source(SIMPLIFIED)
    for number in re.findall(r"\d{2,}", line):
        assert number in rows[name]["lesson"]


def test_the_order_in_the_first_layer_matters() -> None:
    """Max pooling and ReLU commute; normalisation and ReLU do not."""
    random = np.random.default_rng(0)
    sums = random.normal(0, 50, (5, 4))  # 5 maps, 4 values of a window
    relu = np.maximum

    def norm(maps: np.ndarray) -> np.ndarray:
        return maps / (2 + 2e-5 * (maps**2).sum(axis=0)) ** 0.75

    assert np.array_equal(relu(sums, 0).max(axis=1), relu(sums.max(axis=1), 0))
    assert not np.allclose(norm(relu(sums, 0)), relu(norm(sums), 0))

    def kinds(spec: Spec) -> list[str]:
        first = spec.layers[: spec.layers.index(spec.layer("pool1")) + 2]
        return [
            layer.activation if isinstance(layer, Conv) else type(layer).__name__
            for layer in first
            if not (isinstance(layer, Conv) and layer.name == "conv2")
        ]

    assert kinds(ORIGINAL) == ["relu", "Normalise", "Pool"]
    assert kinds(AUTHORS) == ["linear", "Normalise", "Pool", "Activation"]
    assert kinds(SIMPLIFIED) == ["relu", "Pool"]


def test_the_numbers_of_the_code_are_those_of_its_files() -> None:
    """Against values typed from the files, or worked out from their formulas."""
    text = {name: number.text() for name, number in numbers.numbers().items()}
    for name, said in {
        "code_parameters": "60,965,224",
        "code_neurons": "659,272",
        "code_side": "55",
        "overhang": "3",
        "code_alpha": "0.00002",
        "lrn_paper": "14.87",
        "lrn_code": "17.14",
        "norm_layers": "3",
        "inside": "5",
        "deviation": "0.01",
        "middle_deviation": "0.03",
        "bias_factor": "2",
    }.items():
        assert text[name] == said, name
    smallest, largest = code_2012.SIZES
    sides = {1 + -(-(size - 11) // 4) for size in range(smallest, largest + 1)}
    assert sides == {55}
    assert 1 + -(-(smallest - 1 - 11) // 4) == 54
    assert 1 + -(-(largest + 1 - 11) // 4) == 56
    assert smallest == AUTHORS.input_size


def test_the_initial_biases_agree() -> None:
    """As the row on initial weights says, layer by layer."""

    def ones(spec: Spec) -> set[str]:
        starts = {layer.name: getattr(layer, "start", None) for layer in spec.layers}
        assert {start.bias for start in starts.values() if start} == {0.0, 1.0}
        return {name for name, start in starts.items() if start and start.bias}

    assert ones(ORIGINAL) == ones(AUTHORS) == {"conv2", "conv4", "conv5", "fc6", "fc7"}
    deviations = {
        conv.name: conv.start.deviation for conv in AUTHORS.convolutions() if conv.start
    }
    assert {name for name, x in deviations.items() if x == 0.03} == {
        "conv3",
        "conv4",
        "conv5",
    }
    assert all(c.start and c.start.deviation == 0.01 for c in ORIGINAL.convolutions())


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


def passes(events: tuple[ArmEvent, ...], arm: int) -> float:
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
        ("relu-19pct-cifar", 0, 1, "{:.1f} times as many; on 10,000"),
        ("relu-2012-cifar", 0, 1, "on 10,000 images {:.1f} times"),
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
        "92.6%",
        "15.3%",
        "6 times",
        "96 of",
    ):
        assert claim in said, claim


def test_sources_are_links(rows: dict[str, dict[str, str]]) -> None:
    for row in rows.values():
        assert re.search(r"\(\[[^\]]+\]\(https://[^)]+\)\)$", row["paper"])


def test_cited_numbers_are_the_papers() -> None:
    assert sum(paper.NEURON_LIST) == 622_312
    assert paper.TABLE_1[-1][1:] == (0.375, 0.170)
    assert [row[3] for row in paper.TABLE_2] == [0.262, None, 0.164, None, 0.153]
    assert paper.TABLE_2[1][1:3] == (0.407, 0.182)
    assert [x.error for x in paper.ENTRIES] == [26.2, 18.2, 16.4, 15.3]
    assert paper.TABLE_2[-1][3] == round(paper.SEVEN.error / 100, 3)
    assert paper.TABLE_2[0][3] == round(paper.SECOND.error / 100, 3)
    assert paper.TABLE_2[1][2] == round(paper.ONE.error / 100, 3)

"""What the questions say of their numbers and of AlexNet is true in every variant."""

from __future__ import annotations

import re
from itertools import pairwise

import numpy as np
import pytest

from classroom.content import lesson, runs_2012
from classroom.questions.answers import Reading
from classroom.questions.bank import bank
from classroom.questions.grading import grade
from classroom.questions.question_files import Question
from classroom.questions.variants import Variant, draw, key, pose
from model import paper
from model.measured import ImagePrediction
from model.network import shapes
from model.network.specs import (
    AUTHORS,
    LENET5,
    ORIGINAL,
    SIMPLIFIED,
    SPECS,
    TORCHVISION,
    Conv,
    Dense,
    Dropout,
    Normalise,
    Pool,
)
from paths import ROOT
from ui.quiz.map_reading import measure

QUESTIONS = list(bank().questions.values())
NUMBERS = [q for q in QUESTIONS if q.kind == "number"]
SEEDS = range(200)
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)

_SIGNS = str.maketrans({"−": "-", "·": "*", ",": None})
_NUMBER = r"\d[\d,]*(?:\.\d+)?(?:e-?\d+)?"
_SUM = re.compile(
    rf"([(\d][-−\d,.()^+·/ e]*?)\s*([=≈])\s*\**(-?{_NUMBER})(?![\d^]| [·/+−])"
)


def equations(text: str) -> list[tuple[float, str, str]]:
    """Left of each = or ≈, worked out; the sign; what stands right of it."""
    found = []
    for left, sign, right in _SUM.findall(text.replace(" = **", " = **")):
        if re.search(r"[-−+·/^]", left):
            sum_ = left.translate(_SIGNS).replace("^", "**")
            found.append((float(eval(sum_)), sign, right))  # digits and signs alone
    return found


def half_a_digit(number: str) -> float:
    """By how much a number may be off that was rounded to its last digit."""
    plain, _, power = number.replace(",", "").partition("e")
    _, _, decimals = plain.partition(".")
    return 0.5 * 10.0 ** (int(power or 0) - len(decimals))


def test_equations_are_found() -> None:
    assert equations("(5 + 2 − 3) / 2 + 1 = **3**.") == [(3.0, "=", "3")]
    assert equations("0.9 · -0.5 − 0.1 · 2 = -0.65.") == [(-0.65, "=", "-0.65")]
    assert equations("1,000 / 3 = 333.3, so 333") == [(1000 / 3, "=", "333.3")]


@each
def test_what_is_worked_out_adds_up_in_the_digits_printed(question: Question) -> None:
    for seed in SEEDS:
        why = draw(question, seed)[1].why
        for value, sign, printed in equations(why):
            room = half_a_digit(printed)
            if sign == "≈":
                room = max(room, 0.01 * abs(value))
            off = abs(value - float(printed.replace(",", "")))
            assert off <= room * (1 + 1e-9), why


def test_nearly_every_calculation_is_worked_out() -> None:
    """Those without a formula read something off or add up what stands elsewhere."""
    without = {
        q.id
        for q in NUMBERS
        if q.work in ("calculation", "power") and not equations(draw(q, 1)[1].why)
    }
    assert without == {
        "dense-share", "all-parameters", "pooled-value", "neuron", "loss-at-start",
    }  # fmt: skip


@pytest.mark.parametrize("question", NUMBERS, ids=lambda q: q.id)
def test_the_number_that_is_printed_as_right_is_right(question: Question) -> None:
    """Typed as it stands, and as it comes out of the digits that were printed."""
    for seed in SEEDS:
        variant = Variant(question.id, seed)
        why = key(variant).why
        bold = re.search(r"\*\*([^*]+)\*\*", why)
        assert bold, why
        assert grade(question, variant, bold[1].split(" ")[0]).right, why
        for value, _, printed in equations(why)[-1:]:
            if printed in bold[1]:
                assert grade(question, variant, repr(value)).right, why


@each
def test_it_is_said_to_be_rounded_only_where_it_is(question: Question) -> None:
    for seed in SEEDS:
        why = draw(question, seed)[1].why
        for exact in re.findall(rf"({_NUMBER}), (?:rounded down|so)", why):
            assert not float(exact.replace(",", "")).is_integer(), why


@each
def test_no_options_or_mistakes_are_the_same_number(question: Question) -> None:
    for seed in SEEDS:
        posed, solved = draw(question, seed)
        labels = [choice.label for choice in posed.choices]
        assert len(set(labels)) == len(labels)
        if question.kind != "single" or not question.answer:
            continue
        assert len(labels) >= 3, (question.id, seed)
        assert not {w[0] for w in solved.mistakes.values()} & set(solved.truth)


def test_conv1_always_has_four_positions_to_choose_from() -> None:
    asked = set()
    for seed in SEEDS:
        posed, solved = draw(bank().questions["conv1-positions"], seed)
        asked.add(posed.ask)
        assert len(posed.choices) >= 4
        for name in solved.mistakes:
            says, is_same = solved.feedback[name], "“same”" in posed.ask
            assert is_same or "“same”" not in says
            assert not (is_same and "zeros are missing" in says)
            assert (name == "authors") <= ("no padding" in posed.ask)
    assert len(asked) == 4


def test_a_neuron_is_not_silent_in_half_of_the_variants() -> None:
    question = bank().questions["neuron"]
    truths = [draw(question, seed)[1].truth for seed in range(400)]
    assert 0.15 < truths.count(0) / len(truths) < 0.35


def test_every_layer_of_a_shape_is_right() -> None:
    question = bank().questions["click-the-shape"]
    for seed in SEEDS:
        variant = Variant(question.id, seed)
        spec, solved = SPECS[pose(variant).network], key(variant)
        shape = {shapes.layer_info(spec, name).output for name in solved.truth}
        assert len(shape) == 1
        (wanted,) = shape
        for row in shapes.table(spec):
            if row.kind not in ("input", "flatten", "dropout"):
                right = grade(question, variant, row.name).right
                assert right == (row.output == wanted), (spec.name, row.name)
        steps = list(shapes.steps(spec))
        readers = {s.layer.name for s in steps if s.before == wanted}
        assert set(solved.mistakes.get("reads_it", ())) <= readers


def test_averages_of_crops_decide_otherwise_than_votes() -> None:
    question = bank().questions["crop-average"]
    winners = set()
    for seed in SEEDS:
        posed, solved = draw(question, seed)
        rows = [
            [int(x) for x in re.findall(r"(\d+)\s%", line)]
            for line in posed.ask.splitlines() if "%" in line
        ]  # fmt: skip
        assert len(rows) == 3 and all(sum(row) == 100 for row in rows)
        columns = dict(zip("ABC", zip(*rows, strict=True), strict=True))
        mean = max(columns, key=lambda name: sum(columns[name]))
        firsts = [max("ABC", key=lambda name: columns[name][at]) for at in range(3)]
        sure = max(columns, key=lambda name: max(columns[name]))
        assert [choice.label for choice in posed.choices] == ["A", "B", "C"]
        assert solved.truth == (mean,)
        assert solved.mistakes["vote"] == (max(firsts, key=firsts.count),)
        assert solved.mistakes["sure"] == (sure,)
        assert len({mean, sure, max(firsts, key=firsts.count)}) == 3
        assert max(columns[mean][at] - max(row) for at, row in enumerate(rows)) >= -5
        winners.add(mean)
    assert winners == set("ABC")


def test_training_steps_leave_out_what_is_not_full() -> None:
    for seed in SEEDS:
        posed, solved = draw(bank().questions["iterations"], seed)
        epochs, images, batch = (
            int(x.replace(",", "")) for x in re.findall(r"\d[\d,]*", posed.ask)
        )
        assert solved.truth == (f"{images // batch * epochs:,}",)
        assert ("incomplete" in solved.mistakes) <= (images % batch > 0)


# --- what is said of the networks -----------------------------------------------------


def test_what_lenet_and_alexnet_share() -> None:
    for spec, activation, pooling in (
        (LENET5, "tanh", "average"), (ORIGINAL, "relu", "max"),
    ):  # fmt: skip
        assert {x.activation for x in spec.convolutions()} == {activation}
        assert {x.kind for x in spec.layers if isinstance(x, Pool)} == {pooling}
        assert sum(isinstance(x, Dense) for x in spec.layers) == 3
    assert not any(isinstance(x, Dropout) for x in LENET5.layers)
    assert any(isinstance(x, Dropout) for x in ORIGINAL.layers)


def test_facts_that_the_words_name() -> None:
    """Words of assets/quiz that no template fills in."""
    total = shapes.totals(ORIGINAL)
    assert shapes.layer_info(ORIGINAL, "fc6").parameters > total.parameters / 2
    assert len(list(ORIGINAL.convolutions())) == 5
    assert {x.groups for x in ORIGINAL.convolutions()} == {1, 2}
    assert 950 < total.parameters / shapes.totals(LENET5).parameters < 1050
    convs = sum(r.neurons for r in shapes.table(ORIGINAL) if r.kind == "conv")
    assert abs(convs / paper.NEURONS - 1) < 0.001
    for spec in (SIMPLIFIED, ORIGINAL, TORCHVISION):
        largest = max(shapes.table(spec), key=lambda r: r.parameters)
        dense = next(r for r in shapes.table(spec) if r.kind == "dense")
        assert largest == dense, (
            "the most parameters are where the last pooling is read"
        )
        busiest = max(shapes.table(spec), key=lambda r: r.macs)
        assert busiest.kind == "conv"
        widest = max(shapes.table(spec), key=lambda r: r.neurons)
        reads = [x.inputs for x in shapes.steps(spec) if isinstance(x.layer, Conv)]
        names = [x.layer.name for x in shapes.steps(spec) if isinstance(x.layer, Conv)]
        assert min(reads) == reads[names.index(widest.name)]
        fields = [r.field for r in shapes.table(spec) if r.kind in ("conv", "pool")]
        assert all(a < b for a, b in pairwise(fields))
    conv = next(SIMPLIFIED.convolutions())
    assert conv.stride > 3, "kernels of 3 × 3 would leave pixels out"
    strides = {
        n: shapes.layer_info(ORIGINAL, n).stride for n in ("conv1", "pool1", "pool2")
    }
    assert strides == {"conv1": 4, "pool1": 8, "pool2": 16}


def test_networks_are_called_as_their_specs_are() -> None:
    words = bank().words
    for spec in (SIMPLIFIED, ORIGINAL, TORCHVISION, LENET5):
        assert words[f"network_{spec.name}"] == spec.title


def test_equal_pooling_is_told_for_both_ways_of_rounding() -> None:
    """Rounding down they agree at odd sizes; rounding up, as the authors, at even."""
    for size in range(10, 60):
        down = [shapes.output_size(size, window, 2, "valid") for window in (2, 3)]
        assert (down[0] == down[1]) == (size % 2 == 1)
        up = [-((window - size) // 2) + 1 for window in (2, 3)]
        assert (up[0] == up[1]) == (size % 2 == 0)
    assert -((2 - paper.MAPS) // 2) + 1 == 28


# --- the field's words ----------------------------------------------------------------

GONE = (
    r"\d pass(es)?\b|\bpass(es)? over", r"steps of \d", r"silen(t|ced)", r"asleep",
    r"\d a side\b", r"\}} a side\b", r"[Aa]sked (is|are)", r"first weights",
    r"(its|old|new) speed\b",
    r"[Ww]hoever", r"laid out", r"long row", r"\bmeans of\b", r"one a GPU",
    r"Write the sum", r"likeliest", r"[Rr]ead off rightly", r"turned round", r"limp",
    r"in use\b", r"first name", r"\bshare of\b", r"graphics card", r"Rounded will do",
    r"It is the one\.", r"handful", r"\bclicked\b", r"answers? to such",
)  # fmt: skip


@each
def test_the_fields_words(question: Question) -> None:
    said = [question.title, question.ask, question.why, *question.hints]
    said += [*question.points, *(m.feedback for m in question.mistakes.values())]
    said += [text for o in question.options for text in (o.text, o.because, o.to)]
    for text in said:
        for gone in GONE:
            assert not re.search(gone, text), (gone, text)
        # "Picture" is what a visitor looks at; a network is fed images.
        pictures = re.findall(r"(\w+) pictures?\b", text)
        assert {word.lower() for word in pictures} <= {"your"}, text


def test_the_fields_words_in_what_all_questions_share() -> None:
    known = bank()
    for text in (*known.grading.values(), *known.words.values()):
        assert not any(re.search(gone, text) for gone in GONE), text


@each
def test_it_is_said_once_that_an_answer_is_right(question: Question) -> None:
    """The page begins with it: **Right.**"""
    assert not re.match(r"(Correct|Right|Yes)\b", question.why)
    german = bank("de").questions[question.id].why
    assert not re.match(r"(Richtig|Stimmt|Genau|Ja)\b", german)


# --- single questions -----------------------------------------------------------------

READ = [bank(language).questions for language in ("en", "de")]


def test_figure_1_is_a_four_layer_network_and_no_known_one() -> None:
    """It is not said to have four *convolutional* layers."""
    for known, layers, unknown in zip(
        READ,
        ("four-layer convolutional network", "Faltungsnetz mit vier Schichten"),
        ("neither the paper nor the authors' code", "weder das Paper noch der Code"),
        strict=True,
    ):
        question = known["figure-1"]
        assert f"**{layers}**" in question.why and unknown in question.why
        texts = [question.why, *(o.text for o in question.options)]
        texts += [o.because for o in question.options]
        for text in texts:
            assert not re.search(r"(four|vier)\W+(convolution|Faltung)", text), text
        right = {option.id for option in question.options if option.right}
        assert right == {"cifar", "training", "rates"}
    rates = next(o for o in READ[0]["figure-1"].options if o.id == "rates")
    assert "each activation" in rates.text


def test_gains_are_the_papers_and_the_larger_network_is_the_one_on_two_gpus() -> None:
    assert dict(key(Variant("gains", 1)).truth) == {  # type: ignore[arg-type]
        "gain_gpus": "1.7 points", "gain_norm": "1.4 points",
        "gain_pooling": "0.4 points",
    }  # fmt: skip
    notebook = runs_2012.notebook().runs
    half, whole = notebook["145-half"].filters, notebook["145-2010"].filters
    assert half and whole == 2 * half
    assert sum(isinstance(x, Normalise) for x in AUTHORS.layers) == 3
    assert sum(isinstance(x, Normalise) for x in ORIGINAL.layers) == 2
    for known, says in zip(
        READ,
        [
            ("percentage points", "according to the paper", "half as many kernels",
             "any of three", "about 2 points", "twice as many kernels"),
            ("Prozentpunkte", "laut Paper", "halb so vielen Filtern", "drei",
             "etwa 2 Punkte", "doppelt so viele"),
        ],
        strict=True,
    ):  # fmt: skip
        question = known["gains"]
        ask, account, gpus, three, points, hint = says
        assert ask in question.ask and account in question.ask
        assert gpus in bank(question.language).words["gain_gpus"]
        assert three in question.why and points in question.why
        assert hint in question.hints[1]
    assert paper.DEPTH_LOSS == 2


def test_a_jump_is_from_centre_to_centre_in_pixels_of_the_image() -> None:
    """Followed on a line of pixels: where the window of each output has its centre."""
    for known, asked in zip(
        READ,
        (
            r"input pixels apart are the receptive fields of two neighbouring outputs"
            r".* from the centre of one to the centre of the next",
            r"Pixel der Eingabe liegen die rezeptiven Felder zweier benachbarter "
            r"Ausgaben.* von der Mitte des einen zur Mitte des nächsten",
        ),
        strict=True,
    ):
        assert re.search(asked, known["jump"].ask)
        assert not re.search(r"steps on the map", " ".join(known["jump"].hints))
    specs = {spec.title: spec for spec in SPECS.values()}
    for seed in SEEDS:
        ask, solved = pose(Variant("jump", seed)).ask, key(Variant("jump", seed))
        spec = specs[ask.split(":")[0]]
        layer = re.search(r"outputs of (\w+)\?", ask)
        assert layer
        centres = [float(pixel) for pixel in range(600)]
        for window in spec.layers:
            if isinstance(window, Conv | Pool):
                size = window.kernel if isinstance(window, Conv) else window.size
                stride = window.stride
                centres = [
                    sum(centres[at : at + size]) / size
                    for at in range(0, len(centres) - size + 1, stride)
                ]
            if window.name == layer[1]:
                break
        assert centres[1] - centres[0] == solved.truth, ask


def test_the_strongest_map_is_not_said_to_match_best() -> None:
    """Filters have scales of their own, so their values cannot be compared."""
    kernels = np.load(ROOT / "assets" / "weights" / "tiny-imagenet.npz")
    for conv in SIMPLIFIED.convolutions():
        weights = kernels[f"{conv.name}.kernel"].astype("float32")
        lengths = np.sqrt((weights**2).sum(axis=(0, 1, 2)))
        assert lengths.max() > 1.5 * lengths.min(), conv.name
    own_scale = (
        "each filter has its own scale",
        "Jeder Filter hat seinen eigenen Maßstab",
    )
    for known, scale in zip(READ, own_scale, strict=True):
        why = known["strongest-map"].why
        assert scale in why
        assert not re.search(r"finds the most|looks for|findet .*am meisten", why)
    layers = {"conv1": np.array([[[[1.0, 7.0, 3.0]], [[2.0, 0.0, 5.0]]]])[0]}
    found = measure(
        Reading("strongest", "conv1"), layers, ImagePrediction((), (), False, None)
    )
    assert (found.value, found.mistakes) == (1.0, {"second": 2.0, "from_one": 2.0})


# --- where a question leads -----------------------------------------------------------


@each
def test_a_question_leads_to_what_teaches_it(question: Question) -> None:
    """The step that is linked has the words of the glossary that are asked about."""
    known = lesson.load()
    assert question.terms
    assert set(question.terms) <= set(known.tables["glossary"])
    step = known.step(question.step)
    taught = set(known.finder.used([step.body, step.question, step.answer]))
    assert set(question.terms) <= taught, sorted(taught)


def test_steps_are_called_as_in_the_lesson() -> None:
    known = lesson.load()
    assert list(bank().steps) == [step.slug for step in known.steps]
    assert bank().steps == {step.slug: step.title for step in known.steps}
    assert {"start", "next"} <= set(bank().steps)

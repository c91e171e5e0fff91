"""What the steps on new images say: held against recordings, papers and the network."""

from __future__ import annotations

import itertools
import re

import pytest

from classroom.content import later, lesson, numbers, recorded
from classroom.questions import grading, variants
from classroom.questions.bank import find
from classroom.questions.variants import Variant
from model import measured, paper, weights
from model.analysis.features import teach
from model.network import shapes
from model.network.specs import ORIGINAL
from tests.components import components
from tests.test_pages import said, visit
from ui.kit import cache, words
from ui.lesson.live import data
from ui.lesson.live.parts import LiveText
from ui.lesson.measured_numbers import measured_numbers

ENGLISH = lesson.load()
KNOWN = numbers.numbers(measured_numbers(ENGLISH))
CURVES = Variant("think-generalisation", 1)


def text(slug: str, part: str, language: str = "en") -> str:
    """A part of a step as it is read, without the marks of links."""
    own = lesson.load(language)
    found = own.markdown(getattr(own.step(slug), part), KNOWN)
    return re.sub(r'\[([^\]]+)\]\(#words "[^"]*"\)', r"\1", found)


# --- four runs --------------------------------------------------------------------


def test_the_four_runs_are_told_apart_by_their_errors() -> None:
    ends = {letter: recorded.of_four(letter)[-1] for letter in recorded.FOUR}
    found = {x: recorded.diagnosis(recorded.of_four(x)) for x in recorded.FOUR}
    assert sorted(found.values()) == [
        "good", "learns_nothing", "overfits", "still_falls"
    ]  # fmt: skip
    gaps = {found[x]: one.validation - one.training for x, one in ends.items()}
    assert gaps["overfits"] > 40 > 10 > max(gaps["good"], gaps["still_falls"])
    by = {found[x]: one for x, one in ends.items()}
    assert by["learns_nothing"].training > 88  # ten classes: guessing is 90
    assert by["good"].validation == min(one.validation for one in ends.values())


def test_the_answer_names_each_run_by_its_letter() -> None:
    truth = variants.key(CURVES).truth
    assert isinstance(truth, dict)
    letters = {name: letter for letter, name in truth.items()}
    order = ("d_good", "d_overfits", "d_learns_nothing", "d_still_falls")
    english = ("generalises well", "overfits", "learned nothing", "had too little")
    german = ("generalisiert gut", "hat Overfitting", "hat nichts", "wurde zu kurz")
    for language, spoken in (("en", english), ("de", german)):
        answer = text("generalisation", "answer", language)
        for name, words_ in zip(order, spoken, strict=True):
            assert f"{letters[name]} {words_}" in answer


def test_the_rate_was_lower_in_the_run_that_learned() -> None:
    name, _, arm = recorded.FOUR["D"]
    high, low = (cache.recordings()[name].experiment.arms[x] for x in (arm, 1))
    assert (high.learning_rate, low.learning_rate) == later.RATES
    assert (high.network, high.activation) == (low.network, low.activation)
    assert "16 times lower" in text("generalisation", "answer")


def test_each_known_mistake_is_told() -> None:
    question, truth = find(CURVES.question), variants.key(CURVES).truth
    assert grading.grade(question, CURVES, truth).right  # type: ignore[arg-type]
    assert set(variants.key(CURVES).mistakes) == set(question.mistakes)
    for name, wrong in variants.key(CURVES).mistakes.items():
        given = {**truth, **wrong}  # type: ignore[dict-item]
        grade = grading.grade(question, CURVES, given)
        assert not grade.right
        assert question.mistakes[name].feedback in grade.sentence


def test_which_runs_they_are_is_told_with_the_answer() -> None:
    hidden = said(visit("lesson", step="generalisation"))
    shown = said(visit("lesson", step="generalisation", reveal="1"))
    for name, _, _ in recorded.FOUR.values():
        assert f"{name}.json.gz" not in hidden
        assert f"{name}.json.gz" in shown
        assert cache.recordings()[name].sample == 1000  # "measured on"


def test_a_pair_is_given_in_the_lists_and_told_back() -> None:
    app = visit("lesson", step="generalisation")
    targets = {x.id: x.label for x in variants.pose(CURVES).targets}
    truth = variants.key(CURVES).truth
    assert isinstance(truth, dict)
    boxes = [x for x in app.main.selectbox if x.label in truth]
    assert [x.label for x in boxes] == list(recorded.FOUR)
    for box in boxes:
        box.set_value(truth[box.label])
    text_ = words.of_lesson("en")
    next(x for x in app.button if x.label == text_["think_give"]).click().run()
    assert not app.exception
    assert app.main.success
    assert f"A: {targets[truth['A']]}; B: " in said(app)


# --- changed images ---------------------------------------------------------------


def test_what_ten_crops_gained_is_the_papers() -> None:
    body = text("augmentation", "body")
    gained = f"from {paper.ONE_CROP[0]:.1%} to {paper.TABLE_1[-1][1]:.1%}"
    assert gained in body
    assert "2,178 such crops" in body


@pytest.mark.parametrize("language", lesson.languages())
def test_the_crops_are_shown_in_the_lessons_language(language: str) -> None:
    app = visit("lesson", step="augmentation", lang=language)
    assert not app.error
    heading = {"en": "Ten crops vote", "de": "Zehn Ausschnitte stimmen ab"}
    assert heading[language] in said(app)


# --- what the data make of it -----------------------------------------------------


def test_what_is_said_of_probabilities_was_measured() -> None:
    found = measured.evaluation(weights.DEFAULT)
    assert found is not None
    *_, (_, sure, right) = found.reliability
    assert sum(row[0] for row in found.reliability) == later.VALIDATION // 2
    assert len(found.strangers_in_steps) == len(found.reliability)
    assert abs(sure - right) < 0.02  # "right about that often"
    others = found.strangers_in_steps
    body, answer = text("data", "body"), text("data", "answer")
    assert f"with a probability of 90% or more, {right:.0%} were right" in body
    assert f"of {sum(others):,} images of airplanes, horses and deer" in body
    assert found.strangers == "CIFAR-10's airplanes, horses and deer"
    assert f"{others[-1]} got as much, and {sum(others[5:])} at least half" in body
    best, worst = max(found.class_accuracy), min(found.class_accuracy)
    assert f"{best:.0%} correctly for one class, {worst:.0%} for another" in body
    assert f"right for {best:.0%} of its images, another for {worst:.0%}" in answer
    note = text("data", "note")
    assert f"doubts {found.strangers_doubted:.0%} of the images of other" in note
    assert f"and {1 - found.right_kept:.0%} of those that are predicted" in note
    names = {name.lower() for name in weights.class_names(weights.DEFAULT)}
    assert not names & {"airplane", "airliner", "horse", "deer"}


def test_doubt_is_within_the_steps_below_its_threshold() -> None:
    found = measured.evaluation(weights.DEFAULT)
    assert found is not None
    others = found.strangers_in_steps
    at = int(found.threshold * measured.CERTAINTIES)
    shares = [sum(others[:x]) / sum(others) for x in (at, at + 1)]
    assert shares[0] <= found.strangers_doubted <= shares[1]


def test_a_probability_is_worth_what_it_was_worth_in_its_step() -> None:
    found = measured.evaluation(weights.DEFAULT)
    assert found is not None
    live = words.of_lesson("en").table("live").table("trust")
    say = LiveText(ENGLISH, KNOWN, live)
    for share, at in ((0.0, 0), (0.34, 3), (0.99, 9), (1.0, 9)):
        count, _, right = found.reliability[at]
        sentence = data.worth(found, share, say)
        assert f"got {at / 10:.0%} to {(at + 1) / 10:.0%}" in sentence
        assert (
            f"the {count:,} validation" in sentence and f"**{right:.0%}**" in sentence
        )
        assert f"{found.strangers_in_steps[at]} got as much" in sentence


def test_the_visitors_picture_is_told_with_what_that_was_worth() -> None:
    shown = said(visit("lesson", step="data", picture="dog"))
    assert re.search(r"the predicted class is \*\*[^*]+\*\*, with a probability", shown)
    assert "were predicted correctly. Of 3,000 images" in shown


# --- classes of one's own ---------------------------------------------------------


def test_a_new_last_layer_is_counted() -> None:
    variant = Variant("think-teach", 1)
    solved = variants.key(variant)
    spec = weights.get(weights.DEFAULT).spec
    rows = shapes.table(spec)
    assert solved.truth == teach.parameters(rows[-2].output[0], 2) == 8194
    assert set(solved.mistakes) == set(find(variant.question).mistakes)
    answer = text("teach", "answer")
    kept = shapes.totals(spec).parameters - rows[-1].parameters
    assert f"The other {kept:,} parameters of this app's network" in answer
    for wrong in solved.mistakes.values():
        assert not grading.grade(find(variant.question), variant, str(wrong)).right


def test_two_classes_are_taught_in_the_lesson() -> None:
    app = visit("lesson", step="teach", reveal="1")
    (sent,) = components(app, "teach")
    assert not sent["ready"]
    next(x for x in app.button if "lab's photographs" in x.label).click().run()
    assert not app.exception
    (sent,) = components(app, "teach")
    assert sent["ready"] and len(sent["classes"]) == 3
    assert f"**{teach.parameters(4096, 3):,}** parameters" in said(app)


# --- the networks after it --------------------------------------------------------

PUBLISHED = {"vgg": 138_357_544, "resnet": 60_192_808}  # as torchvision documents


def test_parameters_of_later_networks_are_those_published() -> None:
    found = {one.name: one.parameters for one in later.networks()}
    for name, count in PUBLISHED.items():
        assert found[name] == count
    # Caffe's model has so many; a sum of rounded rows in the paper's table 1 has fewer.
    assert found["googlenet"] == 6_998_552
    assert found["alexnet"] == shapes.totals(ORIGINAL).parameters
    # ZFNet is AlexNet in one tower with a smaller first filter.
    tower = shapes.totals(shapes.without_groups(ORIGINAL)).parameters
    first = (11**2 - 7**2) * 3 * 96
    assert found["zf"] == tower - first


def test_parameters_went_up_and_down_while_the_error_fell() -> None:
    every = later.networks()
    counts = [one.parameters for one in every]
    pairs = list(itertools.pairwise(counts))
    assert any(b > a for a, b in pairs) and any(b < a for a, b in pairs)
    errors = [one.averaged for one in every]
    assert errors == sorted(errors, reverse=True)
    assert [one.year for one in every] == sorted(one.year for one in every)
    by = {one.name: one for one in every}
    assert by["googlenet"].one < by["alexnet"].one / 2  # "less than half of its error"
    assert by["vgg"].parameters > 2 * by["alexnet"].parameters
    answer = text("stayed", "answer")
    share = by["googlenet"].parameters / by["alexnet"].parameters
    assert f"{share:.0%} of AlexNet's" in answer
    assert "152 layers and about as many parameters as AlexNet" in answer
    assert 0.95 < by["resnet"].parameters / by["alexnet"].parameters < 1.05
    assert "averaged" in text("stayed", "question"), "one GoogLeNet had more than VGG"
    for kernels in (later.VGG, later.ZF):  # the last three are dense
        assert later.with_biases(kernels[-3:]) > later.with_biases(kernels) / 2
    assert "Most parameters of AlexNet and VGG are in" in answer


def test_what_overlaps_is_not_called_gone() -> None:
    """Window and stride of their pooling, from ZF's figure 3 and from tables 1."""
    pools = {"zf": (3, 2), "vgg": (2, 2), "googlenet": (3, 2), "resnet": (3, 2)}
    assert [name for name, (window, step) in pools.items() if window == step] == ["vgg"]
    for part in ("slide", "body", "answer"):
        assert "overlapping" not in text("stayed", part)


def test_every_later_network_is_cited() -> None:
    cited = {source.reference for source in ENGLISH.step("stayed").sources}
    cited |= {source.reference for source in ENGLISH.step("2012").sources}
    assert {one.source for one in later.networks()} <= cited
    for language in lesson.languages():
        live = lesson.load(language).words["live"]["after"]
        names = [one.name for one in later.networks()]
        assert list(live["new"]) == ["alexnet", *live["kept"]] == names


def test_the_networks_are_told_one_by_one() -> None:
    hidden = visit("lesson", step="stayed")
    assert not components(hidden, "stops")
    (sent,) = components(visit("lesson", step="stayed", reveal="1"), "stops")
    assert sent["values"][0] == "AlexNet, 2012" and len(sent["values"]) == 5
    (body,) = sent["tables"]["bodies"]
    assert [stop["marked"] for stop in sent["stops"]] == [0, 1, 2, 3, 4]
    assert body[0][1:3] == ["18.2%", "15.3%"] and body[-1][1:3] == ["4.49%", "3.57%"]

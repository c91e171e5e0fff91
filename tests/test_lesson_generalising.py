"""What the steps on new images say: held against recordings, papers and the network."""

from __future__ import annotations

import re

import pytest

from classroom.content import later, lesson, numbers, recorded
from classroom.questions import grading, variants
from classroom.questions.bank import find
from classroom.questions.variants import Variant
from model import paper
from tests.test_pages import said, visit
from ui.kit import cache, words
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

"""What the questions of the bank ask for: how many, of which level, from which topics.

Each declares its level by Bloom's revised taxonomy, and why. Reading a number off is
"remember", a formula with numbers put in is "apply", however long.
"""

from __future__ import annotations

import re

import pytest

from classroom.exams import exams
from classroom.questions import answer_text, custom_questions, rounds
from classroom.questions.bank import bank, find, is_known
from classroom.questions.question_files import LEVELS
from classroom.questions.titles import GONE, title
from classroom.questions.variants import Variant, key, pose

QUESTIONS = list(bank().questions.values())
RETIRED = list(bank().retired.values())


def test_each_says_why_it_is_of_its_level() -> None:
    for question in (*QUESTIONS, *RETIRED):
        assert question.level in LEVELS
        assert re.fullmatch(r"[A-Z].{4,}\.", question.level_why), question.id


def test_what_is_read_off_or_put_into_a_formula_is_no_analysis() -> None:
    for question in QUESTIONS:
        if question.kind == "picture" or question.work in ("reading", "recall"):
            assert question.level == "remember", question.id
        if question.work in ("calculation", "power"):
            assert question.level == "apply", question.id


# --- those that are asked no more -----------------------------------------------------


def test_what_was_retired_is_not_asked() -> None:
    known = bank()
    assert {q.id for q in RETIRED} == {
        "bonus-neuron-sum", "normalised", "rank-of-a-unit",
    }  # fmt: skip
    asked = {
        i for name in rounds.rounds(known) for i in rounds.questions_of(known, name, 1)
    }
    assert not asked & set(known.retired)
    assert not exams.choosable(known).keys() & set(known.retired)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize("name", [q.id for q in RETIRED if q.kind != "picture"])
def test_an_answer_to_what_was_retired_is_still_read(name: str, language: str) -> None:
    assert is_known(name) and title(name) != GONE
    variant = Variant(name, 7)
    assert find(name, language).language == language
    truth = key(variant, language).truth
    assert pose(variant, language).ask and isinstance(truth, int | float)
    assert answer_text.given(name, 7, repr(truth)) == repr(truth)


def test_results_have_what_was_retired_among_their_topics(database: object) -> None:
    known = custom_questions.bank_of("nowhere", retired=True)
    assert set(known.questions) == set(bank().every)
    assert custom_questions.bank_of("nowhere").questions == bank().questions

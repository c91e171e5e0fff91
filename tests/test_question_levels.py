"""What the questions of the bank ask for: how many, of which level, from which topics.

Each declares its level by Bloom's revised taxonomy, and why. Reading a number off is
"remember", a formula with numbers put in is "apply", however long.
"""

from __future__ import annotations

import re
from collections import Counter

import pytest

from classroom.exams import exams
from classroom.questions import answer_text, custom_questions, rounds
from classroom.questions.bank import bank, find, is_known
from classroom.questions.grading import grade
from classroom.questions.question_files import LEVELS, Question
from classroom.questions.titles import GONE, title
from classroom.questions.variants import Variant, key, pose
from tests.test_grading import as_answer, betraying

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


# --- how many, of which kind ----------------------------------------------------------

VARYING = [q for q in QUESTIONS if q.answer and q.kind != "picture"]


def test_there_are_a_hundred_and_a_quarter_of_them_asks_for_a_judgement() -> None:
    assert len(QUESTIONS) >= 100
    judged = [q.id for q in QUESTIONS if q.level in ("analyse", "evaluate")]
    assert len(judged) >= 25
    levels = Counter(q.level for q in QUESTIONS)
    assert all(levels[name] for name in LEVELS)
    assert levels["apply"] + levels["remember"] < 0.7 * len(QUESTIONS)


def test_no_topic_has_more_than_a_quarter() -> None:
    topics = Counter(q.topic for q in QUESTIONS)
    assert set(topics) == set(bank().topics)
    assert max(topics.values()) <= len(QUESTIONS) / 4


def test_some_answers_are_a_word_or_two() -> None:
    short = [q for q in QUESTIONS if q.kind == "short"]
    assert len(short) >= 7
    assert len({q.topic for q in short}) >= 4


MANY = range(300)  # seeds


@pytest.mark.parametrize("question", VARYING, ids=lambda q: q.id)
def test_no_truth_is_wrong_and_no_known_mistake_is_right(question: Question) -> None:
    for seed in MANY:
        variant = Variant(question.id, seed)
        solved = key(variant)
        answer = as_answer(question, variant, solved.truth)
        assert grade(question, variant, answer).right, seed
        for name in solved.mistakes:
            said = grade(question, variant, betraying(question, variant, name))
            known = question.mistakes[name]
            assert said.right == (known.share >= 1), (seed, name)
            assert said.mistake == name or known.share, (seed, name)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_right_choice_is_not_the_long_one(language: str) -> None:
    for question in bank(language).questions.values():
        if question.kind == "single" and question.options:
            right = [len(o.text) for o in question.options if o.right]
            wrong = [len(o.text) for o in question.options if not o.right]
            assert right[0] <= 1.2 * max(wrong), question.id


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

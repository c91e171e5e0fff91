"""The quiz in the language of its page, which is the visitor's or their class's.

What a language lacks is asked in English, and marked so. Answers are graded and kept in
English whatever was read, so that one class may read several languages.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager
from typing import Any

import streamlit as st

from classroom.questions import bank, grading, variants
from classroom.questions import titles as question_titles
from classroom.questions.bank import find, is_known, languages
from classroom.questions.grading import Grade
from classroom.questions.question_files import ENGLISH, Bank, Question
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import AnswerKey, Posed, Variant
from ui.kit import widgets, words


def current() -> str:
    """The language that is asked in where the bank has it."""
    language = words.language()
    return language if language in languages() else ENGLISH


def question(name: str) -> Question:
    """A question in the visitor's words."""
    return find(name, current())


def beside(known: Bank) -> Bank:
    """A class's bank in the visitor's words; custom questions stay as they are."""
    return bank.beside(known, current())


def titles(names: Iterable[str]) -> dict[str, str]:
    """Id -> title in the visitor's words; of one that is gone, that it is."""
    found = question_titles.titles(names, current())
    return {
        name: title if is_known(name) else words.refusal(title)
        for name, title in found.items()
    }


def pose(variant: Variant) -> Posed:
    """What is shown of a variant, in the visitor's words."""
    return variants.pose(variant, current())


def key(variant: Variant) -> AnswerKey:
    """What is kept on the server until there is an answer, in the visitor's words."""
    return variants.key(variant, current())


def last_grade(question_state: QuestionState, truth: float | None = None) -> Grade:
    """The grade of the last answer, with its sentence in the visitor's words.

    Args:
        truth: of a question on the visitor's picture, if it is known.
    """
    last = question_state.tries[-1]
    return grading.in_language(
        last.grade, question_state.variant, last.answer, current(), truth
    )


def part(name: str, place: str) -> AbstractContextManager[Any]:
    """A part of a page in a question's language, which may not be the page's.

    Args:
        name: the question.
        place: which part of the page it is.
    """
    written = question(name).language
    if current() == ENGLISH or not written:
        return st.container()
    return widgets.language(written, f"quiz-{place}")

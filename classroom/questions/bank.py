"""The app's questions in each of its languages, and those of classes by their ids."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from classroom.questions import lesson_questions, translations
from classroom.questions.question_files import (
    ENGLISH,
    FOLDER,
    INDEX,
    Bank,
    Question,
    load,
)


@cache
def languages() -> tuple[str, ...]:
    """The languages that the bank has words in, English first."""
    found = sorted(path.parent.name for path in FOLDER.glob(f"*/{INDEX}.toml"))
    return (ENGLISH, *found)


@cache
def bank(language: str = ENGLISH) -> Bank:
    """The app's questions; what a language lacks is in English, and marked so.

    Raises:
        KeyError: there is no such language.
    """
    if language == ENGLISH:
        return load()
    if language not in languages():
        raise KeyError(f"The quiz has {', '.join(languages())}. Received: {language!r}")
    return translations.load(bank(), FOLDER / language)


# Instructors' questions, by ids that nothing else ever has: they never change.
_custom: dict[str, Question] = {}


def remember(questions: Iterable[Question]) -> None:
    """Makes a class's custom questions (`custom_questions.learn`) known here."""
    for question in questions:
        _custom.setdefault(question.id, question)


def find(name: str, language: str = ENGLISH) -> Question:
    """A question of the bank, of the lesson, or of a class that was asked for here.

    A retired one is found, too: it was asked once.

    Raises:
        KeyError: no such question.
    """
    if name.startswith(lesson_questions.PREFIX):
        return lesson_questions.questions(language)[name]
    known = bank(language)
    for found in (known.questions, known.retired):
        if name in found:
            return found[name]
    return _custom[name]


def is_known(name: str) -> bool:
    """Whether `find` has it."""
    if name.startswith(lesson_questions.PREFIX):
        return name in lesson_questions.questions()
    return name in bank().every or name in _custom


def beside(known: Bank, language: str) -> Bank:
    """A class's bank in another language; custom questions stay as they are.

    Raises:
        KeyError: there is no such language.
    """
    if language == known.language:
        return known
    other = bank(language)
    every = other.every
    return replace(
        other,
        questions={k: every.get(k, q) for k, q in known.questions.items()},
        topics={k: other.topics.get(k, other.custom["title"]) for k in known.topics},
    )

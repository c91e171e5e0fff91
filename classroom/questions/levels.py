"""How many questions are on each level of Bloom's revised taxonomy."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from classroom.questions.bank import find, is_known
from classroom.questions.question_files import LEVELS, Bank, Question

NO_LEVEL = ""  # of a class's own questions, and of what is gone


def count(questions: Iterable[str]) -> dict[str, int]:
    """Level -> how many of these questions, in order; levels without any left out.

    Args:
        questions: ids.
    """
    found = Counter(find(one).level if is_known(one) else NO_LEVEL for one in questions)
    return {level: found[level] for level in (*LEVELS, NO_LEVEL) if found[level]}


def by_topic(known: Bank) -> Mapping[str, Mapping[str, int]]:
    """Topic -> level -> how many questions, both in their order."""
    return {
        topic: {level: _at(known.of_topic(topic), level) for level in LEVELS}
        for topic in known.topics
    }


def _at(questions: Iterable[Question], level: str) -> int:
    return sum(question.level == level for question in questions)

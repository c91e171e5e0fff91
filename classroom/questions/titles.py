"""What questions are called where there is no room for what they ask.

In charts, lists, gradebooks and files a question is its title, never its id: the bank's
stand in assets/quiz/*.toml, an own question's is its name in the file that it came in,
or how it begins. An id stands in files alone, in a column that says so.
"""

from __future__ import annotations

from collections.abc import Iterable

from classroom.questions.bank import find, is_known
from classroom.questions.question_files import ENGLISH, LONGEST_TITLE

GONE = "A question that is gone"


def short(text: str, longest: int = LONGEST_TITLE) -> str:
    """The beginning of a text, in one line."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"


def title(name: str, language: str = ENGLISH) -> str:
    """A question's title, by its id; of one that is gone, that it is."""
    if not is_known(name):
        return GONE
    question = find(name, language)
    return question.title or short(question.ask)


def titles(names: Iterable[str], language: str = ENGLISH) -> dict[str, str]:
    """Id -> title; where two would be alike, they have numbers."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in dict.fromkeys(names):
        called = text = title(name, language)
        number = 1
        while called in taken:
            number += 1
            called = f"{text} ({number})"
        taken.add(called)
        found[name] = called
    return found

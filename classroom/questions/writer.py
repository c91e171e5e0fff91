"""What is computed, written in a language: numbers its way, phrases in its words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

from classroom.content import lesson
from classroom.content.numbers import Style
from classroom.questions.answers import NumberText, Phrase
from classroom.questions.question_files import Bank


@cache
def style(language: str) -> Style:
    """A language's way with numbers; English for an unknown one."""
    known = language in lesson.languages()
    return lesson.load(language).style if known else Style()


@dataclass(frozen=True)
class _Number:
    """A number in a format string."""

    value: float
    style: Style

    def __format__(self, form: str) -> str:
        return self.style.figures(format(self.value, form))


class Writer:
    """Puts what a template has drawn into a bank's language."""

    def __init__(self, known: Bank) -> None:
        self.words = known.words
        self.style = style(known.language)

    def text(self, label: object) -> str:
        """A label, a phrase or a number alone."""
        match label:
            case Phrase():
                return self.fill(self.words[label.word], label.values)
            case NumberText():
                return self.style.figures(label)
        return str(label)

    def fill(self, text: str, values: Mapping[str, object]) -> str:
        """A text of the files with the numbers and phrases that it names."""
        known = {
            name: _Number(value, self.style)
            if isinstance(value, int | float)
            else self.text(value)
            for name, value in values.items()
        }
        unnamed = [known.pop("")] if "" in known else []
        return text.format(*unnamed, **known)

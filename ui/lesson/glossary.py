"""The glossary on screen: a step's words below it, and all of them by the alphabet."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from urllib.parse import urlencode

from classroom.content.lesson import Lesson
from classroom.content.lesson_files import Door
from classroom.content.numbers import Number
from ui.kit import words


def address(door: Door) -> str:
    """A page's address, from the lesson's own."""
    query = f"?{urlencode(door.query)}" if door.query else ""
    return door.page.replace("_", "-") + query


def definitions(
    lesson: Lesson, known: Mapping[str, Number], terms: Iterable[str]
) -> str:
    """Each word with its sentence, and a link to where it can be seen, as a list."""
    return "\n".join(_definition(lesson, known, term) for term in terms)


def _definition(lesson: Lesson, known: Mapping[str, Number], term: str) -> str:
    entry, door = lesson.tables["glossary"][term], lesson.see(term)
    line = f"- **{entry['word']}**: {lesson.markdown(entry['say'], known)}"
    if door is None:
        return line
    title = words.page(door.page)["title"]
    return f"{line} →\N{NO-BREAK SPACE}[{title}]({address(door)})"


def by_alphabet(lesson: Lesson) -> list[str]:
    """All terms, in the order of their words."""
    entries = lesson.tables["glossary"]
    return sorted(entries, key=lambda term: entries[term]["word"].lower())

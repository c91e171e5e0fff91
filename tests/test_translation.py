"""A new step, word or term in English fails until every other language has it too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from classroom import lesson, questions

ENGLISH = lesson.load()
OTHERS = [name for name in lesson.languages() if name != lesson.DEFAULT]
TABLES = ("glossary", "timeline")  # of the lesson that stand around a step


def leaves(table: Mapping[str, Any], where: str = "") -> Iterator[tuple[str, str]]:
    """Every text of a table by its keys."""
    for key, value in table.items():
        place = f"{where}.{key}".lstrip(".")
        if isinstance(value, dict):
            yield from leaves(value, place)
        else:
            yield place, str(value)


def own(language: str, name: str) -> dict[str, Any]:
    """A file of the lesson as it is there, without English in its gaps."""
    path = lesson.FOLDER / language / f"{name}.toml"
    return tomllib.loads(path.read_text("utf-8"))


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"\{(\w+)", text))


def test_there_is_another_language() -> None:
    assert OTHERS == ["de"]


@pytest.mark.parametrize("language", OTHERS)
def test_every_step_is_translated(language: str) -> None:
    missing = [s.slug for s in lesson.load(language).steps if s.language != language]
    assert not missing


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_the_lesson_is_translated(language: str) -> None:
    given = dict(leaves(own(language, "words")))
    english = dict(leaves(ENGLISH.words))
    assert sorted(given) == sorted(english)
    for place, text in given.items():
        assert placeholders(text) == placeholders(english[place]), place


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("language", OTHERS)
def test_every_row_of_a_table_is_translated(language: str, table: str) -> None:
    assert table in lesson.load(language).translated
    given, english = own(language, table), ENGLISH.tables[table]
    assert list(given) == list(english)
    for name, row in given.items():
        theirs = english[name]
        for field in ("say", "what"):
            if field in row:
                said, wanted = placeholders(row[field]), placeholders(theirs[field])
                assert said == wanted, f"{name}: {field}"
        assert row.get("source") == theirs.get("source"), name


@pytest.mark.parametrize("language", OTHERS)
def test_every_question_of_the_quiz_is_translated(language: str) -> None:
    known = questions.bank(language).questions
    missing = [name for name, q in known.items() if q.language != language]
    assert not missing

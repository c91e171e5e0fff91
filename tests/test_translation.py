"""A new step, word or term in English fails until every other language has it too."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from classroom.content import lesson
from classroom.content.lesson_files import NOTHING, ROW_FIELDS
from classroom.questions import bank

ENGLISH = lesson.load()
OTHERS = [name for name in lesson.languages() if name != lesson.DEFAULT]
TABLES = ("glossary", "claims", "timeline")
WORDS_OF = ("say", "what", *(name for name in ROW_FIELDS["claims"][:-2]))


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
    given, english = own(language, table), ENGLISH.tables[table]
    assert list(given) == list(english)
    for name, row in given.items():
        theirs = english[name]
        for field in WORDS_OF:
            if field in row:
                said, wanted = placeholders(row[field]), placeholders(theirs[field])
                assert said == wanted, f"{name}: {field}"
        ours, cited = (x.get("source", "").split(" ")[0] for x in (row, theirs))
        assert ours == cited, name


@pytest.mark.parametrize("language", OTHERS)
def test_a_claim_has_the_numbers_that_english_has(language: str) -> None:
    """What is typed, too: sizes, runs, years; and a cell without words has none."""

    def digits(text: str) -> list[str]:
        return sorted(re.findall(r"\d+", re.sub(r"\{\w+\}|[Tt]op-\d", "", text)))

    for name, row in own(language, "claims").items():
        theirs = ENGLISH.tables["claims"][name]
        for field, text in row.items():
            assert digits(text) == digits(theirs[field]), f"{name}: {field}"
            assert (text == NOTHING) is (theirs[field] == NOTHING), name


@pytest.mark.parametrize("language", OTHERS)
def test_every_note_on_a_source_is_translated(language: str) -> None:
    theirs = {name for name, x in ENGLISH.tables["references"].items() if "note" in x}
    given = own(language, "references")
    assert theirs and set(given) == theirs
    for name, row in lesson.load(language).tables["references"].items():
        for field in ("text", "link"):
            assert row[field] == ENGLISH.tables["references"][name][field]


@pytest.mark.parametrize("language", OTHERS)
def test_every_question_of_the_quiz_is_translated(language: str) -> None:
    known = bank.bank(language).questions
    missing = [name for name, q in known.items() if q.language != language]
    assert not missing

"""Files of the lesson: tables, doors and sources, checked; see `content.lesson`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from classroom.content.code_2012 import places
from classroom.content.terms import MARK
from classroom.content.toml_file import ContentBroken, TomlFile

NOTHING = "–"  # an empty cell of the claims
NUMBER = re.compile(r"\{(\w*)\}")
ROW_FIELDS: dict[str, tuple[str, ...]] = {  # of the tables, for each of their entries
    "glossary": ("word", "say"),
    "claims": (
        *("claim", "lesson", "paper", "authors", "app", "why", "source"),
        "code",  # places in the authors' code, for "authors": content.code_2012
    ),
    "timeline": ("year", "what", "source"),
    "references": ("text", "link"),
}
MORE_FIELDS: dict[str, tuple[str, ...]] = {  # may be there
    "glossary": ("forms", "see"),
    "references": ("note",),
}
ENGLISH_FIELDS: dict[str, tuple[str, ...]] = {  # no words: no other language has them
    "glossary": ("see",),
    "claims": ("code",),
    "references": ("text", "link"),
}


class LessonBroken(ContentBroken):
    """A mistake in a file of the lesson."""


@dataclass(frozen=True)
class Door:
    """A page that goes deeper, and the parameters of its address."""

    page: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """A reference, and the place in it."""

    reference: str
    place: str


class LessonFile(TomlFile):
    """A file of the lesson."""

    def __init__(self, path: Path, folder: Path) -> None:
        super().__init__(path, folder, LessonBroken)

    def check_marks(self, text: str, known: Mapping[str, Any], terms: Any) -> None:
        """Every number and glossary word that a text of this file names is there."""
        for found in NUMBER.finditer(text):
            if found[1] not in known:
                line = self.line_of(re.escape(found[0]))
                raise self.broken(line, f"no number is called {found[0]}")
        for found in MARK.finditer(text):
            if found[1] not in terms:
                line = self.line_of(re.escape(f"[[{found[1]}"))
                raise self.broken(line, f"the glossary has no word {found[1]!r}")


def door_of(text: str) -> Door:
    """What "page" or "page?key=value" leads to."""
    page, _, query = text.partition("?")
    return Door(page, dict(parse_qsl(query)))


def read_doors(file: LessonFile, doors: list[str]) -> Iterator[Door]:
    """The doors that texts of a file name, checked."""
    for text in doors:
        door = door_of(text)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", door.page):
            raise file.broken(
                file.line_of(re.escape(text)),
                f'a door is "page" or "page?key=value". Received: {text!r}',
            )
        yield door


def read_sources(file: LessonFile, sources: list[str], known: Any) -> Iterator[Source]:
    """The sources that texts of a file name, each of the references known."""
    if not sources:
        raise file.broken(file.line_of(r"^sources\s*="), "a step needs a source")
    for text in sources:
        name, _, place = text.partition(" ")
        if name not in known:
            line = file.line_of(re.escape(text))
            raise file.broken(line, f"references.toml has no {name!r}")
        yield Source(name, place)


def read_table(folder: Path, name: str) -> tuple[LessonFile, dict[str, Any]]:
    """A file of the lesson, and what is in it."""
    file = LessonFile(folder / f"{name}.toml", folder)
    return file, file.toml()


def _check_table(
    file: LessonFile,
    name: str,
    table: Mapping[str, Any],
    base: Mapping[str, Any] | None,
) -> None:
    """Each entry has the fields of its table, all of them text.

    Args:
        base: the table in English, for that of another language.
    """
    wanted, more = ROW_FIELDS[name], MORE_FIELDS.get(name, ())
    if base is not None:
        kept = ENGLISH_FIELDS.get(name, ())
        wanted, more = (
            tuple(field for field in fields if field not in kept)
            for fields in (wanted, more)
        )
    for key, row in table.items():
        line = file.line_of(rf"^\[{re.escape(key)}\]")
        if not isinstance(row, dict):
            line = file.line_of(rf"^{re.escape(key)}\s*=")
            raise file.broken(line, f"{key} must be an entry [{key}]")
        if base is not None and key not in base:
            raise file.broken(line, f"English has no [{key}]")
        if not set(wanted) <= set(row) <= {*wanted, *more}:
            fields, given = ", ".join(wanted or more), ", ".join(row)
            raise file.broken(
                line, f"[{key}] must have {fields}. Received: {given or 'nothing'}"
            )
        for field_name, value in row.items():
            if not isinstance(value, str):
                raise file.broken(line, f"{field_name} of [{key}] must be text")


def merged_words(
    file: LessonFile, base: Mapping[str, Any], translated: Mapping[str, Any]
) -> dict[str, Any]:
    """English words, replaced by a language's where it has them."""
    merged = dict(base)
    for key, value in translated.items():
        line = file.line_of(
            rf"^(?:{re.escape(key)}\s*=|\[(?:\w+\.)*{re.escape(key)}\])"
        )
        if key not in base:
            raise file.broken(line, f"English has no words {key!r}")
        if type(value) is not type(base[key]):
            raise file.broken(line, f"{key} is not of the kind that English has")
        merged[key] = (
            merged_words(file, base[key], value) if isinstance(value, dict) else value
        )
    return merged


def read_tables(folder: Path, english: Mapping[str, Any] | None) -> dict[str, Any]:
    """The tables that a language has of its own, checked."""
    read = {
        name: read_table(folder, name)
        for name in ROW_FIELDS
        if (folder / f"{name}.toml").exists()
    }
    for name, (file, table) in read.items():
        _check_table(file, name, table, english[name] if english else None)
    return read


def check_rows(
    read: Mapping[str, Any], tables: Mapping[str, Any], known: Mapping[str, Any]
) -> None:
    """Numbers, glossary words and sources that the tables name are there."""
    for name, (file, table) in read.items():
        for row in (tables[name][key] for key in table):
            for text in row.values():
                file.check_marks(text, known, tables["glossary"])
            if "code" in row:
                _check_code(file, row)
            if "source" in row:
                list(read_sources(file, [row["source"]], tables["references"]))
            if "see" in row:
                list(read_doors(file, [row["see"]]))


def merged_rows(
    name: str, english: Mapping[str, Any], translated: Mapping[str, Any]
) -> Any:
    """The rows of a table in a language; those that it lacks are English."""
    kept = ENGLISH_FIELDS.get(name, ())
    merged = dict(english)
    for key, row in translated.items():
        same = {field: english[key][field] for field in kept if field in english[key]}
        merged[key] = {**row, **same}
    return merged


def _check_code(file: LessonFile, row: Mapping[str, str]) -> None:
    """Checks that a claim on the authors' code names its place there, and only then."""
    named = "code" if re.search(r"^code\s*=", file.text, re.MULTILINE) else "authors"
    line = file.line_of(rf'^{named}\s*=\s*"{re.escape(row[named])}"')
    try:
        found = places(row["code"])
    except ValueError as trouble:
        raise file.broken(line, str(trouble)) from trouble
    if bool(found) == (row["authors"] == NOTHING):
        raise file.broken(
            line,
            f'"code" names the lines that "authors" tells of; {NOTHING!r} has none',
        )

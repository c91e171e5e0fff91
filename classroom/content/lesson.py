"""The lesson as data: assets/lesson/<language>/, read, checked and put into words.

    35-relu.md        a step: fields between two lines of +++ (TOML), then the words.
                      The number is its place; adding a step means adding a file
    words.toml        what stands on buttons and in tables
    glossary.toml, claims.toml, timeline.toml
    language.toml     the language's own name, and how it writes numbers
    references.toml   sources, cited as they are in every language, with their notes

In the words `{paper_parameters}` is a number of `classroom.content.numbers`, and
`[[relu]]` or `[[relu|rectified units]]` a word of the glossary. A step's words of the
glossary are found by themselves (`classroom.content.terms`); a mark is for another way
of writing one. A language may lack any file but its own language.toml: what is missing
falls back to English, step by step and word by word.

Every mistake is a `LessonBroken` that names file and line.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from classroom.content.code_2012 import places
from classroom.content.numbers import MEASURED, Number, Style, numbers
from classroom.content.terms import MARK, Finder, Link
from classroom.content.toml_file import ContentBroken, TomlFile
from paths import ASSETS

FOLDER = ASSETS / "lesson"
DEFAULT = "en"
MOST_WORDS = 120
FENCE = "+++"
MARKS = ("thousands", "decimal", "percent")  # of language.toml, for its numbers
NOTHING = "–"  # a cell of the claims that has nothing to say

_NAME = re.compile(r"\d{2}-([a-z0-9][a-z0-9-]*)\.md")
_NUMBER = re.compile(r"\{(\w*)\}")

FIELDS: dict[str, type] = {
    "title": str,
    "live": str,
    "question": str,
    "answer": str,
    "note": str,
    "doors": list,
    "sources": list,
}
OPTIONAL: dict[str, type] = {"wide": bool}
ROW_FIELDS: dict[str, tuple[str, ...]] = {  # of the tables, for each of their entries
    "glossary": ("word", "say"),
    "claims": (
        *("claim", "lesson", "paper", "authors", "app", "why", "source"),
        "code",  # places in the authors' code, for "authors": classroom.code_2012
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
    """A page that goes deeper, and what its address says."""

    page: str
    query: Mapping[str, str]


@dataclass(frozen=True)
class Source:
    """A reference, and the place in it."""

    reference: str
    place: str


@dataclass(frozen=True)
class Step:
    """One step of the lesson."""

    slug: str
    place: int
    language: str  # in which it is written: English where a translation is missing
    title: str
    live: str  # the name of what the page shows live
    body: str
    question: str
    answer: str
    note: str  # for whoever presents
    doors: tuple[Door, ...]
    sources: tuple[Source, ...]
    wide: bool = False  # the live thing needs the whole width


@dataclass(frozen=True)
class Lesson:
    """All of it, in one language."""

    language: str
    name: str  # of the language, in itself
    style: Style  # of its numbers
    steps: tuple[Step, ...]
    words: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Mapping[str, str]]]

    def step(self, slug: str) -> Step:
        """The step of that name.

        Raises:
            KeyError: no such step; the message lists those there are.
        """
        for step in self.steps:
            if step.slug == slug:
                return step
        known = ", ".join(step.slug for step in self.steps)
        raise KeyError(f"The lesson has the steps {known}. Received: {slug!r}")

    @cached_property
    def finder(self) -> Finder:
        """Of the glossary's words in texts of this language."""
        return Finder.of(self.tables["glossary"])

    def _filled(self, text: str, known: Mapping[str, Number]) -> str:
        def number(found: re.Match[str]) -> str:
            return known[found[1]].text(self.style)

        return _NUMBER.sub(number, text)

    def _link(self, known: Mapping[str, Number]) -> Link:
        def link(term: str, shown: str) -> str:
            say = plain(self.tables["glossary"][term]["say"])
            tip = self._filled(say, known).replace('"', "'")
            return f'[{shown}](#words "{tip}")'

        return link

    def say(self, text: str, known: Mapping[str, Number]) -> str:
        """Words as Markdown: numbers filled in, marked words linked to #words."""
        link = self._link(known)

        def term(found: re.Match[str]) -> str:
            shown = found[2] or self.tables["glossary"][found[1]]["word"]
            return link(found[1], shown)

        return self._filled(MARK.sub(term, text), known)

    def say_step(
        self, texts: Iterable[str], known: Mapping[str, Number], finder: Finder
    ) -> tuple[str, ...]:
        """Texts that are read one after the other, as Markdown.

        Every word of the glossary is linked to #words where it is used first.

        Args:
            finder: of the language that the texts are written in.
        """
        linked = finder.linked(texts, self._link(known))
        return tuple(self._filled(text, known) for text in linked)

    def see(self, term: str) -> Door | None:
        """The page where a word of the glossary can be seen."""
        text = self.tables["glossary"][term].get("see")
        return _door(text) if text else None


def plain(text: str) -> str:
    """Glossary marks taken out, their words left."""
    return MARK.sub(lambda found: found[2] or found[1], text)


def count_words(body: str) -> int:
    """Words as a reader counts them; signs that stand alone are none."""
    return sum(bool(re.search(r"\w", word)) for word in plain(body).split())


# --- reading ------------------------------------------------------------------------


class _File(TomlFile):
    """A file of the lesson."""

    def __init__(self, path: Path, folder: Path) -> None:
        super().__init__(path, folder, LessonBroken)

    def check_marks(self, text: str, known: Mapping[str, Any], terms: Any) -> None:
        """Every number and glossary word that a text of this file names is there."""
        for found in _NUMBER.finditer(text):
            if found[1] not in known:
                line = self.line_of(re.escape(found[0]))
                raise self.broken(line, f"no number is called {found[0]}")
        for found in MARK.finditer(text):
            if found[1] not in terms:
                line = self.line_of(re.escape(f"[[{found[1]}"))
                raise self.broken(line, f"the glossary has no word {found[1]!r}")


def _typed(file: _File, fields: Mapping[str, Any]) -> None:
    """The fields of a step are those of FIELDS, with their types."""
    for name, value in fields.items():
        line = file.line_of(rf"^{re.escape(name)}\s*=")
        wanted = (FIELDS | OPTIONAL).get(name)
        if wanted is None:
            raise file.broken(line, f"no field is called {name!r}: {', '.join(FIELDS)}")
        if not isinstance(value, wanted):
            kind = {str: "text", list: "a list of texts", bool: "true or false"}[wanted]
            raise file.broken(line, f"{name} must be {kind}. Received: {value!r}")
        if isinstance(value, str) and not value.strip():
            raise file.broken(line, f"{name} is empty")
        if isinstance(value, list) and not all(isinstance(x, str) for x in value):
            raise file.broken(line, f"{name} must be a list of texts")
    for name in FIELDS:
        if name not in fields:
            raise file.broken(1, f"{name} is missing")


def _door(text: str) -> Door:
    page, _, query = text.partition("?")
    return Door(page, dict(parse_qsl(query)))


def _doors(file: _File, doors: list[str]) -> Iterator[Door]:
    for text in doors:
        door = _door(text)
        if not re.fullmatch(r"[a-z][a-z0-9_]*", door.page):
            raise file.broken(
                file.line_of(re.escape(text)),
                f'a door is "page" or "page?key=value". Received: {text!r}',
            )
        yield door


def _sources(file: _File, sources: list[str], known: Any) -> Iterator[Source]:
    if not sources:
        raise file.broken(file.line_of(r"^sources\s*="), "a step needs a source")
    for text in sources:
        name, _, place = text.partition(" ")
        if name not in known:
            line = file.line_of(re.escape(text))
            raise file.broken(line, f"references.toml has no {name!r}")
        yield Source(name, place)


def _read_step(
    path: Path, folder: Path, tables: Mapping[str, Any], known: Mapping[str, Any]
) -> Step:
    file = _File(path, folder)
    name = _NAME.fullmatch(path.name)
    if name is None:
        raise file.broken(1, "a step's file is called like 35-relu.md")
    parts = file.text.split(f"{FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise file.broken(1, f"a step begins with its fields between two lines {FENCE}")
    fields = file.toml(parts[1], before=1)
    _typed(file, fields)
    body = parts[2].strip()
    at = file.line_at(len(file.text) - len(parts[2].lstrip()))
    if not body:
        raise file.broken(at, "the step has no words")
    if (count := count_words(body)) > MOST_WORDS:
        raise file.broken(at, f"{count} words, and a step has at most {MOST_WORDS}")
    for text in (body, *(v for v in fields.values() if isinstance(v, str))):
        file.check_marks(text, known, tables["glossary"])
    return Step(
        slug=name[1],
        place=int(path.name[:2]),
        language=folder.name,
        title=fields["title"],
        live=fields["live"],
        body=body,
        question=fields["question"].strip(),
        answer=fields["answer"].strip(),
        note=fields["note"].strip(),
        doors=tuple(_doors(file, fields["doors"])),
        sources=tuple(_sources(file, fields["sources"], tables["references"])),
        wide=fields.get("wide", False),
    )


def _read_table(folder: Path, name: str) -> tuple[_File, dict[str, Any]]:
    file = _File(folder / f"{name}.toml", folder)
    return file, file.toml()


def _check_table(
    file: _File, name: str, table: Mapping[str, Any], base: Mapping[str, Any] | None
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


def _merged(file: _File, base: Mapping[str, Any], own: Mapping[str, Any]) -> Any:
    """English words with a language's own in their places."""
    merged = dict(base)
    for key, value in own.items():
        line = file.line_of(
            rf"^(?:{re.escape(key)}\s*=|\[(?:\w+\.)*{re.escape(key)}\])"
        )
        if key not in base:
            raise file.broken(line, f"English has no words {key!r}")
        if type(value) is not type(base[key]):
            raise file.broken(line, f"{key} is not of the kind that English has")
        merged[key] = (
            _merged(file, base[key], value) if isinstance(value, dict) else value
        )
    return merged


def _tables(folder: Path, base: Lesson | None) -> dict[str, Any]:
    """The tables that a language has of its own, checked."""
    read = {
        name: _read_table(folder, name)
        for name in ROW_FIELDS
        if (folder / f"{name}.toml").exists()
    }
    for name, (file, table) in read.items():
        _check_table(file, name, table, base.tables[name] if base else None)
    return read


def _check_rows(
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
                list(_sources(file, [row["source"]], tables["references"]))
            if "see" in row:
                list(_doors(file, [row["see"]]))


def _rows(name: str, english: Mapping[str, Any], own: Mapping[str, Any]) -> Any:
    """The rows of a table in a language; those that it lacks are English."""
    kept = ENGLISH_FIELDS.get(name, ())
    merged = dict(english)
    for key, row in own.items():
        same = {field: english[key][field] for field in kept if field in english[key]}
        merged[key] = {**row, **same}
    return merged


def _check_code(file: _File, row: Mapping[str, str]) -> None:
    """What is said of the authors' code is said with its place in it, and only then."""
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


@cache
def languages(root: Path = FOLDER) -> tuple[str, ...]:
    """The languages there are, English first."""
    found = sorted(path.parent.name for path in root.glob("*/language.toml"))
    return (DEFAULT, *(name for name in found if name != DEFAULT))


@cache
def load(language: str = DEFAULT, root: Path = FOLDER) -> Lesson:
    """The lesson in a language; what it lacks is English.

    Raises:
        KeyError: no such language.
        LessonBroken: a mistake in a file; names file and line.
    """
    if language not in languages(root):
        known_names = ", ".join(languages(root))
        raise KeyError(f"The lesson has {known_names}. Received: {language!r}")
    base = None if language == DEFAULT else load(DEFAULT, root)
    folder = root / language
    known = dict.fromkeys([*numbers(), *MEASURED])
    read = _tables(folder, base)
    own = {name: table for name, (_, table) in read.items()}
    tables = (
        own
        if base is None
        else {
            name: _rows(name, table, own.get(name, {}))
            for name, table in base.tables.items()
        }
    )
    for name in ROW_FIELDS:
        if name not in tables:
            raise LessonBroken(f"{language}/{name}.toml:1: the file is missing")
    _check_rows(read, tables, known)
    about_file, about = _read_table(folder, "language")
    for key in ("name", *MARKS):
        if not isinstance(about.get(key), str):
            raise about_file.broken(1, f"{key} must be text")
    return Lesson(
        language=language,
        name=about["name"],
        style=Style(*(about[mark] for mark in MARKS)),
        steps=_steps(folder, base, tables, known),
        words=_words(folder, base),
        tables=tables,
    )


def _words(folder: Path, base: Lesson | None) -> Mapping[str, Any]:
    if base is not None and not (folder / "words.toml").exists():
        return base.words
    file, words = _read_table(folder, "words")
    if base is None:
        return words
    return _merged(file, base.words, words)  # type: ignore[no-any-return]


def _steps(
    folder: Path, base: Lesson | None, tables: Mapping[str, Any], known: Any
) -> tuple[Step, ...]:
    """The language's own steps, and English ones for those it lacks."""
    own: dict[str, Step] = {}
    places: dict[int, str] = {}
    for path in sorted(folder.glob("*.md")):
        step = _read_step(path, folder, tables, known)
        name = f"{folder.name}/{path.name}"
        if step.slug in own or step.place in places:
            raise LessonBroken(
                f"{name}:1: the step or its number is there already, "
                f"as {places.get(step.place, step.slug)!r}"
            )
        own[step.slug] = step
        places[step.place] = step.slug
    if base is None:
        return tuple(own.values())
    english = {step.slug: step for step in base.steps}
    for step in own.values():
        if step.slug not in english:
            raise LessonBroken(
                f"{folder.name}/{step.place:02}-{step.slug}.md:1: "
                f"English has no step {step.slug!r}"
            )
    return tuple(own.get(slug, step) for slug, step in english.items())

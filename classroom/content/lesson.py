"""The lesson as data: assets/lesson/<language>/, read, checked and put into words.

    35-relu.md        a step: fields between two lines of +++ (TOML), then the words.
                      The number is its place; adding a step means adding a file.
                      `slide` is what it says where it is presented (content.slides)
    words.toml        what stands on buttons and in tables
    ../parts.toml     the parts that the steps belong to (`content.lesson_parts`)
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
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from classroom.content import slides
from classroom.content.lesson_files import (
    NUMBER,
    ROW_FIELDS,
    Door,
    LessonBroken,
    LessonFile,
    Source,
    check_rows,
    door_of,
    merged_rows,
    merged_words,
    read_doors,
    read_sources,
    read_table,
    read_tables,
)
from classroom.content.lesson_parts import LessonPart, read_parts
from classroom.content.numbers import MEASURED, Number, Style, numbers
from classroom.content.terms import MARK, Finder, Link
from classroom.content.thinking import Think, read_think
from paths import ASSETS

FOLDER = ASSETS / "lesson"
DEFAULT = "en"
MOST_WORDS = 120
FENCE = "+++"
MARKS = ("thousands", "decimal", "percent")  # of language.toml, for its numbers

_NAME = re.compile(r"\d{2}-([a-z0-9][a-z0-9-]*)\.md")

FIELDS: dict[str, type] = {
    "title": str,
    "live": str,
    "question": str,
    "answer": str,
    "note": str,
    "doors": list,
    "sources": list,
    "think": dict,
}
OPTIONAL: dict[str, type] = {"wide": bool, "slide": str}


@dataclass(frozen=True)
class LessonStep:
    """One step of the lesson."""

    slug: str
    place: int
    language: str  # in which it is written: English where a translation is missing
    title: str
    live: str  # the name of what the page shows live
    body: str
    question: str
    answer: str
    think: Think  # how the question is answered
    note: str  # for the presenter
    doors: tuple[Door, ...]
    sources: tuple[Source, ...]
    slide: str  # what is said where it is presented; Markdown, 40 words at most
    wide: bool = False  # the live thing needs the whole width


@dataclass(frozen=True)
class Lesson:
    """All of it, in one language."""

    language: str
    name: str  # of the language, in itself
    style: Style  # of its numbers
    steps: tuple[LessonStep, ...]
    words: Mapping[str, Any]
    tables: Mapping[str, Mapping[str, Mapping[str, str]]]
    parts: tuple[LessonPart, ...]

    def part_of(self, at: int) -> LessonPart:
        """The part of the step at a place among all, from 0."""
        return next(part for part in self.parts if at <= part.last)

    def step(self, slug: str) -> LessonStep:
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

        return NUMBER.sub(number, text)

    def _link(self, known: Mapping[str, Number]) -> Link:
        def link(term: str, shown: str) -> str:
            sentence = without_marks(self.tables["glossary"][term]["say"])
            tip = self._filled(sentence, known).replace('"', "'")
            return f'[{shown}](#words "{tip}")'

        return link

    def markdown(self, text: str, known: Mapping[str, Number]) -> str:
        """Words as Markdown: numbers filled in, marked words linked to #words."""
        link = self._link(known)

        def term(found: re.Match[str]) -> str:
            shown = found[2] or self.tables["glossary"][found[1]]["word"]
            return link(found[1], shown)

        return self._filled(MARK.sub(term, text), known)

    def step_markdown(
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
        return door_of(text) if text else None


def without_marks(text: str) -> str:
    """Glossary marks taken out, their words left."""
    return MARK.sub(lambda found: found[2] or found[1], text)


def count_words(body: str) -> int:
    """Words as a reader counts them; signs that stand alone are none."""
    return sum(bool(re.search(r"\w", word)) for word in without_marks(body).split())


# --- reading ------------------------------------------------------------------------


def _typed(file: LessonFile, fields: Mapping[str, Any]) -> None:
    """The fields of a step are those of FIELDS, with their types."""
    for name, value in fields.items():
        line = file.line_of(rf"^{re.escape(name)}\s*=")
        wanted = (FIELDS | OPTIONAL).get(name)
        if wanted is None:
            raise file.broken(line, f"no field is called {name!r}: {', '.join(FIELDS)}")
        if not isinstance(value, wanted):
            kind = {
                str: "text",
                list: "a list of texts",
                bool: "true or false",
                dict: "a table",
            }[wanted]
            raise file.broken(line, f"{name} must be {kind}. Received: {value!r}")
        if isinstance(value, str) and not value.strip():
            raise file.broken(line, f"{name} is empty")
        if isinstance(value, list) and not all(isinstance(x, str) for x in value):
            raise file.broken(line, f"{name} must be a list of texts")
    for name in FIELDS:
        if name not in fields:
            raise file.broken(1, f"{name} is missing")


def _slide(file: LessonFile, fields: Mapping[str, Any], body: str, at: int) -> str:
    """What is said where a step is presented, short enough."""
    most = slides.MOST_WORDS
    if "slide" not in fields:
        found = slides.first_sentences(body, count_words)
        if not found:
            raise file.broken(
                at, f"the first sentence has over {most} words: the step needs a slide"
            )
        return found
    text = str(fields["slide"]).strip()
    if (count := count_words(text)) > most:
        line = file.line_of(r"^slide\s*=")
        raise file.broken(line, f"{count} words, and a slide has at most {most}")
    return text


def _read_step(
    path: Path, folder: Path, tables: Mapping[str, Any], known: Mapping[str, Any]
) -> LessonStep:
    file = LessonFile(path, folder)
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
    think = read_think(file, fields["think"])
    words = (v for v in fields.values() if isinstance(v, str))
    for text in (body, *words, *think.texts()):
        file.check_marks(text, known, tables["glossary"])
    return LessonStep(
        slug=name[1],
        place=int(path.name[:2]),
        language=folder.name,
        title=fields["title"],
        live=fields["live"],
        body=body,
        question=fields["question"].strip(),
        answer=fields["answer"].strip(),
        think=think,
        note=fields["note"].strip(),
        doors=tuple(read_doors(file, fields["doors"])),
        sources=tuple(read_sources(file, fields["sources"], tables["references"])),
        slide=_slide(file, fields, body, at),
        wide=fields.get("wide", False),
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
    read = read_tables(folder, base.tables if base else None)
    translated = {name: table for name, (_, table) in read.items()}
    tables = (
        translated
        if base is None
        else {
            name: merged_rows(name, table, translated.get(name, {}))
            for name, table in base.tables.items()
        }
    )
    for name in ROW_FIELDS:
        if name not in tables:
            raise LessonBroken(f"{language}/{name}.toml:1: the file is missing")
    check_rows(read, tables, known)
    about_file, about = read_table(folder, "language")
    for key in ("name", *MARKS):
        if not isinstance(about.get(key), str):
            raise about_file.broken(1, f"{key} must be text")
    steps = _steps(folder, base, tables, known)
    places = [(step.slug, step.place) for step in steps]
    return Lesson(
        language=language,
        name=about["name"],
        style=Style(*(about[mark] for mark in MARKS)),
        steps=steps,
        words=_words(folder, base),
        tables=tables,
        parts=base.parts if base else read_parts(root, places),
    )


def _words(folder: Path, base: Lesson | None) -> Mapping[str, Any]:
    if base is not None and not (folder / "words.toml").exists():
        return base.words
    file, words = read_table(folder, "words")
    if base is None:
        return words
    return merged_words(file, base.words, words)


def _steps(
    folder: Path, base: Lesson | None, tables: Mapping[str, Any], known: Any
) -> tuple[LessonStep, ...]:
    """The language's own steps, and English ones for those it lacks."""
    translated: dict[str, LessonStep] = {}
    places: dict[int, str] = {}
    for path in sorted(folder.glob("*.md")):
        step = _read_step(path, folder, tables, known)
        name = f"{folder.name}/{path.name}"
        if step.slug in translated or step.place in places:
            raise LessonBroken(
                f"{name}:1: the step or its number is there already, "
                f"as {places.get(step.place, step.slug)!r}"
            )
        translated[step.slug] = step
        places[step.place] = step.slug
    if base is None:
        return tuple(translated.values())
    english = {step.slug: step for step in base.steps}
    for step in translated.values():
        if step.slug not in english:
            raise LessonBroken(
                f"{folder.name}/{step.place:02}-{step.slug}.md:1: "
                f"English has no step {step.slug!r}"
            )
    return tuple(translated.get(slug, step) for slug, step in english.items())

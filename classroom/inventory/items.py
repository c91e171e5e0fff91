"""The concepts of the inventory, each asked in two parallel forms: assets/inventory/.

    concepts.toml              [[concept]] id, name, page, idea;
                               [concept.misconceptions] id = "what is thought";
                               [concept.A] and [concept.B] ask, and options: `right`,
                               and one for each misconception
    <language>/concepts.toml   the same in another language
    sources.toml               what it is made after

Both forms of a concept offer the same misconceptions, so that what one form finds, the
other finds too. Every language has the same ids and pages. What is answered is stored
as an id, the same in every language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

from classroom.content import lesson
from classroom.content.toml_file import ContentBroken, TomlFile
from paths import ASSETS

FOLDER = ASSETS / "inventory"
NAME = "concepts.toml"
Form = Literal["A", "B"]
FORMS: tuple[Form, ...] = get_args(Form)
RIGHT = "right"  # the id of the right option, in every concept
MISCONCEPTIONS = 3  # of a concept: with the right one, four options

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_TEXTS = ("id", "name", "page", "idea")


@dataclass(frozen=True)
class Item:
    """One concept in one form."""

    ask: str
    options: Mapping[str, str]  # "right" or a misconception's id -> what is offered


@dataclass(frozen=True)
class Concept:
    """What is asked about, and what is often thought of it."""

    id: str
    name: str
    page: str  # on which it can be seen
    idea: str  # what is right
    misconceptions: Mapping[str, str]
    forms: Mapping[Form, Item]


@dataclass(frozen=True)
class Source:
    """A publication that the inventory, or its evaluation, is made after."""

    text: str
    link: str


def other(form: Form) -> Form:
    """The form that is parallel to it."""
    return "B" if form == "A" else "A"


# --- reading --------------------------------------------------------------------------


def read(file: TomlFile) -> tuple[Concept, ...]:
    """The concepts of a file, checked.

    Raises:
        ContentBroken: names file and line.
    """
    found: dict[str, Concept] = {}
    for number, raw in enumerate(file.toml().get("concept", ())):
        line = _line(file, number)
        concept = _concept(file, line, raw)
        if concept.id in found:
            raise file.broken(line, f"the id {concept.id!r} is taken")
        found[concept.id] = concept
    if not found:
        raise file.broken(1, "it has no [[concept]]")
    return tuple(found.values())


def _line(file: TomlFile, number: int) -> int:
    """The line at which a concept begins."""
    heads = list(re.finditer(r"^\[\[concept\]\]", file.text, re.MULTILINE))
    return file.line_at(heads[number].start())


def _texts(
    file: TomlFile, line: int, raw: Any, names: Sequence[str], what: str
) -> dict[str, str]:
    """Texts under just these names."""
    if not isinstance(raw, dict):
        raise file.broken(line, f"{what} must be a table. Received: {raw!r}")
    if set(raw) != set(names):
        raise file.broken(
            line,
            f"{what} must have {', '.join(names)}. Received: {', '.join(raw)}",
        )
    for name, text in raw.items():
        if not isinstance(text, str) or not text.strip():
            raise file.broken(
                line, f"{what}: {name} must be a text. Received: {text!r}"
            )
    return {name: raw[name] for name in names}


def _concept(file: TomlFile, line: int, raw: dict[str, Any]) -> Concept:
    tables = ("misconceptions", *FORMS)
    plain = {name: text for name, text in raw.items() if name not in tables}
    named = _texts(file, line, plain, _TEXTS, "a concept")
    what = f"the concept {named['id']!r}"
    if missing := [name for name in tables if not isinstance(raw.get(name), dict)]:
        raise file.broken(line, f"{what} needs the tables {', '.join(missing)}")
    ids = list(raw["misconceptions"])
    if len(ids) != MISCONCEPTIONS or RIGHT in ids:
        raise file.broken(
            line, f"{what} has {MISCONCEPTIONS} misconceptions. Received: {ids}"
        )
    if odd := [name for name in (named["id"], *ids) if not _ID.fullmatch(name)]:
        raise file.broken(
            line, f"an id is of small letters, digits and hyphens. Received: {odd}"
        )
    believed = _texts(file, line, raw["misconceptions"], ids, f"{what}, misconceptions")
    forms = {form: _item(file, line, raw[form], ids, what, form) for form in FORMS}
    if forms["A"].ask == forms["B"].ask:
        raise file.broken(line, f"{what} asks the same in both forms")
    return Concept(
        named["id"], named["name"], named["page"], named["idea"], believed, forms
    )


def _item(
    file: TomlFile,
    line: int,
    raw: dict[str, Any],
    ids: list[str],
    what: str,
    form: Form,
) -> Item:
    place = f"{what}, form {form}"
    plain = {name: text for name, text in raw.items() if name != "options"}
    ask = _texts(file, line, plain, ("ask",), place)["ask"]
    options = _texts(file, line, raw.get("options"), (RIGHT, *ids), f"{place}, options")
    if len(set(options.values())) != len(options):
        raise file.broken(line, f"{place} offers the same twice")
    return Item(ask, options)


def check_alike(
    file: TomlFile, concepts: Sequence[Concept], english: Sequence[Concept]
) -> None:
    """That a language asks about the same concepts, in the same order, as English.

    Raises:
        ContentBroken: names file and line of the first that differs.
    """
    if (ids := [one.id for one in concepts]) != (wanted := [x.id for x in english]):
        raise file.broken(1, f"expected the concepts {wanted}. Received: {ids}")
    for number, (one, base) in enumerate(zip(concepts, english, strict=True)):
        theirs = (one.page, sorted(one.misconceptions))
        ours = (base.page, sorted(base.misconceptions))
        if theirs != ours:
            raise file.broken(
                _line(file, number),
                f"the concept {one.id!r} must have the page and the misconceptions of "
                f"English: {ours}. Received: {theirs}",
            )


@cache
def concepts(language: str = lesson.DEFAULT) -> tuple[Concept, ...]:
    """The inventory in a language, in the order of the file.

    Raises:
        ContentBroken: the first thing that is wrong in a file.
    """
    return load(FOLDER, language)


def load(folder: Path, language: str = lesson.DEFAULT) -> tuple[Concept, ...]:
    """The inventory of a folder.

    Raises:
        ContentBroken: the first thing that is wrong in a file.
    """
    english = read(TomlFile(folder / NAME, folder))
    path = folder / language / NAME
    if language == lesson.DEFAULT or not path.exists():
        return english
    file = TomlFile(path, folder)
    found = read(file)
    check_alike(file, found, english)
    return found


def concept(name: str, language: str = lesson.DEFAULT) -> Concept:
    """The concept of that id.

    Raises:
        KeyError: there is none.
    """
    for one in concepts(language):
        if one.id == name:
            return one
    raise KeyError(f"the inventory has no concept {name!r}")


@cache
def sources() -> Mapping[str, Source]:
    """What the inventory is made after, by name.

    Raises:
        ContentBroken: the file lacks something.
    """
    file = TomlFile(FOLDER / "sources.toml", FOLDER)
    found = {}
    for name, raw in file.toml().items():
        line = file.line_of(rf"^\[{re.escape(name)}\]")
        found[name] = Source(**_texts(file, line, raw, ("text", "link"), f"[{name}]"))
    return found


__all__ = [
    "FORMS",
    "RIGHT",
    "Concept",
    "ContentBroken",
    "Form",
    "Item",
    "Source",
    "concept",
    "concepts",
    "load",
    "other",
    "sources",
]

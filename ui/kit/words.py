"""The words of the pages: assets/pages/<page>.toml, assets/layers.toml and their like.

What a student reads while following a class is there in other languages, too: under
assets/<language>/, in files of the same names. A file there may lack whole tables and
words; what it lacks is in English.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, TypeVar

from classroom.content import lesson
from classroom.content.numbers import Style
from classroom.content.toml_file import TomlFile
from model.network.specs import Spec
from paths import ASSETS
from ui.kit import state

T = TypeVar("T")

ENGLISH = lesson.DEFAULT
# The pages whose words have what the rooms below say of classes and accounts.
BELOW = ("class", "class_bank", "sign_in")
# By people, addresses, and numbers of places: never rewritten.
_GIVEN = ("course", "name", "title", "code", "section", "host")


@dataclass(frozen=True)
class _Figure:
    """A number that is put into words of another language."""

    value: float
    style: Style

    def __format__(self, form: str) -> str:
        return self.style.figures(format(self.value, form))


class Written(str):
    """Words whose numbers are written already, as their language writes them."""


class Text(str):
    """Words whose numbers are written as their language writes them."""

    style: Style

    @classmethod
    def of(cls, text: str, style: Style) -> Text:
        """The words in a language."""
        made = cls(text)
        made.style = style
        return made

    def format(self, *args: object, **fields: object) -> Written:
        """As `str.format`; 0.153 as {:.1%}, and "15.3%", become 15,3 %."""
        filled = {
            name: value if name in _GIVEN else self._own(value)
            for name, value in fields.items()
        }
        return Written(str(self).format(*map(self._own, args), **filled))

    def _own(self, value: object) -> object:
        match value:
            case bool() | Written():
                return value
            case int() | float():
                return _Figure(value, self.style)
            case str() if not any(letter.isalpha() for letter in value):
                return self.style.figures(value)
        return value


def _styled(value: Any, style: Style) -> Any:
    """The texts of a table, with numbers written in a style."""
    match value:
        case dict():
            return {name: _styled(one, style) for name, one in value.items()}
        case list():
            return [_styled(one, style) for one in value]
        case str():
            return Text.of(value, style)
    return value


def _over(base: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """A table with a language's own words in their places."""
    merged = {**base, **overrides}
    for name in base.keys() & overrides.keys():
        if isinstance(base[name], dict):
            merged[name] = _over(base[name], overrides[name])
    return merged


def _read(name: str) -> dict[str, Any]:
    return TomlFile(ASSETS / f"{name}.toml", ASSETS).toml()


@cache
def is_translated(name: str, language: str) -> bool:
    """Whether a language has a file for that of this name, such as "pages/quiz"."""
    return (ASSETS / language / f"{name}.toml").exists()


@cache
def _table(name: str, language: str = ENGLISH) -> dict[str, Any]:
    if language == ENGLISH or not is_translated(name, language):
        return _read(name)
    overrides = _styled(_read(f"{language}/{name}"), lesson.load(language).style)
    return _over(_read(name), overrides)


def language() -> str:
    """That of the page at hand: English on all pages but the class's.

    `state.LANGUAGE` is the visitor's choice, or the class's.
    """
    if state.page() not in state.LANGUAGE.pages:
        return ENGLISH
    chosen = state.LANGUAGE.get()
    return chosen if chosen in lesson.languages() else ENGLISH


def visitors_language() -> str:
    """The visitor's, whatever the page at hand has: the menu stands beside all pages.

    It may be asked before the address was read.
    """
    chosen = state.LANGUAGE.get() if state.page() else state.asked(state.LANGUAGE)
    return chosen if chosen in lesson.languages() else ENGLISH


class PageWords(Mapping[str, str]):
    """The words of a page, or of a table of them, by their names.

    `words["title"]` is a text, `words.table("answer")` a table of further ones.

    Raises, when asked for a name:
        KeyError: it is not there.
        TypeError: it is there, and is of another kind.
    """

    def __init__(self, found: Mapping[str, Any], place: str) -> None:
        self._found, self._place = found, place

    def _of_kind(self, name: str, kind: type[T]) -> T:
        if name not in self._found:
            raise KeyError(f"{self._place} has no {name!r}")
        found = self._found[name]
        if not isinstance(found, kind):
            raise TypeError(
                f"{self._place}: expected {name!r} to be {kind.__name__}. "
                f"Received: {type(found).__name__}"
            )
        return found

    def __getitem__(self, name: str) -> str:
        return self._of_kind(name, str)

    def __contains__(self, name: object) -> bool:
        return name in self._found

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)

    def table(self, *names: str) -> PageWords:
        """A table, or one in a table."""
        found = self
        for name in names:
            inner: dict[str, Any] = found._of_kind(name, dict)
            found = PageWords(inner, f"{found._place}.{name}")
        return found

    def lines(self, name: str) -> list[str]:
        """A list of texts."""
        found: list[Any] = self._of_kind(name, list)
        if not all(isinstance(line, str) for line in found):
            raise TypeError(f"{self._place}: expected {name!r} to hold texts alone")
        return found

    def tables(self, name: str) -> list[PageWords]:
        """A list of tables."""
        found: list[Any] = self._of_kind(name, list)
        return [PageWords(one, f"{self._place}.{name}") for one in found]

    def find(self, *names: str) -> str | None:
        """A text in tables that may be missing, as where only one language has it."""
        found: Any = self._found
        for name in names:
            found = found.get(name, {})
        return found or None

    def as_dict(self) -> dict[str, Any]:
        """All of it, as the file has it."""
        return dict(self._found)


def _spoken(name: str, wanted: str | None) -> PageWords:
    return PageWords(_table(name, language() if wanted is None else wanted), name)


def page(name: str, language: str | None = None) -> PageWords:
    """The words of one page by their names; `.format(...)` fills in numbers.

    Args:
        language: another than that of the page at hand.

    Raises:
        FileNotFoundError: no such page in assets/pages.
    """
    return _spoken(f"pages/{name}", language)


@cache
def _forms(name: str, language: str) -> list[tuple[re.Pattern[str], str]]:
    """What the rooms below say in English, with its words in a language."""
    table = _table(f"pages/{name}", language).get("elsewhere", {})
    return [
        (re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.+?)", re.escape(english))), own)
        for english, own in table.items()
    ]


def _translated(name: str, sentence: str, language: str) -> str | None:
    for pattern, own in _forms(name, language):
        if found := pattern.fullmatch(sentence):
            parts = found.groupdict()
            for key, part in parts.items():
                parts[key] = _translated(name, part, language) or part
            return own.format(**parts)
    return None


def translated(name: str, sentences: str, spoken: str | None = None) -> str:
    """What `model` or `lab` says in English, as far as a page's words have it.

    They know no language, and what they say may be stored. A language's file of the
    page has a table "elsewhere": English sentences, with {names} for what varies.

    Args:
        name: of the page.
        spoken: another language than that of the page at hand.
    """
    spoken = spoken or language()
    if found := _translated(name, sentences, spoken):
        return found
    split = re.split(r"(?<=\.) ", sentences)
    return " ".join(_translated(name, one, spoken) or one for one in split)


def refusal(trouble: object) -> str:
    """What `classroom` or `store` says in English, as far as pages' words have it.

    Args:
        trouble: an error whose message is a sentence, or the sentence.
    """
    found = str(trouble)
    for name in BELOW:
        found = translated(name, found)
    return found


def of_lesson(language: str) -> PageWords:
    """The words on buttons and above parts of the lesson, in one of its languages.

    Raises:
        KeyError: the lesson has no such language.
    """
    return PageWords(lesson.load(language).words, f"lesson/{language}/words")


def layer(name: str) -> PageWords:
    """Title and sentence of one layer."""
    return _spoken("layers", None).table(name)


def network(spec: Spec, language: str | None = None) -> str:
    """What a network is called; without a language, in that of the page at hand."""
    return page("architecture", language).find("titles", spec.name) or spec.title


def sample(name: str) -> PageWords:
    """What a sample picture is called, what it shows and what to look for."""
    return _spoken("samples/samples", None).table(name)


def described(language: str | None = None) -> dict[str, Any]:
    """What maps and layers show, for `model.analysis.map_statistics`.

    Args:
        language: that of the page at hand, where a figure is kept by it.
    """
    return _spoken("described", language).as_dict()


def style() -> Style:
    """How numbers are written on the page at hand."""
    return lesson.load(language()).style


def figures(text: str) -> str:
    """Numbers that were written as English does, as the page at hand does."""
    return Written(style().figures(text))

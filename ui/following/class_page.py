"""Pages that a class may be brought to, as addresses: checked when written and read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

from classroom.people.class_page import is_page
from ui.kit import sections, state
from ui.kit.state_key import StateKey

# Steps of the lesson are led; the others are about the visitor's own self.
NEVER = ("lesson", "class", "join", "my_progress", "sign_in", "privacy")
# What each visitor has of their own.
OWN = (state.LANGUAGE, state.PRESENT, state.EXAM_PLACE, state.RESULT_OF)
OWN_PICTURE = "own"  # each looks at their own picture, or the one they had


@dataclass(frozen=True)
class ClassPage:
    """A page and what is chosen on it."""

    page: str  # as the code names it
    chosen: Mapping[str, Any]  # the name of a key -> its value; the others: default

    @property
    def address(self) -> str:
        """As a class keeps it."""
        name = self.page.replace("_", "-")
        query = urlencode({key: str(value) for key, value in self.chosen.items()})
        return f"{name}?{query}" if query else name


def _keys(page: str) -> list[StateKey[Any]]:
    return [key for key in state.KEYS if page in key.pages and key not in OWN]


def may_bring(page: str) -> bool:
    """Whether a class may be brought to a page."""
    if not sections.has(page) or page in NEVER:
        return False
    return sections.section_of(page) != sections.TOGETHER  # those have their own way


def here(page: str) -> ClassPage:
    """The page as its visitor has it now."""
    chosen = {key.name: key.get() for key in _keys(page) if key.get() != key.default}
    return ClassPage(page, chosen)


def read(address: str) -> ClassPage | None:
    """A page of the lab with parameters that it has; None: there is no such page.

    What is no parameter of the page, or no value of one, is left out.
    """
    if not is_page(address):
        return None
    name, _, query = address.partition("?")
    page = name.replace("-", "_")
    if not may_bring(page):
        return None
    given = dict(parse_qsl(query))
    parsed = {
        key.name: key.parse(given[key.name]) for key in _keys(page) if key.name in given
    }
    return ClassPage(
        page, {k: value for k, value in parsed.items() if value is not None}
    )


def choose(found: ClassPage) -> None:
    """What is chosen on the page is so for this visitor, too."""
    for key in _keys(found.page):
        value = found.chosen.get(key.name, key.default)
        if key is state.PICTURE and value == OWN_PICTURE:
            continue
        key.set(value)

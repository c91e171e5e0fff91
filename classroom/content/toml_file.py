"""A content file of TOML, or with TOML in it: its text, and where a mistake is."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

_PLACE = re.compile(r" ?\(at (?:line (\d+), column \d+|end of document)\)")


class ContentBroken(ValueError):
    """A mistake in a content file: "file:line: what is wrong, what was expected"."""


class TomlFile:
    """A content file, and the line of whatever is wrong in it.

    Args:
        error: what `broken` makes, and what is raised for text that cannot be read.
    """

    def __init__(
        self, path: Path, folder: Path, error: type[ContentBroken] = ContentBroken
    ) -> None:
        self.path = path
        self.error = error
        self.name = path.relative_to(folder.parent).as_posix()
        try:
            self.text = path.read_text("utf-8")
        except UnicodeDecodeError as trouble:
            line = path.read_bytes()[: trouble.start].count(b"\n") + 1
            raise self.broken(line, "the file must be UTF-8") from trouble

    def broken(self, line: int, what: str) -> ContentBroken:
        """The error to be raised, with file and line."""
        return self.error(f"{self.name}:{line}: {what}")

    def line_at(self, place: int) -> int:
        """The line of a character, counted from 1."""
        return self.text.count("\n", 0, place) + 1

    def line_of(self, pattern: str) -> int:
        """The first line that matches; 1 if none does."""
        found = re.search(pattern, self.text, re.MULTILINE)
        return self.line_at(found.start()) if found else 1

    def toml(self, text: str | None = None, before: int = 0) -> dict[str, Any]:
        """The file, or a part of it, as TOML; `before` lines stand before the part."""
        text = self.text if text is None else text
        try:
            return tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            place = _PLACE.search(str(error))
            line = int(place[1]) if place and place[1] else text.count("\n") + 1
            message = _PLACE.sub("", str(error))
            raise self.broken(before + line, f"not TOML: {message}") from error

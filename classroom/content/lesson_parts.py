"""The parts of the lesson: assets/lesson/parts.toml, for every language the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from classroom.content.lesson_files import LessonFile

_FIELDS = {"from", "minutes"}


@dataclass(frozen=True)
class LessonPart:
    """Steps that belong together, with an end of their own."""

    name: str
    number: int  # from 1
    minutes: int  # that a class is meant to take
    first: int  # its first step's place among all, from 0
    steps: tuple[str, ...]  # slugs, in order

    @property
    def last(self) -> int:
        """Its last step's place among all, from 0."""
        return self.first + len(self.steps) - 1


def read_parts(root: Path, steps: Sequence[tuple[str, int]]) -> tuple[LessonPart, ...]:
    """The parts that steps fall into.

    Args:
        root: the folder of all languages.
        steps: slug and number of each, in order.

    Raises:
        LessonBroken: names file and line.
    """
    file = LessonFile(root / "parts.toml", root)
    raw = file.toml()
    starts: list[int] = []
    for name, fields in raw.items():
        line = file.line_of(rf"^\[{name}\]")
        values = fields.values() if isinstance(fields, dict) else ()
        if not isinstance(fields, dict) or set(fields) != _FIELDS:
            raise file.broken(line, f"[{name}] has from and minutes")
        if any(type(value) is not int or value < 1 for value in values):
            raise file.broken(line, f"[{name}]: from and minutes are numbers above 0")
        starts.append(fields["from"])
        if len(starts) > 1 and starts[-1] <= starts[-2]:
            raise file.broken(line, f"[{name}] begins before the part that it follows")
    found: list[LessonPart] = []
    ends = [*starts[1:], float("inf")]
    for (name, fields), start, end in zip(raw.items(), starts, ends, strict=True):
        own = tuple(slug for slug, number in steps if start <= number < end)
        line = file.line_of(rf"^\[{name}\]")
        if not own:
            raise file.broken(line, f"[{name}] has no step")
        first = sum(len(part.steps) for part in found)
        part = LessonPart(name, len(found) + 1, fields["minutes"], first, own)
        found.append(part)
    if sum(len(part.steps) for part in found) != len(steps):
        raise file.broken(1, "the first step comes before the first part")
    return tuple(found)

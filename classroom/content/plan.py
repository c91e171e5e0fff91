"""How many minutes a class is meant to take for each step: a lesson of 45 or of 90.

assets/lesson/plan.toml has the minutes of every step, and which steps a plan takes.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from classroom.content.lesson import FOLDER

FILE = FOLDER / "plan.toml"


@dataclass(frozen=True)
class Planned:
    """A step in a plan."""

    slug: str
    begins: int  # minutes since the lesson began
    ends: int

    @property
    def minutes(self) -> int:
        """How long it is meant to take."""
        return self.ends - self.begins


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(FILE.read_text("utf-8"))


def minutes() -> Mapping[str, int]:
    """The minutes of each step, whatever the plan."""
    found: Mapping[str, int] = _table()["minutes"]
    return found


def lengths() -> tuple[int, ...]:
    """The lengths of a lesson that there is a plan for, in minutes."""
    return tuple(sorted(int(name) for name in _table()["steps"]))


def plan(length: int, steps: Iterable[str]) -> tuple[Planned, ...]:
    """The steps that a lesson of so many minutes takes, in their order.

    Args:
        length: one of `lengths`.
        steps: all that the lesson has, in order.
    """
    chosen = _table()["steps"][str(length)]
    found: list[Planned] = []
    begins = 0
    for slug in steps:
        if not chosen or slug in chosen:
            found.append(Planned(slug, begins, begins + minutes()[slug]))
            begins = found[-1].ends
    return tuple(found)

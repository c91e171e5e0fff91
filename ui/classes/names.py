"""What students are called on the instructor's screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from classroom.exams.gradebook import Pupil
from ui.kit import words


def students(pupils: Iterable[Pupil]) -> dict[str, str]:
    """Member -> the name, or a number unless the class's names are shown. Plain text.

    The number is the student's for good: the same in every tab and on every day.
    """
    hidden = words.page("class_results")["hidden"]
    return {
        pupil.id: pupil.name if pupil.shown else hidden.format(number=pupil.number)
        for pupil in pupils
    }


def choices(names: Mapping[str, str]) -> dict[str, str]:
    """The same to choose from: two of one name are told apart by a number."""
    seen: dict[str, int] = {}
    found = {}
    for member, name in names.items():
        seen[name] = seen.get(name, 0) + 1
        found[member] = name if seen[name] == 1 else f"{name} ({seen[name]})"
    return found

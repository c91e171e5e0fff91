"""All tests of a class in one table, and how per cents are distributed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from classroom.exams import gradebook
from classroom.exams.gradebook import Gradebook, GradebookLine, Pupil, Which
from classroom.people.roles import Instructor

BINS = 10  # of a distribution, each as wide; the last has 100 % as well


@dataclass(frozen=True)
class Totals:
    """The gradebooks of a class's tests, the oldest first, and their sums.

    A test that a student has not taken gives them nothing, and counts in the maximum.
    """

    pupils: tuple[Pupil, ...]
    books: tuple[Gradebook, ...]

    @property
    def maximum(self) -> int:
        """The points that can be had in all tests together."""
        return sum(book.maximum for book in self.books)

    def points(self, pupil: Pupil, book: Gradebook) -> float | None:
        """A student's points in a test; None: they have not taken it."""
        line = _line(book, pupil)
        return None if line is None else book.points(line)

    def sum(self, pupil: Pupil) -> float | None:
        """A student's points in all tests; None: they have taken none."""
        found = [self.points(pupil, book) for book in self.books]
        taken = [one for one in found if one is not None]
        return sum(taken) if taken else None

    def per_cent(self, pupil: Pupil) -> float | None:
        """The same, of the points that can be had; None: nothing to say."""
        points = self.sum(pupil)
        return (
            None if points is None or not self.maximum else 100 * points / self.maximum
        )


def _line(book: Gradebook, pupil: Pupil) -> GradebookLine | None:
    return next((line for line in book.lines if line.pupil.id == pupil.id), None)


def totals(who: Instructor, class_id: str, which: Which) -> Totals:
    """All tests of a class that were opened.

    Args:
        which: attempt that counts in each.

    Raises:
        NotAllowed: the class is another's.
    """
    opened = [one for one in gradebook.exams(who, class_id) if one.opened is not None]
    opened.sort(key=lambda one: (one.created, one.id))
    return Totals(
        tuple(gradebook.pupils(who, class_id)),
        tuple(gradebook.compute(who, class_id, one.id, which) for one in opened),
    )


def distribution(per_cents: Iterable[float | None]) -> list[int]:
    """How many are in each tenth, from 0 to 100 %; those without any are left out."""
    counts = [0] * BINS
    for one in per_cents:
        if one is not None:
            # What is a tenth but for the last binary digit is counted there.
            counts[min(max(int((one + 1e-9) * BINS / 100), 0), BINS - 1)] += 1
    return counts


def passed(per_cents: Iterable[float | None], mark: float) -> tuple[int, int]:
    """How many have the pass mark, and how many there are that have any points.

    Args:
        mark: in per cent, 0 to 100.
    """
    known = [one for one in per_cents if one is not None]
    return sum(one + 1e-9 >= mark for one in known), len(known)

"""Permissions in the training lab: all of them are checked here.

One experiment at a time for each visitor is the engine's own rule; these are about
what costs the server, or everybody, more. They are asked at the moment of the act: an
instructor may have signed out, or changed the class's switch, since the page was drawn.
"""

from __future__ import annotations

from classroom.people import classes
from lab.datasets import kept
from lab.datasets.kept import Kept
from store.database import DatabaseAway
from ui.session import permissions, visitor

LONGEST = 600.0  # seconds of training an arm, for everybody
LONGEST_FOR_INSTRUCTORS = 6 * 3_600.0


def is_instructor() -> bool:
    """Whether their experiments go first, and they may stop anybody's."""
    return permissions.is_instructor()


def may_start() -> bool:
    """Whether the visitor may start experiments; else they watch.

    A class that is open decides for its students.
    """
    if permissions.is_instructor():
        return True
    try:
        membership = classes.membership(visitor.key())
    except DatabaseAway:
        return permissions.students_start()
    if (
        membership is None
        or not membership.course.is_open
        or membership.course.students_start is None
    ):
        return permissions.students_start()
    return membership.course.students_start


def may_bring_data() -> bool:
    """Whether the visitor may hand in own images for their classes."""
    return permissions.is_instructor()


def data_owner() -> str | None:
    """The account that owns the images that the visitor uploads.

    None is who sits at the machine before there is an account; ask `may_bring_data`.

    Raises:
        DatabaseAway: it cannot be known now.
    """
    who = permissions.instructor()
    return None if who is None else who.account


def data_sets() -> list[Kept]:
    """The own images that the visitor may train on: theirs, and their class's.

    None while the database cannot be read.
    """
    found: list[Kept] = []
    try:
        if permissions.is_instructor():
            found += kept.of(data_owner())
        student = permissions.student()
        if student is not None:
            found += kept.of_class(student.class_id)
    except DatabaseAway:
        return []
    return list({one.name: one for one in found}.values())


def longest() -> float:
    """Seconds of training an arm that the visitor may ask for."""
    return LONGEST_FOR_INSTRUCTORS if permissions.is_instructor() else LONGEST

"""Permissions in the training lab: all of them are checked here.

One experiment at a time for each visitor is the engine's own rule; these are about
what costs the server, or everybody, more. They are asked at the moment of the act: an
instructor may have signed out, or changed the class's switch, since the page was drawn.
"""

from __future__ import annotations

from classroom.people import classes
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


def longest() -> float:
    """Seconds of training an arm that the visitor may ask for."""
    return LONGEST_FOR_INSTRUCTORS if permissions.is_instructor() else LONGEST

"""Whether the person at a browser is still the student whose place it holds.

A browser keeps a place in a class for half a year, and a computer may be shared. So
a person who comes back after a pause, or in another session of the browser, is asked
once who they are, before anything is done in that student's name.
"""

from __future__ import annotations

from typing import Literal

import clock
from classroom.people import classes
from classroom.people.classes import Membership
from classroom.people.codes import clean_code
from classroom.people.following import following
from classroom.people.roles import Student
from store import database
from store.classes import Classes

PAUSE = 15 * 60.0  # seconds in which no page was looked at: somebody else may sit there

# What became of a place that was there before: the class was deleted, or the student by
# their instructor; the student went on in another browser; or left, in another tab.
Lost = Literal["deleted", "removed", "elsewhere", "left"]


def _store() -> Classes:
    return Classes(database.shared())


def is_known(
    membership: Membership, browsing: str | None, now: float | None = None
) -> bool:
    """Whether it is known that the student is the one at the browser.

    Args:
        browsing: the browser's session; None: it keeps none, and pauses alone count.
    """
    now = clock.now() if now is None else now
    return now - membership.seen < PAUSE and browsing in (None, membership.browsing)


def confirm(student: Student, browsing: str | None) -> None:
    """The person at the browser has confirmed that they are the student."""
    _store().confirm(student.member, browsing, clock.now())


def of_code(code: str, visitor: str) -> Membership | None:
    """The place that a browser holds already in the class of a code, open or not."""
    wanted = clean_code(code)
    found = (one for one in classes.memberships(visitor) if one.course.code == wanted)
    return next(found, None)


def lost(membership: Membership) -> Lost:
    """What became of a place that the browser no longer has."""
    if _store().get(membership.course.id) is None:
        return "deleted"
    member = _store().member(membership.student.member)
    if member is None:
        return "removed"
    return "left" if member.left else "elsewhere"


def leave(student: Student) -> None:
    """Frees the browser for another person; the student returns by their own code."""
    classes.leave(student)
    following.forget_member(student.member)

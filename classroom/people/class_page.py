"""A class at a page beside the lesson: its instructor brings everyone there.

The page is an address within the lab, as a browser shows it: "feature-maps?unit=17".
Which pages and parameters there are, and who may be sent to them, the pages know.
"""

from __future__ import annotations

import re

import clock
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.following import following, position_of
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from store import database
from store.classes import Classes

LONGEST = 300  # characters
_PAGE = re.compile(r"[a-z0-9][a-z0-9-]*(\?[A-Za-z0-9_.~%&=+-]+)?")


def is_page(address: str) -> bool:
    """Whether it is written as an address of a page within the lab."""
    return len(address) <= LONGEST and _PAGE.fullmatch(address) is not None


def bring(who: Instructor, class_id: str, page: str) -> ClassNow:
    """Everyone who follows the class goes to a page; it keeps its step.

    Raises:
        ClassRefused: the class is closed, or this is no address of a page.
        NotAllowed: the class is another instructor's, or it is gone.
    """
    if not classes.now(who, class_id).is_open:
        raise ClassRefused("This class is closed: open it again to lead it.")
    if not is_page(page):
        raise ClassRefused("A class cannot be brought to this page.")
    try:
        moved = Classes(database.shared()).bring_to(class_id, page, clock.now())
    except KeyError:  # deleted since we looked
        raise NotAllowed(classes.NOT_YOURS) from None
    following.tell(class_id, position_of(moved))
    return classes.now(who, class_id)

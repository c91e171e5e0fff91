"""What a class does together: those who follow it are brought there, and back again.

Who goes elsewhere meanwhile is told in the bar at the foot of their page, and comes
back by its button. What was given is in the database, not in the page.
"""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from classroom.people import activities, classes
from classroom.people.classes import ClassNow
from classroom.people.follower import State
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from store.activities import Kind, StoredActivity
from store.database import DatabaseAway
from ui import script
from ui.following import follow
from ui.following.follow import Part
from ui.kit import state, words
from ui.session import permissions

PAGE_OF: dict[Kind, str] = {"guess": "class_guess", "teach": "class_teach"}


def bring(page: str) -> Part | None:
    """Before a page is drawn: a follower goes where the class is.

    Returns:
        The visitor's part on the page of an activity; None on any other.
    """
    at_activity = page in PAGE_OF.values()
    if page != "lesson" and not at_activity:
        return None
    course = follow.follows()
    if course is None or permissions.instructor() is not None:
        return None
    try:
        now = activities.current(course.id)
    except DatabaseAway:
        return Part(State.FOLLOWS, course) if at_activity else None
    seen = state.setting("together", "seen", "")
    if now is not None and page != PAGE_OF[now.kind]:
        st.switch_page(script(PAGE_OF[now.kind]))
    if now is None:
        if at_activity and seen.get():  # it has ended while they were here
            seen.set("")
            st.switch_page(script("lesson"))
        return None
    seen.set(now.id)
    return Part(State.FOLLOWS, course)


def led(kind: Kind) -> tuple[ClassNow, StoredActivity] | None:
    """For who has signed in: the class that does such a thing now, and what.

    Raises:
        DatabaseAway: it cannot be known now.
    """
    who = permissions.instructor()
    if who is None:
        return None
    found = [one for one in classes.mine(who) if one.is_open]
    for course in sorted(found, key=lambda one: one.id != state.CLASS.get()):
        now = activities.current(course.id)
        if now is not None and now.kind == kind:
            state.CLASS.set(course.id)
            return course, now
    return None


def as_instructor(do: Callable[[Instructor], object]) -> bool:
    """Does something as the instructor who is signed in by now.

    What stands in the way is shown by the next run (`report`).
    """
    try:
        do(permissions.require_instructor())
    except (ClassRefused, NotAllowed) as trouble:
        state.CLASS_MESSAGE.set(words.refusal(trouble))
    except DatabaseAway:
        state.CLASS_MESSAGE.set(words.page("class")["away"])
    else:
        return True
    return False


def report() -> None:
    """Shows what stood in the way of the last action."""
    if state.CLASS_MESSAGE.get():
        st.error(state.CLASS_MESSAGE.get(), icon=":material/error:")
        state.CLASS_MESSAGE.set("")


def begin(kind: Kind, class_id: str, about: dict[str, object]) -> None:
    """In a callback: the class begins, and the instructor goes to its page."""
    if as_instructor(lambda who: activities.begin(who, class_id, kind, about)):
        state.CLASS.set(class_id)
        state.TAKEN.set(None)  # a leader's page does not go where the class was
        state.GO.set(PAGE_OF[kind])


def end(class_id: str) -> None:
    """In a callback: the class goes on in the lesson."""
    as_instructor(lambda who: activities.end(who, class_id))


def choose_class(label: str) -> ClassNow | None:
    """The open class that something is begun with; None: there is none."""
    who = permissions.instructor()
    found = [] if who is None else [x for x in classes.mine(who) if x.is_open]
    if not found:
        return None
    names = {one.id: one.name for one in found}
    if state.CLASS.get() not in names:
        state.CLASS.set(found[0].id)
    if len(found) > 1:
        state.CLASS.keep_valid()
        st.selectbox(
            label,
            list(names),
            format_func=names.__getitem__,
            width=260,
            **state.CLASS.widget,
        )
    return next(one for one in found if one.id == state.CLASS.get())

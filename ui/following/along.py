"""On all pages but the lesson: going where the class is brought, and bringing it."""

from __future__ import annotations

import streamlit as st

from classroom.people import activities
from classroom.people import class_page as class_pages
from classroom.people.classes import ClassNow
from classroom.people.follower import TRANSITIONS, Action, Event, beside
from classroom.people.names import ClassRefused
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui.following import class_page, follow, place
from ui.following.follow import Part
from ui.kit import state, widgets, words
from ui.session import permissions


def go_along(page: str) -> Part | None:
    """First on a page: the visitor's part there; the page goes where the class is.

    The lesson finds out itself: see `follow.follow_or_lead`.
    """
    if page == "lesson" or _is_in_an_exam(page):
        return None
    if state.LEAD.get():
        try:
            who = permissions.instructor()
        except DatabaseAway:
            return None
        return None if who is None else follow.lead(who, page)
    found = place.here()
    if found is None or not found.course.is_open:
        return None
    chosen = state.FOLLOWS.get()
    follows = bool(found.follows if chosen is None else chosen)
    now = follow.position(found.course)
    name = page.replace("_", "-")
    before, event = beside(state.TAKEN.get(), now, name, follows=follows)
    after, action = TRANSITIONS[before, event]
    if action is Action.PAGE_GOES:
        state.FOLLOWS.set(True)
        follow.page_goes(found.course, page)
    return Part(after, found.course)


def _is_in_an_exam(page: str) -> bool:
    """Whether the visitor is in a test: nobody is called away from one."""
    attempt = state.EXAM_ATTEMPT.get() if page == "quiz" else None
    return attempt is not None and not attempt.status.over


def show_foot(page: str, part: Part | None) -> None:
    """The foot of all pages but the lesson, which draws its own."""
    if page == "lesson":
        return
    if part is None or not part.leads:
        follow.foot(page.replace("_", "-"), part)
        return
    text = follow.lesson_words()
    is_here = part.course.page == class_page.here(page).address
    with (
        st.bottom,
        st.container(key="class_foot"),
        widgets.language(words.visitors_language(), "foot"),
        st.container(horizontal=True, vertical_alignment="center", gap="small"),
    ):
        follow.leaders_bar(part.course, page.replace("_", "-"))
        if part.course.page:
            st.button(
                text["class_to_lesson"],
                on_click=state.GO.set,
                args=("lesson",),
                icon=":material/school:",
                key="class_to_lesson",
            )
        st.button(
            text["class_is_here" if is_here else "class_bring"],
            on_click=state.BRINGS.set,
            args=(page,),
            disabled=is_here or not class_page.may_bring(page),
            help=None if class_page.may_bring(page) else text["class_bring_not"],
            icon=":material/group_add:",
            type="primary",
            key="bring_here",
        )


def bring(page: str, part: Part | None) -> None:
    """Last on a page: the class comes here, if its leader has asked for it."""
    if state.BRINGS.get() != page:
        return
    state.BRINGS.set("")
    if (
        part is None
        or TRANSITIONS[part.role, Event.BROUGHT][1] is not Action.CLASS_GOES
    ):
        return
    try:
        _brought(part.course, class_page.here(page).address)
    except (DatabaseAway, NotAllowed, ClassRefused):
        state.TAKEN.set(None)  # the next run says why the class is not led
    state.write_url(page)
    state.rerun()


def _brought(course: ClassNow, address: str) -> None:
    who = permissions.require_instructor()
    activities.end(who, course.id)  # whatever the class did is over
    state.TAKEN.set(follow.position(class_pages.bring(who, course.id, address)))

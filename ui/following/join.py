"""A student joins a class, sees who they are in it, comes back and leaves."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import classes, places
from classroom.people.classes import Membership
from classroom.people.codes import clean_code, spaced
from classroom.people.names import LONGEST_NAME, ClassRefused
from store.database import DatabaseAway
from ui import script
from ui.following.place import hand_back, here
from ui.following.together import report
from ui.kit import state, words
from ui.session import visitor


def _done(message: str = "") -> None:
    state.CLASS_MESSAGE.set(message)


@contextmanager
def _refused() -> Iterator[None]:
    """Keeps why a class was not entered, to be shown by `report`."""
    try:
        yield
    except ClassRefused as trouble:
        _done(words.refusal(trouble))
    except DatabaseAway:
        _done(words.page("join")["away"])


def _join() -> None:
    with _refused():
        if places.of_code(state.CODE.get(), visitor.key()) is not None:
            state.ASKS_WHO.set(True)  # somebody is in it here: the next run asks who
            return
        classes.join(
            state.CODE.get(),
            visitor.key(),
            state.STUDENT_NAME.get(),
            visitor.address(),
            visitor.browsing(),
        )
        _joined()


def _come_back() -> None:
    with _refused():
        classes.come_back(
            state.CODE_AGAIN.get(),
            state.OWN_CODE.get(),
            visitor.key(),
            visitor.address(),
            visitor.browsing(),
        )
        _joined()


def _joined() -> None:
    """In a class: the lesson follows it from its first run on."""
    _done()
    state.TAKEN.set(None)
    state.ASKS_WHO.set(False)
    state.PARTED.set(None)
    state.LOOKS_AT.set("")
    for key in (state.CODE, state.CODE_AGAIN, state.OWN_CODE, state.STUDENT_NAME):
        key.set("")


def who_to_ask() -> Membership | None:
    """The place in a class that the visitor has not confirmed as theirs."""
    place: Membership | None = state.PLACE.get()
    code = clean_code(state.CODE.get())
    try:
        # Scanned or typed once more: it may be somebody else by now.
        again = places.of_code(code, visitor.key()) if code else None
    except DatabaseAway:
        again = None
    if again is None and not code and here() is None:
        return place
    return again


def has_place() -> bool:
    """Whether the visitor is in a class, and asks for no other."""
    return state.PLACE.get() is not None and not clean_code(state.CODE.get())


def form() -> None:
    """The form to join a class by its code, and the one to come back."""
    text = words.page("join")
    st.markdown(text["lead"])
    if state.PLACE.get() is not None:
        st.info(text["another"], icon=":material/info:")
    report()
    # The code stands in the address of the QR code.
    state.CODE.keep_valid()
    with st.form("join", width=480):
        st.text_input(
            text["code"],
            help=text["code_help"],
            max_chars=20,
            autocomplete="off",
            **state.CODE.widget,
        )
        st.text_input(
            text["name"],
            help=text["name_help"],
            max_chars=LONGEST_NAME,
            autocomplete="name",
            key=state.STUDENT_NAME.name,
        )
        st.form_submit_button(text["submit"], on_click=_join, type="primary")
    with (
        st.expander(text["again"], width=480),
        st.form("come_back", border=False),
    ):
        state.CODE_AGAIN.keep_valid(state.CODE_AGAIN.get() or state.CODE.get())
        st.text_input(
            text["code"],
            help=text["code_help"],
            max_chars=20,
            autocomplete="off",
            key=state.CODE_AGAIN.name,
        )
        st.text_input(
            text["own"],
            help=text["own_help"],
            max_chars=20,
            autocomplete="off",
            key=state.OWN_CODE.name,
        )
        st.form_submit_button(text["submit_again"], on_click=_come_back)


def seated() -> None:
    """Who one is in the class, the way on, and the code to come back by."""
    found: Membership = state.PLACE.get()
    text = words.page("join")
    report()
    code = spaced(found.own_code)
    course = escape_markdown(found.course.name)
    st.html(Path(__file__).with_name("join_card.css"))
    if not found.course.is_open:
        st.info(text["ended"].format(course=course), icon=":material/lock:")
    name = escape_markdown(found.student.name)
    st.markdown(text["joined"].format(course=course, name=name))
    onward = ("lesson", "quiz") if found.course.is_open else ("quiz", "lesson")
    with st.container(key="join_onward", width=480):
        for page in onward:
            st.page_link(
                script(page),
                label=text[_label(page, found)],
                icon=words.page(page)["icon"],
                width="stretch",
            )
    st.markdown(text["own_is"].format(code=code))
    st.caption(text["kept"])
    with st.popover(text["leave"], icon=":material/logout:"):
        st.markdown(text["leave_really"].format(code=code))
        st.button(
            text["leave_yes"],
            on_click=hand_back,
            args=(found,),
            key="leave_class",
        )
    _others(found)


def _label(page: str, found: Membership) -> str:
    """What the link to a page is called."""
    if found.course.is_open:
        return "follow" if page == "lesson" else "quiz"
    return "read" if page == "lesson" else "results"


def _others(found: Membership) -> None:
    """The other classes that the browser has a place in: to be looked at, too."""
    text = words.page("join")
    try:
        others = [
            one
            for one in classes.memberships(visitor.key())
            if one.course.id != found.course.id
        ]
    except DatabaseAway:
        return
    if not others:
        return
    st.subheader(text["others"], anchor=False)
    for one in others:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            which = text["other_open" if one.course.is_open else "other_ended"]
            st.markdown(
                which.format(
                    course=escape_markdown(one.course.name),
                    name=escape_markdown(one.student.name),
                ),
                width="content",
            )
            st.button(
                text["other_go"],
                on_click=_look_at,
                args=(one,),
                key=f"look_at_{one.course.id}",
            )


def _look_at(other: Membership) -> None:
    state.LOOKS_AT.set(other.course.id)
    state.TAKEN.set(None)
    state.PARTED.set(None)

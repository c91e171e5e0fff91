"""A student joins a class, sees who they are in it, comes back and leaves."""

from __future__ import annotations

import streamlit as st

from classroom import classes
from classroom.classes import Refused, Seat
from classroom.escape import escape_markdown
from store.database import DatabaseAway
from ui import class_follow, permissions, script, state, visitor, words


def _done(said: str = "") -> None:
    state.CLASS_SAID.set(said)


def _join() -> None:
    try:
        classes.join(
            state.CODE.get(), visitor.key(), state.STUDENT_NAME.get(), visitor.address()
        )
    except Refused as trouble:
        _done(str(trouble))
    except DatabaseAway:
        _done(words.page("join")["away"])
    else:
        _joined()


def _come_back() -> None:
    try:
        classes.come_back(
            state.CODE_AGAIN.get(),
            state.OWN_CODE.get(),
            visitor.key(),
            visitor.address(),
        )
    except Refused as trouble:
        _done(str(trouble))
    except DatabaseAway:
        _done(words.page("join")["away"])
    else:
        _joined()


def _joined() -> None:
    """In a class: the lesson follows it from its first run on."""
    _done()
    state.TAKEN.set(None)
    for key in (state.CODE, state.CODE_AGAIN, state.OWN_CODE, state.STUDENT_NAME):
        key.set("")


def _leave() -> None:
    text = words.page("join")
    try:
        student = permissions.student()
        if student is not None:
            classes.leave(student)
    except DatabaseAway:
        _done(text["away"])
    else:
        state.TAKEN.set(None)
        _done()


def show() -> None:
    """Who one is in the class, or the form to join one."""
    found = class_follow.seat()
    code = classes.clean_code(state.CODE.get())
    if found is not None and code in ("", found.klass.code):
        _seated(found)
    else:
        _form(found)


def _said() -> None:
    if state.CLASS_SAID.get():
        st.error(state.CLASS_SAID.get(), icon=":material/error:")
        state.CLASS_SAID.set("")


def _form(found: Seat | None) -> None:
    text = words.page("join")
    st.markdown(text["lead"])
    if found is not None:
        st.info(text["another"], icon=":material/info:")
    _said()
    # The code stands in the address of the QR code.
    state.CODE.settle()
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
            max_chars=classes.LONGEST_NAME,
            autocomplete="name",
            key=state.STUDENT_NAME.name,
        )
        st.form_submit_button(text["submit"], on_click=_join, type="primary")
    with (
        st.expander(text["again"], width=480),
        st.form("come_back", border=False),
    ):
        state.CODE_AGAIN.settle(state.CODE_AGAIN.get() or state.CODE.get())
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


def _seated(found: Seat) -> None:
    text = words.page("join")
    _said()
    own = classes.spaced(found.own_code)
    klass, name = found.klass.name, found.student.name
    st.markdown(
        text["joined"].format(klass=escape_markdown(klass), name=escape_markdown(name))
    )
    st.markdown(text["own_is"].format(code=own))
    with st.container(horizontal=True, gap="small"):
        st.page_link(
            script("lesson"), label=text["follow"], icon=words.page("lesson")["icon"]
        )
        st.page_link(
            script("quiz"), label=text["quiz"], icon=words.page("quiz")["icon"]
        )
    st.caption(text["kept"])
    with st.popover(text["leave"], icon=":material/logout:"):
        st.markdown(text["leave_really"].format(code=own))
        st.button(text["leave_yes"], on_click=_leave, key="leave_class")

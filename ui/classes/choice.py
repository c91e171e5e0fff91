"""Which class the page is about: chosen, opened, renamed, closed, deleted."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import exams
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.codes import clean_code
from classroom.people.names import LONGEST_CLASS
from classroom.people.roles import Instructor
from ui.classes.actions import page_words
from ui.following.together import as_instructor, report
from ui.kit import state
from ui.session import permissions, presented

WIDTH = 420  # pixels of a form


def choose(who: Instructor) -> ClassNow | None:
    """The class that the page is about, and ways to another; None: there is none."""
    text = page_words()
    report()
    found = {one.id: one for one in classes.mine(who)}
    if not found:
        st.markdown(text["open_first"])
        _open_form()
        return None
    if state.CLASS.get() not in found:
        state.CLASS.set(next(iter(found)))
    state.CLASS.keep_valid()

    def label(class_id: str) -> str:
        one = found[class_id]
        return one.name if one.is_open else text["closed_mark"].format(name=one.name)

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.selectbox(
            text["class"],
            list(found),
            format_func=label,
            width=340,
            **state.CLASS.widget,
        )
        _names_switch(found[state.CLASS.get()])
        if not presented.is_presented("class"):
            with st.popover(text["open"], icon=":material/add:"):
                _open_form()
            with st.popover(text["manage"], icon=":material/settings:"):
                _manage(found[state.CLASS.get()])
    chosen = found[state.CLASS.get()]
    state.CLASS_OPEN.set(chosen.is_open)
    if not chosen.is_open:
        st.info(text["is_closed"], icon=":material/lock:")
    return chosen


def _names_switch(chosen: ClassNow) -> None:
    """Names are hidden until they are asked for, on all tabs and after a reload."""
    text = page_words()
    state.SHOW_NAMES.keep_valid(chosen.names_shown)
    st.toggle(
        text["show_names"],
        help=text["show_names_help"],
        on_change=_show_names,
        args=(chosen.id,),
        width="content",
        **state.SHOW_NAMES.widget,
    )


def _show_names(class_id: str) -> None:
    wanted = state.SHOW_NAMES.get()
    as_instructor(lambda who: classes.show_names(who, class_id, wanted))


def _open_form() -> None:
    text = page_words()
    with st.form("open_class", border=False, width=WIDTH):
        st.text_input(
            text["new_name"],
            placeholder=text["new_name_example"],
            max_chars=LONGEST_CLASS,
            key=state.CLASS_NAME.name,
        )
        st.form_submit_button(text["new_submit"], on_click=_open, type="primary")


def _open() -> None:
    def do(who: Instructor) -> None:
        state.CLASS.set(classes.open_class(who, state.CLASS_NAME.get()).id)

    if as_instructor(do):
        state.CLASS_NAME.set("")


def _shut(class_id: str, is_open: bool) -> None:
    do = classes.close_class if is_open else classes.reopen
    as_instructor(lambda who: do(who, class_id))


def _manage(chosen: ClassNow) -> None:
    """Another name; closed, opened again, deleted."""
    text = page_words()
    with st.form("rename_class", border=False):
        name = st.text_input(
            text["new_name"],
            value=chosen.name,
            max_chars=LONGEST_CLASS,
            key=f"rename {chosen.id}",
        )
        if st.form_submit_button(text["rename"]) and name != chosen.name:
            as_instructor(lambda who: classes.rename(who, chosen.id, name))
            state.rerun()
    if chosen.is_open:
        _what_closing_does(chosen)
    st.button(
        text["close" if chosen.is_open else "reopen"],
        on_click=_shut,
        args=(chosen.id, chosen.is_open),
        help=text["close_help" if chosen.is_open else "reopen_help"],
        key="close_class",
    )
    with st.form("delete_class", border=False, clear_on_submit=True):
        st.markdown(
            text["delete_really"].format(
                name=escape_markdown(chosen.name), members=chosen.members
            )
        )
        code = st.text_input(text["delete_code"], key=f"delete {chosen.id}")
        if st.form_submit_button(text["delete_yes"]):
            if clean_code(code) != chosen.code:
                st.error(text["delete_no"])
            else:
                as_instructor(lambda who: classes.delete(who, chosen.id))
                state.CLASS.forget()
                state.rerun()


def _what_closing_does(chosen: ClassNow) -> None:
    """Said before it is done; an exam that is open is named."""
    text = page_words()
    st.markdown(text["close_say"])
    who = permissions.require_instructor()
    for exam in exams.of_class(who, chosen.id):
        if exam.open:
            attempts = exams.attempts_at(who, exam.id)
            at_it = sum(not attempt.over for attempt in attempts)
            which = {0: "close_test_0", 1: "close_test_1"}.get(at_it, "close_test")
            st.warning(
                text[which].format(title=escape_markdown(exam.title), count=at_it),
                icon=":material/assignment_late:",
            )

"""The place in a class that a browser holds: confirmed once, shown, given back.

`check_place` comes first in every run. It knows the place for the rest of the run
(`state.PLACE`), and what became of one that is gone.
"""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import classes, places
from classroom.people.classes import Membership
from store.database import DatabaseAway
from ui import script
from ui.kit import state, words
from ui.session import saving, visitor

# Here something is done in the student's name: not before it is known who is here.
IN_THEIR_NAME = (
    *("quiz", "relu_vs_tanh", "dropout", "experiments"),
    *("class_guess", "class_teach", "inventory"),
)
# Here it is asked in another way, or does not matter.
ASKS_ITSELF = ("join", "class", "sign_in", "privacy")
WIDTH = 620  # pixels


def membership() -> Membership | None:
    """The visitor's place in a class; as last known while the database is away."""
    known: Membership | None = state.PLACE.get()
    try:
        found = classes.membership(visitor.key(), state.LOOKS_AT.get())
        if known is not None:
            _part(known, found)
    except DatabaseAway:
        return known
    state.PLACE.set(found)
    return found


def _part(known: Membership, found: Membership | None) -> None:
    """Keeps a message on a place that was there in the run before."""
    if found is not None and found.course.id == known.course.id:
        state.PARTED.set(None)
    elif found is None:
        state.PARTED.set((places.lost(known), known.course.name))
    elif known.course.is_open and state.LOOKS_AT.get() != found.course.id:
        # They are in another class, too, and are there from now on.
        old = classes.membership(visitor.key(), known.course.id)
        gone = old is None or old.course.id != known.course.id
        state.PARTED.set((places.lost(known) if gone else "ended", known.course.name))


def check_place(page: str) -> Membership | None:
    """The place, if it is confirmed; else asks for a confirmation.

    Some pages do not go on before that (`st.stop`).
    """
    found = membership()
    known = found is not None and places.is_known(found, visitor.browsing())
    state.IS_KNOWN.set(known and not state.ASKS_WHO.get())
    if found is None or state.IS_KNOWN.get():
        return found
    if page not in ASKS_ITSELF:
        ask(found, leads_in=False)
    if page in IN_THEIR_NAME:
        state.write_url(page)
        st.stop()
    return None


def here() -> Membership | None:
    """The same, for the rest of the run."""
    found: Membership | None = state.PLACE.get()
    return found if state.IS_KNOWN.get() else None


def ask(found: Membership, *, leads_in: bool) -> None:
    """Whether the one at the browser is the student whose place it holds.

    Args:
        leads_in: who says so goes on to the lesson, or to the results of a class that
            has ended.
    """
    text = words.page("join")
    name = escape_markdown(found.student.name)
    course = escape_markdown(found.course.name)
    with st.container(border=True, width=WIDTH, key="who_is_here"):
        st.markdown(text["ask"].format(name=name, course=course))
        with st.container(horizontal=True, gap="small"):
            st.button(
                text["ask_yes"].format(name=name),
                on_click=_is_them,
                args=(found, leads_in),
                type="primary",
                icon=":material/how_to_reg:",
                key="i_am_them",
            )
            st.button(
                text["ask_no"].format(name=name),
                on_click=hand_back,
                args=(found,),
                icon=":material/person_off:",
                key="i_am_not_them",
            )
        st.caption(text["ask_say"])


def _is_them(found: Membership, leads_in: bool) -> None:
    """Known from now on, in this session of the browser."""
    try:
        places.confirm(found.student, visitor.browsing())
    except DatabaseAway:
        state.CLASS_MESSAGE.set(words.page("join")["away"])
        return
    state.ASKS_WHO.set(False)
    state.LOOKS_AT.set("")
    if leads_in:
        state.CODE.set("")
        state.TAKEN.set(None)
        state.GO.set("lesson" if found.course.is_open else "quiz")


def hand_back(found: Membership) -> None:
    """The browser holds the place no longer, and shows nothing of the student's."""
    try:
        saving.flush(found.student)
        places.leave(found.student)
    except DatabaseAway:
        state.CLASS_MESSAGE.set(words.page("join")["away"])
        return
    state.forget_everything()
    if found.course.is_open:  # the next one joins it, by a name of their own
        state.CODE.set(found.course.code)
    state.GO.set("join")


def go_on() -> None:
    """To the page that a click has asked for."""
    if wanted := state.GO.get():
        state.GO.set("")
        st.switch_page(script(wanted))


def parted(page: str) -> None:
    """What became of a place that the browser does not hold any more."""
    if state.PARTED.get() is None:
        return
    what, name = state.PARTED.get()
    text = words.page("join").table("parted")[what].format(course=escape_markdown(name))
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/info: {text}", width="stretch")
        if page != "join":
            label = words.page("join")["parted_go"]
            st.page_link(script("join"), label=label, width="content")
        st.button(
            words.page("join")["parted_ok"],
            on_click=state.PARTED.set,
            args=(None,),
            type="tertiary",
            key="parted_ok",
        )

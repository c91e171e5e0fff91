"""On /quiz: the way to the concept inventory, while a class takes it."""

from __future__ import annotations

import streamlit as st

from classroom.inventory import rounds
from classroom.inventory.rounds import Moment
from classroom.people.roles import Student
from store.database import DatabaseAway
from ui import script
from ui.kit import state, words
from ui.quiz import inventory


def show(student: Student | None) -> None:
    """The round that is open for a student's class, if they can take it.

    It comes and goes by itself when the instructor opens and closes a round.
    """
    if student is None:
        return
    moment = _to_take(student, None)
    st.fragment(_watch_invitation, run_every=inventory.EVERY)(student, moment, [True])
    if moment is None:
        return
    text = words.page("inventory")
    with st.container(border=True, width=inventory.WIDTH):
        st.markdown(text[f"invited_{moment}"])
        st.page_link(script("inventory"), label=text["title"], icon=text["icon"])


def _to_take(student: Student, known: Moment | None) -> Moment | None:
    """The round that the student can take; as known while the database is away."""
    try:
        return rounds.of_student(student).to_take
    except DatabaseAway:
        return known


def _watch_invitation(
    student: Student, known: Moment | None, fresh: list[bool]
) -> None:
    """Draws the page again when the invitation is another; draws nothing itself."""
    if fresh:  # the page has just looked
        fresh.clear()
    elif _to_take(student, known) != known:
        state.rerun()

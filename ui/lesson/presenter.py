"""What the presenter of the lesson has: buttons on the screen, notes in a window."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from ui.following import follow
from ui.kit import state
from ui.lesson import moves
from ui.lesson.opened import Opened
from ui.lesson.step import glossary_of_step


def buttons(opened: Opened) -> None:
    """The notes in another window, the way out, and those of a class that is led."""
    with st.container(horizontal=True, gap="small"):
        st.link_button(
            opened.word("notes"),
            _address(opened, notes=1, **follow.led(opened.part)),
            icon=":material/speaker_notes:",
        )
        st.button(
            opened.word("leave"),
            on_click=state.PRESENT.set,
            args=(0,),
            icon=":material/close_fullscreen:",
            key="leave",
        )
        follow.controls()


def _address(opened: Opened, **more: Any) -> str:
    """The lesson's address at this step, from the lesson's own."""
    query = {"step": opened.step.slug, "lang": opened.lesson.language, **more}
    return f"lesson?{urlencode(query)}"


def texts(opened: Opened) -> None:
    """Note, question and answer of a step, and what comes next."""
    note, question, answer = opened.noted
    st.markdown(f"**{opened.word('note')}**")
    st.markdown(note)
    st.markdown(f"**{opened.word('question')}**")
    st.markdown(question)
    st.markdown(f"**{opened.word('answer')}**")
    st.markdown(answer)
    if opened.at < opened.last:
        then = opened.lesson.steps[opened.at + 1].title
        st.caption(opened.word("then", title=then))
    else:
        st.caption(opened.word("last"))


def note_moves(opened: Opened) -> None:
    """To the step before and the next one, which the screen follows."""
    with st.container(horizontal=True, gap="small"):
        for name, move in (("previous", -1), ("next", 1)):
            st.button(
                opened.word(name),
                on_click=moves.go,
                args=(opened, opened.at + move),
                disabled=not 0 <= opened.at + move <= opened.last,
                key=f"{name}_note",
            )
    st.caption(opened.word("notes_follow"))


def words_of_notes(opened: Opened) -> None:
    """The glossary's words in the note, the question and the answer."""
    step = opened.step
    glossary_of_step(opened, st.header, step.note, step.question, step.answer)

"""What the presenter of the lesson has: buttons on the screen, notes in a window."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

from ui.following import follow
from ui.kit import state
from ui.lesson.lesson_view import LessonView
from ui.lesson.step import glossary_of_step


def buttons(view: LessonView) -> None:
    """The notes in another window, the way out, and those of a class that is led."""
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", width="content"
    ):
        st.link_button(
            view.word("notes"),
            _address(view, notes=1, **follow.led(view.part)),
            icon=":material/speaker_notes:",
        )
        st.button(
            view.word("leave"),
            on_click=state.PRESENT.set,
            args=(0,),
            icon=":material/close_fullscreen:",
            key="leave",
        )
        follow.controls()


def _address(view: LessonView, **more: Any) -> str:
    """The lesson's address at this step, from the lesson's own."""
    query = {"step": view.step.slug, "lang": view.lesson.language, **more}
    return f"lesson?{urlencode(query)}"


def texts(view: LessonView) -> None:
    """Note, question and answer of a step, and what comes next."""
    note, question, answer = view.noted
    st.markdown(f"**{view.word('note')}**")
    st.markdown(note)
    st.markdown(f"**{view.word('question')}**")
    st.markdown(question)
    st.markdown(f"**{view.word('answer')}**")
    st.markdown(answer)
    part = view.lesson_part
    if view.at == part.last:
        st.markdown(f"**{view.word('part_ends', number=part.number)}**")
        st.markdown(view.part_words(part)["covered"])
    if view.at < view.last:
        then = view.lesson.steps[view.at + 1].title
        st.caption(view.word("then", title=then))
    else:
        st.caption(view.word("last"))


def words_of_notes(view: LessonView) -> None:
    """The glossary's words in the note, the question and the answer."""
    step = view.step
    glossary_of_step(view, st.header, step.note, step.question, step.answer)

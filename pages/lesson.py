"""The lesson: a step at a time, for one reader, or for a class on a screen."""

import streamlit as st

from ui.following import follow
from ui.kit import state, widgets, words
from ui.lesson import moves, presenter, step
from ui.lesson.opened import open_lesson

opened = open_lesson(None if state.NOTES.get() else follow.follow_or_lead())
step.entitle(opened)
language = opened.lesson.language

if state.NOTES.get():  # in the presenter's second window
    with st.container(key="notes"), widgets.language(language):
        st.title(opened.step.title, anchor=False)
        follow.watch()
        moves.progress(opened)
        presenter.texts(opened)
        presenter.note_moves(opened)
        moves.keys(opened, "notes")
        presenter.words_of_notes(opened)

elif state.PRESENT.get():  # large, without the sidebar
    with st.container(key="presented"), widgets.language(language):
        with widgets.language(opened.step.language, "title"):
            st.title(opened.step.title, anchor=False)
        follow.bar(opened.part)
        moves.buttons(opened)
        with widgets.language(opened.step.language, "step"):
            step.show(opened)
        moves.progress(opened)
        moves.keys(opened, "present")
        presenter.buttons(opened)
        st.divider()
        step.words_of_step(opened, st.header)

else:
    with widgets.language(language):
        if not opened.is_led:
            st.title(words.page("lesson")["heading"], anchor=False)
            moves.choices(opened)
            follow.controls()
        follow.bar(opened.part)
        moves.progress(opened)
        if not opened.is_led:
            moves.keys(opened, "read")
        with widgets.language(opened.step.language, "step"):
            (st.title if opened.is_led else st.header)(opened.step.title, anchor=False)
            step.show(opened)
        moves.buttons(opened)
        if opened.is_led:
            moves.keys(opened, "read")
        st.divider()
        step.doors(opened)
        step.words_of_step(opened, st.header if opened.is_led else st.subheader)
        step.sources(opened)
        step.all_words(opened)
        if opened.is_led:
            moves.choices(opened)

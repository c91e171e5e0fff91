"""The lesson: a step at a time, for one reader, or for a class on a screen."""

import streamlit as st

from ui.following import follow
from ui.kit import state, widgets, words
from ui.lesson import navigation, notes, parts, presented, step
from ui.lesson.lesson_view import open_lesson

view = open_lesson(follow.follow_or_lead())
step.entitle(view)
language = view.lesson.language

if state.NOTES.get():  # in the presenter's second window
    notes.show(view)

elif state.PRESENT.get():  # on a projector, without the sidebar
    presented.show(view)

else:
    with widgets.language(language):
        if not view.is_led:
            st.title(words.page("lesson")["heading"], anchor=False)
            parts.choices(view)
            follow.controls()
        follow.bar(view.part)
        navigation.progress(view)
        if not view.is_led:
            navigation.keys(view, "read")
        with widgets.language(view.step.language, "step"):
            (st.title if view.is_led else st.header)(view.step.title, anchor=False)
            step.show(view)
        parts.buttons(view)
        if view.is_led:
            navigation.keys(view, "read")
        st.divider()
        step.doors(view)
        step.words_of_step(view, st.header if view.is_led else st.subheader)
        step.sources(view)
        step.all_words(view)
        if view.is_led:
            parts.choices(view)

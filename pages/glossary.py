"""All words of the lesson by the alphabet, each with its sentence."""

import streamlit as st

from ui.following import languages
from ui.kit import widgets, words
from ui.lesson import glossary
from ui.lesson.lesson_view import open_lesson

with widgets.language(words.language()):
    widgets.open_page("glossary")
    languages.switch()
    languages.note()
    view = open_lesson()
    terms = glossary.by_alphabet(view.lesson)
    st.markdown(glossary.definitions(view.lesson, view.known, terms))

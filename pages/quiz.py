"""One question at a time, with feedback at once, or a test of one's class."""

import streamlit as st

from classroom.questions.attempts import HINT_COST, TRY_COST
from ui.following import languages
from ui.kit import widgets, words
from ui.quiz import book as quiz_book
from ui.quiz import page as quiz_panels
from ui.quiz import tests_page as quiz_tests

with widgets.language(words.language()):
    book = quiz_book.open_book()
    tests = None if book is None else quiz_tests.show(book)
    if book is None or tests is not None:
        widgets.open_page("quiz", hint=HINT_COST, again=TRY_COST)
    if book is None:
        quiz_book.nobody_knows()
    elif tests is not None:
        quiz_tests.doors(book, tests)
        ids = quiz_panels.choose_round(book)
        with st.container(width=quiz_panels.WIDTH):
            quiz_panels.turn(ids, [book])
            languages.switch()
            languages.note()

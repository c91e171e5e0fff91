"""One question at a time, with feedback at once, or a test of one's class."""

import streamlit as st

from classroom.questions.question_state import HINT_COST, TRY_COST
from ui.following import languages
from ui.kit import widgets, words
from ui.quiz import book, page, rounds, tests_page
from ui.quiz.question import WIDTH

with widgets.language(words.language()):
    opened = book.open_book()
    tests = None if opened is None else tests_page.show(opened)
    if opened is None or tests is not None:
        widgets.open_page("quiz", hint=HINT_COST, again=TRY_COST)
    if opened is None:
        book.nobody_knows()
    elif tests is not None:
        tests_page.doors(opened, tests)
        ids = rounds.choose_round(opened)
        with st.container(width=WIDTH):
            page.turn(ids, [opened])
            languages.switch()
            languages.note()

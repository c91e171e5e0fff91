"""One question at a time, with feedback at once, or a test of one's class."""

import streamlit as st

from classroom.questions.question_state import HINT_COST, TRY_COST
from ui.following import languages
from ui.kit import widgets, words
from ui.quiz import exams_page, invitation, missed, page, rounds
from ui.quiz.question import WIDTH
from ui.session import progress

with widgets.language(words.language()):
    opened = progress.open_progress()
    exams = None if opened is None else exams_page.show(opened)
    if opened is None or exams is not None:
        widgets.open_page("quiz", hint=HINT_COST, again=TRY_COST)
    if opened is None:
        progress.nobody_knows()
    elif exams is not None:
        invitation.show(progress.member(opened))
        exams_page.doors(opened, exams)
        missed.panel(opened)
        ids = rounds.choose_round(opened)
        with st.container(width=WIDTH):
            page.question_or_result(ids, [opened])
            languages.switch()
            languages.note()

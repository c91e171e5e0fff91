"""The part of the quiz page that a click runs: a question, or the round's result."""

from __future__ import annotations

import streamlit as st

from ui.kit import state
from ui.quiz import question, rounds
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress


@st.fragment
def question_or_result(ids: tuple[str, ...], given: list[QuizProgress]) -> None:
    """A question or the result. Clicks in it run nothing else of the page.

    Args:
        given: the progress that the page has just opened; used once.
    """
    progress = given.pop() if given else quiz_progress.open_progress()
    if progress is None:
        state.rerun()
    variant = rounds.current(ids)
    rounds.show_progress(progress, ids, variant)
    quiz_progress.show_message()
    quiz_progress.banner()
    if variant is None:
        rounds.result(progress, ids)
    else:
        question.ask(progress, variant)
        question.feedback(progress, variant)
        question.help_and_move(progress, ids, variant)
        question.links(variant)
    quiz_progress.kept(progress)
    state.write_url("quiz", is_last=False)

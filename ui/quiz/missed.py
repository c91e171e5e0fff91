"""What was missed and is due again, above the round."""

from __future__ import annotations

import streamlit as st

from ui.kit import state, words
from ui.quiz import rounds
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress

MOST = 3  # questions that are offered at a time


def panel(progress: QuizProgress) -> None:
    """The questions that are due, those first that wait longest; or nothing."""
    text, known = words.page("quiz").table("again"), quiz_progress.known()
    ready = [one for one in progress.due if one.question in known.questions]
    if not ready:
        return
    with st.container(border=True, key="quiz_missed"):
        st.markdown(f"**{text['title']}**")
        st.caption(text["say"])
        with st.container(horizontal=True, gap="small"):
            for one in ready[:MOST]:
                question = known.questions[one.question]
                st.button(
                    question.title,
                    icon=":material/replay:",
                    on_click=_ask,
                    args=(question.topic, one.question, one.seed),
                    key=f"quiz_missed_{one.question}",
                )


def _ask(topic: str, question: str, seed: int) -> None:
    state.ROUND.set(topic)
    rounds.go(question, seed)

"""What is said to an answer, and the answer itself for those who ask for it."""

from __future__ import annotations

import streamlit as st

from classroom.content import rich
from classroom.questions import variants
from classroom.questions.grading import Grade
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from ui.kit import words
from ui.kit.questions import question_language


def verdict(grade: Grade, question_state: QuestionState) -> None:
    """What is said to an answer."""
    text = words.page("quiz").table("feedback")
    if grade.self_assessed:
        if question_state.self_assessed:
            st.success(
                text["own_done"].format(points=question_state.points),
                icon=":material/edit:",
            )
    elif not grade.counts:
        st.info(grade.sentence, icon=":material/keyboard:")
    elif grade.right:
        st.success(text["right"].format(say=grade.sentence), icon=":material/check:")
    else:
        name = "partly" if grade.score else "wrong"
        st.warning(text[name].format(say=grade.sentence), icon=":material/close:")


def solution(variant: Variant, value: float | None) -> None:
    """The answer and why, for a visitor who asked; `value` is their picture's."""
    text = words.page("quiz").table("feedback")
    posed, solved = question_language.pose(variant), question_language.key(variant)
    lines = variants.solution(posed, solved, value)
    if not lines:
        st.info(text["model"].format(say=solved.why), icon=":material/key:")
        return
    numbered = [f"{i}. {line}" for i, line in enumerate(lines, 1)]
    listed = numbered if posed.kind == "order" else [rich.item(line) for line in lines]
    alone = len(lines) == 1 and not rich.is_block(lines[0])
    shown = lines[0] if alone else "\n\n" + "\n".join(listed)
    st.info(
        (text["answer"].format(answer=shown) + f"\n\n{solved.why}").strip(),
        icon=":material/key:",
    )

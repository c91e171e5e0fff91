"""The lesson on paper: every step with its question, and as much more as is wanted."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from classroom.content import lesson
from classroom.questions import lesson_questions, variants
from classroom.questions.bank import find
from classroom.questions.question_files import Question
from classroom.questions.variants import solution
from ui.following import languages
from ui.kit import state, widgets, words
from ui.lesson.lesson_view import LessonView

BOX, TICKED = "☐", "☑"
LINE = "\\_" * 30
LINES = 3  # to write on, for an answer in words


def choose() -> None:
    """How much is on it: the questions, the answers too, the presenter's notes too."""
    text = words.page("handout")
    with st.container(key="handout_choices"):
        languages.switch()
        widgets.choice(state.HANDOUT, text["choose"], text.table("with").as_dict())
        st.caption(text["print"])


def show(view: LessonView) -> None:
    """All steps, one below the other; on paper none is cut where it can be helped."""
    steps = view.lesson.steps
    for part in view.lesson.parts:
        text = view.part_words(part)
        heading = view.word("part_heading", number=part.number, title=text["title"])
        with st.container(key=f"part-{part.name}", gap="small"):
            st.header(heading, anchor=False)
            st.caption(view.word("part_minutes", minutes=part.minutes))
        for at in range(part.first, part.last + 1):
            with st.container(key=f"sheet-{steps[at].slug}", gap="small"):
                _step(replace(view, step=steps[at]), at + 1)
        st.markdown(
            f"**{view.word('part_ends', number=part.number)}** {text['covered']}"
        )


def _step(view: LessonView, number: int) -> None:
    step, text = view.step, words.page("handout")
    st.subheader(f"{number}. {step.title}", anchor=False)
    st.markdown(_plain(view, step.body))
    question = find(lesson_questions.name_of(step.slug), view.lesson.language)
    with st.container(border=True, gap="small"):
        st.markdown(f"**{view.word('question')}** {_plain(view, step.question)}")
        answered = state.HANDOUT.get() != "questions"
        st.markdown(_ways(question, answered, text["layer"]))
        if answered:
            st.markdown(f"**{view.word('answer')}** {_plain(view, step.answer)}")
    if state.HANDOUT.get() == "notes":
        st.markdown(f"**{view.word('note')}** {_plain(view, step.note)}")


def _plain(view: LessonView, text: str) -> str:
    """A text with its numbers, without the links that paper has no use for."""
    return view.markdown(lesson.without_marks(text))


def _ways(question: Question, answered: bool, layer: str) -> str:
    """What there is to tick, to fill in, or to write on; answered: what is right."""
    if question.options:
        lines = []
        for option in question.options:
            box = TICKED if answered and option.right else BOX
            why = option.because if answered and not option.right else ""
            lines.append(f"{box} {option.text}" + (f" *{why}*" if why else ""))
        return "\n\n".join(lines)
    if question.kind == "open":
        if answered:
            return "\n".join(f"- {point}" for point in question.points)
        return "\n\n".join([LINE * 2] * LINES)
    posed, key = variants.draw(question, 1)
    if answered:
        return f"{TICKED} {', '.join(solution(posed, key))}"
    if posed.kind == "match":
        rows = [f"{one.label}: {LINE}" for one in posed.choices]
        return "\n\n".join([*rows, *(f"- {one.label}" for one in posed.targets)])
    return f"{LINE} {posed.unit or layer}"

"""A test as a student sees it, tried by its instructor: nothing of it is stored."""

from __future__ import annotations

import streamlit as st

from classroom.exams import exams
from classroom.exams.exams import ExamStatus
from classroom.people.roles import NotAllowed
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.classes.exams import exam_form
from ui.kit import state, words
from ui.kit.questions import answers, feedback, question_language
from ui.kit.questions.answers import AnswerFrame
from ui.session import permissions

STUDENTS = 99  # of whom the numbers and orders can be looked at


def show(exam: ExamStatus) -> None:
    """The test, folded away."""
    box = st.expander(
        words.page("class_tests").table("preview")["heading"],
        icon=":material/visibility:",
        key=f"preview_box_{exam.id}",
        on_change="rerun",
    )
    if box.open:
        with box:
            st.fragment(_preview)(exam)


def _preview(exam: ExamStatus) -> None:
    """One question at a time, as in a sitting; what is right on demand."""
    text, key = words.page("class_tests").table("preview"), f"preview_{exam.id}"
    st.caption(text["say"])
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        student = st.number_input(
            text["student"], 1, STUDENTS, step=1, key=f"{key}_student", width=150
        )
        solved = st.toggle(text["solved"], key=f"{key}_solved", width="content")
    try:
        all_of = exams.preview(permissions.require_instructor(), exam.id, int(student))
    except (DatabaseAway, NotAllowed) as trouble:
        st.warning(words.refusal(trouble), icon=":material/cloud_off:")
        return
    if not all_of:
        st.caption(words.page("quiz").table("test")["empty"])
        return
    places = list(range(len(all_of)))
    place = st.pills(
        words.page("quiz").table("test")["which"],
        places,
        default=0,
        required=True,
        format_func=lambda at: str(at + 1),
        wrap=True,
        key=f"{key}_place",
    )
    at = place if place in places else 0
    _question(all_of[at], f"{key}_{student}_{at}", solved=solved)


def _question(variant: Variant, key: str, *, solved: bool) -> None:
    question = question_language.question(variant.question)
    posed = question_language.pose(variant)
    kinds, test = words.page("quiz").table("kind"), words.page("quiz").table("test")
    if posed.kind == "layer" and state.CLICKED_FOR.get() != key:
        state.CLICKED.set("")
        state.CLICKED_FOR.set(key)
    with st.container(border=True):
        kind = test["kind_open"] if posed.kind == "open" else kinds[posed.kind]
        st.caption(f"{exam_form.known().topics[question.topic]} · {kind}")
        st.markdown(posed.ask)
        answers.draw(posed, AnswerFrame(key))
        if solved:
            feedback.solution(variant, None)

"""Open answers in a test, marked by their instructor: one question after the other."""

from __future__ import annotations

from functools import partial

import streamlit as st

from classroom.exams import gradebook, marking
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamStatus
from classroom.exams.marking import OpenAnswer
from classroom.people.roles import NotAllowed
from classroom.questions.bank import find
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.classes.names import students
from ui.kit import state, times, words
from ui.kit.questions import question_language
from ui.session import permissions


def _words() -> words.PageWords:
    return words.page("class_tests").table("mark")


def show(exam: ExamStatus) -> None:
    """The answers of a test, folded away; nothing where it asks for none."""
    if not marking.open_questions(exam.questions):
        return
    text = _words()
    box = st.expander(
        text["heading"],
        icon=":material/rate_review:",
        key=f"mark_box_{exam.id}",
        on_change="rerun",
    )
    if box.open:
        with box:
            st.fragment(_marking)(exam)


def _marking(exam: ExamStatus) -> None:
    """A question of the test, and all answers to it."""
    text = _words()
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        found = marking.open_answers(who, exam.id)
        names = students(gradebook.pupils(who, exam.class_id))
    except (DatabaseAway, NotAllowed) as trouble:
        st.warning(words.refusal(trouble), icon=":material/cloud_off:")
        return
    if message := state.EXAM_MESSAGE.get():
        st.warning(message, icon=":material/info:")
        state.EXAM_MESSAGE.set("")
    st.caption(text["say"])
    called = question_language.titles(found)
    left = {n: sum(not x.marked for x in answers) for n, answers in found.items()}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        name = st.selectbox(
            text["question"],
            list(found),
            format_func=lambda n: text["left"].format(
                question=called[n], marked=len(found[n]) - left[n], all=len(found[n])
            ),
            key=f"mark_question_{exam.id}",
            width=420,
        )
        only = st.toggle(text["only"], key=f"mark_only_{exam.id}", width="content")
    question, first = question_language.question(name), Variant(name, 1)
    st.markdown(question_language.pose(first).ask)
    with st.container(border=True):
        st.markdown(text["model"].format(say=question_language.key(first).why))
        if question.points:
            st.markdown("\n".join(f"- {point}" for point in question.points))
    shown = [x for x in found[name] if x.member in names and not (only and x.marked)]
    order = list(names)  # by number: an order by names would tell hidden ones
    shown.sort(key=lambda one: (order.index(one.member), one.number))
    if not shown:
        st.caption(text["all_marked" if found[name] else "none"])
    for one in shown:
        number = f" ({one.number})" if exam.allowed > 1 else ""
        _answer(exam.id, name, one, names[one.member] + number)


def _answer(exam_id: str, question: str, one: OpenAnswer, name: str) -> None:
    """One answer, its points and the comment to it."""
    text, known = _words(), one.mark
    seen = known.version if known is not None else 0
    steps = marking.scale(find(question))
    given = known.points if known is not None else None
    key = f"mark_{one.key}_{seen}"  # another version has other widgets
    with st.form(key, border=True):
        st.text(f"{name}: {one.text}")
        if not one.over:
            st.caption(text["not_over"])
        st.segmented_control(
            text["points"],
            [*steps],
            default=None if given is None else min(steps, key=lambda x: abs(x - given)),
            format_func=lambda x: f"{x:.2g}",
            key=f"{key}_points",
            disabled=not one.over,
        )
        st.text_input(
            text["comment"],
            value=known.comment if known is not None else "",
            max_chars=marking.LONGEST_COMMENT,
            key=f"{key}_comment",
            disabled=not one.over,
        )
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.form_submit_button(
                text["save"],
                icon=":material/save:",
                key=f"{key}_save",
                on_click=partial(_save, exam_id, one.key, key, seen),
                disabled=not one.over,
            )
            if known is not None:
                at = times.clock_time(known.at)
                st.caption(text["saved" if one.marked else "said"].format(time=at))


def _save(exam_id: str, answer: str, key: str, seen: int) -> None:
    """Saves what the form says by now."""
    points, comment = state.held(f"{key}_points"), state.held(f"{key}_comment", "")
    try:
        who = permissions.require_instructor()
        marking.mark(who, exam_id, answer, points, comment, seen)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))

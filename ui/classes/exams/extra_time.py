"""Extra time in an exam: one student has more minutes than the others."""

from __future__ import annotations

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import exams, gradebook
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamStatus
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui.classes.names import choices, students
from ui.kit import state, words
from ui.session import permissions


def show(who: Instructor, exam: ExamStatus) -> None:
    """Who has how many minutes more, and a form to give some."""
    if exam.minutes is None and exam.closes is None:
        return  # nothing ends by the clock
    text = words.page("class_tests").table("extra")
    names = choices(students(gradebook.pupils(who, exam.class_id)))
    given = exams.extra_times(who, exam.id)
    with st.popover(text["heading"], icon=":material/more_time:"):
        st.markdown(text["say"])
        for member, minutes in given.items():
            if member in names:
                line = text["has_1" if minutes == 1 else "has"]
                name = escape_markdown(names[member])
                st.markdown(f"- {line.format(name=name, minutes=minutes)}")
        if not names:
            st.caption(text["nobody"])
            return
        st.selectbox(
            text["who"],
            list(names),
            format_func=names.__getitem__,
            key=f"test_extra_who_{exam.id}",
        )
        st.number_input(
            text["minutes"],
            0,
            exams.MOST_EXTRA,
            value=5,
            step=5,
            key=f"test_extra_minutes_{exam.id}",
        )
        st.button(
            text["give"],
            type="primary",
            key=f"test_extra_{exam.id}",
            on_click=_give,
            args=(exam.id,),
        )


def _give(exam_id: str) -> None:
    member = state.held(f"test_extra_who_{exam_id}")
    minutes = state.held(f"test_extra_minutes_{exam_id}")
    try:
        if (who := permissions.instructor()) is None:
            return
        exams.give_extra_time(who, exam_id, str(member), float(minutes or 0))
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))

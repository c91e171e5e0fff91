"""A day and a time at which a test closes by itself: opened until then, or changed."""

from __future__ import annotations

from functools import partial

import streamlit as st

import clock
from classroom.exams import exams
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamStatus
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui.kit import state, times, words
from ui.session import permissions

EVENING = 20  # o'clock, in a week: where nothing else was chosen


def show(exam: ExamStatus) -> None:
    """A button that leads to the form."""
    head = "change" if exam.open else "heading"
    name = words.page("class_tests").table("deadline")[head]
    with st.popover(name, icon=":material/event:", key=f"test_until_{exam.id}_box"):
        form(exam)


def form(exam: ExamStatus) -> None:
    """Opens a test until a day, or moves the deadline of one that is open."""
    text, key = words.page("class_tests").table("deadline"), f"test_until_{exam.id}"
    start = exam.closes if exam.open and exam.closes else times.in_a_week(EVENING)
    day, at = times.day_and_time(start)
    today, _ = times.day_and_time(clock.now())
    st.markdown(text["say"])
    with st.container(horizontal=True, gap="small"):
        st.date_input(
            text["day"],
            day,
            min_value=min(day, today),
            format="YYYY-MM-DD",
            key=f"{key}_day",
            width=150,
        )
        st.time_input(text["time"], at, key=f"{key}_time", step=900, width=130)
    st.caption(text["zone"].format(zone=times.zone_name()))
    st.button(
        text["set" if exam.open else "open"],
        type="primary",
        key=f"{key}_set",
        on_click=partial(_set, exam.id),
    )
    if exam.open and exam.closes is not None:
        st.button(
            text["none"], key=f"{key}_none", on_click=partial(_open, exam.id, None)
        )


def _set(exam_id: str) -> None:
    key = f"test_until_{exam_id}"
    day, at = state.held(f"{key}_day"), state.held(f"{key}_time")
    if day is None or at is None:  # a field was emptied
        state.EXAM_MESSAGE.set(words.page("class_tests").table("deadline")["empty"])
    else:
        _open(exam_id, times.moment(day, at))


def _open(exam_id: str, until: float | None) -> None:
    try:
        exams.open_exam(permissions.require_instructor(), exam_id, until=until)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))

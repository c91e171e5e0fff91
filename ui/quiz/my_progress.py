"""One's own page: what a student has done, alone or in a class, to print at the end."""

from __future__ import annotations

import streamlit as st

import clock
from classroom.escape import escape_markdown
from classroom.exams import student_work
from classroom.exams.student_work import StudentWork
from classroom.people import activities, classes
from classroom.people.roles import NotAllowed, Student
from lab.results.prediction import Prediction
from store.answers.results import StoredGuess
from store.database import DatabaseAway, shared
from store.runs import Runs, StoredRun
from ui import script
from ui.following import languages
from ui.kit import times, words
from ui.kit.questions import question_language
from ui.kit.questions import student_work as panel
from ui.kit.runs import guesses
from ui.session import progress, visitor

MOST = 100  # runs, the newest


def show() -> None:
    """The page below its title."""
    text = words.page("my_progress")
    with st.container(key="not_printed"):
        st.caption(text["print"])
    _own(text)
    with st.container(key="not_printed_language"):
        languages.switch()
        languages.note()


def _own(text: words.PageWords) -> None:
    """Whose it is, and all of it."""
    try:
        opened = progress.open_progress()
        student = progress.member(opened)
        if opened is None:
            raise DatabaseAway
        work = _work(student, opened)
        found = _guesses(student)
    except (DatabaseAway, NotAllowed):
        st.warning(text["unknown"], icon=":material/cloud_off:")
        return
    st.markdown(_whose(student))
    st.caption(text["as_of"].format(time=times.day_time(clock.now())))
    if not (work.answered_steps or work.topics or work.exams or found):
        st.info(text["empty"], icon=":material/hourglass_empty:")
    panel.show(work, progress.known(), found, own=True)
    if student is None:
        with st.container(key="not_printed_join"):
            join = words.page("quiz")["join"]
            st.page_link(script("join"), label=join, icon=":material/group_add:")


def _work(student: Student | None, opened: progress.QuizProgress) -> StudentWork:
    language = question_language.current()
    if student is not None:
        return student_work.of_student(student, language)
    return student_work.of_states(opened.question_states, language=language)


def _whose(student: Student | None) -> str:
    text = words.page("my_progress")
    if student is None:
        return text["alone"]
    found = classes.membership(visitor.key(), student.class_id)
    course = found.course.name if found is not None else ""
    return text["member"].format(
        name=escape_markdown(student.name), course=escape_markdown(course)
    )


def _guesses(student: Student | None) -> list[Prediction]:
    """With the class, then before the visitor's own experiments; the newest first."""
    runs = Runs(shared()).newest(visitor.key(), MOST)
    together = [] if student is None else activities.guessed(student)
    return [
        *(guesses.with_class(*one) for one in together),
        *_own_guesses(runs),
    ]


def _own_guesses(runs: list[StoredRun]) -> list[Prediction]:
    return [
        guesses.looked_up(
            StoredGuess(
                run.id, "", run.experiment, run.guess, run.state, run.ended, run.alive
            )
        )
        for run in runs
        if "arm" in run.guess
    ]

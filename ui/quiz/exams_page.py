"""An exam of the class, as a student sees it: doors, the attempt, the result.

While an attempt runs (`ui.quiz.exam_attempt`), /quiz is that attempt and nothing else:
no feedback, no hints, no links to what shows an answer, and nothing of a key goes to
the browser.
"""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import attempts, exam_result
from classroom.exams.attempts import ExamAttempt, ExamRefused
from classroom.exams.exam_result import ExamResult
from classroom.exams.timing import AttemptStatus, StudentExam
from classroom.people.roles import NotAllowed, Student
from classroom.questions import answer_text, grading
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant
from store.answers.marks import StoredMark
from store.database import DatabaseAway
from ui.kit import state, times, words
from ui.kit.questions import feedback
from ui.kit.questions import question_language as language
from ui.quiz import exam_attempt
from ui.quiz.question import WIDTH, links
from ui.session import progress as quiz_progress
from ui.session.progress import QuizProgress

EVERY = 5.0  # seconds between two looks at whether the attempt is over


def show(progress: QuizProgress) -> tuple[StudentExam, ...] | None:
    """An attempt that runs or is looked at has the page: None. Else the class's exams.

    Where the database is away the attempt goes on as it was last known.
    """
    student = quiz_progress.member(progress)
    if student is None:
        return ()
    try:
        here = tuple(attempts.exams(student))
        status = _chosen(here)
        attempt = None if status is None else attempts.exam_attempt(student, status.id)
    except DatabaseAway:
        here, attempt = (), exam_attempt.last_known(student)
    except NotAllowed:  # the exam was deleted at this very moment
        here, attempt = (), None
    state.EXAM_ATTEMPT.set(attempt)
    if attempt is None:
        return here
    if not attempt.status.over:
        exam_attempt.show(attempt)
    elif attempt.released:
        _result(student, attempt)
    else:
        _over(attempt)
    return None


def _chosen(here: Sequence[StudentExam]) -> AttemptStatus | None:
    """The attempt that runs; else the one that was just over, or is looked at.

    One that can be left has the page only while it is looked at.
    """
    running = [exam.running for exam in here if exam.running and not exam.at_home]
    if running:
        state.RESULT_OF.set(exam_attempt.name(running[0]))
        return running[0]
    named = {exam_attempt.name(s): s for exam in here for s in exam.attempts}
    return named.get(state.RESULT_OF.get())


# --- doors ----------------------------------------------------------------------------


def doors(progress: QuizProgress, here: Sequence[StudentExam]) -> None:
    """The exams that are open, and the results of those that are closed."""
    for exam in here:
        _door(exam)
    if quiz_progress.member(progress) is not None:
        known = tuple(_state_of(exam) for exam in here)
        st.fragment(_look_for_exams, run_every=EVERY)(known, [True])


def _state_of(exam: StudentExam) -> tuple[str, bool]:
    return exam.id, exam.open


def _look_for_exams(known: tuple[tuple[str, bool], ...], fresh: list[bool]) -> None:
    """Draws the page again when an exam has opened or closed; draws nothing itself."""
    if fresh:  # the page has just looked
        fresh.clear()
        return
    try:
        student = quiz_progress.who()
        here = attempts.exams(student) if student is not None else []
    except DatabaseAway:
        return
    if tuple(_state_of(exam) for exam in here) != known:
        state.rerun()


def _about(exam: StudentExam) -> str:
    """ "12 questions, 20 minutes, attempt 1 of 2"."""
    text = words.page("quiz").table("test")
    count = "questions_1" if exam.questions == 1 else "questions"
    facts = [text[count].format(count=exam.questions)]
    if exam.minutes is not None:
        minutes = "minutes_1" if exam.minutes == 1 else "minutes"
        facts.append(text[minutes].format(minutes=exam.minutes))
    if exam.allowed > 1 and exam.next is not None:
        facts.append(text["of"].format(number=exam.next, allowed=exam.allowed))
    if exam.open and exam.closes is not None:
        closes = text["due" if exam.at_home else "closes"]
        facts.append(closes.format(time=times.clock_time(exam.closes)))
    return ", ".join(facts)


def _door(exam: StudentExam) -> None:
    text, title = words.page("quiz").table("test"), escape_markdown(exam.title)
    with st.container(border=True, width=WIDTH):
        if exam.open:
            message = text["open"].format(title=title, about=_about(exam))
        else:
            message = text["closed"].format(title=title)
        st.markdown(f":material/assignment: {message}")
        if stands := _stands(exam):
            st.markdown(stands)
        with st.container(horizontal=True, gap="small"):
            if exam.running is not None:
                st.button(
                    text["go_back_to"],
                    type="primary",
                    icon=":material/play_arrow:",
                    key=f"test_go_back_{exam.id}",
                    on_click=_look,
                    args=(exam_attempt.name(exam.running),),
                )
            if exam.next is not None:
                st.button(
                    text["begin"],
                    type="primary",
                    icon=":material/play_arrow:",
                    key=f"test_begin_{exam.id}_{exam.next}",
                    on_click=_begin,
                    args=(exam.id, exam.next),
                )
            for attempt in (one for one in exam.attempts if one.over):
                name = "result" if not exam.open else "handed"
                st.button(
                    text[name].format(number=attempt.number),
                    icon=":material/fact_check:",
                    key=f"test_result_{exam_attempt.name(attempt)}",
                    on_click=_look,
                    args=(exam_attempt.name(attempt),),
                )
        if exam.next is not None:
            timed = text["timed"] if exam.minutes is not None else ""
            rules = text["rules_home" if exam.at_home else "rules"]
            st.caption(f"{rules} {timed}".strip())


def _stands(exam: StudentExam) -> str:
    """How the student stands in a test that is open for days; nothing of others."""
    text = words.page("quiz").table("test")
    if not exam.at_home or not exam.open:
        return ""
    if exam.running is not None:
        return text["stands_begun"].format(
            answered=exam.running.answered, count=len(exam.running.variants)
        )
    handed = [one.handed_in for one in exam.attempts if one.handed_in is not None]
    if handed:
        return text["stands_handed"].format(time=times.clock_time(max(handed)))
    return text["stands_not"]


def _look(name: str) -> None:
    state.RESULT_OF.set(name)


def _begin(exam_id: str, number: int) -> None:
    """The attempt of that number: pressing again begins nothing further."""
    student = quiz_progress.who()
    if student is None:
        return
    try:
        attempt = attempts.begin(student, exam_id, number)
    except DatabaseAway:
        state.QUIZ_MESSAGE.set(words.page("quiz").table("test")["not_begun"])
    except (ExamRefused, NotAllowed) as refusal:
        state.QUIZ_MESSAGE.set(words.refusal(refusal))
    else:
        state.RESULT_OF.set(exam_attempt.name(attempt))
        state.EXAM_PLACE.set(0)
        state.HANDING_IN.set(False)


# --- afterwards -----------------------------------------------------------------------


def _back() -> None:
    st.button(
        words.page("quiz").table("test")["back"],
        icon=":material/arrow_back:",
        key="test_to_practice",
        on_click=_look,
        args=("",),
    )


def _over(attempt: ExamAttempt) -> None:
    """Handed in, or the time is up; the results are not there yet."""
    text, count = words.page("quiz").table("test"), len(attempt.status.variants)
    st.title(escape_markdown(attempt.title), anchor=False)
    with st.container(width=WIDTH):
        handed = attempt.status.handed_in
        if handed is not None:
            message = text["is_handed_in"].format(time=times.clock_time(handed))
        else:
            message = text["time_is_up"]
        st.success(message, icon=":material/assignment_turned_in:")
        quiz_progress.show_message()
        quiz_progress.banner()
        answered = count - len(attempt.unanswered)
        counts = "counts_1" if count == 1 else "counts"
        st.markdown(text[counts].format(answered=answered, count=count))
        st.markdown(text["later"])
        _back()
    st.fragment(_wait_for_results, run_every=EVERY)(attempt.status.id)


def _wait_for_results(attempt_id: str) -> None:
    """Draws the page again once the exam is closed; draws nothing itself."""
    student = quiz_progress.who()
    try:
        if student is None or not attempts.exam_attempt(student, attempt_id).released:
            return
    except (DatabaseAway, NotAllowed):
        return
    state.rerun()


def _result(student: Student, attempt: ExamAttempt) -> None:
    """The student's result, with the feedback to each answer."""
    text, all_of = words.page("quiz").table("test"), attempt.status.variants
    st.title(escape_markdown(attempt.title), anchor=False)
    try:
        result = exam_result.result(student, attempt.status.id)
    except (DatabaseAway, NotAllowed) as away:
        st.warning(words.refusal(away))
        return
    judged = len(result.judged)
    with st.container(width=WIDTH):
        quiz_progress.show_message()
        line = {0: "points_0", 1: "points_1"}.get(judged, "points")
        st.markdown(text[line].format(points=round(result.points, 2), all=judged))
        if others := result.unmarked:
            st.markdown(text["read" if others > 1 else "read_1"].format(count=others))
        for number, variant in enumerate(all_of, 1):
            _answered(number, variant, result)
        _back()


def _answered(number: int, variant: Variant, result: ExamResult) -> None:
    """One question: the answer, the feedback to it, and the solution."""
    text, question_state = words.page("quiz").table("test"), result.states.get(variant)
    posed = language.pose(variant)
    place = f"result-{number}"
    with st.container(border=True), language.part(variant.question, place):
        st.markdown(f"**{number}.** {posed.ask}")
        if question_state is None:
            st.markdown(text["no_answer"])
        else:
            st.markdown(text["your_answer"])
            st.text(
                "\n".join(answer_text.lines(posed, question_state.tries[-1].answer))
            )
            if posed.kind == "open":
                _mark(question_state, result.marks.get(variant))
            else:
                _verdict(question_state)
        if question_state is None or not question_state.right or posed.kind == "open":
            feedback.solution(variant, None)
        links(variant)


def _mark(question_state: QuestionState, mark: StoredMark | None) -> None:
    """What the instructor gave an open answer, and wrote on it."""
    text = words.page("quiz").table("test")
    if question_state.awaits_mark:
        st.caption(text["not_marked"])
    else:
        points = f"{question_state.points:.2g}"
        st.markdown(text["marked"].format(points=points))
    if mark is not None and mark.comment:
        st.markdown(text["comment"])
        st.text(mark.comment)


def _verdict(question_state: QuestionState) -> None:
    """Feedback to an answer; not that meant for a next try."""
    got = question_state.tries[-1].grade
    if got.sentence in grading.general():
        st.warning(
            words.page("quiz").table("test")["not_right"], icon=":material/close:"
        )
    else:
        feedback.verdict(language.last_grade(question_state), question_state)

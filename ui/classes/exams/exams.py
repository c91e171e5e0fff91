"""The Exams tab of a class: make, open and close exams, and watch who sits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from classroom.exams import exams, gradebook
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import AttemptProgress, ExamStatus
from classroom.people import classes
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions.bank import is_known
from store.database import DatabaseAway
from ui.classes.exams import deadline, exam_form, exam_preview, extra_time, marking
from ui.classes.names import choices, students
from ui.kit import state, times, words
from ui.kit.questions import question_language
from ui.session import permissions

EVERY = 3.0  # seconds between two looks at who sits
WIDTH = 980  # pixels


def show(who: Instructor, class_id: str) -> None:
    """The class's exams, and a form for a new one.

    Raises:
        NotAllowed: the class is not theirs.
    """
    text = words.page("class_tests")
    found = exams.of_class(who, class_id)
    with st.container(width=WIDTH):
        if message := state.EXAM_MESSAGE.get():
            st.warning(message, icon=":material/info:")
            state.EXAM_MESSAGE.set("")
        if not found:
            st.markdown(text["none"])
        edited = exam_form.edited(found)
        for exam in found:
            if exam == edited:
                with st.container(border=True):
                    st.markdown(
                        text["editing"].format(title=escape_markdown(exam.title))
                    )
                    exam_form.show(class_id, found)
            else:
                _exam(who, exam)
        if edited is None:
            with st.expander(text["new"], icon=":material/add:", expanded=not found):
                exam_form.show(class_id, found)


def _try(act: Callable[..., object], *given: Any) -> None:
    """An act of the instructor who is signed in by now; a refusal is shown."""
    try:
        act(permissions.require_instructor(), *given)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))


# --- an exam --------------------------------------------------------------------------


def _standing(exam: ExamStatus) -> str:
    text = words.page("class_tests")
    if exam.opened is None:
        return str(text["not_open"])
    if exam.open and exam.closes is not None:
        return text["open_until"].format(time=times.clock_time(exam.closes))
    if exam.open:
        return str(text["is_open"])
    assert exam.closed is not None
    return text["is_closed"].format(time=times.clock_time(exam.closed))


def _about(exam: ExamStatus) -> str:
    text = words.page("class_tests")
    facts = [
        text["count_1" if len(exam.questions) == 1 else "count"].format(
            count=len(exam.questions)
        ),
        text["no_minutes"]
        if exam.minutes is None
        else text["some_minutes_1" if exam.minutes == 1 else "some_minutes"].format(
            minutes=exam.minutes
        ),
        text["in_order" if not exam.shuffled else "in_any_order"],
        text["allowed_1" if exam.allowed == 1 else "allowed"].format(
            count=exam.allowed
        ),
        text["of_seed"].format(seed=exam.seed),
    ]
    return " · ".join(facts)


def _exam(who: Instructor, exam: ExamStatus) -> None:
    """One exam: what it is, what can be done with it, who sits it."""
    with st.container(border=True):
        title = escape_markdown(exam.title)
        st.markdown(f"**{title}** · {_standing(exam)}")
        st.caption(f"{_about(exam)}  \n{exam_form.level_line(exam.questions)}")
        _buttons(who, exam)
        if exam.open:
            st.fragment(_watch, run_every=EVERY)(exam)
        elif exam.opened is not None:
            _attempts(who, exam)
        exam_preview.show(exam)
        _questions(exam)
        if exam.opened is not None:
            marking.show(exam)


def _buttons(who: Instructor, exam: ExamStatus) -> None:
    text = words.page("class_tests")
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        if exam.open:
            st.button(
                text["close"],
                icon=":material/lock:",
                key=f"test_close_{exam.id}",
                on_click=_try,
                args=(exams.close_exam, exam.id),
                help=text["close_help"],
            )
        else:
            st.number_input(
                text["closes_after"],
                0,
                exams.MOST_MINUTES,
                step=5,
                key=f"test_after_{exam.id}",
                help=text["closes_help"],
                width=190,
            )
            if exam.opened is None:
                _open_button(exam)
            else:  # the results, and what is right, have been seen
                with st.popover(text["reopen_ask"], icon=":material/lock_open:"):
                    st.warning(text["reopen_help"], icon=":material/visibility:")
                    _open_button(exam)
                    st.divider()
                    deadline.form(exam)
        if exam.open or exam.opened is None:
            deadline.show(exam)
        extra_time.show(who, exam)
        if exam.opened is None:
            st.button(
                text["edit"],
                icon=":material/edit:",
                key=f"test_edit_{exam.id}",
                on_click=exam_form.edit,
                args=(exam,),
            )
        _copy(who, exam)
        with st.popover(text["delete"], icon=":material/delete:"):
            st.markdown(text["delete_sure"])
            st.button(
                text["delete_now"],
                key=f"test_delete_{exam.id}",
                on_click=_try,
                args=(exams.delete_exam, exam.id),
            )


def _copy(who: Instructor, exam: ExamStatus) -> None:
    """The same test once more, for this class or another of theirs."""
    text = words.page("class_tests")
    mine = choices({course.id: course.name for course in classes.mine(who)})
    with st.popover(text["copy"], icon=":material/content_copy:"):
        st.selectbox(
            text["copy_to"],
            list(mine),
            index=list(mine).index(exam.class_id),
            format_func=mine.__getitem__,
            key=f"test_copy_to_{exam.id}",
        )
        st.caption(text["copy_say"])
        st.button(
            text["copy_now"],
            type="primary",
            key=f"test_copy_{exam.id}",
            on_click=_make_copy,
            args=(exam,),
        )


def _make_copy(exam: ExamStatus) -> None:
    text = words.page("class_tests")
    to = str(state.held(f"test_copy_to_{exam.id}"))
    try:
        made = exams.copy(permissions.require_instructor(), exam.id, to)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))
        return
    if left := len(exam.questions) - len(made.questions):
        state.EXAM_MESSAGE.set(text["copy_left"].format(count=left))


def _open_button(exam: ExamStatus) -> None:
    again = exam.opened is not None
    st.button(
        words.page("class_tests")["reopen" if again else "open"],
        type="secondary" if again else "primary",
        icon=":material/lock_open:",
        key=f"test_open_{exam.id}",
        on_click=_open,
        args=(exam.id,),
    )


def _open(exam_id: str) -> None:
    """Opens it, for as long as the field says by now."""
    minutes = float(state.held(f"test_after_{exam_id}") or 0)
    _try(exams.open_exam, exam_id, minutes or None)


def _watch(exam: ExamStatus) -> None:
    """The running attempts; when it closes by itself, the tab is drawn again."""
    try:
        if (who := permissions.instructor()) is None:  # signed out meanwhile
            state.rerun()
        here = {one.id: one for one in exams.of_class(who, exam.class_id)}
        if exam.id not in here or not here[exam.id].open:
            state.rerun()
        _attempts(who, exam)
    except NotAllowed:  # the class was deleted, in another window
        state.rerun()
    except DatabaseAway as away:
        st.warning(words.refusal(away), icon=":material/cloud_off:")


def _names(who: Instructor, exam: ExamStatus) -> Mapping[str, str]:
    """Member id -> name or number, in the order of numbers."""
    return students(gradebook.pupils(who, exam.class_id))


def _attempts(who: Instructor, exam: ExamStatus) -> None:
    """A line for each attempt: how far, since when, how it stands."""
    text, names = words.page("class_tests"), _names(who, exam)
    # Whoever joined between the two looks is there at the next one.
    attempts = [s for s in exams.attempts_at(who, exam.id) if s.member in names]
    order = list(names)  # by number: an order by names would tell hidden ones
    attempts.sort(key=lambda attempt: (order.index(attempt.member), attempt.number))
    if not attempts:
        st.caption(text["nobody"])
        return
    over = sum(attempt.over for attempt in attempts)
    st.caption(
        text["sitting"].format(
            sitting=len(attempts) - over, over=over, all=len(attempts)
        )
    )
    st.dataframe(
        [_line(exam, attempt, names[attempt.member]) for attempt in attempts],
        hide_index=True,
        column_config={
            text["column_done"]: st.column_config.ProgressColumn(
                text["column_done"],
                min_value=0,
                max_value=len(exam.questions),
                format="%d",
            )
        },
    )


def _line(exam: ExamStatus, attempt: AttemptProgress, name: str) -> Mapping[str, Any]:
    text, at = words.page("class_tests"), times.clock_time
    if attempt.handed_in is not None:
        stands = text["handed_in"].format(time=at(attempt.handed_in))
    elif attempt.over:
        stands = text["ended"]
    elif attempt.ends is not None:
        stands = text["until"].format(time=at(attempt.ends))
    else:
        stands = text["under_way"]
    if attempt.extra:
        more = "stands_extra_1" if attempt.extra == 1 else "stands_extra"
        stands = text[more].format(stands=stands, minutes=attempt.extra)
    line: dict[str, Any] = {text["column_name"]: name}
    if exam.allowed > 1:
        line[text["column_number"]] = attempt.number
    return line | {
        text["column_done"]: attempt.answered,
        text["column_begun"]: at(attempt.started),
        text["column_last"]: at(attempt.last) if attempt.last is not None else "",
        text["column_stands"]: stands,
    }


def _questions(exam: ExamStatus) -> None:
    titles = question_language.titles(exam.questions)
    with st.expander(words.page("class_tests")["its_questions"]):
        for number, name in enumerate(exam.questions, 1):
            label = titles[name]
            if is_known(name):
                label = exam_form.label(question_language.question(name))
            st.text(f"{number}. {label}")

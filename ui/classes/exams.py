"""The Exams tab of a class: make, open and close exams, and watch who sits them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from classroom.content import rich
from classroom.escape import escape_markdown
from classroom.exams import exams, gradebook
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import AttemptProgress, ExamPlan, ExamStatus
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import rounds, variants
from classroom.questions.bank import find, is_known
from classroom.questions.question_files import Bank, Question
from classroom.questions.titles import short, title
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.classes import extra_time, marking
from ui.classes.names import students
from ui.kit import cache, state, times, words
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
        for exam in found:
            _exam(who, exam)
        with st.expander(text["new"], icon=":material/add:", expanded=not found):
            _new(class_id)


def _try(act: Callable[..., object], *given: Any) -> None:
    """An act of the instructor who is signed in by now; a refusal is shown."""
    try:
        act(permissions.require_instructor(), *given)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(str(refusal))


# --- a new exam -----------------------------------------------------------------------


def _known() -> Bank:
    """The bank with the own questions of the class that the page is about."""
    return cache.class_bank(state.CLASS.get())


def _rounds() -> dict[str, str]:
    """What questions can be chosen by: the rounds of the quiz, or one by one."""
    known, names = _known(), words.page("quiz").table("rounds")
    found = {"": str(words.page("class_tests")["by_hand"])}
    for name in rounds.rounds(known):
        found[name] = str(names.get(name) or known.topics[name])
    return found


def _of_round(name: str) -> list[str]:
    known = _known()
    may = exams.choosable(known)
    ids = rounds.questions_of(known, name, state.EXAM_SEED.get()) if name else ()
    return [one for one in ids if one in may]


def _take_round() -> None:
    if state.EXAM_ROUND.get():
        state.EXAM_QUESTIONS.set(_of_round(state.EXAM_ROUND.get()))


def _label(question: Question) -> str:
    """A question in a list: its topic, and how it begins."""
    ask = variants.pose(Variant(question.id, 1)).ask
    return f"{_known().topics[question.topic]}: {short(rich.words_of(ask), 70)}"


def _new(class_id: str) -> None:
    """What an exam is to be. Nothing is lost by opening or folding away."""
    text, may = words.page("class_tests"), exams.choosable(_known())
    labels = {name: _label(question) for name, question in may.items()}
    state.EXAM_TITLE.keep_valid()
    st.text_input(
        text["title"],
        max_chars=exams.LONGEST_TITLE,
        placeholder=text["title_example"],
        **state.EXAM_TITLE.widget,
    )
    rounds = _rounds()
    state.EXAM_ROUND.keep_valid()
    st.selectbox(
        text["questions_from"],
        list(rounds),
        format_func=rounds.__getitem__,
        on_change=_take_round,
        **state.EXAM_ROUND.widget,
    )
    state.EXAM_QUESTIONS.keep_valid(
        [name for name in state.EXAM_QUESTIONS.get() or () if name in may]
    )
    st.multiselect(
        text["questions"],
        list(may),
        format_func=labels.__getitem__,
        placeholder=text["choose"],
        help=text["left_out"],
        **state.EXAM_QUESTIONS.widget,
    )
    _how()
    st.button(
        text["make"],
        type="primary",
        icon=":material/add:",
        key="test_make",
        on_click=_make,
        args=(class_id,),
    )


def _how() -> None:
    """Order, minutes, attempts, seed."""
    text = words.page("class_tests")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for key, label, about, least, most in (
            (
                state.EXAM_MINUTES,
                "minutes",
                "minutes_help",
                0,
                exams.MOST_MINUTES,
            ),
            (state.EXAM_ATTEMPTS, "sittings", None, 1, exams.MOST_ATTEMPTS),
            (state.EXAM_SEED, "seed", "seed_help", 1, variants.LAST_SEED),
        ):
            key.keep_valid(min(max(key.get(), least), most))
            st.number_input(
                text[label],
                least,
                most,
                step=1,
                help=text[about] if about else None,
                width=190,
                **key.widget,
            )
    state.EXAM_SHUFFLED.keep_valid()
    st.checkbox(text["shuffled"], **state.EXAM_SHUFFLED.widget)


def _make(class_id: str) -> None:
    minutes = state.EXAM_MINUTES.get()
    plan = ExamPlan(
        state.EXAM_TITLE.get(),
        tuple(state.EXAM_QUESTIONS.get() or ()),
        state.EXAM_SHUFFLED.get(),
        float(minutes) if minutes else None,
        state.EXAM_ATTEMPTS.get(),
        state.EXAM_SEED.get(),
    )
    try:
        exams.create(permissions.require_instructor(), class_id, plan)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(str(refusal))
        return
    state.EXAM_TITLE.set("")
    state.EXAM_QUESTIONS.set([])
    state.EXAM_ROUND.set("")
    state.EXAM_SEED.set(state.EXAM_SEED.get() % variants.LAST_SEED + 1)


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
        st.caption(_about(exam))
        _buttons(who, exam)
        if exam.open:
            st.fragment(_watch, run_every=EVERY)(exam)
        elif exam.opened is not None:
            _attempts(who, exam)
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
        extra_time.show(who, exam)
        with st.popover(text["delete"], icon=":material/delete:"):
            st.markdown(text["delete_sure"])
            st.button(
                text["delete_now"],
                key=f"test_delete_{exam.id}",
                on_click=_try,
                args=(exams.delete_exam, exam.id),
            )


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
        st.warning(str(away), icon=":material/cloud_off:")


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
    with st.expander(words.page("class_tests")["its_questions"]):
        for number, name in enumerate(exam.questions, 1):
            label = _label(find(name)) if is_known(name) else title(name)
            st.text(f"{number}. {label}")

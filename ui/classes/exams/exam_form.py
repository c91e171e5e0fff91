"""The form of a test: a new one, or one that is changed before it opens."""

from __future__ import annotations

import streamlit as st

from classroom.content import rich
from classroom.exams import exams
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamPlan, ExamStatus
from classroom.people.roles import NotAllowed
from classroom.questions import levels, rounds, variants
from classroom.questions.question_files import Bank, Question
from classroom.questions.titles import short
from classroom.questions.variants import Variant
from store.database import DatabaseAway
from ui.kit import cache, state, words
from ui.kit.questions import question_language
from ui.session import permissions


def known() -> Bank:
    """The bank with the class's own questions, in the page's language."""
    return question_language.beside(cache.class_bank(state.CLASS.get()))


def label(question: Question) -> str:
    """A question in a list: its topic, level, and how it begins."""
    ask = question_language.pose(Variant(question.id, 1)).ask
    names = words.page("class_tests").table("level")
    level = f" ({names[question.level]})" if question.level else ""
    return f"{known().topics[question.topic]}{level}: {short(rich.words_of(ask), 70)}"


def level_line(questions: tuple[str, ...]) -> str:
    """How many questions of a test are on each level, in one line."""
    text = words.page("class_tests")
    names = text.table("level")
    parts = [
        f"{names[level or 'none']} {number}"
        for level, number in levels.count(questions).items()
    ]
    return text["levels"].format(levels=", ".join(parts))


def show(class_id: str, found: list[ExamStatus]) -> None:
    """What an exam is to be. Nothing is lost by opening or folding away."""
    text, may = words.page("class_tests"), exams.choosable(known())
    labels = {name: label(question) for name, question in may.items()}
    editing = edited(found)
    if editing is None:
        state.EXAM_EDITED.set("")  # opened or deleted meanwhile, or of another class
    state.EXAM_TITLE.keep_valid()
    st.text_input(
        text["title"],
        max_chars=exams.LONGEST_TITLE,
        placeholder=text["title_example"],
        **state.EXAM_TITLE.widget,
    )
    from_rounds = _rounds()
    state.EXAM_ROUND.keep_valid()
    st.selectbox(
        text["questions_from"],
        list(from_rounds),
        format_func=from_rounds.__getitem__,
        on_change=_take_round,
        **state.EXAM_ROUND.widget,
    )
    state.EXAM_QUESTIONS.keep_valid(
        [name for name in state.EXAM_QUESTIONS.get() or () if name in may]
    )
    chosen = st.multiselect(
        text["questions"],
        list(may),
        format_func=labels.__getitem__,
        placeholder=text["choose"],
        help=text["left_out"],
        **state.EXAM_QUESTIONS.widget,
    )
    if chosen:
        st.caption(level_line(tuple(chosen)))
    _how()
    with st.container(horizontal=True, gap="small"):
        st.button(
            text["make" if editing is None else "keep"],
            type="primary",
            icon=":material/add:" if editing is None else ":material/save:",
            key="test_make",
            on_click=_make,
            args=(class_id,),
        )
        if editing is not None:
            st.button(text["keep_not"], key="test_keep_not", on_click=_clear)


def edited(found: list[ExamStatus]) -> ExamStatus | None:
    """The exam that is being changed; None: a new one is made."""
    here = (exam for exam in found if exam.id == state.EXAM_EDITED.get())
    exam = next(here, None)
    return exam if exam is not None and exam.opened is None else None


def _rounds() -> dict[str, str]:
    """What questions can be chosen by: the rounds of the quiz, or one by one."""
    bank, names = known(), words.page("quiz").table("rounds")
    found = {"": str(words.page("class_tests")["by_hand"])}
    for name in rounds.rounds(bank):
        found[name] = str(names.get(name) or bank.topics[name])
    return found


def _of_round(name: str) -> list[str]:
    bank = known()
    may = exams.choosable(bank)
    ids = rounds.questions_of(bank, name, state.EXAM_SEED.get()) if name else ()
    return [one for one in ids if one in may]


def _take_round() -> None:
    if state.EXAM_ROUND.get():
        state.EXAM_QUESTIONS.set(_of_round(state.EXAM_ROUND.get()))


def _how() -> None:
    """Order, minutes, attempts, seed."""
    text = words.page("class_tests")
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        for key, name, about, least, most in (
            (state.EXAM_MINUTES, "minutes", "minutes_help", 0, exams.MOST_MINUTES),
            (state.EXAM_ATTEMPTS, "sittings", None, 1, exams.MOST_ATTEMPTS),
            (state.EXAM_SEED, "seed", "seed_help", 1, variants.LAST_SEED),
        ):
            key.keep_valid(min(max(key.get(), least), most))
            st.number_input(
                text[name],
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
    """Makes the exam, or keeps the changes to the one that is edited."""
    minutes, edited = state.EXAM_MINUTES.get(), state.EXAM_EDITED.get()
    plan = ExamPlan(
        state.EXAM_TITLE.get(),
        tuple(state.EXAM_QUESTIONS.get() or ()),
        state.EXAM_SHUFFLED.get(),
        float(minutes) if minutes else None,
        state.EXAM_ATTEMPTS.get(),
        state.EXAM_SEED.get(),
    )
    try:
        who = permissions.require_instructor()
        if edited:
            exams.edit(who, edited, plan)
        else:
            exams.create(who, class_id, plan)
    except (ExamRefused, NotAllowed, DatabaseAway) as refusal:
        state.EXAM_MESSAGE.set(words.refusal(refusal))
        return
    _clear()


def _clear() -> None:
    """The form is ready for a new exam, with the next seed."""
    state.EXAM_EDITED.set("")
    state.EXAM_TITLE.set("")
    state.EXAM_QUESTIONS.set([])
    state.EXAM_ROUND.set("")
    state.EXAM_SEED.set(state.EXAM_SEED.get() % variants.LAST_SEED + 1)


def edit(exam: ExamStatus) -> None:
    """Takes an exam into the form."""
    state.EXAM_EDITED.set(exam.id)
    state.EXAM_TITLE.set(exam.title)
    state.EXAM_ROUND.set("")
    state.EXAM_QUESTIONS.set(list(exam.questions))
    state.EXAM_MINUTES.set(int(exam.minutes or 0))
    state.EXAM_ATTEMPTS.set(exam.allowed)
    state.EXAM_SEED.set(exam.seed)
    state.EXAM_SHUFFLED.set(exam.shuffled)

"""Moving through the lesson: keys, buttons, contents, and how far one has come."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from classroom.exams import tallies
from classroom.people.classes import ClassNow
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui.following import languages
from ui.kit import state
from ui.kit.components import keys as keyboard
from ui.lesson.lesson_view import LessonView
from ui.session import permissions

Role = Literal["read", "present", "notes"]

# How far a step's question is: it lies over what is presented, then what the class has
# answered, then its answer; at last that is known, and lies over nothing any more.
HIDDEN, ASKED, ANSWERED, REVEALED, KNOWN = range(5)
# What Q, and the button of that name, make of each of them.
ASK = (ASKED, HIDDEN, HIDDEN, KNOWN, REVEALED)


def go(view: LessonView, place: int, revealed: bool = False) -> None:
    """To a step, its answer hidden unless `revealed`."""
    state.STEP.set(view.lesson.steps[place].slug)
    state.ASKS.set(0)
    reveal(revealed)


def _led(view: LessonView) -> ClassNow | None:
    """The class that goes where the visitor goes."""
    return view.part.course if view.part is not None and view.part.leads else None


def stage(view: LessonView) -> int:
    """How far the question of the visitor's step is."""
    if state.REVEAL.get():
        return REVEALED if state.ASKS.get() else KNOWN
    course = _led(view)
    if course is not None and state.CLASS_ANSWERS.get() == answers_of(view, course):
        return ANSWERED
    return ASKED if state.ASKS.get() else HIDDEN


def set_stage(view: LessonView, wanted: int) -> None:
    """Shows the question, its class's answers, or its answer: no more than that."""
    course = _led(view)
    if course is not None:
        shown = wanted >= ANSWERED
        state.CLASS_ANSWERS.set(answers_of(view, course) if shown else "")
    reveal(wanted >= REVEALED)
    state.ASKS.set(int(_lies_over() and ASKED <= wanted <= REVEALED))


def ask(view: LessonView) -> None:
    """Shows the question, or takes it away; what was revealed stays so."""
    set_stage(view, ASK[stage(view)])


def _lies_over() -> bool:
    """Whether the question lies over the step: on a projector, led by the notes."""
    return bool(state.PRESENT.get() or state.NOTES.get())


def reveal(wanted: bool) -> None:
    """Shows the answer, or hides it."""
    state.REVEAL.set(int(wanted))
    if wanted and _lies_over():
        state.ASKS.set(1)


def answers_of(view: LessonView, course: ClassNow) -> str:
    """What `state.CLASS_ANSWERS` is while the answers to this question are shown."""
    return f"{course.id} {view.step.slug} {course.asked}"


def reveal_or_class(view: LessonView, wanted: bool) -> None:
    """Who leads shows what the class has answered first, and then the answer."""
    course = view.part.course if view.part is not None else None
    if course is not None and wanted and not state.REVEAL.get():
        out = answers_of(view, course)
        if state.CLASS_ANSWERS.get() != out and _has_answered(view, course):
            state.CLASS_ANSWERS.set(out)
            return
    reveal(wanted)


def _has_answered(view: LessonView, course: ClassNow) -> bool:
    """Whether there is an answer of the class to show."""
    try:
        who = permissions.require_instructor()
        asked = tallies.of_step(who, course.id, view.thought.variant.question)
    except (DatabaseAway, NotAllowed):
        return False
    return course.asked in asked


def _go_or_ask(view: LessonView, wanted: keyboard.Wanted) -> None:
    """What a key asks for: another step, or how far this one's question is."""
    there = view.at_step(wanted.place)
    if wanted.place == view.at and there.thought.waits_for_class:
        return
    if wanted.place == view.at and not wanted.exact and _led(view) is not None:
        # The key knows of hidden and revealed alone; what is between them, the page.
        reveals = not state.REVEAL.get()
        state.ASKS.set(int(reveals))
        reveal_or_class(view, reveals)
        return
    go(view, wanted.place)
    if wanted.stage != HIDDEN:
        set_stage(there, wanted.stage)


def keys(view: LessonView, role: Role) -> None:
    """The keys of the lesson, in this window and in the presenter's other one."""
    leads = _led(view) is not None
    joins = leads and role != "notes"
    hint = "class_join_keys" if joins else "keys"
    keyboard.keys(
        keyboard.KeyTexts(
            view.word(hint if role == "read" else f"{hint}_present"),
            on=view.word("keys_on"),
            off=view.word("keys_off"),
        ),
        keyboard.Shown(view.at, view.last, stage(view), role, leads, ASK),
        key="lesson_keys",
        on_request=lambda wanted: _go_or_ask(view, wanted),
        on_join=(lambda: state.JOIN.set(True)) if joins else None,
    )


def buttons(view: LessonView) -> None:
    """To the step before and the next one."""
    with st.container(horizontal=True, gap="small", width="content"):
        st.button(
            view.word("previous"),
            on_click=go,
            args=(view, view.at - 1),
            disabled=view.at == 0,
            icon=":material/arrow_back:",
            key="previous_step",
        )
        st.button(
            view.word("next"),
            on_click=go,
            args=(view, view.at + 1),
            disabled=view.at == view.last,
            icon=":material/arrow_forward:",
            icon_position="right",
            key="next_step",
        )


def progress(view: LessonView) -> None:
    """How far one has come in the part that the step belongs to."""
    part = view.lesson_part
    number, count = view.at - part.first + 1, len(part.steps)
    st.progress(
        number / count,
        text=view.word(
            "of",
            part=part.number,
            parts=len(view.lesson.parts),
            title=view.part_words(part)["title"],
            number=number,
            count=count,
        ),
    )


def _contents(view: LessonView) -> None:
    """All steps, to choose from."""
    titles = {
        step.slug: f"{number}. {step.title}"
        for number, step in enumerate(view.lesson.steps, 1)
    }
    state.STEP.keep_valid()
    st.selectbox(
        view.word("step"),
        list(titles),
        format_func=titles.__getitem__,
        on_change=reveal,
        args=(False,),
        **state.STEP.widget,
    )


def choices(view: LessonView) -> None:
    """Another step, another language, or the whole of it for a class."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=400):
            _contents(view)
        with st.container(width="content"):
            languages.switch()
        st.button(
            view.word("present"),
            on_click=state.PRESENT.set,
            args=(1,),
            icon=":material/present_to_all:",
            key="begin",
        )
    languages.note()

"""Moving through the lesson: keys, buttons, contents, and how far one has come."""

from __future__ import annotations

from typing import Literal

import streamlit as st

from ui.following import languages
from ui.kit import state
from ui.kit.components import keys as keyboard
from ui.lesson.opened import Opened

Role = Literal["read", "present", "notes"]


def go(opened: Opened, place: int, revealed: bool = False) -> None:
    """To a step, its answer hidden unless `revealed`."""
    state.STEP.set(opened.lesson.steps[place].slug)
    reveal(revealed)


def reveal(wanted: bool) -> None:
    state.REVEAL.set(int(wanted))


def keys(opened: Opened, role: Role) -> None:
    leads = opened.part is not None and opened.part.leads
    keyboard.keys(
        keyboard.KeyTexts(
            opened.word("class_join_keys" if leads else "keys"),
            on=opened.word("keys_on"),
            off=opened.word("keys_off"),
        ),
        key="lesson_keys",
        at=opened.at,
        last=opened.last,
        revealed=bool(state.REVEAL.get()),
        role=role,
        on_request=lambda place, revealed: go(opened, place, revealed),
        on_join=(lambda: state.JOIN.set(True)) if leads else None,
    )


def buttons(opened: Opened) -> None:
    """To the step before and the next one."""
    with st.container(horizontal=True, gap="small"):
        st.button(
            opened.word("previous"),
            on_click=go,
            args=(opened, opened.at - 1),
            disabled=opened.at == 0,
            icon=":material/arrow_back:",
            key="previous_step",
        )
        st.button(
            opened.word("next"),
            on_click=go,
            args=(opened, opened.at + 1),
            disabled=opened.at == opened.last,
            icon=":material/arrow_forward:",
            icon_position="right",
            key="next_step",
        )


def progress(opened: Opened) -> None:
    text = opened.word("of", number=opened.at + 1, count=opened.last + 1)
    st.progress((opened.at + 1) / (opened.last + 1), text=text)


def _contents(opened: Opened) -> None:
    """All steps, to choose from."""
    titles = {
        step.slug: f"{number}. {step.title}"
        for number, step in enumerate(opened.lesson.steps, 1)
    }
    state.STEP.keep_valid()
    st.selectbox(
        opened.word("step"),
        list(titles),
        format_func=titles.__getitem__,
        on_change=reveal,
        args=(False,),
        **state.STEP.widget,
    )


def choices(opened: Opened) -> None:
    """Another step, another language, or the whole of it for a class."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        with st.container(width=400):
            _contents(opened)
        with st.container(width="content"):
            languages.switch()
        st.button(
            opened.word("present"),
            on_click=state.PRESENT.set,
            args=(1,),
            icon=":material/present_to_all:",
            key="begin",
        )
    languages.note()

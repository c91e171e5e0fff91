"""The parts of a step: words, live thing, question, and what leads on from it."""

from __future__ import annotations

from typing import Any

import streamlit as st

from ui import script
from ui.kit import state, widgets, words
from ui.lesson import glossary, moves
from ui.lesson.live import LIVE
from ui.lesson.live.parts import LiveText
from ui.lesson.opened import Opened, cited


def _missing(opened: Opened) -> None:
    if opened.step.language != opened.lesson.language:
        text = opened.word("missing", language=opened.lesson.name)
        st.info(text, icon=":material/translate:")


def _live(opened: Opened) -> None:
    name = opened.step.live
    live = words.of_lesson(opened.lesson.language).table("live")
    texts = live.table(name) if name in live else words.PageWords({}, name)
    LIVE[name](LiveText(opened.lesson, opened.known, texts))


def _words(opened: Opened) -> None:
    _missing(opened)
    st.markdown(opened.shown.body)


def _question(opened: Opened) -> None:
    """The question, and its answer once it is asked for."""
    shown = bool(state.REVEAL.get())
    with st.container(border=True):
        st.markdown(f"**{opened.word('question')}**")
        st.markdown(opened.shown.question)
        if shown:
            st.markdown(f"**{opened.word('answer')}**")
            st.markdown(opened.shown.answer)
        st.button(
            opened.word("hide" if shown else "reveal"),
            on_click=moves.reveal,
            args=(not shown,),
            icon=":material/visibility_off:" if shown else ":material/visibility:",
            key="reveal_answer",
        )


def doors(opened: Opened) -> None:
    """Pages that go deeper."""
    if not opened.step.doors:
        return
    st.markdown(f"**{opened.word('deeper')}**")
    with st.container(horizontal=True, gap="small"):
        for door in opened.step.doors:
            text = words.page(door.page)
            st.page_link(
                script(door.page),
                label=text["title"],
                icon=text["icon"],
                query_params=dict(door.query),
            )


def glossary_of_step(opened: Opened, heading: Any, *texts: str) -> None:
    """The glossary's words that texts of a step use: where links in them lead.

    The heading is one level below the step's title.
    """
    used = opened.finder.used(texts)
    if not used:
        return
    heading(opened.word("glossary"), anchor="words")
    st.markdown(glossary.definitions(opened.lesson, opened.known, used))


def words_of_step(opened: Opened, heading: Any) -> None:
    """Those of the step itself, the answer's only once it is shown."""
    step = opened.step
    answer = (step.answer,) if state.REVEAL.get() else ()
    glossary_of_step(opened, heading, step.body, step.question, *answer)


def show(opened: Opened) -> None:
    """Words, live thing and question; side by side where the live thing is narrow."""
    if opened.step.wide:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _words(opened)
        with right:
            _question(opened)
        _live(opened)
    else:
        left, right = st.columns([2, 3], gap="large")
        with left:
            _words(opened)
            _question(opened)
        with right:
            _live(opened)


def entitle(opened: Opened) -> None:
    """The step's title in the browser's tab."""
    title = words.page("lesson")["title"]
    st.set_page_config(page_title=f"{opened.step.title} · {title} · {widgets.LAB}")


def sources(opened: Opened) -> None:
    """Where it is from, a line each."""
    lines = [
        f"- :small[{cited(opened.lesson, source)}]" for source in opened.step.sources
    ]
    st.markdown("\n".join([f"**{opened.word('sources')}**", "", *lines]))


def all_words(opened: Opened) -> None:
    """The way to all words and sources of the lesson."""
    st.page_link(
        script("claims"),
        label=opened.word("all_words"),
        icon=":material/fact_check:",
    )

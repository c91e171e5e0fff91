"""A step on a projector: all of it in one window, its question over what is live."""

from __future__ import annotations

import streamlit as st

from classroom.content import lesson
from ui.following import follow
from ui.kit import widgets
from ui.kit.components import fit
from ui.lesson import navigation, presenter, step, think
from ui.lesson.lesson_view import LessonView

LIVE, QUESTION = "slide_live", "slide_question"


def show(view: LessonView) -> None:
    """Title, slide, live thing and a row of controls; the question when it is asked."""
    with st.container(key="presented"), widgets.language(view.lesson.language):
        with (
            st.container(key="slide_head"),
            widgets.language(view.step.language, "title"),
        ):
            st.title(view.step.title, anchor=False)
        with (
            st.container(key="slide_words"),
            widgets.language(view.step.language, "slide"),
        ):
            step.missing(view)
            st.markdown(view.markdown(lesson.without_marks(view.step.slide)))
        with (
            st.container(key=LIVE),
            st.container(key=f"{LIVE}_fit"),
            widgets.language(view.step.language, "live"),
        ):
            if think.is_covered(view):
                think.panel(view)
            else:
                step.draw_live(view, presented=True)
        with st.container(key="slide_foot"):
            _foot(view)
        fit.fit([LIVE, QUESTION], key="fit")
        # Last: what comes and goes would move what is below it.
        if is_asked(view) and not think.is_covered(view):
            _question(view)


def is_asked(view: LessonView) -> bool:
    """Whether the question lies over the step."""
    return navigation.stage(view) not in (navigation.HIDDEN, navigation.KNOWN)


def _question(view: LessonView) -> None:
    with (
        st.container(key="slide_over"),
        st.container(key=QUESTION),
        st.container(key=f"{QUESTION}_fit"),
        widgets.language(view.step.language, "question"),
    ):
        think.panel(view)


def _foot(view: LessonView) -> None:
    """Steps, the question, and what else the presenter needs; the class below it."""
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        navigation.buttons(view)
        st.markdown(f"{view.at + 1} / {view.last + 1}", width="content")
        asked = is_asked(view)
        st.button(
            view.word("ask_close" if asked else "ask"),
            on_click=navigation.ask,
            args=(view,),
            disabled=think.is_covered(view),
            icon=":material/close:" if asked else ":material/contact_support:",
            key="ask_question",
        )
        presenter.buttons(view)
        navigation.keys(view, "present")
    follow.bar(view.part)

"""The parts of a step: words, live thing, question, and what leads on from it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st

from classroom.questions import bank
from classroom.questions.follow_up import follow_up
from classroom.questions.question_files import Bank, Question
from classroom.questions.variants import Variant
from ui import script
from ui.kit import widgets, words
from ui.lesson import glossary, think
from ui.lesson.lesson_view import LessonView, cited
from ui.lesson.live import LIVE
from ui.lesson.live.parts import LiveText


def missing(view: LessonView) -> None:
    if view.step.language != view.lesson.language:
        text = view.word("missing", language=view.lesson.name)
        st.info(text, icon=":material/translate:")


def _live(view: LessonView) -> None:
    if not think.cover(view):
        draw_live(view)


def draw_live(view: LessonView, *, presented: bool = False) -> None:
    """What is live in the step; presented, without what does not fit a window."""
    name = view.step.live
    live = words.of_lesson(view.lesson.language).table("live")
    texts = live.table(name) if name in live else words.PageWords({}, name)
    shown = view.thought.shown
    LIVE[name](LiveText(view.lesson, view.known, texts, presented, shown))


def _words(view: LessonView) -> None:
    missing(view)
    st.markdown(view.shown.body)


def _practise(view: LessonView) -> None:
    """Questions of the quiz: of this step, of an earlier one, and what was missed."""
    known = bank.bank(view.lesson.language)
    steps = [step.slug for step in view.lesson.steps]
    found = follow_up(known, steps, view.step.slug)
    titles = words.of_lesson(view.lesson.language).table("exercises")
    st.markdown(f"**{view.word('practise')}**")
    with st.container(horizontal=True, gap="small"):
        for question in found:
            label = question.title
            if question.lesson in titles:
                label = titles[question.lesson].format(title=label)
            _question_link(question, label)
        if (again := _again(view, known, found)) is not None:
            question = known.questions[again.question]
            label = view.word("again", title=question.title)
            _question_link(question, label, seed=str(again.seed))


def _again(view: LessonView, known: Bank, found: Sequence[Question]) -> Variant | None:
    """What was missed and waits longest, unless it is asked here anyway."""
    progress = view.thought.progress
    if progress is None:
        return None
    others = known.questions.keys() - {question.id for question in found}
    return next((one for one in progress.due if one.question in others), None)


def _question_link(question: Question, label: str, **more: str) -> None:
    where = {"round": question.topic, "question": question.id, **more}
    icon = ":material/replay:" if more else ":material/quiz:"
    st.page_link(script("quiz"), label=label, icon=icon, query_params=where)


def doors(view: LessonView) -> None:
    """Questions to practise, and pages that go deeper."""
    _practise(view)
    if not view.step.doors:
        return
    st.markdown(f"**{view.word('deeper')}**")
    with st.container(horizontal=True, gap="small"):
        for door in view.step.doors:
            text = words.page(door.page)
            st.page_link(
                script(door.page),
                label=text["title"],
                icon=text["icon"],
                query_params=dict(door.query),
            )


def glossary_of_step(view: LessonView, heading: Any, *texts: str) -> None:
    """The glossary's words that texts of a step use: where links in them lead.

    The heading is one level below the step's title.
    """
    used = view.finder.used(texts)
    if not used:
        return
    heading(view.word("glossary"), anchor="words")
    st.markdown(glossary.definitions(view.lesson, view.known, used))


def words_of_step(view: LessonView, heading: Any) -> None:
    """Those of the step itself, the answer's only once it is shown."""
    step = view.step
    answer = (step.answer,) if view.thought.shown else ()
    glossary_of_step(view, heading, step.body, step.question, *answer)


def show(view: LessonView) -> None:
    """Words, live thing and question; side by side where the live thing is narrow.

    Who follows a class has the question first: on a phone it is in view at once.
    """
    if view.is_led:
        think.panel(view)
        _words(view)
        _live(view)
    elif view.step.wide:
        left, right = st.columns([3, 2], gap="large")
        with left:
            _words(view)
        with right:
            think.panel(view)
        _live(view)
    else:
        left, right = st.columns([2, 3], gap="large")
        with left:
            _words(view)
            think.panel(view)
        with right:
            _live(view)


def entitle(view: LessonView) -> None:
    """The step's title in the browser's tab."""
    title = words.page("lesson")["title"]
    st.set_page_config(page_title=f"{view.step.title} · {title} · {widgets.LAB}")


def sources(view: LessonView) -> None:
    """Where it is from, a line each."""
    lines = [f"- :small[{cited(view.lesson, source)}]" for source in view.step.sources]
    st.markdown("\n".join([f"**{view.word('sources')}**", "", *lines]))


def all_words(view: LessonView) -> None:
    """The way to all words and sources of the lesson."""
    st.page_link(
        script("claims"),
        label=view.word("all_words"),
        icon=":material/fact_check:",
    )

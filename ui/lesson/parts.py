"""The lesson's parts: how far one has come in each, and where one ends."""

from __future__ import annotations

import streamlit as st

from classroom.content.lesson_parts import LessonPart
from classroom.questions import lesson_questions
from classroom.questions.rounds import part_round
from classroom.questions.variants import Variant
from ui import script
from ui.lesson import navigation
from ui.lesson.lesson_view import LessonView
from ui.lesson.thought import Thought


def choices(view: LessonView) -> None:
    """Another step, language or part, or the whole of it for a class."""
    navigation.choices(view)
    _overview(view)


def buttons(view: LessonView) -> None:
    """To the step before and the next one; at the end of a part, what it covered."""
    navigation.buttons(view)
    _end(view)


def _overview(view: LessonView) -> None:
    """The way to each part, and how many of its questions are answered."""
    with st.container(horizontal=True, gap="small", key="lesson_parts"):
        for part in view.lesson.parts:
            st.button(
                _label(view, part),
                on_click=navigation.go,
                args=(view, part.first),
                type="primary" if part == view.lesson_part else "secondary",
                key=f"part_{part.name}",
            )


def _label(view: LessonView, part: LessonPart) -> str:
    said = {"number": part.number, "title": view.part_words(part)["title"]}
    if view.thought.leads is not None:  # who leads answers nothing
        return view.word("part_button", **said)
    answered = sum(_is_answered(view, step) for step in part.steps)
    count = len(part.steps)
    return view.word("part_answered", **said, answered=answered, count=count)


def _is_answered(view: LessonView, step: str) -> bool:
    """Whether the visitor has answered a step's question, however often it is asked."""
    if step == view.step.slug:
        return view.thought.answered
    variant = Variant(lesson_questions.name_of(step), 1)
    return Thought(variant, view.part, view.thought.progress).answered


def _end(view: LessonView) -> None:
    """After the last step of a part: what it has covered, and where to go on."""
    part = view.lesson_part
    if view.at != part.last:
        return
    with st.container(border=True, key="part_end"):
        st.markdown(f"**{view.word('part_ends', number=part.number)}**")
        st.markdown(view.part_words(part)["covered"])
        with st.container(horizontal=True, gap="small"):
            st.page_link(
                script("quiz"),
                label=view.word("part_quiz"),
                icon=":material/quiz:",
                query_params={"round": part_round(part.number)},
            )
            if view.at < view.last:
                onward = view.lesson.parts[part.number]
                st.button(
                    view.word(
                        "part_next",
                        number=onward.number,
                        title=view.part_words(onward)["title"],
                    ),
                    on_click=navigation.go,
                    args=(view, onward.first),
                    icon=":material/arrow_forward:",
                    key="next_part",
                )

"""In which language a student reads: the switch, and how much of what it changes."""

from __future__ import annotations

import streamlit as st

from classroom import lesson, questions
from ui import class_follow, state, widgets


def _said(language: str, words: dict[str, str]) -> str:
    """How much there is in a language."""
    found, asked = lesson.load(language), questions.bank()
    if language in questions.languages():
        asked = questions.bank(language)
    steps = [step.language == language for step in found.steps]
    quiz = [question.language == language for question in asked.questions.values()]
    name = "language_all" if all([*steps, *quiz]) else "language_part"
    return words[name].format(
        language=found.name,
        steps=sum(steps),
        all_steps=len(steps),
        questions=sum(quiz),
        all_questions=len(quiz),
    )


def switch() -> None:
    """The languages there are, and how much is translated, if there is another.

    Who follows a class that has a language reads in that one.
    """
    names = {name: lesson.load(name).name for name in lesson.languages()}
    if len(names) < 2:
        return
    if state.LANGUAGE.get() not in names:
        state.LANGUAGE.set(state.LANGUAGE.default)
    words = dict(lesson.load(state.LANGUAGE.get()).words)
    klass = class_follow.follows()
    is_led = klass is not None and klass.language in names
    others = [name for name in names if name != lesson.DEFAULT]
    said = [_said(name, words) for name in others]
    said += [words["language_class"]] if is_led else []
    widgets.choice(
        state.LANGUAGE,
        words["language"],
        names,
        say="\n\n".join(said),
        disabled=is_led,
    )


def note() -> None:
    """How much there is in the language that was chosen, if it is not English."""
    chosen = state.LANGUAGE.get()
    if chosen != lesson.DEFAULT and chosen in lesson.languages():
        st.caption(_said(chosen, dict(lesson.load(chosen).words)))

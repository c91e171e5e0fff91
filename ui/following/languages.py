"""In which language a visitor reads: the switch, and what it changes."""

from __future__ import annotations

import streamlit as st

from classroom.content import lesson
from ui.following import follow
from ui.kit import state, widgets, words


def _pages_note(language: str, spoken: str) -> str:
    """What there is in a language, told in another or the same."""
    template = words.of_lesson(spoken)["language_pages"]
    return template.format(language=lesson.load(language).name)


def switch() -> None:
    """The languages there are, and what is translated, if there is another.

    Who follows a class that has a language reads in that one.
    """
    names = {name: lesson.load(name).name for name in lesson.languages()}
    if len(names) < 2:
        return
    if state.LANGUAGE.get() not in names:
        state.LANGUAGE.set(state.LANGUAGE.default)
    chosen = state.LANGUAGE.get()
    text = words.of_lesson(chosen)
    course = follow.follows()
    is_led = course is not None and course.language in names
    others = [name for name in names if name != lesson.DEFAULT]
    notes = [_pages_note(name, chosen) for name in others]
    notes += [text["language_class"]] if is_led else []
    widgets.choice(
        state.LANGUAGE,
        text["language"],
        names,
        help_text="\n\n".join(notes),
        disabled=is_led,
    )


def note() -> None:
    """What there is in the language that was chosen, if it is not English."""
    chosen = state.LANGUAGE.get()
    if chosen != lesson.DEFAULT and chosen in lesson.languages():
        st.caption(_pages_note(chosen, chosen))

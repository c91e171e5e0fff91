"""The tabs about a class, each drawn while it is open."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from classroom.content import lesson
from classroom.people.roles import Instructor
from ui.classes import inventory, overview
from ui.classes.bank import bank
from ui.classes.exams import exams
from ui.classes.results import answers, gradebook, predictions
from ui.kit import state, words
from ui.session import account, presented

# What a tab shows: the instructor, and the id of the class.
Tab = Callable[[Instructor, str], None]

# Tabs of the page, in their order: what stands on each, and what it shows.
TABS: list[tuple[str, Tab]] = [
    ("tab_class", lambda _, class_id: overview.overview(class_id)),
    ("tab_answers", answers.show),
    ("tab_predictions", predictions.show),
    ("tab_tests", exams.show),
    ("tab_inventory", inventory.show),
    ("tab_gradebook", gradebook.show),
    ("tab_questions", lambda who, _: bank.show(who)),
    ("tab_account", lambda who, _: account.show(who)),
]


def _labels(language: str) -> list[str]:
    text = words.page("class", language)
    return [text[name] for name, _ in TABS]


def _keep_open(labels: list[str]) -> None:
    """The tab that was open in another language stays open: its label is its value."""
    for language in lesson.languages():
        known = _labels(language)
        if state.TAB.get() in known:
            state.TAB.set(labels[known.index(state.TAB.get())])
            return


def show(who: Instructor, class_id: str) -> None:
    """All tabs about a class; on a projector, how to join it alone."""
    if presented.is_presented("class"):
        overview.overview(class_id)
        return
    labels = _labels(words.language())
    _keep_open(labels)
    shown = st.tabs(labels, key=state.TAB.name, on_change="rerun")
    for tab, (_, draw) in zip(shown, TABS, strict=True):
        if tab.open:  # the others cost nothing
            with tab:
                draw(who, class_id)

"""Pages on a projector, beside the lesson's steps: large, without menus and sidebar."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from store.database import DatabaseAway
from ui.kit import sections, state, widgets, words
from ui.session import permissions

# A step of the lesson has a layout of its own: `ui.lesson.presented`.
PAGES = (*sections.PAGES["experiments"], *sections.PAGES[sections.TOGETHER], "class")


def is_presented(page: str) -> bool:
    """Whether the page is on a projector now."""
    return page in PAGES and bool(state.PRESENT.get())


@contextmanager
def window(page: str) -> Iterator[None]:
    """What is drawn of the page: on a projector large, with a way out beside it."""
    if page not in PAGES:
        yield
        return
    if is_presented(page):
        with st.container(key="presented_page"):
            yield
        _button(page, "leave", 0, ":material/close_fullscreen:")
        return
    if _is_instructor():
        _button(page, "present", 1, ":material/present_to_all:")
    yield


def _is_instructor() -> bool:
    """Whether who looks has signed in; a cookie alone says nothing."""
    try:
        return permissions.instructor() is not None
    except DatabaseAway:
        return False


def _button(page: str, name: str, wanted: int, icon: str) -> None:
    text = words.page("menu", words.visitors_language())
    with (
        st.container(key=f"{name}_page", width="content"),
        widgets.language(words.visitors_language(), name),
    ):
        st.button(
            text[name],
            on_click=state.PRESENT.set,
            args=(wanted,),
            icon=icon,
            key=f"{name}_{page}",
        )

"""Pages on a projector, beside the lesson's steps: large, without menus and sidebar."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from store.database import DatabaseAway
from ui.kit import sections, state, widgets, words
from ui.kit.components import fit
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


def parts(page: str, titles: Mapping[str, str]) -> dict[str, DeltaGenerator]:
    """Containers for the parts of a page, by name, in the order of their titles.

    One below the other; on a projector each is a tab, as large as the window lets it.
    """
    if not is_presented(page):
        return {name: st.container() for name in titles}
    found = {}
    for name, tab in zip(titles, st.tabs(list(titles.values())), strict=True):
        with tab, st.container(key=f"part_{name}"):
            found[name] = st.container(key=f"part_{name}_fit")
    fit.fit([f"part_{name}" for name in titles], key="fit_parts", to_the_end=True)
    return found


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

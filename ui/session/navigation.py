"""The way round: the menu, the row of a section's pages, what leads on at the end."""

from __future__ import annotations

from copy import copy
from functools import lru_cache

import streamlit as st

from ui import script
from ui.kit import sections, state, widgets, words
from ui.session import permissions

# The choices that go along from one page of a section to the next, in its address too:
# a link that is opened in a new window starts a new session.
GOES_ALONG = (state.PICTURE, state.WEIGHTS)


def _words(language: str | None = None) -> words.PageWords:
    return words.page("menu", language)


def _entries(at: str) -> set[str]:
    """The pages that the menu's entries open for who is at a page."""
    is_instructor = bool(permissions.session_token())
    return {
        sections.entry(section, at, is_instructor=is_instructor)
        for section in sections.PAGES
        if section not in sections.NO_ENTRY
    }


def _page(name: str, section: str, entries: set[str], language: str) -> st.Page:
    is_entry = name in entries
    text = words.page(name, language)
    shown = _words(language).table("menu", section) if is_entry else text
    # `st.navigation` marks the page that is asked for: each run has its own.
    return copy(_built(name, shown["title"], shown["icon"], is_entry))


@lru_cache(maxsize=512)
def _built(name: str, title: str, icon: str, is_entry: bool) -> st.Page:
    """Once for all visitors: to make one, Streamlit looks at the disk."""
    return st.Page(
        script(name),
        title=title,
        icon=icon,
        url_path=name.replace("_", "-"),
        default=name == "home",
        visibility="visible" if is_entry else "hidden",
    )


def _navigation(entries: set[str]) -> st.Page:
    language = words.visitors_language()
    return st.navigation(
        [
            _page(name, section, entries, language)
            for section, names in sections.PAGES.items()
            for name in names
        ],
        expanded=True,
    )


def name_of(page: st.Page) -> str:
    """A page's name in the code."""
    return page.url_path.replace("-", "_") or "home"


def menu() -> st.Page:
    """The page that is asked for; its section's entry in the menu leads to it.

    Only `st.navigation` tells which page that is. Where the menu of the page before is
    another one, it is sent once more.
    """
    entries = _entries(state.page())
    page = _navigation(entries)
    wanted = _entries(name_of(page))
    return page if wanted == entries else _navigation(wanted)


def row(page: str) -> None:
    """Links to all pages of a section, the one at hand marked."""
    section = sections.section_of(page)
    names = sections.PAGES[section]
    if section in sections.NO_ENTRY or len(names) == 1:
        return
    with (
        widgets.language(words.language(), "section"),
        st.container(horizontal=True, gap="small", key="section"),
    ):
        for name in names:
            _link(name, _label(name))


def _label(name: str) -> str:
    if name == "sign_in" and permissions.session_token():
        return _words()["account"]
    return _words().table("page")[name]


def _link(name: str, label: str) -> None:
    """A link to a page, with the choices that go along."""
    st.page_link(
        script(name),
        label=label,
        icon=words.page(name)["icon"],
        query_params={
            key.name: str(key.get())
            for key in GOES_ALONG
            if name in key.pages and key.get() != key.default
        },
    )


def foot(page: str) -> None:
    """Where to go next, and small links to what concerns all pages."""
    text, onward = _words(), sections.NEXT[page]
    with (
        widgets.language(words.language(), "end"),
        st.container(key="page_foot", gap="small"),
    ):
        st.divider()
        with st.container(key="onward", gap="xxsmall"):
            _link(onward, text["next"].format(page=text.table("page")[onward]))
            st.caption(text.table("why")[page])
        with st.container(horizontal=True, gap="small", key="small_links"):
            for name in sections.PAGES[sections.FOOT]:
                st.page_link(script(name), label=text.table("page")[name])

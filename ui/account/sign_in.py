"""Signing in and out, and an instructor's account.

A page cannot set the cookie itself: see ui/session/routes.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import accounts, passwords, school
from classroom.people.passwords import AccountRefused
from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui import script
from ui.account import way_back
from ui.kit import sections, state, words
from ui.kit.components.cookie import cookie
from ui.session import visitor
from ui.session.account import password_field, report, send
from ui.session.routes import BEGIN, END, path

WIDTH = 480  # pixels of a form
PAGE = "sign_in"


@contextmanager
def explained() -> Iterator[None]:
    """Shows in place of the rest that the database is away."""
    try:
        yield
    except DatabaseAway:
        title("title")
        st.error(words.page(PAGE)["away"], icon=":material/cloud_off:")


def title(which: str) -> None:
    """One of the page's titles: it depends on what the visitor can do here."""
    st.title(words.page(PAGE)[which], anchor=False)


# --- in every run, before the page ----------------------------------------------------


def finish_sign_in(page: str) -> None:
    """Finishes what a run before has begun: a way back from the school, a sign-out."""
    if state.LEAVING.get():
        _leave()
        st.stop()
    if page != PAGE and is_at_school() and not state.SCHOOL_SEEN.get():
        state.SCHOOL_SEEN.set(True)
        if language := way_back.take(visitor.key()):
            state.LANGUAGE.set(language)
        st.switch_page(script(PAGE))


def enter() -> None:
    """The browser changes its ticket for the cookie, and goes on."""
    text = words.page(PAGE)

    def failed() -> None:
        state.TICKET.set("")
        state.SIGN_IN_MESSAGE.set(text["failed"])

    cookie(
        key="enter",
        url=path(BEGIN),
        body={"ticket": state.TICKET.get()},
        then=next_page(),
        message=text["entering"],
        on_failed=failed,
    )


def next_page() -> str:
    """Where to go once signed in: a page of ours, whatever the address says."""
    name = state.THEN.get().replace("-", "_")
    if not sections.has(name):
        name = "class"
    return _in_language(path("" if name == "home" else name.replace("_", "-")))


def _in_language(address: str) -> str:
    """An address of ours with the visitor's language: it opens a new session."""
    language = words.visitors_language()
    if language == words.ENGLISH:
        return address
    return f"{address}?{state.LANGUAGE.name}={language}"


def _leave() -> None:
    """The browser forgets its cookie; the sign-in has ended already."""
    text = words.page(PAGE)

    def failed() -> None:
        state.LEAVING.set(False)
        state.SIGN_IN_MESSAGE.set(text["out_failed"])

    cookie(
        key="leave",
        url=path(END),
        body={},
        then=_in_language(path("")),
        message=text["leaving"],
        on_failed=failed,
    )


# --- name and password ----------------------------------------------------------------


def form() -> None:
    """Name and password, or the school."""
    text = words.page(PAGE)
    report(state.SIGN_IN_MESSAGE)
    if not accounts.anybody():
        st.info(text["nobody"], icon=":material/info:")
    with st.form("sign_in"):
        name = st.text_input(
            text["name"],
            max_chars=passwords.LONGEST_NAME,
            autocomplete="username",
            key="sign_in_name",
        )
        password = password_field(text["password"], "sign_in_password", new=False)
        if st.form_submit_button(text["sign_in"], type="primary"):
            send(
                lambda: accounts.sign_in(
                    name, password, visitor.address(), visitor.key()
                ),
                state.SIGN_IN_MESSAGE,
                text,
            )
    st.caption(text["forgotten"])
    _school_buttons()


def set_up() -> None:
    """An account made, or its password changed, by the link in the address."""
    text, token = words.page(PAGE), state.SETUP.get()
    try:
        whose = accounts.link_is_for(token)
    except AccountRefused as why:
        title("set_up")
        st.error(escape_markdown(words.refusal(why)), icon=":material/link_off:")
        st.page_link(script(PAGE), label=text["sign_in"], icon=text["icon"])
        return
    title("set_up" if whose is None else "renew")
    message = text["set_up_say" if whose is None else "renew_say"]
    st.markdown(message.format(shortest=passwords.SHORTEST))
    if whose is not None:
        st.text(f"{text['renew_whose']} {whose}")
    report(state.ACCOUNT_MESSAGE)
    with st.form("set_up"):
        name = ""
        if whose is None:
            name = st.text_input(
                text["name"],
                max_chars=passwords.LONGEST_NAME,
                autocomplete="username",
                key="set_up_name",
            )
        password = password_field(text["password"], "set_up_password", new=True)
        again = password_field(text["again"], "set_up_again", new=True)
        label = text["make" if whose is None else "change"]
        if st.form_submit_button(label, type="primary"):

            def make() -> str:
                ticket = accounts.set_up(token, name, password, again, visitor.key())
                state.SETUP.set("")
                return ticket

            send(make, state.ACCOUNT_MESSAGE, text)


# --- by the school --------------------------------------------------------------------


def is_at_school() -> bool:
    """Whether the school's sign-in has just returned."""
    return st.user.to_dict().get("is_logged_in") is True


def by_school() -> None:
    """A sign-in here for the school's word, or why not."""
    text = words.page(PAGE)
    state.SCHOOL_SEEN.set(True)
    who, why = school.person(st.user.to_dict()), state.SIGN_IN_MESSAGE.get()
    state.SIGN_IN_MESSAGE.set("")
    if not why:
        try:
            if who is not None:
                state.TICKET.set(accounts.enter_by_school(who, visitor.key()))
                state.rerun()
            why = text["incomplete"]
        except NotAllowed as not_listed:
            why = words.refusal(not_listed)
    st.error(f"**{text['refused']}.** {escape_markdown(why)}", icon=":material/block:")
    if who is not None:
        st.caption(text["listed_as"])
        st.code(who.key(), language=None, wrap_lines=True)
    if st.button(text["school_out"], icon=":material/logout:"):
        st.logout()


def providers() -> list[str | None]:
    """What `st.login` may be called with; None is the default, [] if there are none."""
    if not st.secrets.load_if_toml_exists() or "auth" not in st.secrets:
        return []
    section: dict[str, Any] = st.secrets["auth"].to_dict()
    named = [
        name
        for name, value in section.items()
        if isinstance(value, dict) and "client_id" in value
    ]
    return [*([None] if "client_id" in section else []), *named]


def _school_buttons() -> None:
    text = words.page(PAGE)
    found = providers()
    if not found:
        return
    st.caption(text["or"])
    for provider in found:
        label = text["school_named"].format(name=provider) if provider else None
        if st.button(
            label or text["school"],
            key=f"school_{provider or ''}",
            icon=":material/school:",
        ):
            way_back.keep(visitor.key(), words.visitors_language())
            st.login(provider) if provider else st.login()

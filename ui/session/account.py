"""An instructor's account, on the page to sign in and in a tab of the class's page."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from classroom.escape import escape_markdown
from classroom.people import accounts, passwords
from classroom.people.accounts import Listed
from classroom.people.passwords import AccountRefused
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui.kit import state, times, words
from ui.kit.state_key import StateKey
from ui.session import addresses, permissions


def show(who: Instructor) -> None:
    """Somebody's own account, and the others."""
    text = words.page("sign_in")
    report(state.ACCOUNT_MESSAGE)
    if done := state.ACCOUNT_DONE.get():
        st.success(done, icon=":material/check:")
        state.ACCOUNT_DONE.set("")
    st.text(f"{text['signed_in']} {who.name}")
    count = accounts.sign_ins(who)
    which = "browsers" if count > 1 else "browsers_one"
    st.caption(text[which].format(count=count))
    with st.container(horizontal=True):
        st.button(text["out"], on_click=_out, args=(False,))
        st.button(text["out_everywhere"], on_click=_out, args=(True,))
    st.header(text["change_title"], anchor=False)
    _change(who, text)
    st.header(text["others"], anchor=False)
    st.caption(text["others_say"])
    for one in accounts.listed(who):
        _other(who, one, text)
    st.header(text["invite"], anchor=False)
    _invite(who, text)


def _out(everywhere: bool) -> None:
    try:
        who = permissions.instructor()
        if everywhere and who is not None:
            accounts.sign_out_everywhere(who)
        accounts.sign_out(permissions.session_token())
    except DatabaseAway:
        state.ACCOUNT_MESSAGE.set(words.page("sign_in")["away"])
        return
    state.LEAVING.set(True)


def _change(who: Instructor, text: words.PageWords) -> None:
    if not accounts.has_password(who):
        st.caption(text["by_school"])
        return
    with st.form("change"):
        old = password_field(text["old"], "old_password", new=False)
        new = password_field(text["new"], "new_password", new=True)
        again = password_field(text["again"], "new_again", new=True)
        if st.form_submit_button(text["change"]):

            def change() -> None:
                state.ACCOUNT_DONE.set("")
                token = permissions.session_token()
                accounts.change_password(who, token, old, new, again)
                state.ACCOUNT_DONE.set(text["changed"])

            send(change, state.ACCOUNT_MESSAGE, text)


def _other(who: Instructor, one: Listed, text: words.PageWords) -> None:
    with st.container(horizontal=True, vertical_alignment="center", border=True):
        with st.container(gap=None):
            st.text(one.name)
            message = text["since_school" if one.by_school else "since"].format(
                day=times.day(one.created)
            )
            st.caption(
                f"{message} · {text['you']}" if one.id == who.account else message
            )
        if one.id != who.account:
            with (
                st.container(width="content"),
                st.popover(text["remove"], key=f"ask_{one.id}"),
            ):
                st.text(one.name)
                st.markdown(text["remove_say"])
                if st.button(text["remove_now"], key=f"remove_{one.id}"):

                    def remove() -> None:
                        state.ACCOUNT_DONE.set("")
                        accounts.remove(who, one.id)
                        state.ACCOUNT_DONE.set(text["removed"])

                    send(remove, state.ACCOUNT_MESSAGE, text)


def _invite(who: Instructor, text: words.PageWords) -> None:
    st.caption(text["invite_say"])
    if st.button(text["invite_now"], icon=":material/person_add:"):

        def invite() -> None:
            address = addresses.for_others(state.JOIN_AT.get())
            state.INVITED.set(accounts.link(accounts.invite(who), address))

        send(invite, state.ACCOUNT_MESSAGE, text)
    if state.INVITED.get():
        st.markdown(text["invited"])
        st.code(state.INVITED.get(), language=None, wrap_lines=True)


# --- forms with passwords ------------------------------------------------------------


def password_field(label: str, key: str, *, new: bool) -> str:
    """A field that is empty again after each time that it was sent."""
    typed: str = st.text_input(
        label,
        type="password",
        max_chars=passwords.LONGEST,
        autocomplete="new-password" if new else "current-password",
        key=f"{key}_{state.FORMS.get()}",
    )
    return typed


def send(
    doing: Callable[[], str | None], message: StateKey[str], text: words.PageWords
) -> None:
    """Does what a form asks for, keeps a ticket or the error, and redraws the page."""
    state.FORMS.set(state.FORMS.get() + 1)
    message.set("")
    try:
        if ticket := doing():
            state.TICKET.set(ticket)
    except (AccountRefused, NotAllowed) as why:
        message.set(words.refusal(why))
    except DatabaseAway:
        message.set(text["away"])
    state.rerun()


def report(key: StateKey[str]) -> None:
    """Shows once what went wrong."""
    if message := key.get():
        st.error(escape_markdown(message), icon=":material/error:")
        key.set("")

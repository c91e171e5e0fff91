"""Instructors sign in here, and find their account."""

import streamlit as st

from ui import script
from ui.account import sign_in
from ui.following import languages
from ui.kit import state, widgets, words
from ui.session import account, permissions

text = words.page("sign_in")
with widgets.language(words.language()), st.container(width=sign_in.WIDTH):
    with sign_in.explained():
        if state.TICKET.get():
            sign_in.title("title")
            sign_in.enter()
        elif state.SETUP.get():
            sign_in.set_up()
        elif (who := permissions.instructor()) is not None:
            sign_in.title("account")
            st.page_link(script("class"), label=text["to_class"])
            account.show(who)
        elif sign_in.is_at_school():
            sign_in.title("title")
            sign_in.by_school()
        else:
            sign_in.title("title")
            st.markdown(text["lead"])
            sign_in.form()
    languages.switch()

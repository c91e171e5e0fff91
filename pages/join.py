"""A student joins a class by its code and a name; no account is needed."""

import streamlit as st

from ui.following import join, languages, place, together
from ui.kit import widgets, words

with widgets.language(words.language()):
    st.title(words.page("join")["heading"], anchor=False)
    membership = join.who_to_ask()
    if membership is not None:
        together.report()
        place.ask(membership, leads_in=True)
    elif join.has_place():
        join.seated()
    else:
        join.form()
    languages.switch()
    languages.note()

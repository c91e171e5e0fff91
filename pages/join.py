"""A student joins a class by its code and a name; no account is needed."""

import streamlit as st

from ui import join_panels, languages, widgets, words

with widgets.language(words.language()):
    st.title(words.page("join")["heading"], anchor=False)
    join_panels.show()
    languages.switch()
    languages.note()

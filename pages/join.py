"""A student joins a class by its code and a name; no account is needed."""

import streamlit as st

from ui.following import join, languages
from ui.kit import widgets, words

with widgets.language(words.language()):
    st.title(words.page("join")["heading"], anchor=False)
    join.show()
    languages.switch()
    languages.note()

"""A student joins a class by its code and a name; no account is needed."""

import streamlit as st

from ui import join_panels, words

st.title(words.page("join")["heading"], anchor=False)
join_panels.show()

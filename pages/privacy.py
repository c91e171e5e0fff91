"""What is kept about whom, for how long, and who sees it."""

import streamlit as st

from ui.account import privacy
from ui.following import languages
from ui.kit import widgets, words

with widgets.language(words.language()), st.container(width=860):
    text = widgets.open_page("privacy")
    for part in text.tables("part"):
        privacy.part(part)
    privacy.cookies(text.table("cookies"))
    languages.switch()

"""What is kept about whom, for how long, and who sees it."""

import streamlit as st

from ui.account import privacy
from ui.kit import widgets

with st.container(width=860):
    text = widgets.open_page("privacy")
    for part in text.tables("part"):
        privacy.part(part)
    privacy.cookies(text.table("cookies"))

"""What is kept about whom, for how long, and who sees it."""

import streamlit as st

from ui.account import privacy

with st.container(width=860):
    privacy.show()

"""The concept inventory: what one thinks of the network, before and after."""

import streamlit as st

from ui.following import languages
from ui.kit import widgets, words
from ui.quiz import inventory

with widgets.language(words.language()), st.container(width=inventory.WIDTH):
    inventory.show()
    languages.switch()
    languages.note()

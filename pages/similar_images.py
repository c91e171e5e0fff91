"""Pictures that resemble one's own: by the last hidden layer, and by pixels."""

import streamlit as st

from ui.following import languages
from ui.kit import picture, widgets, words
from ui.network import similar

with widgets.language(words.language()):
    widgets.open_page("similar_images")
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        with st.container(width="content"):
            chosen = picture.choose()
        with st.container(width="content"):
            weight_set = widgets.weight_set()
    similar.panel(weight_set, chosen)
    similar.figure_4()
    languages.switch()

"""A picture, sharp and as the network sees it; what it predicts; doors to the rest."""

import streamlit as st

from ui.following import languages
from ui.kit import widgets, words
from ui.network import home

with widgets.language(words.language()):
    text = widgets.open_page("home")
    chosen = home.choose()
    home.offer()
    left, right = st.columns([5, 6], gap="large")
    with left:
        answer = home.prediction(chosen)
        home.look(chosen)
    with right:
        home.verdict(answer)
        home.begin()
        home.samples()
        home.known(chosen, answer)
    st.header(text["way_heading"], anchor=False)
    home.way(chosen, answer)
    home.doors()
    languages.switch()
    languages.note()
    if answer is None:
        home.wait()

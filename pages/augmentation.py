"""One picture as the paper uses it: crops, mirror images, changed colours, a vote."""

import streamlit as st

from ui.following import languages
from ui.kit import picture, widgets, words
from ui.kit.network import augmentation, ten_crops

with widgets.language(words.language()):
    text = widgets.open_page("augmentation")
    chosen = picture.choose()
    augmentation.cut_and_recolour(chosen)
    augmentation.sources()

    st.header(text["vote"], anchor=False)
    st.markdown(ten_crops.lead())
    weight_set = widgets.weight_set()
    ten_crops.vote(weight_set, chosen)
    languages.switch()

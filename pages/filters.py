"""The first layer's filters as colour pictures, and what one gives on a picture."""

import streamlit as st

from ui.following import languages
from ui.kit import picture, widgets, words
from ui.network import filters, training
from ui.network.strip import strip

with widgets.language(words.language()):
    text = words.page("filters")
    with strip(text["heading"]):
        chosen = picture.choose_in_a_row()
        weight_set = widgets.weight_set()
        scaling, order = filters.view()
    picture.notices()

    number = filters.chosen_number(weight_set)
    with st.container(key="screen"):
        with st.container(key="look"):
            filters.photograph(weight_set, chosen)
            with st.container(key="look_words"):
                filters.clarity(weight_set)
        with st.container(key="maps"):
            filters.mosaic(weight_set, chosen, scaling, order, number)
        # After the maps: below them on a phone, where they would push it down.
        with st.container(key="about"):
            st.markdown(text["lead"])
            filters.made_by(weight_set)
        with st.container(key="unit"), widgets.looked_at():
            filters.pick(weight_set)
            filters.enlarged(weight_set, number, scaling)

    st.header(text["on_picture"], anchor=False)
    filters.responses(weight_set, number, chosen)

    st.header(text["against_random"], anchor=False)
    filters.compared(weight_set, scaling, order, number)

    training.trained(weight_set, scaling, order)
    languages.switch()

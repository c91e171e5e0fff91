"""The first layer's filters as colour pictures, and what one gives on a picture."""

import streamlit as st

from ui.kit import picture, state, widgets
from ui.network import filters, training

text = widgets.open_page("filters")
weight_set = widgets.weight_set()
with st.container(horizontal=True, gap="medium"):
    scaling = widgets.choice(state.FILTER_SCALE, text["scale"], text.table("scales"))
    order = widgets.choice(state.FILTER_ORDER, text["order"], text.table("orders"))

all_of_them, one = st.columns([2, 1], gap="large")
with one, widgets.shown():
    number = filters.pick(weight_set)
    filters.enlarged(weight_set, number, scaling)
with all_of_them:
    filters.mosaic(weight_set, scaling, order, number)
    filters.clarity(weight_set)

st.header(text["on_picture"], anchor=False)
chosen = picture.choose()
filters.responses(weight_set, number, chosen)

st.header(text["against_random"], anchor=False)
filters.compared(weight_set, scaling, order, number)

training.trained(weight_set, scaling, order)

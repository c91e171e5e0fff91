"""The first layer's filters as colour pictures, and what one gives on a picture."""

import streamlit as st

from ui import filter_panels, picture, state, training_panels, widgets

text = widgets.open_page("filters")
row = widgets.weight_set()
with st.container(horizontal=True, gap="medium"):
    scaling = widgets.choice(state.FILTER_SCALE, text["scale"], text["scales"])
    order = widgets.choice(state.FILTER_ORDER, text["order"], text["orders"])

all_of_them, one = st.columns([2, 1], gap="large")
with one, widgets.shown():
    number = filter_panels.pick(row)
    filter_panels.enlarged(row, number, scaling)
with all_of_them:
    filter_panels.mosaic(row, scaling, order, number)
    filter_panels.clarity(row)

st.header(text["on_picture"], anchor=False)
chosen = picture.choose()
filter_panels.answers(row, number, chosen)

st.header(text["against_random"], anchor=False)
filter_panels.compared(row, scaling, order, number)

training_panels.trained(row, scaling, order)

"""A picture goes through the network; every map of every layer can be seen."""

import streamlit as st

from ui import panels, picture, state, widgets

text = widgets.open_page("feature_maps")
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    with st.container(width="content"):
        chosen = picture.choose()
    with st.container(width="content"):
        row = widgets.weight_set()
answers = panels.look(row, chosen)

left, right = st.columns([1, 2], gap="large")
with left:
    panels.received(row, chosen)
with right:
    panels.prediction(row, chosen, answers)

layer = panels.layer_picker(row.spec)
title, say = panels.layer_words(row, layer)
st.header(title, anchor=False)
st.markdown(say)

with st.container(horizontal=True, gap="medium"):
    scale = state.SCALE.get()
    if not layer.startswith("fc"):
        scale = widgets.choice(state.SCALE, text["scale"], text["scales"])
    order = widgets.choice(state.ORDER, text["order"], text["orders"])
panels.brightness(layer, scale)

if layer == panels.OVERVIEW:
    for conv in row.spec.convolutions():
        st.markdown(f"**{panels.layer_words(row, conv.name)[0]}**")
        panels.layer_maps(row, chosen, conv.name, scale, order, None)
else:
    maps, one = st.columns([3, 2], gap="large")
    with one, widgets.shown():
        number = panels.unit_number(row, layer, answers[layer])
        panels.unit(row, chosen, layer, number, scale)
    with maps:
        panels.layer_maps(row, chosen, layer, scale, order, number)
        panels.downloads(row, chosen, layer)
panels.made_by(row, chosen)

"""A picture goes through the network; every map of every layer can be seen."""

import streamlit as st

from ui.kit import picture, state, widgets
from ui.kit.panels import feature_maps

text = widgets.open_page("feature_maps")
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    with st.container(width="content"):
        chosen = picture.choose()
    with st.container(width="content"):
        row = widgets.weight_set()
answers = feature_maps.look(row, chosen)

left, right = st.columns([1, 2], gap="large")
with left:
    feature_maps.received(row, chosen)
with right:
    feature_maps.prediction(row, chosen, answers)

layer = feature_maps.layer_picker(row.spec)
title, say = feature_maps.layer_words(row, layer)
st.header(title, anchor=False)
st.markdown(say)

with st.container(horizontal=True, gap="medium"):
    scale = state.SCALE.get()
    if not layer.startswith("fc"):
        scale = widgets.choice(state.SCALE, text["scale"], text.table("scales"))
    order = widgets.choice(state.ORDER, text["order"], text.table("orders"))
feature_maps.brightness(layer, scale)

if layer == feature_maps.OVERVIEW:
    for conv in row.spec.convolutions():
        st.markdown(f"**{feature_maps.layer_words(row, conv.name)[0]}**")
        feature_maps.layer_maps(row, chosen, conv.name, scale, order, None)
else:
    maps, one = st.columns([3, 2], gap="large")
    with one, widgets.shown():
        number = feature_maps.unit_number(row, layer, answers[layer])
        feature_maps.unit(row, chosen, layer, number, scale)
    with maps:
        feature_maps.layer_maps(row, chosen, layer, scale, order, number)
        feature_maps.downloads(row, chosen, layer)
feature_maps.made_by(row, chosen)

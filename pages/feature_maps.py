"""A picture goes through the network; every map of every layer can be seen."""

import streamlit as st

from ui.kit import picture, state, widgets
from ui.kit.components.copy_link import copy_link
from ui.kit.panels import arithmetic, connections, favourites, feature_maps, saliency

text = widgets.open_page("feature_maps")
with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
    with st.container(width="content"):
        chosen = picture.choose()
    with st.container(width="content"):
        weight_set = widgets.weight_set()
    with st.container(width="content"):
        copy_link()
layers = feature_maps.activations(weight_set, chosen)

left, right = st.columns([1, 2], gap="large")
with left:
    feature_maps.received(weight_set, chosen)
with right:
    feature_maps.prediction(weight_set, chosen, layers)

layer = feature_maps.layer_picker(weight_set.spec)
title, description = feature_maps.layer_words(weight_set, layer)
st.header(title, anchor=False)
st.markdown(description)

with st.container(horizontal=True, gap="medium"):
    scale = state.SCALE.get()
    if not layer.startswith("fc"):
        scale = widgets.choice(state.SCALE, text["scale"], text.table("scales"))
    order = widgets.choice(state.ORDER, text["order"], text.table("orders"))
feature_maps.brightness(layer, scale)

if layer == feature_maps.OVERVIEW:
    for conv in weight_set.spec.convolutions():
        st.markdown(f"**{feature_maps.layer_words(weight_set, conv.name)[0]}**")
        feature_maps.layer_maps(weight_set, chosen, conv.name, scale, order, None)
    favourites.compared(weight_set)
else:
    maps, one = st.columns([3, 2], gap="large")
    with one, widgets.shown():
        number = feature_maps.unit_number(weight_set, layer, layers[layer])
        feature_maps.unit(weight_set, chosen, layer, number, scale)
        favourites.panel(weight_set, layer, number)
        connections.panel(weight_set, chosen, layer, number)
    with maps:
        feature_maps.layer_maps(weight_set, chosen, layer, scale, order, number)
        feature_maps.downloads(weight_set, chosen, layer)
    saliency.panel(weight_set, chosen, layer, number)
    connections.walk(weight_set, chosen, layer, number)
    arithmetic.panel(weight_set, chosen, layer, number)
feature_maps.made_by(weight_set, chosen)

"""A picture goes through the network; every map of every layer can be seen."""

import streamlit as st

from ui.following import languages
from ui.kit import cache, picture, widgets, words
from ui.kit.network import feature_maps
from ui.network.feature_maps import (
    arithmetic,
    connections,
    favourites,
    map_screen,
    saliency,
    unit_panel,
)
from ui.network.strip import strip

with widgets.language(words.language()):
    text = words.page("feature_maps")
    with strip(text["title"]):
        chosen = picture.choose_in_a_row()
        weight_set = widgets.weight_set()
        scale, order = map_screen.view()
    picture.notices()
    feature_maps.activations(weight_set, chosen)

    with st.container(key="screen"):
        layer = map_screen.layer_picker(weight_set.spec)
        title, description = feature_maps.layer_words(weight_set, layer)
        with st.container(key="look"):
            map_screen.photograph(weight_set, chosen)
            with st.container(key="look_words"):
                map_screen.prediction(weight_set, chosen)
                st.header(title, anchor=False)
        with st.container(key="maps"):
            if layer == feature_maps.OVERVIEW:
                map_screen.all_layers(weight_set, chosen, scale, order)
            else:
                values = cache.layer(weight_set.name, chosen.picture, layer)
                number = unit_panel.unit_number(weight_set, layer, values)
                map_screen.layer_maps(weight_set, chosen, layer, scale, order, number)
        # After the maps: below them on a phone, where they would push it down.
        with st.container(key="about"):
            st.markdown(description)
            map_screen.received(weight_set, chosen)
        if layer != feature_maps.OVERVIEW:
            with st.container(key="unit"), widgets.looked_at():
                unit_panel.panel(weight_set, chosen, layer, number, scale)

    if layer == feature_maps.OVERVIEW:
        favourites.compared(weight_set)
    else:
        map_screen.downloads(weight_set, chosen, layer)
        connections.panel(weight_set, chosen, layer, number)
        saliency.panel(weight_set, chosen, layer, number)
        connections.walk(weight_set, chosen, layer, number)
        arithmetic.panel(weight_set, chosen, layer, number)
    map_screen.made_by(weight_set, chosen)
    languages.switch()

"""Teach AlexNet classes of one's own: a new last layer on the network as it is."""

import streamlit as st

from ui.kit import widgets
from ui.kit.teach import teach
from ui.network.teach import class_teach, teach_results

text = widgets.open_page("teach")
with st.container(horizontal=True, gap="small"):
    weight_set = widgets.weight_set()
    teach.begin()
class_teach.panel(weight_set)
taught = teach.panel(weight_set)
if taught is not None:
    teach_results.panel(weight_set, taught)
teach.activity()

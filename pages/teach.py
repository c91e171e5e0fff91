"""Teach AlexNet classes of one's own: a new last layer on the network as it is."""

import streamlit as st

from ui.kit import widgets
from ui.kit.teach import teach
from ui.network.teach import class_teach, teach_results
from ui.session import presented

text = widgets.open_page("teach")
with st.container(horizontal=True, gap="small"):
    weight_set = widgets.weight_set()
    teach.begin()
part = presented.parts("teach", text.table("part"))
with part["classes"]:
    class_teach.panel(weight_set)
    taught = teach.panel(weight_set)
with part["learned"]:
    if taught is not None:
        teach_results.panel(weight_set, taught)
with part["activity"]:
    teach.activity()

"""What this is, one picture already being looked at, and doors to the rest."""

import streamlit as st

from ui import script
from ui.kit import picture, widgets
from ui.kit.words import page as words
from ui.network import home

text = widgets.open_page("home")
st.page_link(script("lesson"), label=text["start"], icon=words("lesson")["icon"])
chosen = picture.choose()
left, right = st.columns([1, 2], gap="large")
with left:
    home.picture(chosen)
with right:
    home.first_maps(chosen)
home.prediction(chosen)

st.header(text["doors"], anchor=False)
columns = [*st.columns(3, border=True), *st.columns(3, border=True)]
for column, (name, about) in zip(columns, text.table("door").items(), strict=True):
    column.page_link(script(name), label=words(name)["title"], icon=words(name)["icon"])
    column.markdown(about)

"""What this is, one picture already being looked at, and doors to the rest."""

import streamlit as st

from ui import home_panels, picture, script, widgets
from ui.words import page as words

text = widgets.open_page("home")
st.page_link(script("lesson"), label=text["start"], icon=words("lesson")["icon"])
chosen = picture.choose()
left, right = st.columns([1, 2], gap="large")
with left:
    home_panels.picture(chosen)
with right:
    home_panels.first_maps(chosen)
home_panels.prediction(chosen)

st.header(text["doors"], anchor=False)
columns = [*st.columns(3, border=True), *st.columns(3, border=True)]
for column, (name, say) in zip(columns, text["door"].items(), strict=True):
    column.page_link(script(name), label=words(name)["title"], icon=words(name)["icon"])
    column.markdown(say)

"""A page of hostile names, for tests/test_escape.py; run by a server of its own."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import streamlit as st

from classroom.escape import escape_markdown
from tests.hostile_names import ALL_IN_ONE, CHANGED, NAMES


def place(name: str) -> st.delta_generator.DeltaGenerator:
    return st.container(key=name)


for number, typed in enumerate([*NAMES, *CHANGED]):
    with place(f"alone_{number}"):
        st.markdown(escape_markdown(typed))
    with place(f"bold_{number}"):
        st.markdown(f"**{escape_markdown(typed)}** · x")

name = escape_markdown(ALL_IN_ONE)
for draw in (
    *(st.caption, st.error, st.expander, st.checkbox),
    *(st.button, st.popover, st.text_input, st.status, st.toggle),
):
    with place(f"within_{draw.__name__}"):
        draw(name)
with place("within_title"):
    st.title(name, anchor=False)
with place("raw"):  # what the test has to find where it is not escaped
    st.markdown(
        "www.evil.example :streamlit: **b** $x^2$ :red[x] :material_lock: a@b.c"
    )
with place("within_link_button"):
    st.link_button(name, "/")
with place("within_tabs"):
    st.tabs([name])
with place("within_progress"):
    st.progress(0.5, text=name)
with place("within_table"):
    st.table({"x": [name]})
with place("within_radio"):
    st.radio("x", [name])
with place("within_pills"):
    st.pills("x", [name])
with place("within_list"):
    st.markdown(f"- {name}")
with place("within_quote"):
    st.markdown(f"“{name}” ({name}), {name}.")

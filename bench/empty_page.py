"""A Streamlit page with one line: what `bench.start` compares the home page with."""

import streamlit as st

st.title("Empty")

"""The other ideas of 2012, each against a network without it."""

import streamlit as st

from lab.presets import PRESETS
from ui.experiments import device, evidence, page, runs, watch
from ui.kit import widgets

PAGE = "experiments"
NAMES = (
    "pooling",
    "overlapping",
    "normalisation",
    "augmentation",
    "depth",
    "first-filters",
    "half-the-data",
)

widgets.open_page(PAGE)
run_id = page.current(PAGE)
if run_id:
    watch.show(PAGE, run_id)
elif run_id is not None:
    page.set_up(PAGE, {name: PRESETS[name] for name in NAMES})
if run_id is not None:
    st.divider()
    runs.panel(PAGE)
    device.panel()
    evidence.panel()

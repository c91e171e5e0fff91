"""Two networks learn side by side; in one of them half of the units sleep."""

import streamlit as st

from lab.presets import PRESETS
from ui.experiments import device, evidence, page, runs, watch
from ui.kit import widgets

PAGE = "dropout"
NAMES = ("dropout-small", "dropout-large")

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

"""The address of a page: going back, and what only looks like it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from paths import ROOT


def page() -> None:
    import streamlit as st

    from ui.kit import state

    if st.session_state.pop("unasked", False):
        state.unasked()
    state.read_url("lesson")
    st.text(state.STEP.get())
    state.write_url("lesson")


@pytest.mark.parametrize(("unasked", "step"), [(False, "start"), (True, "lenet")])
def test_an_address_that_lags_is_not_going_back(unasked: bool, step: str) -> None:
    """The browser still has the address before; nobody chose anything."""
    app = AppTest.from_function(page).run()
    app.session_state["step"] = "lenet"
    app.run()
    assert app.query_params["step"] in ("lenet", ["lenet"])
    app.run()
    app.query_params.clear()
    app.session_state["unasked"] = unasked
    app.run()
    assert app.text[0].value == step


def test_every_run_that_nobody_asked_for_is_counted() -> None:
    """Streamlit's own `rerun` does not tell it from going back; `state.rerun` does."""
    found = {
        path.name
        for folder in ("ui", "pages")
        for path in (ROOT / folder).rglob("*.py")
        if "st.rerun" in path.read_text()
    }
    assert found == {"state.py"}

"""The address of a page: going back, and what only looks like it."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from ui import class_follow, state

    if st.session_state.pop("class moved", False):
        class_follow._heard()
    state.read_url("lesson")
    st.text(state.STEP.get())
    state.write_url("lesson")


@pytest.mark.parametrize(("moved", "step"), [(False, "start"), (True, "lenet")])
def test_an_address_that_lags_is_not_going_back(moved: bool, step: str) -> None:
    """The browser still has the address before; nobody chose anything."""
    app = AppTest.from_function(page).run()
    app.session_state["step"] = "lenet"
    app.run()
    assert app.query_params["step"] in ("lenet", ["lenet"])
    app.run()
    app.query_params.clear()
    app.session_state["class moved"] = moved
    app.run()
    assert app.text[0].value == step

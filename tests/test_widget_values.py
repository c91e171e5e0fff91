"""A value that code gives to a widget, against the value that the browser had before.

The first script run is cut short before or after the widget is drawn, or is whole. Then
the browser sends what it has: the value before, or another that the visitor has chosen.
"""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest


def page() -> None:
    import streamlit as st

    from ui.kit import state, widgets

    kind = state.setting("x", "kind", "")

    def switched() -> None:
        state.LEAD.set(int(state.LEADS.get()))

    def give() -> None:
        state.PICTURE.set("own")
        state.LEADS.set(True)
        state.LEAD.set(1)
        kind.set("second")

    state.read_url("lesson")
    st.button("Give", on_click=give)
    cut_short = st.session_state.pop("cut short", "")
    if cut_short == "before":
        st.stop()
    names = ("coffee", "cat", "own")
    widgets.selection(state.PICTURE, "Picture", {name: name for name in names})
    st.toggle("Lead", on_change=switched, **state.LEADS.widget)
    st.radio("Kind", ["first", "second"], index=None, **kind.widget)
    if cut_short == "after":
        st.stop()
    state.write_url("lesson")


@pytest.mark.parametrize(
    ("sent", "cut_short", "shown"),
    [
        ("coffee", "before", "own"),
        ("coffee", "after", "own"),
        ("coffee", "", "coffee"),  # the browser had the new value: a choice
        ("cat", "before", "cat"),
        ("cat", "after", "cat"),
        ("cat", "", "cat"),
    ],
)
def test_a_stale_value_does_not_undo_what_code_has_set(
    sent: str, cut_short: str, shown: str
) -> None:
    app = AppTest.from_function(page).run()
    box, button = app.selectbox[0], app.button[0]
    app.session_state["cut short"] = cut_short
    button.click().run()
    button.set_value(False)  # what is on the page before is sent once more
    box.select(sent).run()
    assert not app.exception
    assert app.selectbox[0].value == shown
    named = {"coffee": (None,)}.get(shown, (shown, [shown]))  # the default is left out
    assert app.query_params.get("picture") in named
    app.selectbox[0].select("coffee").run()
    assert app.selectbox[0].value == "coffee"


@pytest.mark.parametrize(
    ("sent", "cut_short", "shown"),
    [
        (None, "before", "second"),
        (None, "after", "second"),
        ("first", "before", "first"),
        ("first", "after", "first"),
    ],
)
def test_a_choice_that_was_open_does_not_undo_what_code_has_set(
    sent: str | None, cut_short: str, shown: str
) -> None:
    app = AppTest.from_function(page).run()
    radio, button = app.radio[0], app.button[0]
    assert radio.value is None
    app.session_state["cut short"] = cut_short
    button.click().run()
    button.set_value(False)
    radio.set_value(sent).run()
    assert not app.exception
    assert app.radio[0].value == shown


@pytest.mark.parametrize("cut_short", ["before", "after"])
def test_the_callback_of_a_stale_value_sees_what_code_has_set(cut_short: str) -> None:
    app = AppTest.from_function(page).run()
    switch, button = app.toggle[0], app.button[0]
    app.session_state["cut short"] = cut_short
    button.click().run()
    button.set_value(False)
    switch.set_value(False).run()
    assert app.toggle[0].value
    assert app.session_state["lead"] == 1
    app.toggle[0].set_value(False).run()
    assert not app.toggle[0].value
    assert app.session_state["lead"] == 0


def sometimes() -> None:
    import streamlit as st

    from ui.kit import state, widgets

    state.read_url("lesson")
    if not st.session_state.pop("hidden", False):
        names = ("cat", "coffee")
        widgets.selection(state.PICTURE, "Picture", {name: name for name in names})
    state.write_url("lesson")


def test_a_widget_that_was_away_is_given_its_value() -> None:
    """A browser that has put the widget away would begin with its first option.

    Its message may be of before that, and then Streamlit sends no value by itself.
    """
    app = AppTest.from_function(sometimes).run()
    box = app.selectbox[0]
    app.session_state["hidden"] = True
    app.run()
    assert not app.selectbox
    box.select("coffee").run()
    assert app.selectbox[0].value == "coffee"
    assert app.selectbox[0].proto.set_value
    app.run()
    assert not app.selectbox[0].proto.set_value  # only once: see `Key.keep_valid`

"""What a visitor does takes effect, though another run is asked for meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.runtime.scriptrunner import RerunData
from streamlit.runtime.scriptrunner_utils.script_run_context import ScriptRunContext
from streamlit.runtime.state.safe_session_state import SafeSessionState
from streamlit.testing.v1 import AppTest

from ui.session import whole_callbacks


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    before = whole_callbacks.interruptible
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", before)
    whole_callbacks.keep()
    yield


def page() -> None:
    import streamlit as st
    from streamlit.runtime.scriptrunner import RerunData, get_script_run_ctx

    def press() -> None:
        st.session_state["first"] = st.session_state.get("first", 0) + 1
        ctx = get_script_run_ctx()
        assert ctx is not None
        ctx.script_requests.request_rerun(  # as when a component has news
            RerunData(page_script_hash=ctx.page_script_hash)
        )
        st.session_state["second"] = st.session_state.get("second", 0) + 1

    st.button("Press", on_click=press)
    st.session_state["runs"] = st.session_state.get("runs", 0) + 1


def test_callback_ends_though_another_run_is_asked_for(kept: None) -> None:
    app = AppTest.from_function(page).run()
    for presses in (1, 2):
        app.button[0].click().run()
        assert app.session_state["first"] == app.session_state["second"] == presses
    assert not app.exception


def test_streamlit_alone_breaks_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once this fails, `whole_callbacks` may go."""
    before = whole_callbacks.interruptible
    monkeypatch.setattr(SafeSessionState, "on_script_will_rerun", before)
    app = AppTest.from_function(page).run()
    app.button[0].click().run()
    assert app.session_state["first"] == 1
    assert "second" not in app.session_state


@pytest.fixture
def ask_early(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Another run is asked for before the next one calls its callbacks."""
    due: list[bool] = []
    reset = ScriptRunContext.reset

    def reset_and_ask(self: ScriptRunContext, *given: Any, **named: Any) -> None:
        reset(self, *given, **named)
        if due:
            due.clear()
            self.script_requests.request_rerun(
                RerunData(page_script_hash=self.page_script_hash)
            )

    monkeypatch.setattr(ScriptRunContext, "reset", reset_and_ask)
    return lambda: due.append(True)


def test_callback_is_called_though_a_run_is_asked_for_before_it(
    kept: None, ask_early: Callable[[], None]
) -> None:
    app = AppTest.from_function(page).run()
    for presses in (1, 2):
        ask_early()
        app.button[0].click().run()
        assert app.session_state["first"] == app.session_state["second"] == presses


def test_the_page_itself_is_still_broken_off(kept: None) -> None:
    """Which keeps it quick: what is drawn next is not what was asked for before."""
    app = AppTest.from_function(page).run()
    app.button[0].click().run()
    assert app.session_state["runs"] == 2, "the first, and the one asked for: no third"

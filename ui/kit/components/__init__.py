"""Browser components: a typed call each, beside its HTML, CSS and JavaScript."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent


def component(name: str) -> ComponentRenderer:
    """The component whose three files lie in the folder of its name."""
    html, css, js = (
        (HERE / name / f"{name}.{kind}").read_text("utf-8")
        for kind in ("html", "css", "js")
    )
    return st.components.v2.component(f"alexnet_{name}", html=html, css=css, js=js)


def sent(key: str, name: str) -> Any:
    """What a component's browser has sent under a name, or None. It is not trusted."""
    state: Any = st.session_state.get(key)
    return None if state is None else state.get(name)

"""Browser components: a typed call each, beside its HTML, CSS and JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

if TYPE_CHECKING:
    from streamlit.components.v2.types import ComponentRenderer

HERE = Path(__file__).parent


def component(name: str, scripts: Sequence[str] = ()) -> ComponentRenderer:
    """The component whose three files lie in the folder of its name.

    Args:
        scripts: several JavaScript files of that folder, joined in this order; only
            the last of them exports something.
    """

    def read(part: str, kind: str) -> str:
        return (HERE / name / f"{part}.{kind}").read_text("utf-8")

    js = "\n".join(read(part, "js") for part in scripts or (name,))
    html, css = read(name, "html"), read(name, "css")
    return st.components.v2.component(f"alexnet_{name}", html=html, css=css, js=js)


def sent(key: str, name: str) -> Any:
    """What a component's browser has sent under a name, or None. It is not trusted."""
    state: Any = st.session_state.get(key)
    return None if state is None else state.get(name)

"""The line on top of a page that is a single screen: title, choices, address."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from ui.kit.components.copy_link import copy_link


@contextmanager
def strip(title: str) -> Iterator[None]:
    """The line; what is drawn inside stands between the title and "Copy link".

    ui/session/screen.css makes it so.
    """
    with st.container(
        horizontal=True, vertical_alignment="center", gap="small", key="strip"
    ):
        st.title(title, anchor=False, width="content")
        yield
        with st.container(width="content", key="strip_link"):
            copy_link()

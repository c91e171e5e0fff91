"""One picture under another, and a divider between them that the visitor moves."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from html import escape

import streamlit as st

from ui.kit.components import component

_divider = component("divider")


@dataclass(frozen=True)
class DividerTexts:
    """The texts on it."""

    alt: str  # text alternative of the picture
    label: str
    left: str  # what the picture on each side is called
    right: str
    value: str  # where the divider is: a sentence with {percent}


def jpeg(data: bytes) -> str:
    """A JPEG as an address that carries it."""
    return "data:image/jpeg;base64," + base64.b64encode(data).decode()


def divider(sharp: bytes, seen: bytes, texts: DividerTexts, *, key: str) -> None:
    """Shows one JPEG left of the divider, and another of the same section right of it.

    The first stands in the page itself, and is there before any component is. The
    browser moves the divider alone; nothing is sent. ui/session/index.css lays it over
    the picture. One a page.
    """
    with st.container(key="stage"):
        st.html(f'<img alt="{escape(texts.alt)}" src="{jpeg(sharp)}">')
        shown = {name: text for name, text in vars(texts).items() if name != "alt"}
        _divider(key=key, data={"seen": jpeg(seen), **shown})

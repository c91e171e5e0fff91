"""How to join a class: its address, its code in large type, and both as a QR code."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from urllib.parse import urlencode

import segno
import streamlit as st

from classroom.escape import escape_markdown
from classroom.people.classes import ClassNow
from classroom.people.codes import spaced
from ui.kit import state
from ui.kit.components.copy_link import copy_link
from ui.session import addresses

PAGE = "join"


def address() -> str:
    """Where students find the lab, without a slash at the end."""
    return addresses.for_others(state.JOIN_AT.get())


def choices() -> list[str]:
    """The addresses of which `address` is one, where it is not known which it is."""
    here = addresses.of_page()
    is_known = addresses.named() or addresses.is_reachable(here)
    return [] if is_known else addresses.served()


def choose(label: str, description: str) -> None:
    """Which of the machine's addresses is shown, where it has several."""
    found = choices()
    if len(found) < 2:
        return
    if state.JOIN_AT.get() not in found:
        state.JOIN_AT.set(found[0])
    state.JOIN_AT.keep_valid()
    st.selectbox(
        label,
        found,
        format_func=lambda one: one.partition("://")[2],
        help=description,
        width=340,
        **state.JOIN_AT.widget,
    )


def link(course: ClassNow) -> str:
    """The address that has the code in it."""
    return f"{address()}/{PAGE}?{urlencode({'code': course.code})}"


@lru_cache(maxsize=64)
def qr_png(link: str) -> bytes:
    """A link as a QR code: a PNG, black on white with its quiet zone."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=12, border=3)
    return out.getvalue()


def card(course: ClassNow, at: str, alt: str, width: int) -> None:
    """Address, code and QR code, side by side where there is room."""
    st.html(Path(__file__).with_name("join_card.css"))
    with st.container(
        horizontal=True, gap="medium", vertical_alignment="center", key="join_card"
    ):
        st.image(qr_png(link(course)), width=width, alt=alt)
        with st.container(width="content", gap="small"):
            shown = escape_markdown(f"{address()}/{PAGE}".partition("://")[2])
            st.markdown(at.format(address=shown))
            with st.container(key="join_code"):
                st.title(spaced(course.code), anchor=False, width="content")
            copy_link("join_copy", link(course))


def dialog(course: ClassNow, text: Mapping[str, str]) -> None:
    """The card over the lesson, until it is closed or the lesson goes on."""

    @st.dialog(text["class_join"], width="large")
    def show() -> None:
        card(course, text["class_join_at"], text["class_join"], 340)

    show()

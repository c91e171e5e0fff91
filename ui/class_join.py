"""How to join a class: its address, its code in large type, and both as a QR code."""

from __future__ import annotations

import io
import os
from collections.abc import Mapping
from functools import lru_cache
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from classroom import classes
from classroom.classes import ClassNow
from classroom.escape import escape_markdown
from ui import ROOT, permissions

PAGE = "join"


def address() -> str:
    """Where students find the lab: $ALEXNET_ADDRESS, or where the instructor found it.

    Ends without a slash.
    """
    named = os.environ.get("ALEXNET_ADDRESS", "").strip()
    if named:
        return (named if "://" in named else f"http://{named}").rstrip("/")
    if st.context.url:  # of this page
        here = urlsplit(st.context.url)
        return f"{here.scheme}://{here.netloc}{here.path.rpartition('/')[0]}"
    return f"http://{st.context.headers.get('Host') or 'localhost'}"


def is_reachable(where: str) -> bool:
    """Whether others than this machine can open an address, as far as it says so."""
    host = urlsplit(where).hostname or ""
    return host not in permissions.LOOPBACK and not host.startswith("127.")


def link(klass: ClassNow) -> str:
    """The address that has the code in it."""
    return f"{address()}/{PAGE}?{urlencode({'code': klass.code})}"


@lru_cache(maxsize=64)
def qr_png(link: str) -> bytes:
    """A link as a QR code: a PNG, black on white with its quiet zone."""
    out = io.BytesIO()
    segno.make(link, error="m", micro=False).save(out, kind="png", scale=12, border=3)
    return out.getvalue()


def card(klass: ClassNow, at: str, alt: str, width: int) -> None:
    """Address, code and QR code, side by side where there is room."""
    st.html(ROOT / "ui" / "join_card.css")
    with st.container(
        horizontal=True, gap="medium", vertical_alignment="center", key="join_card"
    ):
        st.image(qr_png(link(klass)), width=width, alt=alt)
        with st.container(width="content", gap="small"):
            shown = escape_markdown(f"{address()}/{PAGE}".partition("://")[2])
            st.markdown(at.format(address=shown))
            with st.container(key="join_code"):
                st.title(classes.spaced(klass.code), anchor=False, width="content")


def dialog(klass: ClassNow, text: Mapping[str, str]) -> None:
    """The card over the lesson, until it is closed or the lesson goes on."""

    @st.dialog(text["class_join"], width="large")
    def show() -> None:
        card(klass, text["class_join_at"], text["class_join"], 340)

    show()

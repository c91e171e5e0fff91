"""Who may do what for everybody, until there are accounts.

The instructor is whoever sits at the machine that the server runs on.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st

from classroom import classes
from classroom.roles import Instructor, Student
from ui import visitor

# A proxy on the same machine calls from it too, but says for whom.
FORWARDED = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host"),
    *("X-Forwarded-Proto", "X-Forwarded-Server", "X-Real-IP"),
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def is_instructor() -> bool:
    """Whether the visitor is at the server's own machine."""
    headers = st.context.headers
    if any(name in headers for name in FORWARDED):
        return False
    host = headers.get("Host")  # a proxy that says nothing passes its own name on
    if host is not None and urlsplit(f"//{host}").hostname not in LOOPBACK:
        return False
    return st.context.ip_address is None  # Streamlit's word for the loopback address


def may_fetch() -> bool:
    """Whether the visitor may have weights fetched onto the server."""
    return os.environ.get("ALEXNET_STUDENTS_FETCH") == "1" or is_instructor()


def instructor() -> Instructor | None:
    """Who has signed in at this browser, or None."""
    return None


def student() -> Student | None:
    """Who the visitor is in the open class that they joined last, or None.

    Raises:
        DatabaseAway: the database cannot be asked now.
    """
    return classes.student(visitor.key())

"""Who may do what for everybody.

An instructor is whoever has signed in. Until there is an account, whoever sits at the
machine that the server runs on may fetch and start what an instructor may; a class is
nobody's but a signed-in instructor's.
"""

from __future__ import annotations

import os
from urllib.parse import urlsplit

import streamlit as st

from classroom import accounts, classes
from classroom.roles import Instructor, NotAllowed, Student
from store.database import DatabaseAway
from ui import visitor, words
from ui.session_routes import NAME as SESSION

# A proxy on the same machine calls from it too, but says for whom.
FORWARDED = (
    *("Forwarded", "Via", "X-Forwarded-For", "X-Forwarded-Host"),
    *("X-Forwarded-Proto", "X-Forwarded-Server", "X-Real-IP"),
)
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def instructor() -> Instructor | None:
    """Who has signed in, looked up anew; None for all others.

    Raises:
        DatabaseAway: it cannot be known now.
    """
    token = session_token()
    return accounts.instructor(token) if token else None


def require_instructor() -> Instructor:
    """Who has signed in, looked up now. Callbacks and fragments ask this at each act.

    They outlive the run that made them: an `Instructor` that they kept would be one
    after the sign-out, too.

    Raises:
        NotAllowed: nobody, or no longer.
        DatabaseAway: it cannot be known now.
    """
    if (who := instructor()) is None:
        raise NotAllowed(words.page("sign_in")["signed_out"])
    return who


def session_token() -> str:
    """What the sign-in's cookie says; "" without one, or without a browser."""
    given = st.context.cookies.get(SESSION)
    return given if isinstance(given, str) else ""


def is_instructor() -> bool:
    """Whether the visitor has signed in, or nobody can and they are at the machine."""
    try:
        if instructor() is not None:
            return True
        return is_at_the_machine() and not accounts.anybody()
    except DatabaseAway:  # what is asked about needs no database
        return False


def is_at_the_machine() -> bool:
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


def student() -> Student | None:
    """Who the visitor is in the open class that they joined last, or None.

    Raises:
        DatabaseAway: the database cannot be asked now.
    """
    return classes.student(visitor.key())

"""Permissions of the visitor at hand.

A visitor who has signed in is an instructor. Until there is an account, a visitor at
the machine that the server runs on may fetch and start what an instructor may; a class
belongs to a signed-in instructor.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from ipaddress import ip_address

import streamlit as st

from classroom.people import accounts, classes
from classroom.people.roles import Instructor, NotAllowed, Student
from store.database import DatabaseAway
from ui.kit import state, words
from ui.session import visitor
from ui.session.origin import is_own
from ui.session.routes import NAME as SESSION

LOOPBACK = ("localhost", "127.0.0.1", "::1")

# All that a browser says of itself. A proxy adds others, and each has names of its own
# for the one it calls for: a request that says anything else is not from it.
_OF_BROWSERS = {
    *("host", "origin", "referer", "cookie", "user-agent", "connection", "upgrade"),
    *("accept", "accept-encoding", "accept-language", "cache-control", "pragma"),
    *("content-length", "content-type", "dnt", "priority", "x-xsrftoken"),
}


def instructor() -> Instructor | None:
    """Who has signed in, looked up again; None for all others.

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
        NotAllowed: no instructor, or no longer.
        DatabaseAway: it cannot be known now.
    """
    if (who := instructor()) is None:
        raise NotAllowed(words.page("sign_in")["signed_out"])
    return who


def session_token() -> str:
    """The token in the sign-in's cookie; "" without one, or without a browser."""
    given = st.context.cookies.get(SESSION)
    return given if isinstance(given, str) else ""


def is_instructor() -> bool:
    """Whether they have signed in, or are at the machine before any account is."""
    try:
        if instructor() is not None:
            return True
        return is_at_the_machine() and not accounts.anybody()
    except DatabaseAway:  # what is asked about needs no database
        return False


def is_at_the_machine() -> bool:
    """Whether the visitor is at the server's own machine."""
    return at_the_machine(st.context.headers, st.context.ip_address)


def at_the_machine(headers: Mapping[str, str], address: str | None) -> bool:
    """Whether a request was made by a browser on the server's own machine.

    No other can have made it: the server listens to this machine alone, and the
    page, the request and the connection are all of it. Without a browser it is not.

    Args:
        address: of the connection; None is Streamlit's word for the loopback address.
    """
    by_name = {name.lower(): value for name, value in headers.items()}
    if any(x not in _OF_BROWSERS and not x.startswith("sec-") for x in by_name):
        return False
    port = int(st.get_option("server.port"))
    hosts = [f"[{x}]:{port}" if ":" in x else f"{x}:{port}" for x in LOOPBACK]
    return (
        _is_loopback(str(st.get_option("server.address") or ""))
        and (address is None or _is_loopback(address))
        and is_own(by_name.get("origin", ""), hosts)
        and is_own(f"http://{by_name.get('host', '')}", hosts)
    )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:  # a name, or every interface
        return False


def may_fetch() -> bool:
    """Whether the visitor may have weights fetched onto the server."""
    return os.environ.get("ALEXNET_STUDENTS_FETCH") == "1" or is_instructor()


def student() -> Student | None:
    """Who the visitor is in their class, open or ended, or None.

    Raises:
        DatabaseAway: the database cannot be asked now.
    """
    return classes.student(visitor.key(), state.LOOKS_AT.get())


def students_start() -> bool:
    """Whether students may start experiments, where their class says nothing."""
    return os.environ.get("LAB_STUDENTS_START") != "0"

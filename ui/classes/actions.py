"""Actions of an instructor on a class, and why one was not possible."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from store.database import DatabaseAway
from ui.kit import state, words
from ui.session import permissions


def page_words() -> words.PageWords:
    """The page's words."""
    return words.page("class")


@contextmanager
def explained() -> Iterator[None]:
    """Shows in place of the rest why it cannot be shown."""
    try:
        yield
    except NotAllowed as trouble:
        st.error(str(trouble), icon=":material/error:")
    except DatabaseAway:
        st.warning(page_words()["away"], icon=":material/cloud_off:")


def as_instructor(do: Callable[[Instructor], object]) -> bool:
    """Does something as the instructor who is signed in by now.

    What stands in the way is shown by the next run (`report`).
    """
    try:
        do(permissions.require_instructor())
    except (ClassRefused, NotAllowed) as trouble:
        state.CLASS_MESSAGE.set(str(trouble))
    except DatabaseAway:
        state.CLASS_MESSAGE.set(page_words()["away"])
    else:
        return True
    return False


def report() -> None:
    """Shows what stood in the way of the last action."""
    if state.CLASS_MESSAGE.get():
        st.error(state.CLASS_MESSAGE.get(), icon=":material/error:")
        state.CLASS_MESSAGE.set("")

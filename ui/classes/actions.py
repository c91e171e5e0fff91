"""The words of the class's page, and why the rest of it cannot be shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from classroom.people.roles import NotAllowed
from store.database import DatabaseAway
from ui.kit import words


def page_words() -> words.PageWords:
    """The page's words."""
    return words.page("class")


@contextmanager
def explained() -> Iterator[None]:
    """Shows in place of the rest why it cannot be shown."""
    try:
        yield
    except NotAllowed as trouble:
        st.error(words.refusal(trouble), icon=":material/error:")
    except DatabaseAway:
        st.warning(page_words()["away"], icon=":material/cloud_off:")

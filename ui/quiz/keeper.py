"""Beside a question: whether its answer is on the server, by what the browser knows.

"Saved at …" is written by a run of the page. What was changed since then, and whether
there is a connection at all, the browser knows alone: the component asks for a sign of
life, numbers what is changed, and waits for that number to come back. It is a part of
its own, so that a number costs no run of the page.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

import streamlit as st

from ui.kit import times, words
from ui.kit.components import keeper
from ui.quiz.draft_routes import ADDRESS
from ui.session.routes import path

KEY = "quiz_keeper"
SCOPE = "quiz_answer"  # the key of the container that a question is answered in
SAVED = "quiz_saved"  # of the line with the time of saving

ALIVE = "_stcore/health"  # Streamlit's own, which costs next to nothing


def watch(
    where: Mapping[str, str],
    answers: int,
    next_number: int,
    *,
    checked: bool,
    differs: bool = False,
) -> None:
    """The component for the question on screen.

    Args:
        where: which question that is, as `ui.quiz.draft_routes` takes it.
        answers: to it, stored by now.
        next_number: the number that the next response about it has.
        checked: whether a button sends the answer; else each change does.
        differs: whether the fields hold a complete answer that was not sent yet.
            What the browser says of it then is the page's business: see `owes`.
    """
    draw = _watch if differs else st.fragment(_watch)
    draw(where, answers, next_number, checked, differs)


def _watch(
    where: Mapping[str, str],
    answers: int,
    next_number: int,
    checked: bool,
    differs: bool,
) -> None:
    keeper.keeper(
        key=KEY,
        page=keeper.Page(SCOPE, SAVED, path(ALIVE), path(ADDRESS)),
        where=where,
        answers=answers,
        next_number=next_number,
        checked=checked,
        differs=differs,
        text=words.page("quiz").table("keeper" if not checked else "keeper_checked"),
    )


def owes(where: Mapping[str, str]) -> bool:
    """Whether the browser reports an answer to this question that is not here yet.

    A server that was restarted, or that had forgotten the page, is sent what its fields
    hold, but not that they were changed.
    """
    owed = keeper.owed(KEY)
    if len(owed) > 500:
        return False
    try:
        return bool(owed) and json.loads(owed) == dict(where)
    except (ValueError, RecursionError):
        return False


def saved_line(at: float | None) -> None:
    """That the last response is in the database, and since when."""
    if at is not None:
        saved_at = (
            words.page("quiz").table("away")["saved"].format(time=times.clock_time(at))
        )
        with st.container(key=SAVED):
            st.caption(f":material/cloud_done: {saved_at}")

"""The part of the quiz page that a click runs: a question, or the round's result."""

from __future__ import annotations

import streamlit as st

from ui.kit import state
from ui.quiz import book as quiz_book
from ui.quiz import question, rounds
from ui.quiz.book import Book


@st.fragment
def turn(ids: tuple[str, ...], given: list[Book]) -> None:
    """A question or the result. Clicks in it run nothing else of the page.

    Args:
        given: the book that the page has just opened; used once.
    """
    book = given.pop() if given else quiz_book.open_book()
    if book is None:
        state.rerun()
    variant = rounds.current(ids)
    rounds.progress(book, ids, variant)
    quiz_book.show_message()
    quiz_book.banner()
    if variant is None:
        rounds.result(book, ids)
    else:
        question.ask(book, variant)
        question.feedback(book, variant)
        question.help_and_move(book, ids, variant)
        question.links(variant)
    quiz_book.kept(book)
    state.write_url("quiz")

"""What is claimed, with its sources; what came before and after."""

from __future__ import annotations

import streamlit as st

from classroom.content import code_2012
from classroom.content.lesson_files import Source
from ui import script
from ui.kit import widgets, words
from ui.lesson.lesson_view import LessonView, cited
from ui.lesson.live import era

CLAIMS = ("claim", "lesson", "paper", "authors", "app", "why")  # columns


def claim_rows(view: LessonView) -> dict[str, dict[str, str]]:
    """The claims with all numbers filled in, by name, and with links to sources."""
    rows = {}
    for name, row in view.lesson.tables["claims"].items():
        cells = {key: view.markdown(row[key]) for key in CLAIMS}
        reference, _, place = row["source"].partition(" ")
        link = view.lesson.tables["references"][reference]["link"]
        cells["paper"] += f" ([{place}]({link}))"
        if lines := ", ".join(
            place.markdown for place in code_2012.places(row["code"])
        ):
            cells["authors"] += f" ({lines})"
        rows[name] = cells
    return rows


def claims(view: LessonView) -> None:
    """One table of every number claimed."""
    text = words.page("claims")
    source = {"repository": code_2012.REPOSITORY, "commit": code_2012.COMMIT}
    st.markdown(f":small[{text['says'].format(**source)}]")
    notebook = words.page("training_2012")
    st.page_link(
        script("training_2012"), label=notebook["heading"], icon=notebook["icon"]
    )
    rows = claim_rows(view)
    widgets.stacked_table(
        {text[field]: [row[field] for row in rows.values()] for field in CLAIMS}
    )


def timeline(view: LessonView) -> None:
    """What came before and after."""
    st.header(words.page("claims")["timeline"], anchor="timeline")
    era.timeline(view.lesson, view.known)


def to_glossary() -> None:
    """The way to all words, where they stood before they had a page of their own."""
    text = words.page("glossary")
    st.header(text["title"], anchor="words")
    st.markdown(text["lead"])
    st.page_link(script("glossary"), label=text["link"], icon=text["icon"])


def references(view: LessonView) -> None:
    """All sources, with links."""
    text = words.page("claims")
    st.header(text["references"], anchor="references")
    st.markdown(
        "\n".join(
            f"- {cited(view.lesson, Source(name, ''))}"
            for name in view.lesson.tables["references"]
        )
    )
    st.page_link(
        script("lesson"), label=text["back"], icon=words.page("lesson")["icon"]
    )

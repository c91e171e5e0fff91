"""The links of a page: its section's row, its own, and those at its end."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from ui.kit import sections

END = 1 + len(sections.PAGES[sections.FOOT])  # where to go next, and the small ones


def links(app: AppTest) -> list[Any]:
    """All of them, as they are sent."""
    return [x.proto for x in app.main.get("page_link")]


def own_labels(app: AppTest, page: str) -> list[str]:
    """What the page itself links to."""
    row = len(sections.PAGES[sections.section_of(page)])
    return [link.label for link in links(app)][row if row > 1 else 0 : -END]

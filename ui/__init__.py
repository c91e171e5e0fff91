"""Everything Streamlit that the pages share."""

from pathlib import Path

from paths import ROOT


def script(page: str) -> Path:
    """The script of a page, for `st.Page`, `st.page_link` and `st.switch_page`."""
    return ROOT / "pages" / f"{page}.py"

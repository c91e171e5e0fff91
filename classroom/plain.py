"""Text that somebody typed, so written that Markdown shows it as it was typed."""

from __future__ import annotations

import re

# Every mark that Markdown may read in its own way (CommonMark 0.31, section 2.4).
_MARKS = re.compile(r"([!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~])")
# Streamlit looks for :name: and :name[…] once Markdown is through: these need a joiner.
_COLON = re.compile(r":(?=[\w+-])")
_BREAK = re.compile(r"\s*\n\s*")
JOINER = "\u2060"


def markdown(text: str) -> str:
    """The text as Markdown without any markup: one paragraph, its lines kept."""
    marked = _MARKS.sub(r"\\\1", _COLON.sub(f":{JOINER}", text.strip()))
    return _BREAK.sub("  \n", marked)

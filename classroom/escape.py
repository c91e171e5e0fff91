"""Typed text as Markdown that shows the text itself.

A name, an answer or a file's name is data. `escape_markdown` writes it so that
Streamlit's Markdown (CommonMark, GFM, directives, icons, emoji, LaTeX) shows exactly
what was typed, and what is copied from the page is what was typed.
"""

from __future__ import annotations

import re
import unicodedata

# Each ASCII mark may be escaped by a backslash (CommonMark 0.31, section 2.4).
_MARKS = re.compile(r"([!-/:-@\[-`{-~])")

# Streamlit 1.67 rewrites text once Markdown has been parsed, so that a backslash does
# not help: GFM's links (http:, https:, www., a@b.c), :emoji:, :material_icon:,
# :streamlit: and arrows (->, <=, --, ~=). Each rule sees one text node at a time, so a
# node that ends inside of what it looks for keeps the rule from matching.
_REWRITTEN = re.compile(
    r"(?<=:)(?=[\w+/-])"  # of :name: and ://
    r"|(?<=www)(?=\.)"
    r"|(?<=@)(?=[\w-])"
    r"|(?<=[-<>=~])(?=[-<>=~])",
    re.IGNORECASE,
)
# An empty span: a directive without text and without colours. Nothing of it is shown,
# read aloud or copied.
_NODE_ENDS = ":color[]"

_BREAK = re.compile(r"\s*[\n\r]\s*")

# Explicit embeddings, overrides and isolates are not seen and turn round what follows.
_BIDI_CONTROLS = re.compile("[\u202a-\u202e\u2066-\u2069]")
_ISOLATE, _END_OF_ISOLATE = "\u2068", "\u2069"


def escape_markdown(text: str) -> str:
    """The text as Markdown that shows it as it was typed, in one paragraph.

    White space at both ends is dropped; a new line, or several, is one line break.
    Invisible controls of direction are dropped. Text with letters that are written from
    right to left is isolated, so that the words around it keep their places.
    """
    shown = _BIDI_CONTROLS.sub("", text).strip()
    lines = (_line(line) for line in _BREAK.split(shown))
    escaped = "  \n".join(lines)
    if any(unicodedata.bidirectional(letter) in ("R", "AL") for letter in shown):
        return f"{_ISOLATE}{escaped}{_END_OF_ISOLATE}"
    return escaped


def _line(text: str) -> str:
    parts = _REWRITTEN.split(text)
    return _NODE_ENDS.join(_MARKS.sub(r"\\\1", part) for part in parts)

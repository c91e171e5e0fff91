"""Text in a file that a spreadsheet opens: no cell of it may start a formula.

A spreadsheet takes text for one that begins with =, +, -, @ (full-width forms too) or
with a tab or a new line before them; what follows a semicolon, a tab or a new line
within a text would begin a cell where those part the columns.

It stands in this room because the lab's files and the class's both need it, and neither
of the two knows the other.
"""

from __future__ import annotations

import re

_STARTS = re.compile(r"(^|[;\t\r\n])((?:[^\S\t\r\n]|[\"'])*)(?=[=+\-@＝＋－＠])")
_LEADS = re.compile(r"^[\t\r\n]")


def as_text(text: str) -> str:
    """The text with an apostrophe wherever a spreadsheet could begin a formula."""
    guarded = _STARTS.sub(r"\1'\2", text)
    return f"'{guarded}" if _LEADS.match(guarded) else guarded

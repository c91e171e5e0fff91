"""What a step says where it is presented: 40 words at most, for the last row to read.

A step's file has them as `slide`; a step without it has the first sentences of its
words, as many as fit.
"""

from __future__ import annotations

import re
from collections.abc import Callable

MOST_WORDS = 40
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-ZÄÖÜ\d„“*{\[])")


def first_sentences(body: str, count: Callable[[str], int]) -> str:
    """Whole sentences from the beginning of a step's words, as many as fit a slide.

    Args:
        body: Markdown.
        count: the words of a text.

    Returns:
        One paragraph; empty where the first sentence alone is too long.
    """
    found = ""
    for sentence in _SENTENCE.split(body.strip()):
        more = f"{found} {sentence}".strip()
        if count(more) > MOST_WORDS or more.count("**") % 2:
            break
        found = more
    return found

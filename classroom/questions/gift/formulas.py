"""Where formulas and code stand in a text: found in one pass, however long it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

# An opening and what closes it; \x01 is an escaped backslash (`gift.blocks`).
FORMULAS = {
    "\x01(": "\x01)",
    "\\(": "\\)",
    "\x01[": "\x01]",
    "\\[": "\\]",
    "$$": "$$",
    "$": "$",
    "[tex]": "[/tex]",
    "<tex>": "</tex>",
}
CODE = {"`": "`", "<code": "</code>"}


@dataclass(frozen=True)
class FormulaSpan:
    """A piece of a text from an opening to what closes it."""

    start: int
    end: int
    opened: str
    inner: str


def spans(text: str, pairs: dict[str, str]) -> Iterator[FormulaSpan]:
    """Pieces that open and close, from left to right, none within another.

    What closes nothing is passed over: an opening that is not closed stays text.
    """
    left = {opened: text.find(opened) for opened in pairs}
    at = 0
    while True:
        for opened, place in left.items():
            if -1 < place < at:
                left[opened] = text.find(opened, at)
        found = [(p, -len(opened), opened) for opened, p in left.items() if p >= 0]
        if not found:
            return
        start, _, opened = min(found)
        begin = start + len(opened)
        end = text.find(pairs[opened], begin)
        if end < 0:  # nor will it be closed further on
            left[opened] = -1
            continue
        at = end + len(pairs[opened])
        span = FormulaSpan(start, at, opened, text[begin:end])
        if opened == "$" and not _fits(text, span):
            at = end if end > begin else at  # its end may open another
            continue
        if span.inner:
            yield span


def _fits(text: str, span: FormulaSpan) -> bool:
    """Whether two $ are around something, and not sums of money."""
    after = text[span.end : span.end + 1]
    return bool(span.inner.strip()) and "\n" not in span.inner and not after.isdigit()

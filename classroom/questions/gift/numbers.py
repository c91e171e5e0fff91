"""Numbers of a GIFT question, with how far an answer may be off."""

from __future__ import annotations

import math
import re

from classroom.questions import number_input
from classroom.questions.gift.items import Wrong

_NUMBER = re.compile(
    r"[+-]?(?:\d{1,40}(?:\.\d{0,40})?|\.\d{1,40})(?:[eE][+-]?\d{1,3})?"
)
_DASHES = str.maketrans("−–—", "---")


def number(text: str) -> tuple[float, float]:
    """A number and how far one may be off: 54, 54:0.5 or 53.5..54.5.

    Raises:
        Wrong: it is none of these.
    """
    low, dots, high = text.replace("…", "..").partition("..")
    if dots:
        ends = _float(low), _float(high.lstrip("."))
        middle, off = (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
        return float(f"{middle:.14g}"), float(f"{off:.14g}")
    value, _, within = text.partition(":")
    if not within:
        value, _, within = text.partition("±")
    return _float(value), abs(_float(within or "0"))


def _float(text: str) -> float:
    figures = "".join(text.split()).translate(_DASHES)
    if "," in figures:
        sign = figures[:1] if figures[:1] in "+-" else ""
        figures = sign + (
            number_input.with_point(figures.removeprefix(sign)) or figures
        )
    value = float(figures) if _NUMBER.fullmatch(figures) else math.inf
    if not math.isfinite(value):
        raise Wrong(f"“{text.strip()[:40]}” is no number such as 54 or 0.5 or 1e6")
    return value

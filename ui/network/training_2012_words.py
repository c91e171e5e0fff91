"""The words of the page on the authors' training; how it writes numbers and days."""

from __future__ import annotations

import datetime
from collections.abc import Iterable, Sequence

from classroom.content.code_2012 import Place
from classroom.content.runs_2012 import Errors
from ui.kit import words

PAGE = "training_2012"


def text_of(section: str) -> words.PageWords:
    """The words of one section of the page."""
    return words.page(PAGE).table(section)


def _month(day: datetime.date) -> str:
    return str(words.page(PAGE).lines("months")[day.month - 1])


def date(day: datetime.date) -> str:
    """13 September 2012."""
    text = words.page(PAGE)["date"]
    return str(text.format(day=day.day, month=_month(day), year=day.year))


def month_and_year(day: datetime.date) -> str:
    """March 2013."""
    text = words.page(PAGE)["month"]
    return str(text.format(month=_month(day), year=day.year))


def per_cent(errors: Errors | None) -> dict[str, str]:
    """Two errors as the notebook has them, with two decimals."""
    assert errors is not None
    return {"top1": f"{errors.top1:.2f}%", "top5": f"{errors.top5:.2f}%"}


def links(places: Iterable[Place]) -> str:
    """Places in the code, each linked."""
    return ", ".join(place.markdown for place in places)


def listed(items: Iterable[object]) -> str:
    """25, 51 and 79."""
    *most, last = (f"{x:g}" if isinstance(x, float) else str(x) for x in items)
    both = words.page(PAGE)["listed"]
    return str(both.format(most=", ".join(most), last=last)) if most else last


def in_a_column(values: Sequence[float | None], form: str) -> list[float | str | None]:
    """Numbers that a table sorts by their size, with the language's decimal mark.

    The browser writes numbers as English does. Any other language's are texts, padded
    with spaces, which come before digits.
    """
    mark = words.style().decimal
    if mark == ".":
        return list(values)
    parts = [None if x is None else format(x, form).partition(".") for x in values]
    long = max(len(x[0]) for x in parts if x)
    short = max(len(x[2]) for x in parts if x)
    return [
        x and x[0].rjust(long) + (mark if x[1] else " ") + x[2].ljust(short)
        for x in parts
    ]

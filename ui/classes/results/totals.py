"""All tests of a class in one table; how points are distributed, and who has passed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import streamlit as st

from classroom.exams import totals
from classroom.exams.gradebook import Which
from classroom.exams.totals import Totals
from classroom.people.roles import Instructor
from ui.classes.names import choices, students
from ui.kit import widgets, words
from viz import results

ALL = "all"  # in the address of a file, and in the choice of a test
HALF = 50  # per cent: the pass mark, until another is typed


def points_table(table: Mapping[str, list[Any]], points: Sequence[str]) -> None:
    """A line for each student.

    Args:
        table: heading -> (students,) cells.
        points: headings of the columns that hold points.
    """
    text = words.page("class_results").table("gradebook")
    st.dataframe(
        table,
        hide_index=True,
        placeholder=text["missing"],
        column_config={
            text["per_cent"]: st.column_config.NumberColumn(format="%.0f %%"),
            text["number"]: st.column_config.NumberColumn(pinned=True),
            text["name"]: st.column_config.TextColumn(pinned=True),
        }
        | {name: st.column_config.NumberColumn(format="%.2f") for name in points},
        alt=text["alt"].format(rows=len(table[text["number"]]), columns=len(table)),
    )


def show(who: Instructor, class_id: str, which: Which) -> dict[str, str]:
    """The table; returns what the students are called.

    Raises:
        NotAllowed: the class is another's.
    """
    text = words.page("class_results").table("gradebook")
    found = totals.totals(who, class_id, which)
    names = students(found.pupils)
    if not found.books:
        st.info(text["no_tests"], icon=":material/assignment:")
        return names
    st.caption(text["say_all"].format(which=text[which], maximum=found.maximum))
    table: dict[str, list[Any]] = {
        text["number"]: [pupil.number for pupil in found.pupils],
        text["name"]: [names[pupil.id] for pupil in found.pupils],
        text["points"]: [found.sum(pupil) for pupil in found.pupils],
        text["per_cent"]: [found.per_cent(pupil) for pupil in found.pupils],
    }
    points = [text["points"]]
    for book, head in zip(found.books, heads(found), strict=True):
        points.append(head)
        table[head] = [found.points(pupil, book) for pupil in found.pupils]
    points_table(table, points)
    distribution(class_id, [found.per_cent(pupil) for pupil in found.pupils])
    return names


def heads(found: Totals, language: str | None = None) -> list[str]:
    """What the tests' columns are called; two of one title are told apart.

    Args:
        language: another than that of the page at hand, as in files.
    """
    text = words.page("class_results", language).table("gradebook")
    named = {
        str(number): text["of"].format(
            name=book.exam.title if book.exam else "", maximum=book.maximum
        )
        for number, book in enumerate(found.books)
    }
    return list(choices(named).values())


def distribution(class_id: str, per_cents: Iterable[float | None]) -> None:
    """How many students are in each tenth, and how many have the pass mark."""
    text, known = (
        words.page("class_results").table("gradebook", "spread"),
        list(per_cents),
    )
    with st.expander(text["heading"], icon=":material/bar_chart:"):
        mark = st.number_input(
            text["mark"], 0, 100, value=HALF, step=5, key=f"pass_{class_id}", width=190
        )
        have, count = totals.passed(known, float(mark))
        st.markdown(text["passed"].format(passed=have, count=count, mark=mark))
        if not count:
            return
        counts = totals.distribution(known)
        labels = [_tenth(at) for at in range(totals.BINS)]
        listed = ", ".join(
            text["bar"].format(label=label, count=number)
            for label, number in zip(labels, counts, strict=True)
            if number
        )
        spec = results.bars(labels, counts, [False] * len(labels), widgets.scheme())
        st.vega_lite_chart(
            spec=spec, key=f"spread_{class_id}", alt=text["alt"].format(said=listed)
        )


def _tenth(at: int) -> str:
    """ "0–9 %", and "90–100 %" for the last."""
    width = 100 // totals.BINS
    last = 100 if at == totals.BINS - 1 else (at + 1) * width - 1
    return f"{at * width}–{last} %"

"""Results as files: CSV, XLSX, and all that is kept about one member as a zip.

No cell can start a formula. A spreadsheet takes text for one that begins with =, +, -,
@ (full-width forms too) or with a tab or a new line before them, and names and answers
are whatever a student typed. In a CSV file such text gets an apostrophe before it,
which a spreadsheet reads as "this is text"; so does what follows a semicolon, a tab or
a new line within a text, since where those part the columns it would begin a cell. In
XLSX a cell says of itself that it is text, and nothing is added. Numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from classroom.gradebook import Book
from store.formulas import as_text

Value = str | int | float | None

BOM = "\ufeff"  # Excel takes CSV for UTF-8 by this alone
LONGEST = 32_767  # characters of a cell in XLSX

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udfff]")


@dataclass(frozen=True)
class Sheet:
    """A table: a title, a head, and lines of text and numbers."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]


def _clean(text: str) -> str:
    """Without what no file of this kind may hold."""
    return _CONTROL.sub("\ufffd", text)


def to_csv(sheet: Sheet) -> bytes:
    """The sheet as CSV: UTF-8 with a byte order mark, all text within quotes."""
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_NONNUMERIC, lineterminator="\r\n")
    for row in (sheet.head, *sheet.rows):
        writer.writerow(
            [as_text(_clean(x)) if isinstance(x, str) else "" if x is None else x
             for x in row]
        )  # fmt: skip
    return (BOM + out.getvalue()).encode()


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as a workbook; every text is typed as text."""
    book = Workbook()
    book.remove(book.active)
    for sheet in sheets:
        page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", sheet.title)[:31])
        for y, row in enumerate((sheet.head, *sheet.rows), 1):
            for x, value in enumerate(row, 1):
                cell = page.cell(y, x)
                if isinstance(value, str):
                    cell.value = _clean(value)[:LONGEST]
                    cell.data_type = "s"
                    # What is typed over it stays text too.
                    cell.quotePrefix = as_text(value) != value
                elif value is not None:
                    cell.value = value
                if y == 1:
                    cell.font = Font(bold=True)
        page.freeze_panes = "B2"
        for x, name in enumerate(sheet.head, 1):
            width = max([len(name), *(len(str(row[x - 1])) for row in sheet.rows[:60])])
            page.column_dimensions[get_column_letter(x)].width = min(width + 2, 40)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


# --- what is in the files -------------------------------------------------------------


def points(book: Book, words: Mapping[str, str], topics: Mapping[str, str]) -> Sheet:
    """The gradebook: a line a member; sums, topics, then every question.

    Args:
        words: "title", "number", "name", "points", "own", "answered", "tries",
            "hints" and "minutes".
        topics: the titles of topics.
    """
    names = ("number", "name", "points", "own", "answered", "tries", "hints", "minutes")
    head = (
        *(words[name] for name in names),
        *(topics[topic] for topic in book.topics),
        *book.questions,
    )
    rows = []
    for row in book.rows:
        cells = [row.cells.get(name) for name in book.questions]
        line: list[Value] = [row.pupil.number, row.pupil.name]
        line += [round(row.points, 4), round(row.own, 4)]
        line += [row.answered, row.tries, row.hints, round(row.seconds / 60, 1)]
        line += [round(book.topic_points(row, topic), 4) for topic in book.topics]
        line += [
            None
            if cell is None
            else round(value, 4)
            if (value := cell.points if cell.own is None else cell.own) is not None
            else None
            for cell in cells
        ]
        rows.append(tuple(line))
    return Sheet(words["title"], head, tuple(rows))


def acts(
    rows: Iterable[Any], names: Mapping[str, str], words: Mapping[str, str]
) -> Sheet:
    """All that was given, a line each, in the order of time.

    Args:
        rows: `store.results.StoredAct`.
        names: members' ids -> names.
        words: "title", "at", "name", "sitting", "question", "seed", "number", "kind",
            "answer", "score" and "mistake".
    """
    columns: tuple[tuple[str, Callable[[Any], Value]], ...] = (
        ("at", lambda a: moment(a.at)),
        ("name", lambda a: names.get(a.member, "")),
        ("sitting", lambda a: a.sitting),
        ("question", lambda a: a.question),
        ("seed", lambda a: a.seed),
        ("number", lambda a: a.number),
        ("kind", lambda a: a.kind),
        ("answer", lambda a: _typed(a.answer)),
        ("score", lambda a: round(a.score, 4) if a.counts else None),
        ("mistake", lambda a: a.mistake or ""),
    )
    return Sheet(
        words["title"],
        tuple(words[name] for name, _ in columns),
        tuple(tuple(get(act) for _, get in columns) for act in rows),
    )


def _typed(answer: Any) -> str:
    """An answer as its student gave it."""
    if answer is None:
        return ""
    if isinstance(answer, str):
        return answer
    if isinstance(answer, list):
        return ", ".join(map(str, answer))
    return json.dumps(answer, ensure_ascii=False)


def moment(at: float) -> str:
    """Seconds since 1970 as 2026-11-24 09:30:00, in UTC."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S")


def person(everything: Mapping[str, Any], readme: str) -> bytes:
    """All that is kept about a member: one JSON file a table, and what they are."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("README.txt", readme)
        for table, rows in everything.items():
            text = json.dumps(rows, ensure_ascii=False, indent=1)
            archive.writestr(f"{table}.json", text)
    return out.getvalue()


def file_name(*parts: str, suffix: str) -> str:
    """A name that every file system takes: small letters, digits and hyphens."""
    words = re.sub(r"[^a-z0-9]+", "-", " ".join(parts).lower()).strip("-")
    return f"{words[:60].strip('-') or 'class'}.{suffix}"

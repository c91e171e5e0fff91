"""Results as files: CSV, XLSX, and all that is kept about one member as a zip.

No cell can start a formula. A spreadsheet takes text for one that begins with =, +, -,
@ (full-width forms too) or with a tab or a new line before them, and names and answers
are whatever a student typed. In a CSV file such text gets an apostrophe before it,
which a spreadsheet reads as "this is text"; so does what follows a semicolon, a tab or
a new line within a text, since where those part the columns it would begin a cell. In
XLSX a cell says of itself that it is text, and nothing is added. Numbers stay numbers.
"""

from __future__ import annotations

import io
import json
import re
import unicodedata
import zipfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from urllib.parse import quote

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter

from classroom.exams.gradebook import Gradebook, GradebookLine
from classroom.exams.totals import Totals
from classroom.people.names import JOINERS
from classroom.questions import answer_text
from classroom.questions.titles import title, titles
from store.answers.answers import StoredAttempt, StoredResponse
from store.answers.marks import StoredMark
from store.formulas import as_text

Value = str | int | float | datetime | None

BOM = "\ufeff"  # Excel takes CSV for UTF-8 by this alone
LONGEST = 32_767  # characters of a cell in XLSX

SHEET = 31  # UTF-16 units of a sheet's name: Excel takes no more
NAME = 60  # letters of a file's name

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


@dataclass(frozen=True)
class Dialect:
    """How a spreadsheet of some language reads a CSV file."""

    separator: str
    decimal: str


# Excel takes both from the settings of its machine: a file with commas opens as one
# column in Germany, and there 1.5 becomes the first of May.
DIALECTS = {
    "english": Dialect(",", "."),
    "continental": Dialect(";", ","),  # German, French, Italian, Spanish, ...
    "swiss": Dialect(";", "."),
}


def to_csv(sheet: Sheet, dialect: Dialect = DIALECTS["english"]) -> bytes:
    """The sheet as CSV: UTF-8 with a byte order mark, all text within quotes."""

    def cell(value: Value) -> str:
        if value is None:
            return ""
        if isinstance(value, str):
            return '"' + as_text(_clean(value)).replace('"', '""') + '"'
        if isinstance(value, datetime):
            return f'"{value:%Y-%m-%d %H:%M:%S}"'
        return str(value).replace(".", dialect.decimal)

    rows = (sheet.head, *sheet.rows)
    lines = (dialect.separator.join(map(cell, row)) for row in rows)
    return (BOM + "".join(f"{line}\r\n" for line in lines)).encode()


def sheet_names(wanted: Iterable[str]) -> list[str]:
    """Names under which Excel opens the sheets without repairing the file.

    None of []:*?/\\ and no control characters, no apostrophe at either end, at most 31
    UTF-16 units, not "History", and no two alike but for capitals.
    """
    found: list[str] = []
    taken = {"history"}
    for name in wanted:
        allowed = _clean(re.sub(r"[\[\]:*?/\\\x00-\x1f\x7f]", " ", name))
        allowed = unicodedata.normalize("NFC", allowed).strip(" '") or "Sheet"
        called, number = _cut(allowed, SHEET), 1
        while called.casefold() in taken:
            number += 1
            mark = f" ({number})"
            called = _cut(allowed, SHEET - len(mark)) + mark
        taken.add(called.casefold())
        found.append(called)
    return found


def _cut(text: str, units: int) -> str:
    """As many whole characters as fit, no space or apostrophe at the end."""
    while len(text.encode("utf-16-le")) > 2 * units:
        text, last = text[:-1], text[-1]
        # What a letter or an emoji is made of is not torn apart.
        while text and (unicodedata.combining(last) or text[-1] == "\u200d"):
            text, last = text[:-1], text[-1]
    return text.rstrip(" '")


def to_xlsx(sheets: Sequence[Sheet]) -> bytes:
    """The sheets as a workbook; every text is typed as text."""
    workbook = Workbook()
    workbook.remove(workbook.active)
    names = sheet_names(sheet.title for sheet in sheets)
    for sheet, called in zip(sheets, names, strict=True):
        page = workbook.create_sheet(called)
        for y, row in enumerate((sheet.head, *sheet.rows), 1):
            for x, value in enumerate(row, 1):
                _fill(page.cell(y, x), value)
                if y == 1:
                    page.cell(y, x).font = Font(bold=True)
        page.freeze_panes = "B2"
        for x, name in enumerate(sheet.head, 1):
            longest = [_width(row[x - 1]) for row in sheet.rows[:60]]
            column = page.column_dimensions[get_column_letter(x)]
            column.width = min(max([len(name), *longest]) + 2, 40)
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def _fill(cell: Any, value: Value) -> None:
    if isinstance(value, str):
        cell.value = _clean(value)[:LONGEST]
        cell.data_type = "s"
        # What is typed over it stays text too.
        cell.quotePrefix = as_text(value) != value
        if "\n" in value:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    elif value is not None:
        cell.value = value
        if isinstance(value, datetime):
            cell.number_format = "yyyy-mm-dd hh:mm:ss"


def _width(value: Value) -> int:
    if isinstance(value, datetime):
        return 19
    return max((len(line) for line in str(value).split("\n")), default=0)


# --- what is in the files -------------------------------------------------------------


def points(
    grades: Gradebook, words: Mapping[str, str], topics: Mapping[str, str]
) -> Sheet:
    """The gradebook: a line a member; sums, topics, then every question.

    Args:
        words: "title", "number", "name", "points", "maximum", "per_cent", "own",
            "answered", "sittings", "extra", "tries", "hints", "minutes", "unmarked" and
            "of".
        topics: the titles of topics.
    """
    columns: list[tuple[str, Callable[[GradebookLine], Value]]] = [
        (words["number"], lambda line: line.pupil.number),
        (words["name"], lambda line: line.pupil.name),
        (words["points"], lambda line: _round(grades.points(line))),
        (words["maximum"], lambda _: grades.maximum),
        (words["per_cent"], lambda line: _round(grades.per_cent(line), 1)),
        (words["own"], lambda line: _round(line.self_assessed)),
        (words["answered"], lambda line: line.answered),
    ]
    if grades.exam is not None:
        columns.append((words["sittings"], lambda line: line.attempts))
    if any(line.extra for line in grades.lines):
        columns.append((words["extra"], lambda line: line.extra))
    columns += [
        (words["tries"], lambda line: line.tries),
        (words["hints"], lambda line: line.hints),
        (words["minutes"], lambda line: round(line.seconds / 60, 1)),
    ]
    for topic in grades.topics:
        head = words["of"].format(
            name=topics[topic], maximum=grades.topic_maximum(topic)
        )
        columns.append((head, partial(_topic, grades, topic)))
    for name, called in titles(grades.questions).items():
        columns.append((called, partial(_cell, name)))
    if grades.has_open:
        columns.append((words["unmarked"], lambda line: line.unmarked))
    return Sheet(
        words["title"],
        tuple(head for head, _ in columns),
        tuple(tuple(get(line) for _, get in columns) for line in grades.lines),
    )


def all_tests(found: Totals, words: Mapping[str, str], tests: Sequence[str]) -> Sheet:
    """All tests of a class: a line a member; sums, then every test.

    Args:
        words: "title", "number", "name", "points", "maximum" and "per_cent".
        tests: what the tests' columns are called.
    """
    heads = ("number", "name", "points", "maximum", "per_cent")
    return Sheet(
        words["title"],
        (*(words[name] for name in heads), *tests),
        tuple(
            (
                pupil.number,
                pupil.name,
                _round(found.sum(pupil)),
                found.maximum,
                _round(found.per_cent(pupil), 1),
                *(_round(found.points(pupil, book)) for book in found.books),
            )
            for pupil in found.pupils
        ),
    )


def _round(value: float | None, digits: int = 4) -> float | None:
    return None if value is None else round(value, digits)


def _topic(grades: Gradebook, topic: str, line: GradebookLine) -> Value:
    return _round(grades.topic_points(line, topic))


def _cell(question: str, line: GradebookLine) -> Value:
    cell = line.cells.get(question)
    return None if cell is None else _round(cell.shown)


def responses(
    found: Iterable[tuple[StoredAttempt, StoredResponse]],
    names: Mapping[str, str],
    words: Mapping[str, str],
    kinds: Mapping[str, str],
    marks: Mapping[str, StoredMark],
) -> Sheet:
    """All responses, a line each, in words.

    Args:
        found: in the order of time.
        names: members' ids -> names.
        words: "title", "at", "name", "sitting", "question", "seed", "number", "kind",
            "answer", "score", "mistake", "id", "mark" and "comment".
        kinds: what an answer, a hint and an answer shown are called.
        marks: of open answers, by the answers' keys.
    """
    heads = (
        *("at", "name", "sitting", "question", "seed", "number"),
        *("kind", "answer", "score", "mistake", "id"),
        *("mark", "comment"),
    )
    return Sheet(
        words["title"],
        tuple(words[name] for name in heads),
        tuple(
            (
                as_datetime(one.at),
                names.get(attempt.member_id, ""),
                attempt.number,
                title(one.question),
                one.seed,
                one.number,
                kinds.get(one.kind, one.kind),
                answer_text.given(one.question, one.seed, one.answer),
                round(one.score, 4) if one.counts else None,
                one.sentence if one.mistake else "",
                one.question,  # the same in every file, whatever it is called
                *_mark(marks.get(one.key)),
            )
            for attempt, one in found
        ),
    )


def _mark(mark: StoredMark | None) -> tuple[Value, Value]:
    """The points that an instructor gave, and the comment."""
    if mark is None:
        return None, ""
    return _round(mark.points), mark.comment


def as_datetime(at: float) -> datetime:
    """Seconds since 1970 as a spreadsheet's time, in UTC."""
    return datetime.fromtimestamp(at, UTC).replace(tzinfo=None, microsecond=0)


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
    """A name for a download: letters and digits of all scripts, and hyphens."""
    kept = "".join(
        x if x in JOINERS or unicodedata.category(x)[0] in "LMN" else "-"
        for x in unicodedata.normalize("NFC", " ".join(parts).lower())
    )
    words = re.sub(f"[{JOINERS}]*-[-{JOINERS}]*", "-", kept)[:NAME]
    stem = words.strip(f"-{JOINERS}")
    return f"{stem or 'class'}.{suffix}"


_FOLDED = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "æ": "ae", "ø": "o", "œ": "oe"}
    | {"ł": "l", "đ": "d", "þ": "th"}
)


def disposition(name: str) -> str:
    """The header by which a browser saves a file under that name (RFC 6266).

    Old programs read `filename` alone, and that takes ASCII: ä becomes ae there.
    """
    stem, _, suffix = name.partition(".")
    decomposed = unicodedata.normalize("NFKD", stem.lower().translate(_FOLDED))
    ascii_only = decomposed.encode("ascii", "ignore").decode()
    folded = re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-") or "class"
    encoded = quote(name, safe="")
    return f"attachment; filename=\"{folded}.{suffix}\"; filename*=UTF-8''{encoded}"

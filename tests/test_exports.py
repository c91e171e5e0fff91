"""Results as files: opened again they are equal, and no cell starts a formula."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from classroom.exams import exports, gradebook
from classroom.exams.exports import Sheet
from classroom.questions.bank import bank
from classroom.questions.titles import title
from classroom.questions.variants import Variant, key
from tests import results_rows
from tests.results_rows import ADA

NASTY = [
    "=1+1",
    '=HYPERLINK("http://evil.example","click")',
    "+49 123",
    "-2+3",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    '"=1+1',
    "＝1+1",
    "＋1",
    "－1",
    "＠SUM(1)",
    "a;=1+1",
    "a\t+1",
    "a\n@b",
    "=cmd|' /C calc'!A0",
]
PLAIN = ["Mia", "a=b", "x-y", "mia@example.org", "Öğüz", "日本", "<b>bold</b>", ""]
STARTS = "=+-@＝＋－＠\t\r\n"


def reread(data: bytes) -> list[list[str]]:
    text = data.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text, newline="")))


def unguarded(text: str) -> str:
    """The text without the apostrophes that `as_text` put there."""
    return exports.re.sub(r"(^|[;\t\r\n])'", r"\1", text)


@pytest.mark.parametrize("text", NASTY)
def test_no_cell_of_a_csv_starts_a_formula(text):
    ((head,), (cell,)) = reread(exports.to_csv(Sheet("x", ("h",), ((text,),))))
    assert head == "h"
    assert cell.startswith("'") or cell == f"{text[0]}{cell[1:]}"
    for separator in (";", "\t", "\n", "\r"):  # wherever else a cell may begin
        for part in cell.split(separator):
            assert not part.strip(" \"'").startswith(tuple("=+-@＝＋－＠")) or (
                part.lstrip(' "').startswith("'")
            )
    assert unguarded(cell) == text, "nothing else is changed"


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_left_as_it_is(text):
    assert exports.as_text(text) == text


@given(st.text(st.characters(codec="utf-8"), max_size=30))
def test_no_text_at_all_starts_a_formula(text):
    data = exports.to_csv(Sheet("x", ("h",), ((text,),)))
    cell = reread(data)[1][0] if text else ""
    assert not cell.startswith(tuple(STARTS))


def test_a_csv_opened_again_is_equal_and_numbers_are_numbers():
    rows = (("Mia", 1, 0.8, None), ("=1", -3, -0.5, 2))
    data = exports.to_csv(Sheet("x", ("name", "a", "b", "c"), rows))
    assert data.startswith(b"\xef\xbb\xbf"), "Excel takes it for UTF-8"
    assert reread(data) == [
        ["name", "a", "b", "c"],
        ["Mia", "1", "0.8", ""],
        ["'=1", "-3", "-0.5", "2"],
    ]
    assert b'"-3"' not in data, "a negative number is no text"
    assert b"\r\n" in data


def test_a_workbook_opened_again_is_equal_and_holds_no_formula():
    texts = [*NASTY, *PLAIN[:-1]]
    rows = tuple((text, -number, 0.25) for number, text in enumerate(texts, 1))
    data = exports.to_xlsx([Sheet("A/B: [all]", ("=name", "n", "x"), rows)])
    page = load_workbook(io.BytesIO(data)).worksheets[0]
    assert page.title == "A B   all"
    found = list(page.iter_rows(min_row=2))
    # XML has one kind of new line.
    same = [text.replace("\r", "\n") for text in texts]
    assert [row[0].value.replace("\r", "\n") for row in found] == same
    assert {cell.data_type for row in page.iter_rows() for cell in row} == {"s", "n"}
    assert [(r[1].value, r[2].value) for r in found] == [x[1:] for x in rows]
    assert all(r[0].quotePrefix for r in found[: len(NASTY)])
    assert not any(r[0].quotePrefix for r in found[len(NASTY) :])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet and b"<f " not in sheet


@pytest.mark.parametrize("text", ["a\x00b", "\x01", "\ud800", "\uffff", "x" * 40_000])
def test_what_no_workbook_may_hold_is_replaced(text):
    data = exports.to_xlsx([Sheet("x", ("h",), ((text,),))])
    cell = load_workbook(io.BytesIO(data)).worksheets[0]["A2"]
    assert len(cell.value) <= exports.LONGEST
    exports.to_csv(Sheet("x", ("h",), ((text,),))).decode("utf-8-sig")


@pytest.mark.parametrize(
    ("parts", "name"),
    [
        (("Class 9b", "2026-11-24"), "class-9b-2026-11-24.csv"),
        (("../../etc/passwd",), "etc-passwd.csv"),
        (('a"\r\nSet-Cookie: x',), "a-set-cookie-x.csv"),
        (("日本 1",), "日本-1.csv"),
        (("Größe *bold* مريم",), "größe-bold-مريم.csv"),
        (("हिन्दी বাংলা",), "हिन्दी-বাংলা.csv"),
        (("re\u0301sume\u0301",), "résumé.csv"),
        (("\u202etxt.exe",), "txt-exe.csv"),
        (("می\u200cخواهم 😀",), "می\u200cخواهم.csv"),
        (("😀 / \u200d",), "class.csv"),
        (("x" * 500,), "x" * 60 + ".csv"),
    ],
)
def test_file_names_are_safe_and_keep_letters(parts, name):
    assert exports.file_name(*parts, suffix="csv") == name
    header = exports.disposition(name)
    assert header.isascii() and header.isprintable() and header.count('"') == 2
    assert unquote(header.partition("filename*=UTF-8''")[2]) == name


@pytest.mark.parametrize(
    ("name", "plain"),
    [
        ("größe-übung.csv", "groesse-uebung.csv"),
        ("résumé-łódź.xlsx", "resume-lodz.xlsx"),
        ("日本.csv", "class.csv"),
        ("questions.gift.txt", "questions.gift.txt"),
    ],
)
def test_old_programs_get_a_name_in_ascii(name, plain):
    assert f'filename="{plain}"' in exports.disposition(name)


@pytest.mark.parametrize(
    ("titles", "names"),
    [
        (
            ["'Quiz' 1'", "history", "History"],
            ["Quiz' 1", "history (2)", "History (3)"],
        ),
        (["a[b]:c*d?e/f\\g\x07"], ["a b  c d e f g"]),
        (["x" * 40, "X" * 40], ["x" * 31, "X" * 27 + " (2)"]),
        (["😀" * 20], ["😀" * 15]),
        (["", "''", " ' "], ["Sheet", "Sheet (2)", "Sheet (3)"]),
        (["a" * 30 + "é", "a" * 30 + "e\u0301"], ["a" * 30 + "é", "a" * 27 + " (2)"]),
        (["a" * 30 + "q\u0301"], ["a" * 30]),
        (["Answers", "answers"], ["Answers", "answers (2)"]),
        (["a" * 30 + "'b"], ["a" * 30]),
    ],
)
def test_sheets_have_names_that_excel_opens(titles, names):
    assert exports.sheet_names(titles) == names
    book = load_workbook(
        io.BytesIO(exports.to_xlsx([Sheet(t, ("h",), ()) for t in titles]))
    )
    assert book.sheetnames == names
    for name in names:
        assert len(name.encode("utf-16-le")) <= 62 and not set(name) & set("[]:*?/\\")


def test_a_csv_is_made_for_the_spreadsheet_that_opens_it():
    sheet = Sheet("x", ("name; a", "n"), (('Mia "M", x', 1.5), ("=1;=2", None)))
    found = {
        name: exports.to_csv(sheet, dialect).decode("utf-8-sig")
        for name, dialect in exports.DIALECTS.items()
    }
    assert found["english"].splitlines()[1] == '"Mia ""M"", x",1.5'
    assert found["continental"].splitlines()[1] == '"Mia ""M"", x";1,5'
    assert found["swiss"].splitlines()[1] == '"Mia ""M"", x";1.5'
    for text in found.values():
        assert text.splitlines()[2].startswith("\"'=1;'=2\"")


def test_times_are_times_and_lines_are_lines_in_a_workbook():
    at = exports.as_datetime(1_790_000_000.7)
    data = exports.to_xlsx([Sheet("x", ("at", "text"), ((at, "a\nb"),))])
    when, text = load_workbook(io.BytesIO(data)).worksheets[0][2]
    assert when.value == at and when.is_date
    assert text.value == "a\nb" and text.alignment.wrap_text


# --- of a class -----------------------------------------------------------------------

WORDS = {
    name: name.title()
    for name in (
        *("title", "number", "name", "points", "own", "answered", "tries", "hints"),
        *("minutes", "at", "sitting", "question", "seed", "kind", "answer", "score"),
        *("mistake", "maximum", "per_cent", "sittings", "extra", "id", "mark"),
        *("comment", "unmarked"),
    )
} | {"of": "{name} (of {maximum})"}
KINDS = {"answer": "answer", "hint": "hint taken", "shown": "answer shown"}


@pytest.fixture
def rows(tmp_path, monkeypatch):
    with results_rows.opened(tmp_path, monkeypatch) as made:
        yield made


def test_the_gradebook_as_a_file_equals_the_gradebook(rows):
    rows.member("mia", "=cmd()")
    rows.member("leo", "Leo")
    rows.give("mia", "side", "1")
    rows.give("mia", "side", "=1+1")
    rows.give("mia", "jump", "16")
    rows.give("mia", "why-11", {"text": "@me", "points": None})
    book = gradebook.compute(ADA, "c", None, "best")
    sheet = exports.points(book, WORDS, bank().topics)
    mia, leo = sheet.rows
    assert mia[:2] == (1, "=cmd()")
    assert sheet.head[2:10] == (
        *("Points", "Maximum", "Per_Cent", "Own", "Answered"),
        *("Tries", "Hints", "Minutes"),
    )
    assert mia[3:5] == (2, round(100 * book.lines[0].points / 2, 1))
    assert leo[2:10] == (None, 2, None, 0, 0, 0, 0, 0), "never came: no points"
    at = sheet.head.index(title("jump"))
    assert mia[at] == book.lines[0].cells["jump"].points
    assert leo[at] is None
    assert f"{bank().topics['counting']} (of 1)" in sheet.head
    assert not set(sheet.head) & set(bank().questions), "no ids"
    read = reread(exports.to_csv(sheet))
    assert read[1][1] == "'=cmd()"
    assert [float(x) for x in read[1][2:10]] == [float(x or 0) for x in mia[2:10]]


def test_answers_are_in_words(rows):
    rows.member("mia", "Mia")
    rows.give("mia", "competition", "ilsvrc")
    rows.give("mia", "three-reasons", ["deep", "gpu"])
    rows.give("mia", "timeline", ["backprop", "lenet", "imagenet", "alexnet", "vgg"])
    point = bank().questions["why-11"].points[0]
    rows.give("mia", "why-11", {"text": "Große\nFilter", "points": None})
    rows.give("mia", "why-11", {"text": "Große\nFilter", "points": [point]})
    given = exports.responses(
        gradebook.responses(ADA, "c", None), {"mia": "Mia"}, WORDS, KINDS, {}
    )
    text = [row[given.head.index("Answer")] for row in given.rows]
    labels = {o.id: o.text for q in bank().questions.values() for o in q.options}
    assert text[0] == "the ImageNet Large Scale Visual Recognition Challenge"
    assert text[1] == f"{labels['deep']}\n{labels['gpu']}"
    assert text[2].startswith("1. ") and text[2].count("\n") == 4
    assert text[3] == "Große\nFilter"
    assert text[4] == f"Große\nFilter\n✓ {point}"
    assert not any(x.startswith(("{", "[")) for x in text)
    assert given.rows[0][0] == exports.as_datetime(
        gradebook.responses(ADA, "c", None)[0][1].at
    )
    assert given.rows[0][given.head.index("Question")] == title("competition")
    assert given.rows[0][given.head.index("Id")] == "competition"


def test_an_attempt_handed_in_empty_counts_and_is_not_like_never_coming(rows):
    rows.member("mia", "Mia")
    rows.member("leo", "Leo")
    rows.test("t", ["side", "jump"])
    rows.sit("mia", "t", 1)
    right = repr(key(Variant("side", 1)).truth)
    rows.give("mia", "side", right, attempt=1, test="t")
    rows.sit("mia", "t", 2)  # handed in empty
    for which, points in (("first", 1), ("best", 1), ("last", 0)):
        book = gradebook.compute(ADA, "c", "t", which)
        mia, leo = exports.points(book, WORDS, bank().topics).rows
        assert mia[2:5] == (points, 2, 50.0 * points), which
        assert leo[2:5] == (None, 2, None)
        assert (mia[7], leo[7]) == (2, 0), "sittings"


def test_one_members_data_as_a_zip(rows):
    rows.member("mia", "Mia")
    rows.give("mia", "side", "<i>1</i>")
    found = gradebook.everything(ADA, "c", "mia")
    with zipfile.ZipFile(io.BytesIO(exports.person(found, "What this is."))) as archive:
        read = {name: archive.read(name) for name in archive.namelist()}
    assert read.pop("README.txt") == b"What this is."
    assert {name: json.loads(data) for name, data in read.items()} == {
        f"{table}.json": rows for table, rows in found.items()
    }

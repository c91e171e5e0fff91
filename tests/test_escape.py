"""Typed text is shown as it was typed, in every element that draws Markdown."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.escape import escape_markdown
from tests import browser as stand
from tests.hostile_names import ALL_IN_ONE, CHANGED, NAMES

ISOLATES = dict.fromkeys(map(ord, "\u2068\u2069"))
MARKUP = (
    "a, img, svg, em, strong, code, del, sup, sub, h1, ul, ol, hr, table, blockquote, "
    ".katex, [role=img], input, [class*=stMarkdown]:not([data-testid]), span[style]"
)
WITHIN = """([place, markup]) => {
    const boxes = document.querySelectorAll(
        `.st-key-${place} [data-testid=stMarkdownContainer],
         .st-key-${place} [data-testid=stCaptionContainer]`);
    const box = [...boxes].sort((a, b) =>
        b.textContent.length - a.textContent.length)[0];
    return box && [box.innerText, [...box.querySelectorAll(markup)]
        .map(x => x.outerHTML.slice(0, 120)).join(" ")];
}"""


def test_names_are_many_and_each_is_another() -> None:
    assert len(NAMES) > 150
    assert len({*NAMES, *CHANGED}) == len(NAMES) + len(CHANGED)


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("Ada Lovelace", "Ada Lovelace"),
        ("*best*", r"\*best\*"),
        ("a_b", r"a\_b"),
        (":red[x]", r"\::color[]red\[x\]"),
        ("www.x.org", r"www:color[]\.x\.org"),
        ("a@b.c", r"a\@:color[]b\.c"),
        ("http://x", r"http\::color[]\/\/x"),
        ("->", r"\-:color[]\>"),
        ("Zoë 日本", "Zoë 日本"),
        ("one\n\n  two ", "one  \ntwo"),
        ("\u202egood\u202c", "good"),
        ("سارة", "\u2068سارة\u2069"),
        ("", ""),
    ],
)
def test_written_so_that_it_is_shown(typed: str, written: str) -> None:
    assert escape_markdown(typed) == written


@given(st.text(st.sampled_from(f"{string.printable}éש\u202e"), max_size=40))
def test_nothing_is_lost_and_every_mark_is_escaped(typed: str) -> None:
    escaped = escape_markdown(typed).translate(ISOLATES)
    unmarked = escaped.replace(":color[]", "")
    assert not re.search(r"[!-/:-@\[-`{-~]", re.sub(r"\\.", "", unmarked))
    shown = re.sub(r"\\(.)", r"\1", unmarked)
    assert shown.split() == typed.replace("\u202e", "").split()


@pytest.fixture(scope="module")
def names_page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[stand.Server]:
    log = tmp_path_factory.mktemp("names") / "log"
    with stand.serving(log, script="tests/names_page.py") as served:
        yield served


def test_browser_shows_every_name_as_it_was_typed(open_page, names_page) -> None:
    page = open_page("/", server=names_page)
    wrong = []
    for number, typed in enumerate([*NAMES, *CHANGED]):
        shown = CHANGED.get(typed, typed.strip())
        for place, text in ((f"alone_{number}", shown), (f"bold_{number}", shown)):
            text, markup = f"{text} · x" if "bold" in place else text, MARKUP
            if "bold" in place:
                markup = markup.replace("strong, ", "")
            found = page.evaluate(WITHIN, [place, markup])
            if found is None or found[1] or found[0].translate(ISOLATES) != text:
                wrong.append(f"{typed!r} in {place}: {found}")
    assert not wrong, "\n".join(wrong)
    raw = page.evaluate(WITHIN, ["raw", MARKUP])[1]
    for sign in ("http://www", "mailto:", "<img", "<strong", "katex", "color:", "font"):
        assert sign in raw, "the test would not find it"


WITHINS = (
    *("title", "caption", "error", "expander", "checkbox", "button"),
    *("popover", "text_input", "status", "toggle", "link_button", "tabs", "progress"),
    *("table", "radio", "pills", "list", "quote"),
)


def test_browser_shows_names_in_every_element(open_page, names_page) -> None:
    page = open_page("/", server=names_page)
    wrong = []
    plain = " ".join(ALL_IN_ONE.split())
    markup = MARKUP.replace("h1, ul, ", "")  # ours: a title, a list
    for element in WITHINS:
        found = page.evaluate(WITHIN, [f"within_{element}", markup])
        shown = found and " ".join(found[0].translate(ISOLATES).split())
        if not found or plain not in shown:
            wrong.append(f"{element}: {shown}")
        elif found[1]:
            wrong.append(f"{element}: {found[1]}")
    assert not wrong, "\n".join(wrong)

"""What is said of a picture is German on a German page: each sentence, each file."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from model.pictures import PictureRefused, formats
from paths import ROOT
from tests.test_pages import visit
from ui.kit import state, words

# Not for a visitor: the command line, and mistakes of a programmer.
ELSEWHERE = {"__init__.py", "__main__.py", "network_input.py", "samples.py"}
ENDS = re.compile(r"^[A-Z].* .*\.$")


def sentences(code: str) -> Iterator[str]:
    """The sentences in a file's code; what varies is a number's 7."""
    tree = ast.parse(code)
    skipped = set()
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr():
                skipped |= {id(value) for value in node.values}
            case ast.Expr(value=ast.Constant() as doc):  # a docstring
                skipped.add(id(doc))
    for node in ast.walk(tree):
        match node:
            case ast.JoinedStr():
                parts = [getattr(x, "value", None) for x in node.values]
                text = "".join(x if isinstance(x, str) else "7" for x in parts)
            case ast.Constant(value=str(text)) if id(node) not in skipped:
                pass
            case _:
                continue
        if ENDS.match(text):
            yield text


SAID = sorted(
    {
        sentence
        for path in (ROOT / "model" / "pictures").glob("*.py")
        if path.name not in ELSEWHERE
        for sentence in sentences(path.read_text("utf-8"))
        if "decoder" not in sentence
    }
)
# Where a part of a sentence is one of several, all of them.
PARTS = {
    "the rest is 7": ["the rest is grey", "the rest is repeated from it"],
    "the 7 is shown": ["the first is shown", "the main one is shown"],
    "; 7 blank": ["; the first is blank", "; the first 3 are blank"],
}


def test_the_sentences_are_found() -> None:
    assert len(SAID) > 20
    assert formats.DAMAGED in SAID


@pytest.mark.parametrize("sentence", SAID)
def test_a_sentence_about_a_picture_has_its_german(sentence: str) -> None:
    forms = [sentence]
    for part, others in PARTS.items():
        if part in sentence:
            forms = [sentence.replace(part, other) for other in others]
    for form in forms:
        german = words.translated("picture", form, "de")
        assert german != form
        assert german.count("7") == form.count("7"), "each number is said"
        assert not re.search(r"\b(the|this|is|picture|file)\b", german), german
        assert words.translated("picture", form, "en") == form


def _files() -> Iterator[bytes]:
    for start, _ in formats.OTHERS:
        yield start + bytes(600)
    yield from (b"P5\n3 3\n255\n", b"%PDF-1.7", b"<svg ", b"<html>", b"hello", b"\0\1")
    yield bytes(128) + b"DICM"
    yield bytes(257) + b"ustar"


@pytest.mark.parametrize("data", list(_files()))
def test_a_file_that_is_no_picture_is_named_in_german(data: bytes) -> None:
    with pytest.raises(PictureRefused) as refused:
        formats.kind_of(data)
    german = words.translated("picture", str(refused.value), "de")
    named = german.partition("aber diese Datei ist ")[2].partition(";")[0]
    assert named and not re.search(r"\b(an?|the|or|picture|file)\b", named), german


def test_sizes_are_written_as_german_does() -> None:
    with pytest.raises(PictureRefused) as refused:
        formats.check_length(20_340_000)
    german = words.translated("picture", str(refused.value), "de")
    assert "bis zu 20 MB groß" in german and "hat 20,4 MB" in german


def test_a_refusal_is_german_on_a_german_page() -> None:
    app: AppTest = visit("feature_maps", lang="de")
    app.session_state[state.REFUSAL.name] = formats.DAMAGED
    app.run()
    (said,) = [x.value for x in app.main.error]
    assert said.startswith("Dieses Bild lässt sich hier nicht öffnen")

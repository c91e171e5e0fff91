"""What is said of files is German on a German page: each sentence, each kind of file.

`model.pictures` and `lab` say it in English and know no language.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from lab.datasets import uploaded
from lab.datasets.uploaded import UploadedImages
from model.pictures import PictureRefused, formats
from paths import ROOT
from tests.test_pages import visit
from ui.kit import state, words

# Not for a visitor: the command line, and mistakes of a programmer.
ELSEWHERE = {"__init__.py", "__main__.py", "network_input.py", "samples.py"}
# For who runs the server: what is wrong with a folder of the machine's.
ELSEWHERE |= {"cifar.py", "synthetic.py", "synthetic_cache.py", "dataset.py"}
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


def _in(room: str) -> list[str]:
    return sorted(
        {
            sentence
            for path in (ROOT / room).rglob("*.py")
            if path.name not in ELSEWHERE
            for sentence in sentences(path.read_text("utf-8"))
            if "decoder" not in sentence
        }
    )


SAID = _in("model/pictures")
# How many were left out, as several sentences; a test of their own has them.
COUNTED = "and were left out"
OF_DATA = [x for x in _in("lab/datasets") if COUNTED not in x]
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


@pytest.mark.parametrize("sentence", OF_DATA)
def test_a_sentence_about_an_archive_has_its_german(sentence: str) -> None:
    german = words.translated("lab", sentence, "de")
    assert german != sentence
    assert german.count("7") == sentence.count("7"), "each number is said"
    assert not re.search(r"\b(the|this|is|are|folders?|file)\b", german), german


@pytest.mark.parametrize("count", [1, 2])
def test_what_was_left_out_is_german(count: int) -> None:
    reasons = {
        "a/x": uploaded.LOOSE_REASON,
        "a/y": uploaded.LINK_REASON,
        "a/z": uploaded.NESTED_REASON,
        "a/t": "The same image is there already: b/t",
        "a/w": formats.DAMAGED,
    }
    left_out = {
        f"{name}{i}": why for name, why in reasons.items() for i in range(count)
    }
    notes = list(uploaded.notes_on(left_out))
    assert len(notes) == len(reasons)
    for note in notes:
        german = words.translated("lab", note, "de")
        assert "ausgelassen" in german and " and " not in german
    for out in (0, count):
        for system in (0, count):
            whole = {f"s{i}": uploaded.SYSTEM_REASON for i in range(system)}
            whole |= {f"o{i}": uploaded.LOOSE_REASON for i in range(out)}
            found = UploadedImages(
                "t", ("hell", "dunkel"), np.zeros((3, 2, 2, 3), np.uint8),
                np.array([0, 1, 1], np.int32), None, (), whole,
            )  # fmt: skip
            german = words.translated("lab", uploaded.sentence(found), "de")
            assert german.startswith("3 Bilder in 2 Klassen (hell 1, dunkel 2); ")
            assert not re.search(r"\b(files?|and|out|nothing)\b", german), german


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

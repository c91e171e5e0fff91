"""Numbers as people type them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from classroom.questions.number_input import parse, unreadable
from model.network import shapes
from model.network.specs import ORIGINAL

PARAMETERS = shapes.totals(ORIGINAL).parameters


@pytest.mark.parametrize(
    "text",
    [
        "60,965,224", "60 965 224", "60.965.224", "60965224", "60'965'224",
        "60_965_224", "60\u202f965\u00a0224", " 60,965,224 parameters", "=60965224",
        "6.0965224e7", "60.965224 million", "60965.224k", "60,965,224.0",
    ],
)  # fmt: skip
def test_one_number_in_many_ways(text: str) -> None:
    typed = parse(text, "parameters")
    assert typed is not None
    assert typed.value == pytest.approx(PARAMETERS, rel=1e-12)


@pytest.mark.parametrize(
    "text", ["61M", "6.1e7", "61 million", "6.1 × 10^7", "6.1·10^7", "61 Mio.", "~61M"]
)
def test_what_is_rounded_stands_for_a_range(text: str) -> None:
    typed = parse(text, "parameters")
    assert typed is not None
    assert abs(typed.value - PARAMETERS) <= typed.slack
    assert typed.slack == 500_000


@pytest.mark.parametrize("text", ["61000000", "6e7", "60,000,000"])
def test_what_is_not_rounded_is_meant(text: str) -> None:
    typed = parse(text, "parameters")
    assert typed is not None
    assert typed.slack == 0


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("243.9 MB", "MB", 243.9), ("243.9", "MB", 243.9), ("0.2439 GB", "MB", 243.9),
        ("243,860,896 bytes", "MB", 243.860896), ("232.6 MiB", "MB", 243.8987776),
        ("96.2 %", "%", 96.2), ("10.9 percentage points", "%", 10.9),
        ("54 × 54", "pixels", 54), ("54x54 px", "pixels", 54), ("54 px", "pixels", 54),
        ("1.01 GMACs", "multiply-adds", 1.01e9), ("0,5", "", 0.5), ("10,9", "", 10.9),
        ("-3", "", -3), ("−3", "", -3), ("1,234.5", "", 1234.5),
        ("1.234,5", "", 1234.5), (".5", "", 0.5), ("0,125", "", 0.125),
        ("1,234", "", 1234),
    ],
)  # fmt: skip
def test_units_and_decimals(text: str, unit: str, value: float) -> None:
    typed = parse(text, unit)
    assert typed is not None
    assert typed.value == pytest.approx(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "abc", "12 34", "1/2", "1e999", "fivefold", "five or six", "54×55",
        "1,23,4", "5 5",
        "--3", "1.2.3", "3 apples", "1" * 61, "nan", "inf", "0x10", "54 or 55", "🙂",
    ],
)  # fmt: skip
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse(text, "pixels") is None


@pytest.mark.parametrize(
    ("text", "unit", "value"),
    [
        ("٣", "", 3), ("१२", "", 12), ("５", "layers", 5), ("１２．５", "%", 12.5),
        ("٦٠٬٩٦٥٬٢٢٤", "parameters", PARAMETERS), ("٩٦٫٢٪", "%", 96.2),
        ("๕", "layers", 5), ("－３", "", -3), ("９６％", "%", 96),
        ("five", "", 5), ("Five", "layers", 5), ("5 layers", "layers", 5),
        ("five convolutions", "layers", 5), ("eight", "layers", 8),
        ("sixty-one million", "parameters", 61e6), ("a hundred", "", 100),
        ("twenty one", "", 21), ("minus three", "", -3), ("zero", "", 0),
        ("about 60 million", "parameters", 60e6), ("ca. 61 Mio.", "parameters", 61e6),
        ("fünf", "layers", 5), ("fuenf Schichten", "layers", 5),
        ("einundsechzig Millionen", "parameters", 61e6), ("rund 786", "times", 786),
        ("54 positions", "positions", 54), ("54×54", "positions", 54),
        ("786 times", "times", 786), ("786x", "times", 786),
        ("10,9 Prozentpunkte", "percentage points", 10.9),
        ("659.272 Neuronen", "neurons", 659.272), ("659.272.000", "neurons", 659272000),
    ],
)  # fmt: skip
def test_words_and_digits_of_other_scripts(text: str, unit: str, value: float) -> None:
    typed = parse(text, unit)
    assert typed is not None
    assert typed.value == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "unit", "why"),
    [
        ("3 apples", "pixels", "wrong_unit"), ("5 layers", "MB", "wrong_unit"),
        ("five apples", "layers", "wrong_unit"), ("many", "layers", "no_number"),
        ("54 or 55", "positions", "no_number"), ("", "", "no_number"),
        ("1.2.3", "", "no_number"), ("1" * 61, "", "no_number"),
    ],
)  # fmt: skip
def test_why_it_cannot_be_read(text: str, unit: str, why: str) -> None:
    assert parse(text, unit) is None
    assert unreadable(text, unit) == why


@given(st.text(max_size=80), st.sampled_from(["", "MB", "%", "pixels", "parameters"]))
def test_nothing_raises(text: str, unit: str) -> None:
    typed = parse(text, unit)
    assert typed is None or math.isfinite(typed.value)


@given(st.integers(-(10**15), 10**15))
def test_integers_come_back_however_they_are_grouped(number: int) -> None:
    for text in (str(number), f"{number:,}", f"{number:,}".replace(",", " ")):
        typed = parse(text)
        assert typed is not None
        assert (typed.value, typed.slack) == (number, 0)

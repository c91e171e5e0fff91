"""Whole numbers in words, English and German: "sixty-one million" is "61 million"."""

from __future__ import annotations

import re
from functools import cache

_ENGLISH = [
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine",
    "ten", "eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen",
    "seventeen", "eighteen", "nineteen",
]  # fmt: skip
_ENGLISH_TENS = [
    "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety",
]  # fmt: skip
_GERMAN = [
    "null", "ein", "zwei", "drei", "vier", "fünf", "sechs", "sieben", "acht", "neun",
    "zehn", "elf", "zwölf", "dreizehn", "vierzehn", "fünfzehn", "sechzehn",
    "siebzehn", "achtzehn", "neunzehn",
]  # fmt: skip
_GERMAN_TENS = [
    "zwanzig", "dreißig", "vierzig", "fünfzig", "sechzig", "siebzig", "achtzig",
    "neunzig",
]  # fmt: skip


@cache
def _known() -> dict[str, int]:
    """Every word for a number below a hundred, and the hundreds."""
    found = {word: n for n, word in enumerate(_ENGLISH)}
    found |= {word: n for n, word in enumerate(_GERMAN)}
    found |= {"eins": 1, "eine": 1, "a hundred": 100, "hundred": 100, "hundert": 100}
    for tens, (english, german) in enumerate(
        zip(_ENGLISH_TENS, _GERMAN_TENS, strict=True), 2
    ):
        found |= {english: 10 * tens, german: 10 * tens}
        for ones in range(1, 10):
            number = 10 * tens + ones
            found[f"{english}-{_ENGLISH[ones]}"] = number
            found[f"{english} {_ENGLISH[ones]}"] = number
            found[f"{_GERMAN[ones]}und{german}"] = number
    for number in range(1, 10):
        found[f"{_ENGLISH[number]} hundred"] = 100 * number
        found[f"{_GERMAN[number]}hundert"] = 100 * number
    spelt = {word: n for word, n in found.items()}
    for old, new in (("ü", "ue"), ("ö", "oe"), ("ß", "ss")):
        spelt |= {word.replace(old, new): n for word, n in spelt.items()}
    return spelt


@cache
def _pattern() -> re.Pattern[str]:
    longest = sorted(_known(), key=len, reverse=True)
    return re.compile(rf"^(minus\s)?({'|'.join(map(re.escape, longest))})(?![\w-])")


def as_figures(text: str) -> str:
    """A text in small letters whose first word is a number, with figures for it."""
    return _pattern().sub(
        lambda found: f"{'-' if found[1] else ''}{_known()[found[2]]}", text, count=1
    )

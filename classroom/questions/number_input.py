"""Numbers as people type them: 60,965,224 · 60 965 224 · 61M · 6.1e7 · 243.9 MB · five.

Digits may be of any script, words of any of the quiz's languages, whatever language the
question is read in: an answer means the same to everybody.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Literal

from classroom.questions import number_words

LONGEST = 60  # characters; no answer needs more

# Words for powers of ten, and units that an answer may carry, in the question's unit.
_SCALES = {
    "": 1.0, "k": 1e3, "thousand": 1e3, "tausend": 1e3, "m": 1e6, "mio": 1e6,
    "mn": 1e6, "million": 1e6, "millions": 1e6, "millionen": 1e6, "b": 1e9, "bn": 1e9,
    "g": 1e9, "mrd": 1e9, "billion": 1e9, "billions": 1e9, "milliarden": 1e9,
}  # fmt: skip


def _alike(*names: str) -> dict[str, float]:
    return dict.fromkeys(names, 1.0)


_PER_CENT = _alike(
    "%", "percent", "per cent", "prozent", "point", "points", "pp", "percentage point",
    "percentage points", "prozentpunkte", "punkte",
)  # fmt: skip
_UNITS: dict[str, dict[str, float]] = {
    "MB": {
        "b": 1e-6, "byte": 1e-6, "bytes": 1e-6, "kb": 1e-3, "mb": 1.0, "m": 1.0,
        "gb": 1e3, "kib": 1024e-6, "mib": 1.024**2, "gib": 1024 * 1.024**2,
        "megabyte": 1.0, "megabytes": 1.0, "gigabytes": 1e3,
    },
    "%": _PER_CENT,
    "percentage points": _PER_CENT,
    "pixels": _alike("px", "pixel"),
    "positions": _alike("position", "positionen", "px", "pixel", "pixels"),
    "multiply-adds": {
        "mac": 1.0, "macs": 1.0, "gmac": 1e9, "gmacs": 1e9, "mmac": 1e6, "mmacs": 1e6,
        **_alike("multiply-add", "multiply adds", "multiplications"),
    },
    "parameters": _alike("params", "parameter", "weights", "gewichte"),
    "layers": _alike(
        "layer", "convolution", "convolutions", "conv layers", "convolution layers",
        "convolutional layers", "learned layers", "schicht", "schichten",
        "faltungsschichten", "faltungen",
    ),
    "numbers": _alike("number", "values", "zahl", "zahlen", "werte"),
    "neurons": _alike("neuron", "units", "neuronen"),
    "networks": _alike("network", "nets", "cnns", "netz", "netze"),
    "crops": _alike(
        "crop", "images", "image", "pictures", "ausschnitt", "ausschnitte", "bilder"
    ),
    "training steps": _alike("step", "steps", "iterations", "schritte",
                             "trainingsschritte"),
    "times": _alike("time", "x", "fold", "-fold", "mal"),
}  # fmt: skip

_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)
        (?P<digits>\d[\d.,' _]*|[.,]\d+)
        (?:(?:e|\s?[x*·]\s?10\s?\^?)(?P<power>[+-]?\d{1,2}))?
        \s*(?P<rest>[^\d]*)$""",
    re.VERBOSE | re.ASCII,
)
_SQUARE = re.compile(r"^(\d{1,6})\s*[x*]\s*(\d{1,6})(\s*\D*)$", re.ASCII)
_SIGNS = str.maketrans(
    {c: " " for c in "\u00a0\u2009\u202f\u3000\t"}
    | {"−": "-", "－": "-", "＋": "+", "．": ".", "，": ",", "％": "%", "×": "x"}
    | {"\u066b": ".", "\u066c": ",", "\u066a": "%"}  # Arabic point, comma, per cent
    | {c: "" for c in "\u200e\u200f\u061c"}  # marks of the direction of writing
)
_ABOUT = re.compile(
    r"^(?:[~≈=]|(?:about|approximately|approx\.?|around|roughly|nearly|almost|circa|"
    r"ca\.?|etwa|rund|ungefähr|fast)\s)\s*"
)


@dataclass(frozen=True)
class Typed:
    """A number, and how far it may be off through having been rounded when typed."""

    value: float
    slack: float = 0.0


def with_point(digits: str) -> str | None:
    """Digits with a point for decimals and nothing else; None: they make no number.

    A comma or point that stands before groups of three separates thousands, unless
    nothing but a zero stands before it; any other is for decimals.
    """
    digits = re.sub(r"(?<=\d)[' _](?=\d{3}(?!\d))", "", digits.strip())
    marks = re.findall(r"[.,]", digits)
    if re.search(r"[^\d.,]", digits):
        return None
    if len(set(marks)) == 2:  # the last one is for decimals
        last = marks[-1]
        if marks.count(last) > 1:
            return None
        whole, part = digits.split(last)
        groups = re.split(r"[.,]", whole)
        if any(len(group) != 3 for group in groups[1:]):
            return None
        return "".join(groups) + "." + part
    if len(marks) > 1 or (
        marks == [","] and re.fullmatch(r"[1-9]\d{,2},\d{3}", digits)
    ):
        groups = re.split(r"[.,]", digits)
        ok = groups[0] and all(len(group) == 3 for group in groups[1:])
        return "".join(groups) if ok else None
    return digits.replace(",", ".")


def _factor(rest: str, unit: str) -> float | None:
    """What the words behind a number multiply it by; None: unknown words."""
    words = re.sub(r"\s+", " ", rest.strip().rstrip(".")).lower()
    known = _UNITS.get(unit, {}) | {unit.lower(): 1.0}
    if words in known:
        return known[words]
    if words in _SCALES:
        return _SCALES[words]
    first, _, then = words.partition(" ")
    if first.rstrip(".") in _SCALES and then in known:
        return _SCALES[first.rstrip(".")] * known[then]
    return None


def _normalised(text: str) -> str:
    """Signs and digits of all scripts as ASCII has them; number words as figures."""
    text = text.translate(_SIGNS).strip().lower()
    text = "".join(
        str(unicodedata.decimal(c)) if unicodedata.category(c) == "Nd" else c
        for c in text
    )
    return number_words.as_figures(_ABOUT.sub("", text))


def parse(text: str, unit: str = "") -> Typed | None:
    """The number in a text, in the question's unit; None if it is not one number.

    What is written with decimals, an exponent or a word such as "million" is taken as
    rounded: 61M stands for 60.5 to 61.5 million. A plain integer is meant exactly.
    """
    if not text.strip() or len(text) > LONGEST:
        return None
    text = _normalised(text)
    if unit in ("pixels", "positions") and (square := _SQUARE.match(text)):
        if square[1] != square[2] or _factor(square[3], unit) is None:
            return None
        text = square[1]  # 54×54: a side of 54
    found = _NUMBER.match(text)
    digits = found and with_point(found["digits"])
    factor = found and _factor(found["rest"], unit)
    if not found or not digits or not factor:
        return None
    if len(digits.replace(".", "")) > 40:
        return None
    scale = factor * 10.0 ** int(found["power"] or 0)
    value = float(f"{found['sign']}{digits}") * scale
    _, point, decimals = digits.partition(".")
    rounded = bool(point) or found["power"] or factor in (1e3, 1e6, 1e9)
    significant = len(digits.replace(".", "").lstrip("0"))
    if not rounded or significant < 2:  # one digit says too little to be a rounding
        return Typed(value)
    return Typed(value, 0.5 * 10.0 ** -len(decimals) * scale)


def otherwise(text: str, unit: str = "") -> Typed | None:
    """The other number that 2.178 or 14,867 may be; None: there is no other.

    `parse` takes the first for decimals and the second for thousands, as English does.
    """
    swap = {".": ",", ",": "."}
    other, times = re.subn(
        r"^(\D*[1-9]\d{,2})([.,])(?=\d{3}(?![\d.,]))",
        lambda found: found[1] + swap[found[2]],
        _normalised(text) if len(text) <= LONGEST else "",
    )
    return parse(other, unit) if times else None


def unreadable(text: str, unit: str = "") -> Literal["no_number", "wrong_unit"]:
    """Why `parse` has no number: there is none, or a word behind it is not known."""
    found = _NUMBER.match(_normalised(text)) if len(text) <= LONGEST else None
    if found and with_point(found["digits"]) and _factor(found["rest"], unit) is None:
        return "wrong_unit"
    return "no_number"

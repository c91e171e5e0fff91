"""Writes questions as GIFT, all escaped; `read` gives the same ones back."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator

from classroom.content.numbers import decimal
from classroom.questions.gift import texts
from classroom.questions.gift.blocks import CONTROL
from classroom.questions.gift.items import FULL, GiftChoice, GiftItem

SHARE = 5  # digits after the point of a share, as Moodle writes it: 33.33333
_RESERVED = re.compile(r"[\\:#={}~]")


def escape(text: str) -> str:
    """A text for a file: reserved marks and new lines escaped."""
    text = CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _RESERVED.sub(lambda found: "\\" + found[0], text).replace("\n", "\\n")


def _format_number(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def write(items: Iterable[GiftItem], comments: Iterable[str] = ()) -> str:
    """A file of questions."""
    out = [f"// {' '.join(line.split())}" for line in comments]
    category = ""
    for item in items:
        if item.category != category:
            category = item.category
            out += ["", f"$CATEGORY: {' '.join(category.split())}"]
        out += ["", *_Writer(item).lines()]
    return "\n".join(out).lstrip("\n") + "\n"


class _Writer:
    """One question; its format is that of all its texts."""

    def __init__(self, item: GiftItem) -> None:
        self.item = item
        self.format = "[markdown]" if item.rich else "[plain]"

    def _text(self, text: str) -> str:
        return escape(texts.moodle(text) if self.item.rich else text)

    def _answer(self, text: str) -> str:
        """One answer; what would be read as a format or a weight is shielded by one."""
        shielded = texts.FORMAT.match(text) or text.startswith("%")
        return (self.format if shielded else "") + self._text(text)

    def _side(self, text: str) -> str:
        """One side of a pair: GIFT has no way to write an arrow there."""
        return self._answer(text.replace("->", "→"))

    def _feedback(self, feedback: str) -> str:
        shield = self.format if texts.FORMAT.match(feedback) else ""
        return f"#{shield}{self._text(feedback)}" if feedback else ""

    def lines(self) -> Iterator[str]:
        """The question's lines."""
        item = self.item
        opened = "{#" if item.kind == "number" else "{"
        yield f"::{escape(item.name)}::{self.format}{self._text(item.ask)}{opened}"
        for choice in item.choices:
            yield f"\t{self._choice(choice)}"
        if item.value is not None:
            yield f"\t={_format_number(item.value)}:{_format_number(item.within)}"
        for near in item.nears:
            number = f"{_format_number(near.value)}:{_format_number(near.within)}"
            yield f"\t=%{decimal(near.share, SHARE)}%{number}{self._feedback(near.say)}"
        if item.otherwise:
            mark = "~" if item.kind == "number" else "=%0%*"
            yield f"\t{mark}{self._feedback(item.otherwise)}"
        why = "\n".join([item.why, *(f"* {point}" for point in item.points)]).strip()
        if why:
            shield = self.format if texts.FORMAT.match(why) else ""
            yield f"\t####{shield}{self._text(why)}"
        yield "}"

    def _choice(self, choice: GiftChoice) -> str:
        feedback = self._feedback(choice.say)
        if self.item.kind == "match":
            return f"={self._side(choice.text)} -> {self._side(choice.to)}"
        if self.item.kind == "short":
            share = FULL if choice.right else choice.share or 0.0
            return f"=%{decimal(share, SHARE)}%{escape(choice.text)}{feedback}"
        mark = "=" if choice.right else "~"
        if self.item.kind == "several":
            even = FULL / sum(one.right for one in self.item.choices)
            usual = even if choice.right else -even
            share = usual if choice.share is None else choice.share
            mark = f"~%{decimal(share, SHARE)}%"
        elif choice.share:
            mark = f"~%{decimal(choice.share, SHARE)}%"
        return f"{mark}{self._answer(choice.text)}{feedback}"


def step_of(category: str, steps: Collection[str]) -> str:
    """The lesson's step that a category ends in, as an export writes it; or none."""
    last = category.rpartition("/")[2].strip()
    return last if last in steps else ""

"""Questions in Moodle's GIFT: read strictly, written with everything escaped.

A question is a block of lines between blank ones: `::name::text {answers}`. Its kinds
here: one right choice, several, a number, pairs, an essay; true or false is a choice of
two. What GIFT can say beyond that (short typed answers, partly right choices) is
refused with the line and the reason, never guessed at; only what is said to any other
wrong number is left off. Text is text: formats such as [html] are left off too, and
what stands after them is kept as it was typed.

Reference: Moodle's question/format/gift/format.php.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["single", "several", "number", "match", "open"]

BYTES = 1_000_000
QUESTIONS = 500
LETTERS = 4_000  # of one text
CHOICES = 20
EVEN = 0.01  # per cent: how far weights may be from an equal share


class GiftRefused(ValueError):
    """The file is not read at all; the message is the visitor's sentence."""


@dataclass(frozen=True)
class Choice:
    """Something to choose, or the left of a pair."""

    text: str
    right: bool = False
    say: str = ""  # why it is wrong
    to: str = ""  # what it belongs to


@dataclass(frozen=True)
class Near:
    """A wrong number that is known, and what is said to it."""

    value: float
    within: float
    say: str


@dataclass(frozen=True)
class Item:
    """A question, as GIFT has it."""

    name: str
    kind: Kind
    ask: str
    why: str = ""  # said afterwards; of an essay, the model answer
    choices: tuple[Choice, ...] = ()
    value: float | None = None
    within: float = 0.0
    nears: tuple[Near, ...] = ()
    points: tuple[str, ...] = ()  # what a good essay says
    category: str = ""


@dataclass(frozen=True)
class Problem:
    """Why a block is no question of ours."""

    line: int
    name: str
    what: str


@dataclass(frozen=True)
class Read:
    """What a file held."""

    items: tuple[Item, ...] = ()
    problems: tuple[Problem, ...] = field(default=())


# --- reading --------------------------------------------------------------------------

# An escaped mark becomes one control character, which no file may hold, while the
# others are looked at.
_ESCAPED = {mark: chr(number) for number, mark in enumerate("\\:#={}~n", 1)}
_BACK = str.maketrans({code: m if m != "n" else "\n" for m, code in _ESCAPED.items()})
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_FORMAT = re.compile(r"^\s*\[(?:html|markdown|plain|moodle)\]", re.IGNORECASE)
_WEIGHT = re.compile(r"^%(-?\d{1,3}(?:\.\d{1,8})?)%")
_NUMBER = re.compile(
    r"^[+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30})(?:[eE][+-]?\d{1,3})?$"
)
_CATEGORY = "$CATEGORY:"
_TRUE = {"T": True, "TRUE": True, "F": False, "FALSE": False}


class _Wrong(ValueError):
    """What is wrong with a block."""


def read(data: bytes, yes: str = "True", no: str = "False") -> Read:
    """Every question of a file, and every block that is none.

    Args:
        yes, no: the words for the choices of true-or-false questions.

    Raises:
        GiftRefused: it is too large, or no text in UTF-8.
    """
    lines = _text(data).split("\n")
    items: list[Item] = []
    problems: list[Problem] = []
    category = ""
    for start, block in _blocks(lines):
        if len(items) + len(problems) >= QUESTIONS:
            raise GiftRefused(
                f"A file has at most {QUESTIONS} questions. This one goes on in line "
                f"{start}: split it."
            )
        text = "\n".join(block)
        if text.lstrip().startswith(_CATEGORY):
            category = text.strip().removeprefix(_CATEGORY).strip()
            continue
        name = ""
        try:
            name, rest = _name(_hidden(text))
            items.append(_item(name, rest, category, (yes, no)))
        except _Wrong as wrong:
            shown = name or _shown(" ".join(text.split()))[:40]
            problems.append(Problem(start, shown, str(wrong)))
    return Read(tuple(items), tuple(problems))


def _text(data: bytes) -> str:
    if len(data) > BYTES:
        raise GiftRefused(
            f"A GIFT file has at most {BYTES / 1e6:.0f} MB. "
            f"This one has {len(data) / 1e6:.1f} MB."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise GiftRefused(
            f"A GIFT file is text in UTF-8. Line {line} is not: save the file as UTF-8."
        ) from error
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if found := _CONTROL.search(text):
        line = text.count("\n", 0, found.start()) + 1
        raise GiftRefused(
            f"A GIFT file is text. Line {line} holds a character that no text has "
            f"(U+{ord(found[0]):04X}): save the file as plain text in UTF-8."
        )
    return text


def _blocks(lines: Iterable[str]) -> Iterator[tuple[int, list[str]]]:
    """Lines between blank ones, with the number of the first; no comments."""
    block: list[str] = []
    start = 0
    for number, line in enumerate([*lines, ""], 1):
        if not line.strip():
            if block:
                yield start, block
            block = []
        elif not line.lstrip().startswith("//"):
            start = start if block else number
            block.append(line)


def _hidden(text: str) -> str:
    """Escaped marks out of the way."""
    return re.sub(r"\\([\\:#={}~n])", lambda found: _ESCAPED[found[1]], text)


def _shown(text: str) -> str:
    """A piece as it was meant; a format before it is left off."""
    return _FORMAT.sub("", text).strip().translate(_BACK).strip()


def _said(text: str, what: str) -> str:
    found = _shown(text)
    if len(found) > LETTERS:
        raise _Wrong(
            f"{what} has {len(found):,} characters; at most {LETTERS:,} are read"
        )
    return found


def _name(text: str) -> tuple[str, str]:
    text = text.strip()
    if not text.startswith("::"):
        return "", text
    name, mark, rest = text[2:].partition("::")
    if not mark:
        raise _Wrong("the name that begins with :: has no :: at its end")
    return _shown(" ".join(name.split()))[:120], rest


def _item(name: str, text: str, category: str, words: tuple[str, str]) -> Item:
    begin, end = text.find("{"), text.find("}")
    if begin < 0 and end < 0:
        raise _Wrong("it has no answers: they stand between { and }")
    if end < 0:
        raise _Wrong(
            "the answers that begin with { have no } before the next blank line"
        )
    if begin < 0 or end < begin:
        raise _Wrong("a } has no { before it; write \\} where the mark is meant")
    if "{" in text[begin + 1 :] or "}" in text[end + 1 :]:
        raise _Wrong("there is a second { or }; write \\{ or \\} where marks are meant")
    head, body, tail = text[:begin], text[begin + 1 : end].strip(), text[end + 1 :]
    asked = head if not tail.strip() else f"{head}_____{tail}"
    ask = _said(asked, "the question")
    if not ask:
        raise _Wrong("it asks nothing: the question stands before the {")
    body, mark, general = body.rpartition("####")
    if not mark:
        body, general = general, ""
    found = _answers(body.strip(), _said(general, "the general feedback"), words)
    return Item(
        name or " ".join(ask.split())[:40],
        found.kind,
        ask,
        found.why,
        found.choices,
        found.value,
        found.within,
        found.nears,
        found.points,
        category,
    )


def _answers(body: str, why: str, words: tuple[str, str]) -> Item:
    """What stands between the braces, as a question without its text."""
    if not body:
        return _essay(why)
    if body.startswith("#"):
        return _numbers(body[1:], why)
    first, *feedback = body.split("#")
    if first.strip() in _TRUE:
        return _true_false(_TRUE[first.strip()], feedback, why, words)
    if "~" in body:
        return _choices(body, why)
    if "=" in body and "->" in body:
        return _pairs(body, why)
    raise _Wrong(
        "it wants a short typed answer, which this quiz has not; "
        "give wrong answers too, each after a ~, to make it a choice"
    )


def _essay(why: str) -> Item:
    """The lines with a * at the end of the model answer are the points it makes."""
    lines = why.split("\n")
    points: list[str] = []
    while lines and lines[-1].startswith("* "):
        points.insert(0, lines.pop()[2:].strip())
    return Item(
        "", "open", "", "\n".join(lines).strip(), points=tuple(points[:CHOICES])
    )


def _true_false(
    right: bool, feedback: list[str], why: str, words: tuple[str, str]
) -> Item:
    if len(feedback) > 2:
        raise _Wrong("true or false has at most two feedbacks; write \\# for the mark")
    wrong, good = (_said(x, "a feedback") for x in [*feedback, "", ""][:2])
    choices = [
        Choice(word, meant is right, "" if meant is right else wrong)
        for word, meant in zip(words, (True, False), strict=True)
    ]
    return Item("", "single", "", _joined(good, why), tuple(choices))


def _joined(*texts: str) -> str:
    return "\n\n".join(dict.fromkeys(text for text in texts if text))


def _pieces(body: str, marks: str) -> Iterator[tuple[str, str]]:
    """Each answer with the mark before it."""
    parts = re.split(f"([{marks}])", body)
    if parts[0].strip():
        raise _Wrong(
            f"“{_shown(parts[0])[:40]}” stands before the first answer: "
            f"an answer begins with {' or '.join(marks)}"
        )
    pieces = list(zip(parts[1::2], parts[2::2], strict=True))
    if len(pieces) > CHOICES:
        raise _Wrong(f"it has {len(pieces)} answers; at most {CHOICES} are read")
    yield from ((mark, piece.strip()) for mark, piece in pieces)


def _weight(piece: str) -> tuple[float | None, str]:
    """The weight before an answer, in per cent, and the rest."""
    found = _WEIGHT.match(piece)
    if found:
        return float(found[1]), piece[found.end() :]
    if piece.startswith("%"):
        raise _Wrong("a weight is a number between two %, as in ~%-50%")
    return None, piece


def _choices(body: str, why: str) -> Item:
    found: list[tuple[float, str, str]] = []
    several = "=" not in body
    for mark, piece in _pieces(body, "=~"):
        weight, rest = _weight(piece)
        text, _, feedback = rest.partition("#")
        said = _said(text, "an answer")
        if not said:
            raise _Wrong("an answer is empty")
        share = weight if weight is not None else 100.0 if mark == "=" else 0.0
        found.append((share, said, _said(feedback, "a feedback")))
    texts = [text for _, text, _ in found]
    if len(set(texts)) < max(2, len(texts)):
        raise _Wrong("it needs two answers or more, all different")
    rights = [share for share, _, _ in found if share > 0]
    if several:
        if len(rights) < 2 or len(rights) == len(found):
            raise _Wrong(
                "with weights it needs two right answers or more and a wrong one; "
                "the one right answer among wrong ones begins with ="
            )
        if any(abs(share - 100 / len(rights)) > EVEN for share in rights):
            raise _Wrong(
                f"its right answers have different weights; here each counts alike: "
                f"%{_percent(100 / len(rights))}%"
            )
    elif rights != [100.0]:
        raise _Wrong("one right answer with =, and wrong ones with ~, is what is read")
    good = _joined(*(say for share, _, say in found if share > 0))
    return Item(
        "",
        "several" if several else "single",
        "",
        _joined(good, why),
        tuple(Choice(t, share > 0, "" if share > 0 else s) for share, t, s in found),
    )


def _pairs(body: str, why: str) -> Item:
    pairs = []
    for _, piece in _pieces(body, "="):
        left, arrow, right = piece.partition("->")
        pair = Choice(_said(left, "an answer"), to=_said(right, "an answer"))
        if not arrow or not pair.text or not pair.to:
            raise _Wrong(
                f"“{_shown(piece)[:40]}” is no pair: a pair is written = left -> right"
            )
        pairs.append(pair)
    if len({pair.text for pair in pairs}) < len(pairs) or len(pairs) < 2:
        raise _Wrong("it needs two pairs or more, all different on the left")
    return Item("", "match", "", why, tuple(pairs))


def _numbers(body: str, why: str) -> Item:
    body, _, wrong = body.partition("~")
    if wrong.partition("#")[0].strip():
        raise _Wrong("of numbers only the right ones and %0% ones are read, with =")
    if not body.lstrip().startswith("="):
        body = "=" + body
    right: list[tuple[float, float, str]] = []
    nears: list[Near] = []
    for _, piece in _pieces(body, "="):
        weight, rest = _weight(piece)
        text, _, feedback = rest.partition("#")
        value, within = _value(_shown(text))
        say = _said(feedback, "a feedback")
        if weight in (None, 100.0):
            right.append((value, within, say))
        elif weight == 0:
            nears.append(Near(value, within, say))
        else:
            raise _Wrong(f"a number is right or not; {weight:g} % of it is not read")
    if len(right) != 1:
        raise _Wrong(f"it has {len(right)} right numbers; exactly one is read")
    value, within, say = right[0]
    return Item(
        "", "number", "", _joined(say, why), (), value, within, tuple(nears)
    )  # fmt: skip


def _value(text: str) -> tuple[float, float]:
    """A number and how far one may be off: 54, 54:0.5 or 53.5..54.5."""
    low, dots, high = text.partition("..")
    if dots:
        ends = _float(low), _float(high)
        return (ends[0] + ends[1]) / 2, abs(ends[1] - ends[0]) / 2
    value, _, within = text.partition(":")
    return _float(value), abs(_float(within or "0"))


def _float(text: str) -> float:
    value = float(text) if _NUMBER.match(text.strip()) else math.inf
    if not math.isfinite(value):
        raise _Wrong(f"“{text.strip()[:40]}” is no number such as 54 or 0.5 or 1e6")
    return value


# --- writing --------------------------------------------------------------------------

_RESERVED = re.compile(r"[\\:#={}~]")


def escape(text: str) -> str:
    """A text for a file: reserved marks and new lines escaped."""
    text = _CONTROL.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))
    return _RESERVED.sub(lambda found: "\\" + found[0], text).replace("\n", "\\n")


def _answer(text: str) -> str:
    """One answer; what would be read as a format or a weight is shielded by one."""
    shield = "[markdown]" if _FORMAT.match(text) or text.startswith("%") else ""
    return shield + escape(text)


def _side(text: str) -> str:
    """One side of a pair: GIFT has no way to write an arrow there."""
    return _answer(text.replace("->", "→"))


def _percent(share: float) -> str:
    """As Moodle's list of grades has it: 33.33333, 16.66667, 25."""
    return f"{share:.5f}".rstrip("0").rstrip(".")


def _plain(value: float) -> str:
    return str(int(value)) if value == int(value) and abs(value) < 1e15 else repr(value)


def _feedback(say: str) -> str:
    return f"#{escape(say)}" if say else ""


def write(items: Iterable[Item], comments: Iterable[str] = ()) -> str:
    """A file of questions; `read` gives the same ones back."""
    out = [f"// {' '.join(line.split())}" for line in comments]
    category = ""
    for item in items:
        if item.category != category:
            category = item.category
            out += ["", f"{_CATEGORY} {' '.join(category.split())}"]
        out += ["", *_lines(item)]
    return "\n".join(out).lstrip("\n") + "\n"


def _lines(item: Item) -> Iterator[str]:
    # Moodle reads the text as Markdown: ours is, and nothing of it is HTML.
    yield f"::{escape(item.name)}::[markdown]{escape(item.ask)}" + (
        "{#" if item.kind == "number" else "{"
    )
    right = sum(choice.right for choice in item.choices)
    for choice in item.choices:
        if item.kind == "match":
            yield f"\t={_side(choice.text)} -> {_side(choice.to)}"
            continue
        mark = "=" if choice.right else "~"
        if item.kind == "several":
            share = _percent(100 / right)
            mark = f"~%{share}%" if choice.right else f"~%-{share}%"
        yield f"\t{mark}{_answer(choice.text)}{_feedback(choice.say)}"
    if item.value is not None:
        yield f"\t={_plain(item.value)}:{_plain(item.within)}"
    for near in item.nears:
        said = _feedback(near.say)
        yield f"\t=%0%{_plain(near.value)}:{_plain(near.within)}{said}"
    why = "\n".join([item.why, *(f"* {point}" for point in item.points)]).strip()
    if why:
        yield f"\t####{escape(why)}"
    yield "}"


def step_of(category: str, steps: Collection[str]) -> str:
    """The lesson's step that a category ends in, as an export writes it; or none."""
    last = category.rpartition("/")[2].strip()
    return last if last in steps else ""

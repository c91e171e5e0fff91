"""The answers between the braces of a GIFT question, as an `ItemDraft`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from itertools import chain

from classroom.content.numbers import decimal
from classroom.questions.gift.blocks import back
from classroom.questions.gift.items import (
    CHOICES,
    EVEN,
    FULL,
    WORD,
    GiftChoice,
    GiftItem,
    Near,
    Wrong,
)
from classroom.questions.gift.numbers import number
from classroom.questions.gift.texts import Reader, RichText

_WEIGHT = re.compile(
    r"^%\s*(?P<sign>[-–−+]?)\s*(?P<value>\d{1,3}(?:[.,]\d{0,10})?)\s*%\s*"
)
_LIKE_WEIGHT = re.compile(r"^%[^%\s=~]{1,12}%")
_CLOZE = re.compile(
    r"^\d*:(?:MULTICHOICE|MC|MCV|MCH|MR|SHORTANSWER|SA|MW|NUMERICAL|NM)\w{0,3}:", re.I
)
_TRUE = {"t": True, "true": True, "f": False, "false": False}
_MARK = re.compile(r"~\s*=|[=~]")
_SPACED = re.compile(r"(?:^|(?<=\s))(?:~\s*=|[=~])(?=\S)|^[ \t]*(?:~\s*=|[=~])", re.M)
_BLANK = " \t\n\u00a0\u200b\ufeff"


@dataclass(frozen=True)
class TrueFalse:
    """The choices of a true-or-false question, in the language of the bank."""

    yes: str = "True"
    no: str = "False"


@dataclass(frozen=True)
class Piece:
    """One answer as it stands in the file."""

    mark: str  # "=", "~", or "" where none stands before it
    weight: float | None
    text: str
    feedback: str


NOTHING = RichText("")
WeighedAnswer = tuple[float, RichText, RichText]  # share in per cent, text, feedback


@dataclass(frozen=True)
class ItemDraft:
    """A question without its own text; its other texts are not merged to one format."""

    item: GiftItem
    why: tuple[RichText, ...] = ()
    choices: tuple[tuple[RichText, RichText, RichText], ...] = ()  # text, feedback, to
    nears: tuple[RichText, ...] = ()
    points: tuple[RichText, ...] = ()
    otherwise: RichText = NOTHING

    def texts(self) -> Iterable[RichText]:
        """All of them, but for words that are typed."""
        yield from self.why
        short = self.item.kind == "short"
        for choice in self.choices:
            yield from choice[1:] if short else choice
        yield from (*self.nears, *self.points, self.otherwise)

    def finished(self, name: str, ask: RichText, category: str) -> GiftItem:
        """The question: its texts all plain, or all marked."""
        rich = ask.rich or any(text.rich for text in self.texts())

        def put(text: RichText) -> str:
            return text.marked if rich else text.text

        short = self.item.kind == "short"
        return replace(
            self.item,
            name=name,
            ask=put(ask),
            why="\n\n".join(dict.fromkeys(put(x) for x in self.why if x.text)),
            choices=tuple(
                replace(
                    choice,
                    text=text.text if short else put(text),
                    say=put(feedback),
                    to=put(to),
                )
                for choice, (text, feedback, to) in zip(
                    self.item.choices, self.choices, strict=True
                )
            ),
            nears=tuple(
                replace(near, say=put(feedback))
                for near, feedback in zip(self.item.nears, self.nears, strict=True)
            ),
            points=tuple(map(put, self.points)),
            otherwise=put(self.otherwise),
            category=category,
            rich=rich,
        )


Reads = Callable[[str, RichText, Reader, re.Pattern[str]], ItemDraft]


def answers(body: str, general: str, reader: Reader, words: TrueFalse) -> ItemDraft:
    """The kind of a question, and its answers.

    Raises:
        Wrong: it is none that can be asked.
    """
    why = reader.text(general, "the general feedback")
    if not body:
        return _essay(why)
    if body.startswith("#"):
        return _numbers(body[1:], why, reader)
    first, *feedback = body.split("#", 2)
    if (meant := _TRUE.get(first.strip(_BLANK).casefold())) is not None:
        return _true_false(meant, feedback, why, reader, words)
    if found := _CLOZE.match(body):
        raise Wrong(
            f"it is of Moodle's Cloze format ({back(found[0])}), not of GIFT: "
            f"its gaps are not read"
        )
    if "~" in body:
        return _tried(_choices, body, why, reader)
    if "=" in body and (arrow := _arrow(body)):
        return _tried(lambda b, w, r, s: _pairs(b, w, r, s, arrow), body, why, reader)
    return _tried(_short, body, why, reader)


# --- pieces ---------------------------------------------------------------------------


def _pieces(body: str, marks: re.Pattern[str], unmarked: str) -> list[Piece]:
    """Each answer; text before the first mark is one, as Moodle takes it."""
    found: list[Piece] = []
    last, at = unmarked, 0
    for mark in chain(marks.finditer(body), [None]):
        text = body[at : mark.start() if mark else len(body)].strip()
        if text or at:
            found.append(_piece(last, text))
        if len(found) > CHOICES:
            raise Wrong(f"it has more than {CHOICES} answers, which is the most")
        if mark:
            last = "=" if "=" in mark[0] else "~"
            at = mark.end()
    return found


def _piece(mark: str, text: str) -> Piece:
    weight, rest = None, text
    if found := _WEIGHT.match(text):
        weight = float(found["value"].replace(",", "."))
        weight = (
            -weight if found["sign"] in ("-", "–", "−") and found["sign"] else weight
        )
        rest = text[found.end() :]
    elif _LIKE_WEIGHT.match(text):
        raise Wrong(
            f"“{back(text)[:20]}” begins like a weight, which is a number between two "
            f"%, as in ~%-50%"
        )
    answer, _, feedback = rest.partition("#")
    return Piece(mark, weight, answer.strip(), feedback.strip().lstrip("#").strip())


def _tried(read: Reads, body: str, why: RichText, reader: Reader) -> ItemDraft:
    """Answers by Moodle's rule, that = and ~ always begin one, or by a looser one.

    The looser rule wants a space or a new line before the mark: `=x=5` is one answer.
    It comes first where every answer has a line of its own.
    """
    lines = [line for line in body.split("\n") if line.strip()]
    loose_first = len(lines) > 1 and all(
        line.lstrip()[0] in "=~" or line.lstrip().startswith("#") for line in lines
    )
    rules = [_SPACED, _MARK] if loose_first else [_MARK, _SPACED]
    kept = list(reader.notes)
    first: Wrong | None = None
    for rule in rules:
        try:
            return read(body, why, reader, rule)
        except Wrong as wrong:
            first = first or wrong
            reader.notes[:] = kept
    assert first is not None
    raise first


# --- kinds ----------------------------------------------------------------------------


def _essay(why: RichText) -> ItemDraft:
    """The lines with a * at the end of the model answer are the points it makes."""
    lines = why.text.split("\n")
    points: list[str] = []
    while lines and lines[-1].startswith("* "):
        points.insert(0, lines.pop()[2:].strip())
    model = "\n".join(lines).strip()
    return ItemDraft(
        GiftItem("", "open", ""),
        (replace(why, text=model),),
        points=tuple(RichText(point, why.rich) for point in points[:CHOICES]),
    )


def _true_false(
    right: bool, feedback: list[str], why: RichText, reader: Reader, words: TrueFalse
) -> ItemDraft:
    wrong, good = (reader.text(x, "a feedback") for x in [*feedback, "", ""][:2])
    pairs = ((words.yes, True), (words.no, False))
    return ItemDraft(
        GiftItem("", "single", "", choices=tuple(
            GiftChoice("", meant is right) for _, meant in pairs
        )),
        (good, why),
        tuple(
            (RichText(word), NOTHING if meant is right else wrong, NOTHING)
            for word, meant in pairs
        ),
    )  # fmt: skip


def _choices(
    body: str, why: RichText, reader: Reader, marks: re.Pattern[str]
) -> ItemDraft:
    pieces = _pieces(body, marks, "~")
    several = not any(piece.mark == "=" for piece in pieces)
    found: dict[str, WeighedAnswer] = {}
    for piece in pieces:
        share = piece.weight
        if share is None:
            share = FULL if piece.mark == "=" else 0.0
        before = reader.pictures
        text = reader.text(piece.text, "an answer")
        if not text.text:
            if share > 0:
                raise Wrong("a right answer is empty")
            reader.notes.append("an empty answer was left out")
            continue
        if reader.pictures > before and not _beside(text, reader):
            raise Wrong("its answers are pictures, which GIFT does not hold")
        feedback, key = reader.text(piece.feedback, "a feedback"), text.marked
        if key in found and found[key][0] != share:
            raise Wrong(
                f"the answer “{text.words[:40]}” is there twice, with other weights; "
                f"write \\= and \\~ where the signs are meant"
            )
        if key in found:
            reader.notes.append("an answer that is there twice is asked once")
            continue
        found[key] = (share, text, feedback)
    if len(found) < 2:
        raise Wrong("it needs two answers or more, all different")
    return (_several if several else _single)(list(found.values()), why, reader)


def _beside(text: RichText, reader: Reader) -> bool:
    """Whether an answer has text besides the names of pictures."""
    bare = re.sub(re.escape(reader.unnamed), "", text.words)
    pattern = re.escape(reader.picture).replace(re.escape("{name}"), ".*?")
    return bool(re.sub(pattern, "", bare).strip())


def _single(found: list[WeighedAnswer], why: RichText, reader: Reader) -> ItemDraft:
    rights = [x for x in found if x[0] >= FULL]
    if not rights:
        raise Wrong("none of its answers is fully right, with = or a weight of 100 %")
    lone = len(rights) == 1
    choices, texts, good = [], [], []
    for share, text, feedback in found:
        right = share >= FULL
        part = share if not right and share else None
        choices.append(GiftChoice("", right, share=part))
        if right and lone:
            good.append(feedback)
        texts.append((text, NOTHING if right and lone else feedback, NOTHING))
    return ItemDraft(
        GiftItem("", "single", "", choices=tuple(choices)), (*good, why), tuple(texts)
    )


def _several(found: list[WeighedAnswer], why: RichText, reader: Reader) -> ItemDraft:
    rights = [share for share, _, _ in found if share > 0]
    if not rights:
        raise Wrong(
            "no answer is right: the right one among wrong ones begins with =, and "
            "several right ones have weights, as in ~%50%"
        )
    even = FULL / len(rights)
    if abs(sum(rights) - FULL) > 1 and not (
        len(rights) > 1 and all(share >= FULL for share in rights)
    ):
        reader.notes.append(
            f"its right answers weigh {decimal(sum(rights), 2)} % together: their "
            f"shares are taken of that"
        )
    alike = all(abs(share - rights[0]) <= EVEN for share in rights)
    choices = []
    for share, _, _ in found:
        # A wrong tick without a weight costs as much as a right one is worth.
        usual = alike if share > 0 else share == 0 or abs(share + even) <= EVEN
        choices.append(GiftChoice("", share > 0, share=None if usual else share))
    good = tuple(feedback for share, _, feedback in found if share > 0)
    return ItemDraft(
        GiftItem("", "several", "", choices=tuple(choices)),
        (*good, why),
        tuple((t, NOTHING if share > 0 else s, NOTHING) for share, t, s in found),
    )


def _arrow(body: str) -> str:
    """The arrow of the pairs: ->, or what a word processor has made of it."""
    if "->" in body:
        return "->"
    pieces = _pieces(body, _MARK, "=")
    if len(pieces) > 1 and all("→" in piece.text for piece in pieces):
        return "→"
    return ""


def _pairs(
    body: str, why: RichText, reader: Reader, marks: re.Pattern[str], arrow: str
) -> ItemDraft:
    choices: list[GiftChoice] = []
    texts: list[tuple[RichText, RichText, RichText]] = []
    seen: set[tuple[str, str]] = set()
    lone = 0
    for mark in _raw(body, marks):
        left, found, right = mark.partition(arrow)
        source = left.strip()
        text = reader.text(left, "an answer")
        to = reader.text(right, "an answer")
        if not found or not to.text:
            raise Wrong(
                f"“{back(mark).strip()[:40]}” is no pair: a pair is written "
                f"= left -> right"
            )
        if source and not text.text:
            raise Wrong("the left of a pair is empty")
        if (text.marked, to.marked) in seen:
            reader.notes.append("a pair that is there twice is asked once")
            continue
        seen.add((text.marked, to.marked))
        lone += bool(text.text)
        choices.append(GiftChoice(""))
        texts.append((text, NOTHING, to))
    if not lone or len(texts) < 2:
        raise Wrong("it needs two pairs or more, all different")
    return ItemDraft(
        GiftItem("", "match", "", choices=tuple(choices)), (why,), tuple(texts)
    )


def _raw(body: str, marks: re.Pattern[str]) -> list[str]:
    """Pieces of a body as they are, without weights and feedback."""
    found, at, any_mark = [], 0, False
    for mark in chain(marks.finditer(body), [None]):
        text = body[at : mark.start() if mark else len(body)]
        if text.strip() or any_mark:
            found.append(text)
        if len(found) > CHOICES:
            raise Wrong(f"it has more than {CHOICES} pairs, which is the most")
        if mark:
            at, any_mark = mark.end(), True
    return found


def _short(
    body: str, why: RichText, reader: Reader, marks: re.Pattern[str]
) -> ItemDraft:
    best: dict[str, tuple[float, str, RichText]] = {}
    otherwise = NOTHING
    for piece in _pieces(body, marks, "="):
        share = FULL if piece.weight is None else piece.weight
        feedback = reader.text(piece.feedback, "a feedback")
        word = reader.word(piece.text)
        if not word:
            reader.notes.append("an empty answer was left out")
            continue
        if len(word) > WORD:
            raise Wrong(
                f"a typed answer has {len(word)} characters; at most {WORD} are read"
            )
        if word == "*" and share <= 0:
            otherwise = feedback
            continue
        key = word.casefold()
        if key not in best or best[key][0] < share:
            best[key] = (share, word, feedback)
    found = list(best.values())
    if not any(share >= FULL for share, _, _ in found):
        raise Wrong("none of its typed answers is fully right (100 %)")
    return ItemDraft(
        GiftItem("", "short", "", choices=tuple(
            GiftChoice("", share >= FULL, share=share if 0 < share < FULL else None)
            for share, _, _ in found
        )),
        (why,),
        tuple((RichText(word), feedback, NOTHING) for _, word, feedback in found),
        otherwise=otherwise,
    )  # fmt: skip


def _numbers(body: str, why: RichText, reader: Reader) -> ItemDraft:
    body, _, wrong = body.partition("~")
    other, _, last = wrong.partition("#")
    if other.strip() not in ("", "*", "=", "=*", "%0%*"):
        raise Wrong("of numbers only right ones are read, each with =, and one ~#")
    otherwise = reader.text(last, "a feedback")
    rights: list[tuple[float, float, RichText]] = []
    others: list[tuple[Near, RichText]] = []
    for piece in _pieces(body, re.compile("="), "="):
        share = FULL if piece.weight is None else piece.weight
        feedback = reader.text(piece.feedback, "a feedback")
        text = reader.text(piece.text, "a number").words.strip()
        if text in ("", "*") and (share <= 0 or not text):
            otherwise = feedback if feedback.text else otherwise
            continue
        value, within = number(text)
        if share >= FULL:
            rights.append((value, within, feedback))
        else:
            others.append((Near(value, within, "", max(share, 0.0)), feedback))
    if not rights:
        raise Wrong("it has no number that is fully right (100 %)")
    (value, within, good), *more = rights
    nears = [(Near(v, w, "", FULL), feedback) for v, w, feedback in more] + others
    return ItemDraft(
        GiftItem("", "number", "", value=value, within=within,
             nears=tuple(near for near, _ in nears)),
        (good, why),
        nears=tuple(feedback for _, feedback in nears),
        otherwise=otherwise,
    )  # fmt: skip

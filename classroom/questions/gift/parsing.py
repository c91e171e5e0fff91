"""Reads a GIFT file: every question of it is read, or refused with line and reason."""

from __future__ import annotations

import re

from classroom.questions.gift.answers import TrueFalse, answers
from classroom.questions.gift.blocks import Block, back, blocks, decoded, parted
from classroom.questions.gift.items import (
    QUESTIONS,
    GiftItem,
    GiftRefused,
    Problem,
    Read,
    Wrong,
)
from classroom.questions.gift.texts import FORMAT, Reader

_TAGS = re.compile(r"</?[a-zA-Z][^<>]*>|&nbsp;|\s")
COUNTED = 10 * QUESTIONS
NAME = 120  # letters of a name
FULL = f"at most {QUESTIONS:,} questions of a file are read: split it"


def read(
    data: bytes,
    words: TrueFalse = TrueFalse(),  # noqa: B008 (it is frozen)
    picture: str = Reader.picture,
    unnamed: str = Reader.unnamed,
) -> Read:
    """Every question of a file, every one that is refused, every text that asks none.

    Args:
        words: for the choices of true-or-false questions.
        picture, unnamed: for pictures, which GIFT does not hold; `{name}` is theirs.

    Raises:
        GiftRefused: it is too large, or no text.
    """
    text, sentence = decoded(data)
    items: list[GiftItem] = []
    lines: list[int] = []
    problems: list[Problem] = []
    described: list[Problem] = []
    notes: list[Problem] = []
    for block in blocks(text):
        full = max(len(items), len(problems)) >= QUESTIONS
        for found in (
            _counted(block) if full else _questions(block, words, picture, unnamed)
        ):
            if len(problems) + len(described) > COUNTED:
                raise GiftRefused(
                    f"At most {COUNTED:,} questions of a file are counted, and "
                    f"{QUESTIONS:,} are read. This one goes on in line "
                    f"{found.line:,}: split it."
                )
            if found.description:
                described.append(Problem(found.line, found.name, found.description))
            elif found.item is None or len(items) >= QUESTIONS:
                problems.append(Problem(found.line, found.name, found.wrong or FULL))
            else:
                items.append(found.item)
                lines.append(found.line)
                notes += [Problem(found.line, found.name, x) for x in found.notes]
    if not items and not problems and not sentence:
        sentence = "The file holds no question: answers stand between { and }."
    return Read(
        tuple(items),
        tuple(problems),
        tuple(described),
        tuple(notes),
        sentence,
        tuple(lines),
    )


class _Found:
    """What a block turned out to be."""

    def __init__(self, line: int, name: str) -> None:
        self.line, self.name = line, name
        self.item: GiftItem | None = None
        self.wrong = ""
        self.description = ""
        self.notes: tuple[str, ...] = ()


def _questions(
    block: Block, words: TrueFalse, picture: str, unnamed: str
) -> list[_Found]:
    """The question of a block; of one without blank lines between, all of them."""
    parts = parted(block)
    if 1 < len(parts) <= QUESTIONS:
        found = [_question(part, words, picture, unnamed) for part in parts]
        named = all(part.text.lstrip().startswith("::") for part in parts[1:])
        if named or all(one.item for one in found):
            return found
    if len(parts) > QUESTIONS:
        return _counted(block)
    return [_question(block, words, picture, unnamed)]


def _counted(block: Block) -> list[_Found]:
    """The questions of a block in a file that has too many: counted, not read."""
    found = []
    for part in parted(block):
        name, rest = _name(part.text)
        one = _Found(part.line, name or " ".join(back(rest[:80]).split())[:40])
        if "{" in rest or "}" in rest:
            one.wrong = FULL
        else:
            one.description = one.name or "…"
        found.append(one)
    return found


def _question(block: Block, words: TrueFalse, picture: str, unnamed: str) -> _Found:
    name, rest = _name(block.text)
    shown = name or " ".join(back(rest).split())[:40]
    found = _Found(block.line, shown)
    begin, end = _braces(rest)
    if begin < 0 and end < 0:
        found.description = " ".join(back(FORMAT.sub("", rest)).split())[:80] or shown
        return found
    reader = Reader(picture, unnamed)
    try:
        found.item = _item(name, rest, (begin, end), block.category, reader, words)
        found.name = found.item.name
        found.notes = tuple(dict.fromkeys(reader.notes))
    except Wrong as wrong:
        found.wrong = str(wrong)
    return found


def _name(text: str) -> tuple[str, str]:
    text = text.strip()
    if not text.startswith("::"):
        return "", text
    name, mark, rest = text[2:].partition("::")
    if not mark or "{" in name:
        return "", text[2:].strip()
    return " ".join(back(FORMAT.sub("", name)).split())[:NAME], rest.strip()


def _braces(text: str) -> tuple[int, int]:
    """Where the answers begin and end; -1: no such brace.

    Braces within the answers belong to them where they pair up; else, as in Moodle,
    the first } ends the answers.
    """
    begin = text.find("{")
    if begin < 0:
        return -1, text.find("}")
    depth = 0
    for found in re.finditer(r"[{}]", text[begin:]):
        depth += 1 if found[0] == "{" else -1
        if not depth:
            return begin, begin + found.start()
    return begin, -1


def _item(
    name: str,
    text: str,
    braces: tuple[int, int],
    category: str,
    reader: Reader,
    words: TrueFalse,
) -> GiftItem:
    begin, end = braces
    if begin < 0 or -1 < end < begin:
        raise Wrong("a } has no { before it; write \\} where the mark is meant")
    if end < 0:
        raise Wrong("the answers that begin with { have no } that ends them")
    head, body, tail = text[:begin], text[begin + 1 : end].strip(), text[end + 1 :]
    tail = re.sub(r"(?:^|\n)\s*//[^\n]*", "", tail)
    if "{" in tail or "}" in tail:
        raise Wrong(
            "it has more than one { or }: one gap or list of answers is read; write "
            "\\{ or \\} where the marks are meant"
        )
    stated = FORMAT.match(head)
    bare = head[stated.end() :] if stated else head
    gap = "_____" if _TAGS.sub("", tail) else ""
    if not _TAGS.sub("", bare) and not gap and "<img" not in bare and name:
        reader.notes.append("its name is its question")
        head = f"[plain]{name}"
    ask = reader.head(f"{head}{gap}{tail}")
    if not ask.text:
        raise Wrong("it asks nothing: the question stands before the {")
    given, mark, general = body.rpartition("####")
    if not mark:
        given, general = general, ""
    draft = answers(given.strip(), general, reader, words)
    called = name or " ".join(ask.words.split())[:40]
    return draft.finished(called, ask, category)

"""A GIFT file as text, and its blocks: one question each, with the line it begins in.

Moodle parts questions by blank lines alone. Here a blank line between the braces, or
before the {, does not part them; and a question that begins with ::name:: after the
answers of another, or a category with no blank line after it, is found all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from classroom.questions.gift.formulas import CODE, FORMULAS, FormulaSpan, spans
from classroom.questions.gift.items import BYTES, GiftRefused

# An escaped mark becomes one control character, which no file may hold, while the
# others are looked at.
_ESCAPED = {mark: chr(number) for number, mark in enumerate("\\:#={}~n", 1)}
_BACK = str.maketrans({code: m if m != "n" else "\n" for m, code in _ESCAPED.items()})
CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
LINE = 100_000  # a longer one is not searched for formulas and code
_ODD = 200  # at least so many characters to one that no text has
CATEGORY = re.compile(r"^\s*\$CATEGORY:\s*(?P<name>.*)$", re.IGNORECASE)
NAMED = re.compile(r"^\s*::(?:[^:\n]|:(?!:))+::")

# Marks within a tag's attributes, or in &#39;, are meant as they are.
_TAG = re.compile(
    r"""<[a-zA-Z]\w{0,20}(?:\s+[\w:-]+\s*=\s*(?:"[^"<>{}]*"|'[^'<>{}]*'))+\s*/?>"""
)
_ENTITY = re.compile(r"&#[xX]?[0-9a-fA-F]{1,6};")
_AWAY = str.maketrans({mark: _ESCAPED[mark] for mark in ":#=~"})
_BRACES_AWAY = str.maketrans({mark: _ESCAPED[mark] for mark in "{}"})
_ALL_AWAY = str.maketrans({mark: _ESCAPED[mark] for mark in "{}=#~"})
_BASE64 = re.compile(
    r"(data\\?:[a-z]{1,20}/[\w.+-]{1,40};base64,)[A-Za-z0-9+/=\\%]{40,}", re.IGNORECASE
)
_BRACE = re.compile(r"[{}]")
_TEX = re.compile(r"(?<![A-Za-z}^_\])\x05])\{")


@dataclass(frozen=True)
class Block:
    """Lines that belong together, escaped marks out of the way."""

    line: int
    text: str
    category: str = ""


def back(text: str) -> str:
    """Escaped marks as they were meant."""
    return text.translate(_BACK)


def check_size(count: int) -> None:
    """Whether a file of so many bytes is read.

    Raises:
        GiftRefused: it is not.
    """
    if count > BYTES:
        raise GiftRefused(
            f"A GIFT file has at most {BYTES / 1e6:.0f} MB. "
            f"This one has {count / 1e6:.1f} MB: split it."
        )


def decoded(data: bytes) -> tuple[str, str]:
    """The file's text, and a sentence about it where it was not UTF-8.

    Raises:
        GiftRefused: it is too large, or no text.
    """
    check_size(len(data))
    if not data.strip():
        raise GiftRefused("The file is empty: a GIFT file holds questions.")
    _known(data)
    text, sentence = _in_some_code(data)
    for line_end in ("\r\n", "\r", "\x0b", "\x0c", "\x85", "\u2028", "\u2029"):
        text = text.replace(line_end, "\n")
    text = text.rstrip("\x1a\x00").replace("\x1e", "-").replace("\x1f", "")
    found = CONTROL.findall(text)
    if len(found) * _ODD > len(text) or "\x00" in found:
        at = CONTROL.search(text)
        assert at is not None
        line = text.count("\n", 0, at.start()) + 1
        raise GiftRefused(
            f"A GIFT file is text. Line {line} holds a character that no text has "
            f"(U+{ord(at[0]):04X}): save the file as plain text in UTF-8."
        )
    if found:
        sentence = f"{sentence} {len(found)} characters that no text has were left out."
        text = CONTROL.sub("", text)
    text = _BASE64.sub(r"\1", text)
    # A byte order mark may begin each file of several that were put together.
    return re.sub("^[\ufeff\u200b]+", "", text, flags=re.M), sentence.strip()


def _known(data: bytes) -> None:
    """Files of other kinds that are often brought instead.

    Raises:
        GiftRefused: with what to do.
    """
    begin = data[:400].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    save = "save or export the questions as GIFT (plain text)."
    for mark, what in (
        (b"pk\x03\x04", f"This is a zip or an Office file: {save}"),
        (b"%pdf", f"This is a PDF: {save}"),
        (b"{\\rtf", f"This is a Rich Text file: {save}"),
        (b"\xd0\xcf\x11\xe0", f"This is an old Office file: {save}"),
    ):
        if begin.startswith(mark):
            raise GiftRefused(what)
    if begin.startswith((b"<?xml", b"<quiz")):
        raise GiftRefused(f"This is XML, as Moodle can export it too: {save}")


def _in_some_code(data: bytes) -> tuple[str, str]:
    for mark, code in (
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(code, "replace"), "The file was read as UTF-16."
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        pass
    else:
        if "\x00" not in text[:2000]:
            return text, ""
    head = data[:2000]
    for start, code in ((1, "utf-16-le"), (0, "utf-16-be")):
        if head[start::2].count(0) > 0.4 * len(head[start::2]) > 1:
            return data.decode(code, "replace"), "The file was read as UTF-16."
    note = "The file is not UTF-8; it was read as Windows-1252. Look at its accents."
    return data.decode("cp1252", "replace"), note


def _hidden(text: str) -> str:
    """Escaped marks out of the way, and those in formulas, code and tags."""
    text = re.sub(r"\\([\\:#={}~n])", lambda found: _ESCAPED[found[1]], text)
    text = _ENTITY.sub(_marks, _TAG.sub(_marks, text))
    if "{" not in text or len(text) > LINE:
        return text
    return _spared(_spared(text, FORMULAS, _formula), CODE, _braces)


def _spared(
    text: str, pairs: dict[str, str], spare: Callable[[FormulaSpan], str]
) -> str:
    """The text, marks in its formulas or code out of the way: they belong to these."""
    out, at = [], 0
    for span in spans(text, pairs):
        out += [text[at : span.start], span.opened, spare(span), pairs[span.opened]]
        at = span.end
    return "".join([*out, text[at:]])


def _marks(found: re.Match[str]) -> str:
    return found[0].translate(_AWAY)


def _formula(span: FormulaSpan) -> str:
    inner, loose = span.inner, span.opened == "$"
    if not _pairs_up(inner) or (loose and _TEX.search(inner)):
        return inner
    tex = not loose and (span.opened != "$$" or "\\" in inner or "\x01" in inner)
    return inner.translate(_ALL_AWAY if tex else _BRACES_AWAY)


def _braces(span: FormulaSpan) -> str:
    return span.inner.translate(_BRACES_AWAY) if _pairs_up(span.inner) else span.inner


def _pairs_up(text: str) -> bool:
    depth = 0
    for mark in _BRACE.findall(text):
        depth += 1 if mark == "{" else -1
        if depth < 0:
            return False
    return depth == 0


def blocks(text: str) -> Iterator[Block]:
    """Every block of a file, in order."""
    category = ""
    for block in _grouped(text):
        if found := CATEGORY.match(block.text):
            category = back(found["name"]).strip()
        else:
            yield Block(block.line, block.text, category)


class _Lines:
    """Lines of a block that grows, and how many braces are open in it."""

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.start = 0
        self.open = 0
        self.had = False  # a whole answer part

    def add(self, number: int, line: str) -> None:
        if not self.lines:
            self.start = number
        self.lines.append(line)
        for mark in _BRACE.findall(line):
            if mark == "{":
                self.open += 1
            elif self.open:
                self.open -= 1
                self.had |= not self.open

    def block(self) -> Block:
        return Block(self.start, "\n".join(self.lines))

    @property
    def waits(self) -> bool:
        """Whether it has no brace yet."""
        return bool(self.lines) and not self.open and not self.had


def _grouped(text: str) -> Iterator[Block]:
    """Lines that belong together; a category is a block of its own."""
    lines = [_hidden(line) for line in text.split("\n")]
    grown, sure = _Lines(), 0  # the line up to which braces are known to close
    for at, line in enumerate(lines):
        if line.lstrip().startswith("//"):
            continue
        if CATEGORY.match(line) and (grown.open == 0 or at > sure):
            if grown.lines:
                yield grown.block()
            grown = _Lines()
            yield Block(at + 1, line)
        elif not line.strip():
            if not grown.lines or (grown.open and at < sure):
                continue
            if grown.open and (end := _closes(lines, at, grown.open)):
                sure = end
            elif not (grown.waits and _answers_follow(lines, at, grown)):
                yield grown.block()
                grown = _Lines()
        else:
            if NAMED.match(line) and grown.lines and (grown.open or grown.had):
                yield grown.block()
                grown = _Lines()
            grown.add(at + 1, line)
    if grown.lines:
        yield grown.block()


def _closes(lines: list[str], at: int, depth: int) -> int:
    """The line in which open braces close, before any other begins; 0: none."""
    for number in range(at + 1, len(lines)):
        if NAMED.match(lines[number]) or CATEGORY.match(lines[number]):
            return 0
        for mark in _BRACE.findall(lines[number]):
            if mark == "{":
                return 0
            depth -= 1
            if not depth:
                return number
    return 0


def _answers_follow(lines: list[str], at: int, grown: _Lines) -> bool:
    """Whether what comes after blank lines belongs to a text that has no answers."""
    follows = next((lines[n] for n in range(at, len(lines)) if lines[n].strip()), "")
    if follows.lstrip().startswith("{"):
        return True
    alone = NAMED.match("\n".join(grown.lines))
    named = alone is not None and not "\n".join(grown.lines)[alone.end() :].strip()
    return named and bool(follows) and not NAMED.match(follows)


_NEXT = re.compile(r"[ \t]*(?:\n|::(?:[^:\n]|:(?!:))+::)")


def parted(block: Block) -> list[Block]:
    """The questions that may follow each other in a block without a blank line."""
    text = block.text
    cuts, depth = [0], 0
    for found in _BRACE.finditer(text):
        if found[0] == "{":
            depth += 1
        elif depth:
            depth -= 1
            if not depth and _NEXT.match(text, found.end()):
                cuts.append(found.end())
    parts = [text[a:b] for a, b in zip(cuts, [*cuts[1:], len(text)], strict=True)]
    joined = [parts[0]]
    for part in parts[1:]:
        # Text without answers after the last } is the end of that question.
        if "{" not in part and not NAMED.match(part.lstrip("\n")):
            joined[-1] += part
        else:
            joined.append(part)
    if len(joined) == 1:
        return [block]
    found_blocks, line = [], block.line
    for part in joined:
        lead = len(part) - len(part.lstrip())
        first = line + part.count("\n", 0, lead)
        found_blocks.append(Block(first, part.strip("\n"), block.category))
        line += part.count("\n")
    return found_blocks

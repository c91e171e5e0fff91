"""Pieces of a GIFT question as text: each in the format that it states.

Moodle's formats are [html], [markdown], [plain] and [moodle], which is text that may
hold HTML, and is meant where none is stated. Formulas stand between \\( and \\),
\\[ and \\], $$ and $$; between $ where what is in it is plainly a formula.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field

from classroom.content import html_text, rich
from classroom.questions.gift.blocks import back
from classroom.questions.gift.formulas import FORMULAS, spans
from classroom.questions.gift.items import LETTERS, Wrong

FORMAT = re.compile(r"^\s*\[(html|markdown|plain|moodle)\]", re.IGNORECASE)
MOST = 5 * LETTERS  # of the source of one text, tags and all
_HELD = re.compile("\x0e(\\d+)\x0f")
_BREAK = re.compile(r"<br\s*/?>|</?p\b[^>]*>|</?span\b[^>]*>", re.IGNORECASE)


@dataclass(frozen=True)
class RichText:
    """A piece of text: plain, or with the marks of `classroom.content.rich`."""

    text: str
    rich: bool = False

    @property
    def marked(self) -> str:
        """The text with marks, whatever it is."""
        return self.text if self.rich else rich.literal(self.text)

    @property
    def words(self) -> str:
        """The text without any."""
        return rich.words(self.text) if self.rich else self.text


def _too_long(what: str, text: str) -> Wrong:
    return Wrong(f"{what} has {len(text):,} characters; at most {LETTERS:,} are read")


@dataclass
class Reader:
    """Reads a question's pieces in its format, and collects what was left out."""

    picture: str = "(picture missing: {name})"
    unnamed: str = "(picture missing)"
    format: str = "moodle"
    notes: list[str] = field(default_factory=list)
    pictures: int = 0

    def text(self, piece: str, what: str, default: str = "") -> RichText:
        """A piece of a question, `what` it is for its error message.

        Raises:
            Wrong: it is too long.
        """
        stated = FORMAT.match(piece)
        kind = stated[1].lower() if stated else default or self.format
        source = back(piece[stated.end() :] if stated else piece).strip()
        if len(source) > MOST:
            raise _too_long(what, source)
        found = self._converted(source, kind)
        if len(found.text) > LETTERS:
            raise _too_long(what, found.text)
        return found

    def head(self, piece: str) -> RichText:
        """The question itself: its format is that of the other pieces too."""
        if stated := FORMAT.match(piece):
            self.format = stated[1].lower()
        return self.text(piece, "the question")

    def word(self, piece: str) -> str:
        """A short answer, in words alone."""
        if self.format == "html" or html_text.looks_like_html(back(piece)):
            return " ".join(self.text(piece, "an answer").words.split())
        stated = FORMAT.match(piece)
        source = back(piece[stated.end() :] if stated else piece)
        return " ".join(source.split())

    def _named(self, name: str) -> str:
        self.pictures += 1
        return self.picture.format(name=name) if name else self.unnamed

    def _converted(self, source: str, kind: str) -> RichText:
        if not source or kind == "plain":
            return RichText(source)
        before = self.pictures
        if kind == "markdown":
            found = _markdown(source, self._named)
        else:
            found = self._html(source, kind)
        if self.pictures > before:
            self.notes.append("a picture is missing: GIFT does not hold pictures")
        shown = RichText(found.strip(), True)
        if len(shown.text) > LETTERS:
            return shown
        return RichText(shown.words) if rich.has_no_marks(shown.text) else shown

    def _html(self, source: str, kind: str) -> str:
        held: list[str] = []
        kept = _without_formulas(source, held)
        strict = kind == "moodle"
        if strict and not html_text.looks_like_html(kept):
            text = rich.literal(kept)
        else:
            text = html_text.convert(kept, self._named, strict, strict)
            if not text.strip() and source.strip():
                text = rich.literal(kept)  # a tag by itself is meant
        return _restored(text, held)


def _without_formulas(text: str, held: list[str]) -> str:
    """The text, a mark in the place of each of its formulas; `held` has these."""
    out, at = [], 0
    for span in spans(text, FORMULAS):
        source = text[span.start : span.end]
        tex = html.unescape(_BREAK.sub(" ", span.inner)).replace("\u00a0", " ").strip()
        if not tex or (span.opened == "$" and not is_formula(span.inner)):
            continue
        out += [text[at : span.start], f"\x0e{len(held)}\x0f"]
        at = span.end
        tex = tex.replace("$", "\\text{\\textdollar}")
        block = "block" if span.opened == "\\[" else "line"
        held.append("\x00".join((block, tex, source)))
    return "".join([*out, text[at:]])


def is_formula(text: str) -> bool:
    """Whether what stands between two $ is plainly a formula."""
    if re.search(r"\\[a-zA-Z]", text):
        return True
    if text.strip() != text:
        return False
    if re.search(r"[\\^_]", text):
        return not re.search(r"[\"“”]", text)
    return bool(re.fullmatch(r"[A-Za-z](?:\s?[=<>+\-*/]\s?[\w.]+)?'?", text))


def _restored(text: str, held: list[str]) -> str:
    """Formulas in their places again; within code they are as they were typed."""
    if not held:
        return text
    lines = text.split("\n")
    fenced = False
    for at, line in enumerate(lines):
        fenced ^= line.lstrip().startswith("```")
        alone = _HELD.fullmatch(line.strip()) is not None and len(lines) > 1

        def put(found: re.Match[str], alone: bool = alone, code: bool = fenced) -> str:
            kind, tex, source = held[int(found[1])].split("\x00")
            if code:
                return source
            tex = " ".join(tex.split())
            doubled = alone and (kind == "block" or source.startswith("$$"))
            return f"$${tex}$$" if doubled else f"${tex}$"

        lines[at] = _HELD.sub(put, line)
    return "\n".join(lines)


# --- Markdown -------------------------------------------------------------------------

_MD_CODE = re.compile(r"^(`{3,})[^`\n]*\n.*?^\1[ \t]*$|(?<!`)(`+)[^`].*?(?<!`)\2(?!`)",
                      re.DOTALL | re.MULTILINE)  # fmt: skip
_MD_IMAGE = re.compile(r"!\[([^\]\n]*)\]\(([^()\s]*)(?:\s+\"[^\"\n]*\")?\)")
_MD_LINK = re.compile(r"(?<!!)\[([^\]\n]+)\]\((https?://[^()\s]+)\)")
_MD_ESCAPE = re.compile(r"\\([\"#%&'(),/:;<=>?@\[\]^_{}~!])")
_MD_HEAD = re.compile(r"^#{1,6}[ \t]+(.+?)[ \t]*#*$", re.MULTILINE)
_MD_TAG = re.compile(
    r"</?(?:b|strong|i|em|sub|sup|br|p|u|img|code|span)\b[^<>]*>", re.I
)


def _markdown(source: str, picture: html_text.Named) -> str:
    """Markdown as text of `classroom.content.rich`, which is the better part of it."""
    held: list[str] = []
    code: list[str] = []

    def keep(found: re.Match[str]) -> str:
        code.append(found[0])
        return f"\x11{len(code) - 1}\x12"

    text = _MD_CODE.sub(keep, source)
    text = _without_formulas(text, held)
    text = _MD_IMAGE.sub(
        lambda m: rich.literal(picture(m[1] or m[2].rpartition("/")[2])), text
    )
    text = _MD_LINK.sub(lambda m: f"{m[1]} ({m[2]})", text)
    text = _MD_HEAD.sub(r"**\1**", text)
    text = re.sub(r"(?<![\w_])__(?=[^\s_])([^_\n]+?)__(?![\w_])", r"**\1**", text)
    text = re.sub(r"(?<![\w_\\])_(?=[^\s_])([^_\n]+?)_(?![\w_])", r"*\1*", text)
    if _MD_TAG.search(text) and html_text.looks_like_html(text):
        text = _MD_TAG.sub(lambda m: _tag(m, picture), text)
    text = html_text.ENTITY.sub(lambda m: html.unescape(m[0]), text)
    text = _MD_ESCAPE.sub(r"\1", text)
    text = re.sub(r"(?<!\\)((?:\\\\)*)\$", r"\1\\$", text)
    text = re.sub("\x11(\\d+)\x12", lambda m: code[int(m[1])], text)
    return _restored(text, held)


def _tag(found: re.Match[str], picture: html_text.Named) -> str:
    name = re.sub(r"\W", "", found[0].split()[0]).lower()
    if name == "img":
        return html_text.convert(found[0], picture, False, False)
    if name in ("b", "strong"):
        return "**"
    if name in ("i", "em"):
        return "*"
    return {"br": "\n", "code": "`", "sub": "_" if found[0][1] != "/" else "",
            "sup": "^" if found[0][1] != "/" else ""}.get(name, "")  # fmt: skip


def moodle(text: str) -> str:
    """Text of `classroom.content.rich` as Moodle's Markdown: its formulas need $$."""

    def line(one: str) -> str:
        out, at = "", 0
        for found in re.finditer(r"\\.|(`+).*?[^`]\1(?!`)|(\$\$?)([^$\n]+)\2", one):
            out += one[at : found.start()]
            at = found.end()
            if found[2]:
                out += f"$${found[3]}$$"
            else:
                out += found[0]
        return out + one[at:]

    fenced, lines = False, []
    for one in text.split("\n"):
        fenced ^= one.lstrip().startswith("```")
        lines.append(one if fenced else line(one))
    return "\n".join(lines)

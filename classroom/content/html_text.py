"""HTML, as an editor such as Moodle's writes it, as text of `classroom.content.rich`.

Paragraphs, lists, tables, code, emphasis, sub- and superscript stay; links become their
text with the address, pictures and other media are named, since a file of questions
does not hold them. What has no meaning of its own (span, div, style) leaves its text.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from urllib.parse import unquote

from classroom.content import rich


def _names(text: str) -> frozenset[str]:
    return frozenset(text.split())


_BLOCK = _names(
    "address article aside blockquote center dd details div dl dt fieldset "
    "figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr li main nav ol p "
    "pre section summary table tbody td tfoot th thead tr ul caption"
)
_STRONG = frozenset(["b", "strong"])
_EMPHASIS = frozenset(["i", "em", "cite", "dfn", "var"])
_CODE = frozenset(["code", "tt", "kbd", "samp"])
_SMALL = frozenset(["sub", "sup"])
_MARKED = _STRONG | _EMPHASIS | _CODE | _SMALL | {"a"}
_MEDIA = frozenset(
    ("img video audio iframe object embed svg canvas").split()  # noqa: SIM905
)
_GONE = frozenset(["script", "style", "head", "title", "noscript", "template"])
_VOID = frozenset(["br", "hr", "img", "input", "wbr", "embed", "source", "col"])
_OTHER = _names(
    "span font u s del ins strike small big abbr acronym q mark label bdo bdi "
    "nobr colgroup html body math mrow mi mo mn mfrac msup msub msqrt button "
    "select option textarea ruby rt rp time data picture track param o:p nolink "
    "lang"
)
KNOWN = _BLOCK | _MARKED | _MEDIA | _GONE | _VOID | _OTHER

TAG = re.compile(
    r"<(?P<end>/?)(?P<name>[a-zA-Z][a-zA-Z0-9:]*)(?=[\s/>])(?P<rest>[^<>]*)>"
)
ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,30});")
_COMMENT = re.compile(r"<!--.*?-->|<!\[CDATA\[|\]\]>|<\?[^>]*>|<!doctype[^>]*>",
                      re.DOTALL | re.IGNORECASE)  # fmt: skip
_DATA = re.compile(
    r"(=\s*[\"']?)data:[\w.+-]+/[\w.+-]+[^\"'\s>]{0,40},[^\"'>]*", re.IGNORECASE
)

_SUB = str.maketrans(
    "0123456789+-−=()aehijklmnoprstuvx", "₀₁₂₃₄₅₆₇₈₉₊₋₋₌₍₎ₐₑₕᵢⱼₖₗₘₙₒₚᵣₛₜᵤᵥₓ"
)
_SUP = str.maketrans("0123456789+-−=()nia", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁻⁼⁽⁾ⁿⁱᵃ")

Named = Callable[[str], str]


def looks_like_html(text: str) -> bool:
    """Whether a text of no stated format holds HTML: tags that pair up, or entities."""
    if ENTITY.search(text):
        return True
    names = {(bool(m["end"]), m["name"].lower()) for m in TAG.finditer(text)}
    return any(
        name in _VOID or (name in KNOWN and (not end, name) in names)
        for end, name in names
    )


def convert(text: str, picture: Named, strict: bool, breaks: bool) -> str:
    """HTML as text of `classroom.content.rich`.

    Args:
        picture: the words for a picture or other medium, by its name ("": it has none).
        strict: a tag counts only if it is void or pairs up, as in text that need not
            be HTML; else every known tag does.
        breaks: a new line in the source is a new line of the text.
    """
    text = _DATA.sub(r"\1data:", _COMMENT.sub("", text))
    pairs = {
        (bool(found["end"]), found["name"].lower()) for found in TAG.finditer(text)
    }

    def kept(found: re.Match[str]) -> str:
        name = found["name"].lower()
        paired = name in _VOID or (not found["end"], name) in pairs
        if name in KNOWN and (paired or not strict):
            return found[0]
        return "&lt;" + found[0][1:]

    guarded = re.sub(r"<(?!/?[a-zA-Z])", "&lt;", TAG.sub(kept, text))
    guarded = re.sub(
        r"<(?=/?[a-zA-Z][a-zA-Z0-9:]*)",
        lambda found: "<" if TAG.match(guarded, found.start()) else "&lt;",
        guarded,
    )
    reader = _Reader(picture, breaks)
    reader.feed(guarded)
    reader.close()
    return reader.text()


class _Frame:
    """An open tag that marks its text, and what it holds so far."""

    def __init__(self, tag: str, about: str = "") -> None:
        self.tag, self.about = tag, about
        self.pieces: list[str] = []


class _Reader(HTMLParser):
    """Blocks of text, each a piece of the result."""

    def __init__(self, picture: Named, breaks: bool) -> None:
        super().__init__(convert_charrefs=True)
        self.picture, self.breaks = picture, breaks
        self.blocks: list[tuple[str, str]] = []  # kind, text
        self.frames = [_Frame("")]
        self.data = ""
        self.lists: list[int] = []  # of each open list: 0 for dots, else the number
        self.lead = ""  # the mark of a list's item that begins
        self.head = 0  # how deep in headings
        self.gone = 0
        self.code: list[str] | None = None  # within <pre>, its text
        self.language = ""
        self.rows: list[list[str]] | None = None
        self.tables = 0
        self.heads = False

    # --- what the parser finds ---

    def handle_data(self, data: str) -> None:
        if not self.gone:
            self.data += data

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._flush()
        given = {name: value or "" for name, value in attrs}
        if tag in _GONE:
            self.gone += 1
        elif self.gone:
            return
        elif tag in _MEDIA:
            self._medium(tag, given)
        elif self.code is not None:
            if tag in ("br", "p", "div", "li"):
                self.code.append("\n" if tag == "br" or self.code else "")
            self._language(given)
        elif tag == "br":
            self.frames[-1].pieces.append("\n")
        elif tag in _MARKED:
            self.frames.append(_Frame(tag, given.get("href", "").strip()))
        elif tag in _BLOCK:
            self._open(tag, given)

    def handle_endtag(self, tag: str) -> None:
        self._flush()
        if tag in _GONE:
            self.gone = max(0, self.gone - 1)
        elif self.code is not None:
            if tag == "pre":
                self._fence("".join(self.code), self.language)
                self.code = None
        elif tag in _MARKED:
            if any(frame.tag == tag for frame in self.frames):
                while self._close_frame() != tag:
                    pass
        elif tag in _BLOCK:
            self._end(tag)

    # --- blocks ---

    def _language(self, given: dict[str, str]) -> None:
        found = re.search(r"\blanguage-([\w+#-]{1,20})", given.get("class", ""))
        self.language = found[1] if found else self.language

    def _open(self, tag: str, given: dict[str, str]) -> None:
        if self.tables and tag not in ("table", "tr", "td", "th"):
            self._space()
            return
        self._end_block()
        match tag:
            case "pre":
                self.code, self.language = [], ""
                self._language(given)
            case "ul" | "ol":
                self.lists.append(0 if tag == "ul" else 1)
            case "li":
                self._item()
            case "table":
                self.tables += 1
                if self.tables == 1:
                    self.rows, self.heads = [], False
            case "tr" if self.tables == 1 and self.rows is not None:
                self.rows.append([])
            case "td" | "th" if self.tables == 1:
                self.heads |= tag == "th"
            case "hr":
                self.blocks.append(("text", "———"))
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self.head += 1

    def _item(self) -> None:
        if not self.lists:
            self.lists.append(0)
        number = self.lists[-1]
        self.lead = "  " * (len(self.lists) - 1) + (f"{number}. " if number else "- ")
        if number:
            self.lists[-1] = number + 1

    def _end(self, tag: str) -> None:
        match tag:
            case "td" | "th" if self.tables == 1:
                self._cell()
            case "table":
                if self.tables == 1:
                    self._end_block()
                    self._table()
                self.tables = max(0, self.tables - 1)
            case _ if self.tables:
                self._space()
            case "ul" | "ol":
                self._end_block()
                self.lists = self.lists[:-1]
                self.lead = ""
            case "h1" | "h2" | "h3" | "h4" | "h5" | "h6":
                self._end_block()
                self.head = max(0, self.head - 1)
            case _:
                self._end_block()

    def _space(self) -> None:
        self.frames[-1].pieces.append(" ")

    def _end_block(self) -> None:
        """The text so far is a block; open marks go on in the next one."""
        if self.tables:
            self._cell(only_if_any=True)
            return
        open_tags = [(frame.tag, frame.about) for frame in self.frames[1:]]
        while len(self.frames) > 1:
            self._close_frame()
        content = _tidy("".join(self.frames[0].pieces))
        self.frames = [_Frame(""), *(_Frame(*x) for x in open_tags if x[0] != "a")]
        if not content:
            return
        if self.head and "**" not in content and "\n" not in content:
            content = f"**{content}**"
        if self.lead:
            content = self.lead + content.replace("\n", "\n   ")
            self.blocks.append(("item", content))
            self.lead = ""
        else:
            self.blocks.append(("text", content))

    def _cell(self, only_if_any: bool = False) -> None:
        while len(self.frames) > 1:
            self._close_frame()
        content = " ".join(_tidy("".join(self.frames[0].pieces)).split())
        self.frames = [_Frame("")]
        if only_if_any and not content:
            return
        if self.rows is not None:
            if not self.rows:
                self.rows.append([])
            self.rows[-1].append(content)

    def _table(self) -> None:
        rows = [row for row in self.rows or [] if any(row)]
        self.rows = None
        wide = max((len(row) for row in rows), default=0)
        if wide < 2:  # it is there for the layout
            self.blocks += [("text", cell) for row in rows for cell in row if cell]
            return
        rows = [[*row, *[""] * (wide - len(row))] for row in rows]
        head = rows.pop(0) if self.heads else [""] * wide
        ruled = [head, ["---"] * wide, *rows]
        lines = [f"| {' | '.join(row)} |" for row in ruled]
        self.blocks.append(("table", "\n".join(lines)))

    def _fence(self, code: str, language: str) -> None:
        code = code.replace("\u00a0", " ").strip("\n").rstrip()
        if self.tables:
            self.frames[-1].pieces.append(_span(" ".join(code.split())))
            return
        if code.strip():
            longest = max([2, *(len(x) for x in re.findall(r"`+", code))])
            ticks = "`" * (longest + 1)
            self.blocks.append(("code", f"{ticks}{language}\n{code}\n{ticks}"))

    # --- within a line ---

    def _flush(self) -> None:
        data, self.data = self.data, ""
        if not data:
            return
        if self.code is not None:
            self.code.append(data)
            return
        tag = self.frames[-1].tag
        if not self.breaks:
            data = re.sub(r"[ \t\n]+", " ", data)
        if tag in _CODE or tag in _SMALL:
            self.frames[-1].pieces.append(data)
        else:
            data = re.sub(r"\u00a0(?! |\u00a0)(?<![ \u00a0]\u00a0)", " ", data)
            self.frames[-1].pieces.append(
                "\n".join(map(rich.literal, data.split("\n")))
            )

    def _close_frame(self) -> str:
        """Closes the innermost mark; returns its tag."""
        frame = self.frames.pop()
        inner = "".join(frame.pieces)
        bare = inner.strip(" \n")
        before = inner[: len(inner) - len(inner.lstrip(" \n"))]
        after = inner[len(inner.rstrip(" \n")) :] if bare else ""
        if bare:
            if frame.tag in _CODE and "\n" in bare and not self.tables:
                rest, self.frames[-1].pieces = self.frames[-1].pieces, []
                self._fence_in_line(rest, bare)
                return frame.tag
            bare = _marked(frame, bare)
        self.frames[-1].pieces.append(f"{before}{bare}{after}")
        return frame.tag

    def _fence_in_line(self, before: list[str], code: str) -> None:
        """Code of several lines that an editor has put into a paragraph."""
        self.frames[-1].pieces = before
        kept, self.frames = self.frames, self.frames[:]
        self._end_block()
        del kept
        self._fence(code, "")

    def _medium(self, tag: str, given: dict[str, str]) -> None:
        source = given.get("src") or given.get("data") or ""
        name = given.get("alt", "").strip()
        if not name and source and not source.lower().startswith("data:"):
            name = unquote(source.split("?")[0].rstrip("/").rpartition("/")[2])
        content = rich.literal(self.picture(" ".join(name.split())[:80]))
        if self.code is not None:
            self.code.append(content)
        else:
            self.frames[-1].pieces.append(content)

    def text(self) -> str:
        """All of it."""
        self._flush()
        if self.code is not None:
            self._fence("".join(self.code), self.language)
            self.code = None
        self._end_block()
        if self.tables:
            self._table()
        out = ""
        before = ""
        for kind, block in self.blocks:
            if out:
                out += "\n" if kind == before == "item" else "\n\n"
            out += block
            before = kind
        return out


def _tidy(text: str) -> str:
    """Without spaces at the ends of lines, and at most one empty line."""
    text = re.sub(r"[ \t]*\n[ \t]*", "\n", re.sub(r"[ \t]{2,}", " ", text))
    return re.sub(r"\n{3,}", "\n\n", text).strip(" \t\n\u00a0")


def _span(code: str) -> str:
    """Code within a line."""
    longest = max([0, *(len(x) for x in re.findall(r"`+", code))])
    ticks = "`" * (longest + 1)
    edge = " " if code.startswith("`") or code.endswith("`") else ""
    return f"{ticks}{edge}{code}{edge}{ticks}" if code.strip() else code


def _marked(frame: _Frame, inner: str) -> str:
    """The text of a mark that ends."""
    if frame.tag in _CODE:
        return _span(inner.replace("\u00a0", " "))
    if frame.tag in _SMALL:
        return _small(frame.tag, inner)
    if frame.tag == "a":
        address = frame.about
        if not re.match(r"https?://", address) or rich.words(inner) == address:
            return inner
        return f"{inner} ({rich.literal(address)})"
    marks = "**" if frame.tag in _STRONG else "*"
    lines = inner.split("\n")
    return "\n".join(
        f"{marks}{line.strip()}{marks}" if line.strip() and "*" not in line else line
        for line in lines
    )


def _small(tag: str, inner: str) -> str:
    """Sub- and superscript: letters of that kind, or a formula."""
    table = _SUB if tag == "sub" else _SUP
    if all(ord(mark) in table for mark in inner):
        return inner.translate(table)
    sign = "_" if tag == "sub" else "^"
    if re.fullmatch(r"[\w+\-=(),. ]+", inner, re.ASCII):
        return f"${{}}{sign}{{\\text{{{inner.replace('_', ' ')}}}}}$"
    return rich.literal(f"{sign}({inner})")

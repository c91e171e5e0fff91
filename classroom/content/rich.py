"""Text of an instructor's own, with a little structure: written as one types it.

Marked are paragraphs, lists, tables, `code` and fences of it, *emphasis*, **strong**
and formulas between $ or $$. Nothing else is a mark: no links, pictures, HTML or
headings. A backslash before one of the marks takes it as it is. `markdown` draws such a
text by Streamlit; all that is not marked is shown as it was typed.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from classroom.escape import escape_markdown

_SPECIAL = re.compile(r"[\\`*$|]")
_STARTS = re.compile(r"^(\s*)([-+]|\d{1,9}[.)])(?=\s|$)", re.MULTILINE)
_FENCE = re.compile(r"^ {0,3}(`{3,})([\w+#-]{0,20})[ \t]*$")
_ITEM = re.compile(r"^(\s{0,12})([-*+]|\d{1,9}[.)])[ \t]+(?=\S)")
_RULE = re.compile(r"^\|?\s*:?-{3,}:?\s*(\|\s*:?-{3,}:?\s*)*\|?$")
_INLINE = re.compile(
    r"""\\(?P<mark>[\\`*$|+\-.)])
      | (?<!`)(?P<ticks>`+)(?P<code>.*?[^`])(?P=ticks)(?!`)
      | (?<![\\$])\$\$(?P<display>[^$\n]+?)\$\$
      | \$(?=[^\s$])(?P<math>(?:\\\$|[^$\n])*?[^\s\\$])\$(?![\d$])
      | \*\*(?=\S)(?P<strong>(?:\\.|[^\\\n])+?)(?<=\S)\*\*(?!\*)
      | \*(?=[^\s*])(?P<em>(?:\\.|[^\\*\n])*?[^\s\\*]|\\.)\*(?!\*)
    """,
    re.VERBOSE | re.DOTALL,
)

Put = Callable[[str], str]


def literal(text: str) -> str:
    """A text without any structure, so that it is shown as it is."""
    text = _SPECIAL.sub(r"\\\g<0>", text)
    return _STARTS.sub(lambda m: m[1] + m[2][:-1] + "\\" + m[2][-1], text)


def markdown(text: str) -> str:
    """The text as Markdown for Streamlit: its own marks, all else as it was typed."""
    out: list[str] = []
    lines = text.strip("\n").split("\n")
    at = 0
    before = ""  # what kind of line the last one was
    while at < len(lines):
        line = lines[at]
        if (fence := _FENCE.match(line)) and (end := _closing(lines, at, fence[1])):
            code = lines[at + 1 : end]
            longest = max([2, *(len(x) for x in re.findall(r"`+", "\n".join(code)))])
            ticks = "`" * (longest + 1)
            out += [*([""] if out and out[-1] else []), f"{ticks}{fence[2]}"]
            out += [*code, ticks, ""]
            at, before = end + 1, ""
            continue
        kind, shown = _line(line, lines[at - 1] if at else "")
        if kind == "text" and before in ("text", "item") and out:
            out[-1] += "  "  # its lines are kept
            if before == "item":
                shown = f"   {shown}"
                kind = "item"
        elif kind != before and before:
            out.append("")
        if shown or (out and out[-1]):
            out.append(shown)
        before, at = kind, at + 1
    return "\n".join(out).strip("\n")


def _closing(lines: list[str], at: int, ticks: str) -> int:
    """The line that ends a fence; 0: none does."""
    for number in range(at + 1, len(lines)):
        if lines[number].strip() == ticks:
            return number
    return 0


def _line(line: str, above: str) -> tuple[str, str]:
    """What a line is, and how it is drawn."""
    if not line.strip():
        return "", ""
    if line.startswith("|"):
        if _RULE.match(line.strip()):
            return "table", line.strip()
        cells = re.split(r"(?<!\\)\|", line.strip().strip("|"))
        return "table", f"| {' | '.join(_drawn(cell.strip()) for cell in cells)} |"
    whole = line.strip()
    if whole.startswith("$$") and whole.endswith("$$") and len(whole) > 4:
        return "formula", f"$$\n{whole[2:-2].strip()}\n$$"
    if item := _ITEM.match(line):
        indent = " " * (len(item[1]) // 2 * 3)
        mark = "-" if len(item[2]) == 1 else item[2]
        return "item", f"{indent}{mark} {_drawn(line[item.end() :].strip())}"
    return "text", _drawn(whole)


def _drawn(text: str) -> str:
    def formula(tex: str) -> str:
        return f"${tex.strip()}$"

    return _walk(
        text,
        _typed,
        lambda code, ticks: f"{ticks}{code}{ticks}",
        formula,
        lambda inner, marks: f"{marks}{_drawn(inner)}{marks}",
    )


def _typed(text: str) -> str:
    """A piece of a line that is not marked; spaces at its ends stay."""
    shown = text.strip()
    if not shown:
        return text
    at = text.index(shown)
    return f"{text[:at]}{escape_markdown(shown)}{text[at + len(shown) :]}"


def _walk(
    text: str,
    put: Put,
    code: Callable[[str, str], str],
    formula: Put,
    marked: Callable[[str, str], str],
) -> str:
    """A line, its pieces each drawn by what they are."""
    out: list[str] = []
    loose = ""  # text that is not marked, drawn in one piece
    at = 0
    for found in _INLINE.finditer(text):
        loose += text[at : found.start()]
        at = found.end()
        if found["mark"]:
            loose += found["mark"]
            continue
        if loose:
            out.append(put(loose))
            loose = ""
        if found["code"]:
            out.append(code(found["code"], found["ticks"]))
        elif found["strong"]:
            out.append(marked(found["strong"], "**"))
        elif found["em"]:
            out.append(marked(found["em"], "*"))
        else:
            out.append(formula(found["display"] or found["math"]))
    loose += text[at:]
    return "".join(out) + (put(loose) if loose else "")


def words(text: str) -> str:
    """The text without its marks, as a list or a file shows it."""
    lines = []
    for line in text.split("\n"):
        if _FENCE.match(line) or _RULE.match(line.strip()):
            continue
        lines.append(_bare(line))
    return "\n".join(lines).strip("\n")


def _bare(line: str) -> str:
    return _walk(
        line,
        lambda loose: loose,
        lambda code, _: code,
        lambda tex: tex,
        lambda inner, _: _bare(inner),
    )


def has_no_marks(text: str) -> bool:
    """Whether nothing in it is marked, so that `words` says all of it."""
    return literal(words(text)) == text


def is_block(text: str) -> bool:
    """Whether Markdown of it needs lines of its own: a label has one line."""
    return "\n" in text.strip()


# --- of Markdown that is drawn already ---

_MARKS = re.compile(
    r"""\\(?P<mark>[!-/:-@\[-`{-~])
      | (?<!`)(?P<ticks>`+)(?P<code>.*?[^`])(?P=ticks)(?!`)
      | \$\$?(?P<math>[^$\n]+?)\$\$?
      | :color\[\]
      | (?<=\S)\*{1,2}|\*{1,2}(?=\S)
    """,
    re.VERBOSE,
)
_LINES = re.compile(r"^ {0,3}(?:`{3,}[^`\n]*|\${2})$\n?", re.MULTILINE)


def words_of(shown: str) -> str:
    """The text of Markdown for Streamlit, without its marks: for labels and files."""

    def content(found: re.Match[str]) -> str:
        return found["mark"] or found["code"] or found["math"] or ""

    bare = _MARKS.sub(content, _LINES.sub("", shown.translate(_ISOLATES)))
    return re.sub(r"[ \t]+\n", "\n", bare).strip()


_ISOLATES = {0x2068: None, 0x2069: None}


def is_marked(shown: str) -> bool:
    """Whether Markdown for Streamlit has a formula, code or emphasis in it."""
    return any(
        found["code"] or found["math"] or found[0].startswith("*")
        for found in _MARKS.finditer(shown)
    )


def item(shown: str) -> str:
    """Markdown as an entry of a list, however many lines it has."""
    return "- " + shown.replace("\n", "\n  ")

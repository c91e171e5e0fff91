"""Every text that a visitor reads, piece by piece, with the place where it stands."""

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from paths import ROOT

# Rooms whose strings reach a screen, a file or a terminal.
ROOMS = ("ui", "pages", "viz", "lab", "classroom", "store", "model", "scripts")
# These say nothing to a visitor: what keys are for, and old words beside today's.
SILENT = {"ui/kit/state.py", "lab/legacy_text.py"}
# Not English: they have words of their own (tests/test_german.py).
OTHER_LANGUAGES = (
    *("assets/lesson/de/", "assets/de/", "assets/quiz/de/", "assets/inventory/de/"),
)
# Keys whose values are never read: symbols and addresses.
NAMES = {"icon", "query"}
# Our own slips raise these; a visitor never reads them.
INTERNAL = {"ValueError", "TypeError", "KeyError", "AssertionError", "RuntimeError",
            "NotImplementedError"}  # fmt: skip


class Text(NamedTuple):
    """One piece: where it stands (`path` and a line or key), and what it says."""

    path: str
    where: str
    say: str


def of_toml(path: str, source: str) -> Iterator[Text]:
    """Every string value that is not a name; numbers and dates are no text."""
    yield from _values(path, "", tomllib.loads(source))


def _values(path: str, where: str, value: Any) -> Iterator[Text]:
    if isinstance(value, str):
        yield Text(path, where, value)
    elif isinstance(value, list):
        for number, one in enumerate(value):
            yield from _values(path, f"{where}[{number}]", one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if key not in NAMES:
                yield from _values(path, f"{where}.{key}".lstrip("."), one)


def of_markdown(path: str, source: str) -> Iterator[Text]:
    """Every paragraph and cell without code and addresses; a TOML head by its keys."""
    head = re.match(r"\+\+\+\n(.*?)\n\+\+\+\n", source, re.DOTALL)
    if head:
        yield from of_toml(path, head[1])
        source = "\n" * head[0].count("\n") + source[head.end() :]
    source = re.sub(
        r"```.*?```", lambda code: "\n" * code[0].count("\n"), source, flags=re.DOTALL
    )
    source = re.sub(r"`[^`\n]*`", "`…`", source)
    source = re.sub(r"\]\([^)\n]*\)", "]", source)
    source = re.sub(r"(?m)^\d+\. ", "", source)  # numbers of a list
    line = 1
    for block in re.split(r"(\n\s*\n)", source):
        said = " ".join(block.split())
        if said:
            yield Text(path, f"line {line}", said)
        line += block.count("\n")


def of_python(path: str, source: str) -> Iterator[Text]:
    """Every string of more than one word, f-strings whole ("{}" for what is put in).

    Left out are docstrings, what is logged, and the messages of errors that only a
    slip of ours can raise.
    """
    tree = ast.parse(source)
    skip = {id(part) for node in ast.walk(tree) for part in _unread(node)}
    for node in ast.walk(tree):
        if id(node) in skip:
            continue
        said = _said(node)
        if said and re.search(r"\w\W*\s\W*\w", said):
            yield Text(path, f"line {node.lineno}", said)  # type: ignore[attr-defined]


def _said(node: ast.AST) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_said(part) or "{}" for part in node.values)
    return ""


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """What lies in this node and is no text for a visitor."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    elif isinstance(node, ast.JoinedStr):
        yield from (part for part in node.values if isinstance(part, ast.Constant))
    elif isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
        if isinstance(node.exc.func, ast.Name) and node.exc.func.id in INTERNAL:
            yield from ast.walk(node.exc)
    elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("log."):
        yield from ast.walk(node)


READERS = {".toml": of_toml, ".md": of_markdown, ".py": of_python}


def paths() -> list[str]:
    """Every file with such texts, from the repository's root."""
    files = [ROOT / "README.md", *sorted((ROOT / "docs").iterdir()), ROOT / "app.py"]
    files += sorted((ROOT / "assets").rglob("*"))
    for room in ROOMS:
        files += sorted((ROOT / room).rglob("*.py"))
    names = (
        file.relative_to(ROOT).as_posix() for file in files if file.suffix in READERS
    )
    return [
        name
        for name in names
        if name not in SILENT and not name.startswith(OTHER_LANGUAGES)
    ]


def all_texts() -> Iterator[Text]:
    """Every piece of every such file."""
    for name in paths():
        source = (ROOT / name).read_text("utf-8")
        yield from READERS[Path(name).suffix](name, source)

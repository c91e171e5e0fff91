"""How the tests are written, read from their source."""

from __future__ import annotations

import ast

import pytest

from paths import ROOT

TESTS = sorted(path.name for path in (ROOT / "tests").glob("*.py"))

# They let time pass: what waits, and a server that is meant to be slow.
SLEEPS = ("sleep", "wait_for_timeout")
MAY_SLEEP = {"waiting.py": 3, "servers.py": 1}  # how often


def sleeps(tree: ast.AST) -> list[int]:
    """The lines on which something sleeps for a time that is fixed before."""
    return sorted(
        node.lineno
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute | ast.Name)
        and getattr(node, "attr", getattr(node, "id", "")) in SLEEPS
    )


@pytest.mark.parametrize("name", TESTS)
def test_conditions_are_waited_for(name: str) -> None:
    """By `tests.waiting`: how long a thing takes is the machine's business."""
    found = sleeps(ast.parse((ROOT / "tests" / name).read_text("utf-8")))
    if len(found) != MAY_SLEEP.get(name, 0):
        pytest.fail(f"{name}: sleeps on lines {found}; see tests/waiting.py")


@pytest.mark.parametrize(
    "source",
    [
        "import time\ntime.sleep(0.3)",
        "import asyncio\nawait asyncio.sleep(1)",
        "from time import sleep\nsleep(1)",
        "def f(page):\n    page.wait_for_timeout(60)",
        "import time\nwait = time.sleep",
    ],
)
def test_sleep_is_found(source: str) -> None:
    assert sleeps(ast.parse(source)) == [2]


@pytest.mark.parametrize("name", TESTS)
def test_a_long_test_says_what_stays(name: str) -> None:
    """Of its kind, in `make test`."""
    tree = ast.parse((ROOT / "tests" / name).read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            for mark in node.decorator_list:
                if ast.unparse(mark).startswith("pytest.mark.long"):
                    assert isinstance(mark, ast.Call), node.name
                    (why,) = mark.args
                    assert isinstance(why, ast.Constant) and why.value, node.name


# Of Streamlit and of the standard library, which have no public ones for them.
FOREIGN = ("_tree", "_clean_problem_modules", "_Pickler")


def private_names(tree: ast.AST) -> list[int]:
    """The lines that take, import or patch a name which begins with one underscore."""
    found = []
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(value=ast.Name(id="self" | "cls")):
                continue
            case ast.Attribute(attr=name):
                names = [name]
            case ast.ImportFrom():
                names = [alias.name for alias in node.names]
            case (
                ast.Call(
                    func=ast.Attribute(attr="setattr" | "delattr"),
                    args=[*_, ast.Constant(value=str(name)), _],
                )
                | ast.Call(
                    func=ast.Attribute(attr="setattr" | "delattr"),
                    args=[ast.Constant(value=str(name)), *_],
                )
            ):
                names = name.split(".")
            case _:
                continue
        if any(x[0] == "_" != x[1] and x not in FOREIGN for x in names if len(x) > 1):
            found.append(node.lineno)
    return sorted(found)


@pytest.mark.parametrize("name", TESTS)
def test_seams_are_public(name: str) -> None:
    """What a test calls or patches may be relied on: it has a public name."""
    found = private_names(ast.parse((ROOT / "tests" / name).read_text("utf-8")))
    assert not found, f"{name}: private names on lines {found}"


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("from store import database\ndatabase._shared.close()", [2]),
        ("from ui.session.visitor import _TOKEN", [1]),
        ("def f(patch):\n    patch.setattr(database, '_shared', None)", [2]),
        ("def f(patch):\n    patch.setattr('lab.engine._shared', None)", [2]),
        ("class Own:\n    def f(self):\n        return self._shared", []),
        ("from lab.datasets import __main__\n__main__.main()", []),
    ],
)
def test_private_name_is_found(source: str, lines: list[int]) -> None:
    assert private_names(ast.parse(source)) == lines

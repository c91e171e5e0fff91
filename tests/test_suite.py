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

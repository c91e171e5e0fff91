"""What makes a page usable for everyone, as a browser sees it; WCAG 2.2 AA.

axe-core's rules, and what they leave out: sizes of targets, moving layouts, focus.
What Streamlit's own front end breaks is mended in ui/session/index.js.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from tests.browser import wait_idle

# The long form, `make test-all`.
ALL_STATES = os.environ.get("ALEXNET_ALL_STATES", "") not in ("", "0")
_PAIRS = [(1280, "light"), (390, "dark")]


def windows(first: int) -> list[tuple[int, str]]:
    """One of two pairs of width and scheme; in the long form, both.

    For a test of what a page does, which `every page opens` need not see at each width.
    """
    return _PAIRS if ALL_STATES else [one for one in _PAIRS if one[0] == first]


def some(cases: Sequence[Any], first: int) -> Sequence[Any]:
    """The first of them; in the long form all."""
    return cases if ALL_STATES else cases[:first]


WIDEST_SHIFT = 0.1  # good by https://web.dev/articles/cls
LEAST = 24  # CSS pixels of a target: 2.5.8

# Adds up how far things move that nobody has touched. Before the page is opened.
SHIFTS = """
window.__shift = 0;
new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) window.__shift += entry.value;
    }
}).observe({ type: "layout-shift", buffered: true });
"""

# Exempt by 2.5.8: links in sentences; what is for a screen reader alone; a tile of
# which thousands make one picture (the number beside it does the same); a radio or
# a box whose label is the target.
CUT = (Path(__file__).parent / "cut_text.js").read_text("utf-8")
SMALL = (Path(__file__).parent / "small_targets.js").read_text("utf-8")


# Returns violations alone. No rule in use needs style sheets to be loaded again.
FIND = """axe.run(document, {resultTypes: ["violations"], preload: false})
    .then(({ violations }) => violations)"""


@cache
def axe() -> str:
    """axe-core's script."""
    import axe_playwright_python

    return (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(
        "utf-8"
    )


def violations(page: Any) -> list[str]:
    """What axe-core finds wrong: the rule, where, what is wrong."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe() + "; 0")  # its value is not needed
    wrong = []
    for rule in page.evaluate(FIND):
        for node in rule["nodes"]:
            where = str(node["target"])
            wrong.append(f"{rule['id']}: {where}: {node['failureSummary']}")
    return wrong


def shift(page: Any) -> float:
    """How far things have moved on their own, since the page was opened."""
    return float(page.evaluate("window.__shift"))


def broken(page: Any) -> list[str]:
    """All that is wrong with what is on screen."""
    return violations(page) + [f"too small: {x}" for x in page.evaluate(SMALL, LEAST)]


def check(page: Any) -> None:
    """A page is as everyone needs it.

    Raises:
        AssertionError: naming the address and everything that is wrong.
    """
    wrong = broken(page)
    moved = shift(page)
    if moved >= WIDEST_SHIFT:  # once more: beside other work a part may come late
        page.reload()
        wait_idle(page)
        moved = min(moved, shift(page))
    if moved >= WIDEST_SHIFT:
        wrong.append(f"the layout has moved by {moved:.2f}")
    if not page.title().endswith("AlexNet Lab"):
        wrong.append(f"the tab is called {page.title()}")
    assert not wrong, "\n".join([page.url, *wrong])

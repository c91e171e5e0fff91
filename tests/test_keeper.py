"""What the browser tells the server of an answer that was changed, and when."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from paths import ROOT

FOLDER = ROOT / "ui" / "kit" / "components" / "keeper"
WHERE = {"test": "1", "sitting": "1", "place": "0"}
ADDRESS = json.dumps(WHERE, separators=(",", ":"))
DATA: dict[str, Any] = {
    "scope": ".scope",
    "saved": ".line",
    "alive": "/alive",
    "draft": "/draft",
    "where": WHERE,
    "answers": 1,
    "next": 2,
    "checked": False,
    "received": 0,
    "differs": False,
    "text": dict.fromkeys(
        ("unsaved", "lost", "waiting", "typing", "kept", "again"), "…"
    ),
}
DRAW = """async ([module, data]) => {
    const { default: draw } = await import(`data:text/javascript;base64,${module}`);
    const parentElement = document.getElementById("part");
    const setStateValue = (name, value) => told.push([name, value]);
    draw({ data, parentElement, setStateValue });
}"""
Draw = Callable[..., None]


@pytest.fixture
def page(browser: Any) -> Iterator[Any]:
    """A question with two choices; `told` is what the server was sent."""
    window = browser.new_page()
    radios = '<input type="radio" name="a"><input type="radio" name="a" checked>'
    html = (FOLDER / "keeper.html").read_text("utf-8")
    window.set_content(
        f'<div id="part">{html}</div><div class="scope">{radios}</div>'
        "<script>told = []; fetch = async () => new Response('{}');</script>"
    )
    yield window
    window.close()


@pytest.fixture
def draw(page: Any) -> Draw:
    """`draw(received=3)`: as the server does, with that in place of `DATA`'s."""
    code = base64.b64encode((FOLDER / "keeper.js").read_bytes()).decode()
    return lambda **how: page.evaluate(DRAW, [code, DATA | how])


def choose(page: Any) -> None:
    page.get_by_role("radio").first.click()


def number(page: Any) -> int:
    """Of the change, once it was sent."""
    sent = "told.findLast(([name]) => name === 'number')?.[1]"
    page.wait_for_function(sent)
    return int(page.evaluate(sent))


def owed(page: Any) -> list[str]:
    """What was said to be owed, one after the other."""
    told = page.evaluate("told")
    return [value for name, value in told if name == "owed"]


def test_an_answer_that_arrives_is_not_owed(page: Any, draw: Draw) -> None:
    draw()
    choose(page)
    draw(received=number(page), answers=2, next=3)
    assert owed(page) == []


def test_a_change_without_a_connection_is_owed_at_once(page: Any, draw: Draw) -> None:
    """The connection may be back, with a new session, before anything else is due."""
    draw()
    page.evaluate("dispatchEvent(new Event('offline'))")
    choose(page)
    assert number(page)
    names = page.evaluate("told.map(([name]) => name)")
    assert names == ["owed", "number"]
    assert owed(page) == [ADDRESS]


def test_a_value_that_came_to_a_new_session_is_owed_until_it_is_stored(
    page: Any, draw: Draw
) -> None:
    draw()
    choose(page)
    arrived = number(page)
    draw(received=arrived, differs=True)
    assert owed(page) == [ADDRESS]
    draw(received=arrived, differs=True)
    assert owed(page) == [ADDRESS], "once"
    draw(received=arrived, answers=2, next=3)
    assert owed(page) == [ADDRESS, ""]


def test_what_an_older_tab_holds_is_not_owed(page: Any, draw: Draw) -> None:
    """It was changed in another tab since, and not in this one."""
    draw(differs=True)
    draw(differs=True, received=4)
    assert owed(page) == []

"""An instructor's GIFT file in a browser: structure, code and formulas, not tags."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from classroom.people.classes import ClassNow
from classroom.questions import custom_questions
from tests import access
from tests.browser import wait_idle
from tests.test_browser_class import (
    ANNA,
    CLASS,
    button,
    course,
    folder,
    lab,
    tidied,
    visit,
)

__all__ = ["course", "folder", "lab", "tidied", "visit"]  # fixtures

# As Moodle writes it.
GIFT = rb"""// question: 1  name: One of each
::One of each::[html]<p>What is <em>x</em>&nbsp;&gt; 0?</p><pre><code>for i in x\:
    if i\:
        print(i)
</code></pre><ul><li>first</li><li>second</li></ul>
<p>\\(L \= \\frac\{1\}\{2\}w^2\\)</p>
<p><img src\="data\:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAA\=" alt\="a dog"></p>{
	=<pre>a \= 1
    b</pre>
	~<p>two</p>
}


// question: 2  name: Typed
::Typed::[html]<p>Which function?</p>{
	=%100%ReLU#
	=%50%rectifier#<p>Its other name.</p>
}


::Refused::What? {~a ~b}
"""


@pytest.mark.long("test_class_bank_tab, without a browser")
@pytest.mark.parametrize(("width", "scheme"), access.windows(390))
def test_a_moodle_file_is_shown_as_structure(
    visit: Callable[..., Any], course: ClassNow, width: int, scheme: str, tmp_path: Path
) -> None:
    custom_questions.remove(ANNA, *(one.id for one in custom_questions.mine(ANNA)))
    path = tmp_path / "week 3.gift"
    path.write_bytes(GIFT)
    page = visit("/class", anna=True, width=width, scheme=scheme)
    page.get_by_text(CLASS["tab_questions"], exact=True).first.click()
    page.locator("input[type=file]").set_input_files(path)
    said = page.get_by_text("The file holds 3 questions: 2 read, 1 refused.")
    expect(said).to_be_visible()
    expect(page.get_by_text("Line 21, “Refused”")).to_be_visible()
    wait_idle(page)
    button(page, "Keep these 2 questions").click()
    expect(page.get_by_text("2 questions are kept.")).to_be_visible()
    wait_idle(page)
    page.get_by_text("As a student", exact=True).click()
    expect(page.locator("em").get_by_text("x", exact=True)).to_be_visible()
    first, second = (page.locator("pre code").nth(at) for at in (0, 1))
    assert first.inner_text().strip() == "for i in x:\n    if i:\n        print(i)"
    assert second.inner_text().strip() in ("a = 1\n    b", "two")
    expect(page.locator("li").get_by_text("second", exact=True)).to_be_visible()
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.locator(".katex-error")).to_have_count(0)
    expect(page.get_by_text("(picture missing: a dog)")).to_be_visible()
    shown = page.locator("[data-testid=stMain]").inner_text()
    for tag in ("<p>", "<pre>", "&nbsp;", "base64"):
        assert tag not in shown
    assert page.evaluate("document.documentElement.scrollWidth") <= width

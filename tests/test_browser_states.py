"""States that only a class or a file brings, by the rules of accessibility.

What an address names is in test_browser_access.py; runs are in test_lab_browser.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from classroom.exams import exams
from classroom.exams.exams import ExamPlan
from classroom.people.classes import ClassNow
from classroom.questions import custom_questions
from tests import access
from tests.browser import Server, wait_idle
from tests.test_browser import hand_in, phone_photograph
from tests.test_browser_bank import GIFT
from tests.test_browser_class import (
    ANNA,
    CLASS,
    button,
    course,
    folder,
    joined,
    lab,
    tidied,
    visit,
)
from tests.test_browser_quiz_class import field
from ui.classes.tabs import TABS
from ui.kit import words

__all__ = ["course", "folder", "lab", "tidied", "visit"]  # fixtures

PICTURE = words.page("picture").as_dict()
EVERYWHERE = [(w, s) for w in (1280, 390) for s in ("light", "dark")]


Look = Callable[[Any, str], None]


@pytest.fixture
def look() -> Iterator[Look]:
    """Names a state and keeps what is wrong with it; at the end all of it is said."""
    found: list[str] = []

    def at(page: Any, state: str) -> None:
        wait_idle(page)
        found.extend(f"{state}: {wrong}" for wrong in access.broken(page))

    yield at
    assert not found, "\n".join([f"{len(found)} in all:", *found])


@pytest.mark.parametrize(
    ("width", "scheme"), EVERYWHERE if access.ALL_STATES else [(1280, "light")]
)
def test_a_student_of_a_class(
    width: int, scheme: str, visit: Callable[..., Any], course: ClassNow, look: Look
) -> None:
    page = joined(visit, course, "Kim", width=width, scheme=scheme)
    look(page, "the lesson, followed")
    page.goto("/join")
    expect(page.get_by_text("Your own code is")).to_be_visible()
    look(page, "joined")
    plan = ExamPlan("Counting", ("side", "competition"), minutes=20.0)
    test = exams.create(ANNA, course.id, plan)
    exams.open_exam(ANNA, test.id)
    page.goto("/quiz")
    expect(button(page, "Begin")).to_be_visible()
    look(page, "a test to be begun")
    button(page, "Begin").click()
    expect(page.get_by_role("timer")).to_be_visible()
    look(page, "a test")
    button(page, "Hand in…").click()
    expect(page.get_by_text("Not answered yet: 1, 2.")).to_be_visible()
    look(page, "about to be handed in")
    exams.close_exam(ANNA, test.id)
    expect(page.get_by_text("0 of 2 points")).to_be_visible()
    look(page, "a test's result")


@pytest.mark.long("a student of a class; test_page_class opens each tab")
@pytest.mark.parametrize(
    ("width", "scheme"), EVERYWHERE if access.ALL_STATES else [(390, "dark")]
)
def test_an_instructors_tabs(
    width: int,
    scheme: str,
    visit: Callable[..., Any],
    course: ClassNow,
    look: Look,
    tmp_path: Path,
) -> None:
    page = visit(f"/join?code={course.code}")
    page.get_by_role("textbox", name=words.page("join")["name"], exact=True).fill("Kim")
    button(page, words.page("join")["submit"]).click()
    expect(page.get_by_text("Your own code is")).to_be_visible()
    page.goto("/quiz?question=side&seed=3")
    field(page).fill("1")
    button(page, "Check").click()
    expect(page.get_by_text("1 try")).to_be_visible()
    for title, then in (("Over", exams.close_exam), ("Now", None)):
        test = exams.create(ANNA, course.id, ExamPlan(title, ("side", "why-11")))
        exams.open_exam(ANNA, test.id)
        if then:
            then(ANNA, test.id)
    custom_questions.remove(ANNA, *(one.id for one in custom_questions.mine(ANNA)))
    anna = visit("/class", anna=True, width=width, scheme=scheme)
    wait_idle(anna)
    for name, _ in TABS:
        anna.get_by_role("tab", name=CLASS[name], exact=True).click()
        look(anna, name)
        if name == "tab_questions":
            path = tmp_path / "week 3.gift"
            path.write_bytes(GIFT)
            anna.locator("input[type=file]").set_input_files(path)
            expect(anna.get_by_text("2 read, 1 refused")).to_be_visible()
            look(anna, "a file to be kept")
            wait_idle(anna)
            button(anna, "Keep these 2 questions").click()
            expect(anna.get_by_text("2 questions are kept.")).to_be_visible()
            look(anna, "questions kept")


@pytest.mark.parametrize(
    ("width", "scheme"), EVERYWHERE if access.ALL_STATES else [(390, "light")]
)
def test_the_uploader(
    width: int, scheme: str, server: Server, open_page: Callable[..., Any], look: Look
) -> None:
    """Open, with a file that is refused, and with one's own picture."""
    server.wait_ready()
    finger: dict[str, Any] = {"has_touch": True, "is_mobile": True}
    how = finger if width == 390 else {}
    page = open_page("/feature-maps", width=width, scheme=scheme, **how)
    page.get_by_test_id("stPopoverButton").filter(has_text=PICTURE["open"]).click()
    expect(page.get_by_test_id("stFileUploader")).to_be_visible()
    look(page, "uploader")
    page.keyboard.press("Escape")
    wait_idle(page)
    hand_in(page, "a.txt", b"only words")
    expect(page.get_by_test_id("stAlert")).to_be_visible()
    look(page, "a file refused")
    hand_in(page, "IMG_0001.jpg", phone_photograph())
    expect(page.get_by_text("(300 × 400 pixels)")).to_be_visible()
    look(page, "one's own picture")

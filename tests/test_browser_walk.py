"""The whole lesson, walked by an instructor and students in their browsers.

At every step all answer, see what the class has answered, and then the answer. On the
way one looks around on his own, another comes late, and a third has no network.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from classroom.exams import tallies
from classroom.people.classes import ClassNow
from classroom.questions.lesson_questions import PREFIX
from tests import access
from tests.browser import wait_idle
from tests.test_browser_class import (
    ANNA,
    LESSON,
    STEPS,
    TEXT,
    button,
    class_is_at,
    course,
    folder,
    heading,
    joined,
    lab,
    tidied,
    visit,
)

__all__ = ["course", "folder", "lab", "tidied", "visit"]  # fixtures

# In the short form: an answer by tap, several boxes, a layer, a number, words.
KINDS = ["start", "2012", "layers", "code", "practice"]
WALKED = STEPS if access.ALL_STATES else KINDS
WANDERS, LATE, OFFLINE = WALKED[1], WALKED[2], WALKED[-2]


def answer(page: Any, slug: str) -> None:
    """Gives an answer of the step's kind; which one does not matter here."""
    think = page.locator(".st-key-think")
    kind = LESSON.step(slug).think.kind
    wait_idle(page)
    if kind == "single":
        think.get_by_role("button").first.click()
    else:
        match kind:
            case "several":
                think.get_by_test_id("stCheckbox").first.locator("label").click()
            case "number":
                think.get_by_role("textbox").fill("100")
            case "open":
                think.get_by_role("textbox").fill(f"Because of {slug}.")
            case "layer":
                layer = think.get_by_role("button", name="layer conv2")
                layer.filter(visible=True).click()
                expect(think.get_by_role("combobox")).to_have_value("conv2")
            case "match":
                for box in think.get_by_role("combobox").all():
                    box.focus()
                    wait_idle(page)  # a list closes when its page moves
                    page.keyboard.press("ArrowDown")
                    expect(page.get_by_role("option").first).to_be_visible()
                    page.keyboard.press("ArrowDown")
                    page.keyboard.press("Enter")
                    expect(box).not_to_have_value("")
        button(think, TEXT["think_give"]).click()
    expect(think.get_by_text(TEXT["think_waits"])).to_be_visible()


def counted(course: ClassNow, slug: str) -> int:
    """How many members' answers to a step the database has."""
    asked = tallies.of_step(ANNA, course.id, f"{PREFIX}{slug}")
    assert set(asked) <= {1}, "nothing was asked again"
    return asked[1][0].answered if asked else 0


@pytest.mark.long("test_browser_class: a class from its opening to its end")
def test_a_class_walks_the_whole_lesson(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    anna = visit(f"/lesson?present=1&lead=1&class={course.id}", anna=True)
    # Parts of Streamlit that a page needs for the first time are fetched then.
    offline = ("net::ERR", "Failed to load", "WebSocket", "dynamically imported")
    kim = joined(visit, course, "Kim", width=390, height=664, has_touch=True)
    lee = joined(visit, course, "Lee", scheme="dark", allow=offline)
    present, given = [kim, lee], {}
    told = anna.locator(".st-key-think h3")
    wait_idle(anna)
    for at, slug in enumerate(WALKED):
        if at and access.ALL_STATES:
            anna.keyboard.press("ArrowRight")
        elif at:
            anna.goto(f"/lesson?step={slug}&present=1&lead=1&class={course.id}")
        if slug == LATE:
            present.append(joined(visit, course, "Mia", width=390, height=664))
        if slug == OFFLINE:
            lee.context.set_offline(True)
            expect(lee.get_by_text(TEXT["class_lost"])).to_be_visible()
        expect(heading(anna, slug)).to_be_visible()
        wait_idle(anna)
        for student in present:
            if slug == OFFLINE and student is lee:
                lee.context.set_offline(False)
            expect(heading(student, slug)).to_be_visible()
            answer(student, slug)
        wait_idle(anna)
        anna.keyboard.press("q")
        count = len(present)
        expect(told).to_have_text(
            TEXT["class_answered"].format(answered=count, here=count)
        )
        wait_idle(anna)
        anna.keyboard.press("r")
        shown = TEXT["class_answers"]
        if LESSON.step(slug).think.kind == "open":
            shown = re.compile(re.escape(TEXT["class_texts"].format(count=count)))
        expect(anna.get_by_text(shown).first).to_be_visible()
        for page in (anna, *present):  # the class's answers first, not the truth
            expect(page.get_by_text(TEXT["answer"], exact=True)).to_have_count(0)
        if slug == WANDERS:
            wait_idle(kim)
            kim.keyboard.press("ArrowRight")
            expect(kim.get_by_text(class_is_at(slug))).to_be_visible()
            button(kim, TEXT["class_back"]).click()
            expect(heading(kim, slug)).to_be_visible()
            wait_idle(kim)
        wait_idle(anna)  # the next key counts from what is shown by now
        anna.keyboard.press("r")
        for page in (anna, *present):
            expect(page.get_by_text(TEXT["answer"], exact=True)).to_be_visible()
        given[slug] = count
    assert {slug: counted(course, slug) for slug in WALKED} == given

""" "Saved" is said of what is saved: without a connection, and while one types."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import expect

from classroom.exams import attempts, practice
from classroom.questions.variants import key, pose
from tests import access
from tests.browser import reload, wait_idle
from tests.test_browser_quiz_class import (
    TEXT,
    School,
    field,
    ground,
    open_test,
    saved,
    school,
    served,
)

__all__ = ["ground", "school", "served"]  # fixtures

NUMBER = "globalThis.alexnetKeeper.number"  # of the last change that the page noticed
CUT = (
    "WebSocket",
    "Client Error",
    "disconnected from server",
    "ERR_INTERNET_DISCONNECTED",
    "ERR_FAILED",
    "Failed to fetch",
    "health",
    "draft",
    "follow",
)


class Wire:
    """What the page and the server say to each other, and a way to hold it back."""

    def __init__(self, page: Any) -> None:
        self.held: list[Callable[[], None]] = []
        self.is_down = False
        page.route_web_socket(re.compile("/_stcore/stream"), self._join)
        page.route(re.compile("/(health|draft|follow)"), self._ask)

    def _join(self, here: Any) -> None:
        there = here.connect_to_server()
        here.on_message(lambda said: self._pass(lambda: there.send(said)))
        there.on_message(lambda said: self._pass(lambda: here.send(said)))

    def _pass(self, on: Callable[[], None]) -> None:
        if self.is_down:
            self.held.append(on)
        else:
            on()

    def _ask(self, route: Any) -> None:
        if self.is_down:
            route.abort("failed")
        else:
            route.continue_()

    def up(self) -> None:
        while self.held:  # in their order: more may come meanwhile
            self.held.pop(0)()
        self.is_down = False


def unsaved(page: Any, kind: str = "keeper") -> Any:
    return page.get_by_text(TEXT[kind]["unsaved"])


def begin(
    school: School, *questions: str, wired: bool = True, **how: Any
) -> tuple[Any, Any, Any]:
    """A student who sits a test of these questions: them, their page, its wire."""
    kim, token = school.join("kim")
    open_test(title="Counting", questions=questions, shuffled=False, minutes=20.0)
    page = school.open("/privacy", token, allow=CUT, **how)
    wire = Wire(page) if wired else None
    page.goto(school.server.url + "/quiz")
    page.get_by_role("button", name="Begin").click()
    expect(page.get_by_role("heading", name="Counting")).to_be_visible()
    wait_idle(page)
    return kim, page, wire


def answers(kim: Any) -> list[Any]:
    (attempt,) = attempts.exams(kim)[0].attempts
    return list(attempts.exam_attempt(kim, attempt.id).answers.values())


@pytest.mark.parametrize(
    ("how", "width", "scheme"),
    access.some([("offline", 390, "dark"), ("stalled", 1280, "light")], 1),
)
def test_without_a_connection_nothing_is_said_to_be_saved(
    how: str, width: int, scheme: str, school: School
) -> None:
    is_wired = how == "stalled"
    kim, page, wire = begin(
        school, "competition", wired=is_wired, width=width, scheme=scheme
    )
    (attempt,) = attempts.exams(kim)[0].attempts
    one, two, three, *_ = pose(attempt.variants[0]).choices
    page.get_by_text(one.label, exact=True).click()
    expect(saved(page)).to_be_visible()

    def cut(down: bool) -> None:
        if how == "offline":
            page.context.set_offline(down)
        elif down:
            wire.is_down = True
        else:
            wire.up()

    cut(True)
    page.get_by_text(two.label, exact=True).click()
    expect(unsaved(page)).to_be_visible()
    expect(saved(page)).to_be_hidden()
    number = page.evaluate(NUMBER)
    page.get_by_text(three.label, exact=True).click()
    expect(page.get_by_role("radio", name=three.label)).to_be_checked()
    page.wait_for_function(f"number => {NUMBER} > number", arg=number)
    expect(unsaved(page)).to_be_visible()
    assert answers(kim) == [one.id]
    cut(False)
    expect(saved(page)).to_be_visible()
    expect(unsaved(page)).to_be_hidden()
    assert answers(kim) == [three.id]
    wait_idle(page)  # no number is on its way
    cut(True)  # nothing is changed: it is said before one relies on it
    expect(page.get_by_text(TEXT["keeper"]["lost"])).to_be_visible()
    expect(page.get_by_role("timer")).to_contain_text(TEXT["test"]["lost"])
    expect(saved(page)).to_be_visible()
    cut(False)
    expect(page.get_by_text(TEXT["keeper"]["lost"])).to_be_hidden()


def test_check_without_a_connection_says_so_and_is_sent_later(school: School) -> None:
    kim, token = school.join("kim")
    page = school.open("/privacy", token, allow=CUT)
    wire = Wire(page)
    page.goto(f"{school.server.url}/quiz?question=side&seed=3")
    expect(field(page)).to_be_visible()
    wait_idle(page)
    wire.is_down = True
    field(page).fill("1")
    page.get_by_role("button", name="Check").click()
    expect(unsaved(page, "keeper_checked")).to_be_visible()
    wire.up()
    expect(saved(page)).to_be_visible()
    expect(page.get_by_text("1 try")).to_be_visible()
    expect(unsaved(page, "keeper_checked")).to_be_hidden()
    expect(page.get_by_role("button", name="Check")).to_have_count(1)
    assert len(practice.work(kim).question_states) == 1


@pytest.mark.parametrize(("width", "scheme"), access.windows(390))
def test_what_is_being_typed_survives_a_reload_and_counts_at_the_end(
    width: int, scheme: str, school: School
) -> None:
    kim, page, wire = begin(
        school, "why-11", "side", "first-block", width=width, scheme=scheme
    )
    area = page.get_by_label(TEXT["answer"]["text"])
    area.press_sequentially("A large window sees ", delay=40)
    expect(page.get_by_text(re.compile("What you have typed is saved"))).to_be_visible()
    area.press_sequentially("whole edges", delay=40)
    expect(area).to_be_focused()
    expect(area).to_have_value("A large window sees whole edges")
    wire.is_down = True
    area.press_sequentially(" at once", delay=40)
    expect(unsaved(page)).to_be_visible()
    wire.up()
    expect(page.get_by_text(re.compile("What you have typed is saved"))).to_be_visible()
    reload(page)
    expect(area).to_have_value("A large window sees whole edges at once")
    expect(saved(page)).to_be_visible()  # it is an answer, and is taken as one
    area.press_sequentially(".")
    expect(page.get_by_text(re.compile("What you have typed is saved"))).to_be_visible()
    page.close()  # the browser crashes: the field was never left
    (attempt,) = attempts.exams(kim)[0].attempts
    attempts.hand_in(kim, attempt.id)
    (said,) = answers(kim)
    assert str(said["text"]).strip(".").endswith("edges at once")
    assert "." in said["text"], "what was typed last is there"


@pytest.mark.long("what is being typed survives a reload")
def test_half_an_order_survives_next_back_and_a_reload(school: School) -> None:
    kim, page, _ = begin(school, "first-block", "competition")
    (attempt,) = attempts.exams(kim)[0].attempts
    variant = attempt.variants[0]
    labels = {choice.id: choice.label for choice in pose(variant).choices}
    first = labels[key(variant).truth[0]]  # type: ignore[index]
    page.get_by_role("combobox", name="Place 2").click()
    page.get_by_role("option", name=first, exact=True).click()
    expect(page.get_by_text(TEXT["test"]["begun"])).to_be_visible()
    place = page.get_by_role("combobox", name="Place 2")
    for again in ("next and back", "reload"):
        if again == "reload":
            reload(page)
        else:
            page.get_by_role("button", name="Next").click()
            answer = page.get_by_role("radiogroup", name=TEXT["answer"]["text"])
            expect(answer).to_be_visible()
            wait_idle(page)  # a click while the page moves may miss the button
            page.get_by_role("button", name="Back", exact=True).click()
        expect(place).to_be_visible()
        expect(place).to_have_value(first)
        expect(page.get_by_text(TEXT["test"]["begun"])).to_be_visible()

"""The concept inventory in browsers: two students before and after, one instructor."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from classroom.inventory import gain, rounds
from classroom.inventory.gain import Taken
from classroom.inventory.items import RIGHT, concepts
from classroom.inventory.rounds import Moment, Paper
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, Student
from store import database
from store.database import Database
from store.tables import Account, SignIn
from tests import access
from tests import browser as stand
from tests.browser import Server, reload, wait_idle
from ui.kit import words
from ui.session import visitor
from ui.session.routes import NAME as SESSION

ANNA = Instructor("anna", "Anna")
TEXT, CLASS = words.page("inventory"), words.page("class_inventory")
TOKENS = {"Kim": "k" * 30, "Lea": "l" * 30}  # the cookies of their browsers
SIGN_IN, BROWSING = "t" * 32, "b" * 24
COUNT = len(concepts())


def digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server on which Anna has signed in; this process shares its database."""
    folder = tmp_path_factory.mktemp("inventory")
    own, now = Database(f"sqlite:///{folder / database.FILE}"), time.time()
    with own.writing() as session:
        session.add(Account(id=ANNA.account, name=ANNA.name, created=now))
        session.flush()
        times = {"created": now, "seen": now, "ends": now + 86_400}
        session.add(SignIn(token=digest(SIGN_IN), account_id=ANNA.account, **times))
    with (
        pytest.MonkeyPatch.context() as patch,
        stand.serving(folder / "log", ALEXNET_DATA=str(folder)) as server,
    ):
        patch.setattr(database, "current", own)
        server.wait_ready()
        yield server
    own.close()


@pytest.fixture
def course(lab: Server) -> ClassNow:
    return classes.open_class(ANNA, "Form 5b")


def cookies(lab: Server, **values: str) -> list[dict[str, Any]]:
    where = urlsplit(lab.url).hostname
    return [
        {
            "name": name, "value": value, "domain": where, "path": "/", "expires": -1,
            "httpOnly": True, "secure": False, "sameSite": "Lax",
        }
        for name, value in values.items()
    ]  # fmt: skip


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def choose(page: Any, paper: Paper, place: int, choice: str) -> None:
    """An option of the question at a place, once that is asked."""
    one = paper.questions()[place]
    where = TEXT["question"].format(number=place + 1, count=COUNT)
    expect(page.get_by_text(where)).to_be_visible()
    option = page.get_by_role("radio", name=dict(one.options)[choice], exact=True)
    option.check(force=True)
    expect(option).to_be_checked()
    wait_idle(page)


def take(page: Any, student: Student, moment: Moment, right: int) -> None:
    """Begins and finishes in the browser; what lies between is stored from here.

    The first and the last question of the student's order are answered by hand.
    """
    button(page, TEXT[f"begin_{moment}"]).click()
    options = page.locator(".st-key-inventory_question").get_by_role("radio")
    expect(options).to_have_count(4)
    paper = rounds.of_student(student).papers[moment]
    order = [one.concept for one in paper.questions()]
    known = {one.id: one for one in concepts()}
    wanted = {
        name: RIGHT if at < right else next(iter(known[name].misconceptions))
        for at, name in enumerate(order)
    }
    choose(page, paper, 0, wanted[order[0]])
    if moment == "before":
        access.check(page)
    between = {name: wanted[name] for name in order[1:-1]}
    rounds.choose(student, moment, between)
    reload(page)
    choose(page, paper, COUNT - 1, wanted[order[-1]])
    expect(page.get_by_text("✓")).to_have_count(0)
    button(page, TEXT["hand_in"]).click()
    expect(page.get_by_text(TEXT[f"thanks_{moment}"])).to_be_visible()
    assert rounds.of_student(student).papers[moment].choices == wanted


@pytest.mark.long("test_page_inventory, without a browser")
def test_two_students_take_both_rounds_and_the_instructor_sees_the_gain(
    lab: Server, course: ClassNow, open_page: Callable[..., Any]
) -> None:
    students = {
        name: classes.join(course.code, digest(token), name, browsing=digest(BROWSING))
        for name, token in TOKENS.items()
    }
    pages = {
        name: open_page(
            "/inventory",
            server=lab,
            width=390,
            scheme="dark" if name == "Lea" else "light",
            cookies=cookies(lab, **{visitor.NAME: token, visitor.BROWSING: BROWSING}),
        )
        for name, token in TOKENS.items()
    }
    anna = open_page("/class", server=lab, cookies=cookies(lab, **{SESSION: SIGN_IN}))
    anna.get_by_role("tab", name=words.page("class")["tab_inventory"]).click()
    for page in pages.values():
        expect(page.get_by_text(TEXT["class_wait"])).to_be_visible()
    scores: dict[Moment, dict[str, int]] = {
        "before": {"Kim": 3, "Lea": 5},
        "after": {"Kim": 10, "Lea": 8},
    }
    for moment, right in scores.items():
        button(anna, CLASS[f"open_{moment}"]).click()
        for name, page in pages.items():  # it opens by itself
            take(page, students[name], moment, right[name])
        done = CLASS["counts"].format(handed=2, begun=2, members=2)
        expect(anna.get_by_text(done)).to_have_count(len(rounds_over(moment)))
    button(anna, CLASS["close_after"]).click()
    both = [
        Taken(*(rounds.of_student(x).papers[m].choices for m in rounds.MOMENTS))
        for x in students.values()
    ]
    expected = gain.of_class(both, concepts())
    assert expected is not None and round(100 * expected.gain) == 42
    expect(anna.get_by_text("2 students took both")).to_be_visible()
    expect(anna.get_by_text("+42 percentage points")).to_be_visible()
    expect(anna.get_by_text(re.compile("95% interval is from"))).to_be_visible()
    expect(anna.locator("[data-testid=stVegaLiteChart]")).to_be_visible()
    expect(anna.get_by_text("Kim")).to_have_count(0)
    access.check(anna)
    own = TEXT["both"].format(before=3, after=10, count=COUNT)
    expect(pages["Kim"].get_by_text(own)).to_be_visible()
    access.check(pages["Kim"])


def rounds_over(moment: Moment) -> tuple[Moment, ...]:
    """The rounds that both students have taken by then."""
    return rounds.MOMENTS[: rounds.MOMENTS.index(moment) + 1]

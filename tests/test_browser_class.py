"""A class in its browsers: an instructor and students, by a real server."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from classroom.content import lesson
from classroom.exams import exams
from classroom.exams.exams import ExamPlan
from classroom.inventory import rounds
from classroom.people import classes, codes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor
from paths import ASSETS
from store import database
from store.database import Database
from store.tables import Account, SignIn
from tests import access
from tests import browser as stand
from tests.browser import Server, reload, wait_idle
from tests.waiting import stays, until
from ui.kit import words
from ui.session import visitor
from ui.session.routes import NAME as SESSION

ANNA = Instructor("anna", "Anna")
TOKEN = "t" * 32  # Anna's sign-in
KIM, LEE = "Kim <b>x</b> **y** $1$", "=1+1 李小龍"
CLASS, JOIN = words.page("class").as_dict(), words.page("join").as_dict()
LESSON = lesson.load()
TEXT = LESSON.words
STEPS = [step.slug for step in LESSON.steps]
# Milliseconds in which a follower is there. The two seconds promised to a class
# are measured by bench.classroom: here, another test runs beside.


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("class")


@pytest.fixture(scope="module")
def lab(folder: Path) -> Iterator[Server]:
    """A server on which Anna has signed in; this process shares its database."""
    own = Database(f"sqlite:///{folder / database.FILE}")
    now = time.time()
    with own.writing() as session:
        session.add(Account(id=ANNA.account, name=ANNA.name, created=now))
        session.flush()
        digest = hashlib.sha256(TOKEN.encode()).hexdigest()
        session.add(
            SignIn(
                token=digest, account_id=ANNA.account, created=now, seen=now,
                ends=now + 86_400,
            )
        )  # fmt: skip
    with (
        pytest.MonkeyPatch.context() as patch,
        stand.serving(folder / "log", ALEXNET_DATA=str(folder)) as server,
    ):
        patch.setattr(database, "current", own)
        server.wait_ready()
        yield server
    own.close()


@pytest.fixture
def tidied(lab: Server) -> Iterator[None]:
    """Classes are deleted when all that asks for this has ended."""
    yield
    for one in classes.mine(ANNA):
        classes.delete(ANNA, one.id)


@pytest.fixture
def course(tidied: None) -> ClassNow:
    """An open class, as another process opens it."""
    return classes.open_class(ANNA, "Form <b>5b</b>")


@pytest.fixture
def visit(
    lab: Server, tidied: None, open_page: Callable[..., Any]
) -> Callable[..., Any]:
    """`visit("/class", anna=True)`: a browser of its own, hers or anybody's.

    All are closed before their classes go: a follower of none would be told so.
    """

    def open_one(path: str, *, anna: bool = False, **how: Any) -> Any:
        if anna:
            where = urlsplit(lab.url)
            cookie = {
                "name": SESSION,
                "value": TOKEN,
                "domain": where.hostname,
                "path": "/",
                "expires": -1,
                "httpOnly": True,
                "secure": False,
                "sameSite": "Lax",
            }
            how["cookies"] = [cookie]
        return open_page(path, server=lab, **how)

    return open_one


def heading(page: Any, slug: str) -> Any:
    return page.get_by_role("heading", name=LESSON.step(slug).title, exact=True)


def class_is_at(slug: str) -> str:
    """What a follower elsewhere is told."""
    title = LESSON.step(slug).title
    text = str(TEXT["class_wanders"])
    return text.format(number=1 + STEPS.index(slug), title=title)


def button(page: Any, name: str) -> Any:
    return page.get_by_role("button", name=name, exact=True)


def join(page: Any, name: str) -> None:
    page.get_by_role("textbox", name=JOIN["name"], exact=True).fill(name)
    button(page, JOIN["submit"]).click()
    expect(page.get_by_text("Your own code is")).to_be_visible()
    wait_idle(page)


def follow(page: Any) -> None:
    page.get_by_role("link", name=JOIN["follow"]).click()
    expect(page.get_by_text("You follow your class")).to_be_visible()
    wait_idle(page)


def joined(visit: Callable[..., Any], course: ClassNow, name: str, **how: Any) -> Any:
    page = visit(f"/join?code={course.code}", **how)
    join(page, name)
    follow(page)
    return page


def test_a_class_answers_and_is_asked_again(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    """Answers on two phones, their bars on the projector, the truth, and once more."""
    classes.move(ANNA, course.id, "revolution", False)
    kim = joined(visit, course, "Kim", width=390, height=664, has_touch=True)
    lee = joined(visit, course, "Lee", width=390, height=664, scheme="dark")
    anna = visit(
        f"/lesson?step=revolution&present=1&lead=1&class={course.id}", anna=True
    )
    told = anna.locator(".st-key-think h3")
    wait_idle(anna)
    anna.keyboard.press("q")
    expect(told).to_have_text(
        TEXT["class_answered"].replace("{answered}", "0").replace("{here}", "2")
    )
    anna.keyboard.press("ArrowRight")
    labels = {o.id: o.text for o in LESSON.step("differences").think.options}
    down = kim.get_by_role("button", name=labels["down"])
    expect(down).to_be_in_viewport()
    box = down.bounding_box()
    assert box is not None and box["height"] >= 44 and box["width"] > 250
    down.tap()
    expect(kim.get_by_text(TEXT["think_waits"])).to_be_visible()
    button(lee, labels["up"]).press("Enter")
    expect(lee.get_by_text(TEXT["think_waits"])).to_be_visible()
    expect(told).to_contain_text("2 of 2")
    expect(anna.locator(".st-key-slide_live .st-key-think")).to_be_visible()
    anna.keyboard.press("r")
    expect(anna.get_by_text(TEXT["class_answers"], exact=True)).to_be_visible()
    expect(anna.get_by_text(TEXT["answer"], exact=True)).to_have_count(0)
    expect(kim.get_by_text(TEXT["answer"], exact=True)).to_have_count(0)
    button(anna, TEXT["class_again"]).click()
    button(kim, labels["up"]).tap()
    expect(told).to_contain_text("1 of 2")
    anna.keyboard.press("r")
    later = TEXT["class_later"].format(number=2, count=1)
    expect(anna.get_by_text(later, exact=True)).to_be_visible()
    anna.keyboard.press("r")
    for page in (anna, kim, lee):
        expect(page.get_by_text(TEXT["answer"], exact=True)).to_be_visible()
    expect(kim.get_by_text("Right.")).to_be_visible()
    # What was answered is still there after a reload.
    reload(kim)
    expect(kim.get_by_text("Right.")).to_be_visible()


def test_a_class_from_its_opening_to_its_end(visit: Callable[..., Any]) -> None:
    anna = visit("/class", anna=True)
    anna.get_by_role("textbox", name=CLASS["new_name"]).first.fill("Form <b>5b</b> *x*")
    button(anna, CLASS["new_submit"]).click()
    expect(anna.get_by_text(CLASS["here_title"])).to_be_visible()
    (opened,) = classes.mine(ANNA)
    shown = anna.get_by_role("heading", name=codes.spaced(opened.code))
    expect(shown).to_be_visible()
    wait_idle(anna)  # its style has come, too
    assert shown.evaluate("h => parseFloat(getComputedStyle(h).fontSize)") > 40
    expect(anna.get_by_role("img", name="QR code")).to_be_visible()
    expect(anna.get_by_text("Students cannot reach this address")).to_be_visible()

    kim = joined(visit, opened, KIM, width=390, scheme="dark")
    lee = joined(visit, opened, LEE)
    table = anna.get_by_role("table")
    for name in ("Student 1", "Student 2"):
        expect(table.get_by_text(name, exact=True)).to_be_visible()
    expect(anna.get_by_text("Kim <b>")).to_have_count(0)
    anna.get_by_text(CLASS["show_names"], exact=True).click()
    for name in (KIM, LEE):
        expect(table.get_by_text(name, exact=True)).to_be_visible()
    expect(table.get_by_text(CLASS["follows"], exact=True)).to_have_count(2)

    at, away, far = 2, 3, 5
    for slug in STEPS[1 : at + 1]:
        button(anna, CLASS["next"]).click()
        for student in (kim, lee):
            expect(heading(student, slug)).to_be_visible()
    button(anna, CLASS["reveal"]).click()
    for student in (kim, lee):
        expect(student.get_by_text(TEXT["answer"], exact=True)).to_be_visible()

    # One wanders off; the other goes on.
    wait_idle(kim)
    kim.keyboard.press("ArrowRight")
    expect(heading(kim, STEPS[away])).to_be_visible()
    expect(kim.get_by_text(class_is_at(STEPS[at]))).to_be_visible()
    expect(table.get_by_text(CLASS["wanders"], exact=True)).to_be_visible()
    for slug in STEPS[at + 1 : far + 1]:
        button(anna, CLASS["next"]).click()
        expect(heading(lee, slug)).to_be_visible()
    expect(kim.get_by_text(class_is_at(STEPS[far]))).to_be_visible()
    expect(heading(kim, STEPS[away])).to_be_visible()
    button(kim, TEXT["class_back"]).click()
    expect(heading(kim, STEPS[far])).to_be_visible()
    expect(kim.get_by_text("You follow your class")).to_be_visible()

    # Both are who they were after a reload, and the name is as it was typed.
    reload(kim)
    expect(heading(kim, STEPS[far])).to_be_visible()
    expect(kim.get_by_text("You follow your class")).to_be_visible()
    wait_idle(kim)
    kim.goto("/join")
    expect(kim.get_by_text(f"You are in Form <b>5b</b> *x* as {KIM}.")).to_be_visible()

    button(anna, CLASS["manage"]).click()
    button(anna, CLASS["close"]).click()
    expect(anna.get_by_text(CLASS["is_closed"])).to_be_visible()
    ended = TEXT["class_ended"].format(name="Form <b>5b</b> *x*")
    for student in (kim, lee):
        expect(student.get_by_text(ended)).to_be_visible()


def test_the_lesson_that_is_presented_leads(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = joined(visit, course, "Kim")
    anna = visit("/lesson?present=1&lead=1", anna=True)
    expect(anna.get_by_text("You lead")).to_be_visible()
    wait_idle(anna)  # its keys are listened to
    anna.keyboard.press("ArrowRight")
    expect(heading(kim, "before")).to_be_visible()
    wait_idle(anna)
    anna.keyboard.press("r")
    expect(kim.get_by_text(TEXT["answer"], exact=True)).to_be_visible()
    wait_idle(anna)
    anna.keyboard.press("j")
    code = anna.get_by_role("dialog").get_by_text(codes.spaced(course.code))
    expect(code).to_be_visible()
    anna.keyboard.press("Escape")
    expect(code).to_have_count(0)
    wait_idle(anna)
    # A phone in her hand moves the window on the wall, and everybody with it.
    phone = visit("/class", anna=True, width=390, height=844)
    expect(button(phone, CLASS["next"])).to_be_in_viewport(ratio=1)
    button(phone, CLASS["next"]).click()
    for page in (anna, kim):
        expect(heading(page, "lenet")).to_be_visible()
    wait_idle(anna)
    for _ in range(3):  # quick presses are all counted
        anna.keyboard.press("ArrowRight", delay=60)
    expect(heading(anna, LESSON.steps[5].slug)).to_be_visible()
    expect(heading(kim, LESSON.steps[5].slug)).to_be_visible()
    until(
        lambda: classes.now(ANNA, course.id).step == LESSON.steps[5].slug,
        "the class to be where its instructor is",
    )


@pytest.mark.parametrize(
    ("width", "height"), access.some([(1280, 720), (1920, 1080)], 1)
)
def test_a_presented_class_fits_a_window(
    visit: Callable[..., Any], course: ClassNow, width: int, height: int
) -> None:
    """QR code, address and code; who is here scrolls beside them."""
    for number in range(30):
        classes.join(course.code, f"{number:02d}" * 32, f"Student {number}")
    wall = visit("/class?present=1", anna=True, width=width, height=height)
    wait_idle(wall)
    code = wall.get_by_text(codes.spaced(course.code), exact=True)
    expect(code).to_be_in_viewport(ratio=1)
    expect(wall.get_by_role("heading", name=CLASS["here_title"])).to_be_in_viewport()
    beyond = "one => one.scrollHeight - one.clientHeight"
    main = wall.get_by_test_id("stMain")
    until(lambda: main.evaluate(beyond) <= 2, "the page to fit its window")
    assert wall.locator(".st-key-class_here").evaluate(beyond) > 100, "30 rows"


@pytest.mark.long("the lesson that is presented leads")
def test_the_notes_lead_the_wall_and_the_class_to_pages_too(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    """A projector, its notes, a student who follows and one who comes late."""
    kim = joined(visit, course, "Kim")
    wall = visit("/lesson?present=1&lead=1", anna=True, height=720)
    expect(wall.get_by_text("You lead")).to_be_visible()
    with wall.expect_popup() as opened:
        wall.get_by_role("link", name=TEXT["notes"]).click()
    notes = opened.value
    expect(notes.get_by_text("You lead")).to_be_visible()
    expect(notes.get_by_text("0 of 1 have answered")).to_be_visible()
    wait_idle(notes)
    notes.keyboard.press("ArrowRight")
    for page in (notes, wall, kim):
        expect(heading(page, LESSON.steps[1].slug)).to_be_visible()
    button(notes, TEXT["pace_clock"]["start"]).click()
    stand.reload(notes)
    expect(button(notes, TEXT["pace_clock"]["stop"])).to_be_visible()
    expect(heading(notes, LESSON.steps[1].slug)).to_be_visible()
    assert classes.now(ANNA, course.id).step == LESSON.steps[1].slug
    # From any page that she looks at, in the window on the wall.
    button(wall, TEXT["leave"]).click()
    wait_idle(wall)
    menu = wall.get_by_test_id("stSidebarNav")
    menu.get_by_role("link", name="Look inside", exact=True).click()
    bring = button(wall, TEXT["class_bring"])
    expect(bring).to_be_visible()
    wait_idle(wall)
    bring.click()
    title = words.page("feature_maps")["title"]
    expect(kim.locator("h1")).to_have_text(title)
    expect(button(wall, TEXT["class_is_here"])).to_be_disabled()
    expect(heading(notes, LESSON.steps[1].slug)).to_be_visible()
    expect(notes.get_by_text(TEXT["notes_beside"].format(title=title))).to_be_visible()
    lee = joined(visit, course, "Lee")
    expect(lee.locator("h1")).to_have_text(title)
    lee.get_by_role("link", name=words.page("menu").table("page")["filters"]).click()
    back = button(lee, TEXT["class_back"])
    expect(back).to_be_visible()
    expect(lee.get_by_text(TEXT["class_at_page"].format(title=title))).to_be_visible()
    wait_idle(lee)
    back.click()
    expect(lee.locator("h1")).to_have_text(title)
    # The notes' next step brings the wall and the class back to the lesson.
    wait_idle(notes)
    button(notes, TEXT["next"]).click()
    for page in (notes, wall, kim, lee):
        expect(heading(page, LESSON.steps[2].slug)).to_be_visible()


@pytest.mark.long("the lesson that is presented leads; test_following")
def test_another_process_leads(visit: Callable[..., Any], course: ClassNow) -> None:
    """As where several servers share a database."""
    kim = joined(visit, course, "Kim")
    for slug in ("relu", "dropout"):
        classes.move(ANNA, course.id, slug, False)
        expect(heading(kim, slug)).to_be_visible()

    def kim_is_seen() -> bool:
        (found,) = classes.here(ANNA, course.id)
        return (found.step, found.follows, found.here) == ("dropout", True, True)

    until(kim_is_seen, "this process to hear of who is here")


def test_other_pages_lead_back_by_one_click(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = joined(visit, course, "Kim")
    kim.get_by_role("link", name="Look inside", exact=True).click()
    aside = kim.get_by_test_id("stBottom")
    expect(aside.get_by_text(class_is_at("start"))).to_be_visible()
    wait_idle(kim)
    classes.move(ANNA, course.id, "relu", False)
    expect(aside.get_by_text(class_is_at("relu"))).to_be_visible()
    aside.get_by_role("button", name=TEXT["class_back"]).click()
    expect(heading(kim, "relu")).to_be_visible()
    expect(kim.get_by_text("You follow your class")).to_be_visible()


@pytest.mark.long("other pages lead back by one click")
def test_a_phone_sees_the_way_back_and_its_tests_on_every_page(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = joined(visit, course, "Kim", width=390, height=664)
    sidebar = kim.get_by_test_id("stSidebar")
    for page, shown in (("Look inside", "Feature maps"), ("Quiz", "Quiz")):
        kim.get_by_test_id("stExpandSidebarButton").get_by_role("button").or_(
            kim.get_by_test_id("stExpandSidebarButton")
        ).first.click()
        sidebar.get_by_role("link", name=page, exact=True).click()
        expect(kim.get_by_role("heading", name=shown, exact=True)).to_be_visible()
        expect(sidebar).to_have_attribute("data-collapsed", "true")
        expect(button(kim, TEXT["class_back"])).to_be_in_viewport(ratio=1)
    reload(kim)
    expect(button(kim, TEXT["class_back"])).to_be_in_viewport(ratio=1)
    expect(sidebar).to_have_attribute("data-collapsed", "true")
    button(kim, TEXT["class_back"]).click()
    expect(kim.get_by_text("You follow your class")).to_be_in_viewport(ratio=1)
    expect(heading(kim, "start")).to_be_in_viewport()
    made = exams.create(ANNA, course.id, ExamPlan("Shapes *x*", ("side",)))
    exams.open_exam(ANNA, made.id)  # by another process
    opened = kim.get_by_text(TEXT["class_test_open"].format(title="Shapes *x*"))
    expect(opened).to_be_in_viewport()
    button(kim, TEXT["class_to_test"]).click()
    button(kim, words.page("quiz").as_dict()["test"]["begin"]).click()
    expect(kim.get_by_text("0 of 1 answered")).to_be_visible()
    expect(opened).to_have_count(0)
    button(kim, TEXT["class_back"]).click()
    expect(kim.get_by_text("You are in the test")).to_be_visible()
    exams.close_exam(ANNA, made.id)
    result = kim.get_by_text(TEXT["class_test_results"].format(title="Shapes *x*"))
    expect(result).to_be_visible()
    button(kim, TEXT["class_to_test"]).click()
    expect(kim.get_by_role("heading", name="Shapes *x*")).to_be_visible()
    button(kim, TEXT["class_back"]).click()
    expect(kim.get_by_text("You follow your class")).to_be_visible()
    expect(result).to_have_count(0)


@pytest.mark.long("test_following: an inventory that opens and closes is told")
def test_an_open_inventory_is_announced_but_not_in_a_test(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = joined(visit, course, "Kim", width=390, height=664)
    foot = kim.get_by_test_id("stBottom")
    made = exams.create(ANNA, course.id, ExamPlan("Shapes", ("side",)))
    exams.open_exam(ANNA, made.id)  # by another process, as all of hers
    button(kim, TEXT["class_to_test"]).click()
    button(kim, words.page("quiz").as_dict()["test"]["begin"]).click()
    expect(kim.get_by_text("0 of 1 answered")).to_be_visible()
    rounds.open_round(ANNA, course.id, "before")
    button(kim, TEXT["class_back"]).click()
    expect(foot.get_by_text("You are in the test")).to_be_visible()
    opened = foot.get_by_text(TEXT["class_inventory_before"])
    expect(opened).to_have_count(0)
    exams.close_exam(ANNA, made.id)
    expect(opened).to_be_in_viewport()
    rounds.open_round(ANNA, course.id, "after")
    classes.speak(ANNA, course.id, "de")
    german = lesson.load("de").words
    opened = foot.get_by_text(german["class_inventory_after"])
    expect(opened).to_be_in_viewport()
    opened.get_by_role("button", name=german["class_to_test"], exact=True).click()
    begin = words.page("inventory", "de")["begin_after"]
    expect(button(kim, begin)).to_be_visible()
    expect(opened).to_have_count(0)


@pytest.mark.long("test_page_class, without a browser")
def test_a_shared_computer_asks_who_is_there(
    visit: Callable[..., Any], course: ClassNow, lab: Server
) -> None:
    ada = joined(visit, course, "Ada")
    expect(ada.get_by_test_id("stBottom").get_by_text("Ada")).to_be_visible()
    # The browser is closed, and opened by somebody else: its session's cookie is gone.
    kept = [one for one in ada.context.cookies() if one["expires"] != -1]
    assert {one["name"] for one in kept} == {visitor.NAME}
    ada.context.clear_cookies()
    ada.context.add_cookies(kept)
    ada.goto("/quiz")
    expect(button(ada, JOIN["ask_no"].format(name="Ada"))).to_be_visible()
    expect(ada.get_by_role("heading", name="Quiz", exact=True)).to_have_count(0)
    button(ada, JOIN["ask_no"].format(name="Ada")).click()
    join(ada, "Bob")
    reload(ada)
    expect(ada.get_by_text("as Bob")).to_be_visible()
    expect(button(ada, JOIN["ask_yes"].format(name="Bob"))).to_have_count(0)
    assert classes.here(ANNA, course.id)[0].name == "Bob", "Ada is in no browser"


def test_a_lost_connection_is_said_and_found_again(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = visit(f"/join?code={course.code}", allow=("net::ERR", "Failed to load"))
    join(kim, "Kim")
    follow(kim)
    kim.route("**/follow?*", lambda route: route.abort())
    kim.keyboard.press("ArrowRight")  # there is something to say, and nobody to hear
    expect(kim.get_by_text(TEXT["class_lost"])).to_be_visible()
    classes.move(ANNA, course.id, "relu", False)
    kim.unroute("**/follow?*")
    expect(kim.get_by_text(class_is_at("relu"))).to_be_visible()


HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', {configurable: true, get: () => hidden});
    document.dispatchEvent(new Event('visibilitychange'));
}"""


def test_a_page_in_the_background_moves_when_it_is_looked_at(
    visit: Callable[..., Any], course: ClassNow
) -> None:
    kim = joined(visit, course, "Kim")
    kim.evaluate(HIDE, True)
    classes.move(ANNA, course.id, "lenet", False)
    classes.move(ANNA, course.id, "relu", False)
    start = heading(kim, "start")
    stays(start.is_visible, "a page in the background is where it was", 2.5)
    kim.evaluate(HIDE, False)
    expect(heading(kim, "relu")).to_be_visible()


@pytest.mark.long("test_navigation and test_page_class, without a browser")
def test_a_student_sees_nothing_of_the_instructors(
    visit: Callable[..., Any], course: ClassNow, lab: Server
) -> None:
    kim = joined(visit, course, "Kim")
    forged = {"name": SESSION, "value": "f" * 32, "url": lab.url}
    for cookies in ([], [forged]):
        kim.context.add_cookies(cookies)
        for path in ("/class", f"/class?class={course.id}&tab=Class"):
            kim.goto(path)
            wait_idle(kim)
            main = kim.get_by_test_id("stMainBlockContainer")
            expect(main.get_by_text(CLASS["only"])).to_be_visible()
            buttons = main.get_by_role("button")
            languages = main.get_by_test_id("stButtonGroup").get_by_role("button")
            expect(buttons).to_have_count(languages.count())  # the switch has a help
            expect(main.get_by_role("img")).to_have_count(0)
            assert course.code not in kim.content()
        kim.goto(f"/lesson?step=relu&lead=1&class={course.id}")
        wait_idle(kim)
        expect(kim.get_by_text(TEXT["class_lead"])).to_have_count(0)
    assert classes.now(ANNA, course.id).step == "start"
    stranger = visit(f"/lesson?step=relu&lead=1&class={course.id}")
    expect(heading(stranger, "relu")).to_be_visible()
    answer, _ = lab.get(f"/follow?class={course.id}&version=1&at=start")
    assert answer.status == 403


@pytest.mark.parametrize(("width", "scheme"), access.windows(390))
def test_the_pages_fit(
    width: int, scheme: str, visit: Callable[..., Any], course: ClassNow
) -> None:
    """`open_page` checks that nothing is wider than the window, and the console."""
    classes.join(course.code, "k" * 64, "x" * 60)
    classes.show_names(ANNA, course.id, True)
    anna = visit("/class", anna=True, width=width, scheme=scheme)
    expect(anna.get_by_text("x" * 60)).to_be_visible()
    kim = visit(f"/join?code={course.code}", width=width, scheme=scheme)
    join(kim, "W" * 60)
    follow(kim)
    kim.keyboard.press("ArrowRight")
    expect(button(kim, TEXT["class_back"])).to_be_visible()
    expect(kim).to_have_url(re.compile("step=before"))


@pytest.mark.long("a class answers and is asked again; test_page_class_guess")
def test_a_class_guesses_together(visit: Callable[..., Any], course: ClassNow) -> None:
    """Two phones guess, the projector counts and plays, one wanders off and is back."""
    small: dict[str, Any] = {"width": 390, "height": 664, "has_touch": True}
    text = words.page("class_guess").as_dict()
    kim = joined(visit, course, "Kim", **small)
    lee = joined(visit, course, "Lee", scheme="dark", **small)
    anna = visit("/relu-vs-tanh", anna=True)
    anna.locator(".st-key-class_recording button").click()
    told = anna.get_by_role("heading", name="have guessed")
    expect(told).to_have_text(text["guessed"].format(count=0, here=2))

    first = kim.locator(".st-key-class_arms button").first
    expect(first).to_be_in_viewport()
    box = first.bounding_box()
    assert box is not None and box["height"] >= 44 and box["width"] >= 80
    first.tap()
    slider = kim.get_by_role("slider")
    give = button(kim, text["give"])
    expect(give).to_be_disabled()
    slider.press("ArrowRight")
    slider.blur()
    expect(give).to_be_enabled()
    expect(give).to_be_in_viewport()
    give.tap()
    expect(kim.get_by_text(text["is_in"])).to_be_visible()
    lee.locator(".st-key-class_arms button").last.tap()
    expect(lee.get_by_text(text["is_in"])).to_be_visible()
    expect(told).to_have_text(text["guessed"].format(count=2, here=2))

    lee.goto("/glossary")
    expect(lee.get_by_text(TEXT["class_together"])).to_be_visible()
    anna.get_by_role("button", name=text["next"]["guess"]).click()
    expect(kim.get_by_text(text["closed"])).to_be_visible()
    expect(kim.locator(".drawn img:visible")).to_be_visible()
    button(lee, TEXT["class_back"]).tap()
    expect(lee.get_by_text(text["closed"])).to_be_visible()

    anna.get_by_role("button", name=text["next"]["replay"]).click()
    chart = anna.locator("section[data-ready=true]")
    expect(chart.locator(".verdict")).to_be_visible(timeout=60_000)  # it has played
    expect(chart.locator(".chart .guess, .chart .guess-count").first).to_be_visible()
    expect(kim.get_by_text(text["watch"])).to_be_visible()
    anna.get_by_role("button", name=text["next"]["watch"]).click()
    for page in (anna, kim, lee):
        expect(page.get_by_text("of 2 guessed right")).to_be_visible()
    reload(kim)
    expect(kim.get_by_text("Other guesses: 1.")).to_be_visible()
    button(anna, text["end"]).click()
    expect(kim.get_by_text("You follow your class")).to_be_visible()
    expect(heading(kim, "start")).to_be_visible()


def test_a_class_teaches_together(visit: Callable[..., Any], course: ClassNow) -> None:
    """A picture from a phone is on the instructor's screen, and is removed there."""
    text, teach = words.page("class_teach"), words.page("teach").table("component")
    kim = joined(visit, course, "Kim", width=390, height=664, has_touch=True)
    anna = visit("/teach", anna=True)
    anna.locator(".st-key-class_teach button").click()
    cards = kim.locator("section.fixed .card")
    expect(cards).to_have_count(3)
    expect(cards.first).to_be_in_viewport()  # to give comes before to try
    expect(kim.locator(".name").first).to_have_js_property("readOnly", True)
    for name in (".add", ".drop", ".tries"):
        for one in kim.locator(name).all():
            expect(one).to_be_hidden()
    given = teach["count_class"].format(count=1, all=1)
    cards.first.locator("input[type=file]").set_input_files(
        ASSETS / "photographs" / "fish9.jpg"
    )
    expect(cards.first.locator(".count")).to_have_text(given)
    told = anna.get_by_role("heading", name="Pictures so far")
    expect(told).to_have_text(text["collecting"].format(count=1))
    anna.locator(".card .pictures button").click()
    expect(told).to_have_text(text["collecting"].format(count=0))
    none = teach["count_class"].format(count=0, all=0)
    expect(cards.first.locator(".count")).to_have_text(none)
    button(anna, text["end"]).click()
    expect(heading(kim, "start")).to_be_visible()

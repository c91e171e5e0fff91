"""A class that is brought to a page: its address, who goes there, and who does not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.people import class_page, classes
from classroom.people.classes import ClassNow
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from store.database import Database
from tests.class_database import class_database
from tests.components import components
from tests.test_page_class import run, visit
from ui.following import class_page as addresses
from ui.following.class_page import ClassPage
from ui.kit import sections, words
from ui.session import permissions, visitor

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
KIM, LEE, HERS = "k" * 64, "l" * 64, "a" * 64  # browsers
TEXT = lesson.load().words
UNIT = "feature-maps?layer=conv2&unit=17"


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA, BERT) as own:
        yield own


@pytest.fixture
def course() -> ClassNow:
    return classes.open_class(ANNA, "Form 5b")


class Browsers:
    """Several browsers of one server, one at a time at work."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.monkeypatch = monkeypatch
        monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")

    def at_work(self, key: str) -> None:
        """The browser that asks from now on."""
        self.monkeypatch.setattr(visitor, "key", lambda: key)
        who = ANNA if key == HERS else None
        self.monkeypatch.setattr(permissions, "instructor", lambda: who)

    def open(self, key: str, page: str, **query: str) -> AppTest:
        self.at_work(key)
        return visit(page, **query)

    def again(self, key: str, app: AppTest) -> AppTest:
        self.at_work(key)
        return run(app)

    def press(self, key: str, app: AppTest, name: str) -> AppTest:
        self.at_work(key)
        next(one for one in app.button if one.key == name).click()
        return run(app)


@pytest.fixture
def browsers(monkeypatch: pytest.MonkeyPatch) -> Browsers:
    return Browsers(monkeypatch)


def page_of(app: AppTest) -> str:
    titles = {
        words.page(p)["title"]: p for names in sections.PAGES.values() for p in names
    }
    steps = {step.title for step in lesson.load().steps}
    for head in (*app.title, *app.header):
        if head.value in steps:
            return "lesson"
    return next(titles[head.value] for head in app.title if head.value in titles)


def unit_of(app: AppTest) -> tuple[object, object]:
    held = app.session_state
    return held["layer"], held["unit"]


def mode_of(app: AppTest) -> str:
    (told,) = components(app, "follow")
    return str(told["mode"])


# --- the address ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "page", "chosen"),
    [
        (UNIT, "feature_maps", {"layer": "conv2", "unit": 17}),
        ("quiz", "quiz", {}),
        ("relu-vs-tanh?run=abc&against=time", "relu_vs_tanh", {"run": "abc"}),
        ("filters?filter=4711&nonsense=1", "filters", {"filter": 4711}),
        ("filters?filter=-1&lang=de&present=1", "filters", {}),
        ("quiz?at=3&sat=abc&round=mixed", "quiz", {"round": "mixed"}),
    ],
)
def test_an_address_is_read(address: str, page: str, chosen: dict[str, object]) -> None:
    found = addresses.read(address)
    assert found is not None and found.page == page
    assert dict(found.chosen) | chosen == dict(found.chosen)
    assert not {"nonsense", "lang", "present", "at", "sat"} & set(found.chosen)


@pytest.mark.parametrize(
    "address",
    [
        *("", "lesson?step=relu", "class", "sign-in?setup=x", "join?code=A", "privacy"),
        *("nowhere", "//a.example", "https://a.example/quiz", "quiz#x", "../quiz"),
        *("quiz?x=" + "y" * 300, "quiz\nx", "feature_maps/../class"),
    ],
)
def test_other_addresses_lead_nowhere(address: str) -> None:
    assert addresses.read(address) is None


def test_a_class_is_brought_to_pages_that_all_can_open() -> None:
    """None of them is about the visitor's own self: a new page is decided about."""
    pages = {name for names in sections.PAGES.values() for name in names}
    brought = {"home", "training_2012", "handout", "quiz", "claims", "glossary"}
    brought |= {"inventory"}
    brought |= {*sections.PAGES["inside"], *sections.PAGES["experiments"]}
    assert {name for name in pages if addresses.may_bring(name)} == brought
    assert {*addresses.NEVER, *sections.PAGES["together"]} == pages - brought


def test_what_is_kept_is_read_again() -> None:
    page = ClassPage("feature_maps", {"layer": "conv2", "unit": 17})
    assert page.address == UNIT and addresses.read(UNIT) == page
    assert class_page.is_page(page.address)


# --- whose class is moved -------------------------------------------------------------


def test_only_its_instructor_moves_a_class_and_only_while_it_is_open(
    course: ClassNow,
) -> None:
    with pytest.raises(NotAllowed):
        class_page.bring(BERT, course.id, "quiz")
    with pytest.raises(ClassRefused):
        class_page.bring(ANNA, course.id, "https://a.example")
    moved = class_page.bring(ANNA, course.id, "quiz")
    assert (moved.page, moved.version) == ("quiz", course.version + 1)
    assert class_page.bring(ANNA, course.id, "quiz").version == moved.version
    back = classes.move(ANNA, course.id, moved.step, moved.reveal)
    assert (back.page, back.version) == ("", moved.version + 1)
    classes.close_class(ANNA, course.id)
    with pytest.raises(ClassRefused):
        class_page.bring(ANNA, course.id, "quiz")


# --- on the pages ---------------------------------------------------------------------


def test_everyone_who_follows_is_brought(browsers: Browsers, course: ClassNow) -> None:
    """A unit, then another one, then the step after: and each is one press."""
    classes.join(course.code, KIM, "Kim")
    anna = browsers.open(HERS, "lesson", lead="1", **{"class": course.id})
    kim = browsers.open(KIM, "lesson")
    assert page_of(kim) == "lesson"
    browsers.at_work(HERS)
    anna.query_params.update({"layer": "conv2", "unit": "17"})
    anna.switch_page("../pages/feature_maps.py")
    anna = browsers.press(HERS, run(anna), "bring_here")
    assert classes.now(ANNA, course.id).page == UNIT
    shown = {one.key: one for one in anna.button}
    assert shown["bring_here"].disabled, "everyone is here"
    kim = browsers.again(KIM, kim)
    assert page_of(kim) == "feature_maps" and unit_of(kim) == ("conv2", 17)
    assert mode_of(kim) == "follows"
    class_page.bring(ANNA, course.id, "feature-maps?layer=conv3&unit=5")
    kim = browsers.again(KIM, kim)
    assert unit_of(kim) == ("conv3", 5)
    late = classes.join(course.code, LEE, "Lee")
    assert late is not None
    lee = browsers.open(LEE, "lesson")
    assert page_of(lee) == "feature_maps" and unit_of(lee) == ("conv3", 5)
    anna = browsers.again(HERS, anna)
    assert unit_of(anna) == ("conv3", 5), "brought in another window of hers"
    anna = browsers.press(HERS, anna, "class_to_lesson")
    now = classes.now(ANNA, course.id)
    assert (now.page, now.step) == ("", "start")
    assert page_of(browsers.again(KIM, kim)) == "lesson"


def test_who_goes_elsewhere_is_left_alone_and_comes_back(
    browsers: Browsers, course: ClassNow
) -> None:
    classes.join(course.code, KIM, "Kim")
    kim = browsers.open(KIM, "lesson")
    class_page.bring(ANNA, course.id, UNIT)
    kim = browsers.again(KIM, kim)
    browsers.at_work(KIM)
    kim.switch_page("../pages/glossary.py")
    kim = run(kim)
    assert mode_of(kim) == "elsewhere"
    class_page.bring(ANNA, course.id, "quiz")
    kim = browsers.again(KIM, kim)
    assert page_of(kim) == "glossary" and mode_of(kim) == "elsewhere"
    (told,) = components(kim, "follow")
    assert told["pages"][told["page"]] == words.page("quiz")["title"]
    browsers.at_work(KIM)
    kim.switch_page("../pages/lesson.py")
    kim = run(kim)
    assert page_of(kim) == "quiz", "the lesson leads to where the class is"


def test_a_student_who_chose_another_step_stays_there(
    browsers: Browsers, course: ClassNow
) -> None:
    classes.join(course.code, KIM, "Kim")
    kim = browsers.open(KIM, "lesson")
    kim = browsers.press(KIM, kim, "next_step")
    class_page.bring(ANNA, course.id, UNIT)
    kim = browsers.again(KIM, kim)
    assert page_of(kim) == "lesson" and mode_of(kim) == "wanders"


def test_ones_own_picture_stays_ones_own(browsers: Browsers, course: ClassNow) -> None:
    """The instructor's own is not the class's: each keeps the one they look at."""
    classes.join(course.code, KIM, "Kim")
    kim = browsers.open(KIM, "lesson", picture="dog")
    class_page.bring(ANNA, course.id, "feature-maps?picture=own&layer=conv2")
    kim = browsers.again(KIM, kim)
    assert kim.session_state["picture"] == "dog" and unit_of(kim)[0] == "conv2"
    class_page.bring(ANNA, course.id, "feature-maps?picture=cat")
    assert browsers.again(KIM, kim).session_state["picture"] == "cat"


def test_who_does_not_lead_has_no_such_button(
    browsers: Browsers, course: ClassNow
) -> None:
    classes.join(course.code, KIM, "Kim")
    assert "bring_here" not in {x.key for x in browsers.open(KIM, "filters").button}
    anna = browsers.open(HERS, "filters")
    assert "bring_here" not in {x.key for x in anna.button}


def test_a_page_of_the_instructor_alone_says_so(
    browsers: Browsers, course: ClassNow
) -> None:
    anna = browsers.open(HERS, "lesson", lead="1", **{"class": course.id})
    anna.switch_page("../pages/class.py")
    shown = {one.key: one for one in browsers.again(HERS, anna).button}
    assert shown["bring_here"].disabled

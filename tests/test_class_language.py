"""The language of a class: its followers read the lesson and the quiz in it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.names import ClassRefused
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import variants
from classroom.questions.variants import Variant
from store.database import Database
from tests.class_database import class_database
from tests.test_page_class import everything, run, visit
from ui.kit import state, words
from ui.session import permissions, visitor

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
KIM = "k" * 64  # a student's browser
TITLES = {
    name: {step.slug: step.title for step in lesson.load(name).steps}
    for name in lesson.languages()
}
CLASS = words.page("class").as_dict()


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    monkeypatch.setattr(visitor, "key", lambda: KIM)
    monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")
    with class_database(tmp_path, monkeypatch, ANNA, BERT) as own:
        yield own


@pytest.fixture
def course() -> ClassNow:
    return classes.open_class(ANNA, "Form 5b")


@pytest.fixture
def kim(course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")


@pytest.fixture
def leads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    monkeypatch.setattr(visitor, "key", lambda: "a" * 64)


def step(app: AppTest) -> str:
    """The title of the step that is shown."""
    heads = [head.value for head in (*app.main.title, *app.main.header)]
    known = [title for titles in TITLES.values() for title in titles.values()]
    return next(head for head in heads if head in known)


def switch(app: AppTest) -> Any:
    (found,) = (x for x in app.main.button_group if x.key == state.LANGUAGE.name)
    return found


# --- the setting ----------------------------------------------------------------------


def test_a_class_has_no_language_before_it_is_given_one(course: ClassNow) -> None:
    assert course.language is None
    told = classes.speak(ANNA, course.id, "de")
    assert (told.language, told.version) == ("de", course.version + 1)
    again = classes.speak(ANNA, course.id, "de")
    assert again.version == told.version, "nothing has moved"
    assert classes.speak(ANNA, course.id, None).language is None
    assert classes.now(ANNA, course.id).language is None


def test_it_is_the_owners_and_one_that_there_is(course: ClassNow) -> None:
    with pytest.raises(NotAllowed):
        classes.speak(BERT, course.id, "de")
    with pytest.raises(ClassRefused, match="not in that language"):
        classes.speak(ANNA, course.id, "xx")


def test_it_is_set_on_the_class_page(leads: None, course: ClassNow) -> None:
    app = visit("class")
    (found,) = (x for x in app.main.button_group if x.key == "class_language")
    assert found.value == ""
    found.set_value("de").run()
    assert classes.now(ANNA, course.id).language == "de"


# --- who follows ----------------------------------------------------------------------


def test_a_follower_of_a_german_class_reads_german(
    course: ClassNow, kim: None, opened: Database
) -> None:
    app = visit("lesson")
    assert step(app) == TITLES["en"]["start"]
    classes.speak(ANNA, course.id, "de")
    classes.move(ANNA, course.id, "relu", False)
    run(app)
    assert step(app) == TITLES["de"]["relu"]
    assert "Erst denken" in everything(app)
    assert switch(app).disabled


def test_a_follower_of_a_german_class_is_asked_in_german(
    course: ClassNow, kim: None
) -> None:
    classes.speak(ANNA, course.id, "de")
    app = visit("quiz", question="competition", seed="3")
    asked = variants.pose(Variant("competition", 3), "de").ask
    assert asked in everything(app)
    assert switch(app).disabled
    classes.speak(ANNA, course.id, "en")
    assert asked not in everything(run(app))


def test_who_does_not_follow_reads_in_their_own(course: ClassNow, kim: None) -> None:
    classes.speak(ANNA, course.id, "de")
    app = visit("lesson")
    assert step(app) == TITLES["de"]["start"]
    app.button(key="next_step").click().run()  # on their own from here
    assert not switch(app).disabled
    switch(app).set_value("en").run()
    assert step(app) == TITLES["en"]["before"]
    run(app)
    assert step(app) == TITLES["en"]["before"], "it stays"
    back(app)
    assert step(app) == TITLES["de"]["start"]


def back(app: AppTest) -> None:
    """What the bar's "back to the class" does."""
    app.session_state[state.FOLLOWS.name] = True
    app.session_state[state.TAKEN.name] = None
    run(app)


def test_a_class_without_a_language_changes_nobodys(
    course: ClassNow, kim: None
) -> None:
    app = visit("lesson", lang="de")
    assert step(app) == TITLES["de"]["start"]
    assert not switch(app).disabled


# --- who leads ------------------------------------------------------------------------


def test_the_leaders_switch_is_the_classs(leads: None, course: ClassNow) -> None:
    app = visit("lesson", lead="1")
    assert classes.now(ANNA, course.id).language is None
    switch(app).set_value("de").run()
    assert classes.now(ANNA, course.id).language == "de"
    assert step(app) == TITLES["de"]["start"]
    switch(app).set_value("en").run()
    assert classes.now(ANNA, course.id).language == "en"


def test_leading_begins_in_the_classs_language(leads: None, course: ClassNow) -> None:
    classes.speak(ANNA, course.id, "de")
    app = visit("lesson", lead="1")
    assert step(app) == TITLES["de"]["start"]
    classes.speak(ANNA, course.id, "en")  # on the class page, in another window
    run(app)
    assert step(app) == TITLES["en"]["start"]
    classes.speak(ANNA, course.id, None)
    run(app)
    assert classes.now(ANNA, course.id).language is None


def test_who_leads_in_german_leads_a_german_class(
    leads: None, course: ClassNow
) -> None:
    visit("lesson", lead="1", lang="de")
    assert classes.now(ANNA, course.id).language == "de"

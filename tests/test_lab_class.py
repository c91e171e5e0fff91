"""Experiments in a class: who may start, who is first, who may stop what."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text as sql
from streamlit.testing.v1 import AppTest

from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, NotAllowed
from paths import ROOT
from store import database
from store.database import Database
from store.tables import Account
from tests.migrated import new_database
from ui.experiments import access
from ui.kit import words
from ui.session import permissions, visitor

ANNA, BERT = Instructor("anna", "Anna"), Instructor("bert", "Bert")
KIM, LEE = "k" * 64, "1" * 64  # students' browsers
CLASS = words.page("class").as_dict()


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    with own.writing() as session:
        for who in (ANNA, BERT):
            session.add(Account(id=who.account, name=who.name, created=0.0))
    yield own
    own.close()


@pytest.fixture(autouse=True)
def visitor_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAB_STUDENTS_START", raising=False)
    monkeypatch.setattr(permissions, "is_instructor", lambda: False)
    monkeypatch.setattr(visitor, "key", lambda: KIM)


@pytest.fixture
def course() -> ClassNow:
    made = classes.open_class(ANNA, "5b")
    classes.join(made.code, KIM, "Kim")
    return made


def as_anna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    monkeypatch.setattr(visitor, "key", lambda: "a" * 64)


# --- who may start --------------------------------------------------------------------


@pytest.mark.parametrize("server", ["", "0", "1"])
def test_a_class_decides_for_its_students_and_the_server_for_all_others(
    server: str, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LAB_STUDENTS_START", server)
    default = server != "0"
    assert access.may_start() is default, "nothing was said"
    for wanted in (False, True):
        classes.let_start(ANNA, course.id, wanted)
        assert access.may_start() is wanted, "at once"
        monkeypatch.setattr(visitor, "key", lambda: LEE)
        assert access.may_start() is default, "who is in no class"
        monkeypatch.setattr(visitor, "key", lambda: KIM)
    classes.let_start(ANNA, course.id, not default)
    classes.close_class(ANNA, course.id)
    assert access.may_start() is default, "a class that has ended decides nothing"


def test_an_instructor_may_always_start(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.let_start(ANNA, course.id, False)
    monkeypatch.setenv("LAB_STUDENTS_START", "0")
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    assert access.may_start()


def test_the_class_that_was_joined_last_decides(course: ClassNow) -> None:
    other = classes.open_class(BERT, "6a")
    classes.let_start(BERT, other.id, False)
    classes.join(other.code, KIM, "Kim")
    assert not access.may_start()
    assert classes.now(ANNA, course.id).students_start is None


def test_nobody_switches_the_class_of_another(course: ClassNow) -> None:
    with pytest.raises(NotAllowed):
        classes.let_start(BERT, course.id, False)
    assert access.may_start()


def test_a_database_of_before_goes_by_the_server(
    course: ClassNow, opened: Database
) -> None:
    with opened.reading() as session:
        assert session.scalar(sql("SELECT students_start FROM classes")) is None


def test_the_switch_is_on_the_class_page_and_lasts(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_anna(monkeypatch)

    def switch(app: AppTest):
        return next(x for x in app.toggle if x.label == CLASS["students_start"])

    def page() -> AppTest:
        app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
        app.run()
        app = app.switch_page("../pages/class.py").run()
        assert not app.exception, [e.message for e in app.exception]
        return app

    app = page()
    assert switch(app).value is True
    switch(app).set_value(False).run()
    assert classes.now(ANNA, course.id).students_start is False
    assert switch(page()).value is False, "after a reload, too"
    switch(app).set_value(True).run()
    assert classes.now(ANNA, course.id).students_start is True

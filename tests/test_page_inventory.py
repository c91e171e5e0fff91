"""The concept inventory on its page and on the instructor's, without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.inventory import gain, items, papers, rounds, simulated
from classroom.inventory.items import FORMS, RIGHT, concepts, other
from classroom.inventory.rounds import MOMENTS
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, Student
from store.database import DatabaseAway
from tests.class_database import class_database
from tests.test_pages import said as read
from tests.test_pages import visit
from ui.classes import inventory as tab
from ui.kit import words
from ui.session import permissions, visitor
from viz import results as charts

ANNA = Instructor("anna", "Anna")
KIM = "k" * 64
TEXT, CLASS = words.page("inventory"), words.page("class_inventory")
CONCEPTS = concepts()


@pytest.fixture(autouse=True)
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClassNow]:
    with class_database(tmp_path, monkeypatch, ANNA):
        monkeypatch.setattr(visitor, "key", lambda: KIM)
        yield classes.open_class(ANNA, "Form 5b")


def said(app: AppTest) -> str:
    """All that the page says, boxes too."""
    boxes = [*app.main.info, *app.main.warning, *app.main.success]
    return "\n".join([read(app), *(str(box.value) for box in boxes)])


def click(app: AppTest, key: str) -> AppTest:
    app.button(key=key).click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def question(app: AppTest) -> tuple[items.Concept, items.Form]:
    """The concept that is asked, and in which form."""
    (radio,) = app.main.radio
    shown = said(app)
    for one in CONCEPTS:
        for form in FORMS:
            if one.forms[form].ask in shown:
                assert sorted(radio.options) == sorted(one.forms[form].options.values())
                return one, form
    raise AssertionError(shown)


def answer(app: AppTest, right: bool) -> AppTest:
    """One option of the question at hand."""
    one, _ = question(app)
    wanted = RIGHT if right else next(iter(one.misconceptions))
    (radio,) = app.main.radio
    radio.set_value(wanted).run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def take(app: AppTest, right: int) -> set[str]:
    """All twelve, the first so many right; the forms that were asked."""
    forms = set()
    for at in range(len(CONCEPTS)):
        forms.add(question(app)[1])
        answer(app, at < right)
        if at < len(CONCEPTS) - 1:
            click(app, "inventory_next")
    click(app, "inventory_hand_in")
    return forms


def tells(app: AppTest) -> bool:
    """Whether the page says anything of what is right."""
    shown = said(app)
    return any(one.idea in shown for one in CONCEPTS) or "✓" in shown


# --- alone ----------------------------------------------------------------------------


def test_a_visitor_takes_both_forms_and_then_sees_what_is_right() -> None:
    app = visit("inventory")
    assert TEXT["lead"] in said(app) and TEXT["alone_before"] in said(app)
    click(app, "inventory_begin_before")
    (first,) = take(app, 4)
    assert TEXT["alone_after"] in said(app) and not tells(app)
    click(app, "inventory_begin_after")
    (second,) = take(app, 9)
    assert second == other(first), "one form each"
    shown = said(app)
    assert TEXT["both"].format(before=4, after=9, count=12) in shown
    assert all(one.idea in shown for one in CONCEPTS)
    click(app, "inventory_again")
    assert app.button(key="inventory_begin_before") and not tells(app)


def test_answers_stay_and_what_is_missing_is_said() -> None:
    app = visit("inventory")
    click(app, "inventory_begin_before")
    answer(app, True)
    chosen = app.main.radio[0].value
    click(app, "inventory_next")
    click(app, "inventory_back")
    assert app.main.radio[0].value == chosen == RIGHT
    for _ in range(11):
        click(app, "inventory_next")
    places = ", ".join(str(x) for x in range(2, 13))
    assert TEXT["open"].format(places=places) in said(app)
    assert not tells(app)


@pytest.mark.parametrize("language", lesson.languages())
def test_questions_are_asked_in_the_visitors_language(language: str) -> None:
    app = visit("inventory", lang=language)
    click(app, "inventory_begin_before")
    asks = {one.forms[x].ask for one in concepts(language) for x in FORMS}
    assert any(ask in said(app) for ask in asks)
    (radio,) = app.main.radio
    assert not {RIGHT, *CONCEPTS[0].misconceptions} & set(radio.options)


# --- a student of a class -------------------------------------------------------------


@pytest.fixture
def kim(course: ClassNow) -> Student:
    return classes.join(course.code, KIM, "Kim")


def test_a_student_waits_takes_it_and_sees_results_last(
    course: ClassNow, kim: Student
) -> None:
    app = visit("inventory")
    assert TEXT["class_wait"] in said(app) and not app.main.radio
    rounds.open_round(ANNA, course.id, "before")
    app.run()
    click(app, "inventory_begin_before")
    answer(app, True)
    ((name, choice),) = rounds.of_student(kim).papers["before"].choices.items()
    assert choice == RIGHT, f"{name} is saved at once"
    answer(app, False)
    for _ in range(11):
        click(app, "inventory_next")
    click(app, "inventory_hand_in")
    assert rounds.of_student(kim).papers["before"].handed_in
    assert TEXT["thanks_before"] in said(app)
    rounds.open_round(ANNA, course.id, "after")
    app.run()
    click(app, "inventory_begin_after")
    take(app, 12)
    assert TEXT["thanks_after"] in said(app) and not tells(app)
    rounds.close_round(ANNA, course.id, "after")
    app.run()
    assert TEXT["both"].format(before=0, after=12, count=12) in said(app)
    assert tells(app) and not app.main.radio


def test_the_quiz_leads_to_a_round_that_is_open(course: ClassNow, kim: Student) -> None:
    assert TEXT["invited_before"] not in said(visit("quiz"))
    rounds.open_round(ANNA, course.id, "before")
    assert TEXT["invited_before"] in said(visit("quiz"))
    rounds.begin(kim, "before")
    rounds.hand_in(kim, "before")
    assert TEXT["invited_before"] not in said(visit("quiz"))
    rounds.open_round(ANNA, course.id, "after")
    assert TEXT["invited_after"] in said(visit("quiz"))


def test_a_round_that_is_closed_takes_no_more(course: ClassNow, kim: Student) -> None:
    rounds.open_round(ANNA, course.id, "before")
    app = visit("inventory")
    click(app, "inventory_begin_before")
    answer(app, True)
    click(app, "inventory_next")
    rounds.close_round(ANNA, course.id, "before")
    answer(app, True)
    assert TEXT["over"] in said(app.run())
    assert len(rounds.of_student(kim).papers["before"].choices) == 1


def test_choices_wait_while_the_database_is_away(
    course: ClassNow, kim: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    rounds.open_round(ANNA, course.id, "before")
    app = visit("inventory")
    click(app, "inventory_begin_before")

    def away(*_: object) -> None:
        raise DatabaseAway("away")

    with monkeypatch.context() as patch:
        patch.setattr(rounds, "choose", away)
        answer(app, True)
        assert TEXT["unsaved"] in said(app)
        assert app.main.radio[0].value == RIGHT
        assert rounds.of_student(kim).papers["before"].choices == {}
    click(app, "inventory_next")
    assert TEXT["unsaved"] not in said(app)
    assert list(rounds.of_student(kim).papers["before"].choices.values()) == [RIGHT]


# --- the instructor -------------------------------------------------------------------


@pytest.fixture
def anna(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    monkeypatch.setattr(visitor, "key", lambda: "a" * 64)


def simulate(course: ClassNow, count: int) -> list[gain.Taken]:
    """Students of a class who take both rounds."""
    students = [
        classes.join(course.code, f"{at:02}" * 32, f"Name {at}") for at in range(count)
    ]
    drawn = [x for _, x in simulated.take(CONCEPTS, count, simulated.Kind(), 3)]
    for moment in MOMENTS:
        rounds.open_round(ANNA, course.id, moment)
        for student, taken in zip(students, drawn, strict=True):
            rounds.begin(student, moment)
            rounds.choose(student, moment, getattr(taken, moment))
            rounds.hand_in(student, moment)
    return drawn


def test_the_instructor_opens_closes_and_starts_over(
    course: ClassNow, anna: None, kim: Student
) -> None:
    app = visit("class", **{"class": course.id, "tab": "Concept inventory"})
    app.session_state["tab"] = words.page("class")["tab_inventory"]
    app.run()
    assert CLASS["first_the_other"] in said(app)
    click(app, "inventory_open_before")
    assert rounds.of_class(ANNA, course.id).before.is_open
    rounds.begin(kim, "before")
    click(app, "inventory_close_before")
    counts = CLASS["counts"].format(handed=0, begun=1, members=1)
    assert counts in said(app) and CLASS["later"] in said(app)
    click(app, "inventory_open_after")
    click(app, "inventory_close_after")
    assert CLASS["nobody_both"] in said(app)
    click(app, "inventory_start_over")
    assert rounds.of_class(ANNA, course.id).before.opened is None


def test_the_instructor_sees_the_gain_with_n_and_intervals_and_no_names(
    course: ClassNow, anna: None
) -> None:
    drawn = simulate(course, 6)
    app = visit("class", **{"class": course.id})
    app.session_state["tab"] = words.page("class")["tab_inventory"]
    app.run()
    assert CLASS["later"] in said(app), "not before it is closed"
    assert not any(one.idea in said(app) for one in CONCEPTS)
    rounds.close_round(ANNA, course.id, "after")
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    expected = gain.of_class(drawn, CONCEPTS)
    assert expected is not None and expected.interval is not None
    for sentence in tab.sentences(expected, len(CONCEPTS)):
        assert sentence in said(app)
    assert "**6 students** took both" in said(app)
    low, high = expected.interval.low, expected.interval.high
    assert f"from {100 * low:+.0f} to {100 * high:+.0f} points" in said(app)
    assert "Name 3" not in said(app)
    tables = [table.value for table in app.main.dataframe]
    assert not any("Name 3" in str(table) for table in tables), "hidden by default"
    who = next(t for t in tables if CLASS["name"] in t)
    assert list(who[CLASS["after"]]) == [CLASS["done"]] * 6
    numbers = next(t for t in tables if CLASS["column_interval"] in t)
    assert list(numbers[CLASS["right_before"]]) == [x.before for x in expected.concepts]


def test_what_is_said_follows_from_the_numbers() -> None:
    none, all_ = {}, {one.id: RIGHT for one in CONCEPTS}
    few = gain.of_class([gain.Taken(none, all_), gain.Taken(all_, all_)], CONCEPTS)
    assert few is not None
    first, interval, part = tab.sentences(few, 12)
    assert "6.0 of 12" in first and "+50 percentage points" in first
    assert CLASS["with_zero"] in interval, "two students: -1 to 1"
    assert "= 1.00" in part
    one = gain.of_class([gain.Taken(none, all_)], CONCEPTS)
    assert one is not None
    assert tab.sentences(one, 12)[0].startswith("**One student** took both: 0 of 12")
    many = gain.of_class([gain.Taken(none, all_)] * 5 + [gain.Taken(all_, all_)] * 5,
                         CONCEPTS)  # fmt: skip
    assert many is not None
    assert CLASS["without_zero"] in tab.sentences(many, 12)[1]


def test_the_chart_has_a_line_and_a_dot_for_each_concept() -> None:
    spec = charts.gains(["One", "Two"], [50.4, -10], [(-5, 80), (-60, 40)], "t", "dark")
    rows = spec["datasets"]["gains"]
    assert [(x["gain"], x["low"], x["high"]) for x in rows] == [
        (50, -5, 80),
        (-10, -60, 40),
    ]
    assert [one["mark"]["type"] for one in spec["layer"]] == ["rule", "rule", "point"]


def test_a_seed_gives_every_student_their_own_order() -> None:
    assert papers.questions("A", 1) != papers.questions("A", 2)

"""Tests that are open for days, copied, changed and previewed; levels of questions."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import time
from pathlib import Path

import pytest
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.exams import attempts, exam_result, exams
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import DAY, ExamPlan, ExamStatus
from classroom.exams.timing import AT_HOME
from classroom.people.roles import NotAllowed, Student
from classroom.questions import levels
from classroom.questions.bank import bank
from classroom.questions.question_files import LEVELS
from classroom.questions.variants import key
from store.database import Database
from store.tables import Base
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member, open_class
from tests.test_attempts import Clock
from tests.test_class_tests_tab import fine, press, said, visit
from tests.test_page_quiz import visit as quiz
from ui.kit import times, words
from ui.session import permissions

TEXT = words.page("class_tests").as_dict()
QUIZ = words.page("quiz").table("test").as_dict()
OTHER = "c1a56" + 27 * "0"


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


@pytest.fixture
def kim(school: Database, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Student:
    student = member(school, "kim")
    monkeypatch.setattr(permissions, "student", lambda: student)
    monkeypatch.setattr(permissions, "instructor", lambda: TEACHER)
    return student


def made(**plan: object) -> ExamStatus:
    given = {"title": "Home", "questions": ("side", "why-11"), "shuffled": False}
    return exams.create(TEACHER, CLASS, ExamPlan(**(given | plan)))  # type: ignore[arg-type]


# --- for days -------------------------------------------------------------------------


def test_what_is_there_at_the_deadline_is_handed_in(kim: Student, clock: Clock) -> None:
    test = made()
    due = clock.now + 3 * DAY
    exams.open_exam(TEACHER, test.id, until=due)
    (seen,) = attempts.exams(kim)
    assert (seen.closes, seen.at_home) == (due, True)
    side, own = attempts.begin(kim, test.id).variants
    running = attempts.exams(kim)[0].running
    assert running is not None and running.answered == 0
    attempts.give(kim, running.id, side, 1, "answer", repr(key(side).truth))
    clock.now += 2 * DAY  # another day, another device
    half = {"text": "Because", "points": None}
    attempts.keep(kim, running.id, own, 0, half)
    running = attempts.exams(kim)[0].running
    assert running is not None and running.answered == 1
    clock.now = due + 1
    (seen,) = attempts.exams(kim)
    assert not seen.open and seen.running is None
    assert attempts.exam_attempt(kim, running.id).answers[own] == half
    assert exam_result.result(kim, running.id).points == 1
    (status,) = exams.of_class(TEACHER, CLASS)
    assert not status.open and status.closed == due


@pytest.mark.parametrize(
    ("minutes", "open_for", "at_home"),
    [
        (None, AT_HOME, True),
        (None, AT_HOME - 1, False),  # for a day at school
        (20.0, AT_HOME, False),  # a sitting runs without a break
    ],
)
def test_it_can_be_left_where_it_is_open_for_long_and_without_minutes(
    kim: Student, clock: Clock, minutes: float | None, open_for: float, at_home: bool
) -> None:
    test = made(minutes=minutes)
    exams.open_exam(TEACHER, test.id, until=clock.now + open_for)
    assert attempts.exams(kim)[0].at_home is at_home


def test_a_deadline_is_moved_while_it_is_open_and_taken_away(
    kim: Student, clock: Clock
) -> None:
    test = made()
    exams.open_exam(TEACHER, test.id, until=clock.now + DAY)
    clock.now += DAY / 2
    later = exams.open_exam(TEACHER, test.id, until=clock.now + DAY)
    assert later.open and later.closes == clock.now + DAY
    assert exams.open_exam(TEACHER, test.id).closes is None
    for wrong in (clock.now, clock.now - 1, clock.now + 400 * DAY):
        with pytest.raises(ExamRefused, match="The deadline"):
            exams.open_exam(TEACHER, test.id, until=wrong)
    with pytest.raises(NotAllowed):
        exams.open_exam(STRANGER, test.id, until=clock.now + DAY)


def test_reopened_for_half_an_hour_it_is_not_open_for_days(
    kim: Student, clock: Clock
) -> None:
    test = made(attempts_allowed=2)
    exams.open_exam(TEACHER, test.id, until=clock.now + DAY)
    clock.now += 3 * DAY
    exams.open_exam(TEACHER, test.id, 30)
    assert not attempts.exams(kim)[0].at_home


def test_the_quiz_leaves_such_a_test_and_goes_on_with_it(
    kim: Student, clock: Clock
) -> None:
    test = made()
    exams.open_exam(TEACHER, test.id, until=clock.now + 3 * DAY)
    app = fine(quiz())
    assert QUIZ["stands_not"] in said(app)
    assert "to be handed in by" in said(app)
    app = pressed(app, "begin")
    assert app.title[0].value == "Home"
    assert "Open until" in said(app), "no clock counts days down"
    app.text_input[0].set_value("1")
    app = fine(app.run())
    app = pressed(app, "later_on")
    assert app.title[0].value == "Quiz"
    assert QUIZ["stands_begun"].format(answered=1, count=2) in said(app)
    again = pressed(fine(quiz()), "go_back_to")  # in another tab, days later
    assert again.text_input[0].value == "1"
    again = pressed(pressed(again, "hand_in"), "hand_in_now")
    again = pressed(again, "back")
    assert QUIZ["stands_handed"].partition("{")[0] in said(again)
    # A sitting with minutes keeps the page.
    exams.delete_exam(TEACHER, test.id)
    timed = made(minutes=20)
    exams.open_exam(TEACHER, timed.id, until=clock.now + 3 * DAY)
    app = pressed(fine(quiz()), "begin")
    assert QUIZ["later_on"] not in [b.label for b in app.button]
    assert fine(quiz()).title[0].value == "Home"


def pressed(app: AppTest, name: str) -> AppTest:
    (button,) = (b for b in app.button if b.label == QUIZ[name])
    return fine(button.click().run())


def test_the_tab_opens_a_test_until_a_day_of_the_instructors_clock(
    kim: Student, clock: Clock
) -> None:
    test = made()
    app = fine(visit())
    key_ = f"test_until_{test.id}"
    assert app.date_input[0].value > times.day_and_time(clock.now)[0]
    day = times.day_and_time(clock.now + 5 * DAY)[0]
    app.date_input(f"{key_}_day").set_value(day)
    app.time_input(f"{key_}_time").set_value(time(18, 30))
    app = fine(app.button(f"{key_}_set").click().run())
    (status,) = exams.of_class(TEACHER, CLASS)
    assert status.closes == times.moment(day, time(18, 30))
    assert f"open until {day} 18:30" in said(app)
    app.date_input(f"{key_}_day").set_value(times.day_and_time(clock.now)[0])
    app.time_input(f"{key_}_time").set_value(time(0, 0))
    app = fine(app.button(f"{key_}_set").click().run())
    assert "later than now" in app.warning[0].value
    app = fine(app.button(f"{key_}_none").click().run())
    assert exams.of_class(TEACHER, CLASS)[0].closes is None


# --- copied, changed, previewed -------------------------------------------------------


def test_a_test_is_changed_until_it_opens(kim: Student) -> None:
    test = made(minutes=20.0, seed=7)
    app = fine(visit())
    app = fine(app.button(f"test_edit_{test.id}").click().run())
    assert app.text_input[0].value == "Home"
    assert app.multiselect[0].value == ["side", "why-11"]
    app.text_input[0].set_value("At home")
    app.multiselect[0].unselect("why-11")
    app.number_input(key="test_minutes").set_value(0)
    app = press(app, "keep")
    (changed,) = exams.of_class(TEACHER, CLASS)
    assert (changed.id, changed.title, changed.seed) == (test.id, "At home", 7)
    assert (changed.questions, changed.minutes) == (("side",), None)
    app = fine(app.button(f"test_edit_{test.id}").click().run())
    app = press(app, "keep_not")
    assert app.text_input[0].value == "", "ready for a new one"
    app = fine(app.button(f"test_edit_{test.id}").click().run())
    exams.open_exam(TEACHER, test.id)  # in another window
    app = press(app, "keep")
    assert "has been opened" in app.warning[0].value
    assert exams.of_class(TEACHER, CLASS)[0].title == "At home"
    with pytest.raises(NotAllowed):
        exams.edit(STRANGER, test.id, ExamPlan("Mine", ("side",)))


def test_a_test_is_copied_into_another_class_of_the_same_instructor(
    school: Database, kim: Student
) -> None:
    open_class(school, OTHER)
    test = made(minutes=20.0, attempts_allowed=2, seed=7)
    exams.open_exam(TEACHER, test.id)
    app = fine(visit())
    app.selectbox(f"test_copy_to_{test.id}").set_value(OTHER)
    fine(app.button(f"test_copy_{test.id}").click().run())
    (copied,) = exams.of_class(TEACHER, OTHER)
    assert copied.opened is None and copied.seed != test.seed
    assert (copied.title, copied.questions) == (test.title, test.questions)
    assert (copied.minutes, copied.allowed) == (20, 2)
    assert [one.id for one in exams.of_class(TEACHER, CLASS)] == [test.id]
    with pytest.raises(NotAllowed):
        exams.copy(STRANGER, test.id, OTHER)
    with pytest.raises(NotAllowed):
        exams.copy(TEACHER, test.id, "another's")


def contents(database: Database) -> dict[str, list[tuple[object, ...]]]:
    with database.reading() as session:
        return {
            name: [tuple(row) for row in session.execute(sa.select(table))]
            for name, table in Base.metadata.tables.items()
        }


def test_a_preview_is_as_a_student_sees_it_and_stores_nothing(
    school: Database, kim: Student
) -> None:
    test = made(shuffled=True, questions=("side", "jump", "competition"))
    before = contents(school)
    one, other = (exams.preview(TEACHER, test.id, n) for n in (1, 2))
    assert {v.question for v in one} == set(test.questions)
    assert {v.seed for v in one} != {v.seed for v in other}
    assert one == exams.preview(TEACHER, test.id, 1)
    with pytest.raises(NotAllowed):
        exams.preview(STRANGER, test.id, 1)
    app = visit()
    app.session_state[f"preview_box_{test.id}"] = True
    app = fine(app.run())
    from classroom.questions.variants import pose

    assert pose(one[0]).ask in said(app)
    assert key(one[0]).why not in "\n".join(x.value for x in app.info)
    app.toggle(f"preview_{test.id}_solved").set_value(True)
    app = fine(app.run())
    assert key(one[0]).why in "\n".join(x.value for x in app.info)
    assert contents(school) == before


# --- levels ---------------------------------------------------------------------------


def test_levels_are_counted_in_order_and_none_is_said_to_have_none() -> None:
    every = bank().questions
    names = list(every)
    counted = levels.count(names)
    assert list(counted) == [level for level in LEVELS if level in counted]
    assert sum(counted.values()) == len(names)
    assert counted["apply"] == sum(q.level == "apply" for q in every.values())
    assert levels.count(["no such question"]) == {"": 1}
    table = levels.by_topic(bank())
    assert list(table) == list(bank().topics)
    assert sum(sum(row.values()) for row in table.values()) == len(names)


def test_levels_stand_where_a_test_is_built_and_with_it(kim: Student) -> None:
    made(questions=("side",))
    app = fine(visit())
    level = bank().questions["side"].level
    assert f"Levels: {TEXT['level'][level]} 1" in said(app)
    assert f"({TEXT['level'][level]})" in said(app), "of each question, too"
    app = fine(app.selectbox(key="test_round").set_value("layers").run())
    counted = levels.count(app.multiselect[0].value)
    line = ", ".join(f"{TEXT['level'][one]} {n}" for one, n in counted.items())
    assert f"Levels: {line}" in said(app)

"""The Tests tab: a test is made, opened, watched, closed, opened again and deleted."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.exams import attempts, exams
from classroom.exams.exams import ExamPlan
from classroom.exams.timing import AttemptStatus
from classroom.people import classes
from classroom.people.roles import Instructor, Student
from classroom.questions import rounds
from classroom.questions.bank import bank
from store.database import Database
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member
from tests.test_attempts import Clock
from ui.kit import state, words
from ui.session import permissions

TEXT = words.page("class_tests").as_dict()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def kim(school: Database) -> Student:
    classes.show_names(TEACHER, CLASS, True)
    return member(school, "<b>=kim*")


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


def tab(account: str, name: str) -> None:
    from classroom.people.roles import Instructor
    from tests.classes import CLASS
    from ui.classes.exams import exams
    from ui.kit import state

    state.read_url("class")
    exams.show(Instructor(account, name), CLASS)
    state.write_url("class")


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> list[Instructor]:
    """Who has signed in, the last of them."""
    here = [TEACHER]
    monkeypatch.setattr(permissions, "instructor", lambda: here[-1])
    return here


def visit(who: Instructor = TEACHER) -> AppTest:
    return AppTest.from_function(
        tab, default_timeout=60, args=(who.account, who.name)
    ).run()


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def press(app: AppTest, name: str) -> AppTest:
    (button,) = (b for b in app.button if b.label == TEXT[name])
    return fine(button.click().run())


def said(app: AppTest) -> str:
    return "\n".join(x.value for x in (*app.markdown, *app.caption, *app.text))


def test_a_test_is_made_of_a_round_and_opened_and_closed(
    school: Database, kim: Student, clock: Clock
) -> None:
    app = fine(visit())
    assert TEXT["none"] in said(app)
    app.text_input[0].set_value("*One* <b>")
    app = app.selectbox[0].set_value("layers").run()
    chosen = app.multiselect[0].value
    assert chosen == [q.id for q in bank().of_topic("layers") if exams.may_be_asked(q)]
    app.multiselect[0].unselect(chosen[0])
    app = press(app, "make")
    (test,) = exams.of_class(TEACHER, CLASS)
    assert test.title == "*One* <b>"
    assert list(test.questions) == chosen[1:]
    assert (test.minutes, test.allowed, test.shuffled) == (20, 1, True)
    assert "**\\*One\\* \\<b\\>** · not open yet" in said(app)
    assert app.text_input[0].value == "", "ready for the next one"
    assert not app.warning, "an unseen test opens without a warning"
    app = press(app, "open")
    assert TEXT["nobody"] in said(app)
    attempt = attempts.begin(kim, test.id)
    attempts.give(kim, attempt.id, attempt.variants[0], 1, "answer", wrong(attempt))
    clock.now += 3
    app = fine(app.run())
    assert "1 at it, 0 done, 1 in all" in said(app)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert (row[TEXT["column_name"]], row[TEXT["column_done"]]) == ("<b>=kim*", 1)
    assert row[TEXT["column_stands"]].startswith("until")
    attempts.hand_in(kim, attempt.id)
    app = press(app, "close")
    assert "closed at" in said(app)
    (row,) = app.dataframe[0].value.to_dict("records")
    assert row[TEXT["column_stands"]].startswith("handed in at")
    assert [w.value for w in app.warning] == [TEXT["reopen_help"]]
    assert "right answers" in TEXT["reopen_help"]
    app.number_input(key=f"test_after_{test.id}").set_value(5)
    app = press(app, "reopen")
    assert "open until" in said(app)
    assert exams.of_class(TEACHER, CLASS)[0].closes == clock.now + 300
    clock.now += 300
    assert "closed at" in said(fine(app.run()))
    app = press(app, "delete_now")
    assert exams.of_class(TEACHER, CLASS) == []
    assert TEXT["none"] in said(app)


def wrong(attempt: AttemptStatus) -> Any:
    """An answer that the first question can read."""
    from classroom.questions.variants import key
    from tests.test_grading import as_answer

    variant = attempt.variants[0]
    question = bank().questions[variant.question]
    return as_answer(question, variant, key(variant).truth)


def test_a_plan_that_cannot_be_is_said_and_kept(school: Database) -> None:
    app = fine(visit())
    app = app.selectbox[0].set_value(rounds.LESSON).run()
    app = press(app, "make")
    assert "needs a title" in app.warning[0].value
    assert app.multiselect[0].value, "what was chosen is still there"
    app.multiselect[0].set_value([])
    app.text_input[0].set_value("Title")
    assert "1 to 100 questions" in press(app, "make").warning[0].value
    assert exams.of_class(TEACHER, CLASS) == []


def test_only_the_classs_own_instructor_sees_the_tab(school: Database) -> None:
    app = visit(STRANGER)
    assert app.exception  # the page's own check comes first; this is the last one
    assert not app.button


def test_every_round_can_be_chosen(school: Database) -> None:
    app = fine(visit())
    for name in rounds.rounds(bank()):
        app = fine(app.selectbox[0].set_value(name).run())
        assert app.multiselect[0].value
        assert not set(app.multiselect[0].value) - set(exams.choosable())
    assert app.session_state[state.EXAM_ROUND.name] == name


def test_hidden_names_are_hidden_everywhere(school: Database, kim: Student) -> None:
    lou = member(school, "Lou")
    made = exams.create(TEACHER, CLASS, ExamPlan("Words", ("why-11",)))
    exams.open_exam(TEACHER, made.id)
    for student in (lou, kim):
        attempt = attempts.begin(student, made.id)
        said_so = {"text": "Large.", "points": None}
        attempts.give(student, attempt.id, attempt.variants[0], 1, "answer", said_so)
    classes.show_names(TEACHER, CLASS, True)
    app = visit()
    assert "Lou" in app.dataframe[0].value.to_csv()
    classes.show_names(TEACHER, CLASS, False)
    app = fine(app.run())
    table = app.dataframe[0].value[TEXT["column_name"]].to_list()
    assert table == ["Student 1", "Student 2"]
    for name in ("Lou", "kim"):
        assert name not in said(app)


def test_extra_time_is_given_and_seen_in_the_tab(
    school: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    kim = member(school, "kim")
    test = exams.create(
        TEACHER, CLASS, ExamPlan("Extra", ("side",), shuffled=False, minutes=1.0)
    )
    exams.open_exam(TEACHER, test.id)
    attempt = attempts.begin(kim, test.id)
    app = visit()
    who = next(x for x in app.selectbox if x.key == f"test_extra_who_{test.id}")
    assert who.value == "kim"
    button = next(x for x in app.button if x.key == f"test_extra_{test.id}")
    app = button.click().run()
    assert not app.exception
    assert exams.extra_times(TEACHER, test.id) == {"kim": 5}
    longer = attempts.exam_attempt(kim, attempt.id).status.ends
    assert longer is not None and attempt.ends is not None
    assert longer - attempt.ends == 300
    assert "5 minutes more" in "\n".join(m.value for m in app.markdown)
    assert "1 minute " in "\n".join(c.value for c in app.caption) + " "

"""Open answers are marked by the instructor, count, and reach the student."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.exams import attempts, exam_result, exams, exports, gradebook, marking
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamPlan
from classroom.exams.marking import OpenAnswer
from classroom.people import classes
from classroom.people.roles import NotAllowed, Student
from classroom.questions.bank import bank
from classroom.questions.variants import key
from store.answers.marks import MarkChanged, Marks, StoredMark
from store.backup import backups
from store.database import FILE, Database
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member
from tests.test_attempts import Clock
from tests.test_exports import KINDS, WORDS
from ui.kit import words
from ui.session import permissions

OPEN, GRADED = "why-11", "side"
TEXT = words.page("class_tests").table("mark").as_dict()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


Sit = Callable[..., tuple[Student, str]]


@pytest.fixture
def test_id(school: Database, clock: Clock) -> str:
    plan = ExamPlan("Words", (OPEN, GRADED), shuffled=False)
    made = exams.create(TEACHER, CLASS, plan)
    exams.open_exam(TEACHER, made.id)
    return made.id


@pytest.fixture
def sit(school: Database, test_id: str) -> Sit:
    """A student answers both questions; returns them and their attempt."""

    def sat(name: str, said: str = "Large things first.") -> tuple[Student, str]:
        student = member(school, name)
        attempt = attempts.begin(student, test_id)
        own, counted = attempt.variants
        answer = {"text": said, "points": None}
        attempts.give(student, attempt.id, own, 1, "answer", answer)
        attempts.give(
            student, attempt.id, counted, 1, "answer", repr(key(counted).truth)
        )
        return student, attempt.id

    return sat


def answers(exam_id: str) -> dict[str, OpenAnswer]:
    return {a.name: a for a in marking.open_answers(TEACHER, exam_id)[OPEN]}


def mark(exam_id: str, name: str, points: float | None, comment: str = "") -> None:
    one = answers(exam_id)[name]
    seen = 0 if one.mark is None else one.mark.version
    marking.mark(TEACHER, exam_id, one.key, points, comment, seen)


def test_a_mark_counts_and_reaches_the_student(test_id: str, sit: Sit) -> None:
    (kim, attempt), (lou, other) = sit("kim"), sit("lou")
    with pytest.raises(ExamRefused, match="not over"):
        mark(test_id, "kim", 1.0)
    exams.close_exam(TEACHER, test_id)
    before = exam_result.result(kim, attempt)
    assert (before.points, len(before.judged), before.unmarked) == (1, 1, 1)
    mark(test_id, "kim", 0.75, "  Say what a stride is.  ")
    got = exam_result.result(kim, attempt)
    assert (got.points, len(got.judged), got.unmarked) == (1.75, 2, 0)
    assert [m.comment for m in got.marks.values()] == ["Say what a stride is."]
    # It counts for those too whose answer is not marked yet.
    waiting = exam_result.result(lou, other)
    assert (waiting.points, len(waiting.judged), waiting.unmarked) == (1, 2, 1)
    book = gradebook.compute(TEACHER, CLASS, test_id, "best")
    assert book.maximum == 2 and book.has_open
    assert [(line.points, line.unmarked) for line in book.lines] == [(1.75, 0), (1, 1)]
    mark(test_id, "kim", 0.5, "Better.")  # later, another
    assert exam_result.result(kim, attempt).points == 1.5
    mark(test_id, "kim", None, "Only a comment.")
    taken = exam_result.result(kim, attempt)
    assert (taken.points, len(taken.judged), taken.unmarked) == (1, 1, 1)
    assert [m.comment for m in taken.marks.values()] == ["Only a comment."]


def test_marks_stand_in_the_files_in_columns_of_their_own(
    test_id: str, sit: Sit
) -> None:
    sit("kim")
    exams.close_exam(TEACHER, test_id)
    mark(test_id, "kim", 0.25, "=1+1")
    book = gradebook.compute(TEACHER, CLASS, test_id, "best")
    sheet = exports.points(book, WORDS, bank().topics)
    assert sheet.head[-1] == WORDS["unmarked"] and sheet.rows[0][-1] == 0
    assert sheet.rows[0][sheet.head.index("Points")] == 1.25
    listed = exports.responses(
        gradebook.responses(TEACHER, CLASS, test_id),
        {"kim": "kim"},
        WORDS,
        KINDS,
        gradebook.marks(TEACHER, CLASS, test_id),
    )
    assert listed.head[-2:] == (WORDS["mark"], WORDS["comment"])
    assert sorted(row[-2:] for row in listed.rows if row[-1]) == [(0.25, "=1+1")]
    assert "'=1+1" in exports.to_csv(listed).decode("utf-8-sig")


def test_two_windows_do_not_lose_each_others_marks(test_id: str, sit: Sit) -> None:
    sit("kim")
    exams.close_exam(TEACHER, test_id)
    here = there = answers(test_id)["kim"]
    marking.mark(TEACHER, test_id, here.key, 1.0, "Yes.", 0)
    with pytest.raises(ExamRefused, match="another window"):
        marking.mark(TEACHER, test_id, there.key, 0.0, "No.", 0)
    known = answers(test_id)["kim"].mark
    assert known is not None and (known.points, known.comment) == (1.0, "Yes.")
    marking.mark(TEACHER, test_id, here.key, None, "", 1)  # taken back
    with pytest.raises(ExamRefused, match="another window"):
        marking.mark(TEACHER, test_id, there.key, 0.0, "No.", 1)


def test_an_answer_that_changed_is_not_marked(
    test_id: str, sit: Sit, clock: Clock
) -> None:
    kim, attempt = sit("kim")
    exams.close_exam(TEACHER, test_id)
    mark(test_id, "kim", 1.0)
    exams.open_exam(TEACHER, test_id)
    own = attempts.exam_attempt(kim, attempt).status.variants[0]
    other = {"text": "Something else.", "points": None}
    attempts.give(kim, attempt, own, 2, "answer", other)
    exams.close_exam(TEACHER, test_id)
    assert not answers(test_id)["kim"].marked
    assert exam_result.result(kim, attempt).unmarked == 1


def test_points_are_quarters_or_shares_of_the_models_points(
    test_id: str, sit: Sit
) -> None:
    question = bank().questions[OPEN]
    three = dataclasses.replace(question, points=("a", "b", "c"))
    assert marking.scale(three) == (0, 0.25, 0.3333, 0.5, 0.6667, 0.75, 1)
    assert marking.scale(dataclasses.replace(question, points=())) == (
        *(0, 0.25, 0.5, 0.75, 1),
    )
    sit("kim")
    exams.close_exam(TEACHER, test_id)
    for points in (-0.25, 0.1, 1.25):
        with pytest.raises(ExamRefused, match="The points are one of"):
            mark(test_id, "kim", points)
    with pytest.raises(ExamRefused, match="at most"):
        mark(test_id, "kim", 1.0, "x" * (marking.LONGEST_COMMENT + 1))


def test_only_the_classs_own_instructor_marks_and_open_answers_alone(
    test_id: str, sit: Sit
) -> None:
    kim, attempt = sit("kim")
    exams.close_exam(TEACHER, test_id)
    one = answers(test_id)["kim"]
    with pytest.raises(NotAllowed):
        marking.open_answers(STRANGER, test_id)
    with pytest.raises(NotAllowed):
        marking.mark(STRANGER, test_id, one.key, 1.0, "", 0)
    with pytest.raises(NotAllowed, match="no such answer"):
        marking.mark(TEACHER, test_id, "elsewhere", 1.0, "", 0)
    graded = attempts.open_answers().responses(kim.member, attempt)[-1]
    assert graded.question == GRADED
    with pytest.raises(ExamRefused, match="own words"):
        marking.mark(TEACHER, test_id, graded.key, 1.0, "", 0)


def test_a_students_marks_are_exported_and_deleted_with_them(
    school: Database, test_id: str, sit: Sit
) -> None:
    sit("kim")
    sit("lou")
    exams.close_exam(TEACHER, test_id)
    for name in ("kim", "lou"):
        mark(test_id, name, 1.0, f"For {name}.")
    kept = gradebook.everything(TEACHER, CLASS, "kim")["marks"]
    assert isinstance(kept, list)
    assert [one["comment"] for one in kept] == ["For kim."]
    gradebook.forget(TEACHER, CLASS, "kim")
    left = Marks(school).of_exam(test_id)
    assert [one.comment for one in left.values()] == ["For lou."]
    exams.delete_exam(TEACHER, test_id)
    assert Marks(school).of_exam(test_id) == {}


def test_marks_come_back_with_a_backup(test_id: str, sit: Sit, tmp_path: Path) -> None:
    sit("kim")
    exams.close_exam(TEACHER, test_id)
    mark(test_id, "kim", 0.5, "Half of it.")
    zipped = backups.backup(f"sqlite:///{tmp_path / FILE}", tmp_path / "kept.zip")
    assert zipped.rows["marks"] == 1
    (tmp_path / "again").mkdir()
    url = f"sqlite:///{tmp_path / 'again' / FILE}"
    backups.restore(url, tmp_path / "kept.zip")
    again = Database(url)
    assert [m.points for m in Marks(again).of_exam(test_id).values()] == [0.5]
    again.close()


def test_on_both_databases_a_stale_mark_is_refused(database_url: str) -> None:
    from tests.class_rows import (
        add_account,
        add_answer,
        add_attempt,
        add_class,
        add_exam,
        add_member,
    )

    opened = Database(database_url)
    with opened.writing() as session:
        course = add_class(session, add_account(session))
        exam = add_exam(session, course)
        attempt = add_attempt(session, add_member(session, course, "x"), exam)
        answer = add_answer(session, attempt, 1)
    marks = Marks(opened)
    first = StoredMark(answer, "conv1-shape", 0.5, "", 1, 1.0)
    marks.put(first)
    with pytest.raises(MarkChanged):
        marks.put(dataclasses.replace(first, points=1.0))
    marks.put(dataclasses.replace(first, points=1.0, version=2))
    with pytest.raises(MarkChanged):
        marks.put(dataclasses.replace(first, points=0.0, version=2))
    (stored,) = marks.of_exam(exam).values()
    assert (stored.points, stored.version) == (1.0, 2)
    assert marks.counting(exam) == {"conv1-shape"}
    opened.close()


# --- the tab --------------------------------------------------------------------------


def tab(exam_id: str) -> None:
    from classroom.exams import exams
    from tests.classes import CLASS, TEACHER
    from ui.classes.exams import marking
    from ui.kit import state

    state.read_url("class")
    (exam,) = exams.of_class(TEACHER, CLASS)
    marking.show(exam)
    state.write_url("class")


def test_the_tab_marks_by_question_with_names_hidden(
    school: Database, test_id: str, sit: Sit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: TEACHER)
    sit("Zoe", "**It** <i>sees</i> =1+1")
    exams.close_exam(TEACHER, test_id)
    app = AppTest.from_function(tab, default_timeout=60, args=(test_id,))
    app.session_state[f"mark_box_{test_id}"] = True
    app = app.run()
    assert not app.exception, [e.message for e in app.exception]
    assert [t.value for t in app.text] == ["Student 1: **It** <i>sees</i> =1+1"]
    assert "0 of 1 marked" in app.selectbox[0].options[0]
    app.segmented_control[0].set_value(0.75)
    app.text_input[0].set_value("Good.")
    app = app.button[0].click().run()
    assert not app.exception, [e.message for e in app.exception]
    assert "1 of 1 marked" in app.selectbox[0].options[0]
    known = answers(test_id)["Zoe"].mark
    assert known is not None and (known.points, known.comment) == (0.75, "Good.")
    assert app.segmented_control[0].value == 0.75
    classes.show_names(TEACHER, CLASS, True)
    app = app.run()
    assert app.text[0].value.startswith("Zoe:")
    # Marked in another window meanwhile: what is stored is shown, and said why.
    app.segmented_control[0].set_value(0.0)
    mark(test_id, "Zoe", 1.0, "From there.")
    app = app.button[0].click().run()
    assert "another window" in app.warning[0].value
    assert app.segmented_control[0].value == 1.0
    assert app.text_input[0].value == "From there."

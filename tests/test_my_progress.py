"""One's own page: what a student has done, alone or in a class, and per student."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.content import lesson
from classroom.escape import escape_markdown
from classroom.exams import attempts, exams, marking, practice, student_work
from classroom.exams.exams import ExamPlan
from classroom.people import activities, classes
from classroom.people.roles import NotAllowed, Student
from classroom.questions import lesson_questions
from classroom.questions.bank import bank, find
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import Variant, key
from paths import ROOT
from store.database import Database
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member
from tests.test_attempts import Clock
from tests.test_grading import as_answer
from ui.kit import cache, state, words
from ui.session import permissions

PATIENCE = 60  # seconds
SINGLE = "think-relu"


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
def kim(school: Database, clock: Clock) -> Student:
    return member(school, "Kim")


def right(variant: Variant) -> Any:
    return as_answer(find(variant.question), variant, key(variant).truth)


def wrong(question: str) -> str:
    return next(o.id for o in find(question).options if not o.right)


class Practice:
    """Answers in practice, one after the other."""

    def __init__(self, student: Student) -> None:
        self.student, self.attempt = student, practice.attempt(student)

    def give(self, name: str, answer: Any = None, number: int = 1, **how: Any) -> None:
        seed = 1 if name.startswith("think-") else self.attempt.seed
        variant = Variant(name, seed)
        answer = right(variant) if answer is None and not how else answer
        attempts.give(
            self.student, self.attempt.id, variant, number, "answer", answer, **how
        )

    def show(self, name: str) -> None:
        variant = Variant(name, self.attempt.seed)
        attempts.give(self.student, self.attempt.id, variant, 1, "shown")


def step_with(kind: str) -> str:
    known = lesson_questions.questions()
    return next(q.step for q in known.values() if q.kind == kind)


def outcomes(work: student_work.StudentWork) -> dict[str, str]:
    return {step.slug: step.outcome for step in work.steps}


def test_steps_are_told_by_their_answers(kim: Student) -> None:
    done = Practice(kim)
    one, own = step_with("single"), step_with("open")
    done.give(f"think-{one}", wrong(f"think-{one}"))
    done.give(f"think-{own}", {"text": "Because.", "points": None})
    work = student_work.of_student(kim)
    assert [s.slug for s in work.steps] == [s.slug for s in lesson.load().steps]
    assert outcomes(work)[one] == "wrong" and outcomes(work)[own] == "words"
    assert [step.slug for step in work.repeat_steps] == [one]
    assert work.answered_steps == 2
    assert set(outcomes(work).values()) == {"wrong", "words", "none"}
    done.give(f"think-{one}", right(Variant(f"think-{one}", 1)), 2)
    assert outcomes(student_work.of_student(kim))[one] == "right"
    assert student_work.of_student(kim).repeat_steps == ()
    assert not student_work.of_student(kim).topics, "they are no quiz"


def test_what_was_wrong_or_looked_up_is_repeated_until_it_is_right(
    kim: Student,
) -> None:
    done = Practice(kim)
    done.give("side", "1")
    done.show("jump")
    done.give("competition")
    done.give("why-11", {"text": "So.", "points": []})
    work = student_work.of_student(kim)
    order = [q.id for q in bank().questions.values() if q.id in ("side", "jump")]
    assert sorted(work.repeat) == sorted(order)
    assert sum(line.answered for line in work.topics) == 4
    assert sum(line.judged_answered for line in work.topics) == 3
    done.give("side", number=2)
    assert student_work.of_student(kim).repeat == ("jump",)


def a_test(kim: Student, **answers: Any) -> tuple[str, str]:
    plan = ExamPlan("Shapes", tuple(answers), shuffled=False)
    made = exams.create(TEACHER, CLASS, plan)
    exams.open_exam(TEACHER, made.id)
    attempt = attempts.begin(kim, made.id)
    for variant, answer in zip(attempt.variants, answers.values(), strict=True):
        if answer is not None:
            attempts.give(kim, attempt.id, variant, 1, "answer", answer)
    return made.id, attempt.id


def test_what_a_test_showed_is_repeated_once_it_is_closed(kim: Student) -> None:
    test, _ = a_test(kim, side="1", jump=None)
    before = student_work.of_student(kim)
    assert before.repeat == () and not before.exams[0].results, "nothing is told yet"
    exams.close_exam(TEACHER, test)
    work = student_work.of_student(kim)
    assert set(work.repeat) == {"side", "jump"}, "what was left out, too"
    assert work.exams[0].results[1].points == 0
    Practice(kim).give("side")
    assert student_work.of_student(kim).repeat == ("jump",)


def test_only_the_classs_own_instructor_sees_it_and_nobody_else(
    school: Database, kim: Student
) -> None:
    other = member(school, "Lou")
    Practice(kim).give("side", "1")
    mine = student_work.of_member(TEACHER, CLASS, kim.member)
    assert mine == student_work.of_student(kim)
    assert student_work.of_member(TEACHER, CLASS, other.member).repeat == ()
    with pytest.raises(NotAllowed):
        student_work.of_member(STRANGER, CLASS, kim.member)
    with pytest.raises(NotAllowed):
        student_work.of_member(TEACHER, CLASS, "nobody")


def test_looking_begins_nothing(school: Database, kim: Student) -> None:
    student_work.of_member(TEACHER, CLASS, kim.member)
    assert attempts.open_answers().attempts(kim.member) == []


# --- the page -------------------------------------------------------------------------


def visit(**chosen: Any) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.run()
    app.switch_page("../pages/my_progress.py")
    for name, value in chosen.items():
        app.session_state[name] = value
    app = app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def said(app: AppTest) -> str:
    texts = (*app.main.markdown, *app.main.caption, *app.main.text, *app.main.info)
    return "\n".join(one.value for one in texts)


def tables(app: AppTest) -> str:
    return "\n".join(one.value.to_csv() for one in app.main.table)


@pytest.mark.parametrize("language", lesson.languages())
def test_the_page_shows_points_comments_and_what_to_repeat(
    kim: Student, monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(permissions, "student", lambda: kim)
    monkeypatch.setattr(
        classes, "membership", lambda *_: classes.memberships("visitor of Kim")[0]
    )
    answer = {"text": "Large.", "points": None}
    test, _ = a_test(kim, side="1", **{"why-11": answer})
    exams.close_exam(TEACHER, test)
    ((one,),) = marking.open_answers(TEACHER, test).values()
    marking.mark(TEACHER, test, one.key, 0.75, "*Why* <b>?", 0)
    done, step = Practice(kim), step_with("single")
    done.give("competition")
    done.give(f"think-{step}", wrong(f"think-{step}"))
    app = visit(**{state.LANGUAGE.name: language})
    text = words.page("my_progress", language)
    shown, style = said(app), lesson.load(language).style
    assert app.main.title[0].value == text["heading"]
    assert "**Kim**" in shown and "Class 9a" in shown
    points = text.table("tests")["points"].format(number=1, points=0.75, all=2)
    assert points in shown and style.figures("0.75") in points
    assert "*Why* <b>?" in shown
    links = [x.proto.label for x in app.main.get("page_link")]
    assert links.count(text.table("repeat")["question"]) == 2, "side, and the mark"
    headings = [h.value for h in app.main.header]
    parts = ("steps", "topics", "repeat", "tests", "guesses")
    assert headings == [text.table(part)["heading"] for part in parts]
    outcome = text.table("steps", "outcome")["none"]
    steps = lesson.load(language).steps
    assert tables(app).count(outcome) == len(steps) - 1
    title = lesson.without_marks(lesson.load(language).step(step).title)
    assert text.table("repeat")["step"].format(step=title) in links
    assert text.table("sums")["repeat"].format(count=3) in shown
    assert text["empty"] not in shown


def test_alone_it_shows_what_the_session_has(
    school: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "student", lambda: None)
    text = words.page("my_progress")
    app = visit()
    assert text["alone"] in said(app) and text["empty"] in said(app)
    looked_up = QuestionState(Variant("side", 3)).shown()
    app.session_state[state.QUESTION_STATES.name] = (looked_up,)
    app = app.run()
    assert text["empty"] not in said(app)
    links = [x.proto.label for x in app.main.get("page_link")]
    assert text.table("repeat")["question"] in links
    assert words.page("quiz")["join"] in links


def test_guesses_with_the_class_are_there_and_told_when_the_class_is(
    kim: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "student", lambda: kim)
    recorded = cache.recordings()["dropout-small"]
    about = {"experiment": recorded.experiment.to_dict(), "recording": "dropout-small"}
    begun = activities.begin(TEACHER, CLASS, "guess", about)
    arm = recorded.experiment.arms[1].label
    activities.guess(kim, begun, {"arm": arm, "by": 0.02})
    text = words.page("my_progress").table("guesses")
    (row,) = guesses_shown(visit())
    assert row[text["guess"]].startswith(escape_markdown(arm).partition("\\")[0])
    assert row[text["measured"]] == text["running"], "nothing is told before"
    assert row[text["verdict"]] == "–"
    activities.end(TEACHER, CLASS)
    (row,) = guesses_shown(visit())
    assert row[text["measured"]] != text["running"]
    assert row[text["verdict"]] in (text["yes"], text["no"])
    student = student_work.member_of(TEACHER, CLASS, kim.member)
    assert [one.id for one, _ in activities.guessed(student)] == [begun.id]


def guesses_shown(app: AppTest) -> list[dict[str, str]]:
    rows: list[dict[str, str]] = app.main.table[-1].value.to_dict("records")
    return rows


def test_the_instructor_has_the_same_page_with_names_as_on_the_class_page(
    kim: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: TEACHER)
    Practice(kim).give("side")  # no links: they need the whole app

    def tab() -> None:
        from tests.classes import CLASS, TEACHER
        from ui.classes.results import gradebook
        from ui.kit import state

        state.read_url("class")
        gradebook.show(TEACHER, CLASS)
        state.write_url("class")

    app = AppTest.from_function(tab, default_timeout=PATIENCE).run()
    assert "What Student 1 has done" in [x.label for x in app.expander]
    app.session_state[f"work_box_{kim.member}"] = True
    app = app.run()
    assert not app.exception, [e.message for e in app.exception]
    text = words.page("my_progress")
    assert text.table("sums")["repeat"].format(count=0) in said(app)
    assert bank().topics[bank().questions["side"].topic] in tables(app)
    assert "Kim" not in said(app)
    classes.show_names(TEACHER, CLASS, True)
    app = app.run()
    assert "What Kim has done" in [x.label for x in app.expander]

"""What students give: graded, committed once, found again; and tests by the clock."""

from __future__ import annotations

import dataclasses
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clock as server_clock
from classroom.exams import attempts, exams, marking, practice
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamPlan
from classroom.exams.timing import GRACE, AttemptStatus
from classroom.people.roles import NotAllowed, Student
from classroom.questions import rounds
from classroom.questions.bank import bank
from classroom.questions.grading import Measured, grade
from classroom.questions.question_state import QuestionState
from classroom.questions.variants import LAST_SEED, Variant, key, pose
from paths import ROOT
from store.database import Database, DatabaseAway
from tests.classes import CLASS, STRANGER, TEACHER, classroom, member, open_class
from tests.test_grading import TRUTH, as_answer

SIDE = Variant("side", 3)
NAMES = (f"student {i}" for i in count())


class Clock:
    """The server's clock, turned by hand."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with classroom(tmp_path_factory.mktemp("class")) as opened:
        yield opened


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


@pytest.fixture
def ann(database: Database) -> Student:
    return member(database, next(NAMES))


@pytest.fixture
def ben(database: Database) -> Student:
    return member(database, next(NAMES))


def rows(database: Database, attempt: str) -> int:
    query = sa.text("SELECT count(*) FROM given WHERE sitting_id = :id")
    with database.reading() as session:
        return int(session.execute(query, {"id": attempt}).scalar_one())


def truth_of(variant: Variant) -> str:
    return repr(key(variant).truth)


# --- practice -------------------------------------------------------------------------

VARIANTS = [
    Variant(name, seed)
    for name in ("side", "competition", "why-11", "largest-value", "first-block")
    for seed in (3, 4)
]
acts = st.lists(
    st.tuples(
        st.sampled_from(VARIANTS),
        st.sampled_from(["answer", "answer", "answer", "hint", "shown"]),
        st.integers(0, 3),  # which answer
        st.integers(-1, 1),  # how often it is given again, or with what stale number
    ),
    max_size=14,
)


def an_answer(variant: Variant, which: int) -> Any:
    question = bank().questions[variant.question]
    right = as_answer(question, variant, key(variant).truth)
    if question.kind == "open":
        text = {"text": "Because.", "points": None}
        return [text, {**text, "points": [question.points[0]]}, {"text": ""}, right][
            which
        ]
    return [right, None, "12,3,4", [] if question.kind == "order" else "1"][which]


@settings(
    max_examples=120,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(acts)
def test_attempts_from_rows_are_those_in_memory(database: Database, done: Any) -> None:
    student = member(database, next(NAMES))
    attempt = practice.attempt(student)
    memory: dict[Variant, QuestionState] = {}
    stored: dict[Variant, int] = {}
    for variant, kind, which, again in done:
        question, old = (
            bank().questions[variant.question],
            memory.get(variant, QuestionState(variant)),
        )
        answer, truth = an_answer(variant, which), None
        if question.kind == "picture":
            truth = TRUTH
        if kind == "answer":
            new = old.answered(answer, grade(question, variant, answer, truth))
        elif kind == "hint":
            new = old.hinted(pose(variant).hints)
        else:
            new = old.shown()
        number = stored.get(variant, 0) + 1
        for _ in range(2 if again > 0 else 1):
            saved = attempts.give(
                student, attempt.id, variant, number, kind, answer, truth
            )
        if new != old:
            memory[variant], stored[variant] = new, number
            assert (saved.number, saved.kind) == (number, kind)
        if again < 0 and number > 1:  # a stale tab
            stale = attempts.give(
                student, attempt.id, variant, 1, "answer", an_answer(variant, 0), truth
            )
            assert not stale.mine
    found = attempts.question_states(student, attempt.id)
    assert {a.variant: a for a in found} == memory
    assert [a.variant for a in found] == list(memory)
    work = practice.work(student)
    assert work.counts == stored
    assert list(work.question_states) == found
    names = [v.question for v in VARIANTS]
    assert rounds.result(bank(), names, found) == rounds.result(
        bank(), names, memory.values()
    )


def test_an_act_given_again_changes_nothing_and_returns_what_is_stored(
    database: Database, ann: Student
) -> None:
    attempt = practice.attempt(ann)
    first = attempts.give(ann, attempt.id, SIDE, 1, "answer", "1")
    assert first.mine and not first.grade.right
    again = attempts.give(ann, attempt.id, SIDE, 1, "answer", truth_of(SIDE))
    assert dataclasses.replace(again, mine=True) == first
    assert not again.mine
    assert rows(database, attempt.id) == 1


@pytest.mark.parametrize("students", [1, 6])
def test_threads_that_give_the_same_act_at_once_make_one_row(
    database: Database, students: int
) -> None:
    everybody = [member(database, next(NAMES)) for _ in range(students)]
    tabs, barrier = 12, threading.Barrier(12)

    def tab(number: int) -> tuple[str, attempts.SavedResponse]:
        student = everybody[number % students]
        barrier.wait()
        attempt = practice.attempt(student)
        return attempt.id, attempts.give(
            student, attempt.id, SIDE, 1, "answer", str(number)
        )

    with ThreadPoolExecutor(tabs) as pool:
        found = list(pool.map(tab, range(tabs)))
    assert sum(saved.mine for _, saved in found) == students
    for name in {name for name, _ in found}:
        assert rows(database, name) == 1
        assert len({saved.answer for of, saved in found if of == name}) == 1


def test_a_number_beyond_the_next_is_the_next(ann: Student) -> None:
    attempt = practice.attempt(ann)
    assert attempts.give(ann, attempt.id, SIDE, 7, "answer", "1").number == 1
    assert attempts.give(ann, attempt.id, SIDE, 2, "hint").number == 2


def test_what_would_change_nothing_is_not_stored(
    database: Database, ann: Student
) -> None:
    attempt = practice.attempt(ann)
    hints = pose(SIDE).hints
    for number in range(1, hints + 3):
        attempts.give(ann, attempt.id, SIDE, number, "hint")
    assert rows(database, attempt.id) == hints
    right = attempts.give(ann, attempt.id, SIDE, hints + 1, "answer", truth_of(SIDE))
    assert right.grade.right
    closed = attempts.give(ann, attempt.id, SIDE, hints + 2, "answer", "1")
    assert (closed.number, closed.mine) == (hints + 1, False)
    assert rows(database, attempt.id) == hints + 1


def test_what_was_true_of_ones_picture_is_kept(ann: Student) -> None:
    attempt, variant = practice.attempt(ann), Variant("largest-value", 3)
    said = attempts.give(ann, attempt.id, variant, 1, "answer", "0.5312", TRUTH)
    assert said.grade.right
    assert practice.work(ann).truths == {variant: TRUTH.value}
    with pytest.raises(ValueError, match="the page has to hand the truth in"):
        attempts.give(ann, attempt.id, variant, 2, "answer", "0.5312")


def test_practice_that_is_restarted_has_other_numbers_and_forgets_nothing(
    ann: Student, clock: Clock
) -> None:
    attempt = practice.attempt(ann)
    assert 1 <= attempt.seed <= LAST_SEED
    attempts.give(ann, attempt.id, SIDE, 1, "answer", "1")
    assert practice.work(ann).since == {SIDE}
    clock.now += 10
    restarted = practice.restart(ann)
    assert (restarted.id, restarted.seed != attempt.seed) == (attempt.id, True)
    assert practice.attempt(ann) == restarted
    work = practice.work(ann)
    assert work.since == set()
    assert [a.variant for a in work.question_states] == [SIDE]


def test_everybody_practises_with_numbers_of_their_own(
    ann: Student, ben: Student
) -> None:
    assert practice.attempt(ann).seed != practice.attempt(ben).seed


def test_a_student_reaches_nobody_elses_attempt(ann: Student, ben: Student) -> None:
    attempt = practice.attempt(ann)
    attempts.give(ann, attempt.id, SIDE, 1, "answer", "1")
    with pytest.raises(NotAllowed):
        attempts.give(ben, attempt.id, SIDE, 2, "answer", "2")
    with pytest.raises(NotAllowed):
        attempts.question_states(ben, attempt.id)
    with pytest.raises(NotAllowed):
        attempts.exam_attempt(ben, attempt.id)
    with pytest.raises(NotAllowed):
        attempts.hand_in(ben, attempt.id)
    assert attempts.question_states(ben, practice.attempt(ben).id) == []
    # Made of their ids, but of nobody's yet.
    with pytest.raises(NotAllowed):
        attempts.give(ann, f"practice:{ben.member}x", SIDE, 1, "answer", "2")


def test_whoever_has_left_the_class_is_told(database: Database, ann: Student) -> None:
    attempt = practice.attempt(ann)
    with database.writing() as session:
        session.execute(
            sa.text("DELETE FROM members WHERE id = :id"), {"id": ann.member}
        )
    with pytest.raises(NotAllowed):
        practice.attempt(ann)
    with pytest.raises(NotAllowed):
        attempts.give(ann, attempt.id, SIDE, 1, "answer", "1")
    assert rows(database, attempt.id) == 0


def test_nonsense_is_refused_or_kept_as_it_came(
    database: Database, ann: Student
) -> None:
    attempt = practice.attempt(ann)
    with pytest.raises(ExamRefused, match="too long"):
        attempts.give(ann, attempt.id, SIDE, 1, "answer", "9" * attempts.ROOM)
    with pytest.raises(ExamRefused, match="no such question"):
        attempts.give(ann, attempt.id, Variant("nobody", 1), 1, "answer", "1")
    assert rows(database, attempt.id) == 0
    odd = "<b>=1+1</b>\x00\ud800"
    assert attempts.give(ann, attempt.id, SIDE, 1, "answer", odd).answer == odd
    (question_state,) = attempts.question_states(ann, attempt.id)
    assert question_state.tries[0].answer == odd
    assert question_state.counted == ()


KILLED = """
import os, signal, sys
from classroom.exams import practice, attempts
from classroom.people.roles import Student
from classroom.questions.variants import Variant
from tests.classes import CLASS

student = Student("kim", CLASS, "Kim")
attempt = practice.attempt(student)
for number in range(1, 10):
    print("giving", number, flush=True)
    attempts.give(student, attempt.id, Variant("side", number), 1, "answer", "1")
    print("saved", number, flush=True)
    if number == 3:  # between the answer and its commit
        import store.answers.answers
        store.answers.answers._insert_once = lambda *_, **__: os.kill(os.getpid(), 9)
"""


def test_a_kill_before_the_commit_loses_only_what_was_not_said_to_be_saved(
    tmp_path: Path,
) -> None:
    with classroom(tmp_path) as opened:
        student = member(opened, "kim")
        done = subprocess.run(
            [sys.executable, "-c", KILLED],
            cwd=ROOT,
            env=os.environ
            | {"DATABASE_URL": str(opened.engine.url.render_as_string(False))},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        said = done.stdout.split()
        assert said[-2:] == ["giving", "4"]
        work = practice.work(student)
        assert {v.seed for v in work.counts} == {1, 2, 3}
        # And what was lost can be given after all.
        assert attempts.give(
            student, work.attempt.id, Variant("side", 4), 1, "answer", "1"
        ).mine


def test_a_database_that_is_away_is_said_and_nothing_is_half_done(
    tmp_path: Path,
) -> None:
    with classroom(tmp_path) as opened:
        student = member(opened, "kim")
        attempt = practice.attempt(student)
        with opened.writing() as session:
            session.execute(sa.text("ALTER TABLE given RENAME TO elsewhere"))
        with pytest.raises(DatabaseAway):
            attempts.give(student, attempt.id, SIDE, 1, "answer", "1")
        with pytest.raises(DatabaseAway):
            practice.work(student)
        with opened.writing() as session:
            session.execute(sa.text("ALTER TABLE elsewhere RENAME TO given"))
        assert attempts.give(student, attempt.id, SIDE, 1, "answer", "1").mine


# --- tests ----------------------------------------------------------------------------

QUESTIONS = ("side", "competition", "why-11", "first-block")


@pytest.fixture
def school(tmp_path: Path, clock: Clock) -> Iterator[Database]:
    """A class without any tests yet."""
    with classroom(tmp_path) as opened:
        yield opened


@pytest.fixture
def kim(school: Database) -> Student:
    return member(school, "kim")


@pytest.fixture
def lou(school: Database) -> Student:
    return member(school, "lou")


def a_test(**plan: Any) -> str:
    made = exams.create(
        TEACHER, CLASS, ExamPlan(**{"title": "Test", "questions": QUESTIONS, **plan})
    )
    exams.open_exam(TEACHER, made.id)
    return made.id


def of(attempt: AttemptStatus, question: str) -> Variant:
    return next(v for v in attempt.variants if v.question == question)


def test_a_test_from_opening_to_its_results(
    school: Database, kim: Student, clock: Clock
) -> None:
    plan = ExamPlan("  A \n test ", QUESTIONS, minutes=20)
    made = exams.create(TEACHER, CLASS, plan)
    assert (made.title, made.open) == ("A test", False)
    assert attempts.exams(kim) == []
    with pytest.raises(NotAllowed):
        attempts.begin(kim, made.id)
    exams.open_exam(TEACHER, made.id)
    (here,) = attempts.exams(kim)
    assert (here.title, here.questions, here.minutes) == ("A test", 4, 20)
    assert here.next == 1
    attempt = attempts.begin(kim, made.id)
    assert attempt.ends == clock.now + 20 * 60
    assert {v.question for v in attempt.variants} == set(QUESTIONS)
    side, words = of(attempt, "side"), of(attempt, "why-11")
    attempts.give(kim, attempt.id, side, 1, "answer", truth_of(side))
    attempts.give(kim, attempt.id, side, 2, "answer", "1")
    attempts.give(
        kim, attempt.id, words, 1, "answer", {"text": "It sees.", "points": None}
    )
    exam_attempt = attempts.exam_attempt(kim, attempt.id)
    assert exam_attempt.answers == {
        side: "1",
        words: {"text": "It sees.", "points": None},
    }
    assert exam_attempt.counts == {side: 2, words: 1}
    assert {v.question for v in exam_attempt.unanswered} == {
        "competition",
        "first-block",
    }
    assert not exam_attempt.released
    with pytest.raises(NotAllowed, match="once the test is closed"):
        attempts.question_states(kim, attempt.id)
    (progress,) = exams.attempts_at(TEACHER, made.id)
    assert (progress.name, progress.answered, progress.over) == ("kim", 2, False)
    attempts.hand_in(kim, attempt.id)
    assert attempts.exams(kim)[0].next is None
    with pytest.raises(NotAllowed):
        attempts.question_states(kim, attempt.id)
    exams.close_exam(TEACHER, made.id)
    found = {a.variant.question: a for a in attempts.question_states(kim, attempt.id)}
    assert found["side"].points == 0, "the last answer counts"
    assert len(found["side"].tries) == 1
    assert found["why-11"].points == 0, "nobody has judged it"
    (answer,) = marking.open_answers(TEACHER, made.id)["why-11"]
    assert (answer.name, answer.text) == ("kim", "It sees.")


def test_the_deadline_is_by_the_servers_clock(
    school: Database, kim: Student, clock: Clock
) -> None:
    attempt = attempts.begin(kim, a_test(minutes=1))
    side = of(attempt, "side")
    clock.now += 60
    assert attempts.exam_attempt(kim, attempt.id).status.over
    clock.now += GRACE
    assert attempts.give(kim, attempt.id, side, 1, "answer", "1").mine
    clock.now += 0.001
    with pytest.raises(ExamRefused, match="Too late"):
        attempts.give(kim, attempt.id, side, 2, "answer", "2")
    # What had reached the server in time is saved when the database is there again.
    in_time = clock.now - 10
    saved = attempts.give(kim, attempt.id, side, 2, "answer", "3", at=in_time)
    assert (saved.mine, saved.at) == (True, in_time)
    assert attempts.hand_in(kim, attempt.id).handed_in is None, "it was over by then"


def test_closing_by_hand_or_by_itself_ends_every_attempt(
    school: Database, kim: Student, lou: Student, clock: Clock
) -> None:
    test = a_test(minutes=30)
    attempt = attempts.begin(kim, test)
    exams.close_exam(TEACHER, test)
    clock.now += 5
    closed = exams.close_exam(TEACHER, test)
    assert closed.closed == clock.now - 5, "closing again changes nothing"
    with pytest.raises(ExamRefused, match="Too late"):
        attempts.give(kim, attempt.id, of(attempt, "side"), 1, "answer", "1")
    with pytest.raises(ExamRefused, match="closed"):
        attempts.begin(lou, test)
    exams.open_exam(TEACHER, test, minutes=2)
    assert attempts.exam_attempt(kim, attempt.id).status.ends == clock.now + 120
    with pytest.raises(NotAllowed):
        attempts.question_states(kim, attempt.id)
    clock.now += 60
    other = attempts.begin(lou, test)
    assert other.ends == clock.now + 60, "the test closes before its minutes are over"
    clock.now += 60
    (now,) = exams.of_class(TEACHER, CLASS)
    assert (now.open, now.closed) == (False, clock.now)
    assert attempts.question_states(kim, attempt.id) == []


def test_beginning_again_begins_nothing_further(
    school: Database, kim: Student, clock: Clock
) -> None:
    test = a_test(attempts_allowed=2)
    with ThreadPoolExecutor(8) as pool:
        begun = set(pool.map(lambda _: attempts.begin(kim, test, 1).id, range(8)))
    assert len(begun) == 1
    (first,) = begun
    assert attempts.begin(kim, test).id == first
    with pytest.raises(ExamRefused, match="Hand in"):
        attempts.begin(kim, test, 2)
    clock.now += 1
    handed = attempts.hand_in(kim, first).handed_in
    clock.now += 1
    assert attempts.hand_in(kim, first).handed_in == handed == clock.now - 1
    # The message that began the first comes again.
    assert attempts.begin(kim, test, 1).id == first
    second = attempts.begin(kim, test, 2)
    assert second.number == 2
    attempts.hand_in(kim, second.id)
    with pytest.raises(ExamRefused, match="all the sittings"):
        attempts.begin(kim, test)


def test_order_and_numbers_are_of_the_test_the_student_and_the_attempt(
    school: Database, kim: Student, lou: Student
) -> None:
    names = tuple(exams.choosable())[:12]
    one = attempts.begin(kim, a_test(questions=names, seed=5))
    other = attempts.begin(lou, attempts.exams(lou)[0].id)
    assert {v.question for v in one.variants} == {v.question for v in other.variants}
    assert [v.question for v in one.variants] != [v.question for v in other.variants]
    assert one.seed != other.seed
    assert attempts.exam_attempt(kim, one.id).status.variants == one.variants
    fixed = attempts.begin(kim, a_test(questions=names, seed=5, shuffled=False))
    assert tuple(v.question for v in fixed.variants) == names


def test_in_a_test_there_are_answers_alone_and_to_its_questions(
    school: Database, kim: Student, clock: Clock
) -> None:
    attempt = attempts.begin(kim, a_test())
    side, words = of(attempt, "side"), of(attempt, "why-11")
    for kind in ("hint", "shown"):
        with pytest.raises(ExamRefused, match="no hints"):
            attempts.give(kim, attempt.id, side, 1, kind)  # type: ignore[arg-type]
    other = Variant("side", side.seed % LAST_SEED + 1)
    for variant in (other, Variant("most-work", attempt.seed)):
        with pytest.raises(ExamRefused, match="not in this test"):
            attempts.give(kim, attempt.id, variant, 1, "answer", "1")
    with pytest.raises(ExamRefused, match="type one number"):
        attempts.give(kim, attempt.id, side, 1, "answer", "many")
    judged = {"text": "So.", "points": [bank().questions["why-11"].points[0]]}
    with pytest.raises(ExamRefused, match="cannot mark your own"):
        attempts.give(kim, attempt.id, words, 1, "answer", judged)
    assert rows(school, attempt.id) == 0
    # An answer that is handed in again is the same response.
    attempts.give(kim, attempt.id, side, 1, "answer", "1")
    attempts.give(kim, attempt.id, side, 2, "answer", "1")
    assert rows(school, attempt.id) == 1
    clock.now += 5
    attempts.hand_in(kim, attempt.id)
    attempts.give(kim, attempt.id, side, 2, "answer", "2", at=clock.now - 1)
    clock.now += 1
    with pytest.raises(ExamRefused, match="handed in"):
        attempts.give(kim, attempt.id, side, 3, "answer", "3")


def test_the_last_answer_that_was_stored_counts_not_the_latest_clock(
    school: Database, kim: Student, clock: Clock
) -> None:
    attempt = attempts.begin(kim, a_test())
    side = of(attempt, "side")
    attempts.give(kim, attempt.id, side, 1, "answer", "1")
    attempts.give(kim, attempt.id, side, 2, "answer", "2", at=clock.now - 30)
    assert attempts.exam_attempt(kim, attempt.id).answers == {side: "2"}


def test_a_test_of_another_class_is_no_test(
    school: Database, kim: Student, clock: Clock
) -> None:
    open_class(school, "class-b")
    stranger = member(school, "nil", "class-b")
    test = a_test()
    assert attempts.exams(stranger) == []
    with pytest.raises(NotAllowed):
        attempts.begin(stranger, test)


def test_only_the_classs_own_instructor_sees_or_changes_a_test(
    school: Database, kim: Student
) -> None:
    test = a_test()
    for call in (
        lambda who: exams.of_class(who, CLASS),
        lambda who: exams.create(who, CLASS, ExamPlan("Mine", QUESTIONS)),
        lambda who: exams.open_exam(who, test),
        lambda who: exams.close_exam(who, test),
        lambda who: exams.attempts_at(who, test),
        lambda who: marking.open_answers(who, test),
        lambda who: exams.delete_exam(who, test),
    ):
        with pytest.raises(NotAllowed):
            call(STRANGER)
    (left,) = exams.of_class(TEACHER, CLASS)
    assert left.open


def test_deleting_a_test_deletes_its_attempts(school: Database, kim: Student) -> None:
    test = a_test()
    attempt = attempts.begin(kim, test)
    attempts.give(kim, attempt.id, of(attempt, "side"), 1, "answer", "1")
    exams.delete_exam(TEACHER, test)
    assert rows(school, attempt.id) == 0
    assert attempts.exams(kim) == []
    with pytest.raises(NotAllowed):
        attempts.exam_attempt(kim, attempt.id)
    with pytest.raises(NotAllowed):
        exams.delete_exam(TEACHER, test)


@pytest.mark.parametrize(
    ("plan", "why"),
    [
        ({"title": "  "}, "needs a title"),
        ({"title": "x" * 121}, "needs a title"),
        ({"questions": ()}, "1 to 100 questions"),
        ({"questions": ("side", "side")}, "only once"),
        ({"questions": ("side", "largest-value")}, "cannot stand in a test: “Largest"),
        ({"questions": ("nobody",)}, "cannot stand"),
        ({"minutes": 0.0}, "600 minutes"),
        ({"minutes": 601.0}, "600 minutes"),
        ({"attempts_allowed": 0}, "1 to 10 sittings"),
        ({"seed": 0}, "A seed"),
    ],
)
def test_a_plan_that_cannot_be_is_refused(
    school: Database, plan: dict[str, Any], why: str
) -> None:
    with pytest.raises(ExamRefused, match=why):
        a_test(**plan)
    assert exams.of_class(TEACHER, CLASS) == []


def test_a_question_that_the_bank_has_no_longer_is_left_out(
    school: Database, kim: Student
) -> None:
    attempt = attempts.begin(kim, a_test())
    side = of(attempt, "side")
    attempts.give(kim, attempt.id, side, 1, "answer", "1")
    with school.writing() as session:
        session.execute(sa.text("UPDATE given SET question = 'gone'"))
        session.execute(
            sa.text("UPDATE tests SET questions = :all"),
            {"all": json.dumps(["gone", "competition"])},
        )
    exam_attempt = attempts.exam_attempt(kim, attempt.id)
    assert [v.question for v in exam_attempt.status.variants] == ["competition"]
    exams.close_exam(TEACHER, attempt.exam_id or "")
    assert attempts.question_states(kim, attempt.id) == []


def test_the_truth_of_a_picture_is_plain_data() -> None:
    assert json.loads(json.dumps(dataclasses.asdict(TRUTH))) == {
        "value": TRUTH.value,
        "mistakes": TRUTH.mistakes,
    }
    assert Measured(**dataclasses.asdict(TRUTH)) == TRUTH

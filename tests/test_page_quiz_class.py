"""The quiz page of somebody in a class: answers are saved, exams are taken."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.escape import escape_markdown
from classroom.exams import attempts, exams, marking, practice
from classroom.exams.attempts import ExamRefused
from classroom.exams.exams import ExamPlan
from classroom.people.roles import Student
from classroom.questions import custom_questions
from classroom.questions.bank import bank, find
from classroom.questions.variants import Variant, key, pose
from paths import ROOT
from store.database import Database, DatabaseAway
from tests.classes import CLASS, TEACHER, classroom, member
from tests.test_attempts import Clock, rows
from tests.test_grading import as_answer
from tests.test_page_quiz import (
    PATIENCE,
    escaped,
    give,
    network,
    one_of_a_kind,
    opened,
    press,
    right_answer,
    said,
    sent,
    visit,
)
from ui.kit import cache, state, words
from ui.kit.components import keeper
from ui.kit.questions import answers as quiz_widgets
from ui.quiz import exam_attempt
from ui.session import permissions

__all__ = ["network"]  # a fixture of every test here, too

SIDE = Variant("side", 3)
TEXT = words.page("quiz").as_dict()


@pytest.fixture
def school(tmp_path: Path) -> Iterator[Database]:
    with classroom(tmp_path) as database:
        yield database


@pytest.fixture
def kim(school: Database, monkeypatch: pytest.MonkeyPatch) -> Student:
    """Whoever opens the page."""
    student = member(school, "kim")
    monkeypatch.setattr(permissions, "student", lambda: student)
    return student


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    turned = Clock()
    monkeypatch.setattr(server_clock, "now", turned)
    return turned


@pytest.fixture
def away(school: Database, monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """`away(True)`: the database answers nobody; `away(False)`: again."""

    def gone(*_: object) -> Any:
        raise DatabaseAway("The database is away: it does not answer.")

    def turn(wanted: bool) -> None:
        for name in ("reading", "writing"):
            method = gone if wanted else getattr(Database, name).__get__(school)
            monkeypatch.setattr(school, name, method)

    return turn


def button(app: AppTest, label: str) -> Any:
    (found,) = (b for b in app.button if b.label == label)
    return found


def click(app: AppTest, name: str) -> AppTest:
    """A button of the test's own words."""
    app = button(app, TEXT["test"][name]).click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def all_said(app: AppTest) -> str:
    return "\n".join(
        [said(app), *(t.value for t in app.text), *(t.value for t in app.title)]
    )


# --- practice -------------------------------------------------------------------------


def test_a_visitor_without_a_class_is_told_that_nothing_is_kept() -> None:
    app = visit()
    assert TEXT["kept"] in said(app)
    assert "Saved at" not in said(app)


def test_a_members_answer_is_saved_and_found_by_a_reload(
    school: Database, kim: Student
) -> None:
    question = bank().questions["side"]
    app = give(opened("side"), question, "1")
    assert re.search(r"Saved at \d\d:\d\d:\d\d", said(app))
    assert "1 try" in said(app)
    app = press(app, "hint")
    again = opened("side")  # another session: a reload, a second tab, another browser
    for text in ("1 try", "1 hint taken", "Saved at", key(SIDE).hints[0]):
        assert text in said(again)
    assert again.text_input[0].value == "1"
    again = give(again, question, right_answer(question))
    assert "0.6 of 1 point" in said(again)
    assert rows(school, practice.attempt_id(kim)) == 3


@pytest.mark.parametrize(
    "question", ["first-block", "why-11", "largest-value", "name-the-method"]
)
def test_every_kind_comes_back_as_it_was_left(
    question: str, school: Database, kim: Student
) -> None:
    asked = bank().questions[question]
    app = give(opened(question), asked, right_answer(asked))
    again = opened(question)
    if asked.kind == "open":
        assert again.text_area[0].value == "It is so."
        assert [box.label for box in again.checkbox] == list(asked.points)
        again.checkbox[0].check()
        again = press(again, "submit_points")
        assert "Self-assessed" in again.success[0].value
        return
    assert again.success[0].value == app.success[0].value
    assert button(again, "Check").disabled


def test_an_answer_shown_is_shown_again_with_the_pictures_own_value(
    school: Database, kim: Student
) -> None:
    app = press(opened("largest-value"), "give_up")
    shown = [i.value for i in app.info if "The answer" in i.value]
    again = opened("largest-value")
    assert [i.value for i in again.info if "The answer" in i.value] == shown
    assert right_answer(bank().questions["largest-value"])[:5] in shown[0]


def test_a_second_tab_gets_what_was_stored_first(
    school: Database, kim: Student
) -> None:
    """Both were drawn before either answered."""
    question = bank().questions["side"]
    one, other = opened("side"), opened("side")
    one = give(one, question, "1")
    other = give(other, question, right_answer(question))
    assert TEXT["away"]["elsewhere"] in said(other)
    assert "1 try" in said(other)
    assert rows(school, practice.attempt_id(kim)) == 1
    other = give(other, question, right_answer(question))
    assert "0.8 of 1 point" in said(other)


def test_a_click_that_comes_twice_counts_once(school: Database, kim: Student) -> None:
    app = opened("side")
    hint = next(b for b in app.button if b.label.startswith("Hint"))
    hint.click().run()
    app = hint.click().run()  # the message of the old button, sent again
    assert "1 hint taken" in said(app)
    assert rows(school, practice.attempt_id(kim)) == 1


def test_starting_again_deals_other_numbers_and_forgets_nothing(
    school: Database, kim: Student
) -> None:
    app = give(opened("side"), bank().questions["side"], "1")
    seed = practice.attempt(kim).seed
    assert app.session_state[state.DEAL.name] == seed
    app = press(app, "restart")
    assert app.session_state[state.DEAL.name] == practice.attempt(kim).seed != seed
    assert visit().session_state[state.DEAL.name] == practice.attempt(kim).seed
    assert "0.0 points so far" in app.main.get("progress")[0].proto.text
    assert len(attempts.question_states(kim, practice.attempt_id(kim))) == 1


def test_while_the_database_is_away_answers_wait_in_order(
    school: Database, kim: Student, away: Callable[[bool], None]
) -> None:
    question = bank().questions["side"]
    app = opened("side")
    away(True)
    app = give(app, question, "1")
    assert "Not saved yet" in app.warning[0].value
    assert app.text_input[0].value == "1", "the answer stays on screen"
    assert app.text_input[0].disabled
    assert "Saved at" not in said(app)
    assert "1 try" not in said(app)
    assert button(app, "Check").disabled
    app = press(app, "next")
    assert not app.radio[0].disabled
    app.radio[0].set_value(app.radio[0].options[0])
    app = press(app, "submit")
    assert "2 answers stay here" in app.warning[0].value
    away(False)
    app.session_state[state.TRIED.name] = 0.0
    app = app.run()
    assert not [w for w in app.warning if "Not saved yet" in w.value]
    again = opened("side")
    assert "Saved at" in said(again)
    assert "1 try" in said(again)
    with school.reading() as session:
        stored = session.execute(sa.text("SELECT question FROM given ORDER BY rowid"))
        assert list(stored.scalars()) == ["side", "conv1-positions"]


def test_what_waits_is_saved_by_the_button_too(
    school: Database, kim: Student, away: Callable[[bool], None]
) -> None:
    app = opened("side")
    away(True)
    app = give(app, bank().questions["side"], "1")
    away(False)
    app = button(app, TEXT["away"]["now"]).click().run()
    app = app.run()
    assert "Saved at" in said(app)
    assert app.session_state[state.PENDING.name] == []


class CutShort(BaseException):
    """The next run has been asked for."""


class Session(dict[str, Any]):
    """Session state; like Streamlit's, it ends a run that has one behind it."""

    left = 10_000  # times that it is read or written until then

    def _look(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise CutShort

    def get(self, name: str, default: Any = None) -> Any:
        self._look()
        return super().get(name, default)

    def __setitem__(self, name: str, value: Any) -> None:
        self._look()
        super().__setitem__(name, value)

    def pop(self, *given: Any) -> Any:
        self._look()
        return super().pop(*given)


def test_an_answer_changed_while_one_is_saved_counts_wherever_that_was_cut_short(
    school: Database, kim: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = exams.create(TEACHER, CLASS, ExamPlan("Counting", ("competition",)))
    exams.open_exam(TEACHER, made.id)
    here = attempts.begin(kim, made.id).id
    (variant,) = attempts.exam_attempt(kim, here).status.variants
    first, second, third, *_ = (choice.id for choice in pose(variant).choices)
    chosen = ""
    monkeypatch.setattr(quiz_widgets, "held", lambda *_: chosen)
    cut = 0
    for at in range(200):
        session = Session()
        monkeypatch.setattr(st, "session_state", session)
        chosen = first
        seen = attempts.exam_attempt(kim, here)
        exam_attempt.widget_version(seen, variant)
        exam_attempt.answer_changed(here, variant, "a key")
        chosen, session.left = second, at
        try:
            exam_attempt.answer_changed(here, variant, "a key")
        except CutShort:
            cut += 1
        over = session.left >= 0
        chosen, session.left = third, 10_000
        exam_attempt.answer_changed(here, variant, "a key")
        seen = attempts.exam_attempt(kim, here)
        assert seen.answers[variant] == third, f"cut short at {at}"
        assert not state.QUIZ_MESSAGE.get()
        assert exam_attempt.widget_version(seen, variant) == 0, "the widgets stay"
        if over:
            break
    assert over and cut == at > 3


def test_a_visitor_whom_nobody_knows_waits(
    school: Database,
    kim: Student,
    away: Callable[[bool], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def gone() -> None:
        raise DatabaseAway("The database is away.")

    away(True)
    monkeypatch.setattr(permissions, "student", gone)
    app = opened("side")
    assert TEXT["away"]["unknown"] in app.warning[0].value
    assert not app.text_input
    assert not app.exception


def test_a_name_is_shown_as_typed(
    school: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    student = Student(member(school, "x").member, CLASS, "*=1+1* <b>:red[x]</b>")
    monkeypatch.setattr(permissions, "student", lambda: student)
    assert escape_markdown(student.name) in said(visit())


# --- a test ---------------------------------------------------------------------------

QUESTIONS = ("side", "competition", "first-block", "why-11", "most-work")


def a_test(**plan: Any) -> str:
    given = {"title": "Shapes", "questions": QUESTIONS, "shuffled": False, **plan}
    made = exams.create(TEACHER, CLASS, ExamPlan(**given))
    exams.open_exam(TEACHER, made.id)
    return made.id


def fill(app: AppTest, student: Student, answer: Any = None) -> AppTest:
    """Answers the question that is shown; None: rightly."""
    here = attempts.exams(student)[0].running
    assert here is not None
    variant = here.variants[app.session_state[state.EXAM_PLACE.name]]
    question, posed = find(variant.question), pose(variant)
    if answer is None:
        answer = as_answer(question, variant, key(variant).truth)
    match question.kind:
        case "single":
            app.radio[0].set_value(answer)
        case "number" | "short":
            app.text_input[0].set_value(answer)
        case "several":
            for box, choice in zip(app.checkbox, posed.choices, strict=True):
                box.set_value(choice.id in answer)
        case "match":
            for box, choice in zip(app.selectbox, posed.choices, strict=True):
                box.set_value(answer[choice.id])
        case "open":
            app.text_area[0].set_value(answer["text"])
        case "layer":
            next(b for b in app.selectbox if b.label == "Layer").set_value(answer)
        case "order":
            for box, one in zip(app.selectbox, answer, strict=True):
                box.set_value(one)
    assert posed
    app = app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def go(app: AppTest, place: int) -> AppTest:
    app.session_state[state.EXAM_PLACE.name] = place
    return app.run()


def test_a_test_is_announced_sat_handed_in_and_its_result_shown(
    school: Database, kim: Student
) -> None:
    test = a_test(minutes=20)
    app = visit()
    assert "**A test is open: Shapes**, 5 questions, 20 minutes" in said(app)
    app = click(app, "begin")
    assert app.title[0].value == "Shapes"
    (attempt,) = attempts.exams(kim)[0].attempts
    for place in range(4):
        app = fill(go(app, place), kim)
        assert "Saved at" in said(app)
    assert "4 of 5 answered" in app.main.get("progress")[0].proto.text
    app = click(app, "hand_in")
    assert "Not answered yet: **5**" in said(app)
    app = click(app, "hand_in_now")
    assert "Handed in at" in app.success[0].value
    assert "4 of 5 questions answered" in said(app)
    app = click(app, "back")
    assert app.title[0].value == "Quiz"
    exams.close_exam(TEACHER, test)
    app = app.run()
    app = button(app, "Result of sitting 1").click().run()
    assert "**3 of 4 points.**" in said(app)
    assert "One answer in your own words is not marked yet" in said(app)
    solved = {v.question: key(v) for v in attempt.variants}
    for name in QUESTIONS:
        assert solved[name].why in said(app)
    assert "Not answered." in said(app)
    assert "Because." in all_said(app)
    assert app.query_params["sat"] == f"{test}.1"
    ((own,),) = marking.open_answers(TEACHER, test).values()
    marking.mark(TEACHER, test, own.key, 0.75, "*Why* is that?", 0)
    app = app.run()
    assert "**3.75 of 5 points.**" in said(app)
    assert TEXT["test"]["marked"].format(points="0.75") in said(app)
    assert "not marked yet" not in said(app)
    assert "*Why* is that?" in all_said(app)


@pytest.mark.parametrize(
    "question", one_of_a_kind(exams.choosable().values()), ids=lambda q: q.id
)
def test_nothing_of_a_key_is_sent_before_a_test_is_closed(
    question: Any, school: Database, kim: Student
) -> None:
    """Whatever is answered, looked at or handed in."""
    a_test(questions=(question.id,))
    app = click(visit(), "begin")
    (variant,) = attempts.exams(kim)[0].attempts[0].variants
    solved, messages = key(variant), [sent(app)]
    if question.kind in ("single", "number", "open", "layer", "order", "short"):
        app = fill(app, kim)
        assert attempts.exam_attempt(kim, attempts.exams(kim)[0].attempts[0].id).answers
        messages.append(sent(app))
    app = click(app, "hand_in")
    messages.append(sent(app))
    messages.append(sent(click(app, "hand_in_now")))
    all_of_it = "\n".join(messages)
    assert escaped(pose(variant).ask) in all_of_it
    secrets = [solved.why, *solved.hints, *solved.feedback.values(), *question.points]
    assert [s for s in secrets if escaped(s) in all_of_it] == []
    assert str(variant.seed) not in all_of_it, "with it anyone could draw the key"
    before = messages[0]
    if isinstance(solved.truth, int | float) and solved.truth >= 10_000:
        assert f"{solved.truth:,}" not in before
        assert str(solved.truth) not in before
    for word in ("Hint", "Show the answer", "See it", "Lesson step", "page_link"):
        assert word not in all_of_it


OWN = r"""
::Word::[html]<p>Which <b>function</b> is max(0, x)?</p>{=ReLU =%50%rectifier}

::Code::[html]<p>Which prints 1?</p>{
=<pre>if x\:
    print(1)</pre>
~<pre>print(2)</pre>#It prints 2.
}

::Pairs::Match. {=a -> \\(x^2\\) =b -> *y* = -> {z}}

::Ticks::Tick. {~%60%`one`_1 ~%40%$5 ~%-100%www.evil.example/x}

::Number::How wide? {#=224 =227}

::Words::Say \{name\} why. {####Because \{name\}.}
"""


def test_own_questions_are_sat_as_the_banks_are(school: Database, kim: Student) -> None:
    """Made, taken, handed in, released: structured, without marks where plain."""
    custom_questions.add(TEACHER, custom_questions.read(OWN.encode()).items, "relu")
    mine = [one.id for one in custom_questions.mine(TEACHER)]
    assert len(mine) == 6
    cache.class_bank.clear()  # else it is the bank of up to ten seconds ago
    test = a_test(questions=("side", *mine))
    app = click(visit(), "begin")
    app = go(app, 1)
    assert "Which **function** is" in said(app)
    app = fill(app, kim, "rectifier")
    app = go(app, 2)
    assert "```\nif x:\n    print(1)\n```" in said(app), "code keeps its indentation"
    assert app.radio[0].options == ["A", "B"]
    app = fill(app, kim, "2")
    app = go(app, 3)
    app = fill(app, kim)
    app = fill(go(app, 4), kim, ["1"])
    app = fill(go(app, 5), kim, "227")
    app = go(app, 6)
    assert escape_markdown("Say {name} why.") in said(app)
    app = fill(app, kim, {"text": "So."})
    app = click(click(app, "hand_in"), "hand_in_now")
    exams.close_exam(TEACHER, test)
    app = button(click(app, "back").run(), "Result of sitting 1").click().run()
    assert not app.exception
    # 0 of side, half a word, no code, all pairs, 0.6 of the ticks, the number.
    assert "**3.1 of 6 points.**" in said(app)
    shown = all_said(app)
    assert "rectifier" in [t.value for t in app.text]
    assert "`one`_1" in [t.value for t in app.text], (
        "no backslashes where text is plain"
    )
    assert "Because \\{name\\}\\." in shown
    assert "{{" not in shown
    assert "a: x^2\nb: *y*" in [t.value for t in app.text]


def test_an_answer_can_be_changed_and_the_last_counts(
    school: Database, kim: Student
) -> None:
    a_test()
    app = click(visit(), "begin")
    app = fill(app, kim, "1")
    app = fill(app, kim, "2")
    attempt = attempts.exams(kim)[0].attempts[0]
    assert rows(school, attempt.id) == 2
    assert list(attempts.exam_attempt(kim, attempt.id).answers.values()) == ["2"]
    again = visit()  # a reload finds the attempt, the place and the answer
    assert again.title[0].value == "Shapes"
    assert again.text_input[0].value == "2"


def test_a_value_that_comes_to_a_new_session_is_saved_once_the_browser_owes_it(
    school: Database, kim: Student, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As after a connection that was gone: no widget says that it was changed."""
    kept: list[dict[str, Any]] = []
    owed: list[str] = []
    monkeypatch.setattr(keeper, "keeper", lambda **how: kept.append(how))
    monkeypatch.setattr(keeper, "owed", lambda key: owed[-1] if owed else "")
    a_test()
    app = go(click(visit(), "begin"), 1)
    (attempt,) = attempts.exams(kim)[0].attempts
    first, other, *_ = (choice.id for choice in pose(attempt.variants[1]).choices)
    app.radio[0].set_value(first).run()
    assert "Saved at" in said(app) and not kept[-1]["differs"]
    again = visit()
    again.session_state[state.EXAM_PLACE.name] = 1
    again.session_state[str(app.radio[0].key)] = other
    again.run()
    assert kept[-1]["differs"] and "Saved at" not in said(again)
    owed.append(json.dumps(kept[-1]["where"]))
    again.run()
    assert "Saved at" in said(again) and not kept[-1]["differs"]
    assert list(attempts.exam_attempt(kim, attempt.id).answers.values()) == [other]


def test_what_is_no_answer_is_not_said_to_be_saved(
    school: Database, kim: Student
) -> None:
    a_test()
    app = click(visit(), "begin")
    app = fill(app, kim, "many")
    assert "type one number" in app.warning[0].value
    assert "Saved at" not in said(app)
    app = fill(app, kim, "7")
    assert "Saved at" in said(app)
    app = fill(app, kim, "many")
    assert "This is not an answer yet" in said(app)
    assert "Saved at" not in said(app)
    app = go(app, 2)
    app.selectbox[0].select_index(0).run()  # one place of several
    app = app.run()
    assert TEXT["test"]["begun"] in said(app)
    assert "Saved at" not in said(app)
    again = go(visit(), 2)  # another session: a reload
    assert again.selectbox[0].value == app.selectbox[0].value
    assert TEXT["test"]["begun"] in said(again)


def test_a_change_in_another_tab_is_shown_and_not_overwritten_unseen(
    school: Database, kim: Student
) -> None:
    a_test()
    one = click(visit(), "begin")
    other = visit()
    one = fill(one, kim, "1")
    other = fill(other, kim, "2")
    assert TEXT["away"]["elsewhere"] in said(other)
    assert other.text_input[0].value == "1"
    other = fill(other, kim, "2")
    one = one.run()
    assert one.text_input[0].value == "2"
    (answer,) = attempts.exam_attempt(
        kim, attempts.exams(kim)[0].attempts[0].id
    ).answers.values()
    assert answer == "2"


def test_when_the_time_is_up_what_was_saved_counts(
    school: Database, kim: Student, clock: Clock
) -> None:
    test = a_test(minutes=1)
    app = click(visit(), "begin")
    app = fill(app, kim)
    clock.now += 61
    app = fill_blind(app, "1")  # on its way when the time was up
    assert TEXT["test"]["time_is_up"] in app.success[0].value
    clock.now += 5
    assert "1 of 5 questions answered" in said(app)
    exams.close_exam(TEACHER, test)
    attempt = attempts.exams(kim)[0].attempts[0]
    (answer,) = attempts.question_states(kim, attempt.id)
    assert answer.tries[0].answer == "1", "within the grace for the network"
    with pytest.raises(ExamRefused, match="Too late"):
        attempts.give(kim, attempt.id, answer.variant, 3, "answer", "2")


def test_in_a_test_answers_wait_for_the_database_too(
    school: Database, kim: Student, away: Callable[[bool], None], clock: Clock
) -> None:
    a_test(minutes=1)
    app = click(visit(), "begin")
    away(True)
    app = fill_blind(app, "5")
    assert "Not saved yet" in app.warning[0].value
    assert app.text_input[0].value == "5"
    app = fill_blind(app, "6")
    app = click(app, "hand_in")
    assert button(app, TEXT["test"]["hand_in_now"]).disabled
    clock.now += 70  # the time is up before the database is back
    app = app.run()
    assert TEXT["test"]["time_is_up"] in app.success[0].value
    assert "Not saved yet" in app.warning[0].value
    away(False)
    app.session_state[state.TRIED.name] = 0.0
    app = app.run()
    assert not app.warning
    attempt = attempts.exams(kim)[0].attempts[0]
    assert list(attempts.exam_attempt(kim, attempt.id).answers.values()) == ["6"]
    assert rows(school, attempt.id) == 2


def fill_blind(app: AppTest, answer: str) -> AppTest:
    app.text_input[0].set_value(answer)
    app = app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def test_an_attempt_begun_twice_is_one(school: Database, kim: Student) -> None:
    a_test(attempts_allowed=2)
    one, other = visit(), visit()
    one, other = click(one, "begin"), click(other, "begin")
    assert one.title[0].value == other.title[0].value == "Shapes"
    assert len(attempts.exams(kim)[0].attempts) == 1


def test_nonsense_in_the_address_of_a_test(school: Database, kim: Student) -> None:
    a_test()
    for query in ({"sat": "nobody.1"}, {"sat": "<b>"}, {"at": "99"}):
        assert visit(**query).title[0].value == "Quiz"
    click(visit(), "begin")
    assert visit(at="99").title[0].value == "Shapes"


def test_a_test_that_is_deleted_while_it_is_sat(school: Database, kim: Student) -> None:
    test = a_test()
    app = click(visit(), "begin")
    exams.delete_exam(TEACHER, test)
    app = fill_blind(app, "5")
    assert app.title[0].value == "Quiz"
    assert "There is no such sitting" in app.warning[0].value


def test_a_test_without_questions_any_more(school: Database, kim: Student) -> None:
    a_test()
    app = click(visit(), "begin")
    with school.writing() as session:
        session.execute(sa.text("UPDATE tests SET questions = '[\"gone\"]'"))
    assert TEXT["test"]["empty"] in app.run().info[0].value


def test_words_are_all_filled(school: Database, kim: Student) -> None:
    a_test(minutes=5, attempts_allowed=2)
    app = visit()
    assert "sitting 1 of 2" in said(app)
    for text in (said(app), all_said(click(app, "begin"))):
        assert not re.search(r"\{\w*\}", text)


assert ROOT and PATIENCE

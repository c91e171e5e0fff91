"""The gradebook and the answers as they come, against rows made by hand."""

from __future__ import annotations

import time
from typing import Any

import pytest
import sqlalchemy as sa

from classroom.exams import gradebook, tallies
from classroom.exams.gradebook import Gradebook, GradebookLine
from classroom.people.roles import NotAllowed
from classroom.questions import replay
from classroom.questions.bank import bank
from classroom.questions.variants import Variant, key
from store.answers.answers import StoredResponse
from store.answers.results import Results
from store.runs import Runs, StoredEvent
from store.tables import Base, InventoryChoice, InventoryPaper
from tests import results_rows
from tests.results_rows import ADA, BOB, START


@pytest.fixture
def rows(tmp_path, monkeypatch):
    with results_rows.opened(tmp_path, monkeypatch) as made:
        yield made


def truth(question: str, seed: int = 1) -> Any:
    found = key(Variant(question, seed)).truth
    return repr(found) if isinstance(found, int | float) else found


def wrong(question: str, seed: int, mistake: str) -> str:
    return repr(key(Variant(question, seed)).mistakes[mistake])


def line(book: Gradebook, member: str) -> GradebookLine:
    return next(line for line in book.lines if line.pupil.id == member)


def response(number: int, kind: str, at: float, **more: Any) -> StoredResponse:
    values = {
        "attempt_id": "m:practice:1",
        "question": "side",
        "seed": 1,
        "answer": None,
        "truth": None,
        "score": 0.0,
        "sentence": "",
        "mistake": None,
        "counts": kind == "answer",
        "own": False,
    }
    return StoredResponse(number=number, kind=kind, at=at, **values | more)


# --- states of questions --------------------------------------------------------------


def test_practice_is_rebuilt_act_by_act():
    responses = [
        response(1, "answer", 1.0, answer="1", score=0.0),
        response(2, "hint", 2.0),
        response(3, "answer", 3.0, answer="42", score=1.0),
        response(1, "shown", 2.5, question="jump"),
    ]
    side, jump = replay.of_practice(responses)
    assert side.variant == Variant("side", 1)
    assert [t.answer for t in side.tries] == ["1", "42"]
    assert side.points == pytest.approx(1 - 0.2 - 0.2), "a try and a hint before it"
    assert jump.given_up
    assert jump.points == 0


def test_acts_count_by_their_number_however_they_come():
    responses = [response(2, "answer", 5.0, score=1.0), response(1, "hint", 5.0)]
    (question_state,) = replay.of_practice(responses)
    assert question_state.tries[0].hints == 1


def test_in_a_test_the_last_answer_is_the_only_try():
    responses = [
        response(1, "answer", 1.0, answer="1"),
        response(2, "answer", 2.0, answer="42", score=1.0),
    ]
    (question_state,) = replay.of_exam(responses, {})
    assert question_state.points == 1
    assert len(question_state.tries) == 1


def test_an_unknown_act_is_named():
    with pytest.raises(ValueError, match="danced"):
        replay.of_practice([response(1, "danced", 1.0)])


# --- the gradebook --------------------------------------------------------------------


def test_first_best_and_last_attempt_over_all_variants(rows):
    rows.member("mia")
    rows.give("mia", "side", "1", seed=1)
    rows.give("mia", "side", truth("side", 1), seed=1)  # first attempt: 0.8
    rows.give("mia", "side", truth("side", 2), seed=2)  # best: 1
    rows.give("mia", "side", kind="hint", seed=3)
    rows.give("mia", "side", kind="hint", seed=3)
    rows.give("mia", "side", truth("side", 3), seed=3)  # last: 0.6
    found = {
        which: line(gradebook.compute(ADA, "c", None, which), "mia")
        .cells["side"]
        .points
        for which in gradebook.WHICH
    }
    assert found == {
        "first": pytest.approx(0.8),
        "best": pytest.approx(1.0),
        "last": pytest.approx(0.6),
    }
    cell = line(gradebook.compute(ADA, "c", None, "best"), "mia").cells["side"]
    assert (cell.tries, cell.hints) == (4, 2), "of all attempts"
    assert cell.seconds == 60


def test_a_test_counts_by_whole_attempts(rows):
    rows.member("mia")
    rows.test("t", ["side", "jump"])
    for number in (1, 2, 3):
        rows.sit("mia", "t", number)
    give = {"test": "t"}
    rows.give("mia", "side", truth("side"), attempt=1, **give)
    rows.give("mia", "side", truth("side"), attempt=2, **give)
    rows.give("mia", "jump", "1", attempt=2, **give)
    rows.give("mia", "jump", truth("jump"), attempt=2, **give)
    rows.give("mia", "jump", truth("jump"), attempt=3, **give)
    points = {}
    for which in gradebook.WHICH:
        row = line(gradebook.compute(ADA, "c", "t", which), "mia")
        points[which] = {name: cell.points for name, cell in row.cells.items()}
    assert points == {
        "first": {"side": 1.0},
        "best": {"side": 1.0, "jump": 1.0},
        "last": {"jump": 1.0},
    }
    book = gradebook.compute(ADA, "c", "t", "best")
    assert book.questions == ("side", "jump"), "as the test has them"
    assert line(gradebook.compute(ADA, "c", None, "best"), "mia").cells == {}


def test_topics_sums_and_what_one_judges_oneself(rows):
    rows.member("mia")
    rows.give("mia", "side", truth("side"))
    rows.give("mia", "dropout-scale", truth("dropout-scale"))
    rows.give("mia", "why-11", {"text": "To see more.", "points": None})
    points = [bank().questions["why-11"].points[0]]
    rows.give("mia", "why-11", {"text": "To see more.", "points": points})
    rows.give("mia", "jump", "nothing to read")
    book = gradebook.compute(ADA, "c", None, "best")
    row = line(book, "mia")
    assert row.points == pytest.approx(2)
    assert row.self_assessed == pytest.approx(1 / 3)
    assert row.cells["why-11"].points is None
    assert row.cells["jump"].points is None, "what cannot be read is no answer"
    topics = {topic: book.topic_points(row, topic) for topic in book.topics}
    assert topics["counting"] == 1
    assert topics["learning"] == 1
    assert list(book.topics) == [t for t in bank().topics if t in book.topics]


def test_a_pause_counts_as_five_minutes(rows):
    rows.member("mia")
    rows.give("mia", "side", "1", after=30)
    rows.give("mia", "side", "2", after=86_400)
    row = line(gradebook.compute(ADA, "c", None, "best"), "mia")
    assert row.seconds == 30 + gradebook.PAUSE


def test_a_question_that_is_gone_keeps_its_column(rows):
    rows.member("mia")
    rows.give("mia", "side", truth("side"))
    with rows.database.writing() as session:
        session.execute(sa.text("UPDATE given SET question = 'once-asked'"))
    book = gradebook.compute(ADA, "c", None, "best")
    assert book.topics == {gradebook.GONE: ("once-asked",)}
    assert line(book, "mia").points == 1
    assert tallies.tallies(ADA, "c", None)[0].right == 1


# --- the answers as they come ---------------------------------------------------------


def test_each_member_counts_once_over_all_variants(rows):
    for name in ("a", "b", "c1", "d"):
        rows.member(name)
    rows.give("a", "side", wrong("side", 1, "no_one"), seed=1)
    rows.give("a", "side", truth("side", 1), seed=1)
    rows.give("b", "side", wrong("side", 2, "no_one"), seed=2)
    rows.give("c1", "side", "7", seed=3)
    rows.give("d", "side", "what?", seed=3)
    (tally,) = tallies.tallies(ADA, "c", None)
    assert (tally.right, tally.partly, tally.wrong) == (1, 0, 2)
    assert tally.answered == 3, "what could not be read is no answer"
    assert {(bar.label, bar.count, bar.right) for bar in tally.bars} == {
        ("right", 1, True),
        ("no one", 1, False),
        ("other", 1, False),
    }
    (mistake,) = tally.mistakes
    assert mistake.count == 2, "whoever made it at all"
    assert mistake.sentence == key(Variant("side", 2)).feedback["no_one"]


def test_choices_are_counted_by_what_they_say(rows):
    question = bank().questions["competition"]
    right = next(o for o in question.options if o.right)
    other = next(o for o in question.options if not o.right)
    for name, chosen in (("a", right.id), ("b", other.id), ("c1", other.id)):
        rows.member(name)
        rows.give(name, "competition", chosen)
    (tally,) = tallies.tallies(ADA, "c", None)
    assert [(b.label, b.count, b.right) for b in tally.bars] == [
        (other.text, 2, False),
        (right.text, 1, True),
    ]


def test_open_answers_are_listed(rows):
    rows.member("mia")
    rows.give("mia", "why-11", {"text": "<b>big</b>", "points": None})
    (tally,) = tallies.tallies(ADA, "c", None)
    assert [(w.member, w.text) for w in tally.written] == [("mia", "<b>big</b>")]


@pytest.mark.parametrize("kind", ["several", "order", "match", "layer"])
def test_every_kind_has_its_bars(rows, kind):
    question = next(q for q in bank().questions.values() if q.kind == kind)
    rows.member("mia")
    answer = truth(question.id)
    if kind == "layer":
        answer = answer[0]
    rows.give("mia", question.id, answer)
    (tally,) = tallies.tallies(ADA, "c", None)
    assert tally.right == 1
    assert all(bar.right for bar in tally.bars)
    assert tally.bars


def test_practice_and_tests_are_apart_and_the_stamp_tells_news(rows):
    rows.member("mia")
    rows.test("t", ["side"])
    rows.sit("mia", "t")
    empty = gradebook.stamp(ADA, "c", None)
    rows.give("mia", "side", "1", test="t")
    assert gradebook.stamp(ADA, "c", None) == empty
    assert gradebook.stamp(ADA, "c", "t") != empty
    assert tallies.tallies(ADA, "c", None) == []
    assert len(tallies.tallies(ADA, "c", "t")) == 1
    assert [t.title for t in gradebook.exams(ADA, "c")] == ["Test t"]


# --- who asks -------------------------------------------------------------------------

ASKED = {
    "class_name": lambda who: gradebook.class_name(who, "c"),
    "pupils": lambda who: gradebook.pupils(who, "c"),
    "exams": lambda who: gradebook.exams(who, "c"),
    "stamp": lambda who: gradebook.stamp(who, "c", None),
    "compute": lambda who: gradebook.compute(who, "c", None, "best"),
    "tallies": lambda who: tallies.tallies(who, "c", None),
    "of_step": lambda who: tallies.of_step(who, "c", "think-relu"),
    "responses": lambda who: gradebook.responses(who, "c", None),
    "marks": lambda who: gradebook.marks(who, "c", "t"),
    "guesses": lambda who: gradebook.guesses(who, "c"),
    "everything": lambda who: gradebook.everything(who, "c", "mia"),
    "forget": lambda who: gradebook.forget(who, "c", "mia"),
}


def test_every_question_about_a_class_is_in_the_list():
    public = {
        name
        for module in (gradebook, tallies)
        for name, value in vars(module).items()
        if getattr(value, "__module__", "") == module.__name__
        and callable(value)
        and not isinstance(value, type)
        and not name.startswith("_")
    }
    assert public == set(ASKED)


@pytest.mark.parametrize("name", ASKED)
def test_another_instructor_is_refused(rows, name):
    rows.member("mia")
    with pytest.raises(NotAllowed, match="no such class of yours"):
        ASKED[name](BOB)
    assert [p.id for p in gradebook.pupils(ADA, "c")] == ["mia"], "nothing changed"


def test_no_class_no_test_and_nobody_are_refused(rows):
    rows.member("mia")
    rows.member("zoe", class_id="other")
    rows.test("far", ["side"], class_id="other")
    with pytest.raises(NotAllowed):
        gradebook.pupils(ADA, "nowhere")
    with pytest.raises(NotAllowed):
        gradebook.compute(ADA, "c", "far", "best")
    with pytest.raises(NotAllowed):
        tallies.tallies(ADA, "c", "far")
    with pytest.raises(NotAllowed):
        gradebook.everything(ADA, "c", "zoe")
    with pytest.raises(NotAllowed):
        gradebook.forget(ADA, "c", "zoe")


# --- one member -----------------------------------------------------------------------


def holding(database: Any, *values: str) -> list[str]:
    """Tables with a row that has one of the values in any column."""
    found = []
    with database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(sa.select(table)):
                if any(value in str(cell) for cell in row for value in values):
                    found.append(table.name)
    return found


def full(rows: Any) -> None:
    rows.member("mia-27", "Mia")
    rows.member("leo-31", "Leo")
    rows.test("t", ["side"])
    for member in ("mia-27", "leo-31"):
        rows.sit(member, "t")
        rows.give(member, "side", "1")
        rows.give(member, "side", "1", test="t")
        rows.run(
            f"visitor-{member}",
            f"run-{member}",
            {"arm": "ReLU", "by": 2.0},
            events=[StoredEvent(1, 0, b"x")],
            states=[(0, 1, b"y")],
        )
        rows.add(
            InventoryPaper(
                member_id=member, moment="before", form="A", seed=1, started=1.0
            ),
            InventoryChoice(
                member_id=member,
                moment="before",
                concept="relu",
                choice="speed",
                at=2.0,
            ),
        )


def test_deleting_a_member_leaves_nothing_of_them_in_any_table(rows):
    full(rows)
    before = set(holding(rows.database, "mia-27"))
    assert before >= {"members", "sittings", "given", "runs", "run_events"}
    gradebook.forget(ADA, "c", "mia-27")
    assert holding(rows.database, "mia-27", "Mia") == []
    assert set(holding(rows.database, "leo-31")) == before, "the others are there"


def test_all_that_is_kept_is_exported_and_no_secret(rows):
    full(rows)
    found = gradebook.everything(ADA, "c", "mia-27")
    assert found["member"]["name"] == "Mia"
    assert len(found["sittings"]) == 2
    assert [g["answer"] for g in found["given"]] == ["1", "1"]
    (run,) = found["runs"]
    assert run["guess"] == {"arm": "ReLU", "by": 2.0}
    assert run["measurements"] == 1
    (paper,), (choice,) = found["inventory_papers"], found["inventory_choices"]
    assert paper["form"] == "A" and choice["choice"] == "speed"
    assert "visitor-mia" not in str(found), "with it one could become them"
    assert "code-mia" not in str(found)
    assert "leo" not in str(found)


def test_runs_of_another_class_are_left_to_that_class(rows):
    rows.member("mia")
    rows.run("visitor-mia", "early", {"arm": "x"})
    rows.member("mia@other", class_id="other")
    rows.run("visitor-mia", "late", {"arm": "x"})
    assert [r["id"] for r in gradebook.everything(ADA, "c", "mia")["runs"]] == ["early"]
    gradebook.forget(ADA, "c", "mia")
    runs = Runs(rows.database)
    assert runs.get("early") is None
    assert runs.get("late") is not None


def test_guesses_are_those_since_joining(rows):
    rows.run("visitor-mia", "before", {"arm": "x"})
    rows.member("mia")
    rows.run("visitor-mia", "mine", {"arm": "x"})
    rows.run("visitor-mia", "no-guess", {})
    rows.run("visitor-zoe", "hers", {"arm": "x"})
    assert [(g.run_id, g.member) for g in gradebook.guesses(ADA, "c")] == [
        ("mine", "mia")
    ]


# --- how long it takes ----------------------------------------------------------------


def test_sixty_students_and_every_question(rows):
    """The gradebook of 60 × 75 answers; what it costs is said (pytest -rP)."""
    names = [f"m{i:02}" for i in range(60)]
    for name in names:
        rows.member(name)
    questions = [q.id for q in bank().questions.values() if q.kind != "picture"]
    columns = {
        "seed": 1,
        "number": 1,
        "kind": "answer",
        "answer": '"1"',
        "truth": "null",
        "score": 0.5,
        "sentence": "Have another look.",
        "mistake": "no_one",
        "counts": True,
        "own": False,
    }
    every = [
        *questions,
        *(q.id for q in bank().questions.values() if q.kind == "picture"),
    ]
    with rows.database.writing() as session:
        session.execute(
            sa.insert(Base.metadata.tables["given"]),
            [
                columns
                | {
                    "key": f"{name}:{question}",
                    "sitting_id": f"{name}:practice:1",
                    "question": question,
                    "at": START + i + 100 * j,
                }
                for i, name in enumerate(names)
                for j, question in enumerate(every)
            ],
        )
    results = Results(rows.database)
    took = {}
    for what, call in {
        "stamp": lambda: results.stamp("c", None),
        "rows": lambda: results.responses("c", None),
        "book": lambda: gradebook.compute(ADA, "c", None, "best"),
        "tallies": lambda: tallies.tallies(ADA, "c", None),
    }.items():
        begun = time.process_time()
        found = call()
        took[what] = time.process_time() - begun
        if what == "rows":
            assert len(found) == 60 * len(bank().questions)
    print({what: f"{1000 * seconds:.0f} ms" for what, seconds in took.items()})
    assert took["stamp"] < 0.25, "asked every few seconds"
    assert took["book"] < 3

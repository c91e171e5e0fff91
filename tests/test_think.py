"""A step's question: answered before it is told, alone and in a class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.content.lesson import LessonStep
from classroom.exams import attempts, tallies
from classroom.people import classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import grading, lesson_questions, variants
from classroom.questions.bank import find, is_known
from classroom.questions.variants import Variant
from model.network import shapes
from model.network.specs import SIMPLIFIED
from store.database import Database, DatabaseAway
from tests.class_database import class_database
from tests.components import components
from tests.test_pages import said, visit
from ui.kit import cache, words
from ui.session import permissions, progress, saving, visitor

ANNA = Instructor("anna", "Anna")
ENGLISH, GERMAN = (lesson.load(name) for name in ("en", "de"))
TEXT = words.of_lesson("en")
CHOICES = [s for s in ENGLISH.steps if s.think.kind in ("single", "several")]


def slug(step: LessonStep) -> str:
    return step.slug


# --- the questions --------------------------------------------------------------------


@pytest.mark.parametrize("step", ENGLISH.steps, ids=slug)
def test_both_languages_ask_the_same(step: LessonStep) -> None:
    other = GERMAN.step(step.slug).think
    assert other.kind == step.think.kind
    assert other.covers == step.think.covers
    assert (other.answer, other.unit) == (step.think.answer, step.think.unit)
    rows = [[(o.id, o.right, bool(o.because)) for o in t.options]
            for t in (step.think, other)]  # fmt: skip
    assert rows[0] == rows[1]
    assert list(other.mistakes) == list(step.think.mistakes)
    assert len(other.points) == len(step.think.points)
    assert not set(other.texts()) & set(step.think.texts()) - {""}


@pytest.mark.parametrize("language", lesson.languages())
@pytest.mark.parametrize("step", CHOICES, ids=slug)
def test_each_choice_is_told_what_is_wrong_with_it(
    step: LessonStep, language: str
) -> None:
    question = find(lesson_questions.name_of(step.slug), language)
    variant = Variant(question.id, 1)
    right = [o.id for o in question.options if o.right]
    single = question.kind == "single"
    whole = right[0] if single else right
    assert grading.grade(question, variant, whole).right
    for option in question.options:
        if option.right:
            continue
        chosen = option.id if single else [*right, option.id]
        grade = grading.grade(question, variant, chosen)
        assert not grade.right
        assert grade.sentence == option.because
        assert "{" not in option.text + option.because


def test_the_drawn_layer_and_the_size_are_computed() -> None:
    layer = find("think-layers")
    rows = {row.name: row.parameters for row in shapes.table(SIMPLIFIED)}
    assert grading.grade(
        layer, Variant(layer.id, 1), max(rows, key=rows.__getitem__)
    ).right
    for name in ("conv2", "fc7"):
        assert grading.grade(layer, Variant(layer.id, 1), name).mistake
    size = find("think-code")
    key = variants.key(Variant(size.id, 1))
    assert isinstance(key.truth, int)
    first = next(SIMPLIFIED.convolutions())
    sides = [shapes.output_size(key.truth - x, first.kernel, first.stride, 0)
             for x in (0, 1)]  # fmt: skip
    assert sides == [55, 54]
    assert set(key.mistakes) == set(size.mistakes)
    for wrong in key.mistakes.values():
        assert grading.grade(size, Variant(size.id, 1), str(wrong)).sentence


def test_few_units_are_as_few_as_the_question_says() -> None:
    """The right range holds what the easiest and the hardest photograph need."""
    from classroom.content.numbers import SHIPPED

    assert 100 <= SHIPPED["units_enough"] < SHIPPED["units_too_few"] < 1000
    assert cache.KEEPS[-1] == 4096


def test_every_answer_of_a_step_is_kept_under_a_known_name() -> None:
    for step in ENGLISH.steps:
        name = lesson_questions.name_of(step.slug)
        assert is_known(name) and len(name) <= 40
    assert not is_known("think-nothing")


# --- alone ----------------------------------------------------------------------------


def press(app: AppTest, label: str) -> AppTest:
    next(x for x in app.button if x.label == label).click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def labels(app: AppTest) -> list[str]:
    return [x.label for x in app.button]


def option(step: str, name: str) -> str:
    posed = variants.pose(Variant(lesson_questions.name_of(step), 1))
    return next(choice.label for choice in posed.choices if choice.id == name)


def test_what_would_tell_is_covered_until_an_answer_is_given() -> None:
    app = visit("lesson", step="lenet")
    assert TEXT["think_covered"] in said(app)
    assert not app.main.table
    assert TEXT["answer"] not in said(app)
    press(app, option("lenet", "parameters"))
    assert app.main.table
    assert TEXT["answer"] in said(app)
    because = find("think-lenet").options[1].because
    assert any(because in box.value for box in app.main.warning)
    # Back at it later, the answer is still there, and cannot be given twice.
    press(app, TEXT["next"])
    press(app, TEXT["previous"])
    assert option("lenet", "parameters") in said(app)
    assert option("lenet", "work") not in labels(app)


def test_it_can_be_skipped() -> None:
    app = press(visit("lesson", step="relu"), TEXT["reveal"])
    assert TEXT["answer"] in said(app)
    assert components(app, "slopes")
    assert option("relu", "nothing") not in labels(app)


def test_a_number_that_cannot_be_read_uses_up_nothing() -> None:
    app = visit("lesson", step="code")
    app.main.text_input[0].set_value("many")
    press(app, TEXT["think_give"])
    assert TEXT["answer"] not in said(app)
    assert len(app.main.info) == 1
    app.main.text_input[0].set_value("227")
    press(app, TEXT["think_give"])
    assert TEXT["answer"] in said(app)
    assert app.main.success


def test_words_are_compared_with_the_points_of_a_good_answer() -> None:
    app = visit("lesson", step="practice")
    app.main.text_area[0].set_value("They see more.")
    press(app, TEXT["think_give"])
    assert TEXT["think_points"] in said(app)
    assert any(x.value == "They see more." for x in app.main.text)


# --- in a class -----------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA) as own:
        yield own


@pytest.fixture
def course(opened: Database, monkeypatch: pytest.MonkeyPatch) -> ClassNow:
    monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")
    course = classes.open_class(ANNA, "Form 5b")
    return classes.move(ANNA, course.id, "relu", False)


def bars(app: AppTest) -> list[str]:
    """What stands beside the bars of the class's answers, in the order of choices."""
    posed = variants.pose(Variant("think-relu", 1))
    assert [c.id for c in posed.choices][:2] == ["nothing", "whole"]
    found = [str(x.proto.text) for x in app.main.get("progress")]
    return [text for text in found if "first" in text or "again" in text]


def student(course: ClassNow, name: str, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    """The lesson as a student of the class has it, who is now the browser's."""
    key = (name * 64)[:64]
    classes.join(course.code, key, name)
    monkeypatch.setattr(visitor, "key", lambda: key)
    return visit("lesson")


def led(course: ClassNow, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(visitor, "key", lambda: "a" * 64)
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    return visit("lesson", step="relu", lead="1", **{"class": course.id})


def test_a_class_answers_sees_its_answers_and_then_the_truth(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, chosen in (("k", "whole"), ("l", "whole"), ("m", "nothing")):
        app = student(course, name, monkeypatch)
        press(app, option("relu", chosen))
        # Their instructor reveals: until then nothing is said to it.
        assert TEXT["think_waits"] in [x.value for x in app.main.info]
        assert not app.main.warning and not app.main.success
        assert TEXT["reveal"] not in labels(app)
        assert not components(app, "slopes")

    app = led(course, monkeypatch)
    head = TEXT["class_answered"].format(answered=3, here=3)
    assert head in said(app)
    assert TEXT["class_answers"] not in said(app)
    press(app, TEXT["reveal"])  # first what the class has answered
    assert TEXT["class_answers"] in said(app)
    assert bars(app) == ["At first: 1", "At first: 2", "At first: 0", "At first: 0"]
    assert ":material/check:" not in said(app)
    assert TEXT["answer"] not in said(app)
    press(app, TEXT["reveal"])  # then the answer
    assert TEXT["answer"] in said(app)
    assert f":material/check: {option('relu', 'nothing')}" in said(app)
    assert classes.now(ANNA, course.id).reveal
    ((tally, chosen),) = tallies.of_step(ANNA, course.id, "think-relu").values()
    assert dict(chosen) == {"whole": 2, "nothing": 1}
    assert (tally.right, tally.wrong) == (1, 2)


def test_a_class_that_is_asked_again_keeps_both_answers(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    press(student(course, "k", monkeypatch), option("relu", "whole"))
    app = led(course, monkeypatch)
    press(app, TEXT["reveal"])
    press(app, TEXT["class_again"])
    assert TEXT["class_answered"].format(answered=0, here=1) in said(app)
    monkeypatch.setattr(permissions, "instructor", lambda: None)
    app = student(course, "k", monkeypatch)
    assert TEXT["think_again"] in said(app)
    press(app, option("relu", "nothing"))
    found = tallies.of_step(ANNA, course.id, "think-relu")
    assert [dict(chosen) for _, chosen in found.values()] == [
        {"whole": 1},
        {"nothing": 1},
    ]
    # Two clicks ask once; another step is asked about for the first time.
    assert classes.ask_again(ANNA, course.id, 1).asked == 2
    assert classes.move(ANNA, course.id, "layers", False).asked == 1


def test_pairs_of_a_class_are_counted_one_by_one(
    opened: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")
    course = classes.open_class(ANNA, "Form 5b")
    course = classes.move(ANNA, course.id, "generalisation", False)
    variant = Variant("think-generalisation", 1)
    truth = variants.key(variant).truth
    assert isinstance(truth, dict)
    student(course, "k", monkeypatch)
    quiz_progress = progress.open_progress()
    assert quiz_progress is not None
    quiz_progress.give(variant, 1, "answer", {**truth, "A": truth["B"]})
    ((tally, _),) = tallies.of_step(ANNA, course.id, variant.question).values()
    posed = variants.pose(variant)
    labels = {x.id: x.label for x in posed.targets}
    found = {bar.label: bar.right for bar in tally.bars}
    assert found[f"A: {labels[truth['B']]}"] is False
    assert found[f"B: {labels[truth['B']]}"] is True
    assert len(found) == 4


def test_who_wanders_is_told_at_once(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = student(course, "k", monkeypatch)
    press(app, TEXT["previous"])  # the class is at the step after it
    posed = variants.pose(Variant("think-nonlinearity", 1))
    press(app, posed.choices[0].label)
    assert TEXT["answer"] in said(app)
    assert app.main.success or app.main.warning


def test_an_answer_waits_while_the_database_is_away(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = student(course, "k", monkeypatch)

    def away(*_: object, **__: object) -> None:
        raise DatabaseAway("no database")

    with monkeypatch.context() as patch:
        patch.setattr(attempts, "give", away)
        press(app, option("relu", "whole"))
        waiting = words.page("quiz").table("away")["waiting_1"].format(count=1)
        assert waiting in [x.value for x in app.main.warning]
        assert TEXT["think_waits"] not in [x.value for x in app.main.info]
        assert not tallies.of_step(ANNA, course.id, "think-relu")
    monkeypatch.setattr(saving, "EVERY", 0.0)
    app.run()
    assert TEXT["think_waits"] in [x.value for x in app.main.info]
    ((_, chosen),) = tallies.of_step(ANNA, course.id, "think-relu").values()
    assert dict(chosen) == {"whole": 1}


def test_no_other_instructor_sees_what_a_class_answers(course: ClassNow) -> None:
    with pytest.raises(NotAllowed):
        tallies.of_step(Instructor("other", "Other"), course.id, "think-relu")
    with pytest.raises(NotAllowed):
        classes.ask_again(Instructor("other", "Other"), course.id, 1)

"""Grading: the right answer passes, each mistake gets its sentence, garbage is said."""

from __future__ import annotations

import json
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.questions import custom_questions, gift, grading, rounds
from classroom.questions.answers import Truth
from classroom.questions.bank import bank, find, remember
from classroom.questions.grading import UNREADABLE, Grade, Measured, accepts, grade
from classroom.questions.question_files import WORKS, Option, Question
from classroom.questions.question_state import HINT_COST, TRY_COST, QuestionState
from classroom.questions.variants import Variant, key, pose, solution

QUESTIONS = list(bank().questions.values())
SEEDS = (1, 2, 3, 5, 8, 13, 21)
TRUTH = Measured(0.5312, {"mean": 0.25, "next": 0.125, "layer": 4.0, "from_zero": 2.0})
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)


def as_answer(question: Question, variant: Variant, truth: Truth | None) -> Any:
    """What one would hand in who thinks that this is true."""
    match question.kind:
        case "single" | "layer":
            assert isinstance(truth, tuple)
            return truth[0]
        case "several" | "order":
            assert isinstance(truth, tuple)
            return list(truth)
        case "match":
            assert isinstance(truth, dict)
            return dict(truth)
        case "short":
            assert isinstance(truth, tuple)
            return truth[0].replace("*", "")
        case "number":
            return repr(truth)
        case "picture":
            return repr(TRUTH.value)
        case "open":
            return {"text": "Because.", "points": list(question.points)}


def betraying(question: Question, variant: Variant, name: str) -> Any:
    """An answer that is right but for one known mistake."""
    solved = key(variant)
    truth, wrong = solved.truth, solved.mistakes[name]
    match question.kind:
        case "several":
            assert isinstance(truth, tuple) and isinstance(wrong, tuple)
            return [*truth, wrong[0]]
        case "order":
            assert isinstance(truth, tuple) and isinstance(wrong, tuple)
            if len(wrong) > 2:  # a whole order
                return list(wrong)
            first, second = wrong
            left = [x for x in truth if x != first]
            left.insert(left.index(second), first)
            return left
        case "match":
            assert isinstance(truth, dict) and isinstance(wrong, dict)
            return {**truth, **wrong}
    return as_answer(question, variant, wrong)


@each
def test_the_right_answer_passes(question: Question) -> None:
    for seed in SEEDS:
        variant = Variant(question.id, seed)
        answer = as_answer(question, variant, key(variant).truth)
        said = grade(question, variant, answer, TRUTH)
        assert said == Grade(
            1.0, key(variant).why, self_assessed=question.kind == "open"
        )
        assert json.loads(json.dumps(answer)) == answer, "an answer is plain data"


@each
def test_each_known_mistake_has_its_own_sentence(question: Question) -> None:
    for seed in SEEDS:
        variant = Variant(question.id, seed)
        for name in key(variant).mistakes:
            said = grade(question, variant, betraying(question, variant, name), TRUTH)
            share = question.mistakes[name].share if name in question.mistakes else 0
            assert said.counts
            assert said.sentence.startswith(key(variant).feedback[name])
            if share >= 1:  # right, too, in the authors' code
                assert said.right
                continue
            assert not said.right
            assert said.mistake == name
            assert said.sentence == key(variant).feedback[name]
            assert key(variant).why not in said.sentence


def short(**options: tuple[bool, float | None]) -> Question:
    """A question whose answer is typed; each word with whether it is right, or part."""
    return Question(
        "own-typed", "own", "short", "relu", "?", "why", (), fixed=True,
        options=tuple(
            Option(str(at), word.replace("_", " ").replace("STAR", "*"), right,
                   f"said of {at}", share=share)
            for at, (word, (right, share)) in enumerate(options.items())
        ),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("typed", "score"),
    [
        ("max pooling", 1), (" MAX   Pooling ", 1), ("max-pooling", 1), ("pool", 0.5),
        ("Pool", 0.5), ("maxpool", 0), ("average pooling", 0.25), ("an average", 0),
        ("ａverage pooling", 0.25), ("x" * 300, 0),
    ],
)  # fmt: skip
def test_typed_words(typed: str, score: float) -> None:
    question = short(
        max_pooling=(True, None), max_STARpooling=(True, None),
        pool=(False, 0.5), averageSTAR=(False, 0.25),
    )  # fmt: skip
    question = replace(
        question, options=(*question.options, Option("dash", "max-pooling", True))
    )
    remember([question])
    said = grade(question, Variant(question.id, 1), typed)
    assert (said.score, said.counts) == (score, True)
    if 0 < score < 1:
        assert said.sentence.startswith("said of ")


def test_a_star_stands_for_any_letters_and_takes_no_time() -> None:
    begun = time.process_time()
    assert accepts("*a" * 140 + "b", "a" * 299 + "b")
    assert not accepts("*a" * 140 + "b", "a" * 300)
    assert accepts(r"3 \* 4", "3 * 4")
    assert not accepts(r"3 \* 4", "3 x 4")
    assert not accepts("ab*ba", "aba")
    assert time.process_time() - begun < 1


@pytest.mark.parametrize(
    ("text", "answer", "score"),
    [
        ("{=a ~%50%b ~c ~%-25%d}", "b", 0.5),
        ("{=a ~%50%b ~c ~%-25%d}", "d", 0),
        ("{=a#one =b#two ~c}", "b", 1),
        ("{~%60%a ~%40%b ~%-100%c}", ["a"], 0.6),
        ("{~%60%a ~%40%b ~%-100%c}", ["b"], 0.4),
        ("{~%60%a ~%40%b ~%-100%c}", ["a", "c"], 0),
        ("{~%60%a ~%40%b ~%-100%c}", ["a", "b"], 1),
        ("{~%50%a ~%50%b ~c}", ["a", "b", "c"], 0.5),
        ("{~%30%a ~%30%b ~c}", ["a"], 0.5),
        ("{~%100%a ~%-50%b ~%-50%c}", ["a"], 1),
        ("{~%100%a ~%-50%b ~%-50%c}", ["a", "b"], 0.5),
        ("{#=224#paper =227#sums =%50%225:1}", "227", 1),
        ("{#=224 =227 =%50%225:0.5}", "225", 0.5),
        ("{#=60.97:0.5 =%50%60.97:5#roughly}", "63", 0.5),
        ("{#=60.97:0.5 =%50%60.97:5#roughly}", "61.2", 1),
        ("{#1..2~#no}", "3", 0),
        ("{=a -> 1 =b -> 2 = -> 3}", {"a": "1", "b": "3"}, 0.5),
    ],
)
def test_shares_of_own_questions(text: str, answer: Any, score: float) -> None:
    (item,) = gift.read(f"::n::What? {text}".encode()).items
    question = custom_questions.as_question(
        custom_questions.CustomQuestion(f"own-{text}"[:40], item, "relu", 0.0)
    )
    remember([question])
    variant = Variant(question.id, 1)
    posed = pose(variant)
    ids = {one.label: one.id for one in (*posed.choices, *posed.targets)}
    match answer:
        case list():
            given: Any = [ids[one] for one in answer]
        case dict():
            given = {ids[a]: ids[b] for a, b in answer.items()}
        case _:
            given = ids.get(answer, answer)
    said = grade(question, variant, given)
    assert said.score == pytest.approx(score)
    if "roughly" in text and score == 0.5:
        assert said.sentence == "roughly"
    if "two" in text:
        assert said.sentence == "two"
    if "#no" in text:
        assert said.sentence == "no"
    if "sums" in text:
        assert said.sentence.startswith("sums")
        assert solution(posed, key(variant)) == ["224", "227"]


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.kind == "layer"], ids=lambda q: q.id
)
def test_every_layer_that_is_right_passes(question: Question) -> None:
    for seed in SEEDS:
        variant = Variant(question.id, seed)
        truth = key(variant).truth
        assert isinstance(truth, tuple)
        for layer in truth:
            assert grade(question, variant, layer).right
        for other in ("input", "conv1", "fc8"):
            assert grade(question, variant, other).right == (other in truth)


GARBAGE = [
    None, "", " ", 0, -1, 1.5, True, [], {}, [None], {"text": None}, {"": ""},
    ["a", "a"], "🙂", "x" * 10_000, [[]], {"text": "x", "points": ["nonsense"]},
    {"text": "x" * 5000}, b"\0", float("nan"), "1e99", object(), {1: 2}, ("nonsense",),
    "__class__", "{0.__class__}", "%s", "<script>alert(1)</script>", "=1+1",
]  # fmt: skip


@each
def test_garbage_uses_up_no_try_and_raises_nothing(question: Question) -> None:
    variant = Variant(question.id, 4)
    for garbage in GARBAGE:
        said = grade(question, variant, garbage, TRUTH)
        assert not said.right
        assert said.sentence
        if said.counts:  # a number or a word, though a strange one
            assert question.kind in ("number", "picture", "layer", "short")
        else:
            assert said.mistake == UNREADABLE


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=6)
        | st.dictionaries(st.text(max_size=8), inner, max_size=5)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(QUESTIONS), st.integers(0, 10**8), plain)
def test_any_plain_data_gets_a_grade(question: Question, seed: int, data: Any) -> None:
    said = grade(question, Variant(question.id, seed), data, TRUTH)
    assert 0 <= said.score <= 1
    assert said.sentence
    assert said == grade(question, Variant(question.id, seed), data, TRUTH)


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([q for q in QUESTIONS if q.kind == "order"]), st.data())
def test_only_one_order_is_right(question: Question, data: Any) -> None:
    variant = Variant(question.id, 2)
    truth = key(variant).truth
    assert isinstance(truth, tuple)
    order = data.draw(st.permutations(list(truth)))
    said = grade(question, variant, order)
    also = {w for n, w in key(variant).mistakes.items() if question.mistakes[n].share}
    assert said.right == (tuple(order) in {truth, *also})
    assert said.counts
    assert grade(question, variant, order[:-1]).mistake == UNREADABLE


@settings(max_examples=60, deadline=None)
@given(st.sampled_from([q for q in QUESTIONS if q.kind == "several"]), st.data())
def test_only_one_set_is_right(question: Question, data: Any) -> None:
    variant = Variant(question.id, 2)
    ids = [choice.id for choice in pose(variant).choices]
    ticked = data.draw(st.lists(st.sampled_from(ids), unique=True, min_size=1))
    truth = key(variant).truth
    assert isinstance(truth, tuple)
    said = grade(question, variant, ticked)
    assert said.right == (set(ticked) == set(truth))
    hits, wrong = len(set(ticked) & set(truth)), len(set(ticked) - set(truth))
    assert said.score == pytest.approx(max(0, hits - wrong) / len(truth))


@pytest.mark.parametrize(
    ("name", "seed_of", "text", "right"),
    [
        ("all-parameters", "AlexNet, 2012", "60,965,224", True),
        ("all-parameters", "AlexNet, 2012", "60 965 224", True),
        ("all-parameters", "AlexNet, 2012", "61M", True),
        ("all-parameters", "AlexNet, 2012", "6.1e7", True),
        ("all-parameters", "AlexNet, 2012", "60 million", True),
        ("all-parameters", "AlexNet, 2012", "sixty million", True),
        ("all-parameters", "AlexNet, 2012", "about 60 million", True),
        ("all-parameters", "AlexNet, 2012", "59 million", False),
        ("all-parameters", "The lesson's network", "50 million", True),
        ("all-parameters", "The lesson's network", "60 million", False),
        ("how-many-convolutions", "", "five", True),
        ("how-many-convolutions", "", "5 layers", True),
        ("how-many-convolutions", "", "fünf Schichten", True),
        ("how-many-convolutions", "", "٥", True),
        ("how-many-convolutions", "", "eight", False),
        ("layers-with-weights", "", "eight", True),
        ("bonus-seven", "", "seven networks", True),
        ("margin", "", "10.9 %", True),
        ("margin", "", "10,9 percentage points", True),
        ("dense-share", "AlexNet, 2012", "96.2 per cent", True),
        ("all-parameters", "AlexNet, 2012", "62,378,344", False),
        ("memory", "AlexNet, 2012", "243.9", True),
        ("memory", "AlexNet, 2012", "232.6 MiB", True),
        ("memory", "AlexNet, 2012", "232.6", False),
        ("bonus-factor", "", "2178", True),
        ("bonus-factor", "", "2.178", True),
        ("bonus-factor", "", "2,178", True),
        ("bonus-factor", "", "2.179", False),
        ("normalised", "30, 40, 90, 50, 40;", "35,399", True),
        ("normalised", "30, 40, 90, 50, 40;", "35.399", True),
        ("bonus-quarter-step", "", "54.25", True),
        ("bonus-quarter-step", "", "54,25", True),
        ("bonus-quarter-step", "", "54.3", True),
        ("bonus-quarter-step", "", "54", False),
        ("bonus-quarter-step", "", "55", False),
    ],
)
def test_numbers_as_one_would_expect(
    name: str, seed_of: str, text: str, right: bool
) -> None:
    question = find(name)
    variant = next(
        v for s in range(99) if seed_of in pose(v := Variant(name, s)).ask
        and "one tower" not in pose(v).ask
    )  # fmt: skip
    assert grade(question, variant, text).right == right


def test_a_picture_needs_its_truth() -> None:
    question = next(q for q in QUESTIONS if q.kind == "picture")
    with pytest.raises(ValueError, match="hand the truth in"):
        grade(question, Variant(question.id, 1), "3")
    with pytest.raises(ValueError, match="no variant of"):
        grade(question, Variant("side", 1), "3")


def test_a_picture_by_the_truth_handed_in() -> None:
    question = bank().questions["largest-value"]
    variant = Variant(question.id, 1)
    assert grade(question, variant, "0.531", TRUTH).right  # three digits, as shown
    assert not grade(question, variant, "0.55", TRUTH).right
    assert grade(question, variant, "0.25", TRUTH).mistake == "mean"
    silent = Measured(0.0, {"layer": 4.0})
    assert grade(question, variant, "0", silent).right
    assert not grade(question, variant, "0.1", silent).right


def test_an_open_answer_is_judged_by_nobody_else() -> None:
    question = bank().questions["why-11"]
    variant = Variant(question.id, 1)
    first = grade(question, variant, {"text": "It sees more.", "points": None})
    assert (first.counts, first.self_assessed, first.right) == (False, True, False)
    assert first.sentence == key(variant).why
    answer = {"text": "It sees more.", "points": [question.points[0]]}
    then = grade(question, variant, answer)
    assert then.self_assessed
    assert then.score == pytest.approx(1 / len(question.points))
    assert grade(question, variant, {**answer, "points": []}).score == 0


@each
def test_a_solution_can_be_shown(question: Question) -> None:
    variant = Variant(question.id, 3)
    value = TRUTH.value if question.kind == "picture" else None
    lines = solution(pose(variant), key(variant), value)
    assert bool(lines) == (question.kind != "open")
    labels = " ".join(choice.label for choice in pose(variant).choices)
    if question.kind in ("single", "several", "order"):
        assert all(line in labels for line in lines)


# --- the state of a question ----------------------------------------------------------

RIGHT, WRONG = Grade(1.0, "Yes."), Grade(0.0, "No.", "no_bias")
HALF, UNREAD = Grade(0.5, "Partly."), Grade(0.0, "?", UNREADABLE, counts=False)


def test_what_hints_and_tries_cost() -> None:
    new = QuestionState(Variant("side", 1))
    assert new.points == 0
    assert new.answered("31", RIGHT).points == 1
    assert new.hinted(2).answered("31", RIGHT).points == 1 - HINT_COST
    tried = new.answered("30", WRONG)
    assert tried.worth == 1 - TRY_COST
    assert tried.answered("31", RIGHT).points == 1 - TRY_COST
    assert new.answered("?", UNREAD).answered("31", RIGHT).points == 1
    assert new.hinted(1).hinted(1).hints == 1


def test_another_try_never_takes_points_away() -> None:
    half = QuestionState(Variant("side", 1)).answered("x", HALF)
    assert half.answered("y", WRONG).points == half.points == 0.5


def test_nothing_changes_once_the_answer_is_known() -> None:
    shown = QuestionState(Variant("side", 1)).answered("30", WRONG).shown()
    assert shown.closed
    assert shown.answered("31", RIGHT) == shown.hinted(2) == shown
    assert shown.points == 0
    right = QuestionState(Variant("side", 1)).answered("31", RIGHT)
    assert right.answered("30", WRONG) == right.shown() == right


def test_an_attempt_is_plain_data() -> None:
    question_state = QuestionState(Variant("side", 1)).hinted(2).answered(["a"], WRONG)
    stored = json.loads(json.dumps(asdict(question_state)))
    assert stored["variant"] == {"question": "side", "seed": 1}
    assert stored["tries"][0]["answer"] == ["a"]
    assert stored["tries"][0]["grade"]["mistake"] == "no_bias"


@given(st.lists(st.sampled_from([RIGHT, WRONG, HALF, UNREAD, "hint", "show"])))
def test_points_are_between_nothing_and_one(steps: list[Any]) -> None:
    question_state = QuestionState(Variant("side", 1))
    for step in steps:
        before = question_state
        if step == "hint":
            question_state = question_state.hinted(3)
        elif step == "show":
            question_state = question_state.shown()
        else:
            question_state = question_state.answered("x", step)
        assert 0 <= before.points <= question_state.points <= 1
        assert 0 <= question_state.worth <= 1


def test_a_result_by_topics() -> None:
    known = bank()
    ids = rounds.questions_of(known, "lesson", 1)
    done = [
        QuestionState(Variant("competition", 1)).answered("ilsvrc", RIGHT),
        QuestionState(Variant("how-many-convolutions", 1)).answered("8", WRONG),
        QuestionState(Variant("how-many-convolutions", 2))
        .hinted(1)
        .answered("5", RIGHT),
        QuestionState(Variant("why-11", 1)).answered(
            {}, Grade(0.5, "", self_assessed=True)
        ),
        QuestionState(Variant("side", 1)).answered("1", RIGHT),  # of another round
    ]
    lines = {line.topic: line for line in rounds.result(known, ids, done)}
    assert sum(line.questions for line in lines.values()) == len(ids)
    assert lines["history"].points == 1
    assert lines["layers"].points == 1 - HINT_COST
    assert (lines["layers"].tries, lines["layers"].hints) == (2, 1)
    assert lines["seeing"].points == 0
    assert (lines["seeing"].self_assessed, lines["seeing"].self_assessed_points) == (
        1,
        0.5,
    )
    assert lines["seeing"].judged == lines["seeing"].questions - 1


def test_shared_sentences_are_all_used() -> None:
    text = Path(grading.__file__).read_text("utf-8")
    made = {f"wrong_{work}" for work in WORKS[1:]}
    made |= {f"{why}{unit}" for why in ("no_number", "wrong_unit")
             for unit in ("", "_in")}  # fmt: skip
    for name in bank().grading:
        assert f'"{name}"' in text or name in made, name
    assert made <= set(bank().grading)


@pytest.mark.parametrize(
    ("name", "work", "said"),
    [
        ("side", "calculation", "Work it out once more"),
        ("through-tanh", "power", "Check the power"),
        ("how-many-convolutions", "recall", "It is another number"),
        ("how-sure", "reading", "Read the value once more"),
    ],
)
def test_a_wrong_number_is_told_what_to_do_again(
    name: str, work: str, said: str
) -> None:
    """There is a calculation to check only where something was calculated."""
    question = bank().questions[name]
    assert question.work == work
    got = grade(question, Variant(name, 1), "123456.789", TRUTH)
    assert (got.right, got.mistake) == (False, None)
    assert got.sentence.startswith(said)
    assert ("out once more" in got.sentence) == (work == "calculation")


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("side", "many", "Please type one number (positions)"),
        ("side", "54 or 55", "Please type one number (positions)"),
        ("side", "54 apples", "or the number and positions"),
        ("neuron", "3 apples", "Please type the number alone."),
        ("neuron", "abc", "Please type one number, in figures or as a word"),
    ],
)
def test_what_cannot_be_read_is_told_what_is_expected(
    name: str, typed: str, said: str
) -> None:
    got = grade(bank().questions[name], Variant(name, 1), typed)
    assert (got.mistake, got.counts) == (UNREADABLE, False)
    assert said in got.sentence


def test_who_knows_the_authors_code_is_not_told_to_be_wrong() -> None:
    """The questions ask for the paper or for Keras; the code's answer is known."""
    known = bank().questions
    block = known["first-block"]
    got = grade(block, Variant(block.id, 1), ["conv1", "norm1", "pool1", "relu"])
    assert got.right and got.sentence.startswith("That is the order in the authors'")
    assert key(Variant(block.id, 1)).why in got.sentence
    assert not grade(
        block, Variant(block.id, 1), ["conv1", "norm1", "relu", "pool1"]
    ).right
    for seed in range(60):
        variant = Variant("conv1-positions", seed)
        for choice in pose(variant).choices:
            got = grade(known["conv1-positions"], variant, choice.id)
            if got.mistake == "authors":
                assert choice.id == "55" and got.score == 0.5
                assert "authors' own code" in got.sentence
        variant = Variant("normalised", seed)
        wrong = key(variant).mistakes["authors"]
        got = grade(find("normalised"), variant, repr(wrong))
        assert got.score == 0.5 and "authors' code computes" in got.sentence

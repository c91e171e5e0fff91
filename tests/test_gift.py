"""GIFT: what is written is read back as it was, and what is wrong is named."""

from __future__ import annotations

import time
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classroom.escape import escape_markdown
from classroom.people.roles import NotAllowed
from classroom.questions import custom_questions, gift
from classroom.questions.bank import bank, find
from classroom.questions.gift import (
    GiftChoice,
    GiftItem,
    GiftRefused,
    Near,
    read,
    write,
)
from classroom.questions.grading import grade
from classroom.questions.variants import Variant, key, pose
from store.questions import Questions
from tests import results_rows
from tests.results_rows import ADA, BOB


def one(text: str) -> GiftItem:
    found = read(text.encode())
    assert found.problems == (), found.problems
    (item,) = found.items
    return item


def problem(text: str) -> gift.Problem:
    found = read(text.encode())
    assert found.items == ()
    (wrong,) = found.problems
    return wrong


# --- reading --------------------------------------------------------------------------


def test_the_examples_of_moodles_own_page():
    text = """
// a comment
::Q1:: Who's buried in Grant's tomb?{~Grant ~Jefferson =no one}

Grant is {~buried =entombed ~living} in Grant's tomb.

Grant is buried in Grant's tomb.{FALSE#No.#Right.}

When was Ulysses S. Grant born?{#1822:5}

Match the countries.{=Canada->Ottawa =Italy->Rome =Japan->Tokyo}

What two people are entombed in Grant's tomb? {
   ~%-100%No one
   ~%50%Grant
   ~%50%Grant's wife
   ~%-100%Grant's father
}

Write about Grant. {####He was a general.
* He was a general.
* He was president.}
"""
    found = read(text.encode())
    assert found.problems == ()
    first, missing, false, number, match, several, essay = found.items
    assert (first.name, first.kind) == ("Q1", "single")
    assert [(c.text, c.right) for c in first.choices] == [
        ("Grant", False),
        ("Jefferson", False),
        ("no one", True),
    ]
    assert missing.ask == "Grant is _____ in Grant's tomb."
    assert [c.right for c in false.choices] == [False, True]
    assert false.choices[0].say == "No."
    assert false.why == "Right."
    assert (number.kind, number.value, number.within) == ("number", 1822, 5)
    assert (match.choices[0].text, match.choices[0].to) == ("Canada", "Ottawa")
    assert [c.text for c in several.choices if c.right] == ["Grant", "Grant's wife"]
    assert essay.why == "He was a general."
    assert essay.points == ("He was a general.", "He was president.")


@pytest.mark.parametrize(
    ("answers", "value", "within"),
    [
        ("#54", 54, 0),
        ("#54:0.5", 54, 0.5),
        ("#=53.5..54.5", 54, 0.5),
        ("# = -1.5e3 : 10", -1500, 10),
        ("#=54:0#Right. =%0%55:0#Rounded up. ~#No.", 54, 0),
    ],
)
def test_numbers(answers, value, within):
    item = one(f"How many? {{{answers}}}")
    assert (item.value, item.within) == (value, within)


def test_a_wrong_number_keeps_its_sentence():
    item = one("How many? {#=54:0#Right. =%0%55:0#Rounded up.}")
    assert item.why == "Right."
    assert item.nears == (Near(55, 0, "Rounded up."),)


def test_escaped_marks_formats_and_lines():
    item = one(r"::a\:b::[plain]1 \= 1 \{x\} \~ \# \\ \n<b>y</b>{=a\=b#no\:yes ~c \\d}")
    assert item.name == "a:b"
    assert item.ask == "1 = 1 {x} ~ # \\ \n<b>y</b>"
    assert item.choices[0].text == "a=b"
    assert item.choices[1].text == "c \\d"
    assert item.why == "no:yes"
    assert not item.rich


def test_a_category_ends_in_the_lessons_step():
    item = one("$CATEGORY: AlexNet Lab/Counting/layers\n\nWhat? {=a ~b}")
    assert gift.step_of(item.category, bank().steps) == "layers"
    assert gift.step_of("$course$/top/Something", bank().steps) == ""


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("What? {=a ~b", "no } that ends them"),
        ("What? =a}", "no { before it"),
        ("One {=a} and {=b} gaps {=c}", "more than one {"),
        ("What? {1:MC:=a~b}", "Cloze"),
        ("{=a ~b}", "asks nothing"),
        ("What? {~a ~b}", "no answer is right"),
        ("What? {~%50%a =%50%b}", "none of its answers is fully right"),
        ("What? {=a ~%x%b}", "begins like a weight"),
        ("What? {=a ~a}", "there twice"),
        ("What? {=a ~}", "two answers or more"),
        ("What? {= ~b ~c}", "a right answer is empty"),
        ("What? {=a -> b =c}", "is no pair"),
        ("What? {=a -> }", "is no pair"),
        ("What? {=a -> b}", "two pairs or more"),
        ("What? {=%50%a}", "fully right (100 %)"),
        ("What? {#many}", "is no number"),
        ("What? {#1e999}", "is no number"),
        ("What? {#=%50%1}", "fully right (100 %)"),
        ("What? {#=1 ~2}", "of numbers only right ones"),
        ("[html]<p>?</p>{=<img src='a.png'> ~<img src='b.png'>}", "are pictures"),
        ("What? {=a " + "~b " * 120 + "}", "more than 100"),
        ("What? {=" + "a" * 400 + "}", "at most 300"),
        ("x" * 9000 + "{=a ~b}", "at most 8,000"),
    ],
    ids=lambda x: x[:30],
)
def test_what_is_no_question_of_ours_is_named_with_its_line(text, said):
    wrong = problem("\n\n// comment\n" + text)
    assert said in wrong.what
    assert wrong.line == 4


def test_the_rest_of_a_file_is_read_and_names_are_said():
    found = read(b"::good::A? {=a ~b}\n\n::bad::B? {~a}\n\n::fine::C? {T}")
    assert [item.name for item in found.items] == ["good", "fine"]
    assert [(p.line, p.name) for p in found.problems] == [(3, "bad")]
    assert found.held == 3


# --- hostile files --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"x" * 100_000_000, "at most 10 MB. This one has 100.0 MB"),
        (b"What?\x00 {=a ~b}", r"U\+0000"),
        (b"What?\x01 {=a ~b}", r"U\+0001"),
        (b"PK\x03\x04\x14\x00", "a zip or an Office file"),
        (b"<?xml version='1.0'?><quiz></quiz>", "This is XML"),
        (b"{\\rtf1 a}", "Rich Text"),
        (b"\x89PNG\r\n\x1a\n", "UTF-8"),
        (b"", "empty"),
        (b" \r\n ", "empty"),
    ],
)
def test_a_hostile_file_is_refused_with_one_sentence(data, said):
    begun = time.process_time()
    with pytest.raises(GiftRefused, match=said) as refusal:
        read(data)
    assert time.process_time() - begun < 2
    assert len(str(refusal.value)) < 200


@pytest.mark.parametrize(
    "text",
    [
        "{" * 400_000,
        "~" * 900_000,
        "A? {" + "=" * 900_000 + "}",
        "A? {#" + "=1" * 400_000 + "}",
        "A? {=a" + "#" * 900_000 + "~b}",
        "::" * 450_000,
        "\\" * 900_000,
        "A? {=%" + "9" * 900_000 + "%a ~b}",
        "A? {#" + "1" * 900_000 + "}",
        "[html" * 190_000 + "{T}",
        "$" * 900_000 + "{T}",
        "`" * 900_000 + "{T}",
        "<b " * 300_000 + "{T}",
        "\\\\(" * 300_000 + "{T}",
        "A {T}\n" * 150_000,
        "{\n\n" * 300_000,
        "[html]" + "<table><tr><td>" * 60_000 + "{T}",
        "[markdown]" + "*a_a" * 200_000 + "{T}",
    ],
    ids=lambda text: text[:8],
)
def test_no_file_takes_long(text):
    """Four times as long a file takes about four times as long, not sixteen."""

    def seconds(part: str) -> float:
        begun = time.process_time()
        with suppress(GiftRefused):
            found = read(part.encode())
            assert all(len(p.what) < 300 and len(p.name) <= 120 for p in found.problems)
        return time.process_time() - begun

    quarter = max(seconds(text[: len(text) // 4]), 0.1)  # less is the clock's noise
    assert seconds(text) < 10 * quarter


@given(st.text(max_size=200))
def test_no_text_raises_anything_else(text):
    with suppress(GiftRefused):
        read(text.encode("utf-8", "surrogatepass"))


# --- there and back -------------------------------------------------------------------

TEXT = (
    st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), min_size=1)
    .map(str.strip)
    .filter(bool)
    .filter(lambda text: len(text) < 40)
)
WHY = st.one_of(st.just(""), TEXT.filter(lambda text: not text.startswith("* ")))
NUMBER = st.floats(-1e12, 1e12).map(lambda x: round(x, 6))


@st.composite
def items(draw: st.DrawFn) -> GiftItem:
    kind = draw(st.sampled_from(("single", "several", "number", "match", "open")))
    item = GiftItem(" ".join(draw(TEXT).split()), kind, draw(TEXT), draw(WHY))
    texts = draw(st.lists(TEXT, min_size=4, max_size=6, unique=True))
    if kind in ("single", "several"):
        rights = 1 if kind == "single" else draw(st.integers(2, 3))
        choices = [
            GiftChoice(text, at < rights, "" if at < rights else draw(WHY))
            for at, text in enumerate(texts)
        ]
        return gift.GiftItem(**{**vars(item), "choices": tuple(choices)})
    if kind == "match":
        texts = [text.replace("->", "→") for text in texts]
        pairs = tuple(
            GiftChoice(text, to=draw(TEXT).replace("->", "→")) for text in texts
        )
        return GiftItem(**{**vars(item), "choices": pairs})
    if kind == "number":
        nears = tuple(
            Near(draw(NUMBER), draw(NUMBER.map(abs)), draw(WHY)) for _ in range(2)
        )
        more = {"value": draw(NUMBER), "within": draw(NUMBER.map(abs)), "nears": nears}
        return GiftItem(**{**vars(item), **more})
    points = draw(st.lists(TEXT, max_size=3))
    return GiftItem(**{**vars(item), "points": tuple(points)})


@settings(deadline=None)  # a busy machine is no fault
@given(st.lists(items(), min_size=1, max_size=4))
def test_any_question_written_is_read_back(written):
    found = read(write(written).encode())
    assert found.problems == ()
    assert list(found.items) == written


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_bank_written_and_read_back_means_the_same(seed):
    known = bank().questions.values()
    written = {q.id: custom_questions.as_item(q, seed, f"x/{q.step}") for q in known}
    kept = {name: item for name, item in written.items() if item is not None}
    assert {bank().questions[name].kind for name in written.keys() - kept.keys()} == {
        "layer",
        "picture",
    }
    found = read(write(kept.values()).encode())
    assert found.problems == ()
    assert {item.name: item for item in found.items} == kept


def answers(question, solved):
    """A right answer, and wrong ones with the mistake that they betray."""
    truth = solved.truth
    match question.kind:
        case "single":
            yield truth[0], 1.0
        case "several":
            yield list(truth), 1.0
            yield list(truth)[:1], 1 / len(truth)
        case "number":
            yield repr(truth), 1.0
            for name, value in solved.mistakes.items():
                known = question.mistakes.get(name)
                yield repr(value), known.share if known else 0.0
        case "match":
            yield dict(truth), 1.0


@pytest.fixture
def rows(tmp_path, monkeypatch):
    with results_rows.opened(tmp_path, monkeypatch) as made:
        yield made


def test_the_whole_bank_out_and_in_again_is_graded_the_same(rows):
    exported = custom_questions.export(ADA, 3)
    found = custom_questions.read(exported.text.encode())
    assert found.problems == ()
    assert len(found.items) == exported.questions == len(bank().questions) - 10
    assert custom_questions.add(
        ADA, found.items, "start" if "start" in bank().steps else "lenet"
    )
    mine = custom_questions.bank_of("c").of_topic(custom_questions.TOPIC)
    assert len(mine) == exported.questions
    for question, item in zip(mine, found.items, strict=True):
        before = bank().questions[item.name]
        variant = Variant(question.id, 1)
        assert question.step == before.step
        for answer, score in answers(question, key(variant)):
            assert grade(question, variant, answer).score == pytest.approx(score)
        if before.kind == "number":
            truth = key(Variant(before.id, 3)).truth
            typed = repr(truth)
            assert grade(question, variant, typed).right
            assert grade(before, Variant(before.id, 3), typed).right
        said = {*key(variant).feedback.values()}
        if before.kind in ("single", "several", "number"):
            assert len([x for x in said if x]) >= len(question.mistakes) > 0 or (
                before.kind != "number"
            )


# --- beside the bank ------------------------------------------------------------------


def bring(text: str, who=ADA, step: str = "layers") -> None:
    found = custom_questions.read(text.encode())
    assert found.problems == ()
    custom_questions.add(who, found.items, step)


def test_own_questions_stand_beside_the_bank_of_their_class(rows):
    bring("::Mine::One? {=a#good ~b#bad}\n\n::Two::Two? {}")
    known = custom_questions.bank_of("c")
    first, second = known.of_topic(custom_questions.TOPIC)
    assert known.topics[custom_questions.TOPIC] == "Your class's own questions"
    assert first.step == "layers"
    posed = pose(Variant(first.id, 5))
    assert {c.label for c in posed.choices} == {"a", "b"}
    (right,) = key(Variant(first.id, 5)).truth
    assert grade(first, Variant(first.id, 5), right).sentence == "good"
    other = next(c.id for c in posed.choices if c.id != right)
    got = grade(first, Variant(first.id, 5), other)
    assert (got.score, got.sentence, got.mistake) == (0, "bad", other)
    assert find(first.id) == first
    essay = grade(second, Variant(second.id, 1), {"text": "x", "points": None})
    assert essay.self_assessed
    assert custom_questions.bank_of("other") == bank(), (
        "another instructor's class has none"
    )
    assert custom_questions.bank_of("nowhere") == bank()


def test_imported_text_is_shown_as_it_was_typed(rows):
    bring(
        r"::n::[plain]<img src\=x> ![p](https\://e.x/y.png) \{0\} **b** "
        r"\:material/home\: $x${=<b>a</b>#\{truth\} ~`c`}"
    )
    (question,) = custom_questions.bank_of("c").of_topic(custom_questions.TOPIC)
    posed = pose(Variant(question.id, 1))
    shown = posed.ask.replace("\\", "").replace(":color[]", "")
    assert shown == "<img src=x> ![p](https://e.x/y.png) {0} **b** :material/home: $x$"
    for mark in ("<", "!", "[", "*", "$", "{"):
        at = posed.ask.index(mark)
        assert posed.ask[at - 1] == "\\", "Markdown reads no mark of it"
    assert ":material" not in posed.ask
    assert key(Variant(question.id, 1)).why == r"\{truth\}"


def test_a_question_that_was_answered_is_retired_not_lost(rows):
    bring("::Mine::One? {=a ~b}\n\n::Other::Two? {=a ~b}")
    first, second = custom_questions.mine(ADA)
    custom_questions.bank_of("c")
    rows.member("mia")
    rows.give("mia", first.id, "1")
    with pytest.raises(NotAllowed, match="no such question"):
        custom_questions.remove(BOB, first.id)
    custom_questions.remove(ADA, first.id)
    custom_questions.remove(ADA, second.id)
    assert custom_questions.mine(ADA) == []
    assert custom_questions.bank_of("c") == bank()
    kept = custom_questions.bank_of("c", retired=True).of_topic(custom_questions.TOPIC)
    assert [q.id for q in kept] == [first.id]


def test_a_question_that_was_kept_before_shares_and_marks_still_opens(rows):
    old = {
        "name": "Old", "kind": "number", "ask": "3 * 4 <b>?", "why": "",
        "choices": [{"text": "a", "right": True, "say": "", "to": ""}],
        "value": 12.0, "within": 0.0, "points": [], "category": "",
        "nears": [{"value": 7.0, "within": 0.0, "say": "That is the sum."}],
    }  # fmt: skip
    row = ("own-old-0123456789", {"item": old, "step": "layers"})
    Questions(rows.database).add(ADA.account, [row], 1.0)
    (mine,) = custom_questions.mine(ADA)
    assert (mine.file, mine.item.rich, mine.item.nears[0].share) == ("", False, 0)
    (question,) = custom_questions.bank_of("c").of_topic(custom_questions.TOPIC)
    assert question.ask == escape_markdown("3 * 4 <b>?")
    said = grade(question, Variant(question.id, 1), "7")
    assert said.sentence == escape_markdown("That is the sum.")


def test_a_question_in_a_test_is_retired(rows):
    bring("::Mine::One? {=a ~b}")
    (mine,) = custom_questions.mine(ADA)
    rows.test("t", ["side", mine.id])
    custom_questions.remove(ADA, mine.id)
    assert custom_questions.bank_of("c", retired=True).of_topic(custom_questions.TOPIC)


def test_too_many_and_no_such_step_are_refused(rows, monkeypatch):
    monkeypatch.setattr(custom_questions, "MOST", 1)
    bring("One? {=a ~b}")
    with pytest.raises(GiftRefused, match="You have 1, and these are 1 more"):
        bring("Two? {=a ~b}")
    with pytest.raises(ValueError, match="A step is one of"):
        custom_questions.add(ADA, [], "nowhere")


def test_an_export_says_what_it_leaves_out(rows):
    bring("::Mine::One? {=a ~b}")
    exported = custom_questions.export(ADA, 7)
    assert "Mine" in exported.text
    assert "drawn by the seed 7" in exported.text
    assert len(exported.left_out) == 10
    for name in exported.left_out:
        assert bank().questions[name].kind in ("layer", "picture")
        assert bank().questions[name].title in exported.text.splitlines()[1]
    again = custom_questions.export(BOB, 7)
    assert again.questions == exported.questions - 1, "nobody else's own"

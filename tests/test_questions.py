"""The bank: what its files must hold, and what the loader says of a wrong one."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from pathlib import Path

import pytest

from classroom.content.toml_file import ContentBroken
from classroom.questions import answers, lesson_questions, rounds, variants
from classroom.questions import bank as questions
from classroom.questions.bank import bank, find
from classroom.questions.question_files import FOLDER, KINDS, Question, load
from classroom.questions.titles import titles
from classroom.questions.variants import draw
from model import paper
from model.network import shapes
from model.network.specs import ORIGINAL, SIMPLIFIED, SPECS
from paths import ROOT
from ui.kit import state, words
from ui.kit.sections import PAGES

QUESTIONS = list(bank().questions.values())
SEEDS = range(40)
each = pytest.mark.parametrize("question", QUESTIONS, ids=lambda q: q.id)


# --- the bank as a whole ------------------------------------------------------------


def test_there_are_enough_and_every_kind_often_enough() -> None:
    assert len(QUESTIONS) >= 40
    kinds = Counter(question.kind for question in QUESTIONS)
    assert set(kinds) == set(KINDS)
    assert min(kinds.values()) >= 3


def test_readme_says_how_many() -> None:
    assert f"{len(QUESTIONS)} questions" in (ROOT / "README.md").read_text("utf-8")


def test_the_lessons_own_questions_are_there() -> None:
    own = {question.lesson for question in QUESTIONS if question.lesson}
    assert {"exercise 1", "exercise 2", "quiz 1", "quiz 2", "practice", "next"} <= own
    assert "step 10" in own


def test_every_step_is_asked_about() -> None:
    steps = {question.step for question in QUESTIONS}
    assert steps == set(bank().steps)


def test_every_template_is_used_and_says_what_it_does() -> None:
    every = [*bank().every.values(), *lesson_questions.questions().values()]
    assert {q.answer for q in every if q.answer} == set(answers.TEMPLATES)
    assert all(function.__doc__ for function in answers.TEMPLATES.values())


def test_the_lessons_answers() -> None:
    """By the outline: five convolutions, ILSVRC, gradients, overfitting."""
    keys = {q.lesson: draw(q, 1)[1] for q in QUESTIONS if q.lesson}
    assert keys["quiz 1"].truth == len(list(SIMPLIFIED.convolutions())) == 5
    assert keys["quiz 2"].truth == ("overfitting",)
    assert keys["exercise 1"].truth == ("ilsvrc",)
    assert keys["exercise 2"].truth == ("gradient",)


PAPER = {  # worked out by hand, not by classroom.answers
    "bonus-quarter-step": 54.25,
    "bonus-conv1-neurons": 290_400,
    "bonus-neuron-sum": 659_272,
    "bonus-overhang": 3,
    "bonus-one-per-cent": ("conv3", "conv4"),
    "bonus-factor": 2178,
    "bonus-seven": 7,
    "bonus-sixty-million": ("61 million",),
    "margin": 10.9,
}


@pytest.mark.parametrize("name", PAPER)
def test_the_bonus_round_by_hand(name: str) -> None:
    assert draw(find(name), 3)[1].truth == PAPER[name]


KNOWN = {  # function: seedless facts, worked out elsewhere
    "conv_macs": {105_415_200, 223_948_800, 149_520_384, 112_140_288, 74_760_192,
                  101_616_768, 415_334_400, 127_401_984, 191_102_976, 70_276_800,
                  99_680_256},
    "grouped_parameters": {307_456, 663_936, 442_624},
    "receptive_field": {19, 51, 67, 99, 131, 163, 195},
    "all_parameters": {60_965_224, 50_844_008, 61_100_840},
    "conv1_side": {("54",), ("55",), ("56",)},
    "crops": {2178, 162, 1250, 578, 338, 450, 882, 1058},
}  # fmt: skip


@pytest.mark.parametrize("name", KNOWN)
def test_drawn_answers_are_among_the_known(name: str) -> None:
    question = next(q for q in QUESTIONS if q.answer == name)
    assert {draw(question, seed)[1].truth for seed in SEEDS} <= KNOWN[name]


def test_worked_examples() -> None:
    """Of alexnet-facts: normalisation, pooling, a step of the training."""
    numbers = [[5 * row + column + 1 for column in range(5)] for row in range(5)]
    windows = answers.counting.windows(numbers, 3, 2)
    assert [[max(w) for w in row] for row in windows] == [[13, 15], [23, 25]]
    flat = answers.counting.windows(numbers, 2, 2)
    assert [[max(w) for w in row] for row in flat] == [[7, 9], [17, 19]]
    values = [10, 20, 30, 40, 50]
    assert 30 / (2 + 1e-4 * sum(v * v for v in values)) ** 0.75 == pytest.approx(
        14.866753, abs=1e-6
    )
    speed = paper.MOMENTUM * 0 - paper.DECAY * paper.RATE * 1 - paper.RATE * 2
    assert 1 + speed == pytest.approx(0.979995, abs=1e-9)


# --- each question ------------------------------------------------------------------


@each
def test_links_lead_somewhere(question: Question) -> None:
    pages = {name for names in PAGES.values() for name in names}
    assert question.page in pages | {""}
    keys = {key.name: key for key in state.KEYS}
    for name, value in question.query.items():
        assert question.page in keys[name].pages or name == "code_layer"
        if name in ("network", "compare"):
            assert value in SPECS
        if name == "code_layer":
            assert SPECS[question.query["network"]].layer(value)


@each
def test_every_variant_has_its_words(question: Question) -> None:
    for seed in SEEDS:
        posed, key = draw(question, seed)
        said = [posed.ask, key.why, *key.hints, *key.feedback.values()]
        said += [c.label for c in (*posed.choices, *posed.targets)]
        for sentence in said:
            assert sentence.strip() == sentence != ""
            assert not re.search(r"\{\w*\}|\bnan\b", sentence), sentence
        assert set(key.mistakes) <= set(key.feedback)
        assert posed.hints == len(key.hints) >= 1
        assert draw(question, seed) == (posed, key)


@each
def test_every_mistake_occurs_and_has_its_sentence(question: Question) -> None:
    if question.kind == "picture":
        pytest.skip("the page hands the mistakes in: tests/test_page_quiz.py")
    seen: set[str] = set()
    for seed in range(100):
        seen |= set(draw(question, seed)[1].mistakes)
    because = {option.id for option in question.options if option.because}
    assert seen == set(question.mistakes) | because


@each
def test_choices_are_as_many_as_a_choice_needs(question: Question) -> None:
    for seed in SEEDS:
        posed, key = draw(question, seed)
        ids = [choice.id for choice in posed.choices]
        labels = [choice.label for choice in posed.choices]
        assert len(set(ids)) == len(ids)
        assert len(set(labels)) == len(labels)
        if question.kind in ("single", "several", "order", "match"):
            assert len(ids) >= 3
        if question.kind == "single":
            assert isinstance(key.truth, tuple)
            assert len(key.truth) == 1
            assert set(ids) == {*key.truth, *(w[0] for w in key.mistakes.values())}
        if question.kind == "order":
            assert tuple(ids) != key.truth


@each
def test_what_is_shown_does_not_hold_the_answer(question: Question) -> None:
    """`Posed` is all that a page sends: no sentence of the key is in it."""
    for seed in SEEDS:
        posed, key = draw(question, seed)
        shown = repr(posed)
        for secret in (key.why, *key.hints, *key.feedback.values(), *question.points):
            assert secret not in shown
        if question.kind == "match":
            assert isinstance(key.truth, dict)
            for name, to in key.truth.items():
                assert name != to, "the same id on both sides says what belongs to what"
        if isinstance(key.truth, int | float) and key.truth >= 10_000:
            assert f"{key.truth:,}" not in posed.ask
            assert str(key.truth) not in posed.ask


def test_right_places_are_not_always_the_same() -> None:
    """A shuffled choice says nothing by its place."""
    for question in QUESTIONS:
        if question.kind != "single":
            continue
        places = set()
        for seed in range(60):
            posed, key = draw(question, seed)
            assert isinstance(key.truth, tuple)
            places.add([c.id for c in posed.choices].index(key.truth[0]))
        assert len(places) >= 3, question.id


def test_a_variant_is_the_same_everywhere() -> None:
    """Held to fixed numbers: a shared address asks the same for ever."""
    side = variants.pose(variants.Variant("side", 1))
    assert re.findall(r"\d+", side.ask) == SIDE_1


SIDE_1 = ["5", "5", "145", "145", "3", "2"]


# Numbers that the words may have in figures of their own: of the paper and its time.
CITED = {
    1986, 1998, 2009, 2012, 2013, 2014, 2015,  # years
    paper.PARAMETERS // 10**6, paper.MAPS, paper.BATCH, paper.EPOCHS, paper.FACTOR,
    1_048_576,  # a mebibyte
    28,  # of 55 in the authors' code: layers-147.cfg
    19,  # VGG's deepest network
    48, 96, 54, 224, 256, 843_750, 1.2, 100, 25, 20, 16, 32, 64,
    4096,  # units of fc6 and fc7
    18.2, 15.4,  # of table 2, validation
    16.8, 61, 724, 31, 40.66, 40.53, 40.49, 42.03,  # tests/test_question_judgements.py
    30, 50, 255, 300, 500, 1000, 94,  # made up, or the largest value of a pixel
}  # fmt: skip


def test_numbers_in_the_words_are_the_codes() -> None:
    """Whatever can be computed stands in braces; what is left is cited or checked."""
    assert paper.IMAGES * paper.EPOCHS / paper.BATCH == 843_750
    assert shapes.layer_info(ORIGINAL, "conv1").output[2] == 96 == 2 * 48
    assert shapes.layer_info(SIMPLIFIED, "conv1").output[0] == 54
    assert SIMPLIFIED.input_size == 224
    assert shapes.layer_info(ORIGINAL, "fc6").output == (4096,)
    assert paper.ONE.error == 18.2 and paper.TABLE_2[4][2] == 0.154
    assert shapes.layer_info(ORIGINAL, "pool5").output == (6, 6, 256)
    for question in QUESTIONS:
        mistakes = [m.feedback for m in question.mistakes.values()]
        options = [o.because for o in question.options]
        for sentence in (question.ask, question.why, *mistakes, *options):
            bare = re.sub(r"\{[^}]*\}", "", sentence)
            for found in re.findall(r"\d[\d,]*(?:\.\d+)?", bare):
                number = float(found.strip(",").replace(",", ""))
                assert number < 13 or number in CITED, f"{question.id}: {found}"


# --- the loader ---------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "quiz"
    shutil.copytree(FOLDER, copy)
    return copy


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('kind = "single"', 'kind = "guess"', "a kind is one of single, several"),
        ('step = "2012"', 'step = "2013"', "a step is one of start, before, lenet"),
        ('id = "margin"', 'id = "competition"', "competition: the id is taken"),
        ('answer = "margin"', 'answer = "margins"', "no template 'margins'"),
        ('answer = "margin"\n', "", "needs an `answer`"),
        ('unit = "percentage', 'units = "percentage', "unknown keys: units"),
        ('unit = "percentage points"', 'unit = "miles"', "[units] lacks 'miles'"),
        ('terms = ["ilsvrc"]\n', "", "it lacks terms"),
        ('work = "calculation"', 'work = "luck"', "needs a `work` of calculation"),
        ('why = "{second}', 'because = "{second}', "it lacks why"),
        ("title = ", "called = ", "it lacks title"),
        ('level = "remember"\n', "", "it lacks level"),
        ('level = "remember"', 'level = "easy"', "a level is one of remember"),
        ('level_why = "A name that the step gives."', 'level_why = " "',
         "competition: level_why is empty"),
        ('title = "', 'title = "' + 40 * "x", "a title has 1 to 40 characters"),
        ("right = true\n[[question.options]]\nid = \"pascal\"",
         "[[question.options]]\nid = \"pascal\"", "one of them right"),
        ('id = "pascal"\nsay', 'id = "pascal"\nsays', "an option has"),
        ('id = "competition"', 'id = "Competition 1"', "small letters"),
        ('relative = "', 'relative = 3 #"', "a mistake is a sentence"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_file_and_line(
    folder: Path, old: str, new: str, said: str
) -> None:
    path = folder / "history.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentBroken, match=re.escape(said)) as caught:
        load(folder)
    found = re.match(r"quiz/history\.toml:(\d+): ", str(caught.value))
    assert found, caught.value
    line = path.read_text("utf-8").splitlines()[int(found[1]) - 1]
    assert line == "[[question]]"


def test_a_slip_of_toml_is_said_with_file_and_line(folder: Path) -> None:
    path = folder / "layers.toml"
    path.write_text(path.read_text("utf-8") + "\nid = nonsense\n", "utf-8")
    with pytest.raises(ContentBroken, match=r"layers\.toml:\d+: "):
        load(folder)


def test_a_file_that_is_no_topic_is_said(folder: Path) -> None:
    (folder / "more.toml").write_text("", "utf-8")
    with pytest.raises(ContentBroken, match=r"index\.toml:\d+: .*more"):
        load(folder)


def test_the_folder_is_the_bank() -> None:
    assert load() == questions.bank()


# --- rounds -------------------------------------------------------------------------


def test_rounds() -> None:
    known = bank()
    for name in rounds.rounds(known):
        ids = rounds.questions_of(known, name, 5)
        assert ids
        assert len(set(ids)) == len(ids)
        assert set(ids) <= set(known.questions)
        assert words.page("quiz").as_dict()["rounds"].get(name) or known.topics[name]
    with pytest.raises(KeyError, match="A round is one of"):
        rounds.questions_of(known, "nonsense", 1)


def test_a_mixture_has_every_kind_and_follows_its_seed() -> None:
    known = bank()
    dealt = {seed: rounds.questions_of(known, "mixed", seed) for seed in range(30)}
    for ids in dealt.values():
        assert len(ids) == rounds.MIXED_COUNT
        assert {known.questions[i].kind for i in ids} == set(KINDS)
        assert all(known.questions[i].topic != rounds.BONUS for i in ids)
    assert len(set(dealt.values())) == len(dealt)
    assert dealt[7] == rounds.questions_of(known, "mixed", 7)


def test_no_question_is_called_as_the_result_is() -> None:
    from ui.quiz.rounds import RESULT

    assert RESULT not in bank().questions
    assert all(state.QUESTION.parse(name) == name for name in bank().questions)


def test_every_question_has_words_of_its_own_to_be_called_by():
    known = bank().questions
    called = titles(known)
    assert len(set(called.values())) == len(known)
    for name, title in called.items():
        assert title == known[name].title and len(title) <= 40
        assert title != name and " " in title and "{" not in title

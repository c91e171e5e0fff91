"""The quiz in other languages: the same questions, answers that mean the same."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.content.toml_file import ContentBroken
from classroom.questions import (
    answer_text,
    question_files,
    rounds,
    translations,
    variants,
)
from classroom.questions import bank as questions
from classroom.questions.bank import bank
from classroom.questions.grading import Grade, Measured, grade, in_language
from classroom.questions.question_files import FOLDER, SHARED, Question
from classroom.questions.translations import words_of
from classroom.questions.variants import Variant, key, pose, solution
from model.network.specs import SPECS
from paths import ROOT
from ui.kit import state

OTHERS = [name for name in questions.languages() if name != question_files.ENGLISH]
SEEDS = range(8)
TRUTH = Measured(0.5312, {"mean": 0.25, "next": 0.125, "layer": 4.0, "from_zero": 2.0})
MARK = "¿"  # begins every text of the language that the tests make up
MADE = "xx"
PATIENCE = 60  # seconds


def forget() -> None:
    for kept in (questions.bank, questions.languages, variants.draw_variant):
        kept.cache_clear()


def toml(texts: dict[str, str]) -> str:
    return "".join(
        f"{json.dumps(name)} = {json.dumps(text, ensure_ascii=False)}\n"
        for name, text in texts.items()
    )


def written(question: Question) -> str:
    """A [[question]] with every text marked."""
    texts = {k: f"{MARK}{t}" for k, t in words_of(question).items()}
    texts["title"] = texts["title"][: question_files.LONGEST_TITLE]
    flat = {k: v for k, v in texts.items() if "." not in k}
    lines = ["[[question]]", f'id = "{question.id}"', toml(flat)]
    for name in ("hints", "points"):
        listed = [v for k, v in texts.items() if k.startswith(f"{name}.")]
        lines += [f"{name} = {json.dumps(listed, ensure_ascii=False)}"] * bool(listed)
    for option in question.options:
        own = {
            k.rpartition(".")[2]: v
            for k, v in texts.items()
            if k.startswith(f"options.{option.id}.")
        }
        if own:
            lines += ["[[question.options]]", toml({"id": option.id} | own)]
    wrong = {k[9:]: v for k, v in texts.items() if k.startswith("mistakes.")}
    if wrong:
        lines += ["[question.mistakes]", toml(wrong)]
    return "\n".join(lines)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A bank with a language that marks each of its texts."""
    english, folder = bank(), tmp_path / "quiz"
    shutil.copytree(FOLDER, folder)
    own = folder / MADE
    own.mkdir()
    index = ""
    for part, field in SHARED.items():
        marked = {k: f"{MARK}{text}" for k, text in getattr(english, field).items()}
        index += f"[{part}]\n{toml(marked)}\n"
    (own / "index.toml").write_text(index, "utf-8")
    for topic in english.topics:
        texts = [written(question) for question in english.of_topic(topic)]
        (own / f"{topic}.toml").write_text("\n".join(texts), "utf-8")
    forget()
    monkeypatch.setattr(questions, "FOLDER", folder)
    yield own
    monkeypatch.undo()
    forget()


def as_answer(question: Question, truth: Any) -> Any:
    """A truth, or a mistake, as an answer of the question's kind."""
    match question.kind:
        case "single" | "layer":
            return truth[0]
        case "several" | "order":
            return list(truth)
        case "match":
            return dict(truth)
        case "short":
            return truth[0].replace("*", "")
        case "number":
            return repr(truth)
        case "picture":
            return repr(TRUTH.value)
    return {"text": "So.", "points": list(question.points)}


# --- the languages that there are ---------------------------------------------------


@pytest.mark.parametrize("language", OTHERS)
def test_a_language_has_the_same_questions_and_choices(language: str) -> None:
    """Loading compares ids, placeholders, mistakes and choices; here the variants."""
    own = bank(language)
    assert list(own.questions) == list(bank().questions)
    assert any(q.language == language for q in own.questions.values())
    for name, question in own.questions.items():
        assert question.language in (language, question_files.ENGLISH)
        for seed in SEEDS:
            variant = Variant(name, seed)
            english, other = pose(variant), pose(variant, language)
            for part in ("choices", "targets"):
                ids = [c.id for c in getattr(english, part)]
                assert [c.id for c in getattr(other, part)] == ids
                assert len({c.label for c in getattr(other, part)}) == len(ids)
            ours, theirs = key(variant, language), key(variant)
            assert ours.truth == theirs.truth
            assert ours.mistakes == theirs.mistakes
            assert ours.feedback.keys() == theirs.feedback.keys()
            assert not re.search(r"\{\w*\}", " ".join((other.ask, ours.why)))


def test_numbers_are_written_as_the_language_does() -> None:
    variant = Variant("margin", 1)
    assert "15,3\u00a0%" in pose(variant, "de").ask
    assert solution(pose(variant, "de"), key(variant, "de")) == ["10,9 Prozentpunkte"]
    assert solution(pose(variant), key(variant)) == ["10.9 percentage points"]
    for typed in ("10,9", "10.9 %", "10,9 Prozentpunkte", "10.9 percentage points"):
        for language in ("en", "de"):
            question = bank(language).questions["margin"]
            assert grade(question, variant, typed).right, (typed, language)


def test_a_no_break_space_stands_before_every_german_per_cent() -> None:
    """In what is asked, said and shown as the answer, in every variant."""
    for name in bank("de").questions:
        for seed in SEEDS:
            variant = Variant(name, seed)
            posed, solved = pose(variant, "de"), key(variant, "de")
            labels = [c.label for c in (*posed.choices, *posed.targets)]
            texts = [posed.ask, solved.why, *solved.hints, *solved.feedback.values()]
            for text in (*texts, *labels, *solution(posed, solved, 12.5)):
                own = re.sub("„… removing[^“]*“", "", text)  # the paper's words
                assert not re.search(r"\d ?%", own), text


def test_the_answer_in_per_cent_has_its_sign_after_a_no_break_space() -> None:
    name = next(q.id for q in bank().questions.values() if q.unit == "%")
    for language, mark in (("en", "."), ("de", ",")):
        posed = pose(Variant(name, 1), language)
        (shown,) = solution(posed, key(Variant(name, 1), language), 12.5)
        assert shown == f"12{mark}5\u00a0%"


# --- answers mean the same ----------------------------------------------------------


def test_an_answer_is_graded_alike_in_every_language(made: Path) -> None:
    for name, english in bank().questions.items():
        other = bank(MADE).questions[name]
        assert other.language == MADE
        for seed in SEEDS:
            variant = Variant(name, seed)
            solved = key(variant)
            for truth in (solved.truth, *solved.mistakes.values()):
                answer = as_answer(english, truth)
                got = grade(english, variant, answer, TRUTH)
                there = grade(other, variant, answer, TRUTH)
                assert (got.score, got.mistake, got.counts, got.self_assessed) == (
                    there.score, there.mistake, there.counts, there.self_assessed,
                )  # fmt: skip
                assert there.sentence.startswith(MARK), name
                assert in_language(got, variant, answer, MADE, TRUTH.value) == there
                assert in_language(got, variant, answer, "en", None) == got
            nonsense = grade(other, variant, None, TRUTH)
            assert nonsense.sentence.startswith(MARK)


WORDS = {  # right, and not, as they are typed in either language
    "name-the-activation": (
        ["ReLU", "relu", "ReLU-Funktion", "die ReLU", "ReLU-Aktivierungsfunktion",
         "eine ReLU", "Relufunktion", "Rampenfunktion", "the ReLU function", "a ReLU",
         "rectified linear unit", "the rectified linear unit", "rectifier"],
        ["tanh", "Sigmoidfunktion", "sigmoid", "Tangens hyperbolicus", "leaky ReLU",
         "hyperbolic tangent", "Faltung", "softmax", "Aktivierungsfunktion"],
    ),
    "name-the-method": (
        ["Dropout", "das Dropout", "die Dropout-Methode", "Drop-out", "drop out",
         "the dropout method", "dropout regularisation"],
        ["Weight Decay", "Datenaugmentierung", "Data Augmentation", "Pooling",
         "Regularisierung", "regularisation"],
    ),
    "name-the-data": (
        ["ImageNet", "das ImageNet", "der ImageNet-Datensatz", "Image-Net", "image net",
         "die ImageNet-Sammlung", "the ImageNet data set"],
        ["MNIST", "CIFAR-10", "der MNIST-Datensatz", "Fotos", "photographs"],
    ),
    "name-backpropagation": (
        ["backpropagation", "Back-Propagation", "back propagation", "backprop",
         "backward pass", "Fehlerrückführung", "Rückwärtsdurchlauf",
         "Backpropagation-Algorithmus"],
        ["gradient descent", "Gradientenabstieg", "SGD", "forward pass",
         "stochastic gradient descent", "chain rule"],
    ),
    "name-softmax": (
        ["softmax", "Softmax-Funktion", "soft-max", "the softmax function",
         "die Softmax", "Soft Max"],
        ["sigmoid", "Kreuzentropie", "cross-entropy", "ReLU", "Sigmoidfunktion",
         "argmax"],
    ),
    "name-overfitting": (
        ["overfitting", "Over-Fitting", "over fitting", "overfit", "it overfits",
         "Überanpassung", "Ueberanpassung", "das Overfitting", "eine Überanpassung"],
        ["underfitting", "Unteranpassung", "generalisation", "Generalisierung",
         "Dropout"],
    ),
    "name-fine-tuning": (
        ["fine-tuning", "fine tuning", "finetuning", "transfer learning",
         "Transferlernen", "Feinabstimmung", "das Fine-Tuning", "Transfer-Learning",
         "das Feinabstimmen", "Feinjustierung"],
        ["augmentation", "Datenaugmentierung", "dropout", "training"],
    ),
}  # fmt: skip


def test_the_words_of_every_question_that_asks_for_one_are_tried() -> None:
    short = {q.id for q in bank().questions.values() if q.kind == "short"}
    assert set(WORDS) == short


@pytest.mark.parametrize("language", questions.languages())
@pytest.mark.parametrize("name", WORDS)
def test_words_of_both_languages_are_read_in_either(name: str, language: str) -> None:
    question, variant = bank(language).questions[name], Variant(name, 1)
    right, wrong = WORDS[name]
    for typed in right:
        assert grade(question, variant, typed).right, typed
    for typed in wrong:
        said = grade(question, variant, typed)
        assert said.counts and said.score == 0, typed
    half = grade(bank(language).questions["name-the-data"], Variant("name-the-data", 1),
                 "die ILSVRC")  # fmt: skip
    assert half.score == 0.5
    (shown,) = solution(pose(variant, language), key(variant, language))
    assert shown == right[0], "one name, not every way of writing it"


# What is the same in every language: names of layers, code, figures and their signs.
_LAYERS = {x.name for spec in SPECS.values() for x in spec.layers}
_SAME = re.compile(r"`[^`]*`|```.*?```|[A-Z]\w*\(.*\)|ReLU|[\d\W_]+|[ABC]", re.DOTALL)


def test_nothing_english_is_left_in_a_translated_question(made: Path) -> None:
    """No template has words of its own: all that is read comes from the files."""
    for name in bank().questions:
        for seed in SEEDS:
            posed = pose(Variant(name, seed), MADE)
            assert posed.language == MADE
            assert posed.ask.startswith(MARK) and posed.unit.startswith(MARK) == bool(
                posed.unit
            )
            for choice in (*posed.choices, *posed.targets):
                if choice.label.startswith(MARK) or choice.label in _LAYERS:
                    continue
                assert not _SAME.sub("", choice.label), (name, choice)
            solved = key(Variant(name, seed), MADE)
            for text in (solved.why, *solved.hints, *solved.feedback.values()):
                assert text.startswith(MARK)


def test_a_self_assessed_answer_is_kept_in_english(made: Path) -> None:
    english, variant = bank().questions["why-11"], Variant("why-11", 1)
    answer = {"text": "So.", "points": list(english.points[:1])}
    assert grade(bank(MADE).questions["why-11"], variant, answer).self_assessed
    assert answer_text.lines(pose(variant, MADE), answer) == [
        "So.", f"✓ {MARK}{english.points[0]}"
    ]  # fmt: skip
    assert answer_text.lines(pose(variant), answer) == ["So.", f"✓ {english.points[0]}"]


def test_a_class_with_questions_of_its_own_reads_them_as_they_are() -> None:
    own = Question("own-1", "own", "open", "relu", "?", "", (), fixed=True, language="")
    known = bank()
    questions.remember([own])
    mine = {**known.questions, own.id: own}
    topics = {**known.topics, "own": known.custom["title"]}
    there = questions.beside(
        question_files.Bank(mine, topics, known.steps, known.grading, known.custom),
        "de",
    )
    assert there.questions[own.id] is own
    assert there.questions["margin"].language == "de"
    assert there.topics["own"] == bank("de").custom["title"]
    assert questions.beside(known, "en") is known
    got = Grade(0.0, "No.")
    assert in_language(got, Variant("own-1", 1), {"text": "x"}, "de", None) == got


# --- the loader ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("history", 'id = "margin"', 'id = "margins"', "English has no 'margins'"),
        ("history", "{second}\u00a0%", "{third}\u00a0%", "ask has the placeholders"),
        ("history", "relative = ", "relatives = ", "it lacks mistakes.relative"),
        ("history", 'id = "netflix"', 'id = "netflux"', "it lacks options.netflix"),
        ("history", 'source = "das Paper, Tabelle 2"', "", "it lacks source"),
        ("history", 'title = "Der Abstand', 'work = "x"\ntitle = "Der Abstand',
         "English has no work"),
        ("history", 'title = "Der Abstand', f'title = "{40 * "x"}', "1 to 40"),
        ("history", 'id = "margin"', 'id = "side"', "English has no 'side'"),
        ("history", 'id = "margin"', 'id = "competition"', "the id is taken"),
        ("index", "wrong_power = ", "wrong_pover = ", "wrong_power, wrong_pover"),
        ("index", "{kept} von {all}", "{kept} von allen", "other placeholders"),
        ("index", "[units]", "[unit]", "it needs a table [units]"),
    ],
)  # fmt: skip
def test_a_mistake_is_said_with_the_file(
    tmp_path: Path, file: str, old: str, new: str, said: str
) -> None:
    folder = tmp_path / "de"
    shutil.copytree(FOLDER / "de", folder)
    path = folder / f"{file}.toml"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(ContentBroken) as caught:
        translations.load(bank(), folder)
    parts = said.split(", ")
    assert all(part in str(caught.value) for part in parts), caught.value
    assert file in str(caught.value)


def test_a_language_that_is_not_there_is_said() -> None:
    with pytest.raises(KeyError, match="The quiz has en"):
        bank("qq")


# --- on the page --------------------------------------------------------------------


def visit(question: str, language: str) -> AppTest:
    """The quiz at a question, in a language that another page has chosen."""
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.run()
    where = {"question": question, "seed": "3", state.LANGUAGE.name: language}
    app.query_params.update(where)
    app.switch_page("../pages/quiz.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def marked(app: AppTest) -> set[str]:
    """The languages of the parts of the page that say theirs."""

    def walk(node: Any) -> Iterator[str]:
        yield str(getattr(node, "proto", ""))
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    return set(re.findall(r"lang-([a-z]{2})-quiz-ask", "".join(walk(app.main))))


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.success, *app.warning, *app.info]
    return "\n".join(part.value for part in parts)


def test_the_page_asks_in_the_language_and_keeps_the_same_answer() -> None:
    app = visit("competition", "de")
    variant = Variant("competition", 3)
    assert pose(variant, "de").ask in said(app)
    assert marked(app) == {"de"}
    assert app.radio[0].options == [c.label for c in pose(variant, "de").choices]
    app.radio[0].set_value("netflix")
    (check,) = (b for b in app.button if b.label == "Prüfen")
    app = check.click().run()
    assert key(variant, "de").feedback["netflix"] in app.warning[0].value
    (question_state,) = app.session_state[state.QUESTION_STATES.name]
    assert question_state.tries[0].answer == "netflix"
    assert question_state.tries[0].grade.sentence == key(variant).feedback["netflix"]
    # Read in the other language from now on, the answer is the same.
    app.session_state[state.LANGUAGE.name] = "en"
    app = app.run()
    assert app.radio[0].value == "netflix"
    assert key(variant).feedback["netflix"] in app.warning[0].value
    assert marked(app) == set()


@pytest.fixture
def lacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A copy of the bank that lacks a German file: the bank itself lacks nothing."""
    shutil.copytree(FOLDER, tmp_path / "quiz")
    (tmp_path / "quiz" / "de" / "counting.toml").unlink()
    monkeypatch.setattr(questions, "FOLDER", tmp_path / "quiz")
    forget()
    yield
    monkeypatch.undo()
    forget()


def test_a_question_without_a_translation_is_english_and_says_so(lacking: None) -> None:
    app = visit("side", "de")
    assert pose(Variant("side", 3)).ask in said(app)
    assert marked(app) == {"en"}
    assert marked(visit("side", "en")) == set()


@pytest.mark.parametrize("language", ["qq", "", "en"])
def test_a_language_that_the_quiz_has_not_is_english(language: str) -> None:
    app = visit("competition", language)
    assert pose(Variant("competition", 3)).ask in said(app)
    assert marked(app) == set()


def test_a_round_is_the_same_in_every_language() -> None:
    for language in questions.languages():
        for name in ("lesson", "mixed", "bonus"):
            ids = rounds.questions_of(bank(language), name, 5)
            assert ids == rounds.questions_of(bank(), name, 5)

"""The quiz page: asks, grades, hints, goes on; and sends no key before an answer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from classroom.questions import rounds
from classroom.questions.answers import Reading
from classroom.questions.bank import bank
from classroom.questions.grading import Measured
from classroom.questions.question_files import Question
from classroom.questions.question_state import HINT_COST
from classroom.questions.variants import Variant, key, pose, varies
from model import weights
from model.measured import ImagePrediction
from model.network import shapes
from model.network.specs import SIMPLIFIED
from paths import ROOT
from tests import access
from tests.page_links import own_labels
from ui.kit import cache, state, words
from ui.kit.components import keeper
from ui.quiz import map_reading
from ui.quiz.rounds import RESULT

QUESTIONS = list(bank().questions.values())
PATIENCE = 60  # seconds
SEED = 3


def one_of_a_kind(questions: Iterable[Question]) -> list[Question]:
    """The first of each kind, and of numbers with many digits; all in the long form.

    The page draws a kind alike, from what `pose` says: test_questions.py looks at what
    that is for every question.
    """
    found: dict[tuple[str, bool], Question] = {}
    for question in questions:
        truth = key(Variant(question.id, SEED)).truth
        is_long = isinstance(truth, int | float) and truth >= 10_000
        found.setdefault((question.kind, is_long), question)
    return list(questions if access.ALL_STATES else found.values())


def layers() -> dict[str, Any]:
    """Answers of a network that is not there: quick, and with easy numbers."""
    rng = np.random.default_rng(1)
    found = {}
    for row in shapes.table(SIMPLIFIED.with_classes(200)):
        values = rng.normal(0.5, 1, row.output)
        if row.name == "fc8":  # the network is fairly sure, as it is of a photograph
            powers = np.exp(3 * values)
            values = powers / powers.sum()
        found[row.name] = np.maximum(0, values).astype(np.float32)
    return found


def measured(reading: Reading) -> Measured:
    """The truth on the network that is not there."""
    known = layers()
    return map_reading.measure(reading, known, cache.prediction(weights.DEFAULT, known))


@pytest.fixture(autouse=True)
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    answers = layers()
    monkeypatch.setattr(cache, "activations", lambda *_: answers)
    yield


def visit(**query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    # The page alone: the home page, which comes first, would be looked at in vain.
    app.query_params.update(query)
    app.run()
    app.query_params.update(query)
    app.switch_page("../pages/quiz.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def opened(question: str, seed: int = SEED, **query: str) -> AppTest:
    return visit(question=question, seed=str(seed), **query)


def press(app: AppTest, name: str) -> AppTest:
    """A button by the name of its words in quiz.toml."""
    text = words.page("quiz").as_dict()
    label = text["answer"].get(name) or text["buttons"].get(name) or text[name]
    label = label.format(cost=HINT_COST)
    (button,) = (b for b in app.button if b.label == label)
    app = button.click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def sent(app: AppTest) -> str:
    """All that goes to the browser for the page, as text."""

    def walk(node: Any) -> Iterator[str]:
        proto = getattr(node, "proto", None)
        if proto is not None:
            yield str(proto)
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    return "\n".join(walk(app.main))


def escaped(sentence: str) -> str:
    """As protobuf writes it within quotes."""
    for char, written in (("\\", "\\\\"), ('"', '\\"'), ("'", "\\'"), ("\n", "\\n")):
        sentence = sentence.replace(char, written)
    return sentence


def give(app: AppTest, question: Question, answer: Any) -> AppTest:
    """Hands an answer in by the page's own widgets."""
    posed = pose(Variant(question.id, SEED))
    labels = {c.id: c.label for c in (*posed.choices, *posed.targets)}
    match question.kind:
        case "single":
            app.radio[0].set_value(answer)
        case "several":
            for box, choice in zip(app.checkbox, posed.choices, strict=True):
                assert box.label == choice.label
                box.set_value(choice.id in answer)
        case "number" | "picture" | "short":
            app.text_input[0].set_value(answer)
        case "order":
            boxes = [b for b in app.selectbox if b.label.startswith("Place ")]
            for box, one in zip(boxes, answer, strict=True):
                box.set_value(one)
        case "match":
            for one, to in answer.items():
                (box,) = (b for b in app.selectbox if b.label == labels[one])
                box.set_value(to)
        case "layer":
            (box,) = (b for b in app.selectbox if b.label == "Layer")
            box.set_value(answer)
        case "open":
            app.text_area[0].set_value(answer["text"])
            return press(app, "submit_open")
    return press(app, "submit")


def held(app: AppTest, question: Question) -> Any:
    """What the widgets hold, as an answer."""
    posed = pose(Variant(question.id, SEED))
    ids = {c.label: c.id for c in (*posed.targets, *posed.choices)}
    boxes = {box.label: box for box in app.selectbox}
    match question.kind:
        case "single":
            return app.radio[0].value
        case "several":
            truth = key(Variant(question.id, SEED)).truth
            assert isinstance(truth, tuple)
            ticked = {ids[box.label] for box in app.checkbox if box.value}
            return truth if ticked == set(truth) else ticked
        case "number" | "picture" | "short":
            return app.text_input[0].value
        case "order":
            places = [box for label, box in boxes.items() if label.startswith("Place")]
            return tuple(box.value for box in places)
        case "match":
            return {c.id: boxes[c.label].value for c in posed.choices}
        case "layer":
            return boxes["Layer"].value
        case "open":
            return {"text": app.text_area[0].value}


def right_answer(question: Question) -> Any:
    truth = key(Variant(question.id, SEED)).truth
    match question.kind:
        case "single" | "layer":
            assert isinstance(truth, tuple)
            return truth[0]
        case "several" | "order" | "match":
            return truth
        case "number":
            return repr(truth)
        case "short":
            assert isinstance(truth, tuple)
            return truth[0].replace("*", "")
        case "picture":
            reading = pose(Variant(question.id, SEED)).reading
            assert reading is not None
            return repr(measured(reading).value)
        case "open":
            return {"text": "It is so."}


@pytest.mark.parametrize("question", one_of_a_kind(QUESTIONS), ids=lambda q: q.id)
def test_nothing_of_the_key_is_sent_before_an_answer(question: Question) -> None:
    """Then the right answer is given, and the key's sentence is there."""
    app = opened(question.id)
    before = sent(app)
    variant = Variant(question.id, SEED)
    solved, posed = key(variant), pose(variant)
    assert escaped(posed.ask) in before
    secrets = [solved.why, *solved.hints, *solved.feedback.values(), *question.points]
    assert [s for s in secrets if escaped(s) in before] == []
    if question.kind == "match":  # places, not what belongs together
        assert isinstance(solved.truth, dict)
    if isinstance(solved.truth, int | float) and solved.truth >= 10_000:
        assert f"{solved.truth:,}" not in before
        assert str(solved.truth) not in before
    if question.kind == "picture":
        assert right_answer(question)[:6] not in before
    app = give(app, question, right_answer(question))
    assert escaped(solved.why) in sent(app)
    if question.kind != "open":
        assert app.success[0].value.startswith("**Right.**")
        (submit,) = (b for b in app.button if b.label == "Check")
        assert submit.disabled
    # What was answered stays to be seen.
    assert held(app, question) == right_answer(question)


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.success, *app.warning, *app.info]
    return "\n".join(part.value for part in parts)


def test_a_known_mistake_gets_its_sentence_and_the_try_counts() -> None:
    question = bank().questions["grouped-parameters"]
    solved = key(Variant(question.id, SEED))
    app = give(opened(question.id), question, repr(solved.mistakes["ungrouped"]))
    assert solved.feedback["ungrouped"] in app.warning[0].value
    assert solved.why not in said(app)
    assert "1 try" in said(app)
    assert "still worth up to 80%" in said(app)
    app = give(app, question, "what?")
    assert "type one number" in app.info[0].value
    assert "1 try" in said(app)
    app = give(app, question, f"{solved.truth:,}")
    assert app.success
    assert "0.8 of 1 point" in said(app)
    assert "0.8 points so far" in app.main.get("progress")[0].proto.text


def test_a_question_that_is_closed_keeps_its_keeper(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The number of the response that closed it has to come back to the browser."""
    kept: list[dict[str, Any]] = []
    monkeypatch.setattr(keeper, "keeper", lambda **how: kept.append(how))
    question = bank().questions["competition"]
    app = give(opened(question.id), question, right_answer(question))
    (button,) = (
        b
        for b in app.button
        if b.label == words.page("quiz").as_dict()["answer"]["submit"]
    )
    assert button.disabled, "it is closed"
    first, *_, last = kept
    where = {"question": "competition", "seed": str(SEED)}
    assert first["where"] == last["where"] == where
    assert (first["answers"], first["next_number"]) == (0, 1)
    assert (last["answers"], last["next_number"]) == (1, 2)
    assert last["checked"]


def test_a_hint_costs_and_the_answer_can_be_asked_for() -> None:
    app = opened("side")
    solved = key(Variant("side", SEED))
    app = press(app, "hint")
    assert solved.hints[0] in app.info[0].value
    assert "still worth up to 80%" in said(app)
    for _ in solved.hints[1:]:
        app = press(app, "hint")
    (button,) = (b for b in app.button if b.label.startswith("Hint"))
    assert button.disabled
    app = press(app, "give_up")
    assert solved.why in said(app)
    assert f"{solved.truth} positions" in said(app)
    assert "0 of 1 point" in said(app)


@pytest.mark.parametrize(
    "kind", ["several", "order", "match", "single", "picture", "short"]
)
def test_the_answer_of_every_kind_can_be_shown(kind: str) -> None:
    question = next(q for q in QUESTIONS if q.kind == kind)
    app = press(opened(question.id), "give_up")
    assert "**The answer:**" in said(app)
    assert key(Variant(question.id, SEED)).why in said(app)


def test_an_open_answer_is_compared_and_judged_by_oneself() -> None:
    question = bank().questions["why-11"]
    app = opened(question.id)
    app = press(app, "submit_open")
    assert "Write a sentence first" in app.info[0].value
    app.text_area[0].set_value("It sees <b>more</b>.")
    app = press(app, "submit_open")
    assert app.text_area[0].disabled
    assert [box.label for box in app.checkbox] == list(question.points)
    app.checkbox[0].check()
    app = press(app, "submit_points")
    assert "Self-assessed: you gave yourself 33%" in app.success[0].value


def test_a_round_from_the_first_question_to_the_result() -> None:
    app = visit()
    ids = rounds.questions_of(bank(), "lesson", state.DEAL.default)
    seen = []
    for place in range(len(ids)):
        seen.append(app.session_state[state.QUESTION.name])
        if place == 0:
            app.radio[0].set_value("ilsvrc")
            app = press(app, "submit")
        app = press(app, "next" if place < len(ids) - 1 else "finish")
    assert tuple(seen) == ids
    assert app.header[0].value == "The result"
    assert "**1.0 of " in said(app)
    assert app.query_params["question"] == RESULT
    (again,) = (b for b in app.button if b.label == "Question 3")
    app = again.click().run()
    assert app.session_state[state.QUESTION.name] == ids[2]


def test_other_numbers_are_another_variant() -> None:
    assert varies("side")
    assert not varies("competition")
    app = opened("side")
    first = pose(Variant("side", SEED)).ask
    assert first in said(app)
    app = press(app, "another")
    assert first not in said(app)
    assert app.query_params["seed"] == str(SEED + 1)
    assert not [b for b in opened("competition").button if b.label == "Other numbers"]


def test_starting_again_forgets_the_round_and_draws_new_numbers() -> None:
    app = opened("side")
    app.text_input[0].set_value("1")
    app = press(app, "submit")
    assert "1 try" in said(app)
    app = press(app, "restart")
    assert app.session_state[state.QUESTION_STATES.name] == ()
    assert app.session_state[state.DEAL.name] != state.DEAL.default


def test_a_shared_question_brings_its_round() -> None:
    app = opened("bonus-factor", 9)
    assert app.session_state[state.ROUND.name] == "bonus"
    assert app.query_params["question"] == "bonus-factor"
    assert app.query_params["seed"] == "9"


def test_another_round_begins_at_its_first_question() -> None:
    app = opened("side")
    app.selectbox[0].set_value("bonus").run()
    assert app.session_state[state.QUESTION.name] == "bonus-quarter-step"


@pytest.mark.parametrize(
    "query",
    [
        {"round": "nonsense"},
        {"question": "nonsense"},
        {"question": "<script>"},
        {"seed": "-1"},
        {"seed": "9" * 50},
        {"deal": "x"},
        {"round": "mixed", "deal": "99999999"},
        {"question": "result", "round": "bonus"},
    ],
)
def test_nonsense_in_the_address_still_asks(query: dict[str, str]) -> None:
    app = visit(**query)
    assert app.title[0].value == "Quiz"
    assert not app.error


def test_a_question_links_to_the_step_that_teaches_it() -> None:
    for question in ("jump", "gains", "neuron"):
        title = bank().steps[bank().questions[question].step]
        found = own_labels(opened(question), "quiz")
        assert f"Lesson step “{title}”" in found


def test_a_question_links_to_what_shows_it() -> None:
    app = opened("largest-value")
    reading = pose(Variant("largest-value", SEED)).reading
    assert reading is not None
    links = [x.proto for x in app.main.get("page_link")]
    assert any("Feature maps" in link.label for link in links)
    assert any(f"unit={reading.unit}" in link.query_string for link in links)


@pytest.mark.parametrize(
    "question", [q for q in QUESTIONS if q.kind == "picture"], ids=lambda q: q.id
)
def test_what_is_read_off_wrongly_has_its_sentence(question: Question) -> None:
    reading = pose(Variant(question.id, SEED)).reading
    assert reading is not None
    found = measured(reading)
    assert set(found.mistakes) == set(question.mistakes)
    for name, value in found.mistakes.items():
        app = give(opened(question.id), question, repr(value))
        say = question.mistakes[name].feedback.format(
            layer=reading.layer, unit=reading.unit
        )
        assert app.warning, (name, found)
        assert say in app.warning[0].value


def test_the_page_prints_the_probability_that_is_right() -> None:
    """What stands on the feature-map page, typed as it stands, is the answer."""
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.run()
    app.switch_page("../pages/feature_maps.py").run()
    assert not app.exception, [e.message for e in app.exception]
    printed = [bar.proto.text for bar in app.main.get("progress")]
    first = re.fullmatch(r".* · (\d+\.\d%)", printed[0])
    assert first, printed
    raw = 100 * float(layers()["fc8"].max())
    assert abs(raw - float(first[1].rstrip("%"))) > 0.1, "it would not tell"
    question = bank().questions["how-sure"]
    app = give(opened(question.id), question, first[1])
    assert app.success[0].value.startswith("**Right.**")


def test_readings_by_hand() -> None:
    maps = np.zeros((2, 2, 3), np.float32)
    maps[0, 1, 0], maps[1, 1, 1], maps[0, 0, 2] = 1.0, 4.0, 2.0
    probabilities = np.array([0.1, 0.5, 0.2, 0.05, 0.05, 0.1], np.float32)
    known = {"conv1": maps, "fc8": probabilities}
    prints = ImagePrediction((1, 2, 5, 0, 4), (0.4, 0.25, 0.15, 0.1, 0.05), False, None)

    def read(what: str, layer: str, unit: int = 0) -> tuple[float, dict[str, float]]:
        found = map_reading.measure(Reading(what, layer, unit), known, prints)
        return round(found.value, 4), {
            k: round(v, 4) for k, v in found.mistakes.items()
        }

    assert read("largest", "conv1", 1) == (4, {"mean": 1, "next": 1, "layer": 4})
    assert read("firing", "conv1", 1) == (25, {"silent": 75, "next": 25, "layer": 25})
    assert read("strongest", "conv1") == (1, {"second": 2, "from_one": 2})
    assert read("probability", "fc8") == (
        40,
        {"second": 25, "five": 95, "fraction": 0.4},
    ), "what the page prints, not what the last layer gives"
    assert read("rank", "fc8", 2) == (2, {"from_zero": 1})
    with pytest.raises(ValueError, match="how to read 'colour'"):
        read("colour", "conv1")


def test_a_layer_that_is_none_of_the_networks_is_no_choice() -> None:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.run()
    app.session_state[state.CLICKED.name] = "<script>"
    app.query_params["question"] = "most-work"
    app.switch_page("../pages/quiz.py").run()
    assert app.session_state[state.CLICKED.name] == ""
    app = press(app, "submit")
    assert "Choose one first" in app.info[0].value


def test_words_are_all_used_or_filled() -> None:
    assert not re.search(r"\{\w*\}", said(visit()))

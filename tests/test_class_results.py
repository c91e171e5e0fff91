"""The instructor's tabs: what they show, what they hide, and as it was typed."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa
import streamlit as st
from streamlit.testing.v1 import AppTest

from classroom.escape import escape_markdown
from classroom.exams import gradebook, tallies
from classroom.exams import results as stored_results
from classroom.people.roles import Instructor, NotAllowed
from classroom.questions import custom_questions
from classroom.questions.bank import bank
from classroom.questions.titles import title, titles
from classroom.questions.variants import Variant, key
from lab.experiments import swept
from lab.presets import PRESETS
from lab.report_json import pack
from lab.results import outcome
from store.database import DatabaseAway
from store.runs import StoredEvent
from store.tables import Class
from tests import fake_lab, results_rows
from tests.results_rows import ADA
from ui.classes import names as class_names
from ui.classes import tabs
from ui.kit import cache, words
from ui.session import permissions
from viz import results

PATIENCE = 60  # seconds
NAMES = {
    "mia": "Mia Schneider",
    "leo": "=HYPERLINK('x')",
    "zoe": "<b>Zoë</b> **Q** :smile:",
}
TABS = ("answers", "predictions", "gradebook")


@pytest.fixture
def rows(tmp_path, monkeypatch):
    cache.class_tallies.clear()
    cache.run_outcome.clear()
    monkeypatch.setattr(
        permissions, "instructor", lambda: Instructor(st.session_state["who"], "")
    )
    with results_rows.opened(tmp_path, monkeypatch) as made:
        yield made


def a_class(rows: Any) -> None:
    for name, called in NAMES.items():
        rows.member(name, called)
        rows.give(name, "why-11", {"text": f"<i>{name}</i> says", "points": None})
    rows.test("t", ["side", "competition"])
    rows.sit("mia", "t")
    rows.give("mia", "side", repr(key(Variant("side", 1)).mistakes["no_one"]))
    rows.give("mia", "side", repr(key(Variant("side", 1)).truth))
    rows.give("leo", "side", "7")
    rows.give("mia", "competition", "ilsvrc", test="t")
    experiment = PRESETS["relu-vs-tanh-2012"]
    for number, (member, guess, speeds) in enumerate(
        [("mia", "ReLU", (0.3, 0.15)), ("leo", "tanh", (0.3, 0.15)), ("zoe", "", ())]
    ):
        events = fake_lab.curves(experiment, speeds) if speeds else []
        rows.run(
            f"visitor-{member}",
            f"run{number}",
            {"arm": guess, "by": 3.0 if guess else None},
            experiment=experiment.to_dict(),
            state="finished" if speeds else "running",
            alive=time.time(),
            events=[StoredEvent(e.number, e.arm, pack(e.report)) for e in events],
        )


def page() -> None:
    """What pages/class.py does with these tabs."""
    import streamlit as st

    from classroom.people.roles import Instructor
    from ui.classes import tabs

    who = Instructor(st.session_state["who"], "")
    dict(tabs.TABS)[f"tab_{st.session_state['tab']}"](who, "c")


def visit(
    tab: str, who: str = "ada", hide_names: bool = False, **chosen: Any
) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    app.session_state["who"] = who
    app.session_state["tab"] = tab
    with stored_results.database().writing() as session:
        session.execute(sa.update(Class).values(names_shown=not hide_names))
    for name, value in chosen.items():
        app.session_state[name] = value
    app.run()
    return app


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def sent(app: AppTest) -> bytes:
    """All that goes to the browser, charts and tables too, as it goes."""

    def walk(node: Any) -> Iterator[bytes]:
        proto = getattr(node, "proto", None)
        if proto is not None:
            yield proto.SerializeToString()
        for child in getattr(node, "children", {}).values():
            yield from walk(child)

    return b"\n".join(walk(app.main))


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.text, *app.info, *app.success]
    return "\n".join(part.value for part in [*parts, *app.warning, *app.error])


# --- answers --------------------------------------------------------------------------


def test_answers_are_counted_and_mistakes_have_their_sentence(rows):
    a_class(rows)
    app = fine(visit("answers", results_question="side"))
    table = app.dataframe[0].value
    assert table["Question"].tolist() == [title("side"), title("why-11")]
    assert table["Right"].tolist() == [1, 0]
    assert table["Wrong"].tolist() == [1, 0]
    assert table["Written"].tolist() == [0, 3]
    assert f"**1** · {key(Variant('side', 1)).feedback['no_one']}" in said(app)
    assert "Answers and hints: 6. Students: 3 of 3." in said(app)
    bars = app.dataframe[1].value
    assert bars["Answer"].tolist() == ["right", "something else"]
    assert bars["Right"].tolist() == ["yes", ""]


def test_a_chart_has_its_text_alternative(rows):
    a_class(rows)
    app = fine(visit("answers", results_question="side"))
    charts = [x.proto for x in app.main.get("vega_lite_chart")]
    charts = charts or [x.proto for x in app.main.get("arrow_vega_lite_chart")]
    assert len(charts) == 2
    assert "Output size of a window: 1 right, 0 partly, 1 wrong." in str(charts[0])
    assert "right (right) 1, something else 1" in str(charts[1])


def test_open_answers_are_shown_as_they_were_typed(rows):
    a_class(rows)
    app = fine(visit("answers", results_question="why-11"))
    assert [x.value for x in app.text] == [f"<i>{name}</i> says" for name in NAMES]
    captions = [x.value for x in app.caption]
    for name in NAMES.values():
        assert escape_markdown(name) in captions


def test_a_tests_answers_are_apart(rows):
    a_class(rows)
    app = fine(visit("answers", results_of="t"))
    assert app.dataframe[0].value["Question"].tolist() == [title("competition")]
    assert [o for o in app.selectbox[0].options] == ["Practice", "Test t"]


def test_new_answers_are_there_at_the_next_look(rows):
    a_class(rows)
    app = fine(visit("answers", results_question="side"))
    rows.give("zoe", "side", repr(key(Variant("side", 1)).truth))
    app.run()
    assert app.dataframe[0].value["Right"].tolist() == [2, 0]


def test_nothing_new_is_asked_once(rows, monkeypatch):
    a_class(rows)
    fine(visit("answers"))
    asked = []
    monkeypatch.setattr(tallies, "tallies", lambda *a: asked.append(a) or [])
    fine(visit("answers"))
    assert asked == []


def test_a_class_without_answers_says_so(rows):
    assert "No answers yet" in said(fine(visit("answers")))
    assert "Nobody has joined" in said(fine(visit("gradebook")))
    assert "No predictions yet" in said(fine(visit("predictions")))


def test_a_database_that_goes_away_is_said_and_the_page_stays(rows, monkeypatch):
    a_class(rows)

    def away(*_: Any) -> Any:
        raise DatabaseAway("The database is away: gone.")

    monkeypatch.setattr(gradebook, "stamp", away)
    app = fine(visit("answers"))
    assert "The database is away: gone. Nothing is lost" in said(app)


def test_an_own_question_is_looked_at_like_any_other(rows):
    rows.member("mia")
    found = custom_questions.read(
        b"::Colour::What <b>colour</b>?{=red ~![x](http\\://e.x)#No *way*}"
    )
    custom_questions.add(ADA, found.items, "layers")
    (mine,) = custom_questions.mine(ADA)
    custom_questions.bank_of("c")
    rows.give("mia", mine.id, "2")
    app = fine(visit("answers"))
    assert app.dataframe[0].value["Question"].tolist() == ["Colour"]
    assert "What **colour**" in said(app)
    assert escape_markdown("No *way*") in said(app)
    custom_questions.remove(ADA, mine.id)
    fine(visit("answers"))


# --- predictions ----------------------------------------------------------------------


def test_guesses_stand_against_what_was_measured(rows):
    a_class(rows)
    app = fine(visit("predictions"))
    table = app.dataframe[0].value
    assert table["Student"].tolist() == list(reversed(NAMES.values()))
    assert table["Came true"].tolist() == ["", "no", "yes"]
    assert table["Guess"].tolist()[1] == "tanh; the last takes 3.0 times as long"
    assert table["Measured"].tolist() == [
        "not over yet",
        "ReLU; the last takes 2.0 times as long",
        "ReLU; the last takes 2.0 times as long",
    ]
    assert "1 of 2 guesses came true. Not counted: 1 run, not over" in said(app)


def test_a_run_that_is_over_is_worked_out_once(rows, monkeypatch):
    a_class(rows)
    fine(visit("predictions"))
    asked = []
    monkeypatch.setattr(outcome, "outcome", asked.append)
    fine(visit("predictions"))
    assert asked == []


def one_run(rows: Any, experiment: Any, speeds: Any, **about: Any) -> None:
    events = fake_lab.curves(experiment, speeds)
    rows.run(
        "visitor-mia",
        "again",
        {"arm": "ReLU", "by": 3.0},
        experiment=experiment.to_dict(),
        events=[StoredEvent(e.number, e.arm, pack(e.report)) for e in events],
        **about,
    )


def test_a_retried_run_shows_what_it_came_to_in_the_end(rows):
    """It keeps the time at which it was handed over, and ends at another."""
    experiment = PRESETS["relu-vs-tanh-2012"]
    rows.member("mia", "Mia")
    begun = rows.clock
    rows.run("visitor-mia", "again", {"arm": "ReLU"}, experiment=experiment.to_dict(),
             ended=begun + 1)  # fmt: skip
    table = fine(visit("predictions")).dataframe[0].value
    assert table["Measured"].tolist() == ["nothing to compare"]
    rows.clock = begun
    one_run(rows, experiment, (0.3, 0.15), ended=begun + 100)
    table = fine(visit("predictions")).dataframe[0].value
    assert table["Measured"].tolist() == ["ReLU; the last takes 2.0 times as long"]
    assert table["Came true"].tolist() == ["yes"]


def test_a_run_whose_server_died_is_over(rows):
    rows.member("mia", "Mia")
    one_run(rows, PRESETS["relu-vs-tanh-2012"], (0.3, 0.15), state="running",
            ended=None)  # fmt: skip
    table = fine(visit("predictions")).dataframe[0].value
    assert table["Came true"].tolist() == ["yes"]


def test_a_sweep_is_compared_by_the_best_rates(rows):
    rows.member("mia", "Mia")
    sweep = swept(PRESETS["relu-vs-tanh-2012"], (0.001, 0.002))
    one_run(rows, sweep, (0.1, 0.3, 0.05, 0.15))
    app = fine(visit("predictions"))
    assert app.dataframe[0].value["Came true"].tolist() == ["yes"]
    assert "ReLU 1, tanh 0" in app.main.get("vega_lite_chart")[0].proto.alt


def test_every_arm_that_was_guessed_is_in_the_chart(rows):
    """Students may compare other functions than the first of them did."""
    a_class(rows)
    pair = PRESETS["relu-vs-tanh-2012"]
    gelu = replace(pair, arms=(replace(pair.arms[0], label="GELU"), pair.arms[1]))
    rows.clock += 1
    one_run(rows, gelu, (0.3, 0.15))
    alt = fine(visit("predictions")).main.get("vega_lite_chart")[0].proto.alt
    assert "GELU 0" in alt and "ReLU 2" in alt and "tanh 1" in alt


# --- the gradebook --------------------------------------------------------------------


def test_the_gradebook_by_sums_topics_and_questions(rows):
    a_class(rows)
    table = fine(visit("gradebook")).dataframe[0].value
    assert table["Name"].tolist() == list(NAMES.values())
    assert table["Points"].tolist() == pytest.approx([0.8, 0, 0])
    assert table["Per cent"].tolist() == pytest.approx([80, 0, 0])
    assert table["Tries"].tolist() == [2, 1, 0]
    table = fine(visit("gradebook", book_columns="topics")).dataframe[0].value
    counting = f"{bank().topics['counting']} (of 1)"
    assert table[counting].tolist()[:2] == pytest.approx([0.8, 0])
    table = fine(visit("gradebook", book_columns="questions")).dataframe[0].value
    assert table[title("side")].tolist()[:2] == pytest.approx([0.8, 0])
    first = fine(visit("gradebook", book_which="first")).dataframe[0].value
    assert first["Points"].tolist()[:2] == pytest.approx([0.8, 0])


def links(app: AppTest) -> list[str]:
    return [x.proto.url for x in app.main.get("link_button")]


def test_files_are_links_to_the_route_that_asks_who_asks(rows):
    a_class(rows)
    app = fine(visit("gradebook", book_of="t", book_which="last"))
    assert links(app) == [
        "/class/export?class=c&test=t&which=last&format=xlsx",
        "/class/export?class=c&test=t&which=last&format=csv&csv=english",
        "/class/export?class=c&member=mia&format=zip",
    ]
    assert not app.main.get("download_button"), "/media/ asks nobody"


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (b for b in app.button if b.label == label)
    return fine(button.click().run())


def test_a_member_is_deleted_once_the_number_is_typed(rows):
    a_class(rows)
    app = fine(visit("gradebook", book_person="zoe"))
    assert escape_markdown(NAMES["zoe"]) in app.text_input[0].label
    app = press(app, "Delete all of it")
    assert "Nothing was deleted" in said(app)
    for typed in ("2", "", "3.0", NAMES["zoe"]):
        app.text_input[0].set_value(typed)
        assert "Nothing was deleted" in said(press(app, "Delete all of it"))
    app.text_input[0].set_value(" 3")
    app = press(app, "Delete all of it")
    assert "is deleted" in said(app)
    assert escape_markdown(NAMES["zoe"]) in said(app)
    assert app.dataframe[0].value["Name"].tolist() == list(NAMES.values())[:2]
    assert app.text_input[0].value == ""


# --- names ----------------------------------------------------------------------------


@pytest.mark.parametrize("tab", TABS)
def test_hidden_names_are_nowhere_in_what_is_sent(rows, tab):
    a_class(rows)
    chosen = {"results_question": "why-11"}
    shown = sent(fine(visit(tab, **chosen)))
    for name in NAMES.values():
        escaped = escape_markdown(name).encode()
        assert name.encode() in shown or escaped in shown, "the test can see them"
    app = fine(visit(tab, hide_names=True, **chosen))
    hidden = sent(app)
    for name in NAMES.values():
        for written in (name, escape_markdown(name), json.dumps(name)[1:-1]):
            assert written.encode() not in hidden
    for number in (1, 2, 3):
        assert f"Student {number}".encode() in hidden


def test_hidden_names_are_the_same_in_every_tab(rows):
    a_class(rows)
    book = fine(visit("gradebook", hide_names=True)).dataframe[0].value
    assert book["Name"].tolist() == ["Student 1", "Student 2", "Student 3"]
    guesses = fine(visit("predictions", hide_names=True)).dataframe[0].value
    assert guesses["Student"].tolist() == ["Student 3", "Student 2", "Student 1"]


def test_a_hidden_member_is_deleted_by_the_number(rows):
    a_class(rows)
    app = fine(visit("gradebook", hide_names=True, book_person="leo"))
    app.text_input[0].set_value("٢")  # as an Arabic keyboard types 2
    app = press(app, "Delete all of it")
    assert "Student 2 and all that was kept about them" in said(app)
    assert NAMES["leo"].encode() not in sent(app)


def test_two_of_one_name_are_told_apart():
    found = class_names.choices({"a": "Mia", "b": "Leo", "c": "Mia"})
    assert found == {"a": "Mia", "b": "Leo", "c": "Mia (2)"}


def test_questions_have_words_and_no_two_the_same():
    ids = ["side", "once-asked", "competition", "twice-asked"]
    assert titles(ids) == {
        "side": "Output size of a window",
        "once-asked": "A question that is gone",
        "competition": "The competition of 2012",
        "twice-asked": "A question that is gone (2)",
    }


# --- who asks -------------------------------------------------------------------------


@pytest.mark.parametrize("tab", TABS)
def test_another_instructor_sees_nothing(rows, tab):
    a_class(rows)
    with pytest.raises(NotAllowed):
        dict(tabs.TABS)[f"tab_{tab}"](results_rows.BOB, "c")
    app = visit(tab, who="bob")
    for name in NAMES.values():
        assert name.encode() not in sent(app)
    assert not app.dataframe


# --- the charts -----------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_bars_say_what_is_right_without_colour(scheme):
    spec = results.bars(["a", "b" * 200], [3, 1], [True, False], scheme)
    first, second = spec["datasets"]["bars"]
    assert first["name"] == "✓ a"
    assert "✓" not in second["name"]
    assert second["name"].count("\n") == results.LINES - 1
    assert spec["encoding"]["y"]["sort"] == [first["name"], second["name"]]


def test_labels_that_are_cut_alike_stay_two_bars():
    labels = ["x" * 100 + "1", "x" * 100 + "2"]
    spec = results.bars(labels, [2, 1], [False, False], "light")
    assert len({row["name"] for row in spec["datasets"]["bars"]}) == 2


def test_shares_have_a_row_for_each_grade():
    counts = {"right": [2, 0], "partly right": [0, 1], "wrong": [1, 4]}
    spec = results.shares(["a", "b"], counts, "light")
    rows = spec["datasets"]["shares"]
    assert [(r["name"], r["grade"], r["count"]) for r in rows][:3] == [
        ("a", "right", 2),
        ("a", "partly right", 0),
        ("a", "wrong", 1),
    ]
    assert spec["layer"][1]["encoding"]["x"]["scale"]["domain"] == [0, 5]


def test_every_word_is_there():
    say = words.page("class_results").as_dict()
    assert set(say["gradebook"]) >= set(gradebook.WHICH)

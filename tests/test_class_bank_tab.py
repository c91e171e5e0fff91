"""The Questions tab: what a file holds, what is kept, tried, edited and deleted."""

from __future__ import annotations

from typing import Any, get_args

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from classroom.escape import escape_markdown
from classroom.people.roles import Instructor
from classroom.questions import custom_questions, gift, levels
from classroom.questions.bank import bank
from tests import results_rows
from tests.results_rows import ADA, BOB
from ui.kit import cache, state, words
from ui.session import permissions

PATIENCE = 60  # seconds
TEXT = words.page("class_bank").as_dict()

GIFT = b"""::Colour::[html]<p>What <b>colour</b>?</p>{=red#Yes. ~blue#No.}

A text about the next one.

::Word::Which function? {=ReLU =%50%rectifier#Its other name. ####It is fast.}

::Bad::What? {~a ~b}

::Picture::[html]<p>Which?</p><img src\\="@@PLUGINFILE@@/dog.png">{T}
"""


@pytest.fixture
def rows(tmp_path, monkeypatch):
    monkeypatch.setattr(
        permissions,
        "instructor",
        lambda: (
            Instructor(st.session_state["who"], "") if st.session_state["who"] else None
        ),
    )
    with results_rows.opened(tmp_path, monkeypatch) as made:
        yield made


def page() -> None:
    import streamlit as st

    from classroom.people.roles import Instructor
    from ui.classes.bank import bank as class_bank

    class_bank.show(Instructor("ada", ""))
    assert st


def visit(who: str = "ada", **chosen: Any) -> AppTest:
    app = AppTest.from_function(page, default_timeout=PATIENCE)
    app.session_state["who"] = who
    for name, value in chosen.items():
        app.session_state[name] = value
    return fine(app.run())


def fine(app: AppTest) -> AppTest:
    assert not app.exception, [e.message for e in app.exception]
    return app


def said(app: AppTest) -> str:
    parts = [*app.markdown, *app.caption, *app.text, *app.info, *app.success]
    found = [part.value for part in [*parts, *app.warning, *app.error]]
    return "\n".join([*found, *(one.label for one in app.expander)])


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (b for b in app.button if b.label == label)
    return fine(button.click().run())


def upload(app: AppTest, data: bytes = GIFT, name: str = "week 3.gift") -> AppTest:
    app.file_uploader[0].upload(name, data, "text/plain").run()
    return fine(app)


def bring(
    text: str, who: Instructor = ADA, file: str = ""
) -> list[custom_questions.CustomQuestion]:
    found = custom_questions.read(text.encode())
    assert found.problems == ()
    custom_questions.add(who, found.items, "layers", file)
    return custom_questions.mine(who)


# --- in -------------------------------------------------------------------------------


def test_what_a_file_holds_is_said_whole(rows):
    app = upload(visit())
    shown = said(app)
    assert "The file holds 4 questions: 3 read, 1 refused." in shown
    assert "2 of one right choice, 1 of a short typed answer" in shown
    assert "1 question was refused" in shown
    assert "Line 7, “Bad”: no answer is right" in shown
    assert "1 text has no answers, so it is not a question" in shown
    assert "Line 3, “A text about the next one\\.”" in shown
    assert "a picture is missing" in shown
    assert "What **colour**\\?" in shown, "structure, not tags"


def test_a_file_is_kept_once(rows):
    app = press(upload(visit()), "Keep these 3 questions")
    assert "3 questions are kept." in said(app)
    assert [one.item.name for one in custom_questions.mine(ADA)] == [
        "Colour",
        "Word",
        "Picture",
    ]
    assert {one.file for one in custom_questions.mine(ADA)} == {"week 3.gift"}
    assert (
        custom_questions.bank_of("c").of_topic(custom_questions.TOPIC)[0].step
        == state.BANK_STEP.default
    )
    again = upload(app, name="other name.gift")
    assert "3 of them are there already" in said(again)
    assert not [b for b in again.button if b.label.startswith("Keep")]
    more = b"::Other name::What <b>colour</b>? {=red ~blue}\n\n::New::And? {T}\n\n"
    some = upload(visit(), more * 2)
    assert "3 of them are there already, or twice in the file" in said(some)
    some = press(some, "Keep this question")
    assert "1 question is kept. 3 of them are there already" in said(some)
    assert len(custom_questions.mine(ADA)) == 4
    assert custom_questions.mine(BOB) == []


def test_who_has_signed_out_keeps_and_deletes_nothing(rows):
    app = upload(visit())
    app.session_state["who"] = ""
    app = press(app, "Keep these 3 questions")
    assert words.page("sign_in")["signed_out"] in said(app)
    assert custom_questions.mine(ADA) == []
    bring("One? {=a ~b}")
    app = press(visit(who=""), "Delete this question")
    assert words.page("sign_in")["signed_out"] in said(app)
    assert len(custom_questions.mine(ADA)) == 1


def test_a_hostile_file_is_refused_in_the_tab(rows):
    app = upload(visit(), b"a\x00b", "x.txt")
    assert "U\\+0000" in app.error[0].value


def test_a_file_in_another_code_is_read_and_said(rows):
    app = upload(visit(), "Größe? {=é ~è}".encode("cp1252"))
    assert "Windows\\-1252" in said(app)
    assert "The file holds 1 question: 1 read, 0 refused." in said(app)


# --- out ------------------------------------------------------------------------------


def test_the_bank_is_exported_by_the_route(rows):
    app = visit(bank_seed=7)
    links = [x.proto.url for x in app.main.get("link_button")]
    assert links == ["/class/export?format=gift&seed=7"]
    known = len(bank().questions)
    assert f"{known - 10} of {known}" in said(app)
    for name in custom_questions.export(ADA, 1).left_out:
        assert bank().questions[name].title in said(app)


# --- one of them ----------------------------------------------------------------------


def test_a_question_is_tried_as_a_student_sees_it(rows):
    (word,) = bring("::W::Which? {=ReLU =%50%rectifier#Its other name.}")
    app = visit(bank_way="try")
    assert "Type a word or a few." in said(app)
    assert "ReLU" not in said(app), "nothing of the answer"
    (box,) = (x for x in app.text_input if x.label == "Your answer")
    box.set_value("Rectifier")
    app = press(app, "Check")
    assert "**Partly right.** Its other name\\." in said(app)
    assert "**The answer:** ReLU" in said(app)
    assert word.id in app.session_state["bank_own"]


def test_a_question_is_edited_text_answers_and_feedback(rows):
    (old,) = bring("::C::What? {=red ~blue#No.}")
    app = visit(bank_way="edit")
    key = f"bank_edit_{old.id}"
    app.text_area(key=f"{key}_ask").set_value("What colour has $x^2$?")
    app.text_area(key=f"{key}_1_say").set_value("Not *that*.")
    app.text_area(key=f"{key}_2_text").set_value("green")
    app.number_input(key=f"{key}_2_share").set_value(50.0)
    app.checkbox(key=f"{key}_rich").set_value(True)
    app = press(app, "Save")
    assert "It is saved." in said(app)
    (new,) = custom_questions.mine(ADA)
    assert new.id != old.id, "results tell what was asked"
    assert (new.item.name, new.item.ask) == ("C", "What colour has $x^2$?")
    assert [(c.text, c.worth, c.say) for c in new.item.choices] == [
        ("red", 100, ""),
        ("blue", 0, "Not *that*."),
        ("green", 50, ""),
    ]


@pytest.mark.parametrize(
    ("text", "field", "value", "check"),
    [
        ("{#4:1#yes =%0%5:0#no}", "0_value", "4.5", lambda i: i.value == 4.5),
        ("{=ReLU}", "1_text", "rectifier", lambda i: len(i.choices) == 2),
        ("{=a->1 =b->2}", "1_to", "3", lambda i: i.choices[1].to == "3"),
        ("{####Model.\n* one}", "why", "New.\n* two", lambda i: i.points == ("two",)),
        ("{~%50%a ~%50%b ~c}", "2_text", "d", lambda i: i.choices[2].text == "d"),
        ("{T#no}", "ask", "Really?", lambda i: i.ask == "Really?"),
    ],
)  # fmt: skip
def test_each_kind_can_be_edited(rows, text, field, value, check):
    (old,) = bring(f"::n::What? {text}")
    app = visit(bank_way="edit")
    name = f"bank_edit_{old.id}_{field}"
    (box,) = (x for x in [*app.text_area, *app.text_input] if x.key == name)
    box.set_value(value)
    app = press(app, "Save")
    (new,) = custom_questions.mine(ADA)
    assert new.item.kind == old.item.kind
    assert check(new.item)
    assert not app.error


def test_what_cannot_be_asked_is_not_saved(rows):
    (old,) = bring("::C::What? {=red ~blue}")
    app = visit(bank_way="edit")
    app.text_area(key=f"bank_edit_{old.id}_1_text").set_value("")
    app = press(app, "Save")
    assert "two answers or more" in app.error[0].value
    assert custom_questions.mine(ADA) == [old]


def test_an_edited_question_keeps_its_place_and_what_was_answered(rows):
    first, second = bring("::A::A? {=a ~b}\n\n::B::B? {=a ~b}")
    custom_questions.bank_of("c")
    rows.member("mia")
    rows.give("mia", first.id, "1")
    changed = gift.GiftItem(**{**vars(first.item), "ask": "Anew?"})
    name = custom_questions.replace_with(ADA, first.id, changed, "layers")
    assert [one.id for one in custom_questions.mine(ADA)] == [name, second.id]
    kept = custom_questions.bank_of("c", retired=True).of_topic(custom_questions.TOPIC)
    assert {q.id for q in kept} == {name, first.id, second.id}
    with pytest.raises(custom_questions.NotAllowed):
        custom_questions.replace_with(BOB, name, changed, "layers")
    with pytest.raises(custom_questions.NotAllowed):
        custom_questions.replace_with(ADA, first.id, changed, "layers")


# --- many of them ---------------------------------------------------------------------


def test_questions_are_deleted_in_bulk(rows):
    bring("$CATEGORY: x\n\nA? {=a ~b}\n\nB? {=a ~b}", file="one.gift")
    bring("C? {=a ~b}\n\nD? {=a ~b}", file="two.gift")
    mine = {one.item.ask: one.id for one in custom_questions.mine(ADA)}
    app = visit(bank_group="file:two.gift")
    app.multiselect[0].set_value([mine["D?"]])
    app = fine(app.run())
    app = press(app, "Delete the one chosen")
    assert [one.item.ask for one in custom_questions.mine(ADA)] == ["A?", "B?", "C?"]
    app = press(visit(bank_group="category:x"), "Delete all 2 that the list shows")
    assert "2 questions are deleted." in said(app)
    assert [one.item.ask for one in custom_questions.mine(ADA)] == ["C?"]
    app = press(visit(), "Delete the one that the list shows")
    assert custom_questions.mine(ADA) == []
    assert "You have no questions of your own yet." in said(app)


def test_a_class_has_each_change_at_once(rows):
    """Not when the bank that is kept for ten seconds has grown old."""

    def asked() -> list[str]:
        known = cache.class_bank("c").questions.values()
        return [
            question.ask
            for question in known
            if question.topic == custom_questions.TOPIC
        ]

    cache.class_bank.clear()
    assert asked() == []
    press(upload(visit(), b"One? {=a ~b}"), "Keep this question")
    assert asked() == [escape_markdown("One?")]
    app = visit(bank_way="edit")
    (one,) = custom_questions.mine(ADA)
    app.text_area(key=f"bank_edit_{one.id}_ask").set_value("Two?")
    press(app, "Save")
    assert asked() == [escape_markdown("Two?")]
    press(visit(), "Delete the one that the list shows")
    assert asked() == []


def test_deleting_anothers_deletes_none(rows):
    mine = bring("A? {=a ~b}")
    theirs = bring("B? {=a ~b}", BOB)
    with pytest.raises(custom_questions.NotAllowed):
        custom_questions.remove(ADA, mine[0].id, theirs[0].id)
    assert len(custom_questions.mine(ADA)) == len(custom_questions.mine(BOB)) == 1


# --- words ----------------------------------------------------------------------------


def test_every_kind_has_its_words():
    assert set(TEXT["kind"]) == set(get_args(gift.Kind))
    assert set(words.page("quiz").as_dict()["kind"]) >= set(get_args(gift.Kind))


def test_levels_of_the_bank_are_told(rows):
    app = visit()
    found = levels.count(bank().questions)
    names = words.page("class_tests").table("level")
    line = ", ".join(f"{names[one]} {count}" for one, count in found.items())
    assert line in said(app)
    table = app.dataframe[0].value
    assert table["All"].sum() == len(bank().questions)
    assert list(table["apply"]) == [
        sum(q.level == "apply" for q in bank().of_topic(topic))
        for topic in bank().topics
    ]

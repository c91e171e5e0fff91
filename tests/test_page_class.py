"""The pages of a class, run without a browser: who sees what, and whom it moves."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import segno
import sqlalchemy as sa
from streamlit.testing.v1 import AppTest

from classroom.content import lesson
from classroom.escape import escape_markdown
from classroom.exams import attempts, exams
from classroom.exams.exams import ExamPlan
from classroom.people import classes, codes, places
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor, Student
from paths import ROOT
from store import database
from store.answers.results import Results
from store.classes import Classes
from store.database import Database, DatabaseAway
from store.tables import Member
from tests.class_database import class_database
from tests.components import components, walk
from tests.page_links import own_labels
from ui.classes.tabs import TABS
from ui.following import join_link
from ui.following import place as class_place
from ui.kit import words
from ui.session import permissions, visitor

ANNA = Instructor("anna", "Anna")
KIM = "k" * 64  # a student's browser
HOSTILE = "Kim <b>x</b> **y** [z](http://a.example) $1$ :red[w] =1+1"
CLASS, JOIN = words.page("class").as_dict(), words.page("join").as_dict()
HIDDEN = words.page("class_results")["hidden"]
NEXT = words.page("menu").table("why")["class"]  # at the page's end
ONLY = f"{CLASS['title']}\n{CLASS['only']}\n{NEXT}"  # what all but instructors see
STEPS = lesson.load().steps
TITLES = {step.slug: step.title for step in STEPS}


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA) as own:
        yield own


@pytest.fixture(autouse=True)
def browser(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(visitor, "key", lambda: KIM)
    monkeypatch.setattr(visitor, "address", lambda: "192.0.2.7")


@pytest.fixture
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: ANNA)
    monkeypatch.setattr(visitor, "key", lambda: "a" * 64)


@pytest.fixture
def course() -> ClassNow:
    return classes.open_class(ANNA, "Form 5b")


def visit(page: str, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.run()
    app.query_params.update(query)
    app.switch_page(f"../pages/{page}.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def run(app: AppTest) -> AppTest:
    app.run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def press(app: AppTest, label: str) -> AppTest:
    button = next(x for x in app.button if x.label == label)
    button.click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def everything(app: AppTest) -> str:
    parts = [*app.main.title, *app.main.header, *app.main.subheader]
    parts += [*app.main.markdown, *app.main.caption, *app.main.text, *app.main.error]
    parts += [*app.main.info, *app.main.warning, *app.main.code]
    return "\n".join(str(part.value) for part in parts)


def at(app: AppTest) -> str:
    """The step that the lesson shows, by its title."""
    heads = [*app.title, *app.header]  # whoever is led sees the step before all else
    return next(h.value for h in heads if h.value in TITLES.values())


def component(app: AppTest) -> dict[str, Any] | None:
    """What the browser's follower was told, if there is one."""
    return next(iter(components(app, "follow")), None)


# --- who sees nothing -----------------------------------------------------------------


@pytest.mark.parametrize("is_student", [False, True])
@pytest.mark.parametrize("forged", [{}, {"tab": "Class", "lead": "1"}])
def test_others_see_one_sentence(
    is_student: bool, forged: dict[str, str], course: ClassNow
) -> None:
    if is_student:
        classes.join(course.code, KIM, "Kim")
    app = visit("class", **forged, **({"class": course.id} if forged else {}))
    assert everything(app) == ONLY
    assert not app.main.button and not app.main.text_input and not app.main.selectbox
    assert not app.main.tabs and not app.main.get("table")
    assert not app.main.image, "no code to scan"
    assert own_labels(app, "class") == [CLASS["sign_in"]]


def test_a_student_cannot_lead_by_the_address(course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")
    app = visit("lesson", step="relu", lead="1", **{"class": course.id})
    assert classes.now(ANNA, course.id).step == "start"
    assert not [x for x in app.toggle if x.label == lesson.load().words["class_lead"]]


def test_another_instructors_class_in_the_address(
    course: ClassNow, signed_in: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "instructor", lambda: Instructor("bert", "Bert"))
    app = visit("class", **{"class": course.id})
    assert course.code not in everything(app) and "Form 5b" not in everything(app)
    visit("lesson", step="relu", lead="1", **{"class": course.id})
    assert classes.now(ANNA, course.id).step == "start"


# --- the instructor's page ------------------------------------------------------------


def test_a_first_class_is_opened(signed_in: None) -> None:
    app = visit("class")
    assert CLASS["open_first"] in everything(app)
    app.text_input[0].set_value("  Form 5b ")
    press(app, CLASS["new_submit"])
    (opened,) = classes.mine(ANNA)
    assert opened.name == "Form 5b"
    assert codes.spaced(opened.code) in everything(app)
    assert app.main.image, "the QR code"


def test_a_class_without_a_name_is_refused_in_a_sentence(signed_in: None) -> None:
    app = press(visit("class"), CLASS["new_submit"])
    assert "Please type a name for the class." in everything(app)
    assert not classes.mine(ANNA)


def test_the_class_is_led_from_its_page(signed_in: None, course: ClassNow) -> None:
    app = visit("class")
    assert TITLES["start"] in everything(app)
    press(app, CLASS["next"])
    press(app, CLASS["reveal"])
    now = classes.now(ANNA, course.id)
    assert (now.step, now.reveal) == (STEPS[1].slug, True)
    press(app, CLASS["next"])
    now = classes.now(ANNA, course.id)
    assert (now.step, now.reveal) == (STEPS[2].slug, False), "the next is covered"
    press(app, CLASS["previous"])
    assert classes.now(ANNA, course.id).step == STEPS[1].slug


def table(app: AppTest) -> list[list[str]]:
    frame = app.main.table[0].value
    return [[str(cell) for cell in row] for row in frame.values.tolist()]


def test_who_is_here_is_shown_as_typed(signed_in: None, course: ClassNow) -> None:
    classes.join(course.code, KIM, HOSTILE)
    classes.show_names(ANNA, course.id, True)
    app = visit("class")
    assert "Here: **1** of 1. Following: **1**." in everything(app)
    ((name, where, how),) = table(app)
    assert name == escape_markdown(HOSTILE)
    assert (where, how) == (f"1 · {TITLES['start']}", CLASS["follows"])


def test_names_are_hidden_for_the_projector(signed_in: None, course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")
    app = visit("class")
    assert table(app)[0][0] == HIDDEN.format(number=1), "until it is asked for"
    assert not [x for x in app.selectbox if x.label == CLASS["lost_who"]]
    assert "Kim" not in everything(app)
    next(x for x in app.toggle if x.label == CLASS["show_names"]).set_value(True).run()
    assert table(app)[0][0] == "Kim"
    assert table(visit("class"))[0][0] == "Kim", "after a reload, too"
    other = classes.open_class(ANNA, "Form 6b")
    classes.join(other.code, KIM, "Kim")
    again = visit("class", **{"class": other.id})
    assert table(again)[0][0] == HIDDEN.format(number=1), "each class by itself"


def test_a_lost_code_can_be_looked_up(signed_in: None, course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None
    classes.show_names(ANNA, course.id, True)
    app = visit("class")
    assert codes.spaced(place.own_code) not in everything(app), "not unasked"
    box = next(x for x in app.selectbox if x.label == CLASS["lost_who"])
    box.set_value(classes.here(ANNA, course.id)[0].id).run()
    assert codes.spaced(place.own_code) in everything(app)


def test_a_class_is_closed_opened_again_renamed_and_deleted(
    signed_in: None, course: ClassNow
) -> None:
    app = visit("class")
    press(app, CLASS["close"])
    assert not classes.now(ANNA, course.id).is_open
    assert CLASS["is_closed"] in everything(app)
    assert codes.spaced(course.code) not in everything(app)
    press(app, CLASS["reopen"])
    assert classes.now(ANNA, course.id).is_open
    field = next(x for x in app.text_input if x.value == "Form 5b")
    field.set_value("Form 6b")
    press(app, CLASS["rename"])
    assert classes.now(ANNA, course.id).name == "Form 6b"
    press(app, CLASS["delete_yes"])
    assert CLASS["delete_no"] in everything(app), "not without its code"
    next(x for x in app.text_input if x.label == CLASS["delete_code"]).set_value(
        course.code.lower()
    )
    press(app, CLASS["delete_yes"])
    assert classes.mine(ANNA) == []
    assert CLASS["open_first"] in everything(run(app))


def test_who_signs_out_meanwhile_sees_no_more(
    signed_in: None, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.join(course.code, KIM, "Kim")
    app = visit("class")
    monkeypatch.setattr(permissions, "instructor", lambda: None)
    press(app, CLASS["next"])
    assert classes.now(ANNA, course.id).step == "start"
    assert everything(app) == ONLY


def test_the_database_is_away(
    signed_in: None, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("away")

    monkeypatch.setattr(Classes, "of_owner", away)
    assert CLASS["away"] in everything(visit("class"))


# --- how to join ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("named", "found"),
    [
        ("https://lab.school.example/", "https://lab.school.example"),
        ("lab.school.example:8501", "http://lab.school.example:8501"),
    ],
)
def test_the_address_can_be_named(
    named: str, found: str, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXNET_ADDRESS", named)
    assert join_link.address() == found
    assert join_link.link(course) == f"{found}/join?code={course.code}"


def test_presented_the_room_sees_how_to_join_alone(
    signed_in: None, course: ClassNow
) -> None:
    def headings(app: Any) -> list[str]:
        return [one.value for one in app.main if one.type in ("title", "header")]

    app, code = visit("class"), codes.spaced(course.code)
    assert len(app.tabs) == len(TABS)
    found = headings(app)
    lead = found.index(CLASS["lead_title"])
    assert lead < found.index(code), "what leads comes first, on a phone too"
    app = visit("class", present="1")
    assert headings(app) == [CLASS["heading"], code, CLASS["here_title"]]
    assert not app.tabs, "what students answered is not for a projector"


def test_the_address_to_join_by_can_be_copied(
    signed_in: None, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ALEXNET_ADDRESS", "https://lab.school.example")
    (link,) = components(visit("class"), "copy_link")
    assert link["address"] == join_link.link(course)


def test_the_instructor_is_warned_of_localhost(
    signed_in: None, course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def warned() -> bool:
        return any("cannot reach" in x.value for x in visit("class").warning)

    monkeypatch.setenv("ALEXNET_ADDRESS", "http://localhost:8501")
    assert warned()
    monkeypatch.setenv("ALEXNET_ADDRESS", "http://192.168.1.7:8501")
    assert not warned()


def test_the_qr_code_is_the_link(course: ClassNow) -> None:
    link = f"http://192.168.1.7:8501/join?code={course.code}"
    png = join_link.qr_png(link)
    assert png.startswith(b"\x89PNG")
    code = segno.make(link, error="m", micro=False)
    side = 12 * code.symbol_size(border=3)[0]
    assert int.from_bytes(png[16:20]) == side, "whole pixels, with its quiet zone"


# --- a student joins ------------------------------------------------------------------


def fill(app: AppTest, **fields: str) -> None:
    for label, value in fields.items():
        next(x for x in app.text_input if x.label == JOIN[label]).set_value(value)


def test_a_student_joins_by_the_qr_codes_address(course: ClassNow) -> None:
    app = visit("join", code=course.code)
    fill(app, name=HOSTILE)
    press(app, JOIN["submit"])
    said = everything(app)
    assert escape_markdown(HOSTILE) in said and "Form 5b" in said
    place = classes.membership(KIM)
    assert place is not None and codes.spaced(place.own_code) in said
    assert own_labels(app, "join") == [JOIN["follow"], JOIN["quiz"]]


@pytest.mark.parametrize(
    ("code", "name", "why"),
    [
        ("", "Kim", "Please type the code of your class."),
        ("WRONG2", "Kim", "No class has this code."),
        (None, "  ", "Please type your name."),
    ],
)
def test_what_is_missing_is_said(
    code: str | None, name: str, why: str, course: ClassNow
) -> None:
    app = visit("join")
    fill(app, code=course.code if code is None else code, name=name)
    press(app, JOIN["submit"])
    assert why in everything(app)
    assert classes.student(KIM) is None


def test_a_student_leaves_and_comes_back(course: ClassNow) -> None:
    kim = classes.join(course.code, KIM, "Kim")
    place = classes.membership(KIM)
    assert place is not None
    app = press(visit("join"), JOIN["leave_yes"])
    assert classes.student(KIM) is None
    assert JOIN["lead"] in everything(app)
    again = [x for x in app.text_input if x.label == JOIN["code"]][1]
    again.set_value(course.code)
    fill(app, own=place.own_code)
    press(app, JOIN["submit_again"])
    assert classes.student(KIM) == kim
    assert "**Kim**" in everything(app)


def test_another_classs_code_offers_that_class(course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")
    other = classes.open_class(ANNA, "Form 6b")
    app = visit("join", code=other.code)
    assert JOIN["another"] in everything(app)
    fill(app, name="Kim")
    press(app, JOIN["submit"])
    assert "Form 6b" in everything(app)


def test_joining_while_the_database_is_away(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise DatabaseAway("away")

    app = visit("join", code=course.code)
    fill(app, name="Kim")
    monkeypatch.setattr(Classes, "by_code", away)
    assert JOIN["away"] in everything(press(app, JOIN["submit"]))


# --- a student follows ----------------------------------------------------------------


@pytest.fixture
def kim(course: ClassNow) -> None:
    classes.join(course.code, KIM, "Kim")


def move(course: ClassNow, step: str, reveal: bool = False) -> None:
    classes.move(ANNA, course.id, step, reveal)


def test_the_lesson_goes_where_the_class_is(course: ClassNow, kim: None) -> None:
    move(course, "relu", reveal=True)
    app = visit("lesson")
    assert at(app) == TITLES["relu"]
    assert lesson.load().words["hide"] in {x.label for x in app.button}, "revealed"
    told = component(app)
    assert told is not None
    assert (told["mode"], told["step"], told["at"]) == ("follows", "relu", "relu")
    move(course, "dropout")
    assert at(run(app)) == TITLES["dropout"]
    assert lesson.load().words["hide"] not in {x.label for x in app.button}


def test_who_is_led_sees_the_step_first(course: ClassNow, kim: None) -> None:
    heading = words.page("lesson")["heading"]
    app = visit("lesson")
    assert app.title[0].value == TITLES["start"], "the page's heading, at the top"
    kinds = [getattr(x, "type", "") for x in walk(app.main)]
    assert kinds.index("title") < kinds.index("selectbox"), "choices stand at the end"
    classes.close_class(ANNA, course.id)
    assert run(app).title[0].value == heading, "led no more"


def test_who_is_led_finds_the_words_of_the_step(course: ClassNow, kim: None) -> None:
    move(course, "relu")
    app = visit("lesson")
    shown = "\n".join(block.value for block in app.markdown)
    assert '[ReLU](#words "Rectified' in shown, "linked"
    assert [x.value for x in app.main.header] == [lesson.load().words["glossary"]]
    assert "- **ReLU**: Rectified linear unit" in shown, "and explained"


def test_who_steps_wanders_until_they_return(course: ClassNow, kim: None) -> None:
    move(course, "relu")
    app = visit("lesson")
    press(app, lesson.load().words["next"])
    assert at(app) == TITLES["layers"]
    told = component(app)
    assert told is not None and told["mode"] == "wanders" and not told["follows"]
    move(course, "dropout")
    assert at(run(app)) == TITLES["layers"], "the class moves without them"
    told = component(app)
    assert told is not None and told["step"] == "dropout"


def test_who_hides_the_answer_still_follows(course: ClassNow, kim: None) -> None:
    """The answer is the instructor's to show; then a student may hide it."""
    text = lesson.load().words
    app = visit("lesson")
    assert text["reveal"] not in {x.label for x in app.button}
    classes.move(ANNA, course.id, "start", True)
    press(run(app), text["hide"])
    told = component(app)
    assert told is not None and told["mode"] == "follows"
    assert text["reveal"] in {x.label for x in app.button}
    move(course, "relu")
    run(app)
    assert at(app) == TITLES["relu"]
    assert text["reveal"] not in {x.label for x in app.button}


def test_a_link_to_a_step_is_the_students_wish(course: ClassNow, kim: None) -> None:
    move(course, "relu")
    app = visit("quiz")
    app.query_params.clear()
    app.query_params["step"] = "dropout"
    run(app.switch_page("../pages/lesson.py"))
    assert at(app) == TITLES["dropout"]
    told = component(app)
    assert told is not None and told["mode"] == "wanders"


def test_other_pages_lead_back(course: ClassNow, kim: None) -> None:
    move(course, "relu")
    app = visit("quiz")
    told = component(app)
    assert told is not None
    assert (told["mode"], told["at"], told["step"]) == ("elsewhere", "quiz", "relu")
    place = 1 + list(TITLES).index("relu")
    assert told["steps"]["relu"] == [place, TITLES["relu"]]


def test_who_is_in_no_class_is_asked_nothing(course: ClassNow) -> None:
    assert component(visit("lesson")) is None
    assert component(visit("quiz")) is None


def test_a_class_that_is_closed_lets_go(course: ClassNow, kim: None) -> None:
    app = visit("lesson")
    classes.close_class(ANNA, course.id)
    told = component(run(app))
    assert told is not None and (told["mode"], told["open"]) == ("ended", False)
    assert (
        told["text"]["sentence"]
        == "Your class “Form 5b” has ended. What is yours stays."
    )
    press(app, lesson.load().words["next"])
    assert at(app) == TITLES[STEPS[1].slug]


def test_the_lesson_stays_while_the_database_is_away(
    course: ClassNow, kim: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    move(course, "relu")
    app = visit("lesson")

    def away(*_: object) -> None:
        raise DatabaseAway("away")

    monkeypatch.setattr(Classes, "memberships", away)
    assert at(run(app)) == TITLES["relu"]
    assert component(app) is not None, "it will ask again"


# --- a class that has ended, or is gone -----------------------------------------------


def parted(app: AppTest) -> str:
    """What is said at the foot of the page of a place that is gone."""
    blocks = app._tree.children.values()
    found = [x for block in blocks for x in walk(block)]
    texts = [str(x.value) for x in found if getattr(x, "type", "") == "markdown"]
    return "\n".join(texts)


def test_what_was_answered_is_read_on_in_a_class_that_has_ended(
    course: ClassNow, kim: None
) -> None:
    classes.close_class(ANNA, course.id)
    for page in ("lesson", "quiz", "privacy", "join", "filters"):
        told = component(visit(page))
        assert told is not None and told["mode"] == "ended", page
    quiz = everything(visit("quiz"))
    assert words.page("quiz")["kept_class"].format(name="Kim") in quiz
    app = visit("join")
    assert JOIN["ended"].format(course="Form 5b") in everything(app)
    assert own_labels(app, "join") == [JOIN["results"], JOIN["read"]]
    classes.reopen(ANNA, course.id)
    told = component(run(app))
    assert told is not None and told["mode"] == "elsewhere"


def test_who_comes_too_late_is_told_why(course: ClassNow) -> None:
    classes.close_class(ANNA, course.id)
    app = visit("join", code=course.code)
    fill(app, name="Kim")
    assert "it has ended" in everything(press(app, JOIN["submit"]))


def test_the_results_of_another_class_are_found(course: ClassNow, kim: None) -> None:
    """One class ends; its student is in another one, which is open."""
    app = visit("quiz")
    other = classes.open_class(ANNA, "Form 6b")
    classes.join(other.code, KIM, "Kim")
    classes.join(course.code, KIM, "Kim")
    run(app)
    classes.close_class(ANNA, course.id)
    assert JOIN["parted"]["ended"].format(course="Form 5b") in parted(run(app))
    told = component(app)
    assert told is not None and told["class"] == other.id
    app = visit("join")
    assert JOIN["other_ended"].format(course="Form 5b", name="Kim") in everything(app)
    told = component(press(app, JOIN["other_go"]))
    assert told is not None and (told["class"], told["mode"]) == (course.id, "ended")


def _delete_class(course: ClassNow, student: Student) -> None:
    classes.delete(ANNA, course.id)


def _delete_student(course: ClassNow, student: Student) -> None:
    Results(database.shared()).forget(course.id, student.member)


def _come_back_elsewhere(course: ClassNow, student: Student) -> None:
    place = classes.membership(KIM)
    assert place is not None
    classes.come_back(course.code, place.own_code, "l" * 64)


def _leave(course: ClassNow, student: Student) -> None:
    classes.leave(student)


@pytest.mark.parametrize(
    ("what", "do"),
    [
        ("deleted", _delete_class),
        ("removed", _delete_student),
        ("elsewhere", _come_back_elsewhere),
        ("left", _leave),
    ],
)
def test_what_became_of_a_place_is_said(
    what: str,
    do: Callable[[ClassNow, Student], None],
    course: ClassNow,
    kim: None,
) -> None:
    app = visit("lesson")
    student = classes.student(KIM)
    assert student is not None
    do(course, student)
    said = JOIN["parted"][what].format(course="Form 5b")
    assert said in parted(run(app))
    app.switch_page("../pages/quiz.py")
    assert said in parted(run(app)), "on every page"
    assert said not in parted(press(app, JOIN["parted_ok"])), "until it is read"


# --- who is at the browser ------------------------------------------------------------


def _long_ago(opened: Database) -> None:
    with opened.writing() as session:
        long_ago = time.time() - places.PAUSE - 1
        session.execute(sa.update(Member).values(seen=long_ago))


IS_KIM = JOIN["ask_yes"].format(name="Kim")
IS_NOT_KIM = JOIN["ask_no"].format(name="Kim")


@pytest.mark.parametrize("page", ["quiz", "relu_vs_tanh", "lesson", "filters"])
def test_after_a_pause_it_is_asked_who_is_here(
    page: str, course: ClassNow, kim: None, opened: Database
) -> None:
    move(course, "relu")
    assert component(visit(page)) is not None
    _long_ago(opened)
    app = visit(page)
    labels = {x.label for x in app.button}
    assert {IS_KIM, IS_NOT_KIM} <= labels
    assert component(app) is None, "nobody is here in Kim's name"
    if page in class_place.IN_THEIR_NAME:
        assert not app.title, "the page waits"
    app = press(app, IS_KIM)
    assert IS_KIM not in {x.label for x in app.button}
    assert component(app) is not None
    assert IS_KIM not in {x.label for x in visit(page).button}, "asked once"


def test_another_session_of_the_browser_is_asked(
    course: ClassNow, kim: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(visitor, "browsing", lambda: "1" * 64)
    app = press(visit("quiz"), IS_KIM)
    assert app.title
    assert IS_KIM not in {x.label for x in visit("quiz").button}
    monkeypatch.setattr(visitor, "browsing", lambda: "2" * 64)
    assert IS_KIM in {x.label for x in visit("quiz").button}


def test_the_next_one_is_not_kim(course: ClassNow, kim: None, opened: Database) -> None:
    place = classes.membership(KIM)
    assert place is not None
    _long_ago(opened)
    app = visit("quiz")
    app.session_state["own_name"] = "holiday.jpg"
    app = press(app, IS_NOT_KIM)
    assert classes.student(KIM) is None
    assert "own_name" not in app.session_state, "nothing of Kim's is left"
    assert everything(app).startswith(JOIN["heading"])
    code = next(x for x in app.text_input if x.label == JOIN["code"])
    assert code.value == course.code, "they can join by a name of their own"
    assert codes.spaced(place.own_code) not in everything(app)
    fill(app, name="Bob")
    press(app, JOIN["submit"])
    bob = classes.student(KIM)
    assert bob is not None and bob.name == "Bob"
    kim_again = classes.come_back(course.code, place.own_code, "m" * 64)
    assert kim_again == place.student


def test_scanning_again_asks_who_it_is(course: ClassNow, kim: None) -> None:
    app = visit("join", code=course.code)
    assert {IS_KIM, IS_NOT_KIM} <= {x.label for x in app.button}
    place = classes.membership(KIM)
    assert place is not None
    assert codes.spaced(place.own_code) not in everything(app), "not to a stranger"
    app = press(app, IS_KIM)
    assert at(app) == TITLES["start"], "and leads into the lesson"


def test_typing_the_code_again_makes_nobody_kim(course: ClassNow, kim: None) -> None:
    other = classes.open_class(ANNA, "Form 6b")
    app = visit("join", code=other.code)  # a form, for another class
    code = next(x for x in app.text_input if x.label == JOIN["code"])
    code.set_value(course.code.lower())
    fill(app, name="Bob")
    app = press(app, JOIN["submit"])
    assert {IS_KIM, IS_NOT_KIM} <= {x.label for x in app.button}
    press(app, IS_NOT_KIM)
    assert classes.student(KIM) is None


# --- the instructor leads -------------------------------------------------------------


def test_the_lesson_moves_the_class(signed_in: None, course: ClassNow) -> None:
    text = lesson.load().words
    app = visit("lesson", step="relu", lead="1")
    assert classes.now(ANNA, course.id).step == "relu"
    press(app, text["next"])
    press(app, text["reveal"])
    now = classes.now(ANNA, course.id)
    assert (now.step, now.reveal) == ("layers", True)
    told = component(app)
    assert told is not None
    assert (told["mode"], told["version"]) == ("leads", now.version)


def test_another_window_moves_the_lesson(signed_in: None, course: ClassNow) -> None:
    app = visit("lesson", lead="1")
    move(course, "dropout", reveal=True)  # from the class's page, on a phone
    assert at(run(app)) == TITLES["dropout"]
    assert classes.now(ANNA, course.id).reveal, "and is not moved back"


def test_without_leading_nobody_is_moved(signed_in: None, course: ClassNow) -> None:
    text = lesson.load().words
    app = press(visit("lesson", step="relu"), text["next"])
    assert classes.now(ANNA, course.id).step == "start"
    next(x for x in app.toggle if x.label == text["class_lead"]).set_value(True).run()
    assert classes.now(ANNA, course.id).step == "layers", "from where one is"


def test_the_notes_begin_where_the_class_is_and_lead_it(
    signed_in: None, course: ClassNow
) -> None:
    """Opening them, or loading them again, moves nobody; their arrows move everyone."""
    text = lesson.load().words
    classes.move(ANNA, course.id, "dropout", True)
    app = visit("lesson", step="relu", notes="1", lead="1", **{"class": course.id})
    now = classes.now(ANNA, course.id)
    assert (now.step, now.reveal) == ("dropout", True)
    press(app, text["next"])
    assert classes.now(ANNA, course.id).step == STEPS[_place("dropout") + 1].slug


def test_the_instructors_page_leads_to_what_prepares_the_lesson(
    signed_in: None, course: ClassNow
) -> None:
    app = visit("class", **{"class": course.id})
    links = {x.label: x.query_string for x in app.main.get("page_link")}
    assert links[CLASS["prepare"]] == "with=notes"


def test_notes_that_do_not_lead_move_nobody(signed_in: None, course: ClassNow) -> None:
    press(visit("lesson", step="relu", notes="1"), lesson.load().words["next"])
    assert classes.now(ANNA, course.id).step == "start"


def _place(slug: str) -> int:
    return [step.slug for step in STEPS].index(slug)


def test_how_to_join_is_shown_on_demand(signed_in: None, course: ClassNow) -> None:
    text = lesson.load().words
    app = visit("lesson", lead="1", present="1")
    assert codes.spaced(course.code) not in {x.value for x in app.title}
    press(app, text["class_join"])
    assert codes.spaced(course.code) in {x.value for x in app.title}
    press(app, text["next"])
    assert codes.spaced(course.code) not in {x.value for x in app.title}


def test_without_an_open_class_there_is_a_way_to_one(signed_in: None) -> None:
    app = visit("lesson", lead="1")
    labels = own_labels(app, "lesson")
    assert lesson.load().words["class_none"] in labels


@pytest.mark.parametrize("language", lesson.languages())
def test_the_words_of_following_are_in_every_language(language: str) -> None:
    there: Callable[[str], str] = lambda name: str(  # noqa: E731
        lesson.load(language).words[name]
    )
    assert "{number}" in there("class_wanders") and "{title}" in there("class_wanders")
    assert "{name}" in there("class_follows") and "{name}" in there("class_leads")
    if language != lesson.DEFAULT:
        assert there("class_back") != str(lesson.load().words["class_back"])


def test_a_class_that_is_closed_elsewhere_is_led_no_more(
    signed_in: None, course: ClassNow
) -> None:
    text = lesson.load().words
    app = visit("lesson", lead="1", present="1", **{"class": course.id})
    other = classes.open_class(ANNA, "Form 6b")
    classes.close_class(ANNA, course.id)  # in another window
    app = press(app, text["next"])
    assert text["class_closed"].format(name="Form 5b") in everything(app)
    assert component(app) is None
    assert classes.now(ANNA, other.id).step == "start", "nor is another led instead"
    press(app, text["next"])
    assert classes.now(ANNA, other.id).step == "start"


def test_a_class_that_is_deleted_elsewhere_is_led_no_more(
    signed_in: None, course: ClassNow
) -> None:
    text = lesson.load().words
    app = visit("lesson", lead="1", **{"class": course.id})
    classes.delete(ANNA, course.id)
    assert text["class_deleted"] in everything(run(app))
    assert component(app) is None


def test_the_notes_hear_of_the_end(signed_in: None, course: ClassNow) -> None:
    text = lesson.load().words
    app = visit("lesson", notes="1", lead="1", **{"class": course.id})
    told = component(app)
    assert told is not None and (told["mode"], told["open"]) == ("leads", True)
    classes.close_class(ANNA, course.id)
    assert text["class_closed"].format(name="Form 5b") in everything(run(app))
    assert component(app) is None
    app = visit("lesson", notes="1", lead="1", **{"class": course.id})
    classes.reopen(ANNA, course.id)
    app = visit("lesson", notes="1", lead="1", **{"class": course.id})
    classes.delete(ANNA, course.id)
    assert text["class_deleted"] in everything(run(app))
    assert classes.mine(ANNA) == []


def test_closing_warns_of_a_test_that_is_open(
    signed_in: None, course: ClassNow, kim: None
) -> None:
    app = visit("class")
    assert CLASS["close_say"] in everything(app)
    made = exams.create(ANNA, course.id, ExamPlan("*One*", ("side",)))
    exams.open_exam(ANNA, made.id)
    student = classes.student(KIM)
    assert student is not None
    attempt = attempts.begin(student, made.id)
    warned = CLASS["close_test_1"].format(title=escape_markdown("*One*"), count=1)
    assert warned in everything(run(app))
    press(app, CLASS["close"])
    assert attempts.exam_attempt(student, attempt.id).released, "its results are there"
    with pytest.raises(attempts.ExamRefused, match="closed"):
        exams.open_exam(ANNA, made.id)
    classes.reopen(ANNA, course.id)
    assert not exams.of_class(ANNA, course.id)[0].open

"""A class guesses together, page by page: the instructor's screen and a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.people import activities, class_page, classes
from classroom.people.activities import Stage
from classroom.people.classes import ClassNow
from classroom.people.codes import spaced
from classroom.people.roles import Instructor, Student
from lab.presets import PRESETS
from lab.results import crowd
from store.activities import StoredActivity
from store.database import Database, DatabaseAway
from tests.class_database import class_database
from tests.components import components
from tests.fake_lab import FakeEngine
from tests.test_page_lab import said, visit
from ui.classes.results import predictions
from ui.experiments import replay, source
from ui.kit import words
from ui.kit.runs import run_replay, run_sentences
from ui.session import permissions, visitor

ANNA = Instructor("anna", "Anna")
PRESET = PRESETS["relu-vs-tanh-2012"]
TEXT, LAB = words.page("class_guess"), words.page("lab")
SESSION = "s" * 64
FIRST, SECOND = (arm.label for arm in PRESET.arms)


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    fake = FakeEngine()
    monkeypatch.setattr(source, "engine", lambda: fake)
    return fake


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA) as own:
        yield own


@pytest.fixture
def course() -> ClassNow:
    return classes.open_class(ANNA, "9a")


class Class:
    """An instructor and a student, at their browsers in turn."""

    def __init__(self, course: ClassNow, monkeypatch: pytest.MonkeyPatch) -> None:
        self.course, self.patch = course, monkeypatch
        monkeypatch.setattr(visitor, "browsing", lambda: SESSION)
        self.kim = classes.join(course.code, "k" * 64, "Kim", browsing=SESSION)

    def as_anna(self) -> None:
        self.patch.setattr(permissions, "instructor", lambda: ANNA)
        self.patch.setattr(permissions, "is_instructor", lambda: True)
        self.patch.setattr(visitor, "key", lambda: "a" * 64)

    def as_kim(self) -> None:
        self.patch.setattr(permissions, "instructor", lambda: None)
        self.patch.setattr(permissions, "is_instructor", lambda: False)
        self.patch.setattr(visitor, "key", lambda: "k" * 64)

    def now(self) -> StoredActivity:
        found = activities.current(self.course.id)
        assert found is not None
        return found


@pytest.fixture
def room(course: ClassNow, monkeypatch: pytest.MonkeyPatch) -> Class:
    return Class(course, monkeypatch)


def press(app: AppTest, key: str) -> AppTest:
    (found,) = (one for one in app.button if one.key == key)
    found.click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def begin(room: Class) -> AppTest:
    room.as_anna()
    return press(visit("relu_vs_tanh"), "class_recording")


def verdict(app: AppTest) -> Any:
    return components(app, "replay")[0]


def test_the_instructor_begins_from_an_experiment(room: Class) -> None:
    app = begin(room)
    assert room.now().kind == "guess" and room.now().stage == Stage.GUESS
    assert TEXT["guessed"].format(count=0, here=1) in said(app)
    assert app.title[0].value == LAB.table("preset", PRESET.name)["question"]
    of = LAB.table("guess", run_sentences.kind(PRESET))
    assert app.header[0].value == of["which"].format(target=PRESET.target)
    assert spaced(room.course.code) in [one.value for one in app.title]
    text = said(app)
    assert "%" not in text.replace("25%", "")


def test_a_visitor_or_a_student_is_not_offered_it(room: Class) -> None:
    room.as_kim()
    assert not [b for b in visit("relu_vs_tanh").button if b.key == "class_recording"]


def test_who_follows_is_brought_there_and_back(room: Class) -> None:
    begin(room)
    room.as_kim()
    app = visit("lesson")
    assert app.title[0].value == LAB.table("preset", PRESET.name)["question"]
    (bar,) = components(app, "follow")
    assert bar["moves"] and bar["mode"] == "follows" and bar["together"]
    activities.end(ANNA, room.course.id)
    app.run()
    assert not [b for b in app.button if (b.key or "").startswith("arm ")]
    assert app.button and any(b.key == "next_step" for b in app.button)


def test_who_was_brought_to_a_page_is_brought_there_too(room: Class) -> None:
    class_page.bring(ANNA, room.course.id, "filters")
    room.as_kim()
    app = visit("filters")
    (bar,) = components(app, "follow")
    assert bar["mode"] == "follows"
    room.as_anna()
    anna = visit("filters", **{"class": room.course.id})
    anna.session_state["lead"] = 1
    anna = press(anna.switch_page("../pages/relu_vs_tanh.py").run(), "class_recording")
    question = LAB.table("preset", PRESET.name)["question"]
    assert anna.title[0].value == question  # who leads stays there
    assert classes.now(ANNA, room.course.id).page == ""
    room.as_kim()
    assert app.run().title[0].value == question


def test_who_wanders_stays_and_is_told(room: Class) -> None:
    begin(room)
    room.as_kim()
    app = visit("filters")
    (bar,) = components(app, "follow")
    assert bar["mode"] == "elsewhere" and bar["together"] and bar["button"] == "back"


def guessed(room: Class, arm: int = 0, by: float = 3.0) -> AppTest:
    room.as_kim()
    app = press(visit("class_guess"), f"arm {arm}")
    app.session_state[f"setting {room.now().id} class_by"] = by
    app.run()
    return press(app, "give_guess")


def test_a_guess_is_two_taps_and_is_kept(room: Class) -> None:
    begin(room)
    room.as_kim()
    app = visit("class_guess")
    assert [b.label for b in app.button if b.key.startswith("arm ")] == [
        FIRST, SECOND, LAB.table("guess")["same"],
    ]  # fmt: skip
    app = press(app, "arm 1")
    (give,) = (b for b in app.button if b.key == "give_guess")
    assert give.disabled  # by how much is not said yet
    guessed(room)
    assert activities.mine(room.kim, room.now()) == {"arm": FIRST, "by": 3.0}
    # Another device, or the page loaded again: it is there, and can be changed.
    app = visit("class_guess")
    assert TEXT["is_in"] in said(app)
    app = press(press(app, "change_guess"), "arm same")
    assert activities.mine(room.kim, room.now()) == {"arm": "", "by": None}
    assert TEXT["is_in"] in said(app)


def test_a_guess_that_came_too_late_is_not_taken(room: Class) -> None:
    begin(room)
    room.as_kim()
    app = visit("class_guess")
    activities.go_on(ANNA, room.now())
    app = press(app, "arm same")
    assert TEXT["too_late"] in said(app) and TEXT["no_guess"] in said(app)
    assert activities.guesses(ANNA, room.now()) == []


def test_a_guess_is_not_lost_while_the_database_is_away(
    room: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    begin(room)
    room.as_kim()
    app = press(visit("class_guess"), "arm 0")
    app.session_state[f"setting {room.now().id} class_by"] = 2.0
    app.run()

    def away(*_: object) -> bool:
        raise DatabaseAway("gone")

    with monkeypatch.context() as patch:
        patch.setattr(activities, "guess", away)
        app = press(app, "give_guess")
    assert TEXT["not_kept"] in said(app)
    press(app, "give_guess")
    assert activities.mine(room.kim, room.now()) == {"arm": FIRST, "by": 2.0}


def three_more(room: Class) -> list[Student]:
    found = [
        classes.join(room.course.code, name * 64, f"Student {name}") for name in "xyz"
    ]
    given = [{"arm": FIRST, "by": 6.0}, {"arm": SECOND, "by": 2.0}]
    given.append({"arm": "", "by": None})
    for one, guess in zip(found, given, strict=True):
        activities.guess(one, room.now(), guess)
    return found


def test_from_guesses_to_the_verdict(room: Class) -> None:
    begin(room)
    guessed(room)
    three_more(room)
    name = next(iter(replay.found(PRESET)))
    room.as_anna()
    app = visit("class_guess")
    assert TEXT["guessed"].format(count=4, here=4) in said(app)
    app = press(app, "next guess")
    counts = LAB.table("crowd")
    listed = f"**{FIRST}** 2, **{SECOND}** 1, **{counts['same']}** 1"
    assert counts["counts"].format(listed=listed) in said(app)
    assert not components(app, "replay")  # nothing of the result yet
    room.as_kim()
    phone = visit("class_guess")
    assert counts["counts"].format(listed=listed) in said(phone)
    assert TEXT["closed"] in said(phone)
    assert not components(phone, "replay")

    room.as_anna()
    app = press(app, "next closed")
    shown = verdict(app)
    assert shown["starts"] == 1
    crowd_marks = shown["crowd"][shown["opens"]]
    recording = replay.found(PRESET)[name]
    experiment, events = run_replay.compared(recording)
    guesses = [one.guess for one in activities.guesses(ANNA, room.now())]
    assert [(one["x"], one["begins"]) for one in crowd_marks] == [
        (one.x, one.begins)
        for one in crowd.chart_marks(experiment, guesses, events)
        if 0 <= one.y <= 1
    ]
    assert "Guesses of the class: 4" in shown["verdict"]["alt"]
    room.as_kim()
    assert TEXT["watch"] in said(visit("class_guess"))

    room.as_anna()
    app = press(app, "next watch")
    found = run_replay.result(recording)
    judged = crowd.judged(recording.experiment, guesses, found)
    assert judged is not None
    right = TEXT.table("judged")["right"].format(right=judged.right, count=4)
    assert right in said(app)
    assert "Student" not in said(app) and "Kim" not in said(app)
    assert TEXT["nearest"].split("{")[0] not in said(app)
    room.as_kim()
    phone = visit("class_guess")
    mine = crowd.distance(recording.experiment, guesses[0], found)
    nearer = judged.nearer(mine)
    said_so = TEXT.table("judged")["nearer" if nearer else "nearest"]
    assert said_so.format(nearer=nearer, others=3) in said(phone)
    assert right in said(phone) and "Student" not in said(phone)
    # And after its end, by the same address.
    activities.end(ANNA, room.course.id)
    assert right in said(visit("class_guess"))


def test_its_guesses_are_among_the_classs_predictions(room: Class) -> None:
    begin(room)
    guessed(room)
    three_more(room)
    before = list(predictions.guessed_together(ANNA, room.course.id))
    assert [one.outcome for one in before] == [None] * 4  # it is not told yet
    for _ in range(3):
        activities.go_on(ANNA, room.now())
    found = list(predictions.guessed_together(ANNA, room.course.id))
    given = activities.guesses(ANNA, room.now())
    assert [one.guess.member for one in found] == [one.member_id for one in given]
    assert [one.guessed for one in found] == [one.guess["arm"] for one in given]
    assert [one.came_true for one in found] == [
        one.guess["arm"] == found[0].ahead for one in given
    ]
    assert any(one.came_true for one in found)


def test_names_are_shown_where_the_class_shows_them(room: Class) -> None:
    begin(room)
    guessed(room)
    three_more(room)
    for _ in range(3):
        activities.go_on(ANNA, room.now())
    classes.show_names(ANNA, room.course.id, True)
    room.as_anna()
    nearest = next(
        one.value
        for one in visit("class_guess").markdown
        if one.value.startswith(TEXT["nearest"].split("{")[0])
    )
    assert "Kim" in nearest and nearest.count("Student") == 2


def test_a_run_for_the_class_is_trained_here(room: Class, engine: FakeEngine) -> None:
    room.as_anna()
    press(visit("relu_vs_tanh"), "class_live")
    guessed(room)
    room.as_anna()
    app = press(press(visit("class_guess"), "next guess"), "next closed")
    run_id = room.now().run_id
    assert run_id is not None and engine.made[run_id].guess == {}
    (button,) = (b for b in app.button if b.key == "next watch")
    assert button.disabled  # nothing to show yet
    done = engine.add(PRESET, "finished", speeds=(0.3, 0.15))
    engine.made[run_id] = engine.made[done]
    app = visit("class_guess")
    live = verdict(app)
    assert len(live["crowd"][live["opens"]]) == 1
    app = press(app, "next watch")
    room.as_kim()
    assert TEXT.table("judged")["right"].format(right=1, count=1) in said(
        visit("class_guess")
    )


def test_a_refused_run_says_why(room: Class, engine: FakeEngine) -> None:
    room.as_anna()
    press(visit("relu_vs_tanh"), "class_live")
    engine.refuse = "The queue is full."
    app = press(press(visit("class_guess"), "next guess"), "next closed")
    assert room.now().stage == Stage.CLOSED
    assert "The queue is full" in said(app)


def test_leading_on_in_the_lesson_ends_it(room: Class) -> None:
    begin(room)
    room.as_anna()
    app = visit("lesson", lead="1")
    assert activities.current(room.course.id) is not None
    press(app, "next_step")
    assert activities.current(room.course.id) is None


@pytest.mark.parametrize("who", ["as_anna", "as_kim"])
def test_without_an_activity_the_page_says_so(room: Class, who: str) -> None:
    getattr(room, who)()
    app = visit("class_guess")
    assert TEXT["nothing_led" if who == "as_anna" else "nothing"] in said(app)

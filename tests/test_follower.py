"""The states of who follows a class and who leads it: every transition, every event."""

from __future__ import annotations

import re

import pytest

from classroom.people.follower import (
    TRANSITIONS,
    Action,
    Event,
    State,
    acts_on,
    beside,
    leaders_event,
    students_event,
)
from paths import ROOT
from ui.kit.components.follow import Visit

ROWS = [
    ("follows", "unchanged", "follows", "stay"),
    ("follows", "class moved", "follows", "page goes"),
    ("follows", "page moved", "wanders", "stay"),
    ("follows", "returned", "follows", "page goes"),
    ("wanders", "unchanged", "wanders", "stay"),
    ("wanders", "class moved", "wanders", "stay"),
    ("wanders", "page moved", "wanders", "stay"),
    ("wanders", "returned", "follows", "page goes"),
    ("elsewhere", "unchanged", "elsewhere", "stay"),
    ("elsewhere", "class moved", "elsewhere", "stay"),
    ("elsewhere", "returned", "follows", "page goes"),
    ("leads", "unchanged", "leads", "stay"),
    ("leads", "class moved", "leads", "page goes"),
    ("leads", "page moved", "leads", "class goes"),
    ("leads", "brought", "leads", "class goes"),
]


@pytest.mark.parametrize(("before", "event", "after", "action"), ROWS)
def test_transition(before: str, event: str, after: str, action: str) -> None:
    found = TRANSITIONS[State(before), Event(event)]
    assert found == (State(after), Action(action))


def test_every_transition_is_tested() -> None:
    assert {(x, y) for x, y, _, _ in ROWS} == set(TRANSITIONS)


def test_only_a_leader_moves_a_class() -> None:
    movers = {x for (x, _), (_, act) in TRANSITIONS.items() if act is Action.CLASS_GOES}
    assert movers == {State.LEADS}


def test_a_leader_neither_follows_nor_wanders() -> None:
    after = {y for (x, _), (y, _) in TRANSITIONS.items() if x is State.LEADS}
    assert after == {State.LEADS}


RELU, LRN = ("c", "relu", 0, ""), ("c", "lrn", 0, "")
SHOWN = ("c", "relu", 1, "")
NOTHING = ("c", "", 0, "")
MAPS, UNIT = ("c", "relu", 0, "feature-maps"), ("c", "relu", 0, "feature-maps?unit=7")
QUIZ = ("c", "relu", 0, "quiz")


@pytest.mark.parametrize(
    ("taken", "now", "step", "by_link", "event"),
    [
        (RELU, RELU, "relu", False, Event.UNCHANGED),
        (RELU, LRN, "relu", False, Event.CLASS_MOVED),
        (RELU, SHOWN, "relu", False, Event.CLASS_MOVED),  # the answer was revealed
        (RELU, RELU, "lrn", False, Event.PAGE_MOVED),
        (RELU, LRN, "lrn", False, Event.CLASS_MOVED),  # there already: to be noted
        (RELU, LRN, "start", False, Event.CLASS_MOVED),  # both moved: the class first
        (RELU, LRN, "start", True, Event.PAGE_MOVED),  # but a link is a choice
        (None, RELU, "start", False, Event.CLASS_MOVED),  # a reload, or the first run
        (None, RELU, "start", True, Event.PAGE_MOVED),
        (None, RELU, "relu", True, Event.CLASS_MOVED),  # a link to where the class is
        (NOTHING, RELU, "start", False, Event.CLASS_MOVED),  # after a return
        (RELU, MAPS, "relu", False, Event.CLASS_MOVED),  # brought to another page
        (MAPS, MAPS, "relu", False, Event.PAGE_MOVED),  # back to the lesson alone
        (None, MAPS, "relu", False, Event.CLASS_MOVED),  # who comes late goes there
        (MAPS, RELU, "relu", False, Event.CLASS_MOVED),
    ],
)
def test_a_students_event(taken, now, step, by_link, event) -> None:
    assert students_event(taken, now, step, by_link=by_link) is event


@pytest.mark.parametrize(
    ("taken", "now", "page", "is_step", "event"),
    [
        (RELU, RELU, RELU, True, Event.UNCHANGED),
        (RELU, RELU, LRN, True, Event.PAGE_MOVED),
        (RELU, RELU, SHOWN, True, Event.PAGE_MOVED),
        (RELU, LRN, RELU, True, Event.CLASS_MOVED),  # another window moved it
        (RELU, LRN, ("c", "start", 0, ""), True, Event.CLASS_MOVED),
        (None, RELU, LRN, True, Event.PAGE_MOVED),  # leading begins where they are
        (
            ("d", "lrn", 0, ""),
            RELU,
            LRN,
            True,
            Event.PAGE_MOVED,
        ),  # another class before
        (RELU, RELU, ("c", "nowhere", 0, ""), False, Event.UNCHANGED),
        (RELU, MAPS, RELU, True, Event.CLASS_MOVED),  # brought in another window
        (MAPS, MAPS, RELU, True, Event.PAGE_MOVED),  # back to the lesson, all of them
    ],
)
def test_a_leaders_event(taken, now, page, is_step, event) -> None:
    assert leaders_event(taken, now, page, is_step=is_step) is event


@pytest.mark.parametrize(
    ("taken", "now", "page", "follows", "state", "event"),
    [
        (RELU, RELU, "filters", True, "elsewhere", "unchanged"),
        (RELU, LRN, "filters", True, "elsewhere", "class moved"),
        (RELU, MAPS, "filters", True, "elsewhere", "class moved"),
        (RELU, MAPS, "feature-maps", True, "follows", "class moved"),  # it came
        (MAPS, MAPS, "feature-maps", True, "follows", "unchanged"),
        (MAPS, UNIT, "feature-maps", True, "follows", "class moved"),
        (MAPS, QUIZ, "feature-maps", True, "follows", "class moved"),
        (MAPS, RELU, "feature-maps", True, "follows", "class moved"),  # to the lesson
        (None, MAPS, "feature-maps", True, "follows", "class moved"),  # a reload
        (None, RELU, "feature-maps", True, "elsewhere", "class moved"),
        (MAPS, UNIT, "feature-maps", False, "elsewhere", "class moved"),  # wanders
    ],
)
def test_a_student_beside_the_lesson(taken, now, page, follows, state, event) -> None:
    found = beside(taken, now, page, follows=follows)
    assert found == (State(state), Event(event)) and found in TRANSITIONS


# State, whether the page goes with the class, the class with the page, and the button.
BARS = [
    ("follows", True, False, ""),
    ("wanders", False, False, "back"),
    ("leads", True, True, ""),
    ("ended", False, False, "test"),
    ("elsewhere", False, False, "back"),
]


@pytest.mark.parametrize(("state", "moves", "leads", "button"), BARS)
def test_what_a_state_does(state: str, moves: bool, leads: bool, button: str) -> None:
    at = State(state)
    assert (acts_on(at, Event.CLASS_MOVED) is Action.PAGE_GOES) is moves
    assert (acts_on(at, Event.PAGE_MOVED) is Action.CLASS_GOES) is leads
    assert Visit("relu", at, False).button == button


def test_every_state_has_its_bar() -> None:
    assert [State(name) for name, *_ in BARS] == list(State)
    assert not Visit("quiz", State.ENDED, False).button  # the results are there


def test_the_browser_decides_by_no_state() -> None:
    """The server's table says what a state does; the browser gets that."""
    folder = ROOT / "ui/kit/components/follow"
    for name in ("follow.js", "follow.css", "follow.html"):
        written = re.findall(r"""["'`](\w+)["'`]""", (folder / name).read_text("utf-8"))
        assert not set(written) & set(State), name

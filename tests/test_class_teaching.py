"""A class teaches together: limits, whose pictures, how long they stay, screens."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from classroom.people import activities, classes
from classroom.people.classes import ClassNow
from classroom.people.roles import Instructor
from model import weights
from model.pictures import photographs
from store.database import Database, DatabaseAway
from tests.class_database import class_database
from tests.components import components
from tests.test_german_pages import everything
from tests.test_page_teach import file, post
from tests.test_pages import visit
from ui.kit import words
from ui.kit.teach import class_teaching, teach_routes, teach_workspace
from ui.kit.teach.class_teaching import SharedWorkspace, TooManySets
from ui.kit.teach.teach_workspace import Full
from ui.network.teach import class_teach
from ui.session import permissions, visitor

ANNA = Instructor("anna", "Anna")
TEXT, TEACH = words.page("class_teach"), words.page("teach")
NAMES = ["Rock", "Paper", "Scissors"]
SESSION = "s" * 64
GREY = Image.new("RGB", (32, 32), "#888")


@pytest.fixture(autouse=True)
def no_sets() -> Iterator[None]:
    yield
    for name in list(class_teaching.shared_sets):
        class_teaching.forget(name)


def row(place: int, number: int = 0) -> dict[str, np.ndarray]:
    """Activations that tell the classes apart."""
    values = np.zeros(8)
    values[place] = 1
    values[7] = number / 100
    return {weights.DEFAULT: values}


def shared() -> SharedWorkspace:
    return class_teaching.open_set("a", NAMES, weights.DEFAULT, lambda: True)


# --- whose pictures, and how many -----------------------------------------------------


def test_a_student_gives_so_many_and_takes_back_their_own() -> None:
    one = shared()
    kim, lee = one.desk("kim"), one.desk("lee")
    first = one.classes[0].id
    numbers = [
        kim.add(first, GREY, row(0))[0].number for _ in range(class_teaching.MOST_EACH)
    ]
    assert not kim.has_room(first) and lee.has_room(first)
    with pytest.raises(Full):
        kim.add(first, GREY, row(0))
    lee.add(first, GREY, row(0))
    lee.remove(numbers[0])  # not theirs
    assert len(one.classes[0].examples) == class_teaching.MOST_EACH + 1
    kim.remove(numbers[0])
    assert kim.has_room(first)
    assert len(one.classes[0].examples) == class_teaching.MOST_EACH
    assert one.desk("kim") is kim  # a student who comes back has the same


def test_pictures_that_come_at_once_keep_to_the_limits() -> None:
    one = shared()
    first = one.classes[0].id

    def give(name: str) -> None:
        for _ in range(class_teaching.MOST_EACH + 2):
            try:
                one.desk(name).add(first, GREY, row(0))
            except Full:
                return

    count = class_teaching.MOST_TOGETHER // class_teaching.MOST_EACH + 3
    threads = [Thread(target=give, args=(f"s{x % count}",)) for x in range(2 * count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(one.classes[0].examples) == class_teaching.MOST_TOGETHER
    each = [len(one.of(first, f"s{x}")) for x in range(count)]
    assert max(each) == class_teaching.MOST_EACH


def test_each_number_of_pictures_is_noted_once() -> None:
    one = shared()
    for right, count in ((4, 6), (4, 6), (5, 7), (6, 7), (7, 8)):
        one.note(right, count)
    assert [(x.right, x.pictures) for x in one.history] == [(4, 6), (5, 7), (7, 8)]


# --- how long they stay ---------------------------------------------------------------


def test_an_activity_has_one_set_until_it_is_forgotten() -> None:
    one = shared()
    desk = one.desk("kim")
    desk.add(one.classes[0].id, GREY, row(0))
    picture = weakref.ref(one.classes[0].examples[0])
    assert shared() is one
    class_teaching.forget("a")
    gc.collect()
    # A page may still hold the set; no picture is in it.
    assert picture() is None and one.is_closed and not one.taught().examples
    assert not desk.has_room(1)
    answer = post(f"{teach_routes.address(desk)}look", file("dog"))
    assert answer.json() == {"classes": [], "probabilities": []}
    assert shared() is not one


def test_what_is_not_wanted_or_not_used_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    goes_on = True

    def wanted() -> bool:
        if goes_on is None:
            raise DatabaseAway("gone")
        return goes_on

    one = class_teaching.open_set("a", NAMES, weights.DEFAULT, wanted)
    class_teaching.tidy()
    assert not one.is_closed
    goes_on = None  # type: ignore[assignment]
    class_teaching.tidy()
    assert not one.is_closed  # nothing is known: it stays
    goes_on = False
    class_teaching.tidy()
    assert one.is_closed
    two = shared()
    monkeypatch.setattr(class_teaching, "IDLE", -1.0)
    class_teaching.tidy()
    assert two.is_closed


def test_a_server_holds_so_many_sets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(class_teaching, "MOST_SETS", 1)
    shared()
    with pytest.raises(TooManySets):
        class_teaching.open_set("b", NAMES, weights.DEFAULT, lambda: True)


# --- words ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("Rock, Paper,Scissors", ["Rock", "Paper", "Scissors"]),
        (" a  b , c ,", ["a b", "c"]),
        ("one", []),
        ("same, Same", []),
        ("1,2,3,4,5,6,7", []),
        ("", []),
    ],
)
def test_names_are_two_to_six_different_ones(typed: str, found: list[str]) -> None:
    assert class_teach.split_names(typed) == found


def test_left_out_pictures_are_counted_and_drawn() -> None:
    one = shared()
    assert class_teach.standing(one, one.taught()) == TEXT["collecting"].format(count=0)
    assert class_teach.progress(one) is None
    for number in range(3):
        for place, each in enumerate(one.classes):
            one.desk(f"s{number}").add(each.id, GREY, row(place, number))
    said = class_teach.standing(one, one.taught())
    assert said == TEXT["right"].format(right=9, count=9)
    one.desk("x").add(one.classes[0].id, GREY, row(1))  # looks like the second
    said = class_teach.standing(one, one.taught())
    assert said == TEXT["right"].format(right=9, count=10)
    assert class_teach.progress(one) is not None
    assert class_teach.told(one.history) == (
        "Correct when left out: 100% with 9 pictures, 90% with 10."
    )


# --- the two screens ------------------------------------------------------------------


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    with class_database(tmp_path, monkeypatch, ANNA) as own:
        yield own


@pytest.fixture
def course(opened: Database, monkeypatch: pytest.MonkeyPatch) -> ClassNow:
    monkeypatch.setattr(visitor, "browsing", lambda: SESSION)
    return classes.open_class(ANNA, "9a")


def as_anna(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(permissions, "instructor", lambda: ANNA)
    patch.setattr(visitor, "key", lambda: "a" * 64)


def as_student(patch: pytest.MonkeyPatch, letter: str) -> None:
    patch.setattr(permissions, "instructor", lambda: None)
    patch.setattr(visitor, "key", lambda: letter * 64)


def press(app: AppTest, key: str) -> AppTest:
    (found,) = (one for one in app.button if one.key == key)
    found.click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def test_a_class_teaches_from_its_phones(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    as_anna(monkeypatch)
    app = press(visit("teach"), "class_teach")
    assert TEXT["collecting"].format(count=0) in everything(app)
    assert [x["name"] for x in components(app, "teach")[0]["classes"]] == NAMES
    phones = []
    for letter, photo in (("k", "fish1"), ("l", "fish2")):
        classes.join(course.code, letter * 64, letter, browsing=SESSION)
        as_student(monkeypatch, letter)
        (data,) = components(visit("lesson"), "teach")  # brought there
        assert data["fixed"] and data["limits"]["most_pictures"] == (
            class_teaching.MOST_EACH
        )
        phones.append(data)
        for one, name in zip(data["classes"], (photo, "dog", "owl"), strict=True):
            answer = post(f"{data['address']}class/{one['id']}", file(name))
            assert answer.json()["count"] == 1
    # Each sees their own and how many there are; all teach one layer.
    (data,) = components(visit("class_teach"), "teach")
    assert [(len(x["pictures"]), x["all"]) for x in data["classes"]] == [(1, 2)] * 3
    assert data["ready"]
    assert phones[0]["address"] != phones[1]["address"] == data["address"]
    found = [post(f"{x['address']}look", file("fish3")).json() for x in phones]
    assert found[0] == found[1] and len(found[0]["probabilities"]) == 3
    # The instructor sees all, without names, and removes one.
    as_anna(monkeypatch)
    app = visit("class_teach")
    text = everything(app)
    assert " of 6 pictures correct" in text and TEACH["learned"] in text
    (data,) = components(app, "teach")
    assert [len(x["pictures"]) for x in data["classes"]] == [2, 2, 2]
    now = activities.current(course.id)
    assert now is not None
    one = class_teach.shared_of(now)
    one.remove(data["classes"][0]["pictures"][0]["number"])
    assert [len(x.examples) for x in one.classes] == [1, 2, 2]
    # Its end forgets them, and its students are in the lesson again.
    press(app, "end_together")
    assert one.is_closed
    assert not one.taught().examples
    as_student(monkeypatch, "k")
    assert not components(visit("lesson"), "teach")


def test_only_who_has_signed_in_begins_it(
    course: ClassNow, monkeypatch: pytest.MonkeyPatch
) -> None:
    classes.join(course.code, "k" * 64, "Kim", browsing=SESSION)
    as_student(monkeypatch, "k")
    assert not [b for b in visit("teach").button if b.key == "class_teach"]
    app = visit("class_teach")
    assert TEXT["nothing"] in [one.value for one in app.info]


def test_limits_stand_on_the_page() -> None:
    said = class_teach.privacy()
    assert f"at most {class_teaching.MOST_EACH} for each class" in said
    assert f"at most {class_teaching.MOST_TOGETHER}." in said and "2 hours" in said


def test_photographs_take_little_memory() -> None:
    """A picture is kept as a JPEG, a thumbnail and its activations, no more."""
    one = shared()
    image = teach_workspace.middle(photographs.image("dog"))
    values = {weights.DEFAULT: np.zeros(4096, np.float32)}
    made, _ = one.desk("kim").add(one.classes[0].id, image, values)
    size = len(made.jpeg) + len(made.thumbnail) + made.features[weights.DEFAULT].nbytes
    assert size < 64_000
    assert teach_routes.address(one.desk("kim")).endswith("/")

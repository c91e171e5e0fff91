"""A class's own pictures on the lab's pages: brought, seen, trained on, deleted."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from classroom.escape import escape_markdown
from classroom.people.roles import Student
from lab.datasets import kept, uploaded
from lab.presets import PRESETS
from model import pictures
from store import database as store_database
from tests.class_rows import add_account, add_class
from tests.components import predict
from tests.fake_lab import FakeEngine
from tests.migrated import new_database
from tests.test_datasets import animals, photograph, zipped
from tests.test_page_lab import TEXT, button, engine, looked_at, opened, said, visit
from ui.experiments.settings import upload
from ui.kit import state
from ui.session import permissions

__all__ = ["engine"]  # a fixture

RELU = PRESETS["relu-vs-tanh-2012"]
OWN = TEXT["own"]


@pytest.fixture
def instructors_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """The visitor is at the machine, before any account; a database of the test's."""
    monkeypatch.setattr(permissions, "is_instructor", lambda: True)
    monkeypatch.setenv("ALEXNET_DATA", str(tmp_path))
    opened = new_database(tmp_path)
    monkeypatch.setattr(store_database, "current", opened)
    yield
    opened.close()
    pictures.close()


def brought(app: AppTest, name: str, content: bytes) -> AppTest:
    """The page after a zip was handed in, and read to its end."""
    file = (name, content, "application/zip")
    app = app.main.file_uploader[0].set_value(file).run()
    name_of = state.UPLOAD_INTAKE.name
    if name_of in app.session_state:
        intake = app.session_state[name_of]
        assert intake.wait(60)
        app = app.run()
    return looked_at(app)


def chosen(app: AppTest, field: str) -> Any:
    return app.session_state[state.setting(RELU.name, field, "").name]


LEFT = ["dog/broken *1*.jpg", "Thumbs.db"]


def test_a_zip_is_taken_shown_chosen_and_fitted(
    engine: FakeEngine, instructors_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = animals(8) | {"dog/broken *1*.jpg": b"\xff\xd8\xff", "Thumbs.db": b"x"}
    app = brought(visit("relu_vs_tanh"), "our *animals*.zip", zipped(files))
    sentence = (
        "16 images in 2 classes (cat 8, dog 8); one file was left out, and one file "
        "of the operating system."
    )
    assert escape_markdown(sentence) in said(app)
    frames = [frame.value for frame in app.main.dataframe]
    (classes,) = (f for f in frames if "class" in f and "images" in f)
    assert classes["class"].tolist() == ["cat", "dog"]
    assert classes["images"].tolist() == [8, 8]
    (left,) = (t.value for t in app.main.table if "why" in t.value)
    assert left["file"].tolist() == [*map(escape_markdown, LEFT)]
    assert all(left["why"])
    monkeypatch.setattr(upload, "LONG", 1)
    app = opened(app, "left out")
    (left,) = (f.value for f in app.main.dataframe if "why" in f.value)
    assert left["file"].tolist() == LEFT
    # It is chosen; as many pictures as there are, and passes enough for so few.
    (one,) = kept.of(None)
    assert one.title == "our *animals*" and chosen(app, "dataset") == one.name
    assert (chosen(app, "n"), chosen(app, "epochs")) == (12, 400)
    predict(app, "ReLU")
    looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    for arm in run.experiment.arms:
        assert (arm.dataset, arm.pictures, arm.epochs) == (one.name, None, 400)


def test_another_data_set_brings_its_own_numbers_back(
    engine: FakeEngine, instructors_page: None
) -> None:
    app = brought(visit("relu_vs_tanh"), "ours.zip", zipped(animals(8)))
    box = app.selectbox(key=state.setting(RELU.name, "dataset", "").name)
    assert "ours (16 images)" in box.options
    app = looked_at(box.set_value("shapes").run())
    assert (chosen(app, "n"), chosen(app, "epochs")) == (10_000, 40)


def test_numbers_that_were_typed_stay_while_the_data_set_does(
    engine: FakeEngine, instructors_page: None
) -> None:
    """A change that is said again, of a run that was broken off, is none."""
    app = brought(visit("relu_vs_tanh"), "ours.zip", zipped(animals(8)))
    (one,) = kept.of(None)
    number = app.number_input(key=state.setting(RELU.name, "epochs", 0).name)
    app = looked_at(number.set_value(20).run())
    fitted = state.setting(RELU.name, "fitted", "").name
    assert app.session_state[fitted] == one.name and chosen(app, "epochs") == 20
    box = app.selectbox(key=state.setting(RELU.name, "dataset", "").name)
    app = looked_at(box.set_value("shapes").run())
    assert chosen(app, "epochs") == 40 and app.session_state[fitted] == "shapes"


def test_half_the_data_is_half_of_ones_own(
    engine: FakeEngine, instructors_page: None
) -> None:
    app = visit("experiments", idea="half-the-data")
    app = brought(app, "ours.zip", zipped(animals(20)))
    predict(app, "32 images")
    looked_at(button(app, "Start").click().run())
    (run,) = engine.made.values()
    assert [arm.pictures for arm in run.experiment.arms] == [32, 16]
    assert [arm.label for arm in run.experiment.arms] == ["32 images", "16 images"]


def test_ones_own_pictures_are_deleted_at_the_second_click(
    engine: FakeEngine, instructors_page: None
) -> None:
    app = brought(visit("relu_vs_tanh"), "ours.zip", zipped(animals(8)))
    (one,) = kept.of(None)
    key = f"delete {one.name}"
    app = looked_at(app.button(key=key).click().run())
    assert kept.of(None) and OWN["delete_say"] in said(app)
    app = looked_at(app.button(key=key).click().run())
    assert kept.of(None) == []
    assert chosen(app, "dataset") == "shapes"
    assert not [x for x in app.main.button if x.key == key]


def test_a_student_chooses_what_the_instructor_brought_and_deletes_nothing(
    engine: FakeEngine, instructors_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    with store_database.shared().writing() as session:
        owner, other = add_account(session), add_account(session, "eve")
        hers = add_class(session, owner)
    found = uploaded.read_zip(zipped(animals(8)), "ours")
    name = kept.keep(found, owner)
    kept.keep(uploaded.read_zip(zipped(animals(9)), "not for you"), other)
    monkeypatch.setattr(permissions, "is_instructor", lambda: False)
    student = Student("kim", hers, "Kim")
    monkeypatch.setattr(permissions, "student", lambda: student)
    app = visit("relu_vs_tanh")
    box = app.selectbox(key=state.setting(RELU.name, "dataset", "").name)
    assert "ours (16 images)" in box.options and len(box.options) == 3
    assert not app.main.file_uploader
    assert not [x for x in app.main.button if x.key == f"delete {name}"]
    monkeypatch.setattr(permissions, "student", lambda: None)
    box = visit("relu_vs_tanh").selectbox(key=box.key)
    assert len(box.options) == 2


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"no archive", "zip"),
        (zipped({"../../out/1.png": photograph(1)}), "out"),
        (zipped({"cat/1.png": photograph(1)}), "class"),
    ],
)
def test_a_zip_that_is_not_taken_is_refused_in_words(
    content: bytes,
    says: str,
    engine: FakeEngine,
    instructors_page: None,
    tmp_path: Path,
) -> None:
    app = brought(visit("relu_vs_tanh"), "bad.zip", content)
    (warning,) = (x.value for x in app.main.warning)
    assert says in warning
    assert not kept.everything()
    assert not (tmp_path.parent / "out").exists()


def test_reading_shows_how_far_it_is_and_can_be_stopped(
    engine: FakeEngine, instructors_page: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A picture waits for the test; other pages are drawn meanwhile."""
    opening, go_on = threading.Event(), threading.Event()
    real = uploaded.load_picture

    def slow(data: bytes) -> Any:
        opening.set()
        assert go_on.wait(60)
        return real(data)

    monkeypatch.setattr(uploaded, "load_picture", slow)
    monkeypatch.setattr(upload, "QUICK", 0.01)
    app = visit("relu_vs_tanh")
    file = ("ours.zip", zipped(animals(8)), "application/zip")
    app = looked_at(app.main.file_uploader[0].set_value(file).run())
    assert opening.wait(60)
    assert "Reading “ours”" in " ".join(x.proto.text for x in app.get("progress"))
    assert not app.main.file_uploader
    looked_at(visit("dropout"))
    app = looked_at(button(app, OWN["stop"]).click().run())
    intake = app.session_state[state.UPLOAD_INTAKE.name]
    go_on.set()
    assert intake.wait(60)
    app = looked_at(app.run())
    assert escape_markdown(OWN["stopped"]) in said(app) and app.main.file_uploader
    assert not kept.everything()


def test_students_bring_no_pictures_for_everybody(
    engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "is_instructor", lambda: False)
    assert not visit("relu_vs_tanh").main.file_uploader

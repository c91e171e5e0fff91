"""One's own picture: where it goes when it is lost, and the ways to bring one."""

from __future__ import annotations

import io
from types import SimpleNamespace

import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from model import runtime, weights
from model.pictures import close
from tests.test_pages import said, visit
from ui.kit import picture, state, words

TEXT = words.page("picture").as_dict()
LOST = TEXT["lost"].split("; shown")[0]


@pytest.fixture(scope="module", autouse=True)
def network():
    runtime.network(weights.DEFAULT)
    yield
    close()


def photograph() -> bytes:
    file = io.BytesIO()
    Image.linear_gradient("L").convert("RGB").save(file, "JPEG")
    return file.getvalue()


def infos(app: AppTest) -> str:
    return " ".join(info.value for info in app.info)


@pytest.mark.parametrize("page", ["filters", "feature_maps"])
def test_an_address_that_names_a_lost_picture_says_so(page: str) -> None:
    app = visit(page, picture="own")
    assert infos(app).count(LOST) == 1
    app.run()
    assert LOST in infos(app)  # until something else is chosen
    (chooser,) = (box for box in app.selectbox if box.label == TEXT["choose"])
    chooser.set_value("dog").run()
    assert LOST not in infos(app)


def test_home_says_it_too_and_shows_another_one() -> None:
    app = visit("home", picture="own")
    assert infos(app).count(LOST) == 1
    assert app.session_state[state.PICTURE.name] == state.PICTURE.default
    app = visit("home", picture="dog")
    assert LOST not in infos(app)
    (uploader,) = app.file_uploader
    uploader.upload("a.jpg", photograph(), "image/jpeg").run()
    assert "a\\.jpg" in said(app)
    (uploader,) = app.file_uploader  # a new one for each picture
    uploader.upload("a.txt", b"only words", "text/plain").run()
    assert len(app.error) == 1


def test_a_picture_that_is_there_is_not_lost() -> None:
    app = visit("feature_maps", picture="dog")
    assert LOST not in infos(app)
    (uploader,) = app.file_uploader
    uploader.upload("a.jpg", photograph(), "image/jpeg").run()
    assert LOST not in infos(app)
    assert "a\\.jpg" in said(app)


@pytest.mark.parametrize(
    ("address", "is_allowed"),
    [
        ("http://192.168.1.7:8501", False),
        ("http://school.example", False),
        ("http://[fd00::7]:8501", False),
        ("https://192.168.1.7:8501", True),
        ("http://localhost:8501", True),
        ("http://lab.localhost", True),
        ("http://127.0.0.1:8501", True),
        ("http://[::1]:8501", True),
        (None, True),
    ],
)
def test_the_camera_is_offered_where_browsers_open_it(
    monkeypatch, address: str | None, is_allowed: bool
) -> None:
    monkeypatch.setattr(picture.st, "context", SimpleNamespace(url=address))
    assert picture.camera_allowed() is is_allowed


def test_what_browsers_do_not_open_is_explained_in_place(monkeypatch) -> None:
    monkeypatch.setattr(picture, "camera_allowed", lambda: False)
    app = visit("filters")
    assert TEXT["camera_insecure"] in said(app)
    assert TEXT["camera_switch"] not in {toggle.label for toggle in app.toggle}

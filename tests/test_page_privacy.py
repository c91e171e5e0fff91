"""The privacy page says what the code does."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest
from streamlit.web.server.starlette import starlette_server_config

from classroom.people import accounts
from paths import ROOT
from store.retention import Keep
from store.runs import DAY, Limits
from store.tables import Base
from ui import script
from ui.account import privacy
from ui.kit import sections, words
from ui.session import routes, visitor
from ui.session.visitor import VisitorCookie

PATIENCE = 60  # seconds


@pytest.fixture
def page(monkeypatch):
    for name in ("CLASS_KEEP_DAYS", "LAB_KEEP_DAYS", "LAB_KEEP_MB"):
        monkeypatch.delenv(name, raising=False)

    def opened(**settings: str) -> AppTest:
        for name, value in settings.items():
            monkeypatch.setenv(name, value)
        app = AppTest.from_file(str(script("privacy")), default_timeout=PATIENCE).run()
        assert not app.exception, [e.message for e in app.exception]
        return app

    return opened


def said(app: AppTest) -> str:
    return "\n".join(part.value for part in (*app.markdown, *app.caption))


def test_days_are_those_in_force(page):
    text = said(page())
    assert f"{Keep.days:g} days after the class was closed" in text
    assert f"for {Limits.days:g} days after it was begun" in text
    assert f"beyond {Limits.megabytes:g} MB" in text
    text = said(page(CLASS_KEEP_DAYS="30", LAB_KEEP_DAYS="7", LAB_KEEP_MB="50"))
    assert "30 days after the class was closed" in text
    assert "for 7 days after it was begun" in text
    assert "beyond 50 MB" in text
    assert "{" not in text


@pytest.mark.parametrize("value", ["0", "-1", "soon", "inf", "nan"])
def test_days_that_are_none_are_named(monkeypatch, value):
    monkeypatch.setenv("CLASS_KEEP_DAYS", value)
    with pytest.raises(ValueError, match="CLASS_KEEP_DAYS"):
        Keep.from_environment()


def cookies(app: AppTest) -> dict[str, str]:
    table = app.table[0].value
    return dict(zip(table["Name"], table["How long"], strict=True))


def test_cookies_are_those_that_are_set(page):
    found = cookies(page())
    names = {name for row in found for name in row.split(", ")}
    assert names == {
        visitor.NAME,
        visitor.BROWSING,
        routes.NAME,
        starlette_server_config.XSRF_COOKIE_NAME,
        starlette_server_config.SESSION_COOKIE_NAME,
        starlette_server_config.USER_COOKIE_NAME,
    }
    longest = starlette_server_config.AUTH_COOKIE_MAX_AGE_SECONDS
    assert longest == privacy.SCHOOL_DAYS * DAY
    assert found[visitor.NAME] == f"{visitor.LASTS // 86_400} days" == "180 days"


def test_the_visitors_cookie_lasts_as_long_as_is_said():
    import asyncio

    sent: list[dict] = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "headers": [(b"accept", b"text/html")]}
    asyncio.run(VisitorCookie(app)(scope, None, send))
    header = dict(sent[0]["headers"])[b"set-cookie"].decode()
    assert header.startswith(f"{visitor.NAME}=")
    (age,) = re.findall(r"Max-Age=(\d+)", header)
    assert int(age) == 180 * DAY


def test_a_sign_in_lasts_as_long_as_is_said(page):
    assert privacy.SIGN_IN_DAYS * DAY == accounts.LONGEST
    assert privacy.SIGN_IN_HOURS * 3600 == accounts.IDLE


def test_every_table_about_somebody_is_spoken_of():
    """A new table has to be thought of here, and on the page where it is of people."""
    spoken = {
        "runs": "Experiments",
        "run_events": "Experiments",
        "run_states": "Experiments",
        "accounts": "Instructors",
        "sign_ins": "Instructors",
        "set_ups": "Instructors",
        "tickets": "Instructors",
        "sign_in_tries": "Instructors",
        "known_browsers": "Instructors",
        "classes": "Instructors",
        "own_questions": "Instructors",
        "data_sets": "Your pictures",
        "members": "In a class",
        "tests": "In a class",
        "sittings": "In a class",
        "given": "In a class",
        "drafts": "In a class",
        "extra_times": "In a class",
        "activities": "In a class",
        "class_guesses": "In a class",
        "marks": "In a class",
        "inventory_rounds": "In a class",
        "inventory_papers": "In a class",
        "inventory_choices": "In a class",
    }
    headings = {part["heading"] for part in words.page("privacy").as_dict()["part"]}
    assert set(Base.metadata.tables) <= set(spoken)
    assert set(spoken.values()) <= headings


def test_every_page_leads_there_by_a_small_link():
    assert "privacy" in sections.PAGES[sections.FOOT]
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=PATIENCE)
    app.run()
    app.switch_page("../pages/privacy.py").run()
    assert app.title[0].value == "Privacy"
    links = [x.proto.label for x in app.main.get("page_link")]
    assert "Privacy" in links

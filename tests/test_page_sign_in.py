"""The sign-in page and the account on it, run without a browser."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from argon2 import PasswordHasher
from argon2.profiles import CHEAPEST
from streamlit.testing.v1 import AppTest

import clock as server_clock
from classroom.escape import escape_markdown
from classroom.people import accounts, passwords, school
from classroom.people.accounts import AccountRefused
from paths import ROOT
from store import database
from store.database import Database, DatabaseAway
from tests.migrated import new_database
from ui.account import sign_in, way_back
from ui.kit import state, words
from ui.session import permissions, visitor

GOOD = "correct horse battery"
HOSTILE = "Anna **b** <b>x</b> $x$ :red[y] '; DROP TABLE accounts; --"
TEXT = words.page("sign_in").as_dict()


@pytest.fixture(autouse=True)
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    own = new_database(tmp_path)
    monkeypatch.setattr(database, "current", own)
    monkeypatch.setattr(passwords, "hasher", PasswordHasher.from_parameters(CHEAPEST))
    monkeypatch.setattr(visitor, "token", lambda: "t" * 24)
    yield own
    own.close()


@pytest.fixture
def cookie(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The browser's sign-in: {"token": …}; without one it has none."""
    held: dict[str, str] = {}
    monkeypatch.setattr(permissions, "session_token", lambda: held.get("token", ""))
    return held


def visit(user: dict[str, Any] | None = None, **query: str) -> AppTest:
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    if user is not None:
        app.user = user
    app.run()
    app.query_params.update(query)
    app.switch_page("../pages/sign_in.py").run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def press(app: AppTest, label: str) -> AppTest:
    (button,) = (x for x in app.button if x.label == label)
    button.click().run()
    assert not app.exception, [e.message for e in app.exception]
    return app


def fill(app: AppTest, **fields: str) -> None:
    """By the words of the labels: `fill(app, name="Anna")`."""
    for name, value in fields.items():
        (field,) = (x for x in app.text_input if x.label == TEXT[name])
        field.set_value(value)


def made(name: str = "Anna") -> str:
    """An account; its cookie's token."""
    link = accounts.invite(None)
    ticket = accounts.set_up(link, name, GOOD, GOOD, "v" * 64)
    return accounts.redeem(ticket, "v" * 64)


def everything(app: AppTest) -> str:
    parts = [*app.title, *app.header, *app.markdown, *app.caption, *app.text]
    parts += [*app.error, *app.info, *app.success, *app.code]
    return "\n".join(str(part.value) for part in parts)


def ticket_of(app: AppTest) -> str:
    name = state.TICKET.name
    return str(app.session_state[name]) if name in app.session_state else ""


def test_without_an_account_the_page_says_where_the_link_is() -> None:
    app = visit()
    assert app.info[0].value == TEXT["nobody"]
    made()
    assert not visit().info


def test_a_link_makes_the_first_account_and_a_ticket() -> None:
    token = accounts.first()
    app = visit(setup=token)
    assert app.title[0].value == TEXT["set_up"]
    fill(app, name=HOSTILE, password="short", again="short")
    press(app, TEXT["make"])
    assert "at least 12" in app.error[0].value
    passwords_now = [x.value for x in app.text_input if "password" in x.label]
    assert passwords_now == [""] * len(passwords_now), "typed anew"
    fill(app, password=GOOD, again=GOOD)  # the name has stayed
    press(app, TEXT["make"])
    assert app.query_params == {}, "the link is out of the address"
    cookie = accounts.redeem(ticket_of(app), visitor.key())
    assert accounts.instructor(cookie).name == HOSTILE


@pytest.mark.parametrize("token", ["x" * 32, "' OR 1=1 --", "<b>x</b>"])
def test_a_link_that_is_none_says_so(token) -> None:
    app = visit(setup=token)
    assert "been used" in app.error[0].value
    assert not app.text_input


def test_a_wrong_password_gives_no_ticket_and_a_right_one_does() -> None:
    made()
    app = visit()
    fill(app, name="Anna", password="not the password")
    press(app, TEXT["sign_in"])
    assert app.error[0].value == escape_markdown(accounts.WRONG)
    assert not ticket_of(app)
    fill(app, password=GOOD)
    press(app, TEXT["sign_in"])
    assert accounts.redeem(ticket_of(app), visitor.key())


def test_a_browser_without_the_cookie_sees_no_account(cookie) -> None:
    made("Anna Secret")
    for forged in ("", "x" * 32, "' OR ''='"):
        cookie["token"] = forged
        app = visit()
        assert app.title[0].value == TEXT["title"]
        assert "Anna Secret" not in everything(app)
        assert TEXT["out"] not in [x.label for x in app.button]


def test_the_account_shows_names_as_they_were_typed(cookie) -> None:
    cookie["token"] = made(HOSTILE)
    made("Ben <script>alert(1)</script>")
    app = visit()
    assert f"{TEXT['signed_in']} {HOSTILE}" in [x.value for x in app.text]
    assert "Ben <script>alert(1)</script>" in [x.value for x in app.text]
    for part in (*app.markdown, *app.caption, *app.header):
        assert "Anna" not in part.value, "names are no Markdown"


def test_a_password_is_changed(cookie) -> None:
    cookie["token"] = made()
    app = visit()
    new = "another good password"
    fill(app, old="not the password", new=new, again=new)
    press(app, TEXT["change"])
    assert app.error[0].value == escape_markdown(accounts.WRONG)
    fill(app, old=GOOD, new=new, again=new)
    press(app, TEXT["change"])
    assert app.success[0].value == TEXT["changed"]
    assert accounts.sign_in("Anna", new, "here", "v" * 64)


def test_another_instructor_gets_a_link_and_is_removed(cookie) -> None:
    cookie["token"] = made()
    app = press(visit(), TEXT["invite_now"])
    link = app.code[0].value
    assert accounts.link_is_for(link.split("setup=")[1]) is None
    made("Ben")
    app = visit()
    press(app, TEXT["remove_now"])
    assert app.success[0].value == TEXT["removed"]
    with pytest.raises(AccountRefused):
        accounts.sign_in("Ben", GOOD, "here", "v" * 64)
    assert TEXT["remove_now"] not in [x.label for x in app.button], "not one's own"


def test_who_was_removed_or_signed_out_elsewhere_can_do_nothing_more(cookie) -> None:
    """The page is still open, and its buttons are still there."""
    cookie["token"] = made()
    app = visit()
    accounts.sign_out(cookie["token"])
    press(app, TEXT["invite_now"])
    assert not app.code
    assert app.title[0].value == TEXT["title"]


def test_signing_out_ends_it_before_the_browser_has_heard(cookie) -> None:
    cookie["token"] = made()
    app = visit()
    press(app, TEXT["out"])
    assert accounts.instructor(cookie["token"]) is None
    assert not app.title, "nothing of the page is left"


def test_signing_out_everywhere(cookie) -> None:
    cookie["token"] = made()
    ticket = accounts.sign_in("Anna", GOOD, "here", "v" * 64)
    other = accounts.redeem(ticket, "v" * 64)
    press(visit(), TEXT["out_everywhere"])
    assert accounts.instructor(other) is None


@pytest.mark.parametrize(
    ("then", "expected"),
    [
        ("", "/class"),
        ("lesson", "/lesson"),
        ("home", "/"),
        ("relu-vs-tanh", "/relu-vs-tanh"),
        ("//evil.example", "/class"),
        ("https://evil.example", "/class"),
        ("/\\evil.example", "/class"),
        ("javascript:alert(1)", "/class"),
    ],
)
def test_one_goes_on_to_a_page_of_ours_alone(monkeypatch, then, expected) -> None:
    monkeypatch.setattr(sign_in.state.THEN.__class__, "get", lambda _: then)
    assert sign_in.next_page() == expected


def test_a_database_that_is_away_is_said(monkeypatch) -> None:
    def away() -> bool:
        raise DatabaseAway("secret-host")

    monkeypatch.setattr(accounts, "anybody", away)
    app = visit()
    assert app.error[0].value == TEXT["away"]
    assert "secret-host" not in everything(app)


def test_the_school_is_offered_where_it_is_set(monkeypatch) -> None:
    class Secrets(dict):
        there = False

        def load_if_toml_exists(self) -> bool:
            return self.there

    def section(**values: Any) -> Any:
        return SimpleNamespace(to_dict=lambda: values)

    secrets = Secrets()
    monkeypatch.setattr(sign_in.st, "secrets", secrets)
    assert sign_in.providers() == []
    secrets.there = True
    assert sign_in.providers() == []
    secrets["auth"] = section(client_id="x", redirect_uri="y")
    assert sign_in.providers() == [None]
    secrets["auth"] = section(redirect_uri="y", microsoft={"client_id": "x"})
    assert sign_in.providers() == ["microsoft"]


# --- by the school --------------------------------------------------------------------


def claims(**other: Any) -> dict[str, Any]:
    return {
        "is_logged_in": True,
        "iss": "https://school.example",
        "sub": "4711",
        "email": "anna_b*c*@school.example",
        "email_verified": True,
        "iat": server_clock.now(),
        "exp": server_clock.now() + 300,
    } | other


def test_the_schools_word_is_changed_for_a_ticket(monkeypatch) -> None:
    monkeypatch.setenv(school.SETTING, "@school.example")
    app = visit(claims())
    cookie = accounts.redeem(ticket_of(app), visitor.key())
    assert accounts.instructor(cookie).name == "anna_b*c*@school.example"


def test_who_comes_back_from_the_school_is_led_to_the_page_once(monkeypatch) -> None:
    monkeypatch.setenv(school.SETTING, "")
    app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
    app.user = claims()
    app.run()
    assert TEXT["refused"] in app.error[0].value
    app.switch_page("../pages/claims.py").run()
    assert app.title[0].value == words.page("claims")["heading"]


def test_who_comes_back_from_the_school_reads_the_language_that_they_left_in(
    monkeypatch,
) -> None:
    monkeypatch.setenv(school.SETTING, "")
    monkeypatch.setattr(visitor, "key", lambda: "v" * 64)
    german = words.page("sign_in", "de")["refused"]
    for language, found in (("de", german), ("", TEXT["refused"])):
        if language:
            way_back.keep(visitor.key(), language)
        app = AppTest.from_file(str(ROOT / "ui" / "shell.py"), default_timeout=60)
        app.user = claims()
        app.run()
        assert found in app.error[0].value, "once: then it is forgotten"


def test_a_way_back_is_kept_for_half_an_hour(monkeypatch) -> None:
    way_back.keep("v", "de")
    late = server_clock.now() + way_back.LASTS + 1
    monkeypatch.setattr(server_clock, "now", lambda: late)
    assert way_back.take("v") == ""
    way_back.keep("v", "de")
    for number in range(way_back.MOST):
        way_back.keep(str(number), "de")
    assert way_back.take("v") == "", "who went first is forgotten first"
    assert way_back.take("0") == "de"


def test_who_is_not_listed_is_told_in_one_sentence_and_can_leave(monkeypatch) -> None:
    monkeypatch.setenv(school.SETTING, "ben@school.example")
    app = visit(claims())
    (error,) = app.error
    assert "is not on this lab's list" in error.value.replace("\\", "")
    assert escape_markdown("anna_b*c*@school.example") in error.value
    assert [x.label for x in app.button] == [TEXT["school_out"]]
    assert not ticket_of(app)
    assert not accounts.anybody()


@pytest.mark.parametrize("logged_in", [False, None, "true", 1])
def test_an_identity_counts_only_when_streamlit_says_logged_in(
    monkeypatch, logged_in
) -> None:
    monkeypatch.setenv(school.SETTING, "@school.example")
    app = visit(claims(is_logged_in=logged_in))
    assert not ticket_of(app)
    assert app.title[0].value == TEXT["title"]
    assert not accounts.anybody()


def test_an_identity_that_says_too_little_is_refused(monkeypatch) -> None:
    monkeypatch.setenv(school.SETTING, "@school.example")
    app = visit(claims(sub=None))
    assert "scopes" in app.error[0].value
    assert not accounts.anybody()

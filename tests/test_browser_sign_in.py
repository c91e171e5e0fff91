"""Signing in as it is done: in Chromium, by a real server, by a school's provider."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests import access, openid
from tests import browser as stand
from tests.browser import Server
from ui.kit import sections, words
from ui.session.routes import NAME

TEXT = words.page("sign_in").as_dict()
MENU = words.page("menu")
GOOD, WRONG = "correct horse battery", "a password that is wrong"
ANNA = "Anna <b>Berg</b> **x**"
LINK = re.compile(r"http://localhost:\d+(/sign-in\?setup=[\w-]{32})")
HOME = "class" if sections.has("class") else "sign-in"  # where one is then


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A server that nobody has an account on."""
    folder = tmp_path_factory.mktemp("lab")
    with stand.serving(folder / "log", ALEXNET_DATA=str(folder)) as server:
        yield server


def link_of(server: Server) -> str:
    """The set-up link's path, as the log says it."""
    server.wait_ready()
    found = LINK.findall(server.said())
    assert found, server.said()
    return str(found[-1])


def button(page: Any, label: str) -> Any:
    return page.get_by_role("button", name=label, exact=True)


def type_in(page: Any, **fields: str) -> None:
    for name, value in fields.items():
        page.get_by_label(TEXT[name], exact=True).fill(value)


def cookies(page: Any) -> dict[str, Any]:
    return {cookie["name"]: cookie for cookie in page.context.cookies()}


def expect_account(page: Any) -> None:
    """Signed in, and at the account."""
    expect(page).to_have_url(re.compile(f"/{HOME}$"))
    if HOME != "sign-in":
        stand.wait_idle(page)
        page.goto("/sign-in")
    expect(page.get_by_text(TEXT["signed_in"])).to_be_visible()


def in_menu(page: Any, entry: str) -> Any:
    menu = page.get_by_test_id("stSidebarNav")
    return menu.get_by_role("link", name=MENU.table("menu", entry)["title"])


def to_account(page: Any) -> None:
    """By the menu's entry for classes, which opens the desk."""
    in_menu(page, "class").click()
    page.get_by_role("link", name=MENU["account"]).first.click()


def test_from_the_servers_log_to_an_account_and_out_again(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page(link_of(lab), server=lab)
    type_in(page, name=ANNA, password=GOOD, again=GOOD)
    button(page, TEXT["make"]).click()
    expect_account(page)
    expect(page.get_by_text(f"{TEXT['signed_in']} {ANNA}")).to_be_visible()
    cookie = cookies(page)[NAME]
    assert cookie["httpOnly"]
    assert cookie["sameSite"] == "Lax"
    assert cookie["value"] not in page.evaluate("document.cookie")
    assert "setup" not in page.url

    used = open_page(link_of(lab), server=lab)
    expect(used.get_by_text("been used")).to_be_visible()

    in_menu(page, "lesson").click()
    expect(page).to_have_url(re.compile("/lesson"))
    to_account(page)
    button(page, TEXT["out"]).click()
    expect(page).to_have_url(f"{lab.url}/")
    assert NAME not in cookies(page)

    for _ in range(4):  # however often one goes back
        page.go_back()
        if page.url.startswith("about:"):
            break
        expect(page.locator("h1")).to_be_visible()
        stand.wait_idle(page)
        expect(page.get_by_text(TEXT["signed_in"])).to_have_count(0)
        expect(page.get_by_text(ANNA)).to_have_count(0)
    page.goto("/sign-in")
    stand.wait_idle(page)
    expect(button(page, TEXT["sign_in"])).to_be_visible()

    # Whoever has kept the cookie has kept nothing.
    page.context.add_cookies([cookie | {"name": NAME}])
    page.reload()
    stand.wait_idle(page)
    expect(button(page, TEXT["sign_in"])).to_be_visible()
    expect(page.get_by_text(ANNA)).to_have_count(0)


@pytest.mark.long("test_page_sign_in and test_accounts")
def test_a_wrong_password_and_then_the_right_one_in_two_browsers(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    pages = [open_page("/sign-in?then=lesson", server=lab) for _ in range(2)]
    for page in pages:
        type_in(page, name="anna <b>berg</b> **X**", password=WRONG)
        button(page, TEXT["sign_in"]).click()
        expect(page.get_by_text("do not belong together")).to_be_visible()
        assert NAME not in cookies(page)
        stand.wait_idle(page)  # the form is drawn anew
        type_in(page, password=GOOD)
        page.get_by_label(TEXT["password"], exact=True).press("Enter")
        expect(page).to_have_url(re.compile("/lesson"))
        stand.wait_idle(page)
        to_account(page)
    expect(pages[1].get_by_text("In 2 browsers")).to_be_visible()
    button(pages[1], TEXT["out_everywhere"]).click()
    expect(pages[1]).to_have_url(f"{lab.url}/")
    # The other is out at its next click, without a reload.
    button(pages[0], TEXT["invite_now"]).click()
    expect(button(pages[0], TEXT["sign_in"])).to_be_visible()
    expect(pages[0].get_by_text("setup=")).to_have_count(0)


def test_forged_cookies_open_nothing(
    lab: Server, open_page: Callable[..., Any]
) -> None:
    page = open_page("/", server=lab)
    for forged in ("x" * 32, "admin", "%00", "a.b.c"):
        page.context.add_cookies([{"name": NAME, "value": forged, "url": lab.url}])
        page.goto("/sign-in")
        stand.wait_idle(page)
        expect(button(page, TEXT["sign_in"])).to_be_visible()
        expect(page.get_by_text(TEXT["others"], exact=True)).to_have_count(0)


def test_the_real_server_refuses_what_its_pages_do_not_ask(lab: Server) -> None:
    with httpx.Client(base_url=lab.url) as client:
        for path in ("/session", "/session/end"):
            assert NAME not in client.get(path).headers.get("set-cookie", "")
            for headers in (
                {},
                {"origin": "http://evil.example"},
                {"origin": lab.url, "sec-fetch-site": "cross-site"},
            ):
                answer = client.post(path, json={"ticket": "x"}, headers=headers)
                assert answer.status_code == 403
                assert "set-cookie" not in answer.headers
        answer = client.post(
            "/session", json={"ticket": "x"}, headers={"origin": lab.url}
        )
        assert answer.status_code == 403
        assert "needs cookies" in answer.json()["why"]
        page = client.get("/sign-in", headers={"accept": "text/html"})
        assert "no-store" not in page.headers["cache-control"]
        client.cookies.set(NAME, "x" * 32)
        page = client.get("/sign-in", headers={"accept": "text/html"})
        assert page.headers["cache-control"] == "no-store"


def test_the_log_has_no_password_and_no_used_token(lab: Server, browser: Any) -> None:
    """After all of the above: the one link that was printed, and nothing else."""
    said = lab.said()
    assert len(set(LINK.findall(said))) == 1  # said again once all is loaded
    for secret in (GOOD, WRONG, "Anna", "argon2"):
        assert secret not in said


# --- by the school --------------------------------------------------------------------

ISSUED = ("/.well-known/openid-configuration", "/authorize", "/token", "/jwks")


@pytest.fixture(scope="module")
def provider() -> Iterator[openid.Provider]:
    with openid.providing() as started:
        yield started


def school_serving(provider: openid.Provider, folder: Path) -> Any:
    """A server whose instructors are those of a school."""
    secrets = folder / "secrets.toml"
    secrets.write_text(openid.settings(provider), "utf-8")
    return stand.serving(
        folder / "log",
        *("--secrets.files", str(secrets)),
        ALEXNET_DATA=str(folder),
        ALEXNET_INSTRUCTORS="@school.example, head@other.example",
    )


@pytest.fixture(scope="module")
def schools_lab(
    provider: openid.Provider, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    with school_serving(provider, tmp_path_factory.mktemp("school")) as server:
        yield server


def by_school(
    open_page: Callable[..., Any],
    server: Server,
    provider: openid.Provider,
    language: str = "en",
) -> Any:
    page = open_page(
        f"/sign-in?lang={language}",
        server=server,
        allow=(f"another host: {provider.url}",),
    )
    button(page, words.page("sign_in", language)["school"]).click()
    return page


def test_an_instructor_of_the_school_signs_in_and_out(
    schools_lab: Server, provider: openid.Provider, open_page: Callable[..., Any]
) -> None:
    provider.claims = {
        "sub": "4711", "email": "Anna@School.example", "email_verified": True
    }  # fmt: skip
    page = by_school(open_page, schools_lab, provider)
    expect_account(page)
    expect(page.get_by_text("anna@school.example").first).to_be_visible()
    assert [x for x in dict.fromkeys(provider.asked) if x in ISSUED] == list(ISSUED)
    assert not [x for x in cookies(page) if x.startswith("_streamlit_user")], (
        "ours alone says who this is: it ends on the server"
    )
    expect(page.get_by_text(TEXT["by_school"])).to_be_visible()
    token = cookies(page)[NAME]
    button(page, TEXT["out"]).click()
    expect(page).to_have_url(f"{schools_lab.url}/")
    stand.wait_idle(page)
    page.context.add_cookies([token])
    page.goto("/sign-in")
    expect(button(page, TEXT["school"])).to_be_visible()
    expect(page.get_by_text(TEXT["signed_in"])).to_have_count(0)


@pytest.mark.parametrize(
    "claims",
    access.some(
        [
            pytest.param({"email": "anna@school.example"}, id="not said"),
            pytest.param(
                {"email": "eve@elsewhere.example", "email_verified": True},
                id="other school",
            ),
            pytest.param(
                {"email": "anna@school.example", "email_verified": False},
                id="unverified",
            ),
        ],
        1,
    ),
)
def test_somebody_who_is_not_on_the_list_is_told_and_can_leave(
    schools_lab: Server,
    provider: openid.Provider,
    open_page: Callable[..., Any],
    claims: dict[str, Any],
) -> None:
    provider.claims = {"sub": "6666"} | claims
    page = by_school(open_page, schools_lab, provider)
    expect(page.get_by_text(TEXT["refused"])).to_be_visible()
    expect(page.get_by_text(claims["email"])).to_be_visible()
    assert NAME not in cookies(page)
    expect(page.get_by_text(TEXT["others"], exact=True)).to_have_count(0)
    button(page, TEXT["school_out"]).click()
    expect(page).to_have_url(f"{schools_lab.url}/")
    stand.wait_idle(page)
    assert provider.asked[-1] == "/logout"
    page.goto("/sign-in")
    expect(button(page, TEXT["school"])).to_be_visible()


def test_who_is_back_from_the_school_reads_the_same_language(
    schools_lab: Server, provider: openid.Provider, open_page: Callable[..., Any]
) -> None:
    provider.claims = {"sub": "1", "email": "ben@other.example", "email_verified": True}
    page = by_school(open_page, schools_lab, provider, "de")
    expect(button(page, words.page("sign_in", "de")["school_out"])).to_be_visible()


@pytest.mark.long("an instructor of the school signs in and out")
def test_a_token_that_the_school_did_not_sign_is_nobodys(
    provider: openid.Provider,
    open_page: Callable[..., Any],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    anna = {"sub": "4711", "email": "anna@school.example", "email_verified": True}
    monkeypatch.setattr(provider, "claims", anna)
    monkeypatch.setattr(provider, "forged", True)
    # Streamlit logs the reason with its traceback, which `serving` raises at the end.
    with (
        pytest.raises(AssertionError, match="BadSignatureError"),
        school_serving(provider, tmp_path) as server,
    ):
        page = by_school(open_page, server, provider)
        expect(page).to_have_url(f"{server.url}/")
        stand.wait_idle(page)
        held = cookies(page)
        assert NAME not in held
        assert not [x for x in held if x.startswith("_streamlit_user")]
        page.close()


def test_what_st_login_needs_is_installed() -> None:
    import authlib
    from streamlit.auth_util import is_authlib_installed

    assert authlib.__version__
    assert is_authlib_installed()

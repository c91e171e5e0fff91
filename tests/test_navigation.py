"""Six entries in the menu, a row in each section, and all addresses that ever were."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from playwright.sync_api import expect

from classroom.people.roles import Instructor
from paths import ROOT
from tests.browser import Server
from tests.page_links import links
from tests.test_pages import visit
from ui.kit import sections, state, words
from ui.session import permissions, presented

MENU = words.page("menu")
NAMES = MENU.table("page")
PAGES = [name for names in sections.PAGES.values() for name in names]
ENTRIES = [name for name in sections.PAGES if name not in sections.NO_ENTRY]

# Addresses that were there before the menu had sections, with all that they may say.
OLD = {
    page: dict(parse_qsl(query))
    for page, query in {
        "home": "picture=dog",
        "lesson": "picture=dog&filter=3&step=relu&reveal=1&lang=de&flow=conv2&mask=4"
        "&kernel=7&keep=512",
        "claims": "lang=de",
        "training_2012": "lang=de",
        "architecture": "network=original&compare=none&code_layer=conv2",
        "filters": "picture=dog&weights=random&filter=17&filter_scale=all"
        "&filter_order=colour",
        "feature_maps": "picture=dog&weights=random&layer=conv2&unit=17&scale=layer"
        "&order=strength&saliency=1&arithmetic=1",
        "relu_vs_tanh": "relu=relu-vs-tanh-deep",
        "dropout": "dropout=dropout-large",
        "experiments": "idea=depth",
        "quiz": "round=bonus&deal=3&lang=de&picture=dog",
        "join": "code=ABCDEF&lang=de",
        "class": "",
        "sign_in": "then=quiz",
        "privacy": "",
    }.items()
}
# What else addresses say; it takes a class, a run, or a part of a page to see it.
ALSO = {
    "lesson": ("present", "notes", "class", "lead", "address"),
    "filters": ("reports_back",),
    **dict.fromkeys(("relu_vs_tanh", "dropout", "experiments"), ("run", "against")),
    "quiz": ("weights", "question", "seed", "at", "sat"),
    "class": ("class", "address"),
    "sign_in": ("setup",),
}


@pytest.mark.parametrize("page", OLD)
def test_an_old_address_opens_what_it_did(page: str) -> None:
    query = OLD[page]
    app = visit(page, **query)
    if page != "class":  # one sentence, and no title, before anybody has signed in
        assert app.title
    for name, value in query.items():
        assert str(app.session_state[name]) == value, name
    for name in ALSO.get(page, ()):
        (key,) = (key for key in state.KEYS if key.name == name)
        assert page in key.pages


def test_the_menu_has_six_entries() -> None:
    assert [MENU.table("menu", name)["title"] for name in ENTRIES] == [
        *("Home", "Lesson", "Look inside", "Experiments", "Quiz", "Class"),
    ]
    assert sections.PAGES[sections.FOOT] == ["claims", "glossary", "privacy"]


@pytest.mark.parametrize("page", PAGES)
def test_an_entry_leads_to_the_page_at_hand_or_to_the_first(page: str) -> None:
    for name in ENTRIES:
        names = sections.PAGES[name]
        wanted = page if page in names else names[0]
        assert sections.entry(name, page, is_instructor=False) == wanted
    instead = sections.entry("class", page, is_instructor=True)
    assert instead == (page if page in sections.PAGES["class"] else "class")


def test_every_page_has_a_next_one_and_its_words_in_every_language() -> None:
    assert set(sections.NEXT) == set(PAGES)
    assert all(onward != page for page, onward in sections.NEXT.items())
    assert set(sections.NEXT.values()) <= set(PAGES)
    own = [
        tomllib.loads((ROOT / "assets" / folder / "menu.toml").read_text("utf-8"))
        for folder in ("pages", "de/pages")
    ]
    for table in own:
        assert set(table["page"]) == set(table["why"]) == set(PAGES)
        assert list(table["menu"]) == ENTRIES
        assert table["next"].count("{page}") == 1
    assert set(own[0]) == set(own[1])


def test_who_begins_at_home_comes_by_every_part_of_the_network() -> None:
    page, seen = "home", []
    while page not in seen:
        seen.append(page)
        page = sections.NEXT[page]
    for name in ("home", "lesson", "inside", "experiments", "quiz"):
        assert set(sections.PAGES[name]) & set(seen), name


@pytest.mark.parametrize("page", PAGES)
def test_a_section_has_a_row_of_its_pages(page: str) -> None:
    names = sections.PAGES[sections.section_of(page)]
    shown = [link.label for link in links(visit(page))][: len(names)]
    has_row = len(names) > 1 and sections.section_of(page) not in (sections.NO_ENTRY)
    assert (shown == [NAMES[name] for name in names]) is has_row


def test_picture_and_weights_go_along() -> None:
    app = visit("feature_maps", picture="dog", weights="random", layer="conv2")
    row = {link.label: link.query_string for link in links(app)[:3]}
    assert row[NAMES["filters"]] == "picture=dog&weights=random"
    assert row[NAMES["architecture"]] == ""  # its network is chosen there
    app = app.switch_page("../pages/architecture.py").run()
    row = {link.label: link.query_string for link in links(app)[:3]}
    assert row[NAMES["filters"]] == "picture=dog&weights=random"
    app = app.switch_page("../pages/filters.py").run()
    assert app.session_state[state.PICTURE.name] == "dog"
    assert app.session_state[state.WEIGHTS.name] == "random"


@pytest.mark.parametrize("page", presented.PAGES)
def test_other_pages_are_presented_without_row_and_end(page: str) -> None:
    """By their address; the way out leads to the same page."""
    app = visit(page, present="1")
    keys = {one.key for one in app.button}
    assert f"leave_{page}" in keys and f"present_{page}" not in keys
    labels = [link.label for link in links(app)]
    assert NAMES["training_2012"] not in labels and NAMES["privacy"] not in labels
    next(one for one in app.button if one.key == f"leave_{page}").click().run()
    assert "present" not in dict(app.query_params)
    assert f"leave_{page}" not in {one.key for one in app.button}


def test_who_signed_in_can_present_a_page(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "present_dropout" not in {one.key for one in visit("dropout").button}
    monkeypatch.setattr(permissions, "instructor", lambda: Instructor("anna", "Anna"))
    app = visit("dropout")
    next(one for one in app.button if one.key == "present_dropout").click().run()
    assert dict(app.query_params)["present"] in ("1", ["1"])
    assert "present_filters" not in {one.key for one in visit("filters").button}


def test_what_is_presented_has_neither_row_nor_end() -> None:
    for mode in ("present", "notes"):
        labels = [link.label for link in links(visit("lesson", **{mode: "1"}))]
        assert NAMES["training_2012"] not in labels
        assert NAMES["privacy"] not in labels


def test_german_pages_lead_on_in_german() -> None:
    german = words.page("menu", "de")
    labels = [link.label for link in links(visit("lesson", lang="de"))]
    assert german["next"].format(page=german.table("page")["feature_maps"]) in labels
    assert german.table("page")["glossary"] in labels
    assert NAMES["glossary"] not in labels


def test_the_menu_in_the_browser(server: Server, open_page: Callable[..., Any]) -> None:
    """Six links, the section at hand marked, and a click that keeps the picture."""
    server.wait_ready()
    page = open_page("/filters?picture=dog")
    menu = page.get_by_test_id("stSidebarNav").get_by_role("link")
    expect(menu).to_have_count(len(ENTRIES))
    for place, name in enumerate(ENTRIES):
        title = MENU.table("menu", name)["title"]
        expect(menu.nth(place)).to_have_accessible_name(title)
    expect(page.locator("[aria-current=page]")).to_have_count(2)
    inside = page.get_by_test_id("stSidebarNav").locator("[aria-current=page]")
    expect(inside).to_have_accessible_name("Look inside")
    row = page.locator(".st-key-section")
    expect(row.locator("[aria-current=page]")).to_have_accessible_name("Filters")
    row.get_by_role("link", name="Feature maps").click()
    expect(page.locator("h1")).to_have_text("Feature maps")
    expect(page).to_have_url(f"{server.url}/feature-maps?picture=dog")
    expect(inside).to_have_accessible_name("Look inside")
    onward = sections.NEXT["feature_maps"]
    page.get_by_role("link", name=MENU["next"].format(page=NAMES[onward])).click()
    text = words.page(onward)
    expect(page.locator("h1")).to_have_text(text.get("heading", text["title"]))
    menu.filter(has_text="Experiments").click()
    expect(page.locator("h1")).to_have_text(words.page("relu_vs_tanh")["title"])
    expect(inside).to_have_accessible_name("Experiments")
